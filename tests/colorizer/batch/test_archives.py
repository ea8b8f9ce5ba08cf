"""Photographs taken from files and zip archives, and refusals in their words."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from colorizer.batch.archives import Limits, gather
from colorizer.batch.output_paths import AlbumError
from colorizer.images.photo import PhotoError

LIMITS = Limits(photographs=20, file_bytes=2**20, bytes=4 * 2**20)


@pytest.fixture
def archive(tmp_path):
    """``archive(name, {entry: content})``: a zip below tmp_path."""

    def write(name: str, entries: dict, method: int = zipfile.ZIP_DEFLATED) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", method) as file:
            for entry, content in entries.items():
                file.writestr(entry, content)
        return path

    return write


def taken(path: Path, limits: Limits = LIMITS) -> dict[str, str]:
    return {m.name: m.trouble for m in gather([(path.name, path)], limits)}


def test_names_and_folders_are_kept_and_clutter_is_not(archive):
    path = archive(
        "family.zip",
        {
            "1950/Tante Märta.jpg": b"a",
            "1950/__MACOSX/._Tante Märta.jpg": b"x",
            ".DS_Store": b"x",
            "Thumbs.db": b"x",
            "a\\b.png": b"b",
            "words.txt": b"c",
            "empty/": b"",
        },
    )
    found = gather([("family.zip", path)], LIMITS)
    assert [(m.name, bool(m.trouble)) for m in found] == [
        ("1950/Tante Märta.jpg", False),
        ("a/b.png", False),
        ("words.txt", True),
    ]
    assert (found[0].folder, found[0].file) == ("1950", "Tante Märta.jpg")
    stream = found[0].stream(LIMITS.file_bytes)
    assert (stream.read(), stream.name) == (b"a", "Tante Märta.jpg")


def test_files_and_archives_together_stay_apart(archive, tmp_path):
    one, other = archive("one.zip", {"cat.jpg": b"1"}), archive("two.zip", {"cat.jpg": b"2"})
    loose = tmp_path / "stored-elsewhere"
    loose.write_bytes(b"3")
    found = gather([("one.zip", one), ("two.zip", other), ("../cat.jpg", loose)], LIMITS)
    assert [m.name for m in found] == ["one/cat.jpg", "two/cat.jpg", "cat.jpg"]
    assert [m.stream(9).read() for m in found] == [b"1", b"2", b"3"]


def test_one_name_twice(tmp_path):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("cat.jpg", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("cat.jpg", b"2")
    found = gather([("twice.zip", path)], LIMITS)
    assert [(m.name, m.stream(9).read()) for m in found] == [
        ("cat.jpg", b"1"),
        ("cat (2).jpg", b"2"),
    ]


@pytest.mark.parametrize(
    "name", ["../out.jpg", "/etc/out.jpg", "C:\\out.jpg", "a/../../out.jpg", "..\\out.jpg"]
)
def test_a_name_that_leads_out_is_left_alone(archive, name):
    (member,) = gather([("x.zip", archive("x.zip", {name: b"a"}))], LIMITS)
    assert "leads out" in member.trouble
    assert ".." not in member.name
    assert not member.name.startswith("/")


def test_what_is_in_an_archive_is_refused_one_by_one(archive, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("cat.jpg", b"x")
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(
        "mixed.zip",
        {"inner.zip": inner.getvalue(), "page.svg": b"<svg/>", link: "/etc/passwd", "ok.jpg": b"x"},
    )
    found = taken(path)
    assert "stay shut" in found["inner.zip"]
    assert "no photograph by its name" in found["page.svg"]
    assert "is a link" in found["link.jpg"]
    assert found["ok.jpg"] == ""
    hidden = archive("hidden.zip", {"cat.jpg": inner.getvalue()})
    (member,) = gather([("hidden.zip", hidden)], LIMITS)
    with pytest.raises(PhotoError, match="stay shut"):
        member.stream(LIMITS.file_bytes)
    slow = archive("slow.zip", {"cat.jpg": b"x"}, zipfile.ZIP_LZMA)
    assert "compressed in a way" in taken(slow)["cat.jpg"]


def test_a_password(archive):
    path = archive("locked.zip", {"cat.jpg": b"x"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    assert "password" in taken(path)["cat.jpg"]


def test_bombs(archive, tmp_path):
    """An archive that unpacks to more than the limits is refused by its list, or while it unpacks."""
    honest = archive("bomb.zip", {"white.bmp": bytes(2**21)})
    assert honest.stat().st_size < 10_000
    assert taken(honest) == {"white.bmp": "“white.bmp” is larger than 1 MB."}
    many = archive("many.zip", {f"{i}.bmp": bytes(2**20) for i in range(9)})
    with pytest.raises(AlbumError, match=r"9 MB unpacked.*4 MB"):
        taken(many)
    with pytest.raises(AlbumError, match=r"21 photographs.*20"):
        taken(archive("long.zip", {f"{i}.jpg": b"x" for i in range(21)}))

    # One that lies about its sizes.
    data = bytearray(honest.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 1000)
    liar = tmp_path / "liar.zip"
    liar.write_bytes(data)
    (member,) = gather([("liar.zip", liar)], LIMITS)
    with pytest.raises(PhotoError, match=r"damaged|larger"):
        member.stream(LIMITS.file_bytes)


def test_entries_that_overlap(tmp_path):
    """Fifield's bomb: many entries of the directory share one compressed stream."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = bytes(2**20)
    stream = packed.compress(content) + packed.flush()
    crc = zlib.crc32(content)

    def header(kind: bytes, name: bytes, offset: int | None) -> bytes:
        sizes = struct.pack("<IIIHH", crc, len(stream), len(content), len(name), 0)
        if offset is None:
            return kind + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + name
        tail = struct.pack("<HHHII", 0, 0, 0, 0, offset)
        return kind + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes + tail + name

    names = [b"%d.jpg" % i for i in range(4)]
    body = header(b"PK\x03\x04", names[0], None) + stream
    directory = b"".join(header(b"PK\x01\x02", name, 0) for name in names)
    end = struct.pack("<HHHHIIH", 0, 0, 4, 4, len(directory), len(body), 0)
    path = tmp_path / "overlap.zip"
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    for member in gather([("overlap.zip", path)], LIMITS)[1:]:
        with pytest.raises(PhotoError, match="damaged"):
            member.stream(LIMITS.file_bytes)


