"""A network's output and the knobs → planes of the guided filter: the first half of ``render.onnx``.

The sums of :mod:`colorizer.decoding.decode` and the fit of :mod:`colorizer.decoding.upsample`: vividness, top-k,
temperature, coherent noise, the mean of the bins' centres, then ab as a linear function of
lightness around every pixel of the working size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from colorizer.color import adjust
from colorizer.decoding import upsample
from colorizer.decoding.decode import COLDEST
from colorizer.decoding.prediction import Distribution
from colorizer.decoding.sampling import EDGE

from .graph import FLOAT, INT32, INT64, Graph, Value

_IMPOSSIBLE = -1e9  # the logit of a bin that top-k leaves out; finite, as WebGPU wants it


@dataclass(frozen=True)
class Head:
    """Kind of a network's output: logits over bins, or ab.

    stride: of the output's grid.  centers: (Q, 2) of the bins, None for ab.  log_weights: (Q,) of
    vividness, or None.  trained_gamma: the vividness already in the weights.
    """

    stride: int
    centers: np.ndarray | None = None
    log_weights: np.ndarray | None = None
    trained_gamma: float = 0.0

    @property
    def channels(self) -> int:
        """Number of the network's output channels."""
        return 2 if self.centers is None else len(self.centers)


def decoded(g: Graph, head: Head) -> Value:
    """Decode the inputs that ``render_graph`` describes: planes (8, H, W)."""
    output = g.input("output", FLOAT, (1, head.channels, "h", "w"))
    light = g.input("lightness", FLOAT, (1, 1, "height", "width"))
    border = g.input("border", FLOAT, ("height", "width"))
    strength = g.input("strength", FLOAT, ())
    grid, paper = light, g.unsqueeze(border, 0, 1)
    if head.stride > 1:
        grid, paper = _pooled(g, light, head.stride), _pooled(g, paper, head.stride)
    ab = output if head.centers is None else _mean(g, head, output, grid)
    ab = _adjusted(g, ab, grid) * (1.0 - paper) * strength
    return g.op("Squeeze", _fitted(g, light, ab, head.stride), np.array([0]))


def _pooled(g: Graph, plane: Value, stride: int) -> Value:
    return g.op("AveragePool", plane, kernel_shape=[stride] * 2, strides=[stride] * 2)


# --- colours of the bins ----------------------------------------------------------------------


def _mean(g: Graph, head: Head, output: Value, grid: Value) -> Value:
    """Logits (1, Q, h, w) and lightness of the same grid → ab (1, 2, h, w)."""
    temperature = g.input("temperature", FLOAT, ())
    top_k = g.input("top_k", INT32, ())
    vividness = g.input("vividness", FLOAT, ())
    softness = g.input("softness", FLOAT, ())
    count, height, width = head.channels, g.size(output, 2), g.size(output, 3)
    logits = g.op("Transpose", g.reshape(output, count, -1), perm=[1, 0])  # (places, Q)
    if head.log_weights is not None:
        logits = logits + (vividness - head.trained_gamma) * head.log_weights[None]
    else:  # the input is there all the same: one page serves every approach
        logits = logits + vividness * 0.0
    logits = _top_k(g, logits, top_k, count)
    likely = logits / g.op("Max", temperature, COLDEST)
    noise = g.input("noise", FLOAT, ("anchors", count))
    # The best guess has none; two thirds of its time would go into adding the same to all bins.
    is_sample = g.op("Greater", g.op("ReduceMax", g.op("Abs", noise), keepdims=0), 0.0)
    score = g.choose(
        is_sample,
        ("places", count),
        lambda branch: branch.use(likely) + _gumbel(branch, _field(branch, grid, noise)),
        lambda branch: branch.use(likely),
    )
    probability = g.op("Softmax", score / softness, axis=-1)
    ab = g.op("Transpose", g.op("MatMul", probability, head.centers), perm=[1, 0])
    return g.reshape(ab, 1, 2, height, width)


