"""Every kind of file a person may drop, what is refused and how, and writing without accidents."""

from __future__ import annotations

import io
import os
import struct
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms, ImageOps

from colorizer import photo as photos
from colorizer.compose import lightness
from colorizer.photo import Photo, PhotoError, attach, read, resized, save


@pytest.fixture(scope="module")
def coffee(photographs) -> np.ndarray:
    return np.ascontiguousarray(photographs["coffee"][::2, ::2])  # 200 × 300


@pytest.fixture(scope="module")
def grey(coffee) -> np.ndarray:
    return np.asarray(Image.fromarray(coffee).convert("L"))


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def distance(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.float64) - other).max())


def png16(samples: np.ndarray, alpha: bool = False) -> bytes:
    """A 16-bit RGB(A) PNG, which Pillow cannot write; every row with the Paeth-free filter Sub."""
    height, width, channels = samples.shape
    raw = samples.astype(">u2").tobytes()
    stride = width * channels * 2
    rows = []
    for y in range(height):
        row = np.frombuffer(raw[y * stride : (y + 1) * stride], np.uint8)
        before = np.concatenate([np.zeros(2 * channels, np.uint8), row[: -2 * channels]])
        rows.append(b"\1" + (row - before).tobytes())

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 16, 6 if channels == 4 else 2, 0, 0, 0)
    data = zlib.compress(b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b""))
    )


