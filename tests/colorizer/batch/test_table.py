"""Identities, the table of results, the lock and the plan of a batch; nothing is colorized."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from colorizer.batch.cluster.plan import Choice, Planner, write_plan
from colorizer.batch.cluster.units import MOST_ATTEMPTS, Journal, run_unit
from colorizer.batch.output_paths import AlbumError
from colorizer.batch.records.identity import Work, keys_of, marks_of
from colorizer.batch.records.lock import NAME, STALE, InUseError, Lock
from colorizer.batch.records.table import Results, Row, Status
from colorizer.batch.sources import ABSENT, open_source
from colorizer.batch.storage import Place, TargetError, partial_name

WORK = Work("mobile", "0123", {"temperature": 0.4})


def touch(folder, *names):
    for name in names:
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(os.fsencode(name))
    return folder


def planned(source, target, work=WORK, **choice):
    planner = Planner(source, target, work, Results(target).index(), Choice(**choice))
    return list(planner.tasks()), planner.tally


def record(target, tasks, status=Status.DONE, part="x"):
    Results(target).write_part(part, [task.row(status) for task in tasks])


@pytest.fixture
def target(tmp_path):
    return Place(str(tmp_path / "out"))


@pytest.mark.parametrize(
    "other",
    [
        Work("mobile", "4567", {"temperature": 0.4}),
        Work("mobile", "0123", {"temperature": 0.5}),
        Work("mobile", "0123", {"temperature": 0.4}, "jpeg"),
        Work("mobile", "0123", {"temperature": 0.4}, max_side=800),
        WORK.with_knobs({"seed": 3}),
    ],
)
def test_whatever_changes_a_result_changes_its_identity(other):
    assert other.digest() != WORK.digest()
    assert WORK.with_knobs({"seed": None}).digest() == WORK.digest()


def test_the_same_weights_under_another_name_are_the_same_work():
    assert Work("./runs/mobile", "0123", {"temperature": 0.4}).digest() == WORK.digest()


def test_the_latest_row_counts_and_merging_keeps_it(target):
    results = Results(target)
    rows = [Row(f"{i}.jpg", f"{i}.png", "a b", Status.FAILED, finished=100 + i) for i in range(40)]
    for i, row in enumerate(rows):
        results.write_part(f"r-{i:03}", [row])
    results.write_part("r-late", [Row("7.jpg", "7.png", "a c", Status.DONE, finished=300)])
    assert results.counts() == {Status.DONE: 1, Status.FAILED: 39}
    before = results.rows().sort_by("path")
    results.merge("m")
    assert [name.split("-")[0] for name in results.files()] == ["merged"]
    assert results.rows().sort_by("path").equals(before)
    row = before.filter(pa.compute.equal(before["path"], "7.jpg")).to_pylist()[0]
    assert (row["status"], row["identity"]) == ("done", "a c")


def test_names_that_are_no_utf8_are_readable_and_apart(target):
    odd = [os.fsdecode(b"\xff\xfe.jpg"), "\n.jpg", "“ü”.jpg"]
    Results(target).write_part("x", [Row(p, p, "a b", Status.DONE) for p in odd])
    table = Results(target).rows()
    assert set(table["path"].to_pylist()) == {"\\xff\\xfe.jpg", "\n.jpg", "“ü”.jpg"}
    index = Results(target).index()
    known, states = index.look_up(keys_of(odd), marks_of(odd, ["a b"] * 3))
    assert known.all()
    assert (states == Status.DONE).all()


def test_a_second_run_does_what_is_missing_or_changed(tmp_path, target):
    folder = touch(tmp_path / "in", "a.jpg", "b.jpg", "sub/c.png", "note.txt", ".hidden.jpg")
    source = open_source(str(folder), target)
    tasks, tally = planned(source, target)
    assert [(t.path, t.output, t.known) for t in tasks] == [
        ("a.jpg", "a.png", False),
        ("b.jpg", "b.png", False),
        ("sub/c.png", "sub/c.png", False),
    ]
    record(target, tasks[1:])
    assert [t.path for t in planned(source, target)[0]] == ["a.jpg"]
    record(target, tasks[:1], Status.FAILED, "y")
    todo, tally = planned(source, target)
    assert (todo, tally.done, tally.failed) == ([], 2, 1)
    assert [t.path for t in planned(source, target, retry_failed=True)[0]] == ["a.jpg"]
    (tmp_path / "in/b.jpg").write_bytes(b"another")
    todo, tally = planned(source, target)
    assert [(t.path, t.known) for t in todo] == [("b.jpg", True)]
    assert tally.changed == 1
    other = WORK.with_knobs({"temperature": 1.0})
    assert len(planned(source, target, other)[0]) == 3
    touch(tmp_path / "out", "b.png")
    assert [t.path for t in planned(source, target, check=True)[0]] == ["b.jpg", "sub/c.png"]


def test_lists_and_manifests_name_outputs_as_folders_do(tmp_path, target):
    names = ["a/cat.jpg", "a/cat.png", "a/cat-jpg.tif", "b/cat.jpg", "b/Dog.JPG", "b/dog.png"]
    touch(tmp_path / "in", *names)
    (tmp_path / "in/all.txt").write_text("\n".join([*reversed(names), names[0], ""]))
    pq.write_table(pa.table({"path": names}), tmp_path / "in/all.parquet")
    (tmp_path / "in/all.csv").write_text("path\n" + "\n".join(f'"{n}"' for n in names))
    expected = {t.path: t for t in planned(open_source(str(tmp_path / "in"), target), target)[0]}
    assert len({t.output.casefold() for t in expected.values()}) == len(names)
    for manifest in ("all.txt", "all.parquet", "all.csv", "*.parquet"):
        tasks, _ = planned(open_source(str(tmp_path / "in" / manifest), target), target)
        assert len(tasks) == len(names), manifest  # named twice, done once
        assert {t.path: t for t in tasks} == expected


def test_a_manifest_may_tell_marks_and_knobs(tmp_path, target):
    columns = {"key": ["x/1.jpg", "2.jpg", "3.jpg"], "size": [5, 6, None]}
    columns |= {"last_modified": ["t", "u", None], "temperature": [None, 0.7, None]}
    columns |= {"seed": [None, 3, None]}
    pq.write_table(pa.table(columns), tmp_path / "m.parquet")
    tasks, _ = planned(open_source(str(tmp_path / "m.parquet"), target), target)
    assert [t.identity for t in tasks] == [
        f"5-t {WORK.digest()}",
        f"6-u {WORK.with_knobs({'temperature': 0.7, 'seed': 3}).digest()}",
        f"{ABSENT} {WORK.digest()}",
    ]
    assert json.loads(tasks[1].knobs) == {"temperature": 0.7, "seed": 3}


def test_whole_paths_go_below_the_target(tmp_path, target):
    touch(tmp_path, "x/1.jpg", "2.jpg")
    lines = [f"{tmp_path}/x/1.jpg", "../2.jpg", "s3://bucket/y/3.jpg"]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/all.txt").write_text("\n".join(lines))
    source = open_source(str(tmp_path / "lists/all.txt"), target)
    source.mark_of = lambda path: "mark"
    outputs = [t.output for t in planned(source, target)[0]]
    whole = str(tmp_path).lstrip("/")
    assert outputs == [f"{whole}/x/1.png", f"{whole}/2.png", "bucket/y/3.png"]
    source = open_source(str(tmp_path / "lists/all.txt"), target, root=str(tmp_path))
    source.mark_of = lambda path: "mark"
    assert [t.output for t in planned(source, target)[0]][:2] == ["x/1.png", "2.png"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nothing", "no such folder"),
        ("photo.jpg", "is no folder"),
        ("out", "a folder of their own"),
        ("bad.parquet", "cannot be read as a table"),
        ("nopath.csv", "no column “path”"),
        ("none.txt", "no such file"),
    ],
)
def test_sources_that_are_none_are_one_sentence(tmp_path, target, source, words):
    touch(tmp_path, "photo.jpg", "out/x.png", "bad.parquet")
    (tmp_path / "nopath.csv").write_text("a,b\n1,2\n")
    with pytest.raises(AlbumError, match=words):
        list(open_source(str(tmp_path / source), target).blocks())


def test_a_plan_is_read_unit_by_unit(tmp_path, target):
    folder = touch(tmp_path / "in", *(f"{i:04}.jpg" for i in range(1000)))
    tasks, _ = planned(open_source(str(folder), target), target)
    plan = write_plan(iter(tasks), target.below("_results/plans/x"), largest=7)
    assert plan.units > 200  # more than one file
    assert [t for unit in range(plan.units) for t in plan.read(unit)] == tasks
    assert len(plan.read(0)) == 4
    plan.remove()
    assert not target.exists("_results/plans/x")


class Fake:
    """Colorizes nothing; dies of photographs as a killed process would."""

    together = 3

    def __init__(self, deadly=()):
        self.deadly, self.calls, self.swept = set(deadly), [], []

    def colorize(self, tasks):
        self.calls.append([t.path for t in tasks])
        if self.deadly & set(self.calls[-1]):
            raise KeyboardInterrupt  # nothing in a unit catches it
        return [task.row(Status.DONE) for task in tasks]

    def sweep(self, tasks):
        self.swept += [t.path for t in tasks]


def test_a_deadly_photograph_is_tried_twice_alone_the_second_time(tmp_path, target):
    folder = touch(tmp_path / "in", *"abcdefgh")
    for name in "abcdefgh":
        os.rename(folder / name, folder / f"{name}.jpg")
    tasks, _ = planned(open_source(str(folder), target), target)
    journal, results = Journal(), Results(target)
    worker = Fake(deadly={"e.jpg"})
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            run_unit(5, tasks, worker, journal, results, "p")
    assert len(journal.unwritten()) == 6
    run_unit(5, tasks, worker, journal, results, "p")
    assert worker.calls == [
        ["a.jpg", "b.jpg", "c.jpg"],
        ["d.jpg", "e.jpg", "f.jpg"],
        ["g.jpg", "h.jpg"],
        ["d.jpg"],
        ["e.jpg"],
        ["f.jpg"],
    ]
    assert worker.swept == ["d.jpg", "e.jpg", "e.jpg", "f.jpg"]
    rows = {r["path"]: r for r in results.rows().to_pylist()}
    assert {p for p, r in rows.items() if r["status"] == "failed"} == {"e.jpg"}
    assert rows["e.jpg"]["error"].startswith("Its process was ended")
    assert (rows["a.jpg"]["attempts"], rows["d.jpg"]["attempts"]) == (1, 2)
    assert journal.unwritten() == []
    run_unit(5, tasks, worker, journal, results, "p")  # its rows were lost on the way
    assert len(worker.calls) == 6


def test_two_runs_never_work_on_one_target(target):
    with (
        Lock(target) as lock,
        pytest.raises(InUseError, match="at work on this target"),
        Lock(target),
    ):
        pass
    assert not target.exists(NAME)
    assert not lock.taken_over


@pytest.mark.process
@pytest.mark.parametrize("how", ["killed", "silent"])
def test_the_lock_of_a_dead_run_is_taken_over(target, how):
    code = "import os, sys; from colorizer.batch.records.lock import *; from colorizer.batch.storage import Place\n"
    code += "Lock(Place(sys.argv[1])).__enter__(); os.kill(os.getpid(), 9)"
    if how == "killed":
        subprocess.run([sys.executable, "-c", code, target.url], check=False, timeout=60)
    else:
        facts = {
            "run": "x",
            "host": "elsewhere",
            "pid": 1,
            "since": "",
            "seen": time.time() - STALE - 1,
        }
        target.write(NAME, json.dumps(facts).encode())
    assert target.exists(NAME)
    with Lock(target) as lock:
        assert lock.taken_over


def test_a_full_target_is_told_as_such_and_leaves_nothing(target, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TargetError, match="takes no more files: No space left"):
        target.write("a/b.png", b"data")
    assert target.fs.find(target.root) == []


def test_what_a_killed_process_left_is_swept(target):
    target.write("a/b.png", b"x")
    folder = Path(target.path("a"))
    mine = folder / partial_name(folder / "b.png", "0123abcd")
    other = folder / partial_name(folder / "c.png", "0123abcd")
    for path in (mine, other):
        path.write_bytes(b"half")
    target.sweep("a/b.png")
    assert not mine.exists()
    assert other.exists()
