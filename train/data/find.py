"""Finding photographs: folders, zip archives, and the layouts of the reports' own collections.

What a path is decides how it is read:

============================  ===================================================================
a folder                      every photograph in it and below, and in zip archives beside them
a zip archive                 every photograph in it
``unlabeled_X.bin`` …         STL-10 (report 000): 96×96 photographs as raw bytes; a folder that
                              has such files is read the same way
COCO (report 001)             a folder or zip with ``train2017/`` …: only those, no annotations
Pascal VOC (report 003)       a folder or zip with ``JPEGImages/``: only those, no segmentations;
                              a list ``ImageSets/Main/train.txt``: only the photographs it names
============================  ===================================================================
"""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

SUFFIXES = {".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
STL_SIDE = 96
STL_BYTES = 3 * STL_SIDE * STL_SIDE
_COCO = re.compile(r"(train|val|test|unlabeled)20\d\d")


class DataError(ValueError):
    """The photographs asked for cannot be used; the message is one sentence for a person."""


@dataclass(frozen=True)
class Item:
    """One photograph: the folder, zip or STL-10 file it lies in, its name there, a content mark."""

    container: str
    name: str
    mark: str

    @property
    def source(self) -> str:
        """The first folder of the name: the collection the photograph was taken from."""
        parts = Path(self.name).parts
        return parts[0] if len(parts) > 1 else ""

    def read(self) -> bytes:
        """The photograph as the bytes of an image file."""
        if self.container.endswith(".zip"):
            with zipfile.ZipFile(self.container) as archive:
                return archive.read(self.name)
        if self.container.endswith(".bin"):
            return _read_stl(self.container, int(PurePosixPath(self.name).stem))
        return (Path(self.container) / self.name).read_bytes()


def names_shards(paths: list[str | os.PathLike]) -> bool:
    """True if ``paths`` are WebDataset shards (:mod:`train.data.shards`): tar files, folders of
    them, URLs or ``pipe:`` commands.

    Raises :class:`DataError` where some are and some are not.
    """
    shards = [_is_shards(os.fspath(path)) for path in paths]
    if any(shards) and not all(shards):
        raise DataError("Shards cannot be mixed with folders or zip archives in one list.")
    return any(shards)


def _is_shards(path: str) -> bool:
    if path.startswith("pipe:") or "://" in path or path.endswith(".tar"):
        return True
    return os.path.isdir(path) and any(Path(path).glob("*.tar"))


def find_photos(paths: list[str | os.PathLike], limit: int | None = None) -> list[Item]:
    """Every photograph in the given places, in a stable order.

    limit: at most so many, spread over all: archives are often sorted by source.
    Raises :class:`DataError` if a path does not exist, cannot be read as what it is, or nothing
    is found.
    """
    items: list[Item] = []
    for path in map(Path, paths):
        if path.is_dir():
            items += _folder(path)
            for archive in sorted(path.glob("*.zip")):
                items += _archive(archive)
        elif not path.is_file():
            raise DataError(f"{path}: no such folder or zip archive.")
        elif path.suffix == ".bin":
            items += _stl(path)
        elif path.suffix == ".txt":
            items += _voc_list(path)
        else:
            items += _archive(path)
    if not items:
        raise DataError(f"No photographs in {', '.join(map(str, paths))}.")
    if limit is not None and limit < len(items):
        items = [items[i * len(items) // limit] for i in range(limit)]
    return items


def _folder(path: Path) -> list[Item]:
    binaries = sorted(path.glob("*_X.bin"))
    if binaries:
        return [item for binary in binaries for item in _stl(binary)]
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
    names = photographs([p.relative_to(path).as_posix() for p in files])
    return [_file(path, name) for name in names]


def _file(folder: Path, name: str) -> Item:
    stat = (folder / name).stat()
    return Item(str(folder), name, f"{stat.st_size}-{stat.st_mtime_ns}")


def _archive(path: Path) -> list[Item]:
    try:
        with zipfile.ZipFile(path) as opened:
            entries = {e.filename: f"{e.CRC:08x}" for e in opened.infolist()}
    except (zipfile.BadZipFile, OSError):
        raise DataError(f"{path}: not a zip archive.") from None
    names = sorted(n for n in entries if PurePosixPath(n).suffix.lower() in SUFFIXES)
    return [Item(str(path), name, entries[name]) for name in photographs(names)]


def photographs(names: list[str]) -> list[str]:
    """Of the pictures in one place those that are photographs, where COCO or VOC tells.

    Both keep segmentations as PNG pictures beside them, which are no colours to learn from.
    """
    parts = {name: PurePosixPath(name).parts[:-1] for name in names}
    voc = [name for name in names if "JPEGImages" in parts[name]]
    coco = [
        name
        for name in names
        if any(_COCO.fullmatch(part) for part in parts[name])
        and not any("annotations" in part for part in parts[name])
    ]
    return voc or coco or names


def _voc_list(path: Path) -> list[Item]:
    """``VOC2012/ImageSets/Main/train.txt``: a photograph's name a line; -1 marks one left out."""
    root = next((p.parent for p in path.parents if p.name == "ImageSets"), None)
    if root is None or not (root / "JPEGImages").is_dir():
        raise DataError(f"{path}: a list of photographs lies in ImageSets, beside JPEGImages.")
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path}: the list cannot be read as text.") from None
    names = sorted(line[0] for line in lines if line and line[1:] != ["-1"])
    missing = [name for name in names if not (root / "JPEGImages" / f"{name}.jpg").is_file()]
    if missing:
        raise DataError(
            f"{path}: {len(missing)} of its photographs are not in JPEGImages, such as "
            f"{missing[0]}.jpg."
        )
    return [_file(root, f"JPEGImages/{name}.jpg") for name in names]


def _stl(path: Path) -> list[Item]:
    """STL-10's binary files (Coates et al. 2011): uint8 (N, 3, 96, 96), columns before rows."""
    stat = path.stat()
    count, rest = divmod(stat.st_size, STL_BYTES)
    if rest or not count:
        raise DataError(
            f"{path}: {stat.st_size} bytes are not a whole number of STL-10's photographs of "
            f"{STL_BYTES} bytes."
        )
    source = f"stl10-{path.stem.removesuffix('_X')}"
    mark = f"{stat.st_size}-{stat.st_mtime_ns}"
    return [Item(str(path), f"{source}/{i:06d}.ppm", mark) for i in range(count)]


def _read_stl(path: str, place: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(place * STL_BYTES)
        raw = file.read(STL_BYTES)
    pixels = np.frombuffer(raw, np.uint8).reshape(3, STL_SIDE, STL_SIDE).transpose(2, 1, 0)
    return f"P6 {STL_SIDE} {STL_SIDE} 255\n".encode() + pixels.tobytes()