def _top_k(g: Graph, logits: Value, top_k: Value, count: int) -> Value:
    """Logits (places, Q) with all but the likeliest ``top_k`` of every place impossible."""
    everything = top_k >= g.constant(count, np.int32)
    # Nothing is left out: then only one has to be found.
    kept = g.op("Where", everything, g.constant(1, np.int32), top_k)
    kept = g.unsqueeze(g.cast(g.op("Max", kept, g.constant(1, np.int32)), INT64), 0)
    values, _ = g.ops("TopK", 2, logits, kept, axis=-1)
    least = g.op("ReduceMin", values, np.array([1]), keepdims=1)
    left_out = g.op("And", logits < least, g.op("Not", everything))
    return g.op("Where", left_out, _IMPOSSIBLE, logits)


def _field(g: Graph, grid: Value, noise: Value) -> Value:
    """Smooth noise (places, Q): :class:`colorizer.decoding.sampling.Field` over lightness (1, 1, h, w)."""
    grid, noise = g.use(grid), g.use(noise)
    anchors = g.input("anchors", INT32, ("anchors",))
    correlation = g.input("correlation", FLOAT, ())
    height, width = g.float_size(grid, 2), g.float_size(grid, 3)
    sigma = correlation * g.op("Min", height, width) * (1 / math.sqrt(2))
    light = g.reshape(grid, -1)
    place = g.count(g.size(light, 0))
    row = g.op("Floor", (place + 0.5) / width)
    features = (row / sigma, (place - row * width) / sigma, light / EDGE)
    squares = []
    for feature in features:
        at = g.op("Gather", feature, anchors)
        difference = g.unsqueeze(feature, 1) - g.unsqueeze(at, 0)
        squares.append(difference * difference)
    exponent = g.op("Sum", *squares) * -0.5
    kernel = g.op("Exp", exponent - g.op("ReduceMax", exponent, np.array([1]), keepdims=1))
    norm = g.op("ReduceL2", kernel, np.array([1]), keepdims=1)
    return g.op("MatMul", kernel, noise) / norm


# erfc(x) = t·exp(-x² + P(t)), t = 1 / (1 + x/2), x ≥ 0, to 1.2e-7 of itself (Press et al. 2007,
# Numerical Recipes, section 6.2.2); the coefficients from the constant on.
_ERFC = (
    *(-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806),
    *(0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277),
)


def _gumbel(g: Graph, normal: Value) -> Value:
    """Standard normal → standard Gumbel, -log(-log Φ(z)), in float32 with both tails.

    Where Φ is near 1, -log Φ is taken from the small rest 1 - Φ; where it is near 0, from log Φ
    itself.
    """
    x = g.op("Abs", normal) * math.sqrt(0.5)
    t = 1.0 / (x * 0.5 + 1.0)
    polynomial = g.constant(_ERFC[-1])
    for coefficient in _ERFC[-2::-1]:
        polynomial = polynomial * t + coefficient
    log_rest = g.op("Log", t * 0.5) + (polynomial - x * x)  # log of min(Φ, 1 - Φ)
    rest = g.op("Exp", log_rest)
    # -log(1 - rest), by its series where the difference from 1 would lose digits.
    series = rest * (rest * (rest * (1 / 3) + 0.5) + 1.0)
    near_one = g.op("Where", rest < 1e-2, series, -g.op("Log", 1.0 - rest))
    return -g.op("Log", g.op("Where", normal < 0.0, -log_rest, near_one))


# --- after the fact ---------------------------------------------------------------------------


def _adjusted(g: Graph, ab: Value, light: Value) -> Value:
    """ab (1, 2, h, w), L* (1, 1, h, w) → ab: :class:`colorizer.color.adjust.Adjustments`."""
    warmth, saturation, balance = (
        g.input(name, FLOAT, ()) for name in ("warmth", "saturation", "white_balance")
    )

    def total(value: Value, *axes: int) -> Value:
        return g.op("ReduceSum", value, np.array(axes), keepdims=1)

    near_grey = g.op("Exp", total(ab * ab, 1) * (-0.5 / adjust.NEUTRAL**2))
    weight = near_grey * g.clamp(light, 1.0, 100.0)
    ab = ab - balance * (total(ab * weight, 2, 3) / total(weight, 2, 3))
    chroma = g.op("Sqrt", total(ab * ab, 1))
    more = g.op("Max", saturation - 1.0, 0.0) * g.op("Exp", chroma * (-1 / adjust.PALE))
    ab = ab * (g.op("Min", saturation, 1.0) + more)
    share = g.clamp(light * 0.01, 0.0, 1.0)
    warm = np.array(adjust.WARM, np.float32).reshape(1, 2, 1, 1)
    return ab + warmth * warm * (share * (1.0 - share) * 4.0)


