"""Photographs for training: decoded once, cropped and flipped in batches.

Photographs come from what :mod:`train.data.find` finds.  The first run decodes every one of them to a
square of ``size`` pixels and keeps the result in one memory-mapped uint8 array whose name is a
fingerprint of the data, so that every later run starts at once.  Which photograph is seen at
which step is a pure function of (seed, step): a resumed run sees exactly what an uninterrupted
one would have seen, and several processes share the work without talking to each other.
"""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import os
import sys
import zipfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from .find import DataError, Item, find_photos

__all__ = ["Batches", "DataError", "Item", "Photos", "decode_square", "find_photos", "load_photos"]

BLOCK = 256  # photographs that one process decodes at a time


def decode_square(data: bytes, size: int) -> np.ndarray:
    """Image bytes → centre square, short side resized to ``size``: uint8 (size, size, 3)."""
    with Image.open(io.BytesIO(data)) as image:
        image = ImageOps.exif_transpose(image).convert("RGB")
        return np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS))


def _decode_block(work: tuple[str, int, int, list[Item], int]) -> list[int]:
    """Decode a run of items into the shared array; returns the positions that failed."""
    path, total, first, items, size = work
    array = np.lib.format.open_memmap(path, mode="r+")
    assert array.shape[0] == total
    failed = []
    archive: zipfile.ZipFile | None = None
    for offset, item in enumerate(items):
        try:
            if item.container.endswith(".zip"):
                if archive is None or archive.filename != item.container:
                    archive = zipfile.ZipFile(item.container)
                data = archive.read(item.name)
            else:
                data = item.read()
            array[first + offset] = decode_square(data, size)
        except Exception:  # one bad file among thousands must not stop a training
            failed.append(first + offset)
    return failed


class Chosen:
    """Some photographs of an array (N, H, W, 3), by their positions, without a copy of it."""

    def __init__(self, pixels: np.ndarray, positions: np.ndarray) -> None:
        self._pixels, self._positions = pixels, positions
        self.shape = (len(positions), *pixels.shape[1:])

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, key) -> np.ndarray:
        first, *rest = key if isinstance(key, tuple) else (key,)
        return self._pixels[(self._positions[first], *rest)]


@dataclass
class Photos:
    """Decoded photographs: ``pixels`` uint8 (N, size, size, 3) and the source of each.

    stem: the cache file without its ending, beside which more about them can be kept.
    """

    pixels: np.ndarray | Chosen
    sources: list[str]
    names: list[str]
    stem: Path | None = None

    def __len__(self) -> int:
        return len(self.pixels)

    def counts(self) -> dict[str, int]:
        """Number of photographs from each source, most first."""
        return dict(Counter(self.sources).most_common())


def load_photos(
    paths: list[str | os.PathLike],
    size: int,
    cache: str | os.PathLike = "runs/cache",
    limit: int | None = None,
    workers: int | None = None,
) -> Photos:
    """Decode ``paths`` once into ``cache`` (or map what is there) and return the photographs.

    The cache file is named after a fingerprint of names, contents' marks and size; it appears
    only when whole.  Files that cannot be decoded are left out and counted on standard error.
    """
    items = find_photos(paths, limit)
    stem = Path(cache) / _fingerprint(items, size)
    final, bad_list = stem.with_suffix(".npy"), stem.with_suffix(".json")
    if not (final.exists() and bad_list.exists()):
        _decode(items, size, stem, workers)
    pixels = np.load(final, mmap_mode="r")
    # Read ahead in one go: page by page, at random, a first pass would wait for the disk.  What is
    # larger than half of the memory would only push out what was read before.
    if hasattr(mmap, "MADV_WILLNEED") and pixels.nbytes < _memory() / 2:  # not on Windows
        pixels._mmap.madvise(mmap.MADV_WILLNEED)
    bad = json.loads(bad_list.read_text())
    sources = [item.source for item in items]
    names = [item.name for item in items]
    if bad:
        print(f"{len(bad)} files could not be decoded and are left out", file=sys.stderr)
        keep = np.setdiff1d(np.arange(len(items)), bad)
        if len(keep) == 0:
            raise DataError("None of the photographs could be decoded.")
        pixels = Chosen(pixels, keep)
        sources = [sources[i] for i in keep]
        names = [names[i] for i in keep]
    return Photos(pixels, sources, names, stem)


def _fingerprint(items: list[Item], size: int) -> str:
    """A name for these photographs at this size, of their names and contents' marks."""
    digest = hashlib.sha256(f"square-{size}".encode())
    for item in items:
        digest.update(f"{Path(item.container).name}/{item.name}/{item.mark}\n".encode())
    return digest.hexdigest()[:16]


