"""WebDataset shards of photographs: tar files in a folder, a bucket or behind a command.

    python -m train.data.shards train.zip more/ --output shards/       # zips and folders → shards
    python -m train.mobile --photos shards/ …
    python -m train.mobile --photos 's3://bucket/shards/{000000..000199}.tar' …

``shards.json`` beside them has the number of photographs in each, which
:mod:`train.data.streaming` needs to train on them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import fsspec
import numpy as np
import webdataset as wds
from PIL import Image
from webdataset.gopen import gopen_schemes

from .find import SUFFIXES, DataError, Item, find_photos
from .photographs import decode_square

INDEX = "shards.json"
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
            if decode_sample({suffix: data}, 8) is None:
                continue
            about = {"name": item.name, "source": item.source}
            writer.write({"__key__": f"{place:08d}", suffix: data, "json": about})
            counts[PurePosixPath(writer.fname).name] += 1
            sources[item.source] += 1
    index = {"shards": dict(counts), "sources": dict(sources.most_common())}
    with fs.open(f"{root}/{INDEX}", "wb") as file:
        file.write(json.dumps(index, indent=1).encode())
    return sum(counts.values())


def read_samples(
    urls: Sequence[str], rng: random.Random | None = None, buffer: int = 0
) -> Iterator[dict]:
    """The samples of some shards, through a shuffle buffer if there is one."""
    stages = [wds.SimpleShardList(list(urls)), wds.tarfile_to_samples()]
    if buffer:
        stages.append(wds.shuffle(buffer, initial=buffer, rng=rng))
    return iter(wds.DataPipeline(*stages))


def decode_sample(sample: dict, size: int) -> np.ndarray | None:
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
        count = sum(1 for _ in read_samples([url]))
    except (OSError, ValueError, tarfile.TarError) as error:
        raise DataError(f"{url}: not a tar file that can be read ({error}).") from None
    if ":" in url:  # reading it again may take long; a file of this computer may change
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
