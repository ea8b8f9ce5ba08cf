"""Batches made ahead of the training, in threads of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Batch = TypeVar("Batch")


def ahead(
    steps: Iterable[int], make: Callable[[int], Batch], workers: int = 1
) -> Iterator[tuple[int, Batch]]:
    """Yield (step, make(step)) for consecutive steps; the next ``workers`` are made meanwhile.

    Reading, cropping, ageing and segmenting take a tenth of a step on a processor and far more
    than the step on a GPU.  ``make`` has to be a pure function of the step.
    """
    waiting: dict[int, Future[Batch]] = {}
    with ThreadPoolExecutor(workers, thread_name_prefix="batch") as pool:
        for step in steps:
            for near in range(step, step + 1 + workers):
                if near not in waiting:
                    waiting[near] = pool.submit(make, near)
            yield step, waiting.pop(step).result()
        for future in waiting.values():
            future.cancel()
