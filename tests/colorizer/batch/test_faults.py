"""Batches on a real Ray whose processes, machines and files fail; nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster as Machines

from colorizer import cli
from colorizer.batch.records.lock import Lock
from colorizer.batch.records.table import FOLDER, Results, Status
from colorizer.batch.storage import Place, TargetError
from tests.support import batching
from tests.support.command import ROOT, run, tree

pytestmark = pytest.mark.process
COUNT = 8
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
PATIENCE = 600  # seconds, for a busy machine


@pytest.fixture(scope="module")
def machines():
    """Two machines of one core each, as far as Ray can tell."""
    os.environ |= {
        "PYTHONPATH": str(ROOT),
        "RAY_BACKEND_LOG_LEVEL": "fatal",
        "RAY_worker_niceness": "0",  # 15 by default: beside other work it would starve
    }
    cluster = Machines(initialize_head=True, head_node_args=NODE)
    cluster.add_node(**NODE)
    yield cluster
    cluster.shutdown()


@pytest.fixture(scope="module")
def scans(tmp_path_factory, photographs) -> Path:
    """A folder of small real photographs."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("scans")
    (folder / "box").mkdir()
    for i in range(COUNT):
        image = Image.fromarray(list(photographs.values())[i % 5]).convert("L")
        image.thumbnail((64 + 8 * i, 64 + 8 * i))
        image.save(folder / ("box" if i % 2 else ".") / f"{i:02}.png")
    return folder


@pytest.fixture(scope="module")
def expected(scans, tmp_path_factory) -> dict[str, bytes]:
    """Files that the plain command writes."""
    folder = tmp_path_factory.mktemp("plain")
    arguments = ("--approach", batching.APPROACH, "-o", "out")
    assert run(scans, *arguments, cwd=folder).returncode == 0
    return tree(folder / "out")


def check(target: Path, expected: dict[str, bytes], **others: Status) -> list[dict]:
    """Every photograph once, the plain command's bytes, and nothing else."""
    found = tree(target)
    assert found.keys() == expected.keys()
    # Names alone: the difference of pictures takes minutes to write out.
    assert not [name for name in expected if found[name] != expected[name]]
    assert not list(target.rglob("*.part"))
    assert not (target / FOLDER / "lock.json").exists()
    rows = Results(Place(str(target))).rows().to_pylist()
    done = Counter(r["output"] for r in rows if r["status"] == "done")
    assert done == dict.fromkeys(expected, 1)
    assert {r["path"]: r["status"] for r in rows if r["status"] != "done"} == {
        path: status.name.lower() for path, status in others.items()
    }
    return rows


def when_waiting(target: Path, act, runs=lambda: True) -> threading.Thread:
    """``act(pid)`` as soon as a worker waits with a photograph in hand; then it is let go.

    runs: False once there is nothing to wait for any more.
    """

    def watch():
        mark, deadline = batching.waiting_at(target), time.monotonic() + PATIENCE
        while not mark.exists() and runs() and time.monotonic() < deadline:
            time.sleep(0.02)
        if not mark.exists():
            return
        act(int(mark.read_text()))
        mark.with_suffix(".go").touch()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_an_actor_is_killed(machines, scans, expected, tmp_path):
    target = tmp_path / "out"
    thread = when_waiting(target, lambda pid: os.kill(pid, signal.SIGKILL))
    report = batching.run(scans, target, "Waiting", machines.address)
    thread.join()
    assert report.outcomes == {Status.DONE: COUNT}
    rows = check(target, expected)
    assert sum(row["attempts"] == 2 for row in rows) == 1


def test_the_driver_is_killed_and_started_again(machines, scans, expected, tmp_path):
    target = tmp_path / "out"
    script = [sys.executable, "-m", "tests.support.batching"]
    script += [scans, target, "Waiting", machines.address]
    with (tmp_path / "said").open("w") as said:
        driver = subprocess.Popen(script, cwd=ROOT, stdout=said, stderr=said)
    when_waiting(target, lambda pid: driver.kill(), lambda: driver.poll() is None).join()
    assert driver.wait() == -signal.SIGKILL, (tmp_path / "said").read_text()
    assert (target / FOLDER / "lock.json").exists()
    before = {name: (target / name).stat().st_mtime_ns for name in tree(target)}
    recorded = set(Results(Place(str(target))).rows()["output"].to_pylist())
    report = batching.run(scans, target, "", machines.address)
    check(target, expected)
    assert report.tally.done == len(recorded)
    for name in recorded:  # nothing is done twice that the table had
        assert (target / name).stat().st_mtime_ns == before[name]
    again = batching.run(scans, target, "", machines.address)
    assert (again.tally.todo, again.tally.done) == (0, COUNT)


