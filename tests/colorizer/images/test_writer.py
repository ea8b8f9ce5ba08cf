"""Files that appear whole or not at all, and the EXIF in them."""

from __future__ import annotations

import io
import os
import struct
import threading
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from colorizer.images.photo import PhotoError, read, save
from tests.support.pictures import distance, encoded


class TestExif:
    def test_dates_camera_and_place_stay_and_the_preview_goes(self, grey, tmp_path):
        exif = Image.Exif()
        exif[ExifTags.Base.Make] = "Zeiss"
        exif[ExifTags.Base.DateTime] = "1931:05:01 12:00:00"
        exif[ExifTags.Base.Orientation] = 6
        details = exif.get_ifd(ExifTags.IFD.Exif)
        details[ExifTags.Base.DateTimeOriginal] = "1931:05:01 12:00:00"
        details[ExifTags.Base.ColorSpace] = 65535
        details[ExifTags.Base.ExifImageWidth], details[ExifTags.Base.ExifImageHeight] = 300, 200
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
        photo = read(encoded(Image.fromarray(grey), "JPEG", exif=exif))
        for name in ("out.jpg", "out.png"):
            save(Image.new("RGB", photo.size), tmp_path / name, metadata=photo.metadata)
            with Image.open(tmp_path / name) as image:
                kept = image.getexif()
                assert kept[ExifTags.Base.Make] == "Zeiss"
                assert kept[ExifTags.Base.DateTime] == "1931:05:01 12:00:00"
                assert ExifTags.Base.Orientation not in kept
                details = kept.get_ifd(ExifTags.IFD.Exif)
                assert details[ExifTags.Base.DateTimeOriginal] == "1931:05:01 12:00:00"
                assert details[ExifTags.Base.ColorSpace] == 1
                assert details[ExifTags.Base.ExifImageWidth] == 200
                assert details[ExifTags.Base.ExifImageHeight] == 300
                assert kept.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"

    def test_the_preview_goes(self, grey, tmp_path):
        """It would show the grey photo in every folder view."""
        preview, at = b"\xff\xd8 a preview", 8 + 2 + 2 * 12 + 4
        block = b"MM\0*" + struct.pack(">I", 8)
        block += struct.pack(">H", 2) + struct.pack(">HHI4s", 0x010F, 2, 4, b"Leo\0")
        block += struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack(">I", at)
        block += struct.pack(">HHHII", 2, 0x0201, 4, 1, at + 30)
        block += struct.pack(">HHII", 0x0202, 4, 1, len(preview)) + struct.pack(">I", 0) + preview
        data = encoded(Image.fromarray(grey), "JPEG", exif=b"Exif\0\0" + block)
        assert preview in data
        photo = read(data)
        assert photo.size == (200, 300)
        save(Image.new("RGB", photo.size), tmp_path / "out.jpg", metadata=photo.metadata)
        written = (tmp_path / "out.jpg").read_bytes()
        assert b"Leo" in written
        assert preview not in written

    def test_a_tiff_gives_no_layout_tags(self, grey):
        photo = read(encoded(Image.fromarray(grey), "TIFF", description="Aunt Ida", dpi=(300, 300)))
        exif = Image.Exif()
        exif.load(photo.exif)
        assert exif[ExifTags.Base.ImageDescription] == "Aunt Ida"
        assert ExifTags.Base.StripOffsets not in exif
        assert ExifTags.Base.ImageWidth not in exif

    def test_none_stays_none(self, grey):
        assert read(encoded(Image.fromarray(grey))).exif is None

    def test_broken_is_ignored(self, grey):
        data = encoded(
            Image.fromarray(grey), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\1" * 40
        )
        photo = read(data)
        assert photo.size == (300, 200)

    def test_too_long_for_a_jpeg_loses_the_makers_note(self, grey, tmp_path):
        exif = Image.Exif()
        exif[ExifTags.Base.Make] = "Zeiss"
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = b"x" * 70_000
        photo = read(encoded(Image.fromarray(grey), "PNG", exif=exif))
        save(Image.new("RGB", photo.size), tmp_path / "out.jpg", metadata=photo.metadata)
        with Image.open(tmp_path / "out.jpg") as image:
            assert image.getexif()[ExifTags.Base.Make] == "Zeiss"


