"""Variants A, B and C of Deep Colorization on the same labelled photographs (report 002's table).

    python -m train.evaluation.labelled --photos held-out --prior prior_probs.npy \\
        --weights runs/deep-A runs/deep-B runs/deep-C --record "clothing, 200 held out"

Variant C takes its semantics from the label map that lies beside a photograph, so no page and no
command can offer it, and :mod:`train.evaluate`, which asks as a person would, cannot measure it.
Here all three get the photograph and its labels, and those that need none leave them aside.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from colorizer import checkpoints
from colorizer.color.gamut import compose
from colorizer.color.lab import rgb_to_lab
from colorizer.models.deep_colorization import DeepColorization, build

from ..data.find import DataError
from ..data.labels import Labelled
from . import metrics, networks, report, results
from .collect import Evaluation
from .pictures import Picture
from .results import DEFAULT, GREY, RowKey

OWNER = "deep-colorization"  # the checkpoint whose metrics.json keeps the rows


def row_key(variant: str) -> RowKey:
    """The row of one variant; tables ask for it by this name."""
    return RowKey(f"variant {variant}", DEFAULT)


def load(folder: str) -> DeepColorization:
    """A trained variant, in evaluation mode.

    Raises :class:`colorizer.MissingWeights`, :class:`colorizer.BrokenWeights`, or ValueError for
    weights of another approach.
    """
    config, state = checkpoints.load_weights(folder)
    if "variant" not in config.get("architecture", {}):
        raise ValueError(f"{folder} holds no variant of Deep Colorization.")
    model = build(config)
    model.load_state_dict(state)
    return model.eval()


@torch.inference_mode()
def measure(
    models: dict[str, DeepColorization], data: Labelled, evaluation: Evaluation
) -> results.Table:
    """Rows of grey and of every variant over the photographs of ``data``.

    models: variant → network.
    """
    for pixels, labels in zip(tqdm(data.pixels), data.labels, strict=True):
        lightness = rgb_to_lab(pixels[None])[:, :1]
        plane = lightness[0, 0].numpy()
        made = {GREY: compose(plane, np.zeros((2, *plane.shape), np.float32))}
        for variant, model in models.items():
            ab = model.colours(lightness, labels[None])[0]
            made[row_key(variant)] = compose(plane, ab.numpy())
        original = pixels.permute(1, 2, 0).contiguous().numpy()
        evaluation.add(Picture(original, "labelled", ""), made)
    return evaluation.table()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--photos", required=True, metavar="FOLDER", help="laid out like ADE20K or Pascal VOC")
    a("--weights", required=True, nargs="+", metavar="FOLDER", help="with one variant each")
    a("--prior", required=True, metavar="FILE", help="shares of the 313 bins, .npy")
    a("--size", type=int, default=128, help="side of the centre squares in pixels")
    a("--limit", type=int, help="only the first photographs")
    a("--segmentation", metavar="NETWORK", help="pixel accuracy, by this network")
    a("--record", metavar="NAME", help=f"keep the rows with {OWNER}, under this name")
    args = parser.parse_args(argv)
    try:
        found = [load(folder) for folder in args.weights]
        models = {model.variant: model for model in found}
        if len(models) < len(found):
            raise ValueError("Two of these folders hold the same variant.")
        chosen: list[metrics.Metric] = [metrics.Similarity()]
        if args.segmentation:
            chosen.append(metrics.Segmentation(networks.segmenter(args.segmentation)))
        data = Labelled([args.photos], args.size, args.limit)
        prior = np.load(args.prior)
    except (DataError, OSError, ValueError) as error:
        sys.exit(str(error))
    rows = measure(models, data, Evaluation(prior, chosen))
    network = Path(args.segmentation).name if args.segmentation else None
    about = {
        "photographs": len(data),
        "from": [Path(args.photos).name],
        "size": args.size,
        "working_size": {row_key(variant).subject: args.size for variant in models},
        "rebalancing_prior": Path(args.prior).name,
        "segmentation": network,
    }
    print(report.heading(about) + "\n")
    print(report.markdown(report.titled(rows)))
    if args.record:
        about["from"] = [args.record]
        results.record(checkpoints.CHECKPOINTS / OWNER, args.record, about, rows)


if __name__ == "__main__":
    main()