# --- the guided filter's fit ------------------------------------------------------------------


def _fitted(g: Graph, light: Value, ab: Value, stride: int) -> Value:
    """Lightness (1, 1, H, W) and ab (1, 2, h, w) → planes (1, 8, H, W).

    :class:`colorizer.decoding.upsample.GuidedUpsampler` explains the sums.
    """
    radius = upsample.RADIUS
    soft = light
    if stride > 1:
        down = _resizing(g, light, ab)
        up = _resizing(g, ab, light)
        soft, ab = up(_softened(g, down(light))), up(ab)
    else:
        soft = _softened(g, light)
    box = lambda planes: _window(g, "AveragePool", planes, radius, count_include_pad=0)  # noqa: E731
    mean_l, mean_ab = box(soft), box(ab)
    variance = g.op("Max", box(soft * soft) - mean_l * mean_l, 0.0)
    covariance = box(soft * ab) - mean_l * mean_ab
    slope = covariance / (variance + upsample.EPS)
    spread = box(ab * ab) - mean_ab * mean_ab
    unexplained = g.op("Max", spread - slope * covariance, 0.0)
    unexplained = g.op("ReduceSum", unexplained, np.array([1]), keepdims=1)
    weight = 1.0 / (unexplained + upsample.EXPLAINED)
    slope = box(slope * weight) / box(weight)
    low = -_window(g, "MaxPool", -ab, radius) - upsample.MARGIN
    high = _window(g, "MaxPool", ab, radius) + upsample.MARGIN
    return g.op("Concat", slope, ab - slope * soft, low, high, axis=1)


def _resizing(g: Graph, source: Value, target: Value) -> Callable[[Value], Value]:
    """A function that brings planes of source's size to target's, bilinear and antialiased."""
    rows = _triangles(g, g.float_size(source, 2), g.size(target, 2))
    columns = _triangles(g, g.float_size(source, 3), g.size(target, 3))
    columns = g.op("Transpose", columns, perm=[1, 0])
    return lambda planes: rows @ planes @ columns


def _triangles(g: Graph, before: Value, after: Value) -> Value:
    """Weights (after, before) of each old sample in each new one, along one axis."""
    scale = before / g.cast(after, FLOAT)
    center = (g.count(after) + 0.5) * scale
    place = g.count(g.cast(before, INT64)) + 0.5
    distance = g.op("Abs", g.unsqueeze(place, 0) - g.unsqueeze(center, 1))
    weight = g.op("Max", 1.0 - distance / g.op("Max", scale, 1.0), 0.0)
    return weight / g.op("ReduceSum", weight, np.array([1]), keepdims=1)


def _softened(g: Graph, plane: Value) -> Value:
    """(1, 1, h, w) blurred by ``upsample.SOFTNESS`` pixels along both axes."""
    side = upsample.SOFTNESS**2 / 2
    kernel = np.array([side, 1 - 2 * side, side], np.float32)
    for shape, pads in (((1, 1, 3, 1), (0, 0, 1, 0) * 2), ((1, 1, 1, 3), (0, 0, 0, 1) * 2)):
        plane = g.op("Pad", plane, np.array(pads), None, mode="edge")
        plane = g.op("Conv", plane, kernel.reshape(shape))
    return plane


def _window(g: Graph, kind: str, planes: Value, radius: int, **attributes: int) -> Value:
    """Mean or maximum of the (2·radius + 1)² window, one axis after the other."""
    side = 2 * radius + 1
    for kernel, pads in (((side, 1), (radius, 0) * 2), ((1, side), (0, radius) * 2)):
        planes = g.op(kind, planes, kernel_shape=kernel, pads=pads, **attributes)
    return planes


def head_of(prediction: Distribution, stride: int) -> Head:
    """The head of a network that gave ``prediction``."""
    logs = prediction.log_weights
    return Head(
        stride,
        prediction.bins.centers.numpy(),
        None if logs is None else logs.numpy(),
        prediction.trained_gamma,
    )
