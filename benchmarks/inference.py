"""Time and size of every shipped approach, beside the network of Zhang et al. 2016.

    python -m benchmarks.inference            # prints Markdown tables; ratios within one run
    python -m benchmarks.inference --record   # … and keeps them for the README's table

Networks, end to end by size of photograph, answers from one analysis, batches and threads.  Each
figure is the median of several runs; memory, threads and the time to load are measured in
processes of their own.  ECCV16 is that paper's network at full width with random weights: its
speed does not depend on them.
"""

from __future__ import annotations

import argparse

import skimage.data
import torch
from PIL import Image

import colorizer
from colorizer import checkpoints
from colorizer.approaches import approaches
from colorizer.models.colorful import Colorful
from colorizer.pipeline.loading import load_unfolded
from train.evaluation.report import grid

from . import measured
from .common import in_a_process, machine, median_seconds

MEGAPIXELS = (0.3, 2, 12, 30)
SAMPLES = (1, 2, 4, 8)
BATCHES = (1, 4, 16)
THREADS = (1, 2, 4)
REFERENCE = "ECCV16 at full width"
END_TO_END = """
import json, resource, sys, time, numpy as np, colorizer
from PIL import Image
from skimage import data
key, megapixels = sys.argv[1], float(sys.argv[2])
model = colorizer.load(key)
model.colorize(data.camera())                            # warm
width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
pixels = np.asarray(Image.fromarray(data.coffee()).resize((width, round(megapixels * 1e6 / width))))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
wall = time.perf_counter()
image = model.colorize(pixels)
wall = time.perf_counter() - wall
assert image.size == pixels.shape[1::-1]
print(json.dumps([wall, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
BATCH = """
import json, sys, time, torch, colorizer
from colorizer.models.colorful import Colorful
key, batch, threads, size = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(threads)
model = colorizer.load(key).model if key else Colorful(width=1.0).eval()
model = model.to(memory_format=torch.channels_last)
light = (torch.rand(batch, 1, size, size) * 100).contiguous(memory_format=torch.channels_last)
with torch.inference_mode():
    model(light)
    start = time.perf_counter()
    model(light)
    runs = max(1, min(20, int(2 / (time.perf_counter() - start))))
    start = time.perf_counter()
    for _ in range(runs):
        model(light)
print(json.dumps(runs * batch / (time.perf_counter() - start)))
"""
LOAD = "import sys, colorizer; colorizer.load(sys.argv[1])"


def networks(size: int, runs: int) -> dict[str, dict[str, float]]:
    """Parameters, file and time of each approach, beside ECCV16's forward pass at ``size``.

    "seconds" with everything seen at ``size``; "used" as the approach sees a photograph of that
    size in use, at its own working size.
    """
    reference = Colorful(width=1.0).eval().to(memory_format=torch.channels_last)
    lightness = torch.rand(1, 1, size, size) * 100
    with torch.inference_mode():
        slow = median_seconds(lambda: reference(lightness), max(3, runs // 3))
    found = {REFERENCE: {"parameters": parameters(reference), "seconds": slow, "ratio": 1.0}}
    photograph = Image.fromarray(skimage.data.astronaut()).resize((size, size))
    for entry in checkpoints.shipped():
        model = colorizer.load(entry.key)
        used = median_seconds(lambda m=model: m.colorize(photograph), runs)
        model.config["working_size"] = size
        seconds = median_seconds(lambda m=model: m.colorize(photograph), runs)
        found[entry.key] = {
            "parameters": parameters(load_unfolded(entry.key).model),
            "bytes": (checkpoints.find(entry.key) / checkpoints.WEIGHTS).stat().st_size,
            "seconds": seconds,
            "ratio": slow / seconds,
            "used": used,
            "used_ratio": slow / used,
        }
    return found


def parameters(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def table_of_networks(found: dict[str, dict[str, float]], size: int) -> str:
    """Turn the result of :func:`networks` into Markdown."""
    rows = [
        (
            name if name == REFERENCE else f"`{name}`",
            f"{one['parameters'] / 1e6:.2f} million",
            f"{one['bytes'] / 1e6:.1f} MB" if "bytes" in one else "–",
            f"{one['seconds'] * 1e3:.0f} ms",
            f"{one['ratio']:.1f}×",
            f"{one['used'] * 1e3:.0f} ms" if "used" in one else "–",
            f"{one['used_ratio']:.1f}×" if "used" in one else "–",
        )
        for name, one in found.items()
    ]
    over = "ECCV16's time over it"
    seen = f"a photograph of {size} px seen at {size} px"
    heads = ("", "parameters", "file", seen, over, "seen at its working size", over)
    return grid(heads, rows)


def end_to_end(key: str) -> str:
    """Seconds and memory from decoded pixels to colour pixels, by size of photograph."""
    rows = []
    for megapixels in MEGAPIXELS:
        _, (wall, before, peak) = in_a_process(END_TO_END, key, megapixels)
        rows.append((f"{megapixels:g}", f"{wall:.2f} s", f"{peak:.0f} MB", f"{before:.0f} MB"))
    return grid(("megapixels", "all of it", "peak memory", "before"), rows)


def answers(key: str, runs: int) -> str:
    """Time of what follows the first result: another knob, n samples; as shares of the first."""
    model = colorizer.load(key)
    photograph = Image.fromarray(skimage.data.coffee()).resize((1600, 1200))
    first = median_seconds(lambda: model.colorize(photograph), runs)
    analysis = model.analyze(photograph)
    knob = median_seconds(lambda: analysis.colorize(temperature=0.5), runs)
    rows = [("the first picture", f"{first:.2f} s", "1.00")]
    rows.append(("another temperature", f"{knob:.2f} s", f"{knob / first:.2f}"))
    for n in SAMPLES:
        seconds = median_seconds(lambda n=n: list(analysis.sample(n)), max(1, runs // 3))
        rows.append((f"{n} sample{'s' * (n > 1)}", f"{seconds:.2f} s", f"{seconds / first:.2f}"))
    return grid(("at 1600 × 1200", "time", "of the first"), rows)


def throughput(key: str, size: int) -> str:
    """Photographs a second through the network alone, by batch and threads, and ECCV16's."""
    rows = []
    most = torch.get_num_threads()
    for threads in (t for t in THREADS if t <= most):
        for batch in BATCHES:
            ours, theirs = (in_a_process(BATCH, k, batch, threads, size)[1] for k in (key, ""))
            rows.append((threads, batch, f"{ours:.1f}", f"{theirs:.2f}", f"{ours / theirs:.0f}×"))
    return grid(("threads", "batch", f"`{key}`, per second", "ECCV16", "ratio"), rows)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = approaches()[0].key
    parser.add_argument("--approach", default=default, help="whose details are measured")
    parser.add_argument("--size", type=int, default=256, help="working size in pixels")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--record", action="store_true", help="keep them for the README's table")
    args = parser.parse_args(argv)
    key = args.approach
    load, _ = in_a_process(LOAD, key)
    print(f"{machine()}; importing the library and loading `{key}` takes {load:.1f} s.\n")
    found = networks(args.size, args.runs)
    if args.record:
        measured.save(found)
    print(table_of_networks(found, args.size))
    print(f"\n`{key}` from decoded pixels to colour pixels:\n\n{end_to_end(key)}")
    print(f"\n`{key}`, answers from one analysis:\n\n{answers(key, args.runs)}")
    print(f"\nThe network of `{key}` alone at {args.size} px:\n\n{throughput(key, args.size)}")


if __name__ == "__main__":
    main()
