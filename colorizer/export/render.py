"""``render.onnx``: lightness of a band of rows and the fitted planes → sRGB of that band.

The sums of :mod:`colorizer.decoding.upsample` and :mod:`colorizer.color.gamut`, at the photograph's own size:
ab ≈ A·L + B with A and B brought up bilinearly, kept within its range near by; colours outside
sRGB lose chroma at constant L* and hue; Lab → sRGB.  Every pixel depends on its own row alone, so
a photograph may be cut into bands anywhere.
"""

from __future__ import annotations

import numpy as np
import onnx

from colorizer.color.gamut import (
    BLACK,
    CORNER,
    ENCODED,
    FROM_XYZ,
    HUES,
    LIGHTNESSES,
    WHITE,
    most_chroma,
)
from colorizer.color.lab import SLOPE

from .graph import FLOAT, INT32, INT64, Graph, Value

PLANES = 8  # slope, rest, least and greatest value, each for a and b


def render_graph() -> onnx.ModelProto:
    """Build the graph.

    Inputs: planes (8, h, w) of ``decode.onnx``; lightness (rows, width), L* of the band;
    first_row and height, int32 scalars: where the band begins, and how tall the photograph is.
    Output: pixels, int32 (rows, width); its bytes in little-endian order are red, green, blue
    and 255.
    """
    g = Graph("render")
    planes = g.input("planes", FLOAT, (PLANES, "h", "w"))
    light = g.input("lightness", FLOAT, ("rows", "width"))
    first_row = g.input("first_row", INT32, ())
    height = g.input("height", INT32, ())
    width = g.size(light, 1)
    stretched = _columns(g, _rows(g, planes, g.size(light, 0), first_row, height), width)
    slope, rest, low, high = g.split(stretched, 4)
    light = g.clamp(light, 0.0, 100.0)
    ab = g.op("Min", g.op("Max", slope * light + rest, low), high)  # (2, rows, width)
    light = g.reshape(light, 1, -1)
    ab = g.reshape(ab, 2, -1)
    pixels = _pixels(g, light, ab)
    g.output("pixels", g.reshape(pixels, -1, width), INT32, ("rows", "width"))
    return g.model()


def _rows(g: Graph, planes: Value, rows: Value, first_row: Value, height: Value) -> Value:
    """(8, h, w) → (8, rows, w): those rows of the planes stretched to ``height`` rows."""
    small = g.float_size(planes, 1)
    place = g.count(rows) + g.cast(first_row, FLOAT) + 0.5
    place = place * (small / g.cast(height, FLOAT)) - 0.5
    place = g.op("Min", g.op("Max", place, 0.0), small - 1.0)
    above = g.op("Floor", place)
    below = g.op("Min", above + 1.0, small - 1.0)
    upper = g.op("Gather", planes, g.cast(above, INT64), axis=1)
    lower = g.op("Gather", planes, g.cast(below, INT64), axis=1)
    return upper + (lower - upper) * g.unsqueeze(place - above, 1)


def _columns(g: Graph, planes: Value, width: Value) -> Value:
    """(8, rows, w) → (8, rows, width), bilinear."""
    sizes = g.sizes(1, PLANES, g.size(planes, 1), width)
    wide = g.op(
        "Resize",
        g.unsqueeze(planes, 0),
        None,
        None,
        sizes,
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
    return g.op("Squeeze", wide, np.array([0], np.int64))


def _pixels(g: Graph, light: Value, ab: Value) -> Value:
    """L* (1, n) and ab (2, n) → packed sRGB (1, n), int32."""
    f_y = light * (1 / 116) + 16 / 116
    y = _cube(g, f_y)
    first = _linear_rgb(g, f_y, y, ab)
    red, green, blue = g.split(first, 3)
    inside = g.op(
        "And",
        g.op("Min", red, green, blue) >= BLACK,
        g.op("LessOrEqual", g.op("Max", red, green, blue), WHITE),
    )
    scale = g.op("Where", inside, 1.0, _share_inside(g, light, ab))
    rgb = _linear_rgb(g, f_y, y, ab * scale)
    codes = g.cast(g.clamp(rgb * 65535.0 + 0.5, 0.0, 65535.0), INT32)
    encoded = g.constant(ENCODED.numpy(), np.uint8)
    encoded = g.op("Gather", g.cast(encoded, FLOAT), codes)
    packed = g.op("MatMul", np.array([[1.0, 256.0, 65536.0]], np.float32), encoded)
    return g.cast(packed, INT32) - g.constant(np.int32(1 << 24), np.int32)


def _share_inside(g: Graph, light: Value, ab: Value) -> Value:
    """Share of ab that sRGB has at this L* and hue, at most 1: (1, n)."""
    a, b = g.split(ab, 2)
    size = g.op("Max", g.op("Abs", a) + g.op("Abs", b), 1e-6)
    share = a / size
    hue = g.op("Where", b >= 0.0, 1.0 - share, share + 3.0)
    row, column = light * (LIGHTNESSES / 100), hue * (HUES / 4)
    above = g.op("Min", g.op("Floor", row), float(LIGHTNESSES - 1))
    left = g.op("Min", g.op("Floor", column), float(HUES - 1))
    table = g.constant(most_chroma().numpy())
    corner = g.cast(above * float(HUES + 1) + left, INT32)

    def pick(offset: int) -> Value:
        # The table moved by the offset, once when the graph is loaded.
        moved = g.op("Slice", table, np.array([offset]), np.array([2**31]))
        return g.op("Gather", moved, corner)

    right, down = column - left, row - above
    upper, lower = pick(0), pick(HUES + 1)
    upper = upper + (pick(1) - upper) * right
    lower = lower + (pick(HUES + 2) - lower) * right
    return g.op("Min", (upper + (lower - upper) * down) / size, 1.0)


def _linear_rgb(g: Graph, f_y: Value, y: Value, ab: Value) -> Value:
    """Linear red, green and blue (3, n) of f(Y), Y (1, n) and ab (2, n); not clipped."""
    f_xz = ab * np.array([[1 / 500], [-1 / 200]], np.float32) + f_y
    over_y = _cube(g, f_xz) - y
    matrix = np.array(FROM_XYZ, np.float32)[:, [0, 2]]
    return g.op("MatMul", matrix, over_y) + y


def _cube(g: Graph, f: Value) -> Value:
    """f(t) → t, the inverse of Lab's cube root with its line near black."""
    bright = g.op("Max", f, CORNER)
    return bright * bright * bright + g.op("Min", f - CORNER, 0.0) * (1 / SLOPE)
