"""Time `deep-colorization`: describing and colouring the pixels of a photograph.

    python -m benchmarks.features --size 256          # random weights: the time is the same

Wall time and this process's processor time, each the least of three runs.
"""

from __future__ import annotations

import argparse

import torch
from skimage import data

from colorizer.color.lightness import lightness, resize_lightness
from colorizer.models.deep_colorization import DeepColorization, describe

from .sampling import seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256, help="working size in pixels")
    args = parser.parse_args()
    torch.manual_seed(0)
    model = DeepColorization("B").eval()
    plane = resize_lightness(lightness(data.astronaut()), (args.size, args.size))
    photo = torch.from_numpy(plane.copy())[None, None]
    work = {
        "DAISY of every pixel": lambda: describe(plane / 100, model.daisy_radius),
        "all 131 numbers of every pixel": lambda: model.features(photo),
        "photograph to colour, with its features": lambda: model.colours(photo),
    }
    print(f"{args.size} px on {torch.get_num_threads()} threads, PyTorch {torch.__version__}:\n")
    print("| | wall | processor |\n|---|---|---|")
    for name, run in work.items():
        wall, processor = (min(t) for t in zip(*(seconds(run) for _ in range(3)), strict=True))
        print(f"| {name} | {wall:.2f} s | {processor:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
