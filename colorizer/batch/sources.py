"""Sources of photographs: a folder, a prefix in a bucket, a list of paths, a manifest.

A source gives its photographs in blocks, in a fixed order and as often as asked, so that millions
of them are never in memory together.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from ..approaches import ADJUSTMENTS
from .output_paths import AlbumError, earlier_results, is_photograph, result_names
from .storage import Place, input_mark, is_url, local_mark

BLOCK = 8192  # photographs in memory at a time
LISTS, MANIFESTS = {".txt", ".lst"}, {".parquet", ".csv"}
ABSENT = "absent"  # mark of a photograph that was not there when it was looked for
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
_SPECIAL = re.compile(r"^[./]|//|/\.")  # what a plain path below a folder does not have


@dataclass(frozen=True)
class Block:
    """Some photographs of a source.

    paths: below the source, or whole paths or URLs.  marks: of their contents.  stem: the output's
    path without suffix of the photograph at a place.  knobs: JSON of each one's own knobs or "",
    or None where none has any.
    """

    paths: list[str]
    marks: list[str]
    stem: Callable[[int], str]
    knobs: list[str] | None = None


class Source(Protocol):
    """Photographs in blocks; ``problems`` fills with a line for what cannot be listed."""

    base: Place
    problems: list[str]
    earlier: int

    def blocks(self) -> Iterator[Block]: ...


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
        raise AlbumError(f"{text}: there is no such folder, list or manifest.")
    if not place.fs.isdir(place.root):
        raise AlbumError(f"{text} is no folder, and no list (.txt) or manifest (.parquet, .csv).")
    if place.root == target.root and type(place.fs) is type(target.fs):
        raise AlbumError(f"The results of {text} need a folder of their own, not {text} itself.")
    return Folder(place, target)


def place_of(base: Place, path: str) -> tuple[Place, str]:
    """Location of a photograph of a source: a place and the name there."""
    if is_url(path) or path.startswith("/"):
        folder, name = path.rsplit("/", 1)
        return Place(folder or "/"), name
    return base, path


@dataclass
class Folder:
    """All photographs below a folder or a prefix; hidden ones and earlier results are left out."""

    base: Place
    target: Place
    problems: list[str] = field(default_factory=list)
    earlier: int = 0

    def blocks(self) -> Iterator[Block]:
        self.problems, self.earlier = [], 0
        paths: list[str] = []
        marks: list[str] = []
        stems: list[str] = []
        listed = self._local_folders() if self.base.local else self.base.folders()
        for folder, files in listed:
            for name, stem in self._named(files):
                path = f"{folder}/{name}" if folder else name
                paths.append(path)
                marks.append(self._mark(path, files[name]))
                stems.append(f"{folder}/{stem}" if folder else stem)
                if len(paths) == BLOCK:
                    yield Block(paths, marks, stems.__getitem__)
                    paths, marks, stems = [], [], []
        if paths:
            yield Block(paths, marks, stems.__getitem__)

    def _named(self, files: Iterable[str]) -> Iterable[tuple[str, str]]:
        """The photographs of one folder and their outputs' names."""
        names = sorted(n for n in files if is_photograph(n))
        earlier = earlier_results(names)
        self.earlier += len(earlier)
        return result_names(n for n in names if n not in earlier).items()

    def _mark(self, path: str, facts: dict | None) -> str:
        if facts is not None:
            return input_mark(facts)
        try:
            return local_mark(self.base.path(path))
        except OSError:
            return ABSENT

    def _local_folders(self) -> Iterator[tuple[str, dict[str, None]]]:
        """As :meth:`Place.folders`, with links followed to files and the target left out."""
        own = os.path.realpath(self.target.root) if self.target.local else None
        top = self.base.root

        def unreadable(error: OSError) -> None:
            self.problems.append(
                f"{error.filename}: the folder cannot be opened ({error.strerror})."
            )

        for folder, below, files in os.walk(top, onerror=unreadable):
            below[:] = sorted(
                b
                for b in below
                if not b.startswith(".") and os.path.realpath(os.path.join(folder, b)) != own
            )
            relative = os.path.relpath(folder, top)
            yield "" if relative == "." else relative.replace(os.sep, "/"), dict.fromkeys(files)


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
            raise AlbumError(f"{self.text}: there is no such file.")
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
                        raise AlbumError(f"{self.text} has no column “path”.")
                    paths = table.pop(column)
                    if not all(paths):
                        kept = [i for i, p in enumerate(paths) if p]
                        table = {n: [c[i] for i in kept] for n, c in table.items()}
                        paths = [paths[i] for i in kept]
                    yield table | {"path": [self._below(p) for p in paths]}

    def _below(self, path: str) -> str:
        """A path of the manifest, below the base where it lies there."""
        if self.root is None and not _SPECIAL.search(path):
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


