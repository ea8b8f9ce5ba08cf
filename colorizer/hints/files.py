"""The small JSON file in which colour hints are kept.

    {"format": "colorizer-hints", "version": 1, "size": [451, 300],
     "hints": [{"x": 120, "y": 80, "color": "#b03a2e"}]}

``x`` and ``y`` are pixels of a photograph of that size.  A copy of the photograph at another size
takes the same hints, scaled; another shape is refused, since the points would lie elsewhere.

A hint for a region has a ``region`` beside: ``outline``, polygons as SVG writes their points;
``inside``, the points that get the colour; ``around``, hints that hold what lies beside it.  A
reader that does not know regions takes it for a hint of one point.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from colorizer.errors import Sentence

from .points import Hint, HintError, Point, RegionHint, Size

FORMAT, VERSION = "colorizer-hints", 1
MOST_BYTES = 1_000_000
MOST_HINTS = 1000
MOST_VERTICES, MOST_POINTS = 20_000, 200  # of a region
SAME_SHAPE = 0.01  # by how much two copies' ratios of width to height may differ


def read_hints(source: str | os.PathLike | bytes, size: Size | None = None) -> list[Hint]:
    """The hints of a file, scaled to a photograph of ``size`` if that is given.

    source: a path, or the JSON itself (bytes, or a string that begins with ``{``).
    Raises :class:`HintError` with one sentence: not there, no such file, a point outside, a
    photograph of another shape.
    """
    path = None
    if not isinstance(source, str | bytes) or source[:200].lstrip()[:1] not in ("{", b"{"):
        source = path = Path(os.fsdecode(source))
    try:
        data = _parsed(source)
        _check_kind(data)
        made_for = _size(data["size"]) if "size" in data else None
        hints = [_hint(entry, i + 1, made_for) for i, entry in enumerate(data["hints"])]
        if size is None:
            return hints
        return scaled(hints, made_for, size) if made_for else [_inside(h, size) for h in hints]
    except HintError as error:
        error.path = path
        raise


def write_hints(hints: Sequence[Hint], size: Size | None = None) -> str:
    """The JSON of hints for a photograph of ``size``; :func:`read_hints` reads it again."""
    data: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    if size is not None:
        data["size"] = [int(side) for side in size]
    data["hints"] = [_entry(hint) for hint in hints]
    return json.dumps(data, indent=2) + "\n"


def _entry(hint: Hint) -> dict[str, Any]:
    color = "#{:02x}{:02x}{:02x}".format(*hint.rgb())
    entry: dict[str, Any] = {"x": round(hint.x, 2), "y": round(hint.y, 2), "color": color}
    if isinstance(hint, RegionHint):
        entry["region"] = {
            "outline": [svg_points(polygon) for polygon in hint.outline],
            "inside": svg_points(hint.inside),
            "around": [_entry(one) for one in hint.around],
        }
    return entry


def svg_points(points: Sequence[Point]) -> str:
    """Points as the attribute ``points`` of SVG has them: ``10,20 30.5,40``."""
    return " ".join(f"{round(x, 2):g},{round(y, 2):g}" for x, y in points)


def scaled(hints: Sequence[Hint], made_for: Size, size: Size) -> list[Hint]:
    """Hints for a copy of the photograph at another size; :class:`HintError` for another shape."""
    (w0, h0), (w1, h1) = made_for, size
    if made_for == size:
        return list(hints)
    pixel = 1 / min(w0, h0, w1, h1)  # a small copy's sides are rounded to whole pixels
    if abs(math.log((w1 / h1) / (w0 / h0))) > max(SAME_SHAPE, pixel):
        words = Sentence(
            "These hints are for a photograph of {other} pixels, and this one, {own}, "
            "has another shape.",
            other=f"{w0} × {h0}",
            own=f"{w1} × {h1}",
        )
        raise HintError(words, made_for=made_for, size=size)

    # The middle of a pixel stays where it is; rounding must not carry a point over the edge.
    def place(x: float, y: float) -> Point:
        x, y = (x + 0.5) * w1 / w0 - 0.5, (y + 0.5) * h1 / h0 - 0.5
        return min(max(x, 0), w1 - 1), min(max(y, 0), h1 - 1)

    return [_moved(hint, place) for hint in hints]


def _moved(hint: Hint, place: Callable[[float, float], Point]) -> Hint:
    x, y = place(hint.x, hint.y)
    if not isinstance(hint, RegionHint):
        return replace(hint, x=x, y=y)
    return replace(
        hint,
        x=x,
        y=y,
        outline=tuple(tuple(place(*point) for point in polygon) for polygon in hint.outline),
        inside=tuple(place(*point) for point in hint.inside),
        around=tuple(_moved(one, place) for one in hint.around),
    )


def _parsed(source: str | Path | bytes) -> dict[str, Any]:
    """The JSON object of a file or of text.  Raises :class:`HintError`."""
    text: str | bytes
    if isinstance(source, Path):
        subject = f"“{source.name}”"
        try:
            with source.open("rb") as file:
                text = file.read(MOST_BYTES + 1)
        except OSError as error:
            reason = error.strerror or "it cannot be opened"
            raise HintError(f"“{source}” cannot be read: {reason}.") from None
    else:
        text, subject = source, "These hints"
    if len(text) > MOST_BYTES:
        raise HintError(
            Sentence("{file} cannot be a file of colour hints; it is far too large.", file=subject)
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise HintError(
            Sentence("{file} cannot be read as hints; that is no JSON.", file=subject)
        ) from None
    if not isinstance(data, dict):
        raise HintError(
            Sentence("{file} cannot be read as hints; the JSON is no object.", file=subject)
        )
    return data


def _check_kind(data: dict[str, Any]) -> None:
    """Raise :class:`HintError` for JSON that is something else, or more than can be used."""
    if data.get("format") != FORMAT or not isinstance(data.get("hints"), list):
        raise HintError(
            Sentence(
                "This is no file of colour hints; it must say “format”: “{format}”.", format=FORMAT
            )
        )
    if data.get("version") != VERSION:
        version = str(data.get("version"))[:20]
        raise HintError(
            Sentence(
                "These hints are of version {version}; only version {readable} can be read.",
                version=version,
                readable=VERSION,
            )
        )
    if len(data["hints"]) > MOST_HINTS:
        raise HintError(
            Sentence("There are more than {most} hints, too many to use.", most=MOST_HINTS)
        )


def _size(value: Any) -> Size:
    good = isinstance(value, list) and len(value) == 2 and all(_number(v) and v >= 1 for v in value)
    if not good:
        raise HintError(
            Sentence("The “size” of hints must be the width and height of the photograph.")
        )
    return int(value[0]), int(value[1])


def _hint(entry: Any, number: int, size: Size | None) -> Hint:
    if not isinstance(entry, dict) or not all(_number(entry.get(key)) for key in ("x", "y")):
        words = Sentence("Hint {number} needs the numbers “x” and “y”.", number=number)
        raise HintError(words, number=number)
    color = entry.get("color")
    if not isinstance(color, str):
        words = Sentence("Hint {number} needs a “color”, written as #rrggbb.", number=number)
        raise HintError(words, number=number, color=color)
    hint = Hint(entry["x"], entry["y"], color)
    try:
        hint.rgb()
    except HintError:
        words = Sentence(
            "Hint {number}: {color} is no colour; write it as #rrggbb.",
            number=number,
            color=f"{color!r:.40}",
        )
        raise HintError(words, number=number, color=color) from None
    if entry.get("region") is not None:
        hint = _region(entry["region"], hint, number)
    return _inside(hint, size) if size else hint


def _region(region: Any, hint: Hint, number: int) -> RegionHint:
    try:
        around = region["around"]
        if len(around) > MOST_POINTS:
            raise ValueError
        made = RegionHint(
            *(hint.x, hint.y, hint.color),
            tuple(_points(text, MOST_VERTICES) for text in region["outline"]),
            _points(region["inside"], MOST_POINTS),
            tuple(_hint({**one, "region": None}, number, None) for one in around),
        )
    except HintError:
        raise
    except (TypeError, ValueError, KeyError, AttributeError):
        raise HintError(
            f"Hint {number} has a “region” that cannot be read.", number=number
        ) from None
    if sum(map(len, made.outline)) > MOST_VERTICES or not (made.outline and made.inside):
        raise HintError(f"Hint {number} has a “region” that cannot be read.", number=number)
    return made


def _points(text: str, most: int) -> tuple[Point, ...]:
    pairs = [pair.split(",") for pair in text.split()]
    points = tuple((float(x), float(y)) for x, y in pairs)
    if len(points) > most or not all(abs(v) < 1e9 for point in points for v in point):
        raise ValueError
    return points


def _inside(hint: Hint, size: Size) -> Hint:
    if not (0 <= hint.x < size[0] and 0 <= hint.y < size[1]):
        words = Sentence(
            "The hint at ({place}) lies outside the photograph of {size} pixels.",
            place=f"{hint.x:g}, {hint.y:g}",
            size=f"{size[0]} × {size[1]}",
        )
        raise HintError(words, size=size)
    if isinstance(hint, RegionHint):
        for one in hint.points():
            _inside(one, size)
    return hint


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9
