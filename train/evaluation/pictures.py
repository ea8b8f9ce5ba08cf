"""Photographs that an evaluation measures on, and the same as old prints."""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from colorizer.color.gamut import compose
from colorizer.color.lab import rgb_to_lab

from ..data.augment import OldPhoto, paper_borders
from ..data.find import DataError, find_photos
from ..data.photographs import Photos, load_photos
from . import metrics, networks

FRAMED = 0.3  # share of the aged photographs that have a border of paper


@dataclass
class Picture:
    """One photograph to measure on: its original (H, W, 3) uint8 and where it is from."""

    original: np.ndarray
    source: str
    name: str
    label: int | None = None


def squares(photos: Photos) -> Iterator[Picture]:
    """Centre squares that were decoded before."""
    for pixels, source, name in zip(photos.pixels, photos.sources, photos.names, strict=True):
        yield Picture(np.ascontiguousarray(pixels), source, name)


class FullSize(Sequence[Picture]):
    """Photographs at their own size, decoded one at a time."""

    def __init__(self, paths: list[str], limit: int | None = None) -> None:
        self.items = find_photos(paths, limit)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Picture:
        item = self.items[index]
        try:
            with Image.open(io.BytesIO(item.read())) as image:
                rgb = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        except (OSError, ValueError) as error:
            raise DataError(f"{item.name} cannot be decoded.") from error
        return Picture(rgb, item.source, item.name)


class Source:
    """The photographs of one evaluation: can be gone through again and again."""

    def __init__(self, args: argparse.Namespace) -> None:
        if args.full_size:
            self.pictures: Sequence | None = FullSize(args.photos, args.limit)
            self.count, self.mark = len(self.pictures), "full"
            self.names = [item.name for item in self.pictures.items]
        else:
            self.pictures = None
            self.photos = load_photos(args.photos, args.size, args.cache, args.limit)
            self.count, self.mark = len(self.photos), str(args.size)
            self.names = self.photos.names
        self.label = None
        if args.labels:
            lines = wordnet_ids(args.wordnet) if args.wordnet else None
            categories = networks.torchvision.models.MobileNet_V2_Weights.DEFAULT.meta["categories"]
            self.label = metrics.class_of(categories, lines)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Picture]:
        for picture in self.pictures if self.pictures is not None else squares(self.photos):
            if self.label:
                picture.label = self.label(picture.source)
            yield picture

    def find(self, names: list[str]) -> dict[str, Picture]:
        """Some of the pictures by name."""
        return {p.name: p for p in self if p.name in names}


def wordnet_ids(path: str) -> list[str]:
    """The WordNet ids (``n01440764``) in a text file, whatever stands between them."""
    return re.findall(r"\bn\d{8}\b", Path(path).read_text())


def aged(original: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """An old print of a photograph (H, W, 3) uint8: (the original, L of the print).

    Some have a border, which the original (H, W, 3) uint8 that is returned then has too, since it
    has to stay neutral.  L is faded, grainy, soft and so on: (H, W) float32, 0…100.  The same
    photograph of the same number is always aged in the same way.
    """
    height, width = original.shape[:2]
    padded = np.pad(original, ((0, -height % 8), (0, -width % 8), (0, 0)), mode="edge")
    rgb = torch.from_numpy(padded).permute(2, 0, 1)[None]
    rng = torch.Generator().manual_seed(number)
    # Borders are drawn from numbers of their own: those without are aged as they always were.
    lab, rgb = paper_borders(
        rgb_to_lab(rgb), rgb, torch.Generator().manual_seed(1_000_003 + number), FRAMED
    )
    result = OldPhoto(share=1.0)(lab[:, :1], rgb, rng)
    return (
        np.ascontiguousarray(rgb[0, :, :height, :width].permute(1, 2, 0).numpy()),
        result[0, 0, :height, :width].contiguous().numpy(),
    )


def with_lightness(result: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """The colours of ``result`` (H, W, 3) uint8 on another lightness (H, W)."""
    ab = rgb_to_lab(torch.from_numpy(result.copy()).permute(2, 0, 1)[None])[0, 1:]
    return compose(lightness, np.ascontiguousarray(ab.numpy()))


def as_rgb(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))
