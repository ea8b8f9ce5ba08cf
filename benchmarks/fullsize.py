"""From decoded pixels to colour pixels at full size, without the network: seconds and memory.

    python -m benchmarks.fullsize                 # 12 megapixels; prints a Markdown table
    python -m benchmarks.fullsize --megapixels 48 --chroma 60

Wall-clock seconds suffer from whatever else the machine does; the seconds of processor time do
so much less.  Memory is the peak of the whole process, PyTorch included.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import skimage.data
import torch
from PIL import Image

from colorizer.color.gamut import compose
from colorizer.color.lightness import lightness, resize_lightness
from colorizer.decoding.upsample import GuidedUpsampler

WORKING_SIDE = 256


def peak_megabytes() -> float:
    """Most memory this process has ever held; the unit of ru_maxrss depends on the system."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--chroma", type=float, default=20, help="spread of the random ab")
    args = parser.parse_args()

    rows: list[tuple[str, float, float, float]] = []

    def measured(step: str, work: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        rows.append((step, time.perf_counter() - wall, time.process_time() - cpu, peak_megabytes()))
        return result

    width = round(math.sqrt(args.megapixels * 1e6 * 4 / 3))
    height = round(args.megapixels * 1e6 / width)
    rgb = np.asarray(Image.fromarray(skimage.data.coffee()).resize((width, height)))
    scale = WORKING_SIDE / width
    size = (round(height * scale / 8) * 8, WORKING_SIDE)
    grid = (size[0] // 4, size[1] // 4)
    ab = torch.randn(2, *grid, generator=torch.Generator().manual_seed(0)) * args.chroma
    before = peak_megabytes()

    light = measured("lightness", lambda: lightness(rgb))
    small = measured(
        f"its copy for the network, {size[1]} × {size[0]}", lambda: resize_lightness(light, size)
    )
    upsampler = measured("coefficients of the guided filter", lambda: GuidedUpsampler(small, ab))
    colored = measured(
        "ab by rows, composed",
        lambda: compose(light, lambda y0, y1: upsampler.rows(light[y0:y1], y0, len(light))),
    )
    rows.append(("**all**", *(sum(row[i] for row in rows) for i in (1, 2)), peak_megabytes()))
    worst = max(
        float(np.abs(lightness(colored[y : y + 256]) - light[y : y + 256]).max())
        for y in range(0, height, 256)
    )

    print(
        f"{width} × {height}, PyTorch on {torch.get_num_threads()} threads; "
        f"{before:.0f} MB before the first step; largest |ΔL*| {worst:.2f}\n"
    )
    print("| step | seconds | of processor time | peak memory, MB |")
    print("|---|---|---|---|")
    for step, wall, cpu, memory in rows:
        print(f"| {step} | {wall:.2f} | {cpu:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
