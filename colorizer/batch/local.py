"""An album on this machine: its photographs in one process a core, where that is worth starting.

Each process holds the weights and one photograph at a time.  A photograph that ends its process is
tried once more, alone, and no third time, as on a cluster.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import sentence_about
from .output_paths import Task

if TYPE_CHECKING:
    from ..pipeline import Colorizer

# Another process imports PyTorch and loads the weights first: seconds on an ordinary machine.
START_SECONDS = 6.0
PROCESS_MEMORY = 1.3e9  # bytes, for a photograph of 12 megapixels
PROCESS_ENDED = (
    "its process was ended while it was being colorized, twice: too little memory, or a fault in "
    "a decoder."
)


@dataclass(frozen=True)
class Request:
    """What is wanted of every photograph of an album.

    seeds: one for each of a task's outputs; None is the best guess.  hints: a file of them.
    """

    approach: str
    knobs: dict[str, Any]
    seeds: tuple[int | None, ...] = (None,)
    hints: str | None = None
    overwrite: bool = False
    debug: bool = False


@dataclass
class Outcome:
    """What became of one photograph.

    existed: outputs that were there before.  error: a sentence with the photograph's path, or "".
    size: (width, height) of the output.
    """

    written: list[Path] = field(default_factory=list)
    existed: int = 0
    notes: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0
    size: tuple[int, int] = (0, 0)
    attempts: int = 1


def colorize_album(
    colorizer: Colorizer, tasks: Sequence[Task], request: Request, workers: int | None = None
) -> Iterator[tuple[Task, Outcome]]:
    """Colorize photographs; a bad one is an outcome and stops nothing.

    The first ones are done here, with ``colorizer``.  As soon as they show that the rest will take
    longer than it takes to start other processes, those do it.
    workers: processes; None for as many as cores and memory allow.
    """
    workers = workers or usable_workers()
    for place, task in enumerate(tasks):
        start = time.perf_counter()
        yield task, colorize_task(colorizer, task, request)
        seconds = time.perf_counter() - start
        saved = seconds * (len(tasks) - place - 1) * (1 - 1 / workers)
        if saved > START_SECONDS and not request.debug:
            yield from _in_processes(tasks[place + 1 :], request, workers)
            return


def usable_workers() -> int:
    """Processes that cores and free memory allow: at least 1."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        cores = os.cpu_count() or 1
    return max(1, min(cores, int(_free_memory() // PROCESS_MEMORY)))


def colorize_task(colorizer: Colorizer, task: Task, request: Request) -> Outcome:
    """Write the outputs of one photograph that are not there yet; the network runs once."""
    start, outcome = time.perf_counter(), Outcome()
    try:
        _write_missing(colorizer, task, request, outcome)
    except Exception as error:
        if request.debug:
            raise
        outcome.error = sentence_about(task.source, error)
    outcome.seconds = time.perf_counter() - start
    return outcome


def _write_missing(colorizer: Colorizer, task: Task, request: Request, outcome: Outcome) -> None:
    from ..hints import read_hints
    from ..images import photo
    from ..images.metadata import provenance

    for output in task.outputs:
        if output.is_dir():
            raise photo.PhotoError(f"its result cannot be written, {output} is a folder.")
    replace = request.overwrite or task.replace
    missing = [
        (output, seed)
        for output, seed in zip(task.outputs, request.seeds, strict=True)
        if replace or not os.path.lexists(output)
    ]
    outcome.existed = len(task.outputs) - len(missing)
    if not missing:
        return
    image = photo.read(task.source, called=f"“{task.source}”")
    outcome.notes = tuple(f"{task.source}: {note}" for note in image.notes)
    hints = None if request.hints is None else read_hints(request.hints, image.size)
    analysis = colorizer.analyze(image, hints)
    for output, seed in missing:
        picture = analysis.colorize(seed=seed, **request.knobs)
        output.parent.mkdir(parents=True, exist_ok=True)
        approach = colorizer.approach
        note = provenance(approach.title, approach.key)
        photo.save(picture, output, metadata=image.metadata, overwrite=replace, note=note)
        outcome.written.append(output)
        outcome.size = picture.size


def _in_processes(
    tasks: Iterable[Task], request: Request, workers: int
) -> Iterator[tuple[Task, Outcome]]:
    waiting = deque(tasks)
    while waiting:
        left: list[Task] = []
        yield from _until_broken(waiting, request, workers, left)
        for task in left:  # one of these has ended a process
            alone: list[Task] = []
            for _, outcome in _until_broken(deque([task]), request, 1, alone):
                outcome.attempts = 2
                yield task, outcome
            if alone:
                error = f"{task.source}: {PROCESS_ENDED}"
                yield task, Outcome(error=error, attempts=2)


def _until_broken(
    waiting: deque[Task], request: Request, workers: int, left: list[Task]
) -> Iterator[tuple[Task, Outcome]]:
    """Outcomes from a pool of processes, until all is done or a process is ended.

    Takes from ``waiting``; those in hand when a process was ended are put into ``left``.
    """
    # Spawned, not forked: a fork of a process in which PyTorch has run threads may hang.
    context = multiprocessing.get_context("spawn")
    threads = max(1, usable_workers() // workers)
    futures: dict[Future, Task] = {}
    pool = ProcessPoolExecutor(workers, context, _start, (request, threads))
    try:
        while waiting or futures:
            while waiting and len(futures) < workers + 1:  # one more, so that none waits
                future = pool.submit(_one, waiting[0])  # raises if a process has been ended
                futures[future] = waiting.popleft()
            for future in wait(futures, return_when=FIRST_COMPLETED).done:
                outcome = future.result()
                yield futures.pop(future), outcome
    except BrokenProcessPool:
        for future, task in futures.items():
            if future.done() and future.exception() is None:
                yield task, future.result()
            else:
                left.append(task)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_colorizer: Colorizer
_request: Request


def _start(request: Request, threads: int) -> None:
    """Prepare a process of the pool."""
    global _colorizer, _request
    import torch

    from ..pipeline import load

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    torch.set_num_threads(threads)
    _colorizer, _request = load(request.approach, device="cpu"), request


def _one(task: Task) -> Outcome:
    return colorize_task(_colorizer, task, _request)


def _free_memory() -> float:
    """Bytes that processes may still take; plenty where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(float(x.split()[1]) * 1024 for x in lines if x.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return float("inf")
