"""Train `classification`: a probability for each of report 000's 361 square ab bins.

    python -m train.classification --photos train.zip --encoder mobilenet_v2.safetensors \\
        --validation val.zip --output runs/classification --time-budget 25m --resume

``--loss hard`` is the report's cross-entropy with the bin that a colour lies in; ``soft`` spreads
it over the nearest bins (Zhang et al. 2016, section 2.1), which tells the network that bins have
neighbours.  Some rebalancing, because most pixels are grey and teach little about colour; how
much is stored, and vividness at decoding counts from there.
"""

from __future__ import annotations

import torch.nn.functional as F

from colorizer.color.bins import get_bins
from colorizer.models.autoencoder import build
from colorizer.models.encoders import LAYERS

from .engine import encoders, losses
from .engine.options import arguments, encoder_options, parse, photograph_options
from .engine.rebalancing import start

RECIPES = {
    "default": {"batch_size": 32, "lr": 1e-3, "size": 96, "betas": (0.9, 0.99), "decay": 0.01},
    # Report 000: STL-10 at 96 × 96, its own encoder, plain cross-entropy; the optimiser is not
    # named: Adam as published.  200 epochs of 100,000 photographs, as for its reconstruction.
    "report": {
        "batch_size": 64,
        "lr": 1e-3,
        "size": 96,
        "stored": 96,
        "aged_share": 0.0,
        "architecture": "plain",
        "loss": "hard",
        "rebalance": 0.0,
        "betas": (0.9, 0.999),
        "decay": 0.0,
        "steps": 200 * 100_000 // 64,
    },
}
# Vividness, temperature and top-k of the metrics; the report's centroid is top-k 1.
SHOWN = {"val": (0.0, 1.0), "centroid": (0.5, 1.0, 1), "vivid": (1.0, 0.5)}


def main(argv: list[str] | None = None) -> None:
    parser = encoder_options(photograph_options(arguments(__doc__.splitlines()[0])))
    parser.add_argument("--architecture", choices=("plain", *LAYERS), help="the encoder")
    parser.add_argument("--loss", choices=("hard", "soft"), default="soft")
    parser.add_argument(
        "--rebalance", type=float, default=0.25, metavar="GAMMA", help="weigh the loss by w to this"
    )
    parser.set_defaults(script="classification")
    args = parse(parser, argv, RECIPES)

    bins = get_bins("square361")
    run, data, rebalancing = start(
        args, "classification", build, lambda model: model.network.head, bins
    )
    network, views = run.models["model"], rebalancing.views(run, SHOWN)
    for step in run.steps():
        encoders.set_train_mode(network, args)
        lightness, lab = data.batch(step)
        logits = network(lightness)
        truth = F.adaptive_avg_pool2d(lab[:, 1:], logits.shape[-2:])
        if args.loss == "hard":
            loss = losses.cross_entropy(logits, truth, bins, rebalancing.loss_weights)
        else:
            loss = losses.soft_cross_entropy(logits, truth, bins, rebalancing.loss_weights)
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            run.report(data.validate(run, *views))


if __name__ == "__main__":
    main()
