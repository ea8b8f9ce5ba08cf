"""The tab Album: its work and its handlers as plain functions."""

from __future__ import annotations

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from colorizer.batch.archives import gather
from colorizer.ui.backend.memory import Memory
from colorizer.ui.backend.setting import Setting
from colorizer.ui.backend.studio import Studio
from colorizer.ui.server.settings import Settings
from colorizer.ui.tabs.album import job
from colorizer.ui.tabs.album.endpoint import album
from colorizer.ui.tabs.album.job import JPEG, PNG, Line
from colorizer.ui.tabs.album.tab import Album
from colorizer.ui.tabs.shared import Session
from tests.support.serving import laid_out

SIDE = 96


@pytest.fixture
def studio(mobile, tmp_path) -> Studio:
    return Studio(Settings(), tmp_path / "files", lambda key: mobile)


@pytest.fixture
def files(tmp_path, photo_file):
    """A zip with two folders, a bad file and a text, as the page hands it over."""
    good, other = photo_file("cat.jpg", side=SIDE), photo_file("rocket.png", "rocket", side=SIDE)
    path = tmp_path / "family.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(good, "1950/cat.jpg")
        archive.writestr("1950/broken.jpg", b"no picture")
        archive.write(other, "1950/cat.png")
        archive.writestr("=cmd.txt", b"words")
        archive.write(other, "rocket.png")
    return [("family.zip", str(path))]


def result(path: str) -> tuple[dict[str, Image.Image], list[dict[str, str]]]:
    with zipfile.ZipFile(path) as archive:
        pictures = {
            n: Image.open(io.BytesIO(archive.read(n))) for n in archive.namelist() if n != job.TABLE
        }
        text = archive.read(job.TABLE).decode("utf-8-sig")
    return pictures, list(csv.DictReader(io.StringIO(text, newline="")))


def test_an_album_keeps_names_and_tells_what_happened(studio, files, mobile):
    members = gather(files, job.limits(studio.settings))
    steps = []
    for progress in job.run(studio, members, "mobile", Setting(), PNG, "ann"):
        steps.append((progress.working, len(progress.pictures), progress.zip))
    assert [working for working, _, _ in steps] == [
        "1950/cat.jpg",
        "1950/broken.jpg",
        "1950/cat.png",
        "rocket.png",
        "",
    ]
    pictures, lines = result(steps[-1][2])
    assert list(pictures) == ["1950/cat-jpg.png", "1950/cat-png.png", "rocket.png"]
    expected = mobile.colorize(members[-1].stream(2**20))
    assert np.array_equal(np.asarray(pictures["rocket.png"]), np.asarray(expected))
    assert "Colours are simulated" in pictures["rocket.png"].info["Description"]
    assert [line["status"] for line in lines] == [
        "coloured",
        "failed",
        "coloured",
        "left out",
        "coloured",
    ]
    assert lines[0]["width"] == str(SIDE)
    assert lines[1]["note"].startswith("“broken.jpg” ")
    assert lines[1]["note"].endswith(".")
    assert lines[3]["file"] == "'=cmd.txt"  # no formula for a spreadsheet
    assert not list(studio.files.folder.rglob("result*"))


def test_jpeg_and_settings(studio, files, mobile):
    members = gather(files, job.limits(studio.settings))[-1:]
    setting = Setting({"vividness": 0.0})
    *_, last = job.run(studio, members, "mobile", setting, JPEG, "ann")
    pictures, _ = result(last.zip)
    assert pictures["rocket.jpg"].format == "JPEG"
    plain = np.asarray(mobile.colorize(members[0].stream(2**20), vividness=0.0), dtype=int)
    assert np.abs(np.asarray(pictures["rocket.jpg"]) - plain).mean() < 3


def test_an_album_is_bounded_in_pixels(mobile, tmp_path, photo_file):
    studio = Studio(Settings(album_megapixels=1), tmp_path / "files", lambda key: mobile)
    paths = [photo_file(f"{i}.png", side=None).resolve() for i in range(3)]
    for path in paths:
        Image.open(path).resize((700, 700)).save(path)
    members = gather([(p.name, p) for p in paths], job.limits(studio.settings))
    *_, last = job.run(studio, members, "mobile", Setting(), PNG, "ann")
    assert [line.status for line in last.lines] == ["coloured", "coloured", "failed"]
    assert "over its 1 megapixels" in last.lines[2].note


def test_a_stopped_album_leaves_nothing(studio, files):
    members = gather(files, job.limits(studio.settings))
    steps = job.run(studio, members, "mobile", Setting(), PNG, "ann")
    next(steps)
    next(steps)
    steps.close()
    assert not list(studio.files.folder.rglob("*.zip"))


def test_the_handlers_say_first_and_then_do(studio, files, tmp_path):
    tab = laid_out(Album, studio)
    session = Session("ann", None, "mobile", Memory())
    values = {tab.files: files, tab.kind: PNG, **dict.fromkeys(tab.knobs.values())}
    values[tab.knobs["temperature"]] = 0.4
    found = tab.chosen(session, values)
    assert "4 photographs ready, 1 left out." in found[tab.status]
    assert [tile["status"] for tile in found[tab.list]].count("waiting") == 4
    assert tab.chosen(session, {tab.files: None})[tab.status] == ""
    *_, done, last = tab.run(session, values)
    assert "Done: 3 coloured, 1 failed, 1 left out." in done[tab.status]
    assert done[tab.download]["visible"] is True
    assert done[tab.list][0]["picture"]["path"].endswith("tile.png")
    assert last[tab.go]["interactive"]
    assert last[tab.stop]["visible"] == "hidden"
    with pytest.warns(UserWarning, match="Choose photographs"):
        list(tab.run(session, {**values, tab.files: None}))
    studio.settings = Settings(album_photos=2)
    with pytest.warns(UserWarning, match="4 photographs, and one album takes 2"):
        assert "takes 2" in tab.chosen(session, values)[tab.status]


def test_the_table_has_a_line_for_each():
    text = job.table([Line("a.jpg", note='said "no", twice'), Line("-b.jpg")])
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    assert rows[0][:3] == ["file", "status", "result"]
    assert rows[1][-1] == 'said "no", twice'
    assert rows[2][0] == "'-b.jpg"


@pytest.mark.parametrize(
    ("photos", "format", "words"),
    [(None, "png", "no photographs"), ([("a", "b")], "gif", "format")],
)
def test_the_endpoint_refuses_with_a_sentence(studio, photos, format, words):
    with pytest.raises(ValueError, match=words):
        album(studio, photos, "mobile", {}, format, "ann")
