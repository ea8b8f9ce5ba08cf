"""Files that are refused, and the words."""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image

from colorizer.images.photo import PhotoError, read
from tests.support.pictures import encoded


class TestRefused:
    """One clear sentence each."""

    @staticmethod
    def sentence(source, **options) -> str:
        with pytest.raises(PhotoError) as caught:
            read(source, **options)
        text = str(caught.value)
        assert text[0] in "“ATS"
        assert text.endswith(".")
        assert "\n" not in text
        assert len(text) < 200
        return text

    def test_missing(self, tmp_path):
        assert "no file “gone.jpg”" in self.sentence(tmp_path / "gone.jpg")

    def test_folder(self, tmp_path):
        assert "folder" in self.sentence(tmp_path)

    def test_empty(self, tmp_path):
        (tmp_path / "empty.jpg").touch()
        assert "“empty.jpg” is empty" in self.sentence(tmp_path / "empty.jpg")
        assert "empty" in self.sentence(b"")

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
    def test_forbidden(self, tmp_path):
        (tmp_path / "mine.jpg").write_bytes(b"x")
        (tmp_path / "mine.jpg").chmod(0)
        assert "Permission" in self.sentence(tmp_path / "mine.jpg")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
    def test_pipe(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.jpg")
        assert "not a file" in self.sentence(tmp_path / "pipe.jpg")

    @pytest.mark.parametrize(
        ("data", "word"),
        [
            (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
            (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
            (b"\xef\xbb\xbf<svg/>", "SVG"),
            (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
            (b"\xff\x0a" + b"x" * 50, "JPEG XL"),
            (b"Dear diary", "not a picture"),
            (b"<!DOCTYPE html><html></html>", "not a picture"),
            (b"PK\3\4" + b"\0" * 60, "not a picture"),
            (b"\0" * 1000, "not a picture"),
            (b"\xff\xd8\xff\xe0", "damaged"),
            (b"\x89PNG\r\n\x1a\n", "damaged"),
            (b"II*\0\x08\0\0\0", "damaged"),
        ],
    )
    def test_not_a_photo(self, data, word):
        assert word in self.sentence(data)

    def test_raw_by_its_name(self, tmp_path, grey):
        path = tmp_path / "shot.dng"
        path.write_bytes(encoded(Image.fromarray(grey), "TIFF"))
        assert "raw" in self.sentence(path)

    def test_heic_without_its_package(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pillow_heif", None)
        data = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + b"\0" * 100
        assert "pillow-heif" in self.sentence(data)

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "PPM"])
    @pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
    def test_cut_short(self, coffee, format, share):
        data = encoded(Image.fromarray(coffee), format)
        text = self.sentence(data[: int(len(data) * share)])
        assert "damaged" in text

    def test_text_file(self, tmp_path):
        (tmp_path / "text.jpg").write_text("hello")
        with (tmp_path / "text.jpg").open() as file:
            assert "text" in self.sentence(file)

    @pytest.mark.parametrize("source", [None, 5, ["a.jpg"]])
    def test_other_things(self, source):
        assert "cannot be read" in self.sentence(source)

    def test_too_many_pixels_before_decoding(self, coffee):
        data = encoded(Image.fromarray(coffee))
        assert "megapixels" in self.sentence(data[:60], max_pixels=59_999)
        assert "megapixels" in self.sentence(coffee, max_pixels=59_999)
        assert "megapixels" in self.sentence(Image.fromarray(coffee), max_pixels=59_999)
        assert read(data, max_pixels=60_000).size == (300, 200)

    @pytest.mark.parametrize("side", [9_000, 10_000, 12_000, 60_000])
    @pytest.mark.filterwarnings("error")
    def test_bomb(self, side):
        header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header))
        data += b"\0\0\0\x08IDAT" + b"x" * 12
        assert "pixels" in self.sentence(data)

    def test_bomb_in_float(self):
        file = io.BytesIO()
        tifffile.imwrite(file, np.zeros((40, 30, 3), np.float32), photometric="rgb")
        assert "megapixels" in self.sentence(file.getvalue(), max_pixels=1000)

    def test_flipped_bytes_never_give_a_traceback(self, coffee):
        """Fuzzed files are read or refused, nothing else."""
        rng = np.random.default_rng(0)
        small = Image.fromarray(coffee[:40, :60])
        exif = Image.Exif()
        exif[ExifTags.Base.Make] = "Zeiss"
        for format in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM"):
            data = encoded(
                small, format, **({} if format in {"GIF", "BMP", "PPM"} else {"exif": exif})
            )
            for _ in range(40):
                spoiled = bytearray(data)
                for at in rng.integers(0, min(len(data), 400), 4):
                    spoiled[at] = rng.integers(256)
                try:
                    photo = read(bytes(spoiled), max_pixels=10**6)
                except PhotoError:
                    continue
                assert np.isfinite(photo.lightness).all()
