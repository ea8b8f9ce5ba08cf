"""Train `mobile` further against a patch discriminator: report 001's "combine it with MobileNetV2".

    python -m train.mobile_gan --photos train.zip --validation val.zip \\
        --init-from checkpoints/mobile --output runs/mobile-gan --time-budget 20m --resume

What the discriminator of `pix2pix` looks at is the colour that a person gets by default: the
distribution adjusted by vividness, its annealed mean.  The distribution's own loss stays beside
it, so that all knobs keep their meaning.  It begins at trained weights only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from colorizer import checkpoints
from colorizer.approaches import get
from colorizer.models.mobile import build
from colorizer.models.pix2pix import PatchDiscriminator

from .data import hint_simulation
from .engine import losses
from .engine.options import arguments, parse, photograph_options
from .engine.rebalancing import ClassRebalancing
from .engine.run import Run, begin
from .engine.training_data import BINS, TrainingData, cast

RECIPES = {
    name: {"batch_size": 32, "lr": 1e-4, "size": 96, "betas": (0.5, 0.99), "decay": 1e-3}
    for name in ("default", "report")  # report 001 only proposes it
}


def main(argv: list[str] | None = None) -> None:
    parser = photograph_options(arguments(__doc__.splitlines()[0]))
    parser.add_argument("--gan", type=float, default=0.1, help="weight of the discriminator")
    parser.set_defaults(script="mobile_gan")
    args = parse(parser, argv, RECIPES)
    config = trained_config(args)
    accelerator = begin(args)
    device = accelerator.device
    data = TrainingData(args, accelerator)
    gamma = config.get("trained_gamma", 0.0)
    rebalancing = ClassRebalancing(BINS, np.array(config["prior"]), gamma, device)
    config = {**config, **data.config(), "stage": "adversarial"}
    entry = get("mobile")
    temperature, vividness = (entry.knob(n).default for n in ("temperature", "vividness"))

    models = {"model": build(config), "discriminator": PatchDiscriminator()}
    models = {n: m.to(memory_format=torch.channels_last) for n, m in models.items()}
    optimizers = {
        n: torch.optim.AdamW(m.parameters(), args.lr, betas=args.betas, weight_decay=args.decay)
        for n, m in models.items()
    }
    run = Run(args, accelerator, models, optimizers, config, export="model")
    network, discriminator = run.models["model"], run.models["discriminator"]
    averaged = cast(run.ema["model"].model, device)

    def shown(logits: torch.Tensor) -> torch.Tensor:
        return rebalancing.decode(logits, vividness, temperature)

    def colors(lightness: torch.Tensor) -> torch.Tensor:
        return shown(averaged(lightness))

    for step in run.steps():
        network.train()
        lightness, lab = data.batch(step)
        ab, given = hint_simulation.simulate(lab, data.rng(step, "hints"))
        with accelerator.autocast():
            logits = network(lightness, given).float()
        truth = F.adaptive_avg_pool2d(torch.cat((lab[:, :1], ab), 1), logits.shape[-2:])
        painted = torch.cat((truth[:, :1], shown(logits)), 1)
        with accelerator.autocast():
            real, fake = discriminator(truth), discriminator(painted.detach())
        realism = (losses.patch_gan(real, True) + losses.patch_gan(fake, False)) / 2
        run.update("discriminator", realism)
        with accelerator.autocast():
            fooled = losses.patch_gan(discriminator(painted), True)
        loss = losses.soft_cross_entropy(logits, truth[:, 1:], BINS, rebalancing.loss_weights)
        run.update("model", loss + args.gan * fooled)
        run.log(loss=loss, discriminator=realism, fooled=fooled)
        if run.evaluation_due():
            run.report(data.validate(run, lambda light: {"val": colors(light)}, [colors]))


def trained_config(args: argparse.Namespace) -> dict:
    """The config of the weights to go on from; ends the process where there are none."""
    resumed = args.resume and (Path(args.output) / checkpoints.CONFIG).exists()
    if not (args.init_from or resumed):
        sys.exit("The adversarial stage needs trained weights: --init-from checkpoints/mobile.")
    try:
        return checkpoints.load_weights(args.output if resumed else args.init_from)[0]
    except (checkpoints.MissingWeights, checkpoints.BrokenWeights) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
