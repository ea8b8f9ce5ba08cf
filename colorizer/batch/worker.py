"""The work of one process: read photographs, colorize them, write the results."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from .identity import Work
from .sources import place_of
from .storage import Place, TargetError
from .table import Row, Status
from .units import Task

MADE_BY = b"Made by colorizer"  # part of the note in every picture we write


@dataclass(frozen=True)
class Job:
    """What every process of a run is told.

    source: where paths that are not whole ones begin.  threads: of PyTorch.  device: for PyTorch.
    together: most photographs in one pass of the network.  worker: ``module:Class`` of what
    colorizes.  sweep: whether an earlier run may have left partial files behind.
    """

    work: Work
    source: Place
    target: Place
    run: str
    threads: int = 1
    device: str = "cpu"
    together: int = 1
    worker: str = "colorizer.batch.worker:Worker"
    sweep: bool = False


class Worker:
    """Weights in memory, and one photograph at a time through them."""

    def __init__(self, job: Job) -> None:
        import torch

        import colorizer

        torch.set_num_threads(job.threads)
        self.job, self.together = job, job.together
        self.colorizer = colorizer.load(job.work.approach, device=job.device)

    def colorize(self, tasks: Sequence[Task]) -> list[Row]:
        """Colorize photographs and write their outputs; a bad one is a row and no error.

        Raises :class:`TargetError` if the target takes no more files.
        """
        return [self._one(task) for task in tasks]

    def sweep(self, tasks: Sequence[Task]) -> None:
        """Remove what processes that were ended left half-written of these."""
        for task in tasks:
            self.job.target.sweep(task.output)

    def _one(self, task: Task) -> Row:
        start = time.perf_counter()
        try:
            if self._is_kept(task):
                return task.row(Status.KEPT)
            width, height = self._write(task)
        except TargetError:
            raise
        except Exception as error:  # whatever one photograph does must not stop the others
            return task.row(Status.FAILED, sentence(error), seconds=time.perf_counter() - start)
        seconds = time.perf_counter() - start
        return task.row(Status.DONE, seconds=seconds, width=width, height=height)

    def _is_kept(self, task: Task) -> bool:
        """True if the output's name is taken by a file that no run of ours has written."""
        target = self.job.target
        if task.known or not target.exists(task.output):
            return False
        return MADE_BY not in target.read(task.output)

    def _write(self, task: Task) -> tuple[int, int]:
        from ..images import photo

        work = self.job.work
        image = photo.read(open_photograph(self.job.source, task.path))
        analysis = self.colorizer.analyze(image)
        picture = analysis.colorize(max_side=work.max_side, **work.knobs | task.own_knobs())
        approach = self.colorizer.approach
        note = f"{photo.SIMULATED} Made by colorizer, method {approach.title} ({approach.key})."
        data = photo.encode(picture, work.suffix, metadata=image.metadata, note=note)
        self.job.target.write(task.output, data)
        return picture.size


def open_photograph(source: Place, path: str) -> str | io.BytesIO:
    """A photograph as ``photo.read`` takes it: its path, or its bytes from a bucket."""
    place, name = place_of(source, path)
    if place.local:
        return place.path(name)
    stream = io.BytesIO(place.read(name))
    stream.name = PurePosixPath(path).name  # how sentences call it
    return stream


def sentence(error: Exception) -> str:
    """One line for a person, whatever went wrong with a photograph."""
    from ..cli.terminal import sentence

    return sentence(error)


def load_worker(job: Job):
    """The worker that a job names, in this process."""
    import importlib

    module, name = job.worker.split(":")
    os.environ.setdefault("OMP_NUM_THREADS", str(job.threads))
    return getattr(importlib.import_module(module), name)(job)
