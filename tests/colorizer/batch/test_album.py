"""An album on all cores: the same results, the same table as a batch, and what its faults leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from colorizer import checkpoints
from colorizer.approaches import default
from colorizer.batch import local
from colorizer.batch.album import AlbumTable
from colorizer.batch.cluster.plan import Choice, Planner
from colorizer.batch.local import Request, colorize_album
from colorizer.batch.output_paths import make_plan
from colorizer.batch.records.identity import Work, weights_hash
from colorizer.batch.records.table import Results
from colorizer.batch.sources import open_source
from colorizer.batch.storage import Place
from colorizer.pipeline import Colorizer
from tests.support.command import environment, tree


@pytest.fixture
def album(tmp_path, photo_file) -> Path:
    for i, name in enumerate(("astronaut", "camera", "chelsea", "coffee", "rocket")):
        photo_file(f"album/{'box/' if i % 2 else ''}{name}.png", name, side=80)
    (tmp_path / "album/empty.jpg").write_bytes(b"")
    return tmp_path / "album"


def table(target: Path) -> dict[str, dict]:
    return {r["path"]: r for r in Results(Place(str(target))).rows().to_pylist()}


@pytest.mark.process
def test_processes_write_what_one_writes(album, tmp_path, monkeypatch, mobile, call):
    assert call("album", "-o", "alone", cwd=tmp_path).returncode == 1  # one is empty
    monkeypatch.setattr(local, "START_SECONDS", 0.0)
    done = call("album", "-o", "out", "--workers", "2", cwd=tmp_path)
    assert done.returncode == 1
    assert "5 written, 1 failed" in done.stderr
    assert "album/empty.jpg" in done.stderr
    assert tree(tmp_path / "out").keys() == tree(tmp_path / "alone").keys()
    rows, others = table(tmp_path / "out"), table(tmp_path / "alone")
    assert {p: (r["status"], r["identity"]) for p, r in rows.items()} == {
        p: (r["status"], r["identity"]) for p, r in others.items()
    }
    assert rows["empty.jpg"]["status"] == "failed"


@pytest.mark.slow
def test_an_album_goes_on_where_it_was_and_so_does_a_batch(album, tmp_path, call):
    call("album", "-o", "out", cwd=tmp_path)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.png")}
    done = call("album", "-o", "out", cwd=tmp_path)
    assert "5 existed before" in done.stderr
    assert {p: p.stat().st_mtime_ns for p in before} == before
    target = Place(str(tmp_path / "out"))
    key = default().key
    work = Work(key, weights_hash(checkpoints.find(key)))
    source = open_source(str(album), target)
    planner = Planner(source, target, work, Results(target).index(), Choice())
    assert list(planner.tasks()) == []
    assert (planner.tally.done, planner.tally.failed) == (5, 1)
    (tmp_path / "out/chelsea.png").unlink()
    (album / "astronaut.png").touch()
    done = call("album", "-o", "out", cwd=tmp_path)
    assert sorted(done.stdout.split()) == ["out/astronaut.png", "out/chelsea.png"]
    done = call("album", "-o", "out", "--strength", "0.5", cwd=tmp_path)
    assert len(done.stdout.split()) == 5  # other settings, other results


def test_what_others_wrote_is_left_alone(album, tmp_path, photo_file, call):
    taken = photo_file("out/chelsea.png", "coffee", side=30)
    before = taken.read_bytes()
    done = call("album", "-o", "out", cwd=tmp_path)
    assert "4 written, 1 existed before" in done.stderr
    assert taken.read_bytes() == before
    assert table(tmp_path / "out")["chelsea.png"]["status"] == "kept"
    call("album", "-o", "out", "--overwrite", cwd=tmp_path)
    assert taken.read_bytes() != before


class Deadly(Colorizer):
    """Is killed by photographs of 33 pixels' height."""

    def analyze(self, source, hints=None, **options):
        if source.height == 33:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().analyze(source, hints, **options)


@pytest.mark.process
def test_a_deadly_photograph_is_a_row(album, tmp_path, photo_file):
    """In a process of its own: the pool's processes have to load the deadly colorizer too."""
    from PIL import Image

    Image.new("L", (40, 33), 120).save(album / "zz.png")
    script = (
        "import sys; from colorizer.pipeline import loading\n"
        "from tests.colorizer.batch import test_album\n"
        "loading.Colorizer = test_album.Deadly\n"
        "from colorizer import cli; from colorizer.batch import local\n"
        "local.START_SECONDS = 0.0\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(cli.main(['album', '-o', 'out', '--workers', '2']))\n"
    )
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "5 written, 2 failed" in done.stderr, done.stderr
    assert "album/zz.png: its process was ended while it was being colorized, twice" in done.stderr
    row = table(tmp_path / "out")["zz.png"]
    assert (row["status"], row["attempts"]) == ("failed", 2)
    assert sum(r["status"] == "done" for r in table(tmp_path / "out").values()) == 5


def test_without_the_table_what_exists_is_left_alone(album, tmp_path, call, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    call("album", "-o", "out", cwd=tmp_path)
    assert not (tmp_path / "out/_results").exists()
    assert "5 existed before" in call("album", "-o", "out", cwd=tmp_path).stderr


def test_two_runs_on_one_album(album, tmp_path, call):
    work = Work("mobile", "x")
    (tmp_path / "out").mkdir()
    with AlbumTable(tmp_path / "out", work):
        done = call("album", "-o", "out", cwd=tmp_path)
    assert done.returncode == 1  # for the empty file
    assert "Another run is at work on this folder; the photographs are shared" in done.stderr
    assert "5 written, 1 failed" in done.stderr


def test_outcomes_come_in_any_number(album, mobile, tmp_path):
    plan = make_plan([str(album)], str(tmp_path / "out"), range(2))
    request = Request("mobile", {}, (0, 1))
    found = dict(colorize_album(mobile, plan.tasks, request))
    assert sum(len(o.written) for o in found.values()) == 10
    assert [t.name for t, o in found.items() if o.error] == ["empty.jpg"]
    again = dict(colorize_album(mobile, plan.tasks, request))
    assert sum(o.existed for o in again.values()) == 10