class TestSave:
    def test_png_is_lossless(self, tmp_path, coffee):
        save(Image.fromarray(coffee), tmp_path / "out.png")
        with Image.open(tmp_path / "out.png") as image:
            assert image.format == "PNG"
            assert image.info["srgb"] == 0
            assert distance(np.asarray(image), coffee) == 0

    def test_jpeg_without_chroma_subsampling(self, tmp_path, coffee):
        save(Image.fromarray(coffee), tmp_path / "out.JPG")
        with Image.open(tmp_path / "out.JPG") as image:
            assert image.format == "JPEG"
            assert {(part[1], part[2]) for part in image.layer} == {(1, 1)}
            profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
            assert "sRGB" in ImageCms.getProfileDescription(profile)
            assert np.abs(np.asarray(image).astype(int) - coffee).mean() < 3

    def test_same_bytes_every_time(self, tmp_path, coffee):
        for name in ("a.jpg", "b.jpg", "a.png", "b.png"):
            save(Image.fromarray(coffee), tmp_path / name)
        assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
        assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()

    def test_transparent_jpeg_goes_on_white(self, tmp_path):
        save(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), tmp_path / "out.jpg")
        with Image.open(tmp_path / "out.jpg") as image:
            assert np.asarray(image).min() >= 254

    def test_an_existing_file_stays(self, tmp_path, coffee):
        path = tmp_path / "out.png"
        path.write_bytes(b"mine")
        with pytest.raises(PhotoError, match="exists already"):
            save(Image.fromarray(coffee), path)
        assert path.read_bytes() == b"mine"
        save(Image.fromarray(coffee), path, overwrite=True)
        assert read(path).size == (300, 200)
        assert os.listdir(tmp_path) == ["out.png"]

    @pytest.mark.parametrize("links", [True, False])
    def test_of_many_at_once_one_wins(self, tmp_path, monkeypatch, coffee, links):
        if not links:

            def refuse(*_args):
                raise OSError(1, "Operation not permitted")

            monkeypatch.setattr(os, "link", refuse)
        path, results = tmp_path / "out.png", []
        # The early look sees nothing, as if all had looked before any wrote.
        monkeypatch.setattr(os.path, "lexists", lambda _path: False)

        def write(shade: int) -> None:
            try:
                save(Image.new("L", (50, 50), shade), path)
                results.append(shade)
            except PhotoError:
                results.append(None)

        threads = [threading.Thread(target=write, args=(shade,)) for shade in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = (shade for shade in results if shade is not None)
        assert len(results) == 6
        with Image.open(path) as image:
            assert image.getpixel((0, 0)) == winner
        assert os.listdir(tmp_path) == ["out.png"]

    def test_nothing_is_left_when_it_fails(self, tmp_path, monkeypatch):
        def fail(self, file, *args, **kwargs):
            file.write(b"half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Image.Image, "save", fail)
        with pytest.raises(PhotoError, match="No space left"):
            save(Image.new("L", (5, 5)), tmp_path / "out.png")
        assert os.listdir(tmp_path) == []

    def test_where_it_cannot_be(self, tmp_path):
        image = Image.new("L", (5, 5))
        with pytest.raises(PhotoError, match="folder"):
            save(image, tmp_path)
        with pytest.raises(PhotoError, match="no folder"):
            save(image, tmp_path / "none" / "out.png")
        (tmp_path / "file").touch()
        with pytest.raises(PhotoError, match="cannot be written"):
            save(image, tmp_path / "file" / "out.png")
        with pytest.raises(PhotoError, match="cannot be written"):
            save(image, tmp_path / ("n" * 300 + ".png"))
        with pytest.raises(PhotoError, match="too wide"):
            save(Image.new("L", (65_501, 1)), tmp_path / "out.jpg")
        assert os.listdir(tmp_path) == ["file"]

    @pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
    def test_usual_permissions(self, tmp_path):
        save(Image.new("L", (5, 5)), tmp_path / "out.png")
        (tmp_path / "plain").touch()
        assert (tmp_path / "out.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["out.png", "out.jpg"])
def test_a_note_says_that_the_colours_are_simulated(coffee, tmp_path, name):
    note = "Colours are simulated: <Mobile> & seed 3"
    save(Image.fromarray(coffee), tmp_path / name, note=note)
    with Image.open(tmp_path / name) as image:
        image.load()
        info = image.info
        assert info.get("Description", info.get("comment", b"")) in (note, note.encode())
        words = ElementTree.fromstring(info["xmp"]).itertext()
        assert note in [text.strip() for text in words]
        assert b"compositeWithTrainedAlgorithmicMedia" in (tmp_path / name).read_bytes()