def _decode(items: list[Item], size: int, stem: Path, workers: int | None) -> None:
    """Decode all of them into ``stem``.npy, and the positions that failed into ``stem``.json."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    partial = stem.with_suffix(f".partial-{os.getpid()}.npy")
    array = np.lib.format.open_memmap(
        partial, mode="w+", dtype=np.uint8, shape=(len(items), size, size, 3)
    )
    array.flush()
    starts = range(0, len(items), BLOCK)
    blocks = [(str(partial), len(items), i, items[i : i + BLOCK], size) for i in starts]
    print(f"decoding {len(items)} photographs to {size} px …", file=sys.stderr, flush=True)
    if len(blocks) == 1:
        bad = _decode_block(blocks[0])
    else:
        with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
            bad = [i for failed in pool.map(_decode_block, blocks) for i in failed]
    stem.with_suffix(".json").write_text(json.dumps(bad))
    os.replace(partial, stem.with_suffix(".npy"))


def _memory() -> int:
    """This machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


class Batches:
    """Random crops and flips of photographs: ``batch(step)`` is a pure function of the step.

    photos, extra: the main photographs and, at ``extra_share`` of each batch, others mixed in.
    weights: how often photographs of a source are seen per pass, e.g. ``{"faces": 2.0}``.
    often: (N,) the same for every single photograph; both multiply.
    crop: (smallest, largest) side of the random crop as a share of the stored square; every
    crop is resized (antialiased) to ``size``.
    """

    def __init__(
        self,
        photos: Photos,
        size: int,
        batch_size: int,
        *,
        extra: Photos | None = None,
        extra_share: float = 0.0,
        weights: dict[str, float] | None = None,
        often: np.ndarray | None = None,
        crop: tuple[float, float] = (0.78, 1.0),
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.photos, self.extra = photos, extra
        self.size, self.batch_size, self.crop = size, batch_size, crop
        self.seed, self.rank, self.world = seed, rank, world
        self.n_extra = round(batch_size * extra_share) if extra is not None else 0
        self._weights = np.array([(weights or {}).get(s, 1.0) for s in photos.sources])
        if often is not None:
            self._weights *= often
        self._passes: dict[tuple[int, int], np.ndarray] = {}

    def _order(self, which: int, epoch: int) -> np.ndarray:
        """The shuffled positions of one pass; fractional weights round at random."""
        key = (which, epoch)
        if key not in self._passes:
            rng = np.random.default_rng((self.seed, which, epoch))
            if which == 0:
                whole = np.floor(self._weights).astype(int)
                times = whole + (rng.random(len(whole)) < self._weights - whole)
                order = np.repeat(np.arange(len(self.photos)), times)
            else:
                order = np.arange(len(self.extra))
            rng.shuffle(order)
            self._passes = {k: v for k, v in self._passes.items() if k[0] != which}
            self._passes[key] = order
        return self._passes[key]

    def positions(self, which: int, count: int, step: int) -> np.ndarray:
        """Photographs of one step: of the main ones (``which`` 0) or those mixed in (1)."""
        # The pass length must not depend on the pass, or (seed, step) would not fix the place.
        length = max(int(self._weights.sum() * 0.98), 1) if which == 0 else max(len(self.extra), 1)
        first = (step * self.world + self.rank) * count
        picks = []
        for i in range(first, first + count):
            order = self._order(which, i // length)
            picks.append(order[(i % length) % len(order)])
        return np.array(picks, dtype=int)

    def main_pixels(self, step: int) -> list[np.ndarray]:
        """The stored squares of one step, without those of ``extra``."""
        places = self.positions(0, self.batch_size - self.n_extra, step)
        return [self.photos.pixels[i] for i in places]

    def batch(self, step: int) -> torch.Tensor:
        """Photographs of one step: uint8 (B, 3, size, size), RGB."""
        pixels = self.main_pixels(step)
        if self.n_extra:
            pixels += [self.extra.pixels[i] for i in self.positions(1, self.n_extra, step)]
        rng = np.random.default_rng((self.seed, 7, step, self.rank))
        full = pixels[0].shape[0]
        # One crop side per batch keeps the resize a single call; places and flips are per photo.
        side = max(1, round(full * rng.uniform(*self.crop)))
        low, high = (share * full for share in self.crop)
        if low <= self.size <= high and rng.random() < 0.5:
            side = self.size  # as sharp as it was stored: resizing again would soften it
        crops = np.empty((len(pixels), side, side, 3), np.uint8)
        for k, image in enumerate(pixels):
            y, x = rng.integers(0, full - side + 1, 2)
            cut = image[y : y + side, x : x + side]
            crops[k] = cut[:, ::-1] if rng.random() < 0.5 else cut
        batch = torch.from_numpy(crops).permute(0, 3, 1, 2)
        if side == self.size:
            return batch.contiguous()
        # Bicubic: bilinear is softer than what the network is given at use, and it notices.
        resized = torch.nn.functional.interpolate(
            batch.float(), size=(self.size,) * 2, mode="bicubic", antialias=True
        )
        return resized.round_().clamp_(0, 255).to(torch.uint8)
