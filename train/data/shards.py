"""Photographs streamed from WebDataset shards: tar files in a folder, a bucket or behind a command.

    python -m train.data.shards train.zip more/ --output shards/       # zips and folders → shards
    python -m train.mobile --photos shards/ …
    python -m train.mobile --photos 's3://bucket/shards/{000000..000199}.tar' …

Nothing is decoded to disk.  In every epoch the shards are shuffled and dealt to the processes; a
process reads its shards in groups, and shuffles the photographs of a group in a buffer.  Since the
number of photographs in each shard is known (``shards.json`` beside them), which photograph comes
at which step follows from (seed, step, processes): a resumed run skips whole groups unread and goes
on with exactly the photographs that an uninterrupted run would have seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import random
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

import fsspec
import numpy as np
import webdataset as wds
from PIL import Image
from webdataset.gopen import gopen_schemes

from .find import SUFFIXES, DataError, Item, find_photos
from .photographs import Batches, Photos, decode_square

INDEX = "shards.json"
GROUP = 8  # shards that are shuffled together
BUFFER = 2000  # photographs in the shuffle buffer, still encoded: about 100 MB
SAMPLE = 1024  # photographs that stand for all where the colours of a data set are counted
_NEAR = 32  # steps that may be asked for before those ahead of them
_IMAGES = {s.lstrip(".") for s in SUFFIXES} | {"ppm"}


@dataclass(frozen=True)
class Shard:
    """One tar file: a path, a URL or ``pipe:command``, and its number of photographs."""

    url: str
    count: int


def find_shards(
    paths: Sequence[str | os.PathLike], cache: str | os.PathLike = "runs/cache"
) -> tuple[list[Shard], dict[str, int]]:
    """The shards of ``--photos`` and the number of photographs from each source.

    paths: folders of tar files, tar files, URLs of either, or ``pipe:`` commands; ``{000..123}``
        stands for several.  Shards without ``shards.json`` are read once to count them, and the
        counts kept in ``cache``.  Raises :class:`DataError` if there are none.
    """
    shards: list[Shard] = []
    sources: Counter[str] = Counter()
    for path in map(os.fspath, paths):
        urls, index = _listed(path)
        counts = _read_index(index)
        sources.update(counts.get("sources", {}))
        for url in urls:
            name = PurePosixPath(url.split()[-1] if url.startswith("pipe:") else url).name
            count = counts.get("shards", {}).get(name)
            shards.append(Shard(url, _counted(url, Path(cache)) if count is None else count))
    if not shards:
        raise DataError(f"No shards in {', '.join(map(str, paths))}.")
    return shards, dict(sources.most_common())


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
        few = islice(_samples([s.url for s in self.shards]), SAMPLE)
        decoded = [p for p in (_decoded(sample, size) for sample in few) if p is not None]
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
            self._reader = Reader(stream, lambda s: _decoded(s, size), 3 * count, self.threads)
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
                samples = _samples([s.url for s in shards], rng, self.buffer)
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


def write_shards(items: Sequence[Item], output: str, count: int = 1000, seed: int = 0) -> int:
    """Write photographs, as they are, into shards of ``count`` below ``output``.

    items: from ``find_photos``; they are shuffled, since archives are often sorted by source.
    output: a folder or a bucket's prefix.  Returns the number of photographs; those that cannot be
    decoded are left out.
    """
    counts: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    fs, root = fsspec.core.url_to_fs(output)
    fs.makedirs(root, exist_ok=True)
    order = np.random.default_rng(seed).permutation(len(items))
    pattern = f"{root}/%06d.tar"

    def opener(name: str):
        return fs.open(name, "wb")

    with wds.ShardWriter(pattern, maxcount=count, opener=opener, verbose=0) as writer:
        for place in order:
            item = items[place]
            data = item.read()
            suffix = PurePosixPath(item.name).suffix.lower().lstrip(".")
            if _decoded({suffix: data}, 8) is None:
                continue
            about = {"name": item.name, "source": item.source}
            writer.write({"__key__": f"{place:08d}", suffix: data, "json": about})
            counts[PurePosixPath(writer.fname).name] += 1
            sources[item.source] += 1
    index = {"shards": dict(counts), "sources": dict(sources.most_common())}
    with fs.open(f"{root}/{INDEX}", "wb") as file:
        file.write(json.dumps(index, indent=1).encode())
    return sum(counts.values())


def _samples(
    urls: Sequence[str], rng: random.Random | None = None, buffer: int = 0
) -> Iterator[dict]:
    """The samples of some shards, through a shuffle buffer if there is one."""
    stages = [wds.SimpleShardList(list(urls)), wds.tarfile_to_samples()]
    if buffer:
        stages.append(wds.shuffle(buffer, initial=buffer, rng=rng))
    return iter(wds.DataPipeline(*stages))


def _decoded(sample: dict, size: int) -> np.ndarray | None:
    """The photograph of a sample as a square, or None if it cannot be decoded."""
    data = next((v for k, v in sample.items() if k.rsplit(".", 1)[-1] in _IMAGES), None)
    try:
        return None if data is None else decode_square(data, size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _folder_tars(path: str) -> list[str]:
    fs, root = fsspec.core.url_to_fs(path)
    scheme = path.split("://")[0] + "://" if "://" in path else ""
    return [scheme + name for name in sorted(fs.glob(f"{root}/*.tar"))]


def _listed(path: str) -> tuple[list[str], str | None]:
    """The shards that one path names, and where their index would be."""
    if path.startswith("pipe:"):
        return wds.shardlists.expand_urls(path), None
    if path.split("?")[0].endswith(".tar"):
        return wds.shardlists.expand_urls(path), f"{path.rsplit('/', 1)[0]}/{INDEX}"
    return _folder_tars(path), f"{path.rstrip('/')}/{INDEX}"


def _read_index(url: str | None) -> dict:
    if url is None:
        return {}
    try:
        with fsspec.open(url, "rb") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def _counted(url: str, cache: Path) -> int:
    """The number of photographs in a shard that no index speaks of."""
    kept = cache / f"shard-{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
    if ":" in url and kept.exists():
        return json.loads(kept.read_text())
    try:
        count = sum(1 for _ in _samples([url]))
    except (OSError, ValueError, tarfile.TarError) as error:
        raise DataError(f"{url}: not a tar file that can be read ({error}).") from None
    if ":" in url:  # reading it again may take long; a file of this machine may change
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(count))
    return count


def _open_url(url: str, mode: str = "rb", bufsize: int = 8192):
    return fsspec.open(url, mode).open()


# webdataset reads buckets by their command-line tools; fsspec is what the rest of us uses.
gopen_schemes.update(dict.fromkeys(("s3", "gs", "memory"), _open_url))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Folders and zip archives → WebDataset shards.")
    a = parser.add_argument
    a("photos", nargs="+", metavar="PATH", help="as --photos of the training scripts")
    a("--output", required=True, help="a folder or a bucket's prefix")
    a("--count", type=int, default=1000, help="photographs in a shard (default: 1000)")
    a("--limit", type=int, help="use only so many photographs, spread over all")
    args = parser.parse_args(argv)
    try:
        items = find_photos(args.photos, args.limit)
        if args.count < 1:
            raise DataError("A shard holds at least one photograph.")
        written = write_shards(items, args.output, args.count)
    except DataError as error:
        sys.exit(str(error))
    print(f"{written} photographs in {args.output}")
    if written < len(items):
        print(f"{len(items) - written} could not be decoded and are left out", file=sys.stderr)


if __name__ == "__main__":
    main()
