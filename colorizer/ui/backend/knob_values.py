"""Values of knobs as the page's controls hold them.  Nothing here imports Gradio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from colorizer.approaches import Approach, Knob

from ..languages import _

OFF = "All"
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST_STEPS = 6

Value = float | int | None


def names(approaches: Sequence[Approach]) -> list[str]:
    """Every knob name of these approaches, each once, in the order in which they come."""
    return list(dict.fromkeys(knob.name for a in approaches for knob in a.knobs))


def steps(knob: Knob) -> list[int]:
    """The values offered for a knob that can be off: 1, 2, 5, 10 … within its range."""
    return [step for step in STEPS if knob.minimum <= step <= knob.maximum][:MOST_STEPS]


def spread(knob: Knob, count: int) -> list[Value]:
    """``count`` (odd) values over a knob's range, its default in the middle, for an axis.

    Of a knob that can be off: every other one of its steps, then its maximum.
    """
    if knob.default is None:
        return [*steps(knob)[::2], int(knob.maximum)][-count:]
    half = count // 2
    low = [knob.minimum + (knob.default - knob.minimum) * i / half for i in range(half)]
    high = [knob.default + (knob.maximum - knob.default) * (i + 1) / half for i in range(half)]
    rounded = [round(round(v / knob.step) * knob.step, 6) for v in [*low, knob.default, *high]]
    return list(dict.fromkeys(min(max(v, knob.minimum), knob.maximum) for v in rounded))


def shown(knob: Knob, value: Value) -> Any:
    """A knob's value (None: its default) as its control holds it."""
    if knob.default is not None:
        return knob.default if value is None else value
    return OFF if value is None or value >= knob.maximum else str(int(value))


def label(knob: Knob, value: Value) -> str:
    """A knob's value for a person: ``All``, ``20``, ``0.38``."""
    return in_words(shown(knob, value))


def in_words(held: Any) -> str:
    """The same of what the knob's control holds, as :func:`shown` gives it."""
    return f"{held:g}" if not isinstance(held, str) else _(OFF) if held == OFF else held


def read(approach: Approach, held: Mapping[str, Any]) -> dict[str, Value]:
    """Values of controls by name → those of the knobs the approach has, kept in range.

    An emptied number field is the knob's default.
    """
    result: dict[str, Value] = {}
    for name, value in held.items():
        knob = approach.knob(name)
        if knob is None:
            continue
        if value is None:
            result[name] = knob.default
            continue
        number = knob.maximum if value == OFF else float(value)
        number = min(max(number, knob.minimum), knob.maximum)
        result[name] = int(number) if knob.default is None else number
    return result
