"""Photographs per second in training, and how much of the time is spent waiting for data.

    python -m benchmarks.training                        # scikit-image's photographs, repeated
    python -m benchmarks.training --photos train.zip     # real ones, decoded once

Runs the same parts as the default approach's training script for some steps: batches, Lab, ageing, hints,
forward, backward, optimiser, averages.  Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import skimage.data
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer.approaches import approaches
from colorizer.color.bins import get_bins
from colorizer.color.lab import rgb_to_lab
from colorizer.models.colorful import Colorful
from train.data import hint_simulation
from train.data.augment import OldPhoto
from train.data.find import find_photos
from train.data.photographs import Batches, Photos, load_photos
from train.data.shards import write_shards
from train.data.streaming import ShardBatches, ShardPhotos
from train.engine import losses
from train.engine.ema import Ema
from train.engine.options import usual_precision


class Clock:
    """Seconds by part of a step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.seconds[name] += time.perf_counter() - start


def real_photos(size: int) -> Photos:
    """scikit-image's colour photographs, often enough for many batches."""
    names = ("astronaut", "chelsea", "coffee", "rocket")
    squares = [
        np.asarray(Image.fromarray(getattr(skimage.data, n)()).resize((size, size))) for n in names
    ]
    pixels = np.stack(squares * 64)
    return Photos(pixels, ["scikit-image"] * len(pixels), [str(i) for i in range(len(pixels))])


def from_shards(
    paths: list[str] | None, folder: Path, stored: int, size: int, batch: int, limit: int = 2000
) -> ShardBatches:
    """At most ``limit`` of the photographs, or those of scikit-image, streamed from shards."""
    if not paths:
        (folder / "photos").mkdir()
        for number, pixels in enumerate(real_photos(256).pixels):
            Image.fromarray(pixels).save(folder / f"photos/{number:04}.jpg", quality=90)
        paths = [str(folder / "photos")]
    write_shards(find_photos(paths, limit), str(folder / "shards"), count=250)
    return ShardBatches(ShardPhotos([str(folder / "shards")], stored), size, batch)


def autocast(device: torch.device) -> torch.autocast:
    """The precision that the training scripts take on this machine."""
    enabled = usual_precision() == "bf16"
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


def measure(model: torch.nn.Module, hints: bool, batches: Batches, steps: int) -> dict[str, float]:
    """Seconds by part, and ``photographs`` per second, of ``steps`` steps after three others.

    hints: the network takes them.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.to(device, memory_format=torch.channels_last).train()
    bins = get_bins("zhang313")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    ema, age = Ema(model, 0.999), OldPhoto(0.4)
    clock = Clock()
    for step in range(-3, steps):
        if step == 0:
            clock = Clock()
            start = time.perf_counter()
        rng = torch.Generator().manual_seed(step + 10)
        with clock.part("waiting for data"):
            rgb = batches.batch(step + 3).to(device)
        with clock.part("Lab, ageing, hints"):
            lab = rgb_to_lab(rgb)
            ab, given = hint_simulation.simulate(lab, rng)
            light = age(lab[:, :1], rgb, rng).contiguous(memory_format=torch.channels_last)
        with clock.part("forward and loss"), autocast(device):
            logits = model(light, given) if hints else model(light)
            target = F.adaptive_avg_pool2d(ab, logits.shape[-2:])
            loss = losses.soft_cross_entropy(logits, target, bins)
        with clock.part("backward"):
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
        with clock.part("optimiser and averages"):
            optimizer.step()
            ema.update(model, step + 100)
    wall = time.perf_counter() - start
    return {"photographs": steps * batches.batch_size / wall, **clock.seconds, "all": wall}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--photos", nargs="*", metavar="PATH", help="folders or zip archives")
    a("--size", type=int, default=128, help="side of the crops in pixels")
    a("--batch-size", type=int, default=32)
    a("--steps", type=int, default=20)
    a("--reference", action="store_true", help="also ECCV16 at full width (slow)")
    a("--cache", default="runs/cache")
    args = parser.parse_args()
    stored = round(args.size * 1.125)
    photos = load_photos(args.photos, stored, args.cache) if args.photos else real_photos(stored)
    entry = approaches()[0]
    family = importlib.import_module(f"colorizer.models.{entry.family}")
    models = {entry.key: (family.build({"architecture": dict(entry.design)}), entry.hints)}
    if args.reference:
        models["ECCV16 at full width"] = (Colorful(width=1.0), False)
    cached = Batches(photos, args.size, args.batch_size)
    found = {
        name: measure(model, hints, cached, args.steps) for name, (model, hints) in models.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        streamed = from_shards(args.photos, Path(folder), stored, args.size, args.batch_size)
        model, hints = models[entry.key]
        found[f"{entry.key}, from shards"] = measure(model, hints, streamed, args.steps)
    first = next(iter(found.values()))
    print(
        f"{args.size} px, batches of {args.batch_size}, "
        f"{'bf16' if usual_precision() == 'bf16' else 'float32'}, {torch.get_num_threads()} threads, "
        f"PyTorch {torch.__version__}:\n"
    )
    print("| | " + " | ".join(found) + " |\n|---" + "|---" * len(found) + "|")
    rate = " | ".join(f"{f['photographs']:.1f}" for f in found.values())
    print(f"| photographs per second | {rate} |")
    for part in (k for k in first if k not in ("photographs", "all")):
        shares = " | ".join(f"{f[part] / f['all']:.1%}" for f in found.values())
        print(f"| {part} | {shares} |")


if __name__ == "__main__":
    main()
