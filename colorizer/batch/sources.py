"""Where photographs come from: a folder, a prefix in a bucket, a list of paths, a manifest.

A source gives its photographs in blocks, in a fixed order and as often as asked, so that millions
of them are never in memory together.
"""

from __future__ import annotations

import json
import os
import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from .identity import key_of
from .output_paths import SUFFIXES, AlbumError, _earlier_results, result_names
from .storage import Place, input_mark, is_url, local_mark

BLOCK = 8192  # photographs in memory at a time
LISTS, MANIFESTS = {".txt", ".lst"}, {".parquet", ".csv"}
ABSENT = "absent"  # mark of a photograph that was not there when it was looked for
KNOBS = ("temperature", "top_k", "vividness", "strength", "seed")  # columns a manifest may have
_NAMES = {"path": ("path", "key", "file", "url"), "size": ("size",)}
_NAMES["etag"] = ("etag", "e_tag")
_NAMES["modified"] = ("modified", "mtime", "last_modified", "last_modified_date")


@dataclass(frozen=True)
class Found:
    """One photograph of a source.

    path: below the source, or a whole path or URL.  stem: its output's path without suffix.
    mark: of its content.  knobs: JSON of its own knobs, or "".
    """

    path: str
    stem: str
    mark: str
    knobs: str = ""


class Source(Protocol):
    """Photographs in blocks; ``problems`` fills with a line for what cannot be listed."""

    base: Place
    problems: list[str]
    earlier: int

    def blocks(self) -> Iterator[list[Found]]: ...


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
    """Where a photograph of a source lies: a place and the name there."""
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

    def blocks(self) -> Iterator[list[Found]]:
        self.problems, self.earlier = [], 0
        block: list[Found] = []
        listed = self._local_folders() if self.base.local else self.base.folders()
        for folder, files in listed:
            names = sorted(n for n in files if _is_photograph(n))
            earlier = _earlier_results(names)
            self.earlier += len(earlier)
            stems = result_names(n for n in names if n not in earlier)
            for name, stem in stems.items():
                path = f"{folder}/{name}" if folder else name
                mark = self._mark(path, files[name])
                block.append(Found(path, f"{folder}/{stem}" if folder else stem, mark))
                if len(block) == BLOCK:
                    yield block
                    block = []
        if block:
            yield block

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

    def blocks(self) -> Iterator[list[Found]]:
        names = self._names()
        again = set(names.repeated)
        for rows in self._rows():
            block = []
            for row in rows:
                if (key := key_of(row["path"])) in names.repeated:
                    if key not in again:
                        continue  # named before
                    again.discard(key)
                block.append(row)
            marks = self._marks(block)
            yield [
                Found(row["path"], names.stem(row["path"]), mark, row["knobs"])
                for row, mark in zip(block, marks, strict=True)
            ]

    def _names(self) -> Names:
        names = Names()
        for rows in self._rows(paths_only=True):
            names.add([row["path"] for row in rows])
        while names.unclear():
            names.settle(row["path"] for rows in self._rows(paths_only=True) for row in rows)
        return names

    def _rows(self, paths_only: bool = False) -> Iterator[list[dict]]:
        """Blocks of rows: ``path`` as used here, ``knobs`` as JSON, and the facts that are there."""
        for name in self._files:
            with self._place.fs.open(self._place.path(name), "rb") as file:
                for table in _tables(name, file):
                    yield self._read(table, paths_only)

    def _read(self, table: dict[str, list], paths_only: bool) -> list[dict]:
        column = next((n for n in _NAMES["path"] if n in table), None)
        if column is None:
            raise AlbumError(f"{self.text} has no column “path”.")
        paths = [self._below(p) for p in table[column] if p]
        if paths_only:
            return [{"path": p} for p in paths]
        facts = {
            fact: next((table[n] for n in names if n in table), None)
            for fact, names in _NAMES.items()
            if fact != "path"
        }
        knobs = {k: table[k] for k in KNOBS if k in table}
        kept = [i for i, p in enumerate(table[column]) if p]
        return [
            {
                "path": path,
                "knobs": _knobs_json(knobs, i),
                **{f: None if c is None else c[i] for f, c in facts.items()},
            }
            for i, path in zip(kept, paths, strict=True)
        ]

    def _below(self, path: str) -> str:
        """A path of the manifest, below the base where it lies there."""
        if is_url(path):
            below = path.removeprefix(f"{self.base.url.rstrip('/')}/")
            return below
        if not path.startswith("/"):
            path = posixpath.normpath(path)
            if self.root is None and not path.startswith("../"):
                return path
            path = posixpath.normpath(self._place.path(path))
            if not self._place.local:
                path = f"{self._place.url.split('://')[0]}://{path}"
                return path.removeprefix(f"{self.base.url.rstrip('/')}/")
        return path.removeprefix(f"{self.base.root.rstrip('/')}/")

    def _marks(self, rows: list[dict]) -> list[str]:
        """The marks of photographs; those the manifest does not tell are looked at."""
        marks: list[str | None] = [_told_mark(row) for row in rows]
        missing = [i for i, mark in enumerate(marks) if mark is None]
        if missing:
            with ThreadPoolExecutor(16) as pool:
                found = pool.map(lambda i: self._look(rows[i]["path"]), missing)
                for i, mark in zip(missing, found, strict=True):
                    marks[i] = mark
        return marks

    def _look(self, path: str) -> str:
        place, name = place_of(self.base, path)
        try:
            if place.local:
                return local_mark(place.path(name))
            return input_mark(place.fs.info(place.path(name)))
        except OSError:
            return ABSENT


