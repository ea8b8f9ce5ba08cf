"""Colour reaches the edges of lightness and stops there."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from colorizer.color.lab import rgb_to_lab
from colorizer.color.lightness import lightness, resize_lightness
from colorizer.decoding import upsample
from colorizer.decoding.upsample import MARGIN, GuidedUpsampler

COLOURED = ("astronaut", "chelsea", "coffee", "rocket")


def shrunk(planes: np.ndarray, height: int, width: int) -> np.ndarray:
    """(C, H, W) averaged down."""
    tensor = torch.from_numpy(np.ascontiguousarray(planes))[None]
    return F.interpolate(tensor, (height, width), mode="area")[0].numpy()


def plainly(planes: np.ndarray, height: int, width: int) -> np.ndarray:
    """(C, h, w) upsampled with no guide."""
    tensor = torch.from_numpy(planes)[None]
    return F.interpolate(tensor, (height, width), mode="bilinear")[0].numpy()


def two_halves(size: int = 512, at: float = 0.5, turn: bool = False):
    """(L*, ab) of two flat fields that meet in a sharp edge, which runs straight or slanted."""
    y, x = np.mgrid[0:size, 0:size] / size
    right = (x + 0.3 * (y - 0.5) if turn else x) >= at
    light = np.where(right, 70, 30).astype(np.float32)
    ab = np.where(right, np.array([[[50]], [[20]]]), np.array([[[-20]], [[-40]]]))
    return light, ab.astype(np.float32)


class TestPhotographs:
    """The true ab of photographs, averaged down to a network's grid, and brought back."""

    @pytest.mark.parametrize("working", [64, 128, 256])
    @pytest.mark.parametrize("name", COLOURED)
    def test_better_than_without_a_guide(self, photographs, name, working):
        lab = rgb_to_lab(torch.from_numpy(photographs[name]).movedim(-1, 0)).numpy()
        light, true = lab[0], lab[1:]
        height, width = light.shape
        scale = working / max(height, width)
        small = (round(height * scale / 8) * 8, round(width * scale / 8) * 8)
        ab = shrunk(true, small[0] // 4, small[1] // 4)
        result = GuidedUpsampler(resize_lightness(light, small), ab).full(light)

        def error(other: np.ndarray) -> float:
            return float(np.hypot(*(other - true)).mean())

        unguided = error(plainly(ab, height, width))
        assert error(result) < unguided
        # ab that already has the working size gains too, if less.
        fine = shrunk(true, *small)
        result = GuidedUpsampler(resize_lightness(light, small), fine).full(light)
        assert error(result) < error(plainly(fine, height, width))


class TestEdges:
    @pytest.mark.parametrize("turn", [False, True])
    @pytest.mark.parametrize("at", [0.5, 0.4921, 0.51])
    def test_colour_stops_at_an_edge(self, at, turn):
        light, true = two_halves(at=at, turn=turn)
        ab = shrunk(true, 32, 32)
        result = GuidedUpsampler(resize_lightness(light, (128, 128)), ab).full(light)
        guided = np.hypot(*(result - true))
        unguided = np.hypot(*(plainly(ab, 512, 512) - true))
        assert guided.mean() < 0.35 * unguided.mean()
        # Four pixels from the edge, a quarter of a grid cell, hardly anything has crossed.
        y, x = np.mgrid[0:512, 0:512] / 512
        away = np.abs((x + 0.3 * (y - 0.5) if turn else x) - at) > 4 / 512
        assert guided[away].mean() < 3

    def test_neither_overshoot_nor_ringing(self):
        light, true = two_halves()
        upsampler = GuidedUpsampler(resize_lightness(light, (128, 128)), shrunk(true, 32, 32))
        result = upsampler.full(light)
        for plane, expected in zip(result, true, strict=True):
            assert plane.max() <= expected.max() + MARGIN + 1e-3
            assert plane.min() >= expected.min() - MARGIN - 1e-3
        # Across the edge a goes one way only, but for the margin before and after it.
        steps = np.diff(result[0, 256])
        assert steps.clip(None, 0).sum() > -2.5 * MARGIN

    def test_lightness_never_seen_at_working_size_does_not_throw_colour(self):
        """A thin bright wire and a glint, averaged away at working size, stay near their place."""
        light, true = two_halves()
        ab = shrunk(true, 32, 32)
        small = resize_lightness(light, (128, 128))
        light = light.copy()
        light[100] = 100
        light[300:302, 200:400] = 0
        result = GuidedUpsampler(small, ab).full(light)
        low, high = true.min((1, 2)), true.max((1, 2))
        assert (result >= (low - MARGIN - 1e-3)[:, None, None]).all()
        assert (result <= (high + MARGIN + 1e-3)[:, None, None]).all()
        far = np.hypot(*(result - true))[:, :180]
        assert far.max() < 2 * MARGIN

    def test_grey_border_stays_grey(self):
        """White paper round a coloured picture."""
        light = np.full((400, 400), 96, np.float32)
        ab = np.zeros((2, 400, 400), np.float32)
        light[80:320, 80:320], ab[:, 80:320, 80:320] = 45, 35
        small = resize_lightness(light, (128, 128))
        result = GuidedUpsampler(small, shrunk(ab, 32, 32)).full(light)
        paper = np.ones((400, 400), bool)
        paper[76:324, 76:324] = False
        assert np.hypot(*result)[paper].mean() < 0.5
        assert np.hypot(*result)[paper].max() < 8
        assert np.hypot(*plainly(shrunk(ab, 32, 32), 400, 400))[paper].max() > 12


class TestUnit:
    def test_flat_colour_is_kept(self, photographs):
        light = lightness(photographs["camera"])
        ab = np.stack([np.full((16, 16), 12.5), np.full((16, 16), -30)]).astype(np.float32)
        result = GuidedUpsampler(resize_lightness(light, (64, 64)), ab).full(light)
        assert np.abs(result - np.array([12.5, -30])[:, None, None]).max() < 1e-3

    def test_colour_that_follows_lightness_is_recovered(self, photographs):
        """Where ab is linear in L, it comes back at full resolution."""
        light = lightness(photographs["coffee"])
        true = np.stack([0.4 * light - 10, 20 - 0.3 * light]).astype(np.float32)
        small = (100, 152)
        ab = shrunk(true, 25, 38)
        result = GuidedUpsampler(resize_lightness(light, small), ab).full(light)
        error = np.abs(result - true).mean()
        assert error < 0.6 * np.abs(plainly(ab, *light.shape) - true).mean()

    def test_on_flat_lightness_it_is_bilinear(self):
        ab = torch.randn(2, 16, 16, generator=torch.Generator().manual_seed(0)).numpy() * 20
        result = GuidedUpsampler(np.full((16, 16), 50.0), ab).full(np.full((128, 128), 50.0))
        assert np.abs(result - plainly(ab, 128, 128)).max() < 1e-3

    def test_no_block_edges(self):
        """Between neighbouring pixels a smooth ab never jumps, cell borders included."""
        y, x = np.mgrid[0:32, 0:32] / 32
        ab = np.stack([40 * np.sin(3 * x + y), 40 * np.cos(2 * y)]).astype(np.float32)
        y, x = np.mgrid[0:1024, 0:1024] / 1024
        light = (50 + 30 * np.sin(4 * x + 3 * y)).astype(np.float32)
        result = GuidedUpsampler(resize_lightness(light, (128, 128)), ab).full(light)
        for axis in (1, 2):
            steps = np.abs(np.diff(result, axis=axis))
            assert steps.max() < 0.5
            bends = np.abs(np.diff(result, n=2, axis=axis))
            assert bends.max() < 0.2

    def test_rows_are_those_of_the_whole(self, photographs):
        light = lightness(photographs["rocket"])
        ab = torch.randn(2, 27, 40, generator=torch.Generator().manual_seed(0)).numpy() * 20
        upsampler = GuidedUpsampler(resize_lightness(light, (107, 160)), ab)
        whole = upsampler.full(light)
        assert whole.shape == (2, *light.shape)
        assert whole.dtype == np.float32
        for y0, y1 in ((0, 1), (13, 50), (len(light) - 1, len(light))):
            assert (
                np.abs(upsampler.rows(light[y0:y1], y0, len(light)) - whole[:, y0:y1]).max() < 1e-4
            )

    @pytest.mark.parametrize("full", [(1, 1), (1, 900), (700, 2), (40, 30)])
    @pytest.mark.parametrize("small", [(8, 8), (32, 64), (1, 1)])
    def test_sizes(self, full, small):
        light = np.full(full, 60, np.float32)
        ab = np.full((2, 8, 8), 17, np.float32)
        result = GuidedUpsampler(resize_lightness(light, small), ab).full(light)
        assert np.abs(result - 17).max() < 1e-3

    def test_tensors_are_taken_too(self):
        light = torch.rand(32, 32) * 100
        ab = torch.rand(2, 8, 8)
        assert GuidedUpsampler(light, ab).full(light.numpy()).shape == (2, 32, 32)

    @pytest.mark.parametrize(("guide", "ab"), [((3, 8, 8), (2, 8, 8)), ((8, 8), (3, 8, 8))])
    def test_other_shapes(self, guide, ab):
        with pytest.raises(ValueError, match="The guide is"):
            GuidedUpsampler(np.zeros(guide), np.zeros(ab))


def test_rows_longer_than_a_chunk_are_done_in_pieces(photographs, monkeypatch):
    """A very wide picture is the same in pieces, and no second thread is waited for."""
    light = np.repeat(lightness(photographs["camera"][:3]), 80, axis=1)  # (3, 40960)
    small = np.ascontiguousarray(light[:, ::160])
    upsampler = GuidedUpsampler(small, np.stack([small[:, ::4], -small[:, ::4]]))
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    others = []  # seconds of the other threads: of several calls, one that nothing else disturbed
    try:
        for _ in range(5):
            spent, own = time.process_time(), time.thread_time()
            pieces = upsampler.full(light)
            spent, own = time.process_time() - spent, time.thread_time() - own
            others.append(spent - own - 0.2 * own)
    finally:
        torch.set_num_threads(threads)
    assert min(others) < 0.02
    monkeypatch.setattr(upsample, "CHUNK", 10**9)
    assert np.abs(pieces - upsampler.full(light)).max() < 1e-3
