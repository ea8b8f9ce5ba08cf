"""Training from WebDataset shards: every photograph once an epoch, exactly resumed, dealt evenly."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import numpy as np
import pytest
from PIL import Image

from tests.support.command import environment
from train.data.find import DataError, find_photos, names_shards
from train.data.photographs import load_photos
from train.data.shards import INDEX, find_shards, main, write_shards
from train.data.streaming import ShardBatches, ShardPhotos

COUNT, SIZE = 46, 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory, photographs) -> Path:
    """A folder of small colour photographs in two sources, and a file that is none."""
    place = tmp_path_factory.mktemp("photos")
    for i in range(COUNT):
        pixels = photographs[("astronaut", "chelsea", "coffee", "rocket")[i % 4]]
        image = Image.fromarray(np.ascontiguousarray(pixels[i:, 2 * i :]))
        image.thumbnail((60, 60))
        path = place / ("faces" if i % 3 else "streets") / f"{i:02}.png"
        path.parent.mkdir(exist_ok=True)
        image.save(path)
    (place / "streets/broken.jpg").write_bytes(b"\xff\xd8 no photograph")
    return place


@pytest.fixture(scope="module")
def shards(folder, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("shards")
    main([str(folder), "--output", str(place), "--count", "5"])
    return place


def batches(shards, batch_size=4, **settings) -> ShardBatches:
    photos = ShardPhotos([str(shards)], SIZE)
    return ShardBatches(photos, 24, batch_size, group=3, buffer=20, **settings)


def names(of: ShardBatches, steps) -> list[str]:
    found = []
    for step in steps:
        assert of.batch(step).shape == (of.batch_size, 3, 24, 24)
        found += of.names[step]
    return found


def test_folders_become_shards_with_their_bytes(folder, shards):
    index = json.loads((shards / INDEX).read_text())
    assert list(index["shards"].values()) == [5] * 9 + [1]
    assert index["sources"] == {"faces": 30, "streets": 16}
    found = {}
    for path in shards.glob("*.tar"):
        with tarfile.open(path) as tar:
            for member in tar:
                key, suffix = member.name.split(".", 1)
                found.setdefault(key, {})[suffix] = tar.extractfile(member).read()
    assert len(found) == COUNT
    for sample in found.values():
        name = json.loads(sample["json"])["name"]
        assert sample["png"] == (folder / name).read_bytes()


def test_every_photograph_once_an_epoch_in_an_order_of_its_own(shards):
    reader = batches(shards, batch_size=2)
    first, second = names(reader, range(23)), names(reader, range(23, 46))
    assert len(set(first)) == len(set(second)) == COUNT
    assert set(first) == set(second)
    assert first != second
    assert first != sorted(first)


@pytest.mark.parametrize("step", [1, 7, 30])
def test_a_resumed_run_sees_what_an_uninterrupted_one_sees(shards, step):
    straight = batches(shards)
    for i in range(step):
        straight.batch(i)
    expected = straight.batch(step).numpy(), straight.names[step]
    resumed = batches(shards)
    assert (resumed.batch(step).numpy() == expected[0]).all()
    assert resumed.names[step] == expected[1]
    assert (resumed.batch(step).numpy() == expected[0]).all()  # sought again


def test_steps_may_come_from_several_threads(shards):
    straight = batches(shards)
    expected = {i: straight.batch(i).numpy() for i in range(12)}
    together = batches(shards)
    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(range(12), pool.map(together.batch, range(12)), strict=True))
    assert all((found[i].numpy() == expected[i]).all() for i in expected)


def test_processes_share_an_epoch_and_see_what_one_sees(shards):
    alone = set(names(batches(shards, batch_size=2), range(23)))
    parts = []
    for rank in range(2):
        reader = batches(shards, batch_size=1, rank=rank, world=2)
        length = sum(s.count for group in reader.groups(0) for s in group)
        parts.append(names(reader, range(length)))
    together = list(itertools.chain(*parts))
    assert len(together) == len(set(together)) == COUNT
    assert set(together) == alone


def test_the_stored_squares_are_those_of_the_cached_way(folder, shards, tmp_path):
    cached = load_photos([folder], SIZE, tmp_path).pixels
    streamed = ShardPhotos([str(shards)], SIZE).pixels
    assert sorted(p.tobytes() for p in cached) == sorted(p.tobytes() for p in streamed)


def test_shards_without_an_index_are_counted(shards, tmp_path):
    for path in list(shards.glob("*.tar"))[:3]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    found, _ = find_shards([str(tmp_path)], tmp_path / "cache")
    assert [s.count for s in found] == [5, 5, 5]
    piped = f"pipe:cat {tmp_path}/{{{','.join(p.name for p in sorted(tmp_path.glob('*.tar')))}}}"
    assert [s.count for s in find_shards([piped], tmp_path / "cache")[0]] == [5, 5, 5]
    assert len(list((tmp_path / "cache").iterdir())) == 3  # kept: a command may take long
    assert len(ShardPhotos([piped], SIZE, tmp_path / "cache")) == 15


def test_a_bucket(folder):
    items = find_photos([folder], limit=12)
    written = write_shards(items, "memory://bucket/shards", count=4)
    reader = batches("memory://bucket/shards")
    assert len(reader.photos) == written
    assert len(set(names(reader, range(written // 4)))) == written // 4 * 4
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


def test_a_broken_photograph_stops_nothing(tmp_path):
    with tarfile.open(tmp_path / "0.tar", "w") as tar:
        for i in range(8):
            stream = io.BytesIO()
            Image.new("RGB", (40, 40), (i * 20, 0, 0)).save(stream, "PNG")
            data = stream.getvalue()[: 60 if i == 3 else None]
            member = tarfile.TarInfo(f"{i}.png")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    assert set(names(batches(tmp_path), range(2))) == set("01234567")


@pytest.mark.parametrize(
    ("paths", "words"),
    [(["empty"], "No shards"), (["no.tar"], "not a tar file"), (["x.tar", "empty"], "mixed")],
)
def test_what_is_wrong_is_one_sentence(tmp_path, monkeypatch, paths, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "no.tar").write_bytes(b"no")

    def look():
        names_shards(paths)
        find_shards(paths)

    with pytest.raises(DataError, match=words):
        look()


def test_more_processes_than_shards(shards):
    with pytest.raises(DataError, match="cannot be dealt to 11 processes"):
        batches(shards, world=11)


@pytest.mark.process
def test_two_processes_train_from_shards(shards, tmp_path):
    """Under accelerate: between them the photographs of one epoch, none twice; then resumed."""
    spy = (
        "import os, sys; from train.data import streaming; from train import colorful\n"
        "old = streaming.ShardBatches.main_pixels\n"
        "def noted(self, step):\n"
        "    found = old(self, step)\n"
        "    with open(f'{sys.argv[1]}-{self.rank}', 'a') as file:\n"
        "        file.writelines(f'{step} {n}\\n' for n in self.names[step])\n"
        "    return found\n"
        "streaming.ShardBatches.main_pixels = noted\n"
        "colorful.main(sys.argv[2:])\n"
    )
    (tmp_path / "spy.py").write_text(spy)
    for steps in ("8", "11"):
        command = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
        command += ["--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no"]
        command += ["--dynamo_backend", "no", str(tmp_path / "spy.py"), str(tmp_path / "seen")]
        command += ["--photos", str(shards), "--output", str(tmp_path / "run"), "--size", "32"]
        command += ["--batch-size", "2", "--steps", steps, "--resume", "--precision", "no"]
        command += ["--width", "0.1"]
        command += ["--cache", str(tmp_path / "cache")]
        done = subprocess.run(
            command, env=environment(), capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
    seen = [(tmp_path / f"seen-{rank}").read_text().split() for rank in (0, 1)]
    steps, found = [s[::2] for s in seen], [s[1::2] for s in seen]
    assert steps[0] == steps[1] == [str(i) for i in range(11) for _ in (0, 1)]
    epoch = []
    for rank in (0, 1):
        reader = batches(shards, batch_size=2, rank=rank, world=2)
        reader.group, reader.buffer = 8, 2000
        assert found[rank] == names(reader, range(11))
        length = sum(s.count for group in reader.groups(0) for s in group)
        epoch += found[rank][:length]
    # A process's own share of the epoch may be a photograph or two short of its eleven batches.
    assert len(epoch) == len(set(epoch)) >= 40
