"""The lightness of a photograph survives colouring at every pixel."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from colorizer.color import gamut as module
from colorizer.color.gamut import compose
from colorizer.color.lightness import lightness, resize_lightness

COLOURED = ("astronaut", "chelsea", "coffee", "rocket")


def lightness_error(rgb: np.ndarray, expected: np.ndarray) -> float:
    """Largest |ΔL*| of a picture, by the textbook formula in float64."""
    return float(np.abs(lightness64(rgb) - expected).max())


def lightness64(rgb: np.ndarray) -> np.ndarray:
    table = np.arange(256) / 255
    linear = np.where(table > 0.04045, ((table + 0.055) / 1.055) ** 2.4, table / 12.92)
    y = linear[rgb] @ np.array([0.212671, 0.715160, 0.072169])
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.292 * y)


def ab_of(rgb: np.ndarray) -> np.ndarray:
    return rgb2lab(rgb)[..., 1:].transpose(2, 0, 1).astype(np.float32)


class TestLightness:
    @pytest.mark.parametrize("name", COLOURED)
    def test_as_scikit_image(self, photographs, name):
        rgb = photographs[name]
        result = lightness(rgb)
        assert result.dtype == np.float32
        assert result.shape == rgb.shape[:2]
        assert np.abs(result - rgb2lab(rgb)[..., 0]).max() < 0.01

    def test_all_depths_agree(self, photographs):
        rgb = photographs["coffee"][:100, :100]
        expected = rgb2lab(rgb)[..., 0]
        for values in (rgb.astype(np.uint16) * 257, rgb / 255, (rgb / 255).astype(np.float32)):
            assert np.abs(lightness(values) - expected).max() < 0.01

    def test_every_grey(self):
        greys = np.arange(256, dtype=np.uint8)[None]
        expected = lightness64(np.repeat(greys[..., None], 3, axis=2))
        assert np.abs(lightness(greys) - expected).max() < 1e-4
        assert np.abs(lightness(np.repeat(greys[..., None], 3, axis=2)) - expected).max() < 1e-3
        deep = np.arange(65536, dtype=np.uint16)[None]
        assert (np.diff(lightness(deep)[0]) > 0).all()

    def test_stays_in_range(self):
        values = np.array([[0.0, 1.0, -3.0, 7.0, np.nan, np.inf, -np.inf]])
        assert lightness(values).tolist() == [[0, 100, 0, 100, 0, 100, 0]]

    def test_one_very_long_row(self):
        row = np.random.default_rng(0).integers(0, 256, (1, 100_001, 3), dtype=np.uint8)
        assert np.abs(lightness(row) - lightness64(row)).max() < 0.01

    def test_views_of_other_arrays(self, photographs):
        rgb = photographs["coffee"]
        assert np.abs(lightness(rgb[::-1, ::-2]) - lightness(rgb)[::-1, ::-2]).max() < 1e-4

    @pytest.mark.parametrize("shape", [(5,), (4, 4, 4), (4, 4, 1), (1, 2, 3, 3)])
    def test_other_shapes(self, shape):
        with pytest.raises(ValueError, match="A picture is"):
            lightness(np.zeros(shape, np.uint8))

    def test_other_types(self):
        with pytest.raises(TypeError, match="int64"):
            lightness(np.zeros((4, 4), np.int64))


class TestCompose:
    @pytest.mark.parametrize("name", COLOURED)
    def test_round_trip(self, photographs, name):
        rgb = photographs[name]
        assert (compose(lightness(rgb), ab_of(rgb)) == rgb).all()

    def test_all_corners_of_srgb(self):
        steps = np.array([0, 1, 2, 3, 5, 9, 10, 11, 17, 40, 99, 128, 180, 251, 254, 255], np.uint8)
        rgb = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(64, 64, 3)
        assert (compose(lightness(rgb), ab_of(rgb)) == rgb).all()

    def test_greys_come_back_exactly(self, photographs):
        camera = photographs["camera"]
        every = np.arange(256, dtype=np.uint8).reshape(16, 16)
        for grey in (camera, every):
            result = compose(lightness(grey), np.zeros((2, *grey.shape), np.float32))
            assert (result == grey[..., None]).all()

    def test_without_colour_stays_grey_at_any_lightness(self):
        light = np.linspace(0, 100, 300_000, dtype=np.float32).reshape(300, 1000)
        result = compose(light, np.zeros((2, 300, 1000), np.float32))
        assert (result[..., 0] == result[..., 1]).all()
        assert (result[..., 1] == result[..., 2]).all()

    @pytest.mark.parametrize("spread", [2, 10, 40, 100, 400, 1e20])
    @pytest.mark.parametrize("kind", ["any", "dark", "bright", "photograph"])
    def test_lightness_is_kept(self, photographs, spread, kind):
        rng = np.random.default_rng(int(np.log2(spread) * 10))
        light = {
            "any": rng.random((300, 400)) * 100,
            "dark": rng.random((300, 400)) ** 2 * 12,
            "bright": 100 - rng.random((300, 400)) ** 2 * 12,
            "photograph": lightness(photographs["rocket"])[:300, :400],
        }[kind].astype(np.float32)
        ab = (rng.normal(size=(2, 300, 400)) * spread).astype(np.float32)
        assert lightness_error(compose(light, ab), light) < 0.3

    def test_lightness_is_kept_at_saturated_blue(self):
        light, a = np.meshgrid(np.linspace(0, 60, 400), np.linspace(-20, 110, 400))
        for b in (-140, -108, -90, -60):
            ab = np.stack([a, np.full_like(a, b)]).astype(np.float32)
            result = compose(light.astype(np.float32), ab)
            assert lightness_error(result, light) < 0.3

    def test_lightness_is_kept_from_white_to_yellow(self):
        """Where sRGB is no longer star-shaped round the grey axis."""
        light, b = np.meshgrid(np.linspace(92, 99.5, 500), np.linspace(0, 120, 500))
        for a in (-30, -24, -20, -16, -12, -6, 0):
            ab = np.stack([np.full_like(b, a), b]).astype(np.float32)
            assert lightness_error(compose(light.astype(np.float32), ab), light) < 0.3

    def test_rounding_alone_stays_below(self):
        """The bound of the module's docstring, at the middle between code values."""
        rng = np.random.default_rng(0)
        rgb = rng.integers(0, 255, (1000, 300, 3), dtype=np.uint8)
        rgb[::3] //= 8
        up = lightness64(rgb + np.uint8(1))
        assert (up - lightness64(rgb)).max() < 2 * 0.265

    def test_too_much_chroma_keeps_the_hue(self):
        rng = np.random.default_rng(0)
        light = rng.uniform(20, 90, (200, 200)).astype(np.float32)
        hue = rng.uniform(0, 2 * np.pi, (200, 200))
        for chroma in (40, 130):
            ab = (chroma * np.stack([np.cos(hue), np.sin(hue)])).astype(np.float32)
            result = ab_of(compose(light, ab))
            reached = np.hypot(*result)
            turned = np.angle(np.exp(1j * (np.arctan2(result[1], result[0]) - hue)))
            seen = reached > 15
            # Rounding to 8 bits turns a hue by some degrees; the mean may not turn.
            assert np.abs(np.degrees(turned[seen])).mean() < 1
            assert np.abs(np.degrees(turned[seen])).max() < 12
            assert (reached < chroma + 3).all()

    def test_no_more_chroma_is_lost_than_must_be(self):
        """Just outside what comes back lies no colour of sRGB at this lightness and hue."""
        rng = np.random.default_rng(1)
        light = rng.uniform(10, 90, (100, 100)).astype(np.float32)
        hue = rng.uniform(0, 2 * np.pi, (100, 100))
        ab = (150 * np.stack([np.cos(hue), np.sin(hue)])).astype(np.float32)
        reached = np.hypot(*ab_of(compose(light, ab)))
        wider = (reached * 1.04 + 2) * np.stack([np.cos(hue), np.sin(hue)])
        lab = np.concatenate([light[None], wider]).transpose(1, 2, 0)
        with np.errstate(invalid="ignore"):
            again = rgb2lab(lab2rgb(lab))
        moved = np.abs(again - lab).max(-1)
        assert (moved > 0.05).mean() > 0.99

    def test_not_a_number_is_grey(self):
        light = np.full((3, 3), 50, np.float32)
        ab = np.zeros((2, 3, 3), np.float32)
        ab[0, 0, 0], ab[1, 0, 1], ab[:, 0, 2] = np.nan, np.inf, -np.inf
        result = compose(light, ab)
        assert (result == result[2, 2]).all()
        light[1, 1], light[1, 2], light[2, 0] = np.nan, 500, -5
        result = compose(light, np.zeros_like(ab))
        assert result[1, 1].tolist() == [0, 0, 0]
        assert result[1, 2].tolist() == [255, 255, 255]
        assert result[2, 0].tolist() == [0, 0, 0]

    def test_rows_as_they_are_asked_for(self, photographs):
        rgb = photographs["coffee"]
        light, ab = lightness(rgb), ab_of(rgb)
        asked = []

        def rows(y0: int, y1: int) -> torch.Tensor:
            asked.append((y0, y1))
            return torch.from_numpy(ab[:, y0:y1])

        assert (compose(light, rows) == rgb).all()
        assert len(asked) > 1
        assert [y0 for y0, _ in asked] == [0] + [y1 for _, y1 in asked[:-1]]
        assert asked[-1][1] == len(light)

    @pytest.mark.parametrize("size", [(1, 1), (1, 100_001), (1000, 1), (7, 40_000)])
    def test_sizes(self, size):
        light = np.linspace(0, 100, size[0] * size[1], dtype=np.float32).reshape(size)
        result = compose(light, np.full((2, *size), 20, np.float32))
        assert result.shape == (*size, 3)
        assert lightness_error(result, light) < 0.3

    def test_shapes_that_do_not_fit(self):
        light = np.zeros((4, 5), np.float32)
        with pytest.raises(ValueError, match="does not fit"):
            compose(light, np.zeros((2, 5, 4), np.float32))
        with pytest.raises(ValueError, match="does not fit"):
            compose(light, lambda y0, y1: np.zeros((2, y1 - y0, 9), np.float32))

    def test_table_ends_where_srgb_ends(self):
        """The most chroma of the table is that of the primaries at their own lightness."""
        # Not yellow: between white and yellow lies a notch, a colour or two outside sRGB.
        for rgb in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255), (0, 255, 255)):
            light, a, b = rgb2lab(np.array([[rgb]], np.uint8))[0, 0]
            far = np.array([a, b], np.float32).reshape(2, 1, 1) * 1.5
            result = ab_of(compose(np.full((1, 1), light, np.float32), far))[:, 0, 0]
            assert np.hypot(*(result - (a, b))) < 3
        assert len(module.most_chroma()) == (module.LIGHTNESSES + 1) * (module.HUES + 1)


class TestResize:
    def test_mean_is_kept(self, photographs):
        light = lightness(photographs["camera"])
        small = resize_lightness(light, (50, 70))
        assert small.shape == (50, 70)
        assert small.dtype == np.float32
        assert abs(small.mean() - light.mean()) < 0.3

    def test_fine_patterns_do_not_alias(self):
        stripes = np.zeros((512, 512), np.float32)
        stripes[:, ::2] = 100
        assert np.ptp(resize_lightness(stripes, (100, 100))) < 8

    def test_stays_in_range(self):
        edge = np.zeros((64, 64), np.float32)
        edge[:, 32:] = 100
        for size in ((20, 20), (300, 300)):
            small = resize_lightness(edge, size)
            assert small.min() >= 0
            assert small.max() <= 100

    @pytest.mark.parametrize("size", [(1, 1), (1, 5000), (3, 2)])
    def test_tiny(self, size):
        result = resize_lightness(np.full(size, 40, np.float32), (64, 64))
        assert result.shape == (64, 64)
        assert np.abs(result - 40).max() < 1e-3

    def test_same_size(self):
        light = np.random.default_rng(0).random((9, 9), dtype=np.float32)
        assert (resize_lightness(light, (9, 9)) == light).all()
