"""sRGB bytes → L*, L* at the size the network sees, and the paper border: parts of both graphs.

The sums of :mod:`colorizer.color.gamut` and :mod:`colorizer.images.border`, so that an app hands
over the bytes of its pixels and need not know what lightness is.
"""

from __future__ import annotations

import math

import numpy as np

from colorizer.color.lab import LINEAR_BELOW, RGB_TO_XYZ, SLOPE
from colorizer.images import border

from .graph import FLOAT, INT32, INT64, Graph, Value


def lightness(g: Graph, pixels: Value) -> Value:
    """sRGB (rows, columns, 4), uint8 → L* (rows, columns); the fourth byte does not count."""
    encoded = np.arange(256) / 255
    linear = np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
    linear = g.look_up(g.constant(linear), g.cast(pixels, INT32))
    weights = np.array([*RGB_TO_XYZ[1], 0.0], np.float32)[:, None]
    y = g.op("Squeeze", linear @ g.constant(weights), np.array([2]))
    # The cube root above LINEAR_BELOW, the line below, without a choice at every pixel.
    bright = g.op("Pow", g.op("Max", y, LINEAR_BELOW), 1 / 3)
    f_y = bright + g.op("Min", y - LINEAR_BELOW, 0.0) * SLOPE
    return g.clamp(f_y * 116.0 - 16.0, 0.0, 100.0)


def shrunk(g: Graph, plane: Value, size: Value, extent: Value) -> Value:
    """L* (rows, columns) → (h, w) by Lanczos, antialiased, within 0…100.

    size: int32 (2,), h and w.  extent: float32 (2,), rows and columns of the plane that the
    photograph covers; the last ones may be there in part.
    """
    down, across = (
        _lanczos(g, g.size(plane, axis), _part(g, size, axis), _part(g, extent, axis))
        for axis in (0, 1)
    )
    # The shorter product first: columns, then rows, as Pillow does.
    wide = plane @ g.op("Transpose", across, perm=[1, 0])
    return g.clamp(down @ wide, 0.0, 100.0)


def _part(g: Graph, pair: Value, index: int) -> Value:
    return g.op("Slice", pair, np.array([index]), np.array([index + 1]))


def _lanczos(g: Graph, before: Value, after: Value, extent: Value) -> Value:
    """Weights (after, before) of every old sample in each new one, of Lanczos' three lobes."""
    scale = extent / g.cast(after, FLOAT)
    stretch = g.op("Max", scale, 1.0)
    center = (g.count(g.cast(after, INT64)) + 0.5) * scale
    place = g.count(before) + 0.5
    distance = (g.unsqueeze(place, 0) - g.unsqueeze(center, 1)) / stretch
    distance = g.clamp(g.op("Abs", distance), 1e-4, 3.0)
    # sin x follows from sin x/3; at a distance of 3 the product is 0.
    third = g.op("Sin", distance * (math.pi / 3))
    whole = third * (3.0 - third * third * 4.0)
    weight = third * whole / (distance * distance)
    return weight / g.op("ReduceSum", weight, np.array([1]), keepdims=1)


# --- the paper around a print -------------------------------------------------------------------


def paper_border(g: Graph, light: Value) -> Value:
    """L* (h, w) → (h, w): 1 where the plain border of a print lies, 0 elsewhere."""
    paper = _median(g, _ring(g, light))
    differs = g.op("Greater", g.op("Abs", light - paper), border.TOLERANCE)
    differs = g.cast(differs, FLOAT)
    across = g.op("Transpose", differs, perm=[1, 0])
    top, bottom, left, right = (_plain_rows(g, d, end) for d in (differs, across) for end in (0, 1))
    height, width = g.float_size(light, 0), g.float_size(light, 1)
    fits = None
    for thickness, side in ((top, height), (bottom, height), (left, width), (right, width)):
        least = g.op("Max", side * border.THINNEST, 2.0)
        enough = g.op("And", thickness >= least, side * border.THICKEST >= thickness)
        fits = enough if fits is None else g.op("And", fits, enough)
    rows, columns = (
        _between(g, top, height - bottom, height),
        _between(g, left, width - right, width),
    )
    for plane, inside, length, first, last in (
        (differs, columns, width - right - left, top, height - bottom),
        (across, rows, height - bottom - top, left, width - right),
    ):
        for begin, end in ((first, first + 3.0), (last - 3.0, last)):
            begin, end = g.op("Max", begin, first), g.op("Min", end, last)
            three = g.unsqueeze(_between(g, begin, end, g.float_size(plane, 0)), 1)
            found = g.op("ReduceMax", plane * three, np.array([0]), keepdims=0)
            share = g.op("ReduceSum", found * inside, np.array([0]), keepdims=1)
            fits = g.op("And", fits, share >= length * border.EDGE)
    picture = g.unsqueeze(rows, 1) * g.unsqueeze(columns, 0)
    return g.cast(fits, FLOAT) * (1.0 - picture)


def _ring(g: Graph, light: Value) -> Value:
    """The outermost values of a plane, those of the corners once: (n,)."""
    first, last = np.array([0]), np.array([-1])
    end = np.array([2**31 - 1])

    def sides(plane: Value, axis: int) -> list[Value]:
        parts = ((first, np.array([1])), (last, end))
        return [g.op("Slice", plane, a, b, np.array([axis])) for a, b in parts]

    inner = g.op("Slice", light, np.array([1]), last, first)
    edges = [*sides(light, 0), *sides(inner, 1)]
    return g.op("Concat", *(g.reshape(edge, -1) for edge in edges), axis=0)


def _median(g: Graph, values: Value) -> Value:
    """The median of (n,), n even: (1,)."""
    count = g.size(values, 0)
    half = g.op("Div", count, g.constant(2, np.int64))
    most = g.op("Add", half, g.constant(1, np.int64))
    largest, _ = g.ops("TopK", 2, values, most, axis=0)
    middle = g.op("Slice", largest, np.array([-2]), np.array([2**31 - 1]))
    return g.op("ReduceMean", middle, np.array([0]), keepdims=1)


def _plain_rows(g: Graph, differs: Value, end: int) -> Value:
    """Number of rows, from the first or (end = 1) the last on, that are paper nearly everywhere."""
    share = g.op("ReduceMean", differs, np.array([1]), keepdims=0)
    plain = g.op("LessOrEqual", share, 1 - border.PLAIN)
    other = 1.0 - g.cast(plain, FLOAT)
    seen = g.op("CumSum", other, g.constant(0, np.int64), reverse=end)
    return g.op("ReduceSum", g.cast(seen < 0.5, FLOAT), np.array([0]), keepdims=1)


def _between(g: Graph, begin: Value, end: Value, size: Value) -> Value:
    """1 from place ``begin`` to before ``end``, 0 elsewhere: float32 (size,)."""
    place = g.count(g.cast(size, INT64))
    return g.cast(g.op("And", place >= begin, place < end), FLOAT)
