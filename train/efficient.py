"""Train `efficient`: the EfficientNet-Lite0 U-Net with a distribution over 313 ab bins.

    python -m train.efficient --photos train.zip --encoder efficientnet_lite0.safetensors \\
        --validation val.zip --output runs/efficient --time-budget 90m --resume

By default the loss is not rebalanced: rebalancing moves the posterior by the bins' weights and can
be had at decoding, as vividness, from one and the same model; a little of it (``--rebalance``)
lets rare colours be learned.  The input is aged (old-photo augmentation) on a share of the
photographs, and some carry simulated colour hints.  The encoder learns at a fraction of the rate,
so that what it knows from ImageNet is refined, not washed away.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from colorizer.models.efficient import Efficient, build

from .data import hint_simulation
from .engine import encoders, losses
from .engine.ahead import ahead
from .engine.options import arguments, encoder_options, parse, photograph_options
from .engine.rebalancing import start
from .engine.training_data import BINS, cast

RECIPES = {
    "default": {"batch_size": 32, "lr": 1e-3, "size": 192, "betas": (0.9, 0.99), "decay": 0.01},
    # Report 004: Adam β 0.9/0.99, weight decay 1e-3, rate 3.16e-5, batch 40, crops of 176 px.
    "report": {
        "batch_size": 40,
        "lr": 3.16e-5,
        "size": 176,
        "betas": (0.9, 0.99),
        "decay": 1e-3,
    },
}
# Vividness and temperature of what is measured and shown; the first also of aged photographs.
SHOWN = {"between": (0.5, 0.5), "true": (0.0, 1.0), "vivid": (1.0, 1.0), "bold": (1.0, 0.38)}


def main(argv: list[str] | None = None) -> None:
    parser = encoder_options(photograph_options(arguments(__doc__.splitlines()[0])))
    parser.add_argument(
        "--rebalance", type=float, default=0.0, metavar="GAMMA", help="weigh the loss by w to this"
    )
    parser.add_argument("--workers", type=int, default=1, help="threads that make batches ahead")
    parser.set_defaults(script="efficient", aged_share=0.4)
    args = parse(parser, argv, RECIPES)

    run, material, palette = start(args, "efficient", build, lambda model: model.head)
    network, averaged = run.models["model"], cast(run.ema["model"].model, run.accelerator.device)

    def answers(lightness: torch.Tensor) -> dict[str, torch.Tensor]:
        logits = averaged(lightness)
        return {name: palette.decode(logits, *how) for name, how in SHOWN.items()}

    columns = [lambda light, name=name: answers(light)[name] for name in SHOWN]

    def batch(step: int):
        lightness, lab = material.batch(step)
        return lightness, *hint_simulation.simulate(lab, material.dice(step, "hints"))

    for _, (lightness, ab, given) in ahead(run.steps(), batch, args.workers):
        encoders.learning(network, args)
        logits = network(lightness, given)
        truth = F.avg_pool2d(ab, Efficient.output_stride)
        loss = losses.soft_cross_entropy(logits, truth, BINS, palette.loss_weights)
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            run.report(material.examine(run, answers, columns))


if __name__ == "__main__":
    main()