def test_a_directory_without_end_is_not_read(tmp_path):
    """Millions of entries would fill the memory before the first was looked at."""
    path = tmp_path / "list.zip"
    entry = b"PK\x01\x02" + bytes(42)
    directory = entry * 50_000
    end = struct.pack("<HHHHIIH", 0, 0, 50_000, 50_000, len(directory), 4, 0)
    path.write_bytes(b"PK\x03\x04" + directory + b"PK\x05\x06" + end)
    assert "far too many" in taken(path)["list.zip"]


def test_what_a_file_is_its_first_bytes_say(archive, tmp_path, photo_file):
    plain = archive("plain.zip", {"cat.jpg": b"x"}).read_bytes()
    picture = photo_file("polyglot.png", side=50)
    picture.write_bytes(picture.read_bytes() + plain)
    assert taken(picture) == {"polyglot.png": ""}  # a picture; what follows it is never read
    assert gather([("polyglot.png", picture)], LIMITS)[0].entry is None
    for name, content, words in (
        ("picture.jpg", plain, "under a picture's name"),
        ("program.zip", b"MZ" + plain, "does not begin as a zip"),
        ("cut.zip", plain[:-10], "damaged"),
        ("none.zip", b"PK\x05\x06" + bytes(18), "holds no files"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert words in taken(path)[name]


def test_a_file_that_is_gone(tmp_path):
    assert "no longer here" in taken(tmp_path / "gone.jpg")["gone.jpg"]
