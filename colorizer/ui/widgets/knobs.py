"""Controls for the knobs of an approach, made from the registry.

A knob with a default is a slider.  A knob that can be off (default None, such as top-k) is a row
of steps that ends in "All": one tap each, and no number that secretly means "off".  "All" is the
knob's maximum, where it restricts nothing; None would be the approach's default, which for samples
is another one.

The page makes one control for every knob name that any approach has, shows those of the chosen
approach, and passes their values along in the order of the names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, Knob

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
    held = shown(knob, value)
    return held if isinstance(held, str) else f"{held:g}"


def read(approach: Approach, names: Sequence[str], values: Sequence[Any]) -> dict[str, Value]:
    """What the controls hold → name → value, of the knobs the approach has, kept in range.

    An emptied number field is the knob's default.
    """
    result: dict[str, Value] = {}
    for name, value in zip(names, values, strict=True):
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


def controls(
    approaches: Sequence[Approach],
    current: Approach,
    tab: str,
    start: Mapping[str, Value] | None = None,
    without: Sequence[str] = (),
) -> dict[str, gr.Slider | gr.Radio]:
    """One control per knob name, visible if the current approach has that knob.

    tab: beginning of the element ids, such as ``colorize`` → ``colorize-temperature``.
    start: values that differ from the knobs' defaults.
    without: names that get no control here.
    """
    made: dict[str, gr.Slider | gr.Radio] = {}
    for name in names(approaches):
        if name in without:
            continue
        knob = next(k for a in (current, *approaches) if (k := a.knob(name)))
        value = (start or {}).get(name, knob.default)
        common = dict(
            label=knob.label,
            info=knob.help,
            visible=current.knob(name) is not None,
            interactive=True,
            elem_id=f"{tab}-{name.replace('_', '-')}",
            elem_classes=["knob"],
        )
        if knob.default is None:
            made[name] = gr.Radio([*map(str, steps(knob)), OFF], value=shown(knob, value), **common)
        else:
            made[name] = gr.Slider(
                knob.minimum,
                knob.maximum,
                shown(knob, value),
                step=knob.step,
                buttons=["reset"],
                **common,
            )
    return made


def updates(
    approach: Approach, names: Sequence[str], values: Mapping[str, Value] | None = None
) -> list[Any]:
    """What turns the controls to another approach, at its defaults or at ``values``."""
    result = []
    for name in names:
        knob = approach.knob(name)
        if knob is None:
            result.append(gr.update(visible=False))
            continue
        value = shown(knob, (values or {}).get(name, knob.default))
        if knob.default is None:
            choices = [*map(str, steps(knob)), OFF]
            extra = {"choices": choices if value in choices else [*choices, value]}
        else:
            extra = {"minimum": knob.minimum, "maximum": knob.maximum, "step": knob.step}
        result.append(
            gr.update(label=knob.label, info=knob.help, visible=True, value=value, **extra)
        )
    return result
