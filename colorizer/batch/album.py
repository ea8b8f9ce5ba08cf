"""An album's own table of results: what to do of a plan, and what became of it.

The table is that of :mod:`colorizer.batch.records.table`, so that an album can be begun here and gone on
with on a cluster.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from ..images.provenance import is_ours
from .local import Outcome
from .output_paths import Task
from .records.identity import Work, keys_of, marks_of

WRITE_EVERY = 10.0  # seconds; so much work is done again if the machine fails


class NoTable:
    """Stands in for the table where there is none: what exists is left alone."""

    def __enter__(self) -> NoTable:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def choose(self, tasks: Sequence[Task]) -> list[Task]:
        """The tasks that are to be done: all of them."""
        return list(tasks)

    def add(self, task: Task, outcome: Outcome) -> None:
        """Keep nothing."""
        pass


class AlbumTable:
    """The table under ``target/_results``, held for one run.

    ``existed`` is the number of photographs whose results are there as they would be made now.
    """

    def __init__(self, target: Path, work: Work, overwrite: bool = False) -> None:
        from .records.lock import Lock
        from .records.table import FOLDER, Results
        from .storage import Place

        self.target, self.work, self.overwrite = target, work, overwrite
        place = Place(str(target))
        self._results, self._lock = Results(place), Lock(place.below(FOLDER))
        self._rows: list = []
        self._identities: dict[Path, str] = {}
        self._written, self._parts = time.monotonic(), 0
        self.existed = 0

    def __enter__(self) -> AlbumTable:
        self._lock.__enter__()
        self._results.merge(f"{self._lock.run}-before")
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._flush()
        finally:
            self._lock.__exit__(kind, error, trace)

    def choose(self, tasks: Sequence[Task]) -> list[Task]:
        """The photographs that are missing, changed or failed before."""
        from .records.table import Status
        from .storage import local_mark

        digest = self.work.digest()
        for task in tasks:
            try:
                mark = local_mark(str(task.source))
            except OSError:
                mark = "absent"
            self._identities[task.source] = f"{mark} {digest}"
        identities = [self._identities[t.source] for t in tasks]
        paths = [t.name for t in tasks]
        known, states = self._results.index().look_up(keys_of(paths), marks_of(paths, identities))
        chosen = []
        for task, had, state in zip(tasks, known.tolist(), states.tolist(), strict=True):
            (output,) = task.outputs
            there = os.path.lexists(output)
            if there and state in (Status.DONE, Status.KEPT) and not self.overwrite:
                self.existed += 1
            else:
                chosen.append(
                    replace(task, replace=had or (there and is_ours(output.read_bytes())))
                )
        return chosen

    def add(self, task: Task, outcome: Outcome) -> None:
        """Note what became of a photograph; its outputs are written already."""
        from .records.table import Row, Status

        if outcome.elsewhere:  # another run notes it
            return
        status = Status.DONE if outcome.written else Status.KEPT
        status = Status.FAILED if outcome.error else status
        (output,) = task.outputs
        row = Row(
            task.name,
            output.relative_to(self.target).as_posix(),
            self._identities[task.source],
            status,
            outcome.error,
            outcome.seconds,
            *outcome.size,
            outcome.attempts,
            time.time(),
        )
        self._rows.append(row)
        if time.monotonic() - self._written > WRITE_EVERY:
            self._flush()

    def _flush(self) -> None:
        self._results.write_part(f"{self._lock.run}-{self._parts:06d}", self._rows)
        self._rows, self._parts = [], self._parts + 1
        self._written = time.monotonic()


def open_table(target: Path | None, work: Work, overwrite: bool) -> AlbumTable | NoTable:
    """The table of an album's target, where the package for it (pyarrow) is installed."""
    if target is None or importlib.util.find_spec("pyarrow") is None:
        return NoTable()
    return AlbumTable(target, work, overwrite)
