"""Photographs that are taken and names of their results; nothing is opened here."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from colorizer.batch.output_paths import AlbumError, make_plan
from colorizer.batch.result_names import result_names


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def planned(plan) -> dict[str, list[str]]:
    return {str(task.source): [str(o) for o in task.outputs] for task in plan.tasks}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["cat.jpg", "dog.png"], ["cat", "dog"]),
        (["cat.jpg", "cat.png"], ["cat-jpg", "cat-png"]),
        (["Cat.jpg", "cat.PNG"], ["Cat-jpg", "cat-png"]),  # one name on most Macs
        (["cat.jpg", "cat.png", "cat-jpg.tif"], ["cat.jpg", "cat-png", "cat-jpg-tif"]),
        (["a.b.jpg", "a.jpg", "noise"], ["a.b", "a", "noise"]),
        (["cat", "cat.jpg"], ["cat", "cat-jpg"]),
        (["caf\u00e9.jpg", "cafe\u0301.png"], ["caf\u00e9-jpg", "cafe\u0301-png"]),
    ],
)
def test_names_do_not_depend_on_the_order(files, expected):
    for order in itertools.permutations(files):
        assert result_names(order) == dict(zip(files, expected, strict=True))


def test_names_that_differ_in_case_alone():
    names = result_names(["cat.jpg", "cat.JPG", "CAT.jpg"])
    assert len({name.casefold() for name in names.values()}) == 3
    assert result_names(["CAT.jpg", "cat.JPG", "cat.jpg"]) == names


def test_a_photograph_beside_its_namesake(tmp_path, monkeypatch):
    monkeypatch.chdir(touch(tmp_path, "cat.jpg", "cat.png", "dog.jpg", "dog.txt", ".dog.png"))
    assert planned(make_plan(["cat.jpg"], None, None)) == {"cat.jpg": ["cat-jpg-color.png"]}
    assert planned(make_plan(["dog.jpg"], None, None)) == {"dog.jpg": ["dog-color.png"]}
    assert planned(make_plan(["dog.jpg", "cat.png"], "out", None)) == {
        "dog.jpg": ["out/dog-color.png"],
        "cat.png": ["out/cat-png-color.png"],
    }


def test_a_later_file_never_takes_the_result_of_an_earlier_one(tmp_path, monkeypatch):
    monkeypatch.chdir(touch(tmp_path, "album/cat.jpg"))
    before = planned(make_plan(["album"], "out", None))
    touch(tmp_path, "album/cat.png")
    after = planned(make_plan(["album"], "out", None))
    assert before == {"album/cat.jpg": ["out/cat.png"]}
    assert after == {"album/cat.jpg": ["out/cat-jpg.png"], "album/cat.png": ["out/cat-png.png"]}


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (None, "photo-color.png"),
        ("new/", "new/photo-color.png"),
        ("new", "new/photo-color.png"),
        ("old.folder", "old.folder/photo-color.png"),
        (".", "photo-color.png"),
        ("new/result.png", "new/result.png"),
        ("result.JPG", "result.JPG"),
        ("result.webp", "result.webp"),
    ],
)
def test_output_of_one_photograph(tmp_path, monkeypatch, output, expected):
    monkeypatch.chdir(touch(tmp_path, "photo.jpg"))
    (tmp_path / "old.folder").mkdir()
    assert planned(make_plan(["photo.jpg"], output, None)) == {"photo.jpg": [expected]}


def test_samples(tmp_path, monkeypatch):
    monkeypatch.chdir(touch(tmp_path, "photo.jpg", "album/a/x.tif"))
    plan = make_plan(["photo.jpg"], "out", range(7, 9))
    assert planned(plan) == {"photo.jpg": ["out/photo-seed7.png", "out/photo-seed8.png"]}
    assert planned(make_plan(["album"], "out", [0])) == {"album/a/x.tif": ["out/a/x-seed0.png"]}


def test_a_folder_keeps_names_and_subfolders(tmp_path, monkeypatch):
    touch(tmp_path, "album/b.JPG", "album/1/a.png", "album/1/2/c.webp", "album/list.txt")
    touch(tmp_path, "album/.hidden/x.jpg", "album/._b.JPG", "album/.DS_Store")
    monkeypatch.chdir(tmp_path)
    assert planned(make_plan(["album/"], "out/", None)) == {
        "album/b.JPG": ["out/b.png"],
        "album/1/a.png": ["out/1/a.png"],
        "album/1/2/c.webp": ["out/1/2/c.png"],
    }


def test_results_are_no_photographs_of_the_next_run(tmp_path, monkeypatch):
    touch(
        tmp_path, "album/cat.jpg", "album/sub/dog.jpg", "album/out/cat.png", "album/out/sub/dog.png"
    )
    touch(tmp_path, "album/cat-color.png", "album/cat-seed12.png")  # of single photographs
    touch(tmp_path, "album/car-color.png", "album/cat-color.jpg")  # photographs, by their names
    monkeypatch.chdir(tmp_path)
    for output in ("album/out", "album/sub/../out/", str(tmp_path / "album/out")):
        plan = make_plan(["album"], output, None)
        assert [str(task.source) for task in plan.tasks] == [
            "album/car-color.png",
            "album/cat-color.jpg",
            "album/cat.jpg",
            "album/sub/dog.jpg",
        ]
        assert plan.earlier == 2


def test_the_same_photograph_twice_is_done_once(tmp_path, monkeypatch):
    monkeypatch.chdir(touch(tmp_path, "album/a.jpg"))
    assert len(make_plan(["album/a.jpg", "./album/a.jpg"], "out", None).tasks) == 1


def test_what_is_not_there_is_told_and_does_not_stop_the_rest(tmp_path, monkeypatch):
    monkeypatch.chdir(touch(tmp_path, "a.jpg"))
    os.mkfifo("pipe.jpg")
    plan = make_plan(["b.jpg", "a.jpg", "pipe.jpg"], None, None)
    assert planned(plan) == {"a.jpg": ["a-color.png"]}
    assert plan.problems == [
        "b.jpg: there is no such file or folder.",
        "pipe.jpg: this is no ordinary file.",
    ]


@pytest.mark.parametrize(
    ("inputs", "output", "words"),
    [
        (["album"], None, "say with -o"),
        (["album"], "album", "a folder of their own"),
        (["album"], "album/sub/..", "a folder of their own"),
        (["album"], "file.txt", "is a file"),
        (["album"], "file.txt/out", "Nothing can be written"),
        (["photo.jpg"], "file.txt/out.png", "Nothing can be written"),
        (["album"], "out.png", "must be a folder"),
        (["photo.jpg", "album/a.jpg"], "out.jpg", "must be a folder"),
        (["photo.jpg"], "photo.jpg", "is itself a photograph"),
        (["photo.jpg"], "link.jpg", "is itself a photograph"),
        (["album/sub", "photo.jpg"], "album", "is itself a photograph"),
        (["album/a.jpg", "album/sub/a.jpg"], "out", "would both be written"),
    ],
)
def test_paths_that_do_not_go_together(tmp_path, monkeypatch, inputs, output, words):
    touch(tmp_path, "photo.jpg", "file.txt", "album/a.jpg", "album/sub/a.jpg", "album/sub/p.png")
    os.link(tmp_path / "photo.jpg", tmp_path / "link.jpg")
    os.link(tmp_path / "photo.jpg", tmp_path / "album/p.png")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AlbumError, match=words) as raised:
        make_plan(inputs, output, None)
    assert str(raised.value).endswith(".")


def test_more_than_one_sample_needs_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(touch(tmp_path, "photo.jpg"))
    with pytest.raises(AlbumError, match="must be a folder"):
        make_plan(["photo.jpg"], "out.png", range(2))
