"""The small figure of the tab *About*: one made-up place of a photograph, and what the knobs do.

Computed with :mod:`colorizer.decoding.decode`, as for a photograph; nothing here imports Gradio.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from colorizer.color.bins import get_bins, rebalancing_weights
from colorizer.color.gamut import compose
from colorizer.decoding import decode

from ...languages import _

LIGHTNESS = 58.0  # L* of the place
BARS = 8
# What a model might think of a painted door: (share, a, b, spread), spread in ab units.
DOOR = (
    (0.56, 4, 13, 9),  # greyish brown, like most things
    (0.17, 1, 2, 5),  # grey
    (0.14, 46, 30, 9),  # red
    (0.08, -4, -32, 9),  # blue
    (0.05, -34, 24, 9),  # green
)
COMMON = 14.0  # ab units: how fast colours get rarer with their chroma, in photographs at large

DOTS = "All 313 colours; a dot is as large as its colour is likely."
RESULT = "This comes out: {color}, the mean of {count} possible colours."


@dataclass(frozen=True)
class Bar:
    color: str  # #rrggbb
    probability: float
    a: float
    b: float


@dataclass(frozen=True)
class Figure:
    """bars: the likeliest colours, likeliest first.  result: the colour that comes out.
    possible: how many colours have a part in it.  plane: all bins."""

    bars: tuple[Bar, ...]
    result: str
    possible: int
    plane: tuple[Bar, ...]


@cache
def _door() -> tuple[torch.Tensor, torch.Tensor]:
    """(logits (1, Q, 1, 1), log weights of rebalancing (Q,))."""
    centers = get_bins("zhang313").centers.double().numpy()
    probability = np.full(len(centers), 1e-7)
    for share, a, b, spread in DOOR:
        near = np.exp(-((centers - (a, b)) ** 2).sum(1) / (2 * spread**2))
        probability += share * near / near.sum()
    prior = np.exp(-np.hypot(*centers.T) / COMMON)
    weights = rebalancing_weights(prior, lam=0.5)
    logits = torch.from_numpy(np.log(probability / probability.sum())).float().view(1, -1, 1, 1)
    return logits, torch.from_numpy(np.log(weights)).float()


def figure(values: Mapping[str, float | int | None]) -> Figure:
    """The door's colour under these knobs; one that is missing is off."""
    logits, log_weights = _door()
    bins = get_bins("zhang313")
    temperature, top_k = values.get("temperature"), values.get("top_k")
    adjusted = decode.adjust(logits, log_weights, values.get("vividness") or 0.0)
    shares = decode.probabilities(adjusted, 1.0 if temperature is None else temperature, top_k)
    mean = decode.expectation(shares, bins)[0, :, 0, 0].numpy()
    probability = shares.flatten().numpy()
    centers = bins.centers.numpy()
    colors = _colors(np.vstack((centers, mean)))
    order = np.argsort(-probability, kind="stable")
    plane = tuple(
        Bar(colors[i], float(probability[i]), *map(float, centers[i])) for i in range(len(centers))
    )
    return Figure(
        tuple(plane[i] for i in order[:BARS]),
        colors[-1],
        int((probability > 0.001).sum()),
        plane,
    )


def _colors(ab: np.ndarray) -> list[str]:
    """ab (n, 2) at the place's lightness → #rrggbb."""
    light = np.full((1, len(ab)), LIGHTNESS, np.float32)
    rgb = compose(light, np.ascontiguousarray(ab.T[:, None].astype(np.float32)))[0]
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb]


def to_html(shown: Figure) -> str:
    """The figure as HTML: the ab plane, the likeliest colours, and what comes out."""
    whole = max(0.4, shown.bars[0].probability)  # so that short bars can be told apart
    rows = "".join(
        f'<tr><th scope="row"><span class="swatch" style="background:{bar.color}"></span>'
        f'<span class="code">{bar.color}</span></th><td><span class="bar" '
        f'style="width:{max(100 * bar.probability / whole, 0.4):.1f}%;background:{bar.color}"></span>'
        f'</td><td class="share">{_percent(bar.probability)}</td></tr>'
        for bar in shown.bars
    )
    result = f'<span class="code">{shown.result}</span>'
    return (
        f'<div class="door"><figure>{_plane(shown)}<figcaption>{_(DOTS)}</figcaption></figure>'
        f"<table><caption>{_('The likeliest colours')}</caption><thead class='unseen'><tr>"
        f"<th scope='col'>{_('Colour')}</th><td></td>"
        f"<th scope='col'>{_('Probability')}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        f'<p class="result" role="status"><span class="swatch" style="background:{shown.result}">'
        f"</span><span>{_(RESULT, color=result, count=shown.possible)}</span></p></div>"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else _("under 1 %")


def _plane(shown: Figure) -> str:
    dots = "".join(
        f'<circle cx="{bar.a:.0f}" cy="{-bar.b:.0f}" r="{max(16 * bar.probability**0.5, 0.9):.1f}" '
        f'fill="{bar.color}"/>'
        for bar in shown.plane
    )
    words = ", ".join(f"{bar.color} {_percent(bar.probability)}" for bar in shown.bars[:3])
    return (
        f'<svg viewBox="-115 -115 230 230" role="img" aria-label="{html.escape(words)}">'
        '<path d="M-112 0H112M0 -112V112" class="axes"/>'
        f'<text x="109" y="-4" text-anchor="end">{_("red")}</text>'
        f'<text x="-109" y="-4">{_("green")}</text>'
        f'<text x="4" y="-104">{_("yellow")}</text><text x="4" y="110">{_("blue")}</text>'
        f"{dots}</svg>"
    )
