"""Every mode, depth and colour profile of a file gives the lightness of the picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from colorizer.color.lightness import lightness
from colorizer.images.output.picture import srgb_profile
from colorizer.images.photo import read
from tests.support.pictures import distance, encoded, grey_profile, png16, wide_profile


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
        assert distance(photo.lightness, lightness(deep)) < 0.002
        assert distance(photo.color, np.round(deep / 257)) == 0

    @pytest.mark.parametrize("channels", [3, 4])
    def test_16_bit_rgb_png_keeps_its_depth(self, coffee, channels):
        deep = coffee.astype(np.uint16) * 256 + np.arange(300, dtype=np.uint16)[:, None] % 256
        alpha = np.full((200, 300, 1), 32768, np.uint16)
        file = png16(np.dstack([deep, alpha]) if channels == 4 else deep)
        photo = read(file)
        assert distance(photo.lightness, lightness(deep)) < 0.002
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


class TestProfiles:
    def test_srgb_changes_nothing(self, coffee):
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
        photo = read(encoded(Image.fromarray(grey), icc_profile=srgb_profile()))
        assert distance(photo.lightness, lightness(grey)) == 0

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    @pytest.mark.parametrize("profile", [b"nonsense", grey_profile(2.2)[:150], b"\0" * 500])
    def test_broken_is_ignored_with_a_note(self, coffee, mode, profile):
        image = Image.fromarray(coffee).convert(mode)
        photo = read(encoded(image, icc_profile=profile))
        assert distance(photo.lightness, lightness(np.asarray(image))) == 0
        assert "profile" in photo.notes[0]
