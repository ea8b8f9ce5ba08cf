"""The work of one process: read photographs, colorize them, write the results."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...errors import sentence
from ...images import photo
from ...images.provenance import is_ours, provenance
from ..records.identity import Work
from ..records.table import Row, Status
from ..sources import place_of
from ..storage import Place, TargetError
from .units import Colorizing, Task

if TYPE_CHECKING:
    from ...images.photo import Photo
    from ...pipeline import Analysis


@dataclass(frozen=True)
class Job:
    """The order that every process of a run gets.

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
    worker: str = "colorizer.batch.cluster.worker:Worker"
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
        start = time.perf_counter()
        rows: dict[int, Row] = {}
        photos = {p: image for p, task in enumerate(tasks) if (image := self._read(task, p, rows))}
        try:
            analyses = self.colorizer.analyze(list(photos.values()))
        except Exception as error:  # such as too little memory for all of them at once
            if len(tasks) > 1:
                return [row for task in tasks for row in self.colorize([task])]
            return [tasks[0].row(Status.FAILED, sentence(error))]
        for place, analysis in zip(photos, analyses, strict=True):
            rows[place] = self._write(tasks[place], analysis)
        each = (time.perf_counter() - start) / len(tasks)
        for row in rows.values():
            row.seconds = each
        return [rows[place] for place in range(len(tasks))]

    def sweep(self, tasks: Sequence[Task]) -> None:
        """Remove what processes that were ended left half-written of these."""
        for task in tasks:
            self.job.target.sweep(task.output)

    def _read(self, task: Task, place: int, rows: dict[int, Row]) -> Photo | None:
        """The photograph, or None and a row that says why not."""
        try:
            if self._is_kept(task):
                rows[place] = task.row(Status.KEPT)
                return None
            return photo.read(open_photograph(self.job.source, task.path))
        except Exception as error:  # whatever one photograph does must not stop the others
            rows[place] = task.row(Status.FAILED, sentence(error))
            return None

    def _write(self, task: Task, analysis: Analysis) -> Row:
        work, approach = self.job.work, self.colorizer.approach
        try:
            picture = analysis.picture(max_side=work.max_side, **work.knobs | task.own_knobs())
            note = provenance(approach.title, approach.key)
            data = photo.encode(picture, task.output, metadata=analysis.photo.metadata, note=note)
            self.job.target.write(task.output, data)
        except TargetError:
            raise
        except Exception as error:
            return task.row(Status.FAILED, sentence(error))
        width, height = picture.size
        return task.row(Status.DONE, width=width, height=height)

    def _is_kept(self, task: Task) -> bool:
        """True if the output's name is taken by a file that no run of ours has written."""
        target = self.job.target
        if task.known or not target.exists(task.output):
            return False
        return not is_ours(target.read(task.output))


def open_photograph(source: Place, path: str) -> str | io.BytesIO:
    """A photograph as ``photo.read`` takes it: its path, or its bytes from a bucket."""
    place, name = place_of(source, path)
    if place.local:
        return place.path(name)
    stream = io.BytesIO(place.read(name))
    stream.name = PurePosixPath(path).name  # how sentences call it
    return stream


def load_worker(job: Job) -> Colorizing:
    """The worker that a job names, in this process."""
    import importlib

    module, name = job.worker.split(":")
    os.environ.setdefault("OMP_NUM_THREADS", str(job.threads))
    return getattr(importlib.import_module(module), name)(job)
