"""Batches of photographs streamed from WebDataset shards.

Nothing is decoded to disk.  In every epoch the shards are shuffled and dealt to the processes; a
process reads its shards in groups, and shuffles the photographs of a group in a buffer.  Since the
number of photographs in each shard is known (``shards.json`` beside them), which photograph comes
at which step follows from (seed, step, processes): a resumed run skips whole groups unread and goes
on with exactly the photographs that an uninterrupted run would have seen.
"""

from __future__ import annotations

import os
import queue
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import numpy as np

from .find import DataError
from .photographs import Batches, Photos
from .shards import INDEX, Shard, decode_sample, find_shards, read_samples

GROUP = 8  # shards that are shuffled together
BUFFER = 2000  # photographs in the shuffle buffer, still encoded: about 100 MB
SAMPLE = 1024  # photographs that stand for all where the colours of a data set are counted
_NEAR = 32  # steps that may be asked for before those ahead of them


class ShardPhotos(Photos):
    """Photographs in shards: all are counted, and ``pixels`` are a few that stand for them."""

    def __init__(
        self,
        paths: Sequence[str | os.PathLike],
        size: int,
        cache: str | os.PathLike = "runs/cache",
    ) -> None:
        self.shards, self._sources = find_shards(paths, cache)
        self.size = size
        few = islice(read_samples([s.url for s in self.shards]), SAMPLE)
        decoded = [p for p in (decode_sample(sample, size) for sample in few) if p is not None]
        if not decoded:
            raise DataError("None of the photographs could be decoded.")
        super().__init__(np.stack(decoded), [], [])

    def __len__(self) -> int:
        return sum(shard.count for shard in self.shards)

    def counts(self) -> dict[str, int]:
        return self._sources or {"": len(self)}


class ShardBatches(Batches):
    """Random crops and flips of photographs streamed from shards; otherwise as ``Batches``.

    Steps are cheap in about their order, from several threads too; any other one is sought.
    ``names`` are those of the latest steps.
    """

    def __init__(
        self,
        photos: ShardPhotos,
        size: int,
        batch_size: int,
        *,
        group: int = GROUP,
        buffer: int = BUFFER,
        threads: int = 2,
        **settings,
    ) -> None:
        settings |= {"weights": None, "often": None}  # every photograph is seen once an epoch
        super().__init__(photos, size, batch_size, **settings)
        if len(photos.shards) < self.world:
            raise DataError(
                f"{len(photos.shards)} shards cannot be dealt to {self.world} processes; write "
                "more and smaller ones (--count)."
            )
        self.group, self.buffer, self.threads = group, buffer, threads
        self.names: dict[int, list[str]] = {}
        self._reader: Reader | None = None
        self._waiting: dict[int, list[tuple[str, np.ndarray | None]]] = {}
        self._next, self._lock = 0, threading.Lock()

    def main_pixels(self, step: int) -> list[np.ndarray]:
        with self._lock:
            found = self._waiting.pop(step, None) or self._sought(step)
            self.names[step] = [name for name, _ in found]
            self.names.pop(step - _NEAR, None)
        good = [pixels for _, pixels in found if pixels is not None]
        if not good:
            raise DataError("None of a batch's photographs could be decoded.")
        # A photograph that cannot be decoded must neither stop a training nor shift the others.
        return [good[i % len(good)] if p is None else p for i, (_, p) in enumerate(found)]

    def _sought(self, step: int) -> list[tuple[str, np.ndarray | None]]:
        """The photographs of one step; those of steps passed over wait for their turn."""
        count = self.batch_size - self.n_extra
        if self._reader is None or not self._next <= step < self._next + _NEAR:
            if self._reader is not None:
                self._reader.close()
            size = self.photos.size
            stream = self.stream(step * count)
            self._reader = Reader(stream, lambda s: decode_sample(s, size), 3 * count, self.threads)
            self._next, self._waiting = step, {}
        while self._next <= step:
            self._waiting[self._next] = [self._reader.take() for _ in range(count)]
            self._next += 1
        return self._waiting.pop(step)

    def stream(self, first: int) -> Iterator[dict]:
        """This process's samples from its ``first``-th on, over all epochs."""
        epoch, skip = 0, first
        while True:
            for number, shards in enumerate(self.groups(epoch)):
                length = sum(shard.count for shard in shards)
                if skip >= length:
                    skip -= length  # unread
                    continue
                rng = random.Random(f"{self.seed} {epoch} {number} {self.rank} {self.world}")
                samples = read_samples([s.url for s in shards], rng, self.buffer)
                seen = 0
                for seen, sample in enumerate(samples, start=1):
                    if seen > skip:
                        yield sample
                if seen != length:
                    raise DataError(
                        f"{shards[0].url} and those after it hold {seen} photographs, and "
                        f"{INDEX} says {length}; write {INDEX} anew."
                    )
                skip = 0
            epoch += 1

    def groups(self, epoch: int) -> list[list[Shard]]:
        """The shards this process reads in an epoch, in groups that are shuffled together."""
        order = np.random.default_rng((self.seed, 11, epoch)).permutation(len(self.photos.shards))
        mine = [self.photos.shards[i] for i in order[self.rank :: self.world]]
        return [mine[i : i + self.group] for i in range(0, len(mine), self.group)]


class Reader:
    """Reads and decodes ahead in threads; what was read comes in its order.

    ahead: samples in work or waiting.
    """

    def __init__(
        self,
        samples: Iterator[dict],
        decode: Callable[[dict], np.ndarray | None],
        ahead: int,
        threads: int,
    ) -> None:
        self._queue: queue.Queue[tuple[str, Future] | Exception] = queue.Queue(ahead)
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(threads)
        self._thread = threading.Thread(target=self._read, args=(samples, decode), daemon=True)
        self._thread.start()

    def take(self) -> tuple[str, np.ndarray | None]:
        """The next sample's name and pixels, None where they cannot be decoded."""
        found = self._queue.get()
        if isinstance(found, Exception):
            raise found
        name, future = found
        return name, future.result()

    def close(self) -> None:
        self._stop.set()
        while self._thread.is_alive():
            try:
                self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        self._pool.shutdown(cancel_futures=True)

    def _read(self, samples: Iterator[dict], decode: Callable) -> None:
        try:
            for sample in samples:
                if self._stop.is_set():
                    return
                self._queue.put((sample["__key__"], self._pool.submit(decode, sample)))
        except Exception as error:
            self._queue.put(error)
