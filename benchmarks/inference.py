"""How fast and how large: `mobile` beside the full-width network of Zhang et al. 2016.

    python -m benchmarks.inference            # prints a Markdown table; ratios within one run

Each figure is the median of several runs in this process, but import and full size, which are
measured in processes of their own.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch

IMPORT = "import colorizer; colorizer.load('mobile')"
FULL_SIZE = """
import resource, time, numpy as np, colorizer
from skimage import data
from colorizer import photo
machine = colorizer.load("mobile")
machine.colorize(data.camera())                            # warm
tile = data.astronaut()
pixels = np.ascontiguousarray(np.tile(tile, (6, 8, 1))[:3000, :4000])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
wall, cpu = time.perf_counter(), time.process_time()
image = machine.colorize(pixels)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
assert image.size == (4000, 3000)
print(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, before)
"""


def median_seconds(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def in_a_process(code: str) -> tuple[float, str]:
    """(seconds of the whole process, what it printed)."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return time.perf_counter() - start, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256, help="working size in pixels")
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args()

    import colorizer
    from colorizer import decode
    from colorizer.bins import get_bins
    from colorizer.models.colorful import Colorful

    machine = colorizer.load("mobile")
    reference = Colorful(width=1.0).eval().to(memory_format=torch.channels_last)
    lightness = torch.rand(1, 1, args.size, args.size) * 100

    def parameters(model: torch.nn.Module) -> float:
        return sum(p.numel() for p in model.parameters()) / 1e6

    with torch.inference_mode():
        logits = machine.model(lightness).float()
        bins = get_bins(machine.config["quantisation"])
        fast = median_seconds(lambda: machine.model(lightness), args.runs)
        slow = median_seconds(lambda: reference(lightness), max(3, args.runs // 3))
        anneal = median_seconds(lambda: decode.annealed_mean(logits, bins, 0.38), args.runs)
        grid = torch.nn.functional.adaptive_avg_pool2d(lightness, logits.shape[-2:])[0, 0]
        field = decode.Field(grid, 0.5)
        draw = median_seconds(lambda: decode.sample(logits, bins, field, 0, 0.9, 20), args.runs)
    load, _ = in_a_process(IMPORT)
    _, figures = in_a_process(FULL_SIZE)
    wall, cpu, peak, before = map(float, figures.split())

    rows = [
        (f"parameters of mobile, millions (ECCV16: {parameters(reference):.1f})",
         f"{parameters(machine.model):.2f}", ""),
        (f"forward of mobile, {args.size} px", f"{fast * 1e3:.0f} ms",
         f"{slow / fast:.1f}× faster than ECCV16 at full width ({slow * 1e3:.0f} ms)"),
        ("annealed mean on the head's grid", f"{anneal * 1e3:.1f} ms",
         f"{anneal / fast:.2f} of the forward"),
        ("one coherent sample on the head's grid", f"{draw * 1e3:.0f} ms",
         f"{draw / fast:.2f} of the forward"),
        ("12 megapixels, decoded pixels to colour pixels", f"{wall:.2f} s",
         f"{cpu:.2f} s of processor time"),
        ("peak memory of that process", f"{peak:.0f} MB", f"{before:.0f} MB before"),
        ("import the library and load the model", f"{load:.2f} s", ""),
    ]  # fmt: skip
    print(f"On {torch.get_num_threads()} threads, PyTorch {torch.__version__}:\n")
    print("| | | |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