class Names:
    """Names of outputs for paths that come in any order: those of ``result_names``, by folder.

    Holds 16 bytes a path, and the paths whose plain names clash.
    """

    def __init__(self) -> None:
        self._keys: list[np.ndarray] = []
        self._stems: list[np.ndarray] = []
        self._sorted = np.empty(0, "<u8")
        self._clashing: set[int] = set()
        self._settled: dict[str, str] = {}
        self.repeated: set[int] = set()
        self._new = False

    def add(self, paths: list[str]) -> None:
        self._keys.append(np.array([key_of(p) for p in paths], "<u8"))
        self._stems.append(np.array([_stem_key(_plain_stem(p)) for p in paths], "<u8"))
        self._new = True

    def unclear(self) -> bool:
        """True if names clash that :meth:`settle` has not told apart yet."""
        if self._keys:
            self.repeated = _repeated(np.concatenate(self._keys))
            stems = np.concatenate(self._stems)
            self._clashing = _repeated(stems)
            self._sorted = np.unique(stems)
            self._keys, self._stems = [], []
        unclear, self._new = self._new and bool(self._clashing), False
        return unclear

    def settle(self, paths: Iterator[str]) -> None:
        """Tell clashing names apart; every path must come once more."""
        folders: dict[str, set[str]] = defaultdict(set)
        for path in paths:
            if _stem_key(_plain_stem(path)) in self._clashing:
                folder, _, name = _output_path(path).rpartition("/")
                folders[folder].add(name)
        self._settled = {}
        for folder, files in folders.items():
            for name, stem in result_names(files).items():
                whole = f"{folder}/{stem}" if folder else stem
                self._settled[f"{folder}/{name}" if folder else name] = whole
                key = _stem_key(whole)
                place = np.searchsorted(self._sorted, key)
                taken = place < len(self._sorted) and self._sorted[place] == key
                if taken and key not in self._clashing:  # by a photograph outside of this set
                    self._clashing.add(key)
                    self._new = True

    def stem(self, path: str) -> str:
        """The output's path without suffix."""
        output = _output_path(path)
        return self._settled.get(output) or _plain_stem(path)


def _output_path(path: str) -> str:
    """Where a path's output goes below the target, suffix and all still the input's."""
    if is_url(path):
        path = path.split("://", 1)[1]
    return path.lstrip("/").replace("../", "")


def _plain_stem(path: str) -> str:
    return os.path.splitext(_output_path(path))[0]


def _stem_key(stem: str) -> int:
    if not stem.isascii():
        stem = unicodedata.normalize("NFC", stem)
    return key_of(stem.casefold())


def _repeated(keys: np.ndarray) -> set[int]:
    ordered = np.sort(keys)
    return set(ordered[1:][ordered[1:] == ordered[:-1]].tolist())


def _is_photograph(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES


def _tables(name: str, file) -> Iterator[dict[str, list]]:
    """A manifest's columns in blocks."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in LISTS:
        yield from _lines(file)
        return
    wanted = {n for names in _NAMES.values() for n in names} | set(KNOBS)
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
        raise AlbumError(
            f"{name} cannot be read as a table: {str(error).splitlines()[0]}"
        ) from None


def _lines(file) -> Iterator[dict[str, list]]:
    block: list[str] = []
    for line in file:
        if path := os.fsdecode(line.rstrip(b"\r\n")):
            block.append(path)
        if len(block) == BLOCK:
            yield {"path": block}
            block = []
    yield {"path": block}


def _knobs_json(knobs: dict[str, list], place: int) -> str:
    own = {k: column[place] for k, column in knobs.items() if column[place] is not None}
    for name in ("top_k", "seed"):
        if name in own:
            own[name] = int(own[name])
    return json.dumps(own, sort_keys=True) if own else ""


def _told_mark(row: dict) -> str | None:
    if row.get("etag"):
        return str(row["etag"]).strip('"')
    if row.get("size") is not None and row.get("modified") is not None:
        return f"{row['size']}-{row['modified']}"
    return None
