"""Sources of photographs: a folder, a prefix in a bucket, a list of paths, a manifest.

A source gives its photographs in blocks, in a fixed order and as often as asked, so that millions
of them are never in memory together.
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from ..output_paths import AlbumError
from ..storage import Place
from .folder import Folder
from .manifest import KNOBS, LISTS, MANIFESTS, Manifest
from .names import Names
from .source import ABSENT, BLOCK, Block, Source, place_of

__all__ = [
    "ABSENT",
    "BLOCK",
    "KNOBS",
    "Block",
    "Folder",
    "Manifest",
    "Names",
    "Source",
    "open_source",
    "place_of",
]


def open_source(text: str, target: Place, root: str | None = None) -> Source:
    """The source that ``text`` names.

    text: a folder, a prefix such as ``s3://bucket/scans``, a list of paths (.txt) or a manifest
        (.parquet or .csv, also ``several/*.parquet``).
    target: is left out where it lies inside the source.
    root: what paths of a list or manifest lose at their beginning, for outputs and the table.
    Raises :class:`AlbumError` with one sentence.
    """
    suffix = PurePosixPath(text).suffix.lower()
    if suffix in LISTS | MANIFESTS and not os.path.isdir(text):
        return Manifest(text, root)
    place = Place(text)
    if not place.fs.exists(place.root):
        raise AlbumError(f"{text}: there is no such folder, list or manifest.", path=text)
    if not place.fs.isdir(place.root):
        raise AlbumError(
            f"{text} is no folder, and no list (.txt) or manifest (.parquet, .csv).", path=text
        )
    if place.root == target.root and type(place.fs) is type(target.fs):
        raise AlbumError(
            f"The results of {text} need a folder of their own, not {text} itself.", path=text
        )
    return Folder(place, target)