class TestKinds:
    """Every mode and file format gives the lightness of the picture."""

    @pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "GIF", "PPM"])
    def test_grey(self, grey, format):
        photo = read(encoded(Image.fromarray(grey), format))
        assert photo.size == (300, 200)
        assert photo.lightness.dtype == np.float32
        assert photo.color is None
        assert photo.alpha is None
        assert distance(photo.lightness, lightness(grey)) < 1e-3  # a GIF comes as a palette

    @pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM", "WEBP", "JPEG2000"])
    def test_rgb_keeps_the_original(self, coffee, format):
        options = {"WEBP": {"lossless": True}, "JPEG2000": {"irreversible": False}}
        photo = read(encoded(Image.fromarray(coffee), format, **options.get(format, {})))
        assert distance(photo.color, coffee) == 0
        assert distance(photo.lightness, lightness(coffee)) == 0

    @pytest.mark.parametrize("format", ["JPEG", "AVIF", "HEIF"])
    def test_lossy_formats(self, coffee, format):
        coffee = coffee[:64, :64]
        if format == "HEIF":
            pytest.importorskip("pillow_heif").register_heif_opener()
        photo = read(encoded(Image.fromarray(coffee), format, quality=95))
        assert photo.color.shape == coffee.shape
        assert np.abs(photo.lightness - lightness(coffee)).mean() < 1.5

    def test_grey_and_alpha(self, grey):
        alpha = np.tile(np.arange(300) % 256, (200, 1)).astype(np.uint8)
        image = Image.fromarray(np.dstack([grey, alpha]), "LA")
        photo = read(encoded(image))
        assert photo.color is None
        assert distance(photo.alpha, alpha) == 0
        assert distance(photo.lightness, lightness(grey)) == 0

    def test_rgb_and_alpha(self, coffee, grey):
        photo = read(encoded(Image.fromarray(np.dstack([coffee, grey]))))
        assert distance(photo.alpha, grey) == 0
        assert distance(photo.color, coffee) == 0

    def test_opaque_alpha_is_none(self, coffee):
        opaque = np.full(coffee.shape[:2], 255, np.uint8)
        assert read(encoded(Image.fromarray(np.dstack([coffee, opaque])))).alpha is None

    def test_palette(self, coffee):
        image = Image.fromarray(coffee).quantize(64)
        photo = read(encoded(image))
        assert distance(photo.color, np.asarray(image.convert("RGB"))) == 0
        assert photo.alpha is None

    def test_palette_with_transparency(self, coffee):
        image = Image.fromarray(coffee).quantize(64)
        image.info["transparency"] = 3
        photo = read(encoded(image, transparency=3))
        assert (photo.alpha == 0).sum() == (np.asarray(image) == 3).sum() > 0

    def test_grey_with_a_transparent_value(self, grey):
        photo = read(encoded(Image.fromarray(grey), transparency=int(grey[0, 0])))
        assert ((photo.alpha == 0) == (grey == grey[0, 0])).all()
        assert distance(photo.lightness, lightness(grey)) == 0

    @pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
    def test_one_bit(self, grey, format):
        image = Image.fromarray(grey).convert("1")
        photo = read(encoded(image, format))
        assert set(np.unique(photo.lightness)) == {0, 100}
        assert distance(photo.lightness, np.where(np.asarray(image), 100, 0)) == 0

    def test_cmyk_of_adobe_is_inverted_only_once(self, coffee):
        photo = read(encoded(Image.fromarray(coffee).convert("CMYK"), "JPEG", quality=95))
        assert np.abs(photo.color.astype(int) - coffee).mean() < 3

    def test_cmyk_tiff(self, coffee):
        photo = read(encoded(Image.fromarray(coffee).convert("CMYK"), "TIFF"))
        assert distance(photo.color, coffee) <= 2

    @pytest.mark.parametrize("format", ["PNG", "TIFF"])
    def test_16_bit_grey_keeps_its_depth(self, grey, format):
        deep = grey.astype(np.uint16) * 256 + 77
        photo = read(encoded(Image.fromarray(deep), format))
        assert distance(photo.lightness, lightness(deep)) == 0
        assert len(np.unique(photo.lightness)) > 1  # and not white

    @pytest.mark.parametrize("byteorder", ["<", ">"])
    @pytest.mark.parametrize("compression", [None, "zlib"])
    def test_16_bit_rgb_tiff_keeps_its_depth(self, coffee, byteorder, compression):
        deep = coffee.astype(np.uint16) * 256 + np.arange(300, dtype=np.uint16)[:, None] % 256
        file = io.BytesIO()
        tifffile.imwrite(
            file, deep, photometric="rgb", byteorder=byteorder, compression=compression
        )
        photo = read(file.getvalue())
        assert distance(photo.lightness, lightness(deep)) == 0
        assert distance(photo.color, np.round(deep / 257)) == 0

    @pytest.mark.parametrize("channels", [3, 4])
    def test_16_bit_rgb_png_keeps_its_depth(self, coffee, channels):
        deep = coffee.astype(np.uint16) * 256 + np.arange(300, dtype=np.uint16)[:, None] % 256
        alpha = np.full((200, 300, 1), 32768, np.uint16)
        file = png16(np.dstack([deep, alpha]) if channels == 4 else deep)
        photo = read(file)
        assert distance(photo.lightness, lightness(deep)) == 0
        assert (photo.alpha is None) == (channels == 3)
        if channels == 4:
            assert (photo.alpha == 128).all()

    def test_32_bit_integers(self, grey):
        photo = read(encoded(Image.fromarray(grey.astype(np.int32) * 257), "TIFF"))
        assert distance(photo.lightness, lightness(grey)) < 1e-3

    @pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
    def test_float_tiff(self, grey, white):
        photo = read(encoded(Image.fromarray(grey.astype(np.float32) / 255 * white), "TIFF"))
        assert distance(photo.lightness, lightness(grey)) < 0.01
        assert len(photo.notes) == (white != 1)

    @pytest.mark.parametrize("planar", ["contig", "separate"])
    def test_float_rgb_tiff(self, coffee, planar):
        values = coffee.astype(np.float32) / 255
        file = io.BytesIO()
        if planar == "separate":
            values = values.transpose(2, 0, 1)
        tifffile.imwrite(file, values, photometric="rgb", planarconfig=planar)
        photo = read(file.getvalue())
        assert distance(photo.color, coffee) == 0

    def test_lab_tiff(self, coffee):
        to_lab = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        lab = ImageCms.applyTransform(Image.fromarray(coffee), to_lab)
        photo = read(encoded(lab, "TIFF"))
        assert np.abs(photo.color.astype(int) - coffee).mean() < 2

    @pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 700), (5000, 20), (9000, 1)])
    def test_odd_sizes(self, width, height):
        values = np.linspace(0, 255, width * height).astype(np.uint8).reshape(height, width)
        photo = read(encoded(Image.fromarray(values)))
        assert photo.size == (width, height)
        assert distance(photo.lightness, lightness(values)) == 0

    def test_30_megapixels(self):
        values = np.broadcast_to(np.arange(6000, dtype=np.uint16).astype(np.uint8), (5000, 6000))
        photo = read(values)
        assert photo.size == (6000, 5000)
        assert distance(photo.lightness[4999], lightness(values[:1])[0]) == 0


