"""The table of results: one row a photograph, in Parquet parts under ``TARGET/_results``.

Parts are only ever added, each after the outputs it speaks of; of several rows of one photograph
the latest counts.  Small parts are merged into large ones at the start and the end of a run, so
that a table of ten million rows is read in seconds.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..storage import Place
from .identity import as_marks, keys_of, marks_of

FOLDER = "_results"
_PART, _MERGED = "part-", "merged-"
_MERGED_ROWS = 500_000  # rows of a merged file; files of at least half as many are left alone
_MANY_PARTS = 32


class Status(IntEnum):
    """Outcome of a photograph."""

    DONE = 0
    FAILED = 1
    KEPT = 2  # a file of the output's name was there before and was left alone


SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("output", pa.string()),
        ("identity", pa.string()),
        ("status", pa.string()),
        ("error", pa.string()),
        ("seconds", pa.float32()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("attempts", pa.int8()),
        ("finished", pa.timestamp("us", tz="UTC")),
        ("key", pa.uint64()),  # of the path, and
        ("mark", pa.binary(16)),  # of path and identity: what a resumed run reads
    ]
)
_RESUME = ["key", "mark", "status", "finished"]


@dataclass
class Row:
    """The row of one photograph.

    path: below the source.  output: below the target.  seconds: from opening to written.
    width, height: of the output in pixels; 0 if there is none.  attempts: 1, or 2 where the first
    ended its process.  finished: seconds since 1970.
    """

    path: str
    output: str
    identity: str
    status: Status
    error: str = ""
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    attempts: int = 1
    finished: float = 0.0


def to_arrow(rows: Sequence[Row]) -> pa.Table:
    """Rows as a table of :data:`SCHEMA`; bytes of a name that are no UTF-8 are shown as escapes."""
    paths = [r.path for r in rows]
    marks = marks_of(paths, [r.identity for r in rows]).tobytes()
    columns = {
        "path": [_readable(r.path) for r in rows],
        "output": [_readable(r.output) for r in rows],
        "identity": [r.identity for r in rows],
        "status": [r.status.name.lower() for r in rows],
        "error": [_readable(r.error) for r in rows],
        "seconds": [r.seconds for r in rows],
        "width": [r.width for r in rows],
        "height": [r.height for r in rows],
        "attempts": [r.attempts for r in rows],
        "finished": [int((r.finished or time.time()) * 1e6) for r in rows],
        "key": keys_of(paths),
        "mark": [marks[i : i + 16] for i in range(0, len(marks), 16)],
    }
    arrays = [pa.array(columns[f.name], f.type) for f in SCHEMA]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


class Results:
    """The table of one target."""

    def __init__(self, target: Place) -> None:
        self.place = target.below(FOLDER)

    def write_part(self, name: str, rows: Sequence[Row]) -> None:
        """Add a part; a part of the same name is replaced, which makes a repeated task harmless."""
        if rows:
            self._write(f"{_PART}{name}.parquet", to_arrow(rows))

    def has_part(self, name: str) -> bool:
        """True if a part of this name was written."""
        return self.place.exists(f"{_PART}{name}.parquet")

    def read_part(self, name: str) -> pa.Table:
        """The rows of a part."""
        return self._read(f"{_PART}{name}.parquet")

    def files(self) -> list[str]:
        """Names of the table's files, in a fixed order."""
        names = self.place.names()
        return [n for n in names if n.startswith((_PART, _MERGED)) and n.endswith(".parquet")]

    def index(self) -> Index:
        """The latest row of every photograph."""
        return Index.of(self._read(name, _RESUME) for name in self.files())

    def rows(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The latest row of every photograph."""
        columns = list(columns or SCHEMA.names)
        needed = list(dict.fromkeys([*columns, "key", "finished"]))
        tables = [self._read(name, needed) for name in self.files()]
        if not tables:
            return SCHEMA.empty_table().select(columns)
        whole = pa.concat_tables(tables)
        order = _latest(whole["key"].to_numpy(), _times(whole))
        whole = whole.take(pa.array(order))
        return whole.select(columns)

    def counts(self) -> Counter[Status]:
        """Number of photographs by status."""
        return Counter({Status(s): int(n) for s, n in self.index().counts().items()})

    def merge(self, name: str, fewest: int = _MANY_PARTS) -> None:
        """Merge parts into few large files, if there are at least ``fewest`` small ones.

        Stopped in the middle, rows are there twice, which changes nothing.
        """
        small = [n for n in self.files() if n.startswith(_PART)]
        if len(small) < fewest:
            return
        waiting: list[pa.Table] = []
        names: list[str] = []
        rows = 0
        for number, file in enumerate(small, start=1):
            waiting.append(self._read(file))
            names.append(file)
            rows += len(waiting[-1])
            if rows >= _MERGED_ROWS or number == len(small):
                whole = pa.concat_tables(waiting)
                order = _latest(whole["key"].to_numpy(), _times(whole))
                self._write(f"{_MERGED}{name}-{number:06d}.parquet", whole.take(pa.array(order)))
                self.place.remove(*names)
                waiting, names, rows = [], [], 0

    def _write(self, name: str, table: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", row_group_size=_MERGED_ROWS)
        self.place.write(name, sink.getvalue().to_pybytes())

    def _read(self, name: str, columns: list[str] | None = None) -> pa.Table:
        with self.place.fs.open(self.place.path(name), "rb") as file:
            return pq.read_table(file, columns=columns)


class Index:
    """Index of the photographs in the table and their states: 25 bytes a photograph.

    keys: (N,) uint64, sorted.  marks: (N, 2) uint64.  states: (N,) int8 of :class:`Status`.
    """

    def __init__(self, keys: np.ndarray, marks: np.ndarray, states: np.ndarray) -> None:
        self.keys, self.marks, self.states = keys, marks, states

    @classmethod
    def of(cls, tables: Iterable[pa.Table]) -> Index:
        """The index of tables with the columns ``key``, ``mark``, ``status`` and ``finished``."""
        keys, marks, states, times = [], [], [], []
        for table in tables:
            keys.append(table["key"].to_numpy())
            marks.append(_marks(table["mark"]))
            states.append(_states(table["status"]))
            times.append(_times(table))
        if not keys:
            return cls(np.empty(0, "<u8"), np.empty((0, 2), "<u8"), np.empty(0, np.int8))
        joined = np.concatenate(keys)
        order = _latest(joined, np.concatenate(times))
        return cls(joined[order], np.concatenate(marks)[order], np.concatenate(states)[order])

    def __len__(self) -> int:
        return len(self.keys)

    def counts(self) -> dict[int, int]:
        """Number of photographs in each state."""
        values, numbers = np.unique(self.states, return_counts=True)
        return dict(zip(values.tolist(), numbers.tolist(), strict=True))

    def look_up(self, keys: np.ndarray, marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Presence of each photograph in the table, and its state: −1 if not as it is now.

        keys: (M,) uint64.  marks: (M, 2) uint64.  Returns (M,) bool and (M,) int8.
        """
        if not len(self.keys):
            return np.zeros(len(keys), bool), np.full(len(keys), -1, np.int8)
        places = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        known = self.keys[places] == keys
        same = known & (self.marks[places] == marks).all(1)
        return known, np.where(same, self.states[places], np.int8(-1))


def _latest(keys: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Places of the latest row of each key, in the order of the keys."""
    order = np.lexsort((times, keys))
    ordered = keys[order]
    last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, bool)
    return order[last]


def _marks(column: pa.ChunkedArray) -> np.ndarray:
    pieces = [
        as_marks(c.buffers()[1].slice(c.offset * 16, len(c) * 16).to_pybytes())
        for c in column.chunks
    ]
    return np.concatenate(pieces) if pieces else np.empty((0, 2), "<u8")


def _states(column: pa.ChunkedArray) -> np.ndarray:
    names = pa.array([s.name.lower() for s in Status])
    return pa.compute.index_in(column, value_set=names).to_numpy().astype(np.int8)


def _times(table: pa.Table) -> np.ndarray:
    return table["finished"].cast(pa.int64()).to_numpy()


def _readable(text: str) -> str:
    return os.fsencode(text).decode("utf-8", "backslashreplace")
