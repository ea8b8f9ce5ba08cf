"""Controls for the knobs of an approach, made from the registry.

A knob with a default is a slider.  A knob that can be off (default None, such as top-k) is a row
of steps that ends in "All": one tap each, and no number that secretly means "off".  "All" is the
knob's maximum, where it restricts nothing; None would be the approach's default, which for samples
is another one.

The page makes one control for every knob name that any approach has, and shows those of the chosen
approach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from colorizer.approaches import ADJUSTMENTS, Approach, Knob

from ..backend.knob_values import OFF, Value, names, shown, steps
from ..languages import _


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
            label=_(knob.label),
            info=_(knob.help),
            visible=current.knob(name) is not None,
            interactive=True,
            elem_id=f"{tab}-{name.replace('_', '-')}",
            elem_classes=["knob"],
        )
        if knob.default is None:
            made[name] = gr.Radio(choices(knob), value=shown(knob, value), **common)
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


def adjustments(tab: str) -> dict[str, gr.Slider]:
    """One slider for each knob that every approach has."""
    return {
        knob.name: gr.Slider(
            knob.minimum,
            knob.maximum,
            knob.default,
            step=knob.step,
            label=_(knob.label),
            info=_(knob.help),
            buttons=["reset"],
            interactive=True,
            elem_id=f"{tab}-{knob.name.replace('_', '-')}",
            elem_classes=["knob"],
        )
        for knob in ADJUSTMENTS
    }


def updates(
    approach: Approach, controls: Mapping[str, Any], values: Mapping[str, Value] | None = None
) -> dict[Any, Any]:
    """Updates that turn the controls to another approach, at its defaults or at ``values``."""
    result = {}
    for name, control in controls.items():
        knob = approach.knob(name)
        if knob is None:
            result[control] = gr.update(visible=False)
            continue
        value = shown(knob, (values or {}).get(name, knob.default))
        if knob.default is None:
            extra = {"choices": choices(knob, value)}
        else:
            extra = {"minimum": knob.minimum, "maximum": knob.maximum, "step": knob.step}
        result[control] = gr.update(
            label=_(knob.label), info=_(knob.help), visible=True, value=value, **extra
        )
    return result


def choices(knob: Knob, value: str = OFF) -> list[str | tuple[str, str]]:
    """The steps of a knob that can be off, and ``value`` if it is none of them."""
    offered = list(map(str, steps(knob)))
    more = [] if value in (*offered, OFF) else [value]
    return [*offered, (_(OFF), OFF), *more]


def held(controls: Mapping[str, Any], values: Mapping[Any, Any]) -> dict[str, Any]:
    """Values of the controls, by the names of their knobs."""
    return {name: values[control] for name, control in controls.items()}
