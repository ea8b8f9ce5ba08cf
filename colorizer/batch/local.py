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
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Exists, NoSpace, PhotoError, sentence_about
from .output_paths import Task
from .stopping import held_back

if TYPE_CHECKING:
    from ..images.photo import Photo
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
    """The order for every photograph of an album.

    seeds: one for each of a task's outputs; None is the best guess.  hints: a file of them.
    bits: of a channel, 8 or 16.  max_pixels: of a photograph; None for the usual limit.
    reference: a colour photograph that hands over its colours.
    """

    approach: str
    knobs: dict[str, Any]
    seeds: tuple[int | None, ...] = (None,)
    hints: str | None = None
    overwrite: bool = False
    debug: bool = False
    bits: int = 8
    max_pixels: int | None = None
    reference: str | None = None


@dataclass
class Outcome:
    """Outcome of one photograph.

    existed: outputs that were there before.  elsewhere: those that another run makes just now.
    error: a sentence with the photograph's path, or "".  full: True if the disk has no room left.
    size: (width, height) of the output.
    """

    written: list[Path] = field(default_factory=list)
    existed: int = 0
    elsewhere: int = 0
    notes: tuple[str, ...] = ()
    error: str = ""
    full: bool = False
    seconds: float = 0.0
    size: tuple[int, int] = (0, 0)
    attempts: int = 1


def colorize_album(
    colorizer: Colorizer, tasks: Sequence[Task], request: Request, workers: int | None = None
) -> Generator[tuple[Task, Outcome], None, None]:
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
        outcome.full = isinstance(error, NoSpace)
    outcome.seconds = time.perf_counter() - start
    return outcome


def _write_missing(colorizer: Colorizer, task: Task, request: Request, outcome: Outcome) -> None:
    from ..images.output.parts import claimed

    for output in task.outputs:
        if output.is_dir():
            raise PhotoError(f"its result cannot be written, {output} is a folder.")
    replace = request.overwrite or task.replace
    missing = [
        (output, seed)
        for output, seed in zip(task.outputs, request.seeds, strict=True)
        if replace or not os.path.lexists(output)
    ]
    outcome.existed = len(task.outputs) - len(missing)
    if not missing:
        return
    folder = missing[0][0].parent
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)  # a claim is a file in it
    with ExitStack() as stack:
        stack.callback(_leave, folder, new, outcome)
        claims = [(out, seed) for out, seed in missing if stack.enter_context(claimed(out))]
        outcome.elsewhere = len(missing) - len(claims)
        # Another run may have written some between the look and the claim.
        there = [out for out, _ in claims if not replace and os.path.lexists(out)]
        outcome.existed += len(there)
        free = [(out, seed) for out, seed in claims if out not in there]
        if free:
            _write(colorizer, task, request, outcome, free, replace)


def _leave(folder: Path, new: bool, outcome: Outcome) -> None:
    """Leave no empty folder behind for a photograph that could not be colorized."""
    if new and not outcome.written:
        with suppress(OSError):
            folder.rmdir()


def _write(
    colorizer: Colorizer,
    task: Task,
    request: Request,
    outcome: Outcome,
    outputs: list[tuple[Path, int | None]],
    replace: bool,
) -> None:
    from ..hints import read_hints
    from ..images import photo
    from ..images.provenance import provenance

    image = photo.read(
        task.source,
        max_pixels=request.max_pixels or photo.MAX_PIXELS,
        called=f"“{task.source}”",
    )
    outcome.notes = tuple(f"{task.source}: {note}" for note in image.notes)
    hints = None if request.hints is None else read_hints(request.hints, image.size)
    reference = None if request.reference is None else _reference(request.reference)
    analysis = colorizer.analyze(image, hints, reference=reference)
    note = provenance(colorizer.approach.title, colorizer.approach.key)
    for output, seed in outputs:
        picture = analysis.picture(seed=seed, bits=request.bits, **request.knobs)
        try:
            photo.save(picture, output, metadata=image.metadata, overwrite=replace, note=note)
        except Exists:  # by somebody who makes no claims
            outcome.existed += 1
            continue
        outcome.written.append(output)
        outcome.size = picture.size


@lru_cache(maxsize=1)
def _reference(path: str) -> Photo:
    """The reference photograph, read once for an album."""
    from ..hints.reference import read_reference

    return read_reference(path)


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
                with held_back():  # a process that is half started would complain
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
    for name in ("SIGINT", "SIGHUP"):  # the first process ends the others
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)

    import torch

    from ..pipeline import load

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
