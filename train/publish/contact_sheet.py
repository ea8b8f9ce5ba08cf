"""A picture of photographs as grey, coloured and original, for a README or a model card.

    python -m train.publish.contact_sheet --photos kodak.zip --pick 8 --output docs/kodak.jpg
    python -m train.publish.contact_sheet --photos kodak.zip --approach pixcolor --samples 4 --output samples.jpg
    python -m train.publish.contact_sheet --photos kodak.zip --all --output docs/approaches.jpg
    python -m train.publish.contact_sheet --photos kodak.zip --pick 4 --worst --output docs/limits.jpg

Only photographs that may be published belong on such a sheet.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

import colorizer
from colorizer import checkpoints, metrics
from colorizer.approaches import approaches
from colorizer.images import photo

from ..data.find import Item
from ..data.photographs import DataError, find_photos

GAP = 6


def strip(
    models: Sequence[colorizer.Colorizer],
    original: Image.Image,
    height: int,
    samples: int = 0,
) -> Image.Image:
    """Grey, every model's best guess (or that many samples), original; ``height`` pixels high."""
    picture = photo.read(np.asarray(original))
    guesses: list[Image.Image] = []
    for model in models:
        analysis = model.analyze(picture)
        guesses += analysis.sample(samples) if samples else [analysis.colorize()]
    columns = [analysis.colorize(strength=0), *guesses, original]
    width = round(original.width * height / original.height)
    total = len(columns) * width + (len(columns) - 1) * GAP
    sheet = Image.new("RGB", (total, height), "white")
    for k, image in enumerate(columns):
        small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (k * (width + GAP), 0))
    return sheet


def opened(item: Item) -> Image.Image:
    """A photograph in the one shape that all have, so that the sheet is a grid."""
    with Image.open(io.BytesIO(item.read())) as image:
        original = ImageOps.exif_transpose(image).convert("RGB")
    return ImageOps.fit(original, (768, 512), Image.Resampling.LANCZOS)


def likeness(model: colorizer.Colorizer, original: Image.Image) -> float:
    """PSNR in dB of the best guess."""
    result = model.colorize(photo.read(np.asarray(original))).convert("RGB")
    return metrics.psnr(*(tensor_of(image) for image in (result, original))).item()


def tensor_of(image: Image.Image) -> torch.Tensor:
    """(1, 3, H, W) in 0…1."""
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None] / 255


def arrange(strips: list[Image.Image], columns: int = 2) -> Image.Image:
    """Strips of one size in rows of ``columns``."""
    width, height = strips[0].size
    rows = -(-len(strips) // columns)
    sheet = Image.new(
        "RGB",
        (columns * width + (columns - 1) * 4 * GAP, rows * height + (rows - 1) * GAP),
        "white",
    )
    for k, one in enumerate(strips):
        sheet.paste(one, (k % columns * (width + 4 * GAP), k // columns * (height + GAP)))
    return sheet


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a = parser.add_argument
    a("--photos", nargs="+", required=True, metavar="PATH", help="folders or zip archives")
    a("--pick", type=int, default=8, help="how many, spread evenly over all")
    a("--names", nargs="*", help="these entries instead")
    a("--worst", action="store_true", help="those that come out least like the original")
    default = [approaches()[0].key]
    a("--approach", nargs="+", default=default, help="several: a column for each")
    a("--all", action="store_true", help="every approach with weights, in the registry's order")
    a("--samples", type=int, default=0, metavar="N", help="samples in place of the best guess")
    a("--height", type=int, default=150, help="of each picture in pixels")
    a("--output", required=True, type=Path, metavar="FILE")
    args = parser.parse_args(argv)
    try:
        items = find_photos(args.photos)
        names = [a.key for a in checkpoints.shipped()] if args.all else args.approach
        models = [colorizer.load(name) for name in names]
    except (DataError, colorizer.MissingWeights, colorizer.BrokenWeights, ValueError) as error:
        sys.exit(str(error))
    if args.names:
        items = [i for i in items if i.name in args.names]
    elif args.worst:
        items = sorted(items, key=lambda item: likeness(models[0], opened(item)))[: args.pick]
    else:
        items = items[:: max(1, len(items) // args.pick)][: args.pick]
    strips = [strip(models, opened(item), args.height, args.samples) for item in items]
    if not strips:
        sys.exit("None of the names is among the photographs.")
    args.output.parent.mkdir(parents=True, exist_ok=True)
    arrange(strips, columns=1 if args.samples or len(models) > 1 else 2).save(
        args.output, quality=88
    )


if __name__ == "__main__":
    main()
