"""Reading large files and coloring a very large one: seconds and peak memory.

    python -m benchmarks.files                       # prints Markdown tables; takes some minutes
    python -m benchmarks.files --megapixels 1 --largest 4

Each file is read in a process of its own, by the product and, right after, by the library that
people would use without it: Pillow, or tifffile for a TIFF of 16 bits.  Both give pixels; what
the product does besides is the lightness of every pixel.  Memory is read from /proc: Linux only.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyvips
import skimage.data

from .common import in_a_process, resident

MEGAPIXELS = (12, 60)
KINDS = {
    "JPEG": (8, ".jpg"),
    "TIFF of 8 bits": (8, ".tif"),
    "PNG of 16 bits": (16, ".png"),
    "TIFF of 16 bits": (16, ".tif"),
}
LARGEST = 200  # megapixels
# Bands and bits of the TIFFs that are colorized.
COLORED = {"grey, 8 bits": (1, 8), "RGB, 8 bits": (3, 8), "RGB, 16 bits": (3, 16)}
_MEASURE = """
import json, sys, time
from pathlib import Path
import numpy as np
{imports}
before = time.perf_counter()
{work}
seconds = time.perf_counter() - before
facts = Path("/proc/self/status").read_text()  # not by `resident`, whose module imports PyTorch
print(json.dumps([seconds, int(facts.split("VmHWM:")[1].split()[0]) / 1024]))
"""
READ = _MEASURE.format(
    imports="from colorizer.images import photo",
    work="photo.read(sys.argv[1], max_pixels=10**9).lightness",
)
PILLOW = _MEASURE.format(
    imports="from PIL import Image; Image.MAX_IMAGE_PIXELS = None",
    work="np.asarray(Image.open(sys.argv[1]))",
)
TIFFFILE = _MEASURE.format(imports="import tifffile", work="tifffile.imread(sys.argv[1])")


def photograph(path: Path, megapixels: float, bands: int, bits: int) -> Path:
    """A real photograph enlarged, as the file that the ending of ``path`` names."""
    image = pyvips.Image.new_from_array(skimage.data.coffee())
    image = image.copy(interpretation="srgb")
    if bands == 1:
        image = image.colourspace("b-w")
    scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    image = image.resize(scale)
    if bits == 16:
        image = (image * 257).cast("ushort")
        image = image.copy(interpretation="rgb16" if bands == 3 else "grey16")
    options = {".tif": {"compression": "none"}, ".png": {"compression": 1}}
    image.write_to_file(str(path), **options.get(path.suffix, {}))
    return path


def reading(folder: Path, sizes: tuple[float, ...], runs: int) -> None:
    """Print seconds and memory of reading, by kind and size."""
    print("| file | colorizer | the library alone | ratio of seconds |\n|---|---|---|---|")
    for megapixels in sizes:
        for kind, (bits, ending) in KINDS.items():
            path = photograph(folder / f"photo{ending}", megapixels, 3, bits)
            alone = TIFFFILE if kind == "TIFF of 16 bits" else PILLOW
            ours, theirs = [], []
            for _ in range(runs):
                ours.append(in_a_process(READ, path)[1])
                theirs.append(in_a_process(alone, path)[1])
            (seconds, memory), (plain, least) = map(_middle, (ours, theirs))
            print(
                f"| {megapixels:g} megapixels, {kind} | {seconds:.2f} s, {memory:.0f} MB "
                f"| {plain:.2f} s, {least:.0f} MB | {seconds / plain:.1f} |"
            )
            path.unlink()


def coloring(folder: Path, megapixels: float) -> None:
    """Print seconds and memory of ``colorizer`` from a TIFF to a TIFF."""
    print(f"\nA TIFF of {megapixels:g} megapixels to a coloured TIFF, by the command:\n")
    print("| | seconds | peak memory |\n|---|---|---|")
    for name, (bands, bits) in COLORED.items():
        path = photograph(folder / "scan.tif", megapixels, bands, bits)
        target = folder / "colored.tif"
        command = [sys.executable, "-m", "colorizer", str(path), "-o", str(target)]
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--max-megapixels", str(megapixels * 1.1)], stdout=subprocess.DEVNULL
        )
        peak = _peak(process)
        if process.returncode or not target.exists():
            sys.exit(f"{path.name} ({name}) was not colored.")
        print(f"| {name} | {time.perf_counter() - start:.1f} | {peak:.0f} MB |")
        path.unlink()
        target.unlink()


def _middle(found: list[tuple[float, float]]) -> tuple[float, float]:
    seconds, memory = (statistics.median(values) for values in zip(*found, strict=True))
    return seconds, memory


def _peak(process: subprocess.Popen) -> float:
    """Wait for a process; megabytes of memory that it held at most."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, resident(process.pid, "VmHWM"))
        time.sleep(0.02)
    return peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--megapixels", type=float, nargs="+", default=MEGAPIXELS, help="of the files read")
    a("--largest", type=float, default=LARGEST, help="megapixels of the TIFFs colorized")
    a("--runs", type=int, default=3, help="of each; the median counts")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="files-") as folder:
        reading(Path(folder), tuple(args.megapixels), args.runs)
        coloring(Path(folder), args.largest)


if __name__ == "__main__":
    main()