class TestSources:
    """A path, bytes, a file object, a Pillow image, an array."""

    def test_all_say_the_same(self, tmp_path, coffee):
        path = tmp_path / "my coffee.png"
        path.write_bytes(encoded(Image.fromarray(coffee)))
        expected = lightness(coffee)
        with path.open("rb") as file:
            for source in (path, str(path), path.read_bytes(), file, Image.open(path), coffee):
                photo = read(source)
                assert distance(photo.lightness, expected) == 0
                assert distance(photo.color, coffee) == 0
        assert read(path).name == "my coffee"
        assert read(coffee).name == "photo"

    def test_a_photo_is_given_back(self, coffee):
        photo = read(coffee)
        assert read(photo) is photo

    def test_a_pillow_image_is_left_as_it_was(self, coffee):
        image = Image.fromarray(coffee).convert("P")
        image.getexif()[ExifTags.Base.Orientation] = 6
        before = image.tobytes()
        assert read(image).size == (200, 300)
        assert image.mode == "P"
        assert image.tobytes() == before

    @pytest.mark.parametrize(
        "dtype", [np.uint8, np.uint16, np.int64, np.float32, np.float64, ">u2"]
    )
    def test_types(self, coffee, dtype):
        top = {"u1": 1, "u2": 257, "i8": 1, "f4": 1 / 255, "f8": 1 / 255}[np.dtype(dtype).str[1:]]
        photo = read((coffee * np.float64(top)).astype(dtype))
        assert distance(photo.lightness, lightness(coffee)) < 0.01
        assert distance(photo.color, coffee) == 0

    def test_bool(self, grey):
        assert set(np.unique(read(grey > 100).lightness)) == {0, 100}

    def test_shapes(self, coffee, grey):
        expected = lightness(grey)
        for values in (grey, grey[..., None], np.dstack([grey, grey])):
            assert distance(read(values).lightness, expected) == 0
        assert distance(read(np.dstack([grey, grey])).alpha, grey) == 0
        assert distance(read(np.dstack([coffee, grey])).alpha, grey) == 0
        assert distance(read(coffee[:, ::-1]).color, coffee[:, ::-1]) == 0  # not contiguous

    def test_not_a_number(self, grey):
        values = grey / 255.0
        values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
        photo = read(values)
        assert photo.lightness[0, :3].tolist() == [0, 100, 0]
        assert len(photo.notes) == 1
        values[0, :3] = grey[0, :3] / 255.0
        assert distance(read(values).lightness[1:], photo.lightness[1:]) == 0

    @pytest.mark.parametrize(
        "values",
        [
            np.zeros(5),
            np.zeros((2, 3, 4, 3)),
            np.zeros((4, 4, 7)),
            np.zeros((0, 4)),
            np.zeros((4, 4), complex),
            np.full((4, 4), None),
            np.full((4, 4), "a"),
        ],
        ids=str,
    )
    def test_refused(self, values):
        with pytest.raises(PhotoError):
            read(values)