def test_the_target_is_full(machines, scans, expected, tmp_path):
    target = tmp_path / "out"
    with pytest.raises(TargetError, match="takes no more files: No space left on device"):
        batching.run(scans, target, "Full", machines.address)
    assert 3 <= len(tree(target)) < COUNT
    assert not list(target.rglob("*.part"))
    batching.run(scans, target, "", machines.address)
    check(target, expected)


def test_photographs_that_fail_are_rows(machines, scans, expected, tmp_path, monkeypatch):
    """Gone, empty, no picture, unreadable, deadly; and names that are hard to write."""
    import shutil

    source, target = tmp_path / "in", tmp_path / "out"
    shutil.copytree(scans, source)
    odd = {"-o.png": "00.png", "a b\n“ü”.png": "02.png", os.fsdecode(b"\xff\xfe.png"): "04.png"}
    for name, copied in odd.items():
        shutil.copy(scans / copied, source / name)
    shutil.copy(scans / "00.png", source / "gone.png")
    shutil.copy(scans / "00.png", source / "box/poison.png")
    (source / "empty.jpg").write_bytes(b"")
    (source / "text.jpg").write_text("no picture")
    (source / "cut.png").write_bytes((scans / "00.png").read_bytes()[:500])
    write_plan = batching.run_batch.__globals__["write_plan"]

    def and_remove(*arguments):
        plan = write_plan(*arguments)
        (source / "gone.png").unlink(missing_ok=True)
        return plan

    monkeypatch.setitem(batching.run_batch.__globals__, "write_plan", and_remove)
    report = batching.run(source, target, "Deadly", machines.address)
    assert report.outcomes == {Status.DONE: COUNT + 3, Status.FAILED: 5}
    failed = ("empty.jpg", "text.jpg", "cut.png", "gone.png", "box/poison.png")
    whole = expected | {name: expected[copied] for name, copied in odd.items()}
    assert tree(target) == whole
    readable = {os.fsencode(n).decode("utf-8", "backslashreplace"): d for n, d in whole.items()}
    rows = Results(Place(str(target))).rows().to_pylist()
    assert {r["output"] for r in rows if r["status"] == "done"} == set(readable)
    assert {r["path"]: r["status"] for r in rows if r["status"] != "done"} == dict.fromkeys(
        failed, "failed"
    )
    errors = {r["path"]: (r["error"], r["attempts"]) for r in rows if r["status"] == "failed"}
    assert errors["box/poison.png"][0].startswith("Its process was ended")
    assert errors["box/poison.png"][1] == 2
    assert errors["gone.png"] == ("There is no file “gone.png”.", 1)
    assert not list(target.rglob("*.part"))
    report = batching.run(source, target, "", machines.address, choice=batching.Choice(True))
    # Poison does this worker no harm, and what is gone is gone.
    assert report.outcomes == {Status.DONE: 1, Status.FAILED: 3}


def test_a_second_run_on_one_target_is_refused(scans, tmp_path, capsys):
    target = tmp_path / "out"
    with Lock(Place(str(target / FOLDER))):
        assert cli.main(["batch", str(scans), str(target)]) == 1
    assert "Another run has been at work on this target" in capsys.readouterr().err
    assert tree(target) == {}


def test_a_machine_leaves(machines, scans, expected, tmp_path):
    """The last test: it leaves one machine only."""
    target = tmp_path / "out"
    (worker,) = machines.worker_nodes
    thread = when_waiting(target, lambda pid: machines.remove_node(worker, allow_graceful=False))
    report = batching.run(scans, target, "Waiting", machines.address)
    thread.join()
    assert report.outcomes == {Status.DONE: COUNT}
    check(target, expected)
