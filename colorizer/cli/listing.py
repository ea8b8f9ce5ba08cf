"""``python -m colorizer --list``: the approaches, their knobs, and where their weights are."""

from __future__ import annotations

import textwrap
from pathlib import Path

from .. import checkpoints
from ..approaches import Approach, approaches
from .terminal import DONE

_FILL = textwrap.TextWrapper(
    88, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
)


def main() -> int:
    """Print every approach: what it is, what can be set, whether its weights are here."""
    for approach in approaches():
        print(f"{approach.key}  {approach.title} ({approach.paper}); {_weights(approach)}")
        print(_FILL.fill(approach.explanation))
        for knob in approach.knobs:
            default = "off" if knob.default is None else f"{knob.default:g}"
            option = "--" + knob.name.replace("_", "-")
            print(f"    {option:14} {knob.minimum:g} to {knob.maximum:g} (default: {default})")
        if approach.samples:
            print("    --samples, --seed")
        if approach.hints:
            print("    --hints")
    return DONE


def _weights(approach: Approach) -> str:
    try:
        return f"weights in {_short(checkpoints.find(approach.key))}"
    except checkpoints.MissingWeights:
        return "no weights here"


def _short(path: Path) -> Path:
    """The path as seen from here, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