class Names:
    """Names of outputs for paths that come in any order: those of ``result_names``, by folder.

    Holds 8 bytes a path, twice that for a moment, and the paths whose plain names clash.
    """

    def __init__(self) -> None:
        self._paths: list[np.ndarray] = []
        self._stems: list[np.ndarray] = []
        self._sorted = np.empty(0, "<u8")
        self._clashing = self.repeated = np.empty(0, "<u8")
        self._folders: dict[str, set[str]] = defaultdict(set)
        self._settled: dict[str, str] = {}
        self._unclear = False

    def add(self, paths: list[str]) -> None:
        self._paths.append(_hashes(paths))
        self._stems.append(_hashes(map(_plain_stem, paths)))

    def unclear(self) -> bool:
        """True if there are names that clash and :meth:`settle` has not told apart yet."""
        if self._paths:
            self.repeated = _repeated(np.concatenate(self._paths))
            self._paths = []
            stems = np.concatenate(self._stems)
            self._stems = []
            stems.sort()
            self._sorted, self._clashing = stems, _repeated(stems)
            self._unclear = len(self._clashing) > 0
        return self._unclear

    def first(self, paths: list[str], seen: set[str]) -> list[bool]:
        """False for a path that came before; ``seen`` remembers those that come again."""
        first = [True] * len(paths)
        for i in np.flatnonzero(np.isin(_hashes(paths), self.repeated)):
            first[i] = paths[i] not in seen
            seen.add(paths[i])
        return first

    def collect(self, paths: list[str]) -> None:
        """Note the paths whose names clash; all paths must come."""
        stems = _hashes(map(_plain_stem, paths))
        for i in np.flatnonzero(np.isin(stems, self._clashing)):
            folder, _, name = _output_path(paths[i]).rpartition("/")
            self._folders[folder].add(name)

    def settle(self) -> None:
        """Tell the names noted apart."""
        self._settled = {}
        for folder, files in self._folders.items():
            for name, stem in result_names(files).items():
                join = f"{folder}/" if folder else ""
                self._settled[join + name] = join + stem
        # A name that was made longer may be the plain one of a photograph that clashed with none.
        made = np.unique(_hashes(self._settled.values()))
        more = made[np.isin(made, self._sorted) & ~np.isin(made, self._clashing)]
        self._clashing = np.concatenate([self._clashing, more])
        self._folders.clear()
        self._unclear = len(more) > 0

    def stem(self, path: str) -> str:
        """The output's path without suffix."""
        return self._settled.get(_output_path(path)) or os.path.splitext(_output_path(path))[0]


def _stems(names: Names, paths: list[str]) -> Callable[[int], str]:
    return lambda i: names.stem(paths[i])


def _output_path(path: str) -> str:
    """Path of an output below the target, suffix and all still the input's."""
    if not _SPECIAL.search(path):
        return path
    if is_url(path):
        path = path.split("://", 1)[1]
    return path.lstrip("/").replace("../", "")


def _plain_stem(path: str) -> str:
    """Equal for paths whose outputs would have one name, in some file system."""
    stem = os.path.splitext(_output_path(path))[0]
    return (stem if stem.isascii() else unicodedata.normalize("NFC", stem)).casefold()


def _hashes(texts: Iterable[str]) -> np.ndarray:
    """64 bits a text, for this process alone: (N,) int64."""
    return np.fromiter(map(hash, texts), np.int64)


def _repeated(keys: np.ndarray) -> np.ndarray:
    ordered = np.sort(keys)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def _tables(name: str, file: BinaryIO, wanted: Collection[str]) -> Iterator[dict[str, list]]:
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
            columns = [n for n in parquet.schema_arrow.names if n in wanted]
            batches = parquet.iter_batches(BLOCK, columns=columns)
        for batch in batches:
            yield {n: batch[n].to_pylist() for n in batch.schema.names if n in wanted}
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0]
        raise AlbumError(f"{name} cannot be read as a table: {reason}") from None


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
