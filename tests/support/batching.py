"""Batches for the tests of faults: workers that misbehave, and a run as a script.

python batching.py SOURCE TARGET WORKER ADDRESS
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from colorizer import checkpoints
from colorizer.batch import storage
from colorizer.batch.cluster.engine import Cluster, connected, run_on_ray
from colorizer.batch.cluster.plan import Choice
from colorizer.batch.cluster.worker import Worker
from colorizer.batch.records.identity import Work, weights_hash
from colorizer.batch.run import Report, run_batch
from colorizer.batch.sources import open_source
from colorizer.batch.storage import Place

PIDS = ".pids"  # beside the target: the process of every photograph begun, a line each
PAUSE = 0.4  # seconds a slow worker takes more for a photograph


class Slow(Worker):
    """Leaves time to kill it, and says which process it is."""

    def _write(self, task, analysis):
        time.sleep(PAUSE)
        with open(self.job.target.path() + PIDS, "a") as file:
            file.write(f"{os.getpid()} {task.path}\n")
        return super()._write(task, analysis)


class Deadly(Worker):
    """Is killed by photographs that are called poison, in the middle of writing."""

    def _write(self, task, analysis):
        if "poison" in task.path:
            path = Path(self.job.target.path(task.output))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".{storage._token(path)}-00000000.part").write_bytes(b"half")
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
    work = Work("mobile", weights_hash(checkpoints.find("mobile")))
    settings = {"worker": f"tests.support.batching:{worker}"} if worker else {}

    def engine(job, plan):
        with connected(cluster):
            return run_on_ray(job, plan, cluster)

    source = open_source(str(source), place)
    return run_batch(source, place, work, engine, choice=choice, settings=settings)


if __name__ == "__main__":
    run(*sys.argv[1:])
