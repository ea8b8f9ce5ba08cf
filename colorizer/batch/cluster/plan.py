"""The plan of a run: the source's photographs less those whose results are there already."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..records.identity import Work, keys_of, marks_of
from ..records.table import Index, Status
from ..sources import Block, Source
from ..storage import Place
from .units import PLAN_SCHEMA, Task

# A unit is what a process takes at a time, and what a part of the table holds: small at first, so
# that a small run is shared evenly and shows early, larger in large runs for few parts.
SMALLEST_UNIT, LARGEST_UNIT = 4, 256
_UNITS_A_FILE = 200


@dataclass
class Choice:
    """Choice of the photographs that a run does.

    retry_failed: also those that failed as they are now.  overwrite: all.  check: also those whose
    outputs are gone, which looks at every output.
    """

    retry_failed: bool = False
    overwrite: bool = False
    check: bool = False


@dataclass
class Tally:
    """Counts: to do, done or kept before, failed before, of those to do new versions."""

    found: int = 0
    todo: int = 0
    done: int = 0
    failed: int = 0
    changed: int = 0


class Planner:
    """Compares a source with the table of results; ``tally`` fills as :meth:`tasks` goes on."""

    def __init__(
        self, source: Source, target: Place, work: Work, index: Index, choice: Choice
    ) -> None:
        self.source, self.target, self.work = source, target, work
        self.index, self.choice, self.tally = index, choice, Tally()
        self._digests = {"": work.digest()}

    def tasks(self) -> Iterator[Task]:
        """The photographs to do, in the source's order."""
        for block in self.source.blocks():
            yield from self._choose(block)

    def _choose(self, block: Block) -> Iterator[Task]:
        if block.knobs is None:
            digest = self._digests[""]
            identities = [f"{mark} {digest}" for mark in block.marks]
        else:
            pairs = zip(block.marks, block.knobs, strict=True)
            identities = [f"{mark} {self._digest(knobs)}" for mark, knobs in pairs]
        known, states = self.index.look_up(keys_of(block.paths), marks_of(block.paths, identities))
        again = self._again(block, states)
        tally = self.tally
        tally.found += len(block.paths)
        tally.todo += int(again.sum())
        tally.changed += int((known & (states < 0)).sum())
        tally.failed += int((~again & (states == Status.FAILED)).sum())
        tally.done += int((~again & (states != Status.FAILED)).sum())
        for i in np.flatnonzero(again):
            ours = bool(known[i]) or self.choice.overwrite
            own = block.knobs[i] if block.knobs else ""
            output = block.stem(i) + self.work.suffix
            yield Task(block.paths[i], output, identities[i], own, ours)

    def _again(self, block: Block, states: np.ndarray) -> np.ndarray:
        """True for the photographs of a block that are to be done: (N,) bool."""
        again = np.full(len(states), self.choice.overwrite) | (states < 0)
        if self.choice.retry_failed:
            again |= states == Status.FAILED
        if self.choice.check:
            for i in np.flatnonzero(~again & (states == Status.DONE)):
                again[i] = not self.target.exists(block.stem(i) + self.work.suffix)
        return again

    def _digest(self, knobs: str) -> str:
        if knobs not in self._digests:
            own = Task("", "", "", knobs).own_knobs()
            self._digests[knobs] = self.work.with_knobs(own).digest()
        return self._digests[knobs]


@dataclass
class Plan:
    """Units of work in files, so that a process anywhere reads the one it is to do.

    place: the folder of the files.  files: the first unit of each.  units: number of all.
    """

    place: Place
    files: list[int] = field(default_factory=list)
    units: int = 0

    def read(self, unit: int) -> list[Task]:
        """The photographs of one unit."""
        number = int(np.searchsorted(self.files, unit, "right")) - 1
        with self.place.fs.open(self.place.path(_file_name(number)), "rb") as file:
            table = pq.ParquetFile(file).read_row_group(unit - self.files[number])
        return from_arrow(table)

    def remove(self) -> None:
        """Remove the plan's files, if they are still there."""
        with suppress(FileNotFoundError):
            self.place.fs.rm(self.place.root, recursive=True)


def write_plan(tasks: Iterator[Task], place: Place, largest: int = LARGEST_UNIT) -> Plan:
    """Write tasks as units below ``place``, without holding them all in memory."""
    plan = Plan(place)
    waiting: list[Task] = []
    sink, writer = io.BytesIO(), None

    def flush() -> None:
        nonlocal writer, waiting
        if writer is None:
            writer = pq.ParquetWriter(sink, PLAN_SCHEMA, compression="zstd")
            plan.files.append(plan.units)
        writer.write_table(to_arrow(waiting), row_group_size=len(waiting))
        plan.units += 1
        waiting = []
        if plan.units - plan.files[-1] == _UNITS_A_FILE:
            close()

    def close() -> None:
        nonlocal sink, writer
        if writer is not None:
            writer.close()
            place.write(_file_name(len(plan.files) - 1), sink.getvalue())
            sink, writer = io.BytesIO(), None

    for count, task in enumerate(tasks, start=1):
        waiting.append(task)
        if len(waiting) >= min(max(count // 100, SMALLEST_UNIT), largest):
            flush()
    if waiting:
        flush()
    close()
    return plan


def to_arrow(tasks: list[Task]) -> pa.Table:
    """Tasks as a table of :data:`PLAN_SCHEMA`."""
    columns = [
        [os.fsencode(t.path) for t in tasks],
        [os.fsencode(t.output) for t in tasks],
        [t.identity for t in tasks],
        [t.knobs for t in tasks],
        [t.known for t in tasks],
    ]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, PLAN_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=PLAN_SCHEMA)


def from_arrow(table: pa.Table) -> list[Task]:
    """The tasks of a table of :data:`PLAN_SCHEMA`."""
    columns = [table[name].to_pylist() for name in PLAN_SCHEMA.names]
    return [
        Task(os.fsdecode(path), os.fsdecode(output), *rest)
        for path, output, *rest in zip(*columns, strict=True)
    ]


def _file_name(number: int) -> str:
    return f"{number:06d}.parquet"
