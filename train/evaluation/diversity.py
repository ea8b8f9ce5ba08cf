"""Measure how much samples differ, and what more of them are worth.

    python -m train.evaluation.diversity --photos val.zip --size 128 --limit 100 --approach pixcolor mobile

For n = 1, 2, 4, 8 samples of each photograph: the PSNR and the mean ab error of the best of them,
and the mean ab distance between two.  Beside each the control: the first sample under n random
shifts of ab over the whole picture, as far apart as the samples are.  Samples that do not come
nearer to the truth than those differ by a tint, or at random.  Printed as Markdown, and with
``--record NAME`` added to each checkpoint's metrics.json.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

import colorizer
from colorizer import checkpoints, metrics
from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from colorizer.images import photo

from ..data.find import DataError
from ..data.photographs import load_photos
from .collect import shifted
from .pictures import as_rgb
from .report import markdown
from .results import RowKey, Table, record

COUNTS = (1, 2, 4, 8)


def as_tensor(picture: np.ndarray) -> torch.Tensor:
    return torch.tensor(picture).permute(2, 0, 1)


def spread(candidates: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    """Metrics of Lab candidates (n, 3, H, W) beside the true photograph's Lab (3, H, W)."""
    rgb, true = lab_to_rgb(candidates), lab_to_rgb(truth)
    error = (candidates - truth)[:, 1:].norm(dim=1).mean((1, 2))
    apart = metrics.pairwise_distance(candidates[:, 1:]) if len(candidates) > 1 else 0.0
    return {
        "psnr": metrics.psnr(rgb, true.expand_as(rgb)).max().item(),
        "best_of_n_error": error.min().item(),
        "pairwise_distance": float(apart),
    }


def measure(
    models: dict[str, colorizer.Colorizer],
    pixels: np.ndarray,
    counts=COUNTS,
    progress=lambda x: x,
) -> Table:
    """Metrics by row over photographs (N, H, W, 3) uint8; finite PSNRs only are averaged."""
    found: dict[RowKey, list[dict[str, float]]] = {}
    for number, original in enumerate(progress(pixels)):
        original = np.ascontiguousarray(original)
        truth, picture = rgb_to_lab(as_tensor(original)), photo.read(original)
        for name, model in models.items():
            samples = model.analyze(picture).sample(max(counts))
            lab = rgb_to_lab(torch.stack([as_tensor(as_rgb(s)) for s in samples]))
            for n in counts:
                drawn = spread(lab[:n], truth)
                found.setdefault(RowKey(name, samples=n), []).append(drawn)
                if n > 1:
                    control = shifted(lab[0], n, drawn["pairwise_distance"], seed=number)
                    row = found.setdefault(RowKey(name, samples=n, control=True), [])
                    row.append(spread(control, truth))
    return {
        key: {
            k: round(float(np.mean([f[k] for f in rows if np.isfinite(f[k])])), 4) for k in rows[0]
        }
        for key, rows in found.items()
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--photos", nargs="+", required=True, metavar="PATH", help="folders or zip archives")
    a("--size", type=int, default=128, help="side of the centre squares in pixels")
    a("--limit", type=int, default=100, help="how many photographs, spread evenly over all")
    a("--approach", nargs="+", default=["pixcolor", "mobile"], help="keys or checkpoint folders")
    a("--cache", default="runs/cache", help="folder for decoded photographs")
    a("--record", metavar="NAME", help="store the metrics in each checkpoint's metrics.json")
    args = parser.parse_args(argv)
    try:
        models = {name: colorizer.load(name) for name in args.approach}
        pixels = load_photos(args.photos, args.size, args.cache, args.limit).pixels
    except (colorizer.MissingWeights, colorizer.BrokenWeights, DataError, ValueError) as error:
        sys.exit(str(error))
    for name, model in models.items():
        if not model.approach.samples:
            sys.exit(f"{name} makes one picture only and has no samples to compare.")
    by_key = {model.approach.key: model for model in models.values()}
    if len(by_key) < len(models):
        sys.exit("Two of them are the same approach, and their rows would have one name.")
    table = measure(by_key, pixels, progress=tqdm)
    about = {
        "photographs": len(pixels),
        "from": [Path(p).name for p in args.photos],
        "size": args.size,
        "working_size": {key: m.config.get("working_size") for key, m in by_key.items()},
    }
    print(markdown({key.title: row for key, row in table.items()}))
    if args.record:
        for name in args.approach:
            record(checkpoints.find(name), args.record, about, table)


if __name__ == "__main__":
    main()
