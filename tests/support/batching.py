"""Batches for the tests of faults: workers that misbehave, and a run as a script.

python batching.py SOURCE TARGET WORKER ADDRESS
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from colorizer import checkpoints
from colorizer.batch.cluster.engine import Cluster, connected, run_on_ray
from colorizer.batch.cluster.plan import Choice
from colorizer.batch.cluster.run import Report, run_batch
from colorizer.batch.cluster.worker import Worker
from colorizer.batch.records.identity import Work, weights_hash
from colorizer.batch.sources import open_source
from colorizer.batch.storage import Place, partial_name

APPROACH = "mobile"  # quick, and faults are the same for all
BEFORE = 3  # photographs written before a worker waits


class Waiting(Worker):
    """Waits once, with a photograph in hand and some written, until it is killed or let go."""

    def _write(self, task, analysis):
        mark, written = waiting_at(self.job.target.root), Path(self.job.target.root).rglob("*.png")
        if len(list(written)) >= BEFORE:
            with suppress(FileExistsError):
                mark.with_suffix(".new").write_text(str(os.getpid()))
                os.link(mark.with_suffix(".new"), mark)  # whole at once, and only once
                while not mark.with_suffix(".go").exists():
                    time.sleep(0.02)
        return super()._write(task, analysis)


def waiting_at(target: str | os.PathLike) -> Path:
    """The file in which the waiting process says its number; with ``.go`` it is let go."""
    return Path(f"{target}.waiting")


class Deadly(Worker):
    """Is killed by photographs that are called poison, in the middle of writing."""

    def _write(self, task, analysis):
        if "poison" in task.path:
            path = Path(self.job.target.path(task.output))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(partial_name(path, "00000000")).write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._write(task, analysis)


class Full(Worker):
    """Finds the disk full after some photographs."""

    def colorize(self, tasks):
        if len(list(Path(self.job.target.path()).rglob("*.png"))) >= 3:
            os.fsync = _full
        return super().colorize(tasks)


def _full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def run(
    source: os.PathLike,
    target: os.PathLike,
    worker: str = "",
    address: str | None = None,
    *,
    workers: int = 2,
    choice: Choice | None = None,
) -> Report:
    """A batch as the command runs it, with the worker of this file called ``worker``."""
    place = Place(str(target))
    cluster = Cluster(address=address, workers=workers, progress=False)
    work = Work(APPROACH, weights_hash(checkpoints.find(APPROACH)))
    settings = {"worker": f"tests.support.batching:{worker}"} if worker else {}

    def engine(job, plan):
        with connected(cluster):
            return run_on_ray(job, plan, cluster)

    source = open_source(str(source), place)
    return run_batch(source, place, work, engine, choice=choice, settings=settings)


if __name__ == "__main__":
    run(*sys.argv[1:])
