"""Rows of metrics over photographs.

Every photograph goes through the full pipeline (the library's ``analyze`` and ``colorize``), and the
picture that a person would get is compared with the original.  Everything is kept as sums and
histograms, so memory does not grow with the number of photographs.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

import colorizer
from colorizer import metrics
from colorizer.color.bins import get_bins, rebalancing_weights
from colorizer.color.gamut import compose
from colorizer.color.lab import rgb_to_lab
from colorizer.images import photo

from .metrics import Metric
from .pictures import Picture, aged, as_rgb, with_lightness
from .results import (
    DEFAULT,
    FULL,
    GREY,
    GROUND_TRUTH,
    MEAN_COLOUR,
    OTHER_COLOURS,
    PAPER,
    TOP_1,
    TOP_5,
    TRUEST,
    RowKey,
    Table,
)
from .row import SATURATION_STEPS, Row

BINS = get_bins("zhang313")


class Evaluation:
    """Collects metrics of named rows over photographs."""

    def __init__(self, prior: np.ndarray, picture_metrics: Sequence[Metric] = ()) -> None:
        self.rows: dict[RowKey, Row] = {}
        self.weight = torch.from_numpy(rebalancing_weights(prior, lam=0.0))
        self.picture_metrics = picture_metrics

    def add(self, picture: Picture, results: dict[RowKey, np.ndarray]) -> None:
        """One photograph: its original and what each row made of it, all (H, W, 3) uint8."""
        everything = {GROUND_TRUTH: picture.original, **results}
        stack = torch.stack([torch.tensor(i).permute(2, 0, 1) for i in everything.values()])
        lab, rgb = rgb_to_lab(stack), stack.float() / 255
        true_ab = lab[:1, 1:]
        weight = self.weight[BINS.encode(true_ab)]
        psnr = metrics.psnr(rgb, rgb[:1].expand_as(rgb)).tolist()
        color = metrics.colorfulness(rgb).tolist()
        sharp = metrics.sharpness(lab[:, :1]).tolist()
        brown = metrics.brown(lab[:, 1:]).tolist()
        # Grey has the original's lightness: what is gained over it is gained by colour.
        grey = compose(lab[0, 0].numpy(), np.zeros((2, *lab.shape[-2:]), np.float32))
        base = metrics.psnr(torch.tensor(grey).permute(2, 0, 1)[None] / 255, rgb[:1]).item()
        for k, key in enumerate(everything):
            row = self.rows.setdefault(key, Row())
            row.psnr.append(psnr[k])
            row.colorfulness.append(color[k])
            row.sharpness.append(sharp[k])
            row.brown.append(brown[k])
            row.remember(psnr[k] - base, picture.name)
            ab = lab[k : k + 1, 1:]
            histogram = metrics.error_histogram(ab, true_ab)
            row.raw += histogram
            row.rebalanced += metrics.error_histogram(ab, true_ab, weight)
            chroma = ab.norm(dim=1).floor().clamp(0, SATURATION_STEPS).long().flatten()
            row.saturation += torch.bincount(chroma, minlength=SATURATION_STEPS + 1)
            part = row.by_source.setdefault(
                picture.source, {"psnr": [], "raw": torch.zeros(152, dtype=torch.float64)}
            )
            part["psnr"].append(psnr[k])
            part["raw"] += histogram
        for metric in self.picture_metrics:
            metric.add(list(everything), rgb, picture.label)

    def add_samples(
        self, subject: str, original: np.ndarray, samples: list[np.ndarray], draws: int = 1
    ) -> None:
        """Diversity of n samples of one photograph, beside n global shifts as far apart.

        The control: the first sample under n random shifts of ab over the whole picture, scaled
        to the same mean pairwise distance.  Real samples must come nearer to the truth.  draws: how
        often each photograph comes with others.
        """
        stack = torch.stack([torch.tensor(i).permute(2, 0, 1) for i in (original, *samples)])
        lab = rgb_to_lab(stack)
        truth, drawn = lab[:1, 1:], lab[1:, 1:]
        distance = metrics.pairwise_distance(drawn)
        key = RowKey(subject, samples=len(samples), draws=draws)
        seed = len(self.rows.get(key, Row()).distance)
        control = shifted(lab[1], len(samples), distance, seed)[:, 1:]
        beside = dataclasses.replace(key, control=True)
        for row_key, candidates in ((key, drawn), (beside, control)):
            row = self.rows.setdefault(row_key, Row())
            error = ((candidates - truth) ** 2).sum(1).sqrt().mean((1, 2))
            row.distance.append(metrics.pairwise_distance(candidates))
            row.best_error.append(error.min().item())

    def table(self) -> Table:
        """Row → metrics, those of pictures included."""
        truth = self.rows[GROUND_TRUTH]
        table = {}
        for key, row in self.rows.items():
            found = row.values(truth)
            for metric in self.picture_metrics:
                found |= metric.compute(key)
            table[key] = {k: None if v is None else round(v, 4) for k, v in found.items()}
        return table

    def details(self) -> dict[RowKey, dict]:
        return {key: row.details() for key, row in self.rows.items() if row.psnr}


def shifted(first: torch.Tensor, count: int, distance: float, seed: int) -> torch.Tensor:
    """The control: Lab (3, H, W) → (count, 3, H, W), ``distance`` apart in ab, the first as it is
    where there is but one."""
    shifts = torch.randn((count, 2, 1, 1), generator=torch.Generator().manual_seed(seed))
    scale = distance / max(metrics.pairwise_distance(shifts), 1e-9) if count > 1 else 0.0
    many = first.repeat(count, 1, 1, 1)
    many[:, 1:] += scale * shifts
    return many


def settings_of(approach: colorizer.Approach) -> dict[str, dict]:
    """The ways of decoding that are worth a row, from what the approach can do."""
    rows: dict[str, dict] = {DEFAULT: {}}
    if not approach.distribution:  # what draws value by value takes a second for each
        return rows
    if approach.knob("vividness"):
        rows = {
            TRUEST: {"temperature": 1.0, "vividness": 0.0},
            DEFAULT: {},
            "default vividness, T = 1": {"temperature": 1.0},
            "vividness 0.5, T = 1": {"temperature": 1.0, "vividness": 0.5},
            FULL: {"temperature": 1.0, "vividness": 1.0},
            PAPER: {"temperature": 0.38, "vividness": 1.0},
        }
    if approach.knob("top_k"):
        rows[TOP_1] = {"top_k": 1}
        rows[TOP_5] = {"top_k": 5, "temperature": 1.0}
    return rows


def baselines(lightness: np.ndarray, mean_ab: np.ndarray) -> dict[RowKey, np.ndarray]:
    """Grey, and the training photographs' mean colour everywhere; lightness (H, W)."""
    shape = (2, *lightness.shape)
    flat = np.broadcast_to(np.asarray(mean_ab, np.float32).reshape(2, 1, 1), shape)
    return {
        GREY: compose(lightness, np.zeros(shape, np.float32)),
        MEAN_COLOUR: compose(lightness, np.ascontiguousarray(flat)),
    }


