"""Settings as the query of the page's address, to be bookmarked and sent; never the photograph.

Nothing here imports Gradio.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

from colorizer.approaches import ADJUSTMENTS, Approach

from . import knob_values
from .setting import LARGEST_SEED, Setting

METHOD, SEED = "method", "seed"


def write(approach: Approach, setting: Setting) -> str:
    """``method=mobile&temperature=0.4``; what is at its default is left out."""
    usual = dict(approach.sampling) if setting.seed is not None else {}
    parts: dict[str, str] = {METHOD: approach.key}
    if setting.seed is not None:
        parts[SEED] = str(setting.seed)
    for knob in approach.knobs:
        default = usual.get(knob.name, knob.default)
        value = setting.knobs.get(knob.name)
        if value is not None and knob_values.shown(knob, value) != knob_values.shown(knob, default):
            parts[knob.name] = f"{value:g}"
    for knob in ADJUSTMENTS:
        if setting.finish[knob.name] != knob.default:
            parts[knob.name] = f"{setting.finish[knob.name]:g}"
    return urlencode(parts)


def read(
    query: Mapping[str, str], approaches: Mapping[str, Approach]
) -> tuple[str, Setting] | None:
    """(method, setting) of an address, or None where it names no method that is here.

    A value that the method does not take is left out: an address may be old, or typed.
    """
    approach = approaches.get(query.get(METHOD, ""))
    if approach is None:
        return None
    seed = None
    text = query.get(SEED, "")
    if approach.samples and text.isdecimal() and int(text) <= LARGEST_SEED:
        seed = int(text)
    knobs = dict(approach.sampling) if seed is not None else {}
    finish: dict[str, float] = {}
    for kept, known in ((knobs, approach.knobs), (finish, ADJUSTMENTS)):
        for knob in known:
            with suppress(ValueError):
                if knob.name in query:
                    value = float(query[knob.name])
                    kept[knob.name] = knob.check(int(value) if knob.default is None else value)
    return approach.key, Setting(knobs, seed, **finish)
