"""Time the sampling of `pixcolor`: with what is known kept, naively, and four samples end to end.

    python -m benchmarks.sampling             # random weights: the time does not depend on them

The naive loop is timed over a few of its passes and multiplied, since all of it takes minutes.
Wall time and this process's processor time: on a busy machine the second is the one to compare.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from colorizer.decoding.prediction import Settings
from colorizer.models.pixcolor import Drawings, build
from colorizer.models.pixelcnn.sampler import Naive, Sampler, draw

STEPS = 3  # of the naive loop


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """(wall, processor) seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--side", type=int, default=28, help="cells to a side of the grid")
    args = parser.parse_args()
    torch.manual_seed(0)
    model = build({}).eval().requires_grad_(False)
    n, side, values = args.samples, args.side, 2 * args.side**2
    context = torch.randn(1, 64, side, side)
    sampler, naive = Sampler(model.pixelcnn), Naive(model.pixelcnn, torch.float32)
    draw(sampler, context[..., :4, :4], range(n))  # warm
    levels, wide = torch.full((n, 2, side, side), 16), context.expand(n, -1, -1, -1)

    with torch.inference_mode():
        naive.model(levels, wide)
        slow = seconds(lambda: [naive.model(levels, wide) for _ in range(STEPS)])
        slow = tuple(s / STEPS * values for s in slow)
        fast = seconds(lambda: draw(sampler, context, range(n)))

        def whole() -> None:
            drawings = Drawings(model, sampler, torch.rand(1, 1, 192, 192) * 100)
            for seed in range(n):
                drawings.ab(Settings(temperature=1.0), seed)

        end_to_end = seconds(whole)
    rows = (
        (f"PixelCNN, {n} samples, naive ({values} passes)", slow, ""),
        (f"PixelCNN, {n} samples, kept", fast, f"{slow[1] / fast[1]:.0f}× faster"),
        (f"photograph to {n} refined samples", end_to_end, ""),
    )
    print(f"On {torch.get_num_threads()} threads, PyTorch {torch.__version__}:\n")
    print("| | wall | processor | |\n|---|---|---|---|")
    for name, (wall, processor), note in rows:
        print(f"| {name} | {wall:.2f} s | {processor:.2f} s | {note} |")


if __name__ == "__main__":
    main()