def measure_baselines(
    pictures: Sequence[Picture] | Iterator[Picture],
    prior: np.ndarray,
    picture_metrics: Sequence[Metric] = (),
    age: bool = False,
    progress: Callable[[Iterator], Iterator] = lambda x: x,
) -> Evaluation:
    """Ground truth, grey, mean colour, and another photograph's colours (report 004).

    age: the originals have the borders that :func:`aged` gives some of them.
    """
    evaluation = Evaluation(prior, picture_metrics)
    mean_ab = np.asarray(prior) @ BINS.centers.numpy() / np.sum(prior)
    other: np.ndarray | None = None
    for number, picture in enumerate(progress(pictures)):
        if age:
            picture = dataclasses.replace(picture, original=aged(picture.original, number)[0])
        lab = rgb_to_lab(torch.from_numpy(picture.original.copy()).permute(2, 0, 1)[None])[0]
        lightness = lab[0].contiguous().numpy()
        results = baselines(lightness, mean_ab)
        ab = lab[1:]
        if other is not None:
            shape = tuple(ab.shape[1:])
            borrowed = torch.nn.functional.interpolate(other[None], shape, mode="bilinear")[0]
            results[OTHER_COLOURS] = compose(lightness, np.ascontiguousarray(borrowed.numpy()))
        other = ab
        evaluation.add(picture, results)
    return evaluation


def measure(
    name: str,
    model: colorizer.Colorizer,
    pictures: Sequence[Picture] | Iterator[Picture],
    prior: np.ndarray,
    picture_metrics: Sequence[Metric] = (),
    samples: int = 0,
    draws: int = 1,
    age: bool = False,
    progress: Callable[[Iterator], Iterator] = lambda x: x,
) -> Evaluation:
    """One approach with all its decodings.

    samples: also measure the diversity of that many.  draws: how often; on a few photographs one
    draw says little, since the best of four depends on the seeds.  age: let the approach see each
    photograph as an old print (:func:`aged`); its colours are then compared on the original
    lightness.
    """
    evaluation = Evaluation(prior, picture_metrics)
    for number, picture in enumerate(progress(pictures)):
        seen = photo.read(picture.original)
        truth = seen.lightness
        if age:
            original, old = aged(picture.original, number)
            picture = dataclasses.replace(picture, original=original)
            truth = photo.read(original).lightness
            seen = photo.read(compose(old, np.zeros((2, *old.shape), np.float32)))
        start = time.perf_counter()
        analysis = model.analyze(seen)
        passed = time.perf_counter() - start
        results = {}
        for label, knobs in settings_of(model.approach).items():
            start = time.perf_counter()
            key = RowKey(name, label)
            results[key] = as_rgb(analysis.colorize(**knobs))
            if label == DEFAULT:
                seconds = passed + time.perf_counter() - start
                evaluation.rows.setdefault(key, Row()).seconds.append(seconds)
        if age:
            results = {k: with_lightness(v, truth) for k, v in results.items()}
        evaluation.add(picture, results)
        if samples > 1 and model.approach.samples:
            for first in range(0, draws * samples, samples):
                drawn = [as_rgb(s) for s in analysis.sample(samples, seed=first)]
                evaluation.add_samples(name, picture.original, drawn, draws)
    return evaluation
