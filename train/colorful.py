"""Train `colorful`: the network of Zhang et al. 2016 at a chosen width, with one of four losses.

    python -m train.colorful --photos train.zip --validation val.zip \\
        --encoder mobilenet_v2.safetensors --output runs/colorful --time-budget 25m --resume

The losses are the ablation of reports 002 and 003: ``l2`` (003: squared error of ab alone),
``cross-entropy`` and ``soft`` (002: with the nearest bin; spread over the nearest bins) and
``rebalanced``, the paper's.  ``--rebalance 0.25`` weighs less and leaves the rest to decoding
(Menon et al. 2021: the two are exchangeable), for steps that are less noisy.  For the ablation
table, start each from the same ``--seed`` with the same ``--steps``, then measure all of them with
``python -m train.evaluate``.
"""

from __future__ import annotations

import torch.nn.functional as F

from colorizer.models.colorful import build
from colorizer.models.encoders import LAYERS

from .engine import encoders, losses
from .engine.options import REPORT_004, arguments, encoder_options, parse, photograph_options
from .engine.rebalancing import start
from .engine.training_data import BINS

RECIPES = {
    "default": {"batch_size": 32, "lr": 1e-3, "size": 96, "betas": (0.9, 0.99), "decay": 1e-3},
    "report": REPORT_004
    | {"stored": 256, "width": 1.0, "architecture": "plain", "aged_share": 0.0},
}
LOSSES = ("l2", "cross-entropy", "soft", "rebalanced")


def main(argv: list[str] | None = None) -> None:
    parser = encoder_options(photograph_options(arguments(__doc__.splitlines()[0])))
    parser.add_argument("--architecture", choices=("plain", *LAYERS), help="the encoder")
    parser.add_argument("--loss", choices=LOSSES, default="rebalanced")
    parser.add_argument(
        "--rebalance", type=float, default=1.0, metavar="GAMMA", help="power of the paper's weights"
    )
    parser.add_argument("--width", type=float, help="1 is the paper's 32 million parameters")
    parser.set_defaults(script="colorful")
    args = parse(parser, argv, RECIPES)

    if args.loss != "rebalanced":
        args.rebalance = 0.0
    run, data, rebalancing = start(args, "colorful", build, lambda model: model.head)
    network = run.models["model"]

    # What the loss asks for; a smaller γ in training is made up for at decoding.
    asked = 1.0 if args.loss == "rebalanced" else 0.0
    shown = {"paper": (asked, 0.38), "mean": (asked, 1.0), "true": (0.0, 1.0)}
    views = rebalancing.views(run, shown)
    for step in run.steps():
        encoders.set_train_mode(network, args)
        lightness, lab = data.batch(step)
        logits = network(lightness)
        truth = F.adaptive_avg_pool2d(lab[:, 1:], logits.shape[-2:])
        if args.loss == "l2":
            loss = losses.expected_l2(logits, truth, BINS)
        elif args.loss == "cross-entropy":
            loss = losses.cross_entropy(logits, truth, BINS)
        else:
            loss = losses.soft_cross_entropy(logits, truth, BINS, rebalancing.loss_weights)
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            run.report(data.validate(run, *views))


if __name__ == "__main__":
    main()