class TestOrientation:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "PIL"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_upright(self, grey, orientation, format):
        image = Image.fromarray(grey)
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        exif[ExifTags.Base.Model] = "Box camera"
        if format == "PIL":
            image.getexif().update(exif)
            photo, source = read(image), image
        else:
            data = encoded(image, format, exif=exif, lossless=True)
            photo, source = read(data), Image.open(io.BytesIO(data))
        expected = np.asarray(ImageOps.exif_transpose(source).convert("L"))
        assert distance(photo.lightness, lightness(expected)) < 0.01
        again = Image.Exif()
        again.load(photo.exif)
        assert again[ExifTags.Base.Model] == "Box camera"
        assert ExifTags.Base.Orientation not in again

    def test_deep_tiff(self, grey):
        deep = np.dstack([grey, grey // 2, grey]).astype(np.uint16) * 256 + 9
        file = io.BytesIO()
        tifffile.imwrite(file, deep, photometric="rgb", extratags=[(274, "H", 1, 6, True)])
        assert distance(read(file.getvalue()).lightness, lightness(np.rot90(deep, -1))) == 0

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_nonsense_is_ignored(self, grey, orientation):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        assert read(encoded(Image.fromarray(grey), exif=exif)).size == (300, 200)


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
            save(Image.new("RGB", photo.size), tmp_path / name, exif=photo.exif)
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
        save(Image.new("RGB", photo.size), tmp_path / "out.jpg", exif=photo.exif)
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
        save(Image.new("RGB", photo.size), tmp_path / "out.jpg", exif=photo.exif)
        with Image.open(tmp_path / "out.jpg") as image:
            assert image.getexif()[ExifTags.Base.Make] == "Zeiss"


def grey_profile(gamma: float) -> bytes:
    """A minimal ICC profile for grey with a pure power as its curve."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + b"\0" * 79
    tags, blocks, at = [], b"", 128 + 4 + 3 * 12
    for name, block in ((b"kTRC", curve), (b"wtpt", white), (b"desc", text)):
        block += b"\0" * (-len(block) % 4)
        tags.append(name + struct.pack(">II", at + len(blocks), len(block)))
        blocks += block
    size = at + len(blocks)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    header += struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", 3) + b"".join(tags) + blocks


def wide_profile() -> bytes:
    """An RGB profile that is not sRGB: sRGB with red and green exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


class TestProfiles:
    def test_srgb_changes_nothing(self, coffee):
        from colorizer.saving import srgb_profile

        photo = read(encoded(Image.fromarray(coffee), icc_profile=srgb_profile()))
        assert distance(photo.color, coffee) == 0
        assert photo.notes == ()

    def test_another_rgb_is_converted(self, coffee):
        photo = read(encoded(Image.fromarray(coffee), icc_profile=wide_profile()))
        assert distance(photo.color, coffee[..., [1, 0, 2]]) <= 3
        assert distance(photo.lightness, lightness(photo.color)) == 0

    def test_alpha_survives(self, coffee, grey):
        image = Image.fromarray(np.dstack([coffee, grey]))
        photo = read(encoded(image, icc_profile=wide_profile()))
        assert distance(photo.alpha, grey) == 0
        assert distance(photo.color, coffee[..., [1, 0, 2]]) <= 3

    def test_deep_rgb_is_converted(self, coffee):
        file = io.BytesIO()
        tifffile.imwrite(
            file, coffee.astype(np.uint16) * 257, photometric="rgb", iccprofile=wide_profile()
        )
        assert distance(read(file.getvalue()).color, coffee[..., [1, 0, 2]]) <= 3

    @pytest.mark.parametrize("depth", [8, 16])
    def test_grey(self, grey, depth):
        linear = np.linspace(0, 1, 256)
        codes = grey if depth == 8 else grey.astype(np.uint16) * 257
        photo = read(encoded(Image.fromarray(codes), icc_profile=grey_profile(1.0)))
        expected = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, linear * 12.92)
        wanted = lightness(np.round(expected * 255).astype(np.uint8)[grey])
        assert distance(photo.lightness, wanted) < 1.2  # three steps of 8 bits
        assert photo.lightness.mean() > lightness(grey).mean() + 10

    def test_grey_with_an_rgb_profile(self, grey):
        from colorizer.saving import srgb_profile

        photo = read(encoded(Image.fromarray(grey), icc_profile=srgb_profile()))
        assert distance(photo.lightness, lightness(grey)) == 0

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    @pytest.mark.parametrize("profile", [b"nonsense", grey_profile(2.2)[:150], b"\0" * 500])
    def test_broken_is_ignored_with_a_note(self, coffee, mode, profile):
        image = Image.fromarray(coffee).convert(mode)
        photo = read(encoded(image, icc_profile=profile))
        assert distance(photo.lightness, lightness(np.asarray(image))) == 0
        assert "profile" in photo.notes[0]


class TestColorOrTone:
    """Sepia is no colour; a pale photograph is."""

    SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])

    @pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
    def test_photographs(self, photographs, name):
        original = photographs[name]
        assert read(original).color is not None
        toned = np.clip(original[..., 1:2] * [1.0, 0.85, 0.62], 0, 255).astype(np.uint8)
        photo = read(toned)
        assert photo.color is None
        assert distance(photo.lightness, lightness(toned)) == 0
        as_jpeg = read(encoded(Image.fromarray(toned), "JPEG", quality=60))
        assert as_jpeg.color is None
        sepia = np.clip(original @ self.SEPIA.T * 0.7, 0, 255).astype(np.uint8)
        assert read(sepia).color is None
        assert read(np.repeat(original[..., 1:2], 3, axis=2)).color is None

    @pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
    def test_pale_photographs(self, photographs, name):
        original = photographs[name].astype(float)
        pale = original * 0.35 + original.mean(-1, keepdims=True) * 0.65
        assert read(pale.astype(np.uint8)).color is not None

    def test_stained_and_grainy_sepia(self, photographs):
        plane = photographs["camera"].astype(float)
        stain = np.linspace(0, 1, 512)[:, None] ** 2
        toned = np.dstack([plane, plane * (0.9 - 0.1 * stain), plane * (0.75 - 0.2 * stain)])
        toned += np.random.default_rng(0).normal(0, 10, toned.shape)
        assert read(np.clip(toned, 0, 255).astype(np.uint8)).color is None


