"""A list of paths or a manifest as a source."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from colorizer.approaches import ADJUSTMENTS

from ..output_paths import AlbumError
from ..storage import Place, input_mark, is_url, local_mark
from .names import SPECIAL, Names
from .source import ABSENT, BLOCK, Block, place_of

LISTS, MANIFESTS = {".txt", ".lst"}, {".parquet", ".csv"}
KNOBS = (
    "temperature",
    "top_k",
    "vividness",
    *(k.name for k in ADJUSTMENTS),
    "look",
    "seed",
)  # columns a manifest may have
_NAMES = {"path": ("path", "key", "file", "url"), "size": ("size",)}
_NAMES["etag"] = ("etag", "e_tag")
_NAMES["modified"] = ("modified", "mtime", "last_modified", "last_modified_date")
_COLUMNS = {name for names in _NAMES.values() for name in names} | set(KNOBS)


@dataclass
class Manifest:
    """Photographs named in a file: a path a line, or Parquet or CSV with a column ``path``.

    Columns that are used where they are there: ``size`` with ``modified``, or ``etag`` (else every
    photograph is looked at once), and the knobs of :data:`KNOBS`.  Relative paths begin at the
    file's own folder.
    """

    text: str
    root: str | None = None
    problems: list[str] = field(default_factory=list)
    earlier: int = 0

    def __post_init__(self) -> None:
        folder = os.path.dirname(self.text) or "."
        self.base = Place(folder if is_url(folder) else os.path.abspath(folder))
        name = posixpath.basename(self.text)
        self._place = self.base
        self._files = [name]
        if "*" in name:
            found = self._place.fs.glob(self._place.path(name))
            self._files = sorted(f.rsplit("/", 1)[-1] for f in found)
        if not self._files or not self._place.exists(self._files[0]):
            raise AlbumError(f"{self.text}: there is no such file.", path=self.text)
        if self.root is not None:
            self.base = Place(self.root)

    def blocks(self) -> Iterator[Block]:
        names = self._names()
        seen: set[str] = set()
        for table in self._tables():
            paths = table["path"]
            if len(names.repeated):
                kept = [i for i, first in enumerate(names.first(paths, seen)) if first]
                table = {name: [column[i] for i in kept] for name, column in table.items()}
                paths = table["path"]
            yield Block(paths, self._marks(table), _stems(names, paths), _knobs(table))

    def _names(self) -> Names:
        names = Names()
        for table in self._tables(_NAMES["path"]):
            names.add(table["path"])
        while names.unclear():
            for table in self._tables(_NAMES["path"]):
                names.collect(table["path"])
            names.settle()
        return names

    def _tables(self, columns: Collection[str] = _COLUMNS) -> Iterator[dict[str, list]]:
        """Blocks of the manifest by column; ``path`` is what photographs are called here."""
        for name in self._files:
            with self._place.fs.open(self._place.path(name), "rb") as file:
                for table in _tables(name, file, columns):
                    column = next((n for n in _NAMES["path"] if n in table), None)
                    if column is None:
                        raise AlbumError(f"{self.text} has no column “path”.", path=self.text)
                    paths = table.pop(column)
                    if not all(paths):
                        kept = [i for i, p in enumerate(paths) if p]
                        table = {n: [c[i] for i in kept] for n, c in table.items()}
                        paths = [paths[i] for i in kept]
                    yield table | {"path": [self._below(p) for p in paths]}

    def _below(self, path: str) -> str:
        """A path of the manifest, below the base where it lies there."""
        if self.root is None and not SPECIAL.search(path):
            return path
        if is_url(path):
            return path.removeprefix(f"{self.base.url.rstrip('/')}/")
        if not path.startswith("/"):
            path = posixpath.normpath(path)
            if self.root is None and not path.startswith("../"):
                return path
            path = posixpath.normpath(self._place.path(path))
            if not self._place.local:
                path = f"{self._place.url.split('://')[0]}://{path}"
                return path.removeprefix(f"{self.base.url.rstrip('/')}/")
        return path.removeprefix(f"{self.base.root.rstrip('/')}/")

    def _marks(self, table: dict[str, list]) -> list[str]:
        """The marks of photographs; those the manifest does not tell are looked at."""
        size, modified, etag = (
            next((table[n] for n in _NAMES[fact] if n in table), None)
            for fact in ("size", "modified", "etag")
        )
        paths = table["path"]
        marks: list[str | None] = [None] * len(paths)
        if size and modified:
            pairs = zip(size, modified, strict=True)
            marks = [None if s is None or m is None else f"{s}-{m}" for s, m in pairs]
        if etag:
            marks = [e.strip('"') if e else m for e, m in zip(etag, marks, strict=True)]
        missing = [i for i, mark in enumerate(marks) if mark is None]
        if missing:
            with ThreadPoolExecutor(16) as pool:
                found = pool.map(lambda i: self.mark_of(paths[i]), missing)
                for i, mark in zip(missing, found, strict=True):
                    marks[i] = mark
        return marks

    def mark_of(self, path: str) -> str:
        """Mark of the content of one file; ABSENT where it cannot be looked at."""
        place, name = place_of(self.base, path)
        try:
            if place.local:
                return local_mark(place.path(name))
            return input_mark(place.fs.info(place.path(name)))
        except OSError:
            return ABSENT


def _stems(names: Names, paths: list[str]) -> Callable[[int], str]:
    return lambda i: names.stem(paths[i])


def _tables(name: str, file: BinaryIO, columns: Collection[str]) -> Iterator[dict[str, list]]:
    """A manifest's columns in blocks."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in LISTS:
        yield from _lines(file)
        return
    try:
        if suffix == ".csv":
            batches = pa.csv.open_csv(file)
        else:
            parquet = pq.ParquetFile(file)
            there = [n for n in parquet.schema_arrow.names if n in columns]
            batches = parquet.iter_batches(BLOCK, columns=there)
        for batch in batches:
            yield {n: batch[n].to_pylist() for n in batch.schema.names if n in columns}
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0]
        raise AlbumError(f"{name} cannot be read as a table: {reason}", path=name) from None


def _lines(file: BinaryIO) -> Iterator[dict[str, list]]:
    block: list[str] = []
    for line in file:
        if path := os.fsdecode(line.rstrip(b"\r\n")):
            block.append(path)
        if len(block) == BLOCK:
            yield {"path": block}
            block = []
    yield {"path": block}


def _knobs(table: dict[str, list]) -> list[str] | None:
    """JSON of every photograph's own knobs, or None where the manifest has no such columns."""
    columns = {k: table[k] for k in KNOBS if k in table}
    if not columns:
        return None
    texts = []
    for values in zip(*columns.values(), strict=True):
        own = {k: v for k, v in zip(columns, values, strict=True) if v is not None}
        own |= {k: int(own[k]) for k in ("top_k", "seed") if k in own}
        texts.append(json.dumps(own, sort_keys=True) if own else "")
    return texts
