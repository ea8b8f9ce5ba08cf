"""Train `efficient`: the EfficientNet-Lite0 U-Net with a distribution over 313 ab bins.

    python -m train.efficient --photos train.zip --encoder efficientnet_lite0.safetensors \\
        --validation val.zip --output runs/efficient --time-budget 90m --resume

As :mod:`train.mobile`, which says why, on an encoder that recognises far more of what it sees in
grey, and at a size at which it does.
"""

from __future__ import annotations

import torch.nn.functional as F

from colorizer.models.efficient import Efficient, build

from .engine import encoders, losses
from .engine.options import REPORT_004, arguments, hint_options, parse
from .engine.rebalancing import start
from .engine.training_data import BINS

RECIPES = {
    "default": {"batch_size": 32, "lr": 1e-3, "size": 192, "betas": (0.9, 0.99), "decay": 0.01},
    "report": REPORT_004,
}
WORKING_SIZE = 192  # px, of a photograph in use, whatever the size of the crops is
# Vividness and temperature of what is measured and shown; the first also of aged photographs.
SHOWN = {"between": (0.5, 0.5), "true": (0.0, 1.0), "vivid": (1.0, 1.0), "bold": (1.0, 0.38)}


def main(argv: list[str] | None = None) -> None:
    parser = hint_options(arguments(__doc__.splitlines()[0]))
    parser.set_defaults(script="efficient")
    args = parse(parser, argv, RECIPES)

    run, data, rebalancing = start(
        args, "efficient", build, lambda model: model.head, working_size=WORKING_SIZE
    )
    network, views = run.models["model"], rebalancing.views(run, SHOWN)
    for lightness, ab, hints in data.hinted(run.steps(), args.workers):
        encoders.set_train_mode(network, args)
        logits = network(lightness, hints)
        truth = F.avg_pool2d(ab, Efficient.output_stride)
        loss = losses.soft_cross_entropy(logits, truth, BINS, rebalancing.loss_weights)
        run.update("model", loss)
        run.log(loss=loss)
        if run.evaluation_due():
            run.report(data.validate(run, *views))


if __name__ == "__main__":
    main()