class TestFrames:
    def test_first_frame_of_a_film(self, grey):
        frames = [Image.fromarray(grey), Image.fromarray(255 - grey)]
        for format, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
            data = encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)
            photo = read(data)
            assert distance(photo.lightness, lightness(grey)) < 0.5, format
            assert photo.notes[0].startswith("Only the first"), format

    def test_no_note_for_a_single_one(self, grey):
        assert read(encoded(Image.fromarray(grey), "GIF")).notes == ()


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


class TestResizedAndAttach:
    def test_smaller(self, coffee, grey):
        photo = read(np.dstack([coffee, grey]))
        small = resized(photo, 100)
        assert small.size == (100, 67)
        assert small.color.shape == (67, 100, 3)
        assert small.alpha.shape == (67, 100)
        assert small.lightness.min() >= 0
        assert small.lightness.max() <= 100
        assert abs(small.lightness.mean() - photo.lightness.mean()) < 0.5
        assert resized(photo, 300) is photo

    def test_never_to_nothing(self):
        assert resized(read(np.zeros((2, 900))), 10).size == (10, 1)

    def test_alpha_comes_back(self, coffee, grey):
        image = attach(coffee, read(np.dstack([coffee, grey])))
        assert image.mode == "RGBA"
        assert distance(np.asarray(image), np.dstack([coffee, grey])) == 0
        assert attach(coffee, read(coffee)).mode == "RGB"

    def test_other_size(self, coffee, grey):
        with pytest.raises(ValueError, match="does not fit"):
            attach(coffee[:50], read(grey))


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


def test_public_names():
    for name in photos.__all__:
        assert getattr(photos, name) is not None
    assert isinstance(read(np.zeros((3, 4))), Photo)
    assert isinstance(Path("x"), os.PathLike)
