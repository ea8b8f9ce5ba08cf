"""Train `pix2pix` in two stages: the generator alone, then against its discriminator.

    python -m train.pix2pix --stage supervised --photos train.zip --validation val.zip \\
        --encoder mobilenet_v2.safetensors --output runs/pix2pix-supervised --resume
    python -m train.pix2pix --stage adversarial --photos train.zip --validation val.zip \\
        --init-from runs/pix2pix-supervised --output runs/pix2pix --resume

The first stage is L1 alone, report 001's own proposal ("training the generator separately in a
supervised, deterministic manner"); the second is the report's eq. 3, GAN + λ·L1 with λ = 100, ab
in units of 110.  Each resumes exactly, the discriminator with the generator.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from colorizer.models.encoders import LAYERS
from colorizer.models.pix2pix import PatchDiscriminator, build
from colorizer.models.unet import AB_SCALE

from .engine import encoders, losses
from .engine.adversarial import stage_arguments, start_stage, update_discriminator
from .engine.options import parse
from .engine.training_data import cast

RECIPES = {
    "default": {"batch_size": 32, "size": 96, "decay": 1e-3},
    # Report 001: about 6,000 photographs of COCO, 90 epochs.  The rest is that of the paper it
    # follows (Isola et al. 2017, section 6.2): Adam 2e-4, β₁ 0.5, batch 1, crops of 256 px.
    "report": {
        "batch_size": 1,
        "lr": 2e-4,
        "size": 256,
        "stored": 286,
        "limit": 6000,
        "steps": 90 * 6000,
        "aged_share": 0.0,
        "architecture": "unet",
        "decay": 0.0,
    },
}
BETAS = {"supervised": (0.9, 0.99), "adversarial": (0.5, 0.999)}


def main(argv: list[str] | None = None) -> None:
    parser = stage_arguments(__doc__.splitlines()[0], ("unet", *LAYERS))
    parser.add_argument("--gan", type=float, default=1.0, help="weight of the discriminator")
    parser.add_argument("--l1", type=float, default=100.0, help="weight λ of the L1 loss")
    parser.set_defaults(script="pix2pix")
    args = parse(parser, argv, RECIPES)
    adversary = ("discriminator", make_discriminator)
    run, data, _ = start_stage(args, "pix2pix", build, adversary, BETAS)
    accelerator, adversarial = run.accelerator, args.stage == "adversarial"
    averaged = cast(run.ema["generator"].model, accelerator.device)
    network, discriminator = run.models["generator"], run.models.get("discriminator")

    for step in run.steps():
        encoders.set_train_mode(network, args)
        lightness, lab = data.batch(step)
        with accelerator.autocast():
            made = network(lightness).float()
        truth = F.adaptive_avg_pool2d(lab, made.shape[-2:])
        l1 = F.l1_loss(made / AB_SCALE, truth[:, 1:] / AB_SCALE)
        if not adversarial:
            run.update("generator", l1)
            run.log(l1=l1)
        else:
            painted = torch.cat((truth[:, :1], made), 1)
            update_discriminator(run, truth, painted.detach())
            run.log(l1=l1)
            if step >= args.adversary_first:
                with accelerator.autocast():
                    fooled = losses.patch_gan(discriminator(painted), True)
                run.update("generator", args.gan * fooled + args.l1 * l1)
                run.log(fooled=fooled)
        if run.evaluation_due():
            run.report(data.validate(run, lambda light: {"val": averaged(light)}, [averaged]))


def make_discriminator() -> torch.nn.Module:
    return PatchDiscriminator().to(memory_format=torch.channels_last)


if __name__ == "__main__":
    main()
