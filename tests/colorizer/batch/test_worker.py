"""The work of one process of a batch."""

from __future__ import annotations

import io
from collections import Counter

import fsspec
import numpy as np
import pytest
from PIL import Image

from colorizer import checkpoints
from colorizer.batch.cluster.run import run_batch
from colorizer.batch.cluster.units import Journal, Task, run_unit
from colorizer.batch.cluster.worker import Job, Worker
from colorizer.batch.records.identity import Work, weights_hash
from colorizer.batch.records.lock import InUseError, Lock
from colorizer.batch.records.table import FOLDER, Results, Status
from colorizer.batch.sources import open_source
from colorizer.batch.storage import Place
from colorizer.images import photo


@pytest.fixture
def worker(tmp_path):
    work = Work("mobile", weights_hash(checkpoints.find("mobile")), format="jpeg", max_side=90)
    job = Job(work, Place(str(tmp_path / "in")), Place(str(tmp_path / "out")), "run", together=4)
    return Worker(job)


def task(path: str, **facts) -> Task:
    return Task(path, path.rsplit(".", 1)[0] + ".jpg", "a b", **facts)


def test_several_in_one_pass_are_as_one_by_one(mobile, photographs):
    photos = [photo.resized(photo.read(p), 150) for p in photographs.values()]
    photos.append(photos[0])
    many = mobile.analyze(photos)
    for image, analysis in zip(photos, many, strict=True):
        expected = np.asarray(mobile.analyze(image).colorize(), int)
        assert np.abs(np.asarray(analysis.colorize(), int) - expected).max() <= 1
        sampled = np.asarray(mobile.analyze(image).colorize(seed=3), int)
        assert np.abs(np.asarray(analysis.colorize(seed=3), int) - sampled).mean() < 1


def test_rows_formats_and_knobs(worker, photo_file, tmp_path):
    photo_file("in/a.png", side=120)
    photo_file("in/sub/b.png", "coffee", side=60)
    (tmp_path / "in/c.png").write_bytes(b"")
    rows = worker.colorize(
        [task("a.png"), task("c.png"), task("sub/b.png", knobs='{"strength": 0}')]
    )
    assert [r.status for r in rows] == [Status.DONE, Status.FAILED, Status.DONE]
    assert (rows[0].width, rows[0].height) == (90, 60)
    assert rows[1].error == "“c.png” is empty."
    with Image.open(tmp_path / "out/sub/b.jpg") as image:
        assert image.format == "JPEG"
        assert np.ptp(np.asarray(image, int), 2).max() < 12  # strength 0 is grey
        assert b"Colours are simulated" in image.info["comment"]


def test_a_file_that_is_not_ours_is_left_alone(worker, photo_file, tmp_path):
    photo_file("in/a.png", side=40)
    taken = photo_file("out/a.jpg", side=30)
    before = taken.read_bytes()
    assert worker.colorize([task("a.png")])[0].status == Status.KEPT
    assert taken.read_bytes() == before
    assert worker.colorize([task("a.png", known=True)])[0].status == Status.DONE
    ours = taken.read_bytes()
    assert ours != before
    assert worker.colorize([task("a.png")])[0].status == Status.DONE  # no row, but ours
    assert taken.read_bytes() == ours


def test_from_bucket_to_bucket(photo_file, mobile):
    """All of a run but Ray: listing with marks, reading, put once, table, lock and resume."""
    bucket = fsspec.filesystem("memory")
    for name in ("a.png", "box/b.png"):
        bucket.pipe_file(f"/scans/{name}", photo_file(name, side=50).read_bytes())
    bucket.pipe_file("/scans/.hidden.png", b"")
    source, target = Place("memory://scans"), Place("memory://colour/first")
    work = Work("mobile", weights_hash(checkpoints.find("mobile")))

    def engine(job, plan):
        worker, journal, results = Worker(job), Journal(), Results(job.target)
        tally = Counter()
        for unit in range(plan.units):
            rows = run_unit(unit, plan.read(unit), worker, journal, results, f"{job.run}-{unit}")
            tally.update(Status[s.upper()] for s in rows["status"].to_pylist())
        return tally

    report = run_batch(open_source(source.url, target), target, work, engine)
    assert (report.outcomes, report.problems) == ({Status.DONE: 2}, [])
    with Image.open(io.BytesIO(bucket.cat_file("/colour/first/box/b.png"))) as image:
        assert image.size == (50, 33)
    report = run_batch(open_source(source.url, target), target, work, engine)
    assert (report.tally.todo, report.tally.done) == (0, 2)
    bucket.pipe_file("/scans/a.png", photo_file("c.png", "coffee", side=40).read_bytes())
    report = run_batch(open_source(source.url, target), target, work, engine)
    assert (report.tally.todo, report.tally.changed) == (1, 1)
    left = bucket.find("/colour/first/_results")
    assert all(name.endswith(".parquet") for name in left)
    with Lock(target.below(FOLDER)), pytest.raises(InUseError):
        run_batch(open_source(source.url, target), target, work, engine)
    for folder in ("/scans", "/colour"):
        bucket.rm(folder, recursive=True)
