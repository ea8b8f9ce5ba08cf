"""Train `reconstruction-rgb` or `reconstruction-lab`: report 000's autoencoder with MSE.

    python -m train.reconstruction --target lab --photos train.zip --validation val.zip \\
        --output runs/reconstruction-lab --time-budget 20m --resume

Both are the same network but for its last layer.  ``lab`` is trained on a and b alone: the
lightness is given, and a loss over all of Lab ends in brown (report 003, section IV).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from colorizer.models.autoencoder import build
from colorizer.models.encoders import LAYERS
from colorizer.models.unet import AB_SCALE

from .engine import encoders
from .engine.networks import begin_network
from .engine.options import arguments, design_of, encoder_options, parse, photograph_options
from .engine.run import Run, begin
from .engine.training_data import TrainingData, cast

RECIPES = {
    "default": {"batch_size": 32, "lr": 1.5e-3, "size": 96, "betas": (0.9, 0.99), "decay": 0.01},
    # Report 000: STL-10 at 96 × 96, 200 epochs of its 100,000 unlabeled photographs.  It says
    # nothing of the optimiser: Adam as published, with a common batch.
    "report": {
        "batch_size": 64,
        "lr": 1e-3,
        "size": 96,
        "stored": 96,
        "aged_share": 0.0,
        "betas": (0.9, 0.999),
        "decay": 0.0,
        "steps": 200 * 100_000 // 64,
    },
}


def main(argv: list[str] | None = None) -> None:
    parser = encoder_options(photograph_options(arguments(__doc__.splitlines()[0])))
    parser.add_argument("--target", choices=("rgb", "lab"), required=True)
    parser.add_argument("--architecture", choices=("plain", *LAYERS), help="the encoder")
    parser.set_defaults(script="reconstruction")
    args = parse(parser, argv, RECIPES)

    accelerator = begin(args)
    key = f"reconstruction-{args.target}"
    design = design_of(key, args)
    model = begin_network(build, design, args)
    data = TrainingData(args, accelerator)
    optimizer = torch.optim.AdamW(
        encoders.groups(model, args), betas=args.betas, weight_decay=args.decay
    )
    config = {"approach": key, "architecture": design, "working_size": 128, **data.config()}
    run = Run(args, accelerator, {"model": model}, {"model": optimizer}, config, export="model")
    network, averaged = run.models["model"], cast(run.ema["model"].model, run.accelerator.device)

    def colors(lightness: torch.Tensor) -> torch.Tensor:
        out = averaged(lightness)
        return out if args.target == "lab" else rgb_to_lab(out)

    for step in run.steps():
        encoders.set_train_mode(network, args)
        lightness, lab = data.batch(step)
        out = network(lightness).float()
        if args.target == "lab":
            truth = F.adaptive_avg_pool2d(lab[:, 1:], out.shape[-2:])
            loss = F.mse_loss(out / AB_SCALE, truth / AB_SCALE)
        else:
            loss = F.mse_loss(out, lab_to_rgb(lab))
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            run.report(data.validate(run, lambda light: {"val": colors(light)}, [colors]))


if __name__ == "__main__":
    main()
