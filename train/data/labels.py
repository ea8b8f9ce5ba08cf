"""Photographs with label maps beside them, in the layouts of ADE20K and Pascal VOC.

ADE20K (Scene Parsing Benchmark, Zhou et al. 2017): ``images/…/name.jpg`` and
``annotations/…/name.png``, 0 for anything else and 1…150 for classes, the most frequent first;
the first 50 are kept, as report 002 speaks of 50.  Pascal VOC (Everingham et al. 2010):
``JPEGImages/name.jpg`` and ``SegmentationClass/name.png``, 0 for the background, 1…20 for
classes, 255 for borders.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from colorizer.models.deep_colorization import NO_LABEL, SEMANTIC

from .find import SUFFIXES, DataError


def _from_ade(labels: np.ndarray) -> np.ndarray:
    return np.where((labels >= 1) & (labels <= SEMANTIC), labels - 1, NO_LABEL).astype(np.uint8)


def _from_voc(labels: np.ndarray) -> np.ndarray:
    return np.where(labels <= 20, labels, NO_LABEL).astype(np.uint8)


# (folder of photographs, folder of label maps, what a map's numbers become: 0…49 or NO_LABEL)
LAYOUTS = (("images", "annotations", _from_ade), ("JPEGImages", "SegmentationClass", _from_voc))


def find_pairs(folder: Path) -> list[tuple[Path, Path, int]]:
    """(photograph, label map, index of its layout) of every photograph that has a label map.

    Raises :class:`train.data.photographs.DataError` if ``folder`` has neither layout or no pair is there.
    """
    for index, (photos, labels, _) in enumerate(LAYOUTS):
        if not ((folder / photos).is_dir() and (folder / labels).is_dir()):
            continue
        pairs = []
        for photo in sorted((folder / photos).rglob("*")):
            label = (folder / labels / photo.relative_to(folder / photos)).with_suffix(".png")
            if photo.suffix.lower() in SUFFIXES and label.is_file():
                pairs.append((photo, label, index))
        if pairs:
            return pairs
    names = " nor ".join(f"{photos} with {labels}" for photos, labels, _ in LAYOUTS)
    raise DataError(f"{folder}: no photographs with label maps, neither {names}.")


def read_pair(pair: tuple[Path, Path, int], size: int) -> tuple[np.ndarray, np.ndarray]:
    """The centre square of both: photograph (size, size, 3), labels (size, size), uint8."""
    photo, label, index = pair
    with Image.open(photo) as image:
        pixels = ImageOps.fit(image.convert("RGB"), (size, size), Image.Resampling.LANCZOS)
    with Image.open(label) as image:
        # A palette's indices are the labels; a label between two others would be a third one.
        plane = Image.fromarray(np.asarray(image).astype(np.uint8))
        labels = ImageOps.fit(plane, (size, size), Image.Resampling.NEAREST)
    return np.asarray(pixels), LAYOUTS[index][2](np.asarray(labels))


class Labelled:
    """All photographs of some folders with their labels, in memory.

    pixels: (N, 3, size, size) uint8.  labels: (N, size, size) uint8.
    """

    def __init__(self, folders: list[str], size: int, limit: int | None = None) -> None:
        pairs = [pair for folder in folders for pair in find_pairs(Path(folder))][:limit]
        print(f"reading {len(pairs)} photographs with labels …", file=sys.stderr)
        read = [read_pair(pair, size) for pair in pairs]
        self.pixels = torch.from_numpy(np.stack([p for p, _ in read])).movedim(3, 1).contiguous()
        self.labels = torch.from_numpy(np.stack([labels for _, labels in read]))

    def __len__(self) -> int:
        return len(self.pixels)

    def batch(
        self, step: int, count: int, seed: int, rank: int = 0, world: int = 1
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Photographs and labels of one step, half of them mirrored; a function of seed and step."""
        rng = np.random.default_rng((seed, step))
        chosen = rng.integers(0, len(self), count * world)[rank::world]
        flipped = torch.from_numpy(rng.random(count * world)[rank::world] < 0.5)
        pixels, labels = self.pixels[chosen], self.labels[chosen]
        pixels = torch.where(flipped[:, None, None, None], pixels.flip(3), pixels)
        return pixels, torch.where(flipped[:, None, None], labels.flip(2), labels)
