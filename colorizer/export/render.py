"""``render.onnx``: a network's output, the knobs and a band of the photograph → sRGB of that band.

:mod:`colorizer.export.decode` makes planes of the first two, once for all bands.  Then come the
sums of :mod:`colorizer.decoding.upsample` and :mod:`colorizer.color.gamut`, at the photograph's own
size: ab ≈ A·L + B with A and B brought up bilinearly, kept within its range near by; colours outside
sRGB lose chroma at constant L* and hue; Lab → sRGB.  Every pixel depends on its own row alone, so
a photograph may be cut into bands anywhere.
"""

from __future__ import annotations

import numpy as np
import onnx

from colorizer.color.codes import ENCODED
from colorizer.color.gamut import BLACK, CORNER, FROM_XYZ, HUES, LIGHTNESSES, WHITE, most_chroma
from colorizer.color.lab import SLOPE

from .decode import Head, decoded
from .graph import FLOAT, INT32, INT64, UINT8, Graph, Value
from .lightness import lightness

PLANES = 8  # slope, rest, least and greatest value, each for a and b


def render_graph(head: Head) -> onnx.ModelProto:
    """Build the graph for a network's head.

    Inputs of a band: photograph (rows, width, 4), uint8 sRGB, the fourth byte does not count;
    first_row and height, int32 scalars: where the band begins, and how tall the photograph is.

    Inputs of the network: output (1, Q or 2, h, w), lightness (1, 1, H, W) and border (H, W).

    Knobs: the float scalars strength, warmth, saturation and white_balance.  For a distribution
    also the float scalars temperature, vividness and softness, top_k (int32 scalar; Q or more
    keeps all), noise (anchors, Q) from a standard normal distribution, anchors (anchors,) int32,
    the places of the grid it belongs to, counted row by row, and correlation, a share of the
    shorter side.  The best guess has softness 1 and one anchor with noise 0.

    known_planes: (8, 1, 1) of anything, or the output planes (8, H, W) of another band; then the
    network's output and the knobs are not looked at again, and may be of any size.

    Outputs: pixels, int32 (rows, width), whose bytes in little-endian order are red, green, blue
    and 255; planes.
    """
    g = Graph("render")
    photograph = g.input("photograph", UINT8, ("rows", "width", 4))
    first_row = g.input("first_row", INT32, ())
    height = g.input("height", INT32, ())
    known = g.input("known_planes", FLOAT, (PLANES, "known_height", "known_width"))
    is_known = g.op("Greater", g.size(known, 1), np.array([1]))
    planes = g.choose(
        g.op("Squeeze", is_known),
        (PLANES, "height", "width"),
        lambda branch: branch.use(known),
        lambda branch: decoded(branch, head),
    )
    light = lightness(g, photograph)
    width = g.size(light, 1)
    stretched = _columns(g, _rows(g, planes, g.size(light, 0), first_row, height), width)
    slope, rest, low, high = g.split(stretched, 4)
    ab = g.op("Min", g.op("Max", slope * light + rest, low), high)  # (2, rows, width)
    light = g.reshape(light, 1, -1)
    ab = g.reshape(ab, 2, -1)
    pixels = _pixels(g, light, ab)
    g.output("pixels", g.reshape(pixels, -1, width), INT32, ("rows", "width"))
    g.output("planes", planes, FLOAT, (PLANES, "height", "width"))
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
    encoded = g.look_up(g.cast(g.constant(ENCODED.numpy(), np.uint8), FLOAT), codes)
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
        return g.look_up(moved, corner)

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
