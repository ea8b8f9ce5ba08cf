"""A photograph from any source: upright, with its own colours or without, brought back to size."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageOps

from colorizer.color.lightness import lightness
from colorizer.images import photo as photos
from colorizer.images.photo import Photo, PhotoError, attach, read, resized
from tests.support.pictures import distance, encoded


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


class TestRange:
    """Arrays whose type does not say what white is."""

    @pytest.mark.parametrize("bits", [10, 12, 14])
    def test_fewer_bits_than_the_type_has(self, grey, bits):
        values = np.round(grey / 255 * (2**bits - 1)).astype(np.uint16)
        photo = read(values)
        assert np.abs(photo.lightness - lightness(grey)).max() < 0.3
        assert f"{bits} bits" in photo.notes[0]

    @pytest.mark.parametrize(("low", "high"), [(-1, 1), (0, 10), (-0.5, 0.5)])
    def test_floats_that_nothing_explains_are_refused(self, grey, low, high):
        values = low + grey / grey.max() * (high - low)
        with pytest.raises(PhotoError, match="nothing in it says"):
            read(values)

    def test_floats_a_little_beyond_are_scaled_and_told(self, grey):
        photo = read(grey / grey.max() * 1.5)
        assert photo.lightness.max() == 100
        assert "1.5 is taken as white" in photo.notes[0]

    def test_a_stream_at_its_end_is_rewound(self, grey):
        stream = io.BytesIO(encoded(Image.fromarray(grey)))
        stream.read()
        assert distance(read(stream).lightness, lightness(grey)) == 0


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
        assert distance(read(file.getvalue()).lightness, lightness(np.rot90(deep, -1))) < 0.002

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_nonsense_is_ignored(self, grey, orientation):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        assert read(encoded(Image.fromarray(grey), exif=exif)).size == (300, 200)


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


def test_public_names():
    for name in photos.__all__:
        assert getattr(photos, name) is not None
    assert isinstance(read(np.zeros((3, 4))), Photo)
