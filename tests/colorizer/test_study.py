"""The real-or-fake study: trials, answers, figures and files; and the tab's handlers."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from colorizer import study
from colorizer.color.lightness import lightness
from colorizer.study import Answer, StudyError, Trial
from colorizer.ui.backend.memory import Memory
from colorizer.ui.backend.studio import Studio
from colorizer.ui.server.settings import Settings
from colorizer.ui.tabs.shared import Session
from colorizer.ui.tabs.study import visit as study_visit
from colorizer.ui.tabs.study.tab import MODES, Study
from tests.support.command import LIMIT, ROOT, environment, needs_posix
from tests.support.serving import laid_out


def answer(trial: int, approach: str, word: str, visit: str = "ann", mode: str = "single"):
    fooled = study.fooled(Trial(mode, 0, approach), word)
    return Answer(
        visit, "2026-01-01T00:00:00", trial, mode, "a.jpg", approach, 1.0, word, fooled, 9
    )


# --- the library --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_against_published_figures(hits, count, low, high):
    assert study.wilson(hits, count) == pytest.approx((low, high), abs=5e-5)
    assert study.wilson(0, 0) == (0, 1)


def test_a_plan_is_fair():
    approaches = ["one", "other"]
    pairs = study.plan(range(50), approaches, study.PAIR, 40, seed=1)
    assert len({t.photograph for t in pairs}) == 40
    assert [sum(t.approach == a for t in pairs) for a in approaches] == [20, 20]
    assert 8 < sum(t.real_first for t in pairs) < 32
    single = study.plan(range(50), approaches, study.SINGLE, 40, seed=1)
    assert [sum(t.approach == a for t in single) for a in (*approaches, study.REAL)] == [10, 10, 20]
    assert study.plan(range(50), approaches, study.SINGLE, 40, seed=1) == single
    assert {t.photograph for t in study.plan([3, 7], approaches, study.PAIR, 40, 0)} == {3, 7}
    with pytest.raises(ValueError, match="at least one"):
        study.plan(range(5), [], study.PAIR, 5, 0)


def test_who_is_fooled():
    assert study.fooled(Trial(study.SINGLE, 0, "mobile"), "real") == 1
    assert study.fooled(Trial(study.SINGLE, 0, "mobile"), "coloured") == 0
    assert study.fooled(Trial(study.SINGLE, 0, study.REAL), "coloured") == 0
    assert study.fooled(Trial(study.PAIR, 0, "mobile"), "coloured") == 1
    assert study.fooled(Trial(study.PAIR, 0, "mobile"), "real") == 0


def test_rates_of_each_approach_and_of_real_photographs():
    answers = [answer(i, "mobile", "real" if i < 3 else "coloured") for i in range(10)]
    answers += [answer(i, "real", "coloured", "bob") for i in range(2)]
    answers += [answer(i, "mobile", "coloured", "bob", study.PAIR) for i in range(4)]
    found = {(r.mode, r.approach): r for r in study.rates(answers)}
    assert (found["single", "mobile"].hits, found["single", "mobile"].count) == (3, 10)
    assert found["single", "mobile"].low < 0.3 < found["single", "mobile"].high
    assert (found["single", "real"].share, found["single", "real"].visits) == (1.0, 1)
    assert found["pair", "mobile"].share == 1.0


def test_results_files_are_added_up(tmp_path, call):
    for name, words in (("ann", ["real", "coloured"]), ("bob", ["real", "real"])):
        answers = [answer(i, "mobile", word, name) for i, word in enumerate(words)]
        (tmp_path / f"{name}.csv").write_text(study.written(answers))
    assert study.read(tmp_path / "ann.csv")[0] == answer(0, "mobile", "real")
    done = call("study", "ann.csv", "bob.csv", "ann.csv", cwd=tmp_path)
    assert done.returncode == 0
    assert "| single | mobile | 3 | 75.0 % | 30.1–95.4 % | 4 | 2 |" in done.stdout
    assert "4 answers of 2 visits." in done.stderr
    assert "next to nothing" in done.stderr


def test_a_spreadsheet_gets_no_formula(tmp_path):
    (tmp_path / "x.csv").write_text(
        study.written([replace(answer(0, "mobile", "real"), photograph="=1.jpg")])
    )
    (row,) = csv.DictReader((tmp_path / "x.csv").open(newline=""))
    assert row["photograph"] == "'=1.jpg"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "no file of study results"),
        (b"\xff\xfe\x00", "no text file"),
        (",".join(study.COLUMNS).encode() + b"\nx,y,z\n", "line 2 is no answer"),
        (",".join(study.COLUMNS).encode() + b"\n", "no answers in these files"),
        (None, "cannot be read"),
    ],
)
def test_files_that_are_no_results_get_a_sentence(tmp_path, call, content, words):
    if content is not None:
        (tmp_path / "x.csv").write_bytes(content)
    done = call("study", "x.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert call("study", cwd=tmp_path).returncode == 2


def test_folders_that_cannot_be_studied(tmp_path, photo_file):
    with pytest.raises(StudyError, match="no folder"):
        study_visit.pool(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match="no photographs in"):
        study_visit.pool(tmp_path / "empty")
    photo_file("grey/a.png", side=60)
    (tmp_path / "grey/b.jpg").write_text("no picture")
    with pytest.raises(StudyError, match=r"None of the 2 photographs.*in colour"):
        study_visit.pool(tmp_path / "grey")
    with pytest.raises(StudyError, match="is a file"):
        study_visit.pool(tmp_path / "grey/a.png")
    photo_file("grey/far/c.png", "coffee", grey=False, side=60)
    assert [p.name for p in study_visit.pool(tmp_path / "grey").paths][-1] == "c.png"


@pytest.mark.process
def test_the_page_does_not_start_without_photographs(tmp_path):
    (tmp_path / "empty").mkdir()
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--study", "empty"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "There are no photographs in empty, so there is nothing to study.\n"


@needs_posix
def test_a_folder_that_is_locked(tmp_path):
    (tmp_path / "locked").mkdir(mode=0)
    if os.access(tmp_path / "locked", os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(StudyError, match="cannot be read"):
        study.photographs(tmp_path / "locked")


# --- the tab --------------------------------------------------------------------------------------


@pytest.fixture
def studio(mobile, tmp_path) -> Studio:
    return Studio(Settings(), tmp_path / "files", lambda key: mobile)


@pytest.fixture
def paths(photo_file):
    names = ("astronaut", "chelsea", "coffee")
    return [photo_file(f"{n}.png", n, grey=False, side=120) for n in names]


class Person:
    """Somebody at the tab: what it shows, and what can be pressed."""

    def __init__(self, studio: Studio, paths, **settings) -> None:
        self.tab = laid_out(Study, studio, study_visit.Pool(tuple(paths)))
        self.values = {
            getattr(self.tab, name): value
            for name, value in {"visit": None, "untimed": False, "seconds": 1.0, **settings}.items()
        }

    def press(self, handler: str, data=None):
        """Values that the tab shows then, by name; None where nothing changes."""
        changes = getattr(self.tab, handler)(
            Session("ann", None, "mobile", Memory(), data), self.values
        )
        if changes is None:
            return None
        self.values |= changes
        names = ("visit", "screen", "results", "save")
        return {name: changes[getattr(self.tab, name)] for name in names}


def test_a_round_from_start_to_results(studio, paths):
    mode = next(label for label, value in MODES.items() if value == study.PAIR)
    ann = Person(studio, paths, mode=mode, most=3, methods=["mobile"])
    shown = ann.press("start")
    for number in range(3):
        visit, value = shown["visit"], shown["screen"]
        assert (value["trial"], value["seconds"], value["count"]) == (
            number,
            1,
            f"{number + 1} of 3",
        )
        files = [p["picture"]["path"] for p in value["pictures"]]
        assert {os.path.basename(f) for f in files} == {"picture.png"}
        trial = visit.trial
        real = files[0 if trial.real_first else 1]
        with Image.open(paths[trial.photograph]) as original:
            assert np.array_equal(np.asarray(Image.open(real)), np.asarray(original))
        light = [lightness(np.asarray(Image.open(f))) for f in files]
        assert np.abs(light[0] - light[1]).max() <= 1
        # Nothing the screen could not have sent counts.
        for bad in ({}, {"trial": 9}, {"trial": number, "choice": 2, "milliseconds": 1}):
            assert ann.press("answer", bad) is None
        wrong = 1 if trial.real_first else 0
        shown = ann.press("answer", {"trial": number, "choice": wrong, "milliseconds": 700.4})
    assert shown["screen"] is None
    answers = shown["visit"].answers
    assert [a.fooled for a in answers] == [1, 1, 1]
    assert answers[0].milliseconds == 700
    assert "3 of 3" in shown["results"]
    assert "next to nothing" in shown["results"]
    assert len(study.read(shown["save"]["value"])) == 3
    with pytest.warns(UserWarning, match="all 3 photographs"):
        assert ann.press("start") is None


def test_single_pictures_until_the_answer_and_an_early_end(studio, paths, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    mode = next(label for label, value in MODES.items() if value == study.SINGLE)
    everything = [*paths, tmp_path / "bad.png"]
    ann = Person(studio, everything, mode=mode, untimed=True, most=4, methods=["mobile"])
    shown = ann.press("start")
    visit, value = shown["visit"], shown["screen"]
    assert value["seconds"] == 0
    assert len(value["pictures"]) == 1
    shown = ann.press("answer", {"trial": 0, "choice": 0, "milliseconds": 10})
    assert shown["visit"].answers[0].answer == "real"
    assert shown["visit"].answers[0].fooled == (visit.trial.approach != study.REAL)
    done = ann.press("end")
    assert "1 of 1" in done["results"] or "0 of 1" in done["results"]
    nothing = Person(studio, paths, mode=mode, most=4, methods=[])
    with pytest.warns(UserWarning, match="at least one"):
        nothing.press("start")


def test_the_bundled_photographs_are_a_trial():
    bundled = study_visit.pool()
    assert bundled.trial
    assert 3 <= len(bundled.paths) < study.SMALL
    assert study_visit.results(()) == ""
