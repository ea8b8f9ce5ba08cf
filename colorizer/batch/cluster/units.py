"""Units of work: some photographs that one process colorizes, and what is known if it dies.

A process that is killed in the middle of a unit cannot say which photograph it was at.  So it
tells a journal, kept elsewhere, what it starts and what it has finished; whoever takes the unit
up again does the rest, and tries a photograph that was in the hands of a process that died once
more, alone, and no third time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from ..records.table import Results, Row, Status, to_arrow

MOST_ATTEMPTS = 2
PROCESS_ENDED = (
    "Its process was ended while it was being colorized, twice: too little memory, or a fault in "
    "a decoder."
)
PLAN_SCHEMA = pa.schema(
    [
        ("path", pa.binary()),  # bytes: file names need not be UTF-8
        ("output", pa.binary()),
        ("identity", pa.string()),
        ("knobs", pa.string()),
        ("known", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Task:
    """One photograph to colorize.

    path: below the source, or a whole path or URL.  output: below the target.  identity: that of
    its result.  knobs: JSON of the knobs this photograph has for itself, or "".  known: whether
    the table has a row of it, so that the output is ours to replace.
    """

    path: str
    output: str
    identity: str
    knobs: str = ""
    known: bool = False

    def own_knobs(self) -> dict:
        """The knobs that this photograph has for itself."""
        return json.loads(self.knobs) if self.knobs else {}

    def row(self, status: Status, error: str = "", **facts: float) -> Row:
        """A row of the table of results."""
        return Row(self.path, self.output, self.identity, status, error, **facts)


@dataclass
class Entry:
    """The journal's record of one unit: places of photographs in it."""

    finished: dict[int, Row] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    deaths: dict[int, int] = field(default_factory=lambda: defaultdict(int))


class Journal:
    """Journal of the photographs in hand, kept apart from the processes that might die of them."""

    def __init__(self) -> None:
        self._units: dict[int, Entry] = defaultdict(Entry)

    def begin(self, unit: int) -> tuple[dict[int, Row], dict[int, int]]:
        """Start a unit, or take it up again.

        Returns the rows finished already and the number of processes that died of a photograph,
        both by place.
        """
        entry = self._units[unit]
        for place in entry.started:
            entry.deaths[place] += 1
        entry.started.clear()
        return dict(entry.finished), dict(entry.deaths)

    def start(self, unit: int, places: Iterable[int]) -> None:
        """Note the photographs, by place, that a process takes in hand."""
        self._units[unit].started = set(places)

    def finish(self, unit: int, rows: dict[int, Row]) -> None:
        """Keep the rows of photographs that are done."""
        entry = self._units[unit]
        entry.finished |= rows
        entry.started.clear()

    def close(self, unit: int) -> None:
        """Forget a unit whose part has been written."""
        self._units.pop(unit, None)

    def unwritten(self) -> list[Row]:
        """Rows of units that were not closed."""
        return [row for entry in self._units.values() for row in entry.finished.values()]


class Colorizing(Protocol):
    """Protocol of :class:`colorizer.batch.cluster.worker.Worker` and others in its place."""

    together: int  # most photographs that one call takes

    def colorize(self, tasks: Sequence[Task]) -> list[Row]:
        """Colorize photographs and write their outputs; a bad one is a row and no error."""

    def sweep(self, tasks: Sequence[Task]) -> None:
        """Remove what processes that were ended left half-written of these."""


def run_unit(
    number: int,
    tasks: Sequence[Task],
    worker: Colorizing,
    journal: Journal,
    results: Results,
    part: str,
    *,
    sweep: bool = False,
) -> pa.Table:
    """Colorize one unit and write its part of the table; returns the rows.

    Done again after its process died, or because its rows were lost with a machine, it does only
    what is missing.
    """
    if results.has_part(part):
        return results.read_part(part)
    finished, deaths = journal.begin(number)
    for place in (p for p, n in deaths.items() if n >= MOST_ATTEMPTS and p not in finished):
        worker.sweep([tasks[place]])
        row = tasks[place].row(Status.FAILED, PROCESS_ENDED, attempts=MOST_ATTEMPTS)
        finished[place] = row
        journal.finish(number, {place: row})
    waiting = [p for p in range(len(tasks)) if p not in finished]
    alone = [[p] for p in waiting if p in deaths]
    calm = [p for p in waiting if p not in deaths]
    chunks = [calm[i : i + worker.together] for i in range(0, len(calm), worker.together)]
    for places in chunks + alone:
        journal.start(number, places)
        chunk = [tasks[p] for p in places]
        if sweep or places[0] in deaths:
            worker.sweep(chunk)
        rows = worker.colorize(chunk)
        for place, row in zip(places, rows, strict=True):
            row.attempts = deaths.get(place, 0) + 1
        found = dict(zip(places, rows, strict=True))
        finished |= found
        journal.finish(number, found)
    ordered = [finished[p] for p in range(len(tasks))]
    results.write_part(part, ordered)
    journal.close(number)
    return to_arrow(ordered)
