"""Knobs: values that a person can change, their ranges, and their names as keyword arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeVar, get_type_hints

from .arguments import number_between, whole_number


@dataclass(frozen=True)
class Knob:
    """A value a person can change.

    name: the keyword argument of :meth:`colorizer.Analysis.colorize`.  label and help: for
    people.  default None means off (no restriction); integer knobs have a whole ``step``.
    fine: for those who want to know; it is not what one turns first.
    """

    name: str
    label: str
    help: str
    minimum: float
    maximum: float
    step: float
    default: float | None
    fine: bool = False

    @property
    def whole(self) -> bool:
        """True if the values are whole numbers."""
        return float(self.step).is_integer() and float(self.minimum).is_integer()

    def check(self, value: float | None) -> float | None:
        """``value`` (None: the default) if it is allowed; an int for a knob of whole numbers.

        NumPy's numbers are numbers.  Raises :class:`colorizer.InvalidArgument` with one sentence.
        """
        if value is None:
            return self.default
        plain = number_between(value, self.name, self.minimum, self.maximum, label=self.label)
        return whole_number(plain, self.name, label=self.label) if self.whole else float(plain)


STRENGTH = Knob(
    "strength",
    "Strength",
    "How much of the colour is applied: 0 is grey, 1 as decoded, more is stronger.",
    0.0,
    1.5,
    0.05,
    1.0,
)


WARMTH = Knob(
    "warmth",
    "Warmth",
    "Below 0 the light is cooler, above it warmer. Black and white stay as they are.",
    -1.0,
    1.0,
    0.05,
    0.0,
)
SATURATION = Knob(
    "saturation",
    "Saturation",
    "0 is grey. Above 1, pale colours grow and strong ones stay.",
    0.0,
    2.0,
    0.05,
    1.0,
)
WHITE_BALANCE = Knob(
    "white_balance",
    "White balance",
    "Takes out a tint that lies over the whole picture: 0 leaves it, 1 takes all of it.",
    0.0,
    1.0,
    0.05,
    0.0,
)
ADJUSTMENTS = (STRENGTH, WARMTH, SATURATION, WHITE_BALANCE)
"""The knobs that every approach has: they work on the colours that were decoded."""


def check_adjustments(**values: float | None) -> dict[str, float]:
    """Values of :data:`ADJUSTMENTS` (None: the default), checked.

    Raises :class:`colorizer.InvalidArgument` with one sentence.
    """
    known = {knob.name: knob for knob in ADJUSTMENTS}
    # None has become the default, and none of these defaults is None.
    return {name: float(known[name].check(value) or 0) for name, value in values.items()}


def check_strength(value: float | None) -> float:
    """A strength (None: as decoded), checked as in :func:`check_adjustments`."""
    return check_adjustments(strength=value)["strength"]


def distribution_knobs(bins: int, temperature: float, vividness: float | None) -> tuple[Knob, ...]:
    """The knobs of every approach that predicts a distribution over ``bins`` colours."""
    knobs = (
        Knob(
            "temperature",
            "Temperature",
            "How decided the colours are, not how warm. Low: bold, now and then patchy. High: calm "
            "and pale.",
            0.05,
            1.5,
            0.01,
            temperature,
        ),
        Knob(
            "top_k",
            "Top-k",
            "How many of the likeliest colours stay possible. Few: safe. All: rare colours can "
            "appear.",
            1,
            bins,
            1,
            None,
        ),
    )
    if vividness is None:
        return knobs
    return (
        *knobs,
        Knob(
            "vividness",
            "Vividness",
            "0: as grey as most of the world is. 1: rare, strong colours get their full share. "
            "Above: for fun.",
            0.0,
            1.5,
            0.05,
            vividness,
            fine=True,
        ),
    )


def step_knobs(levels: int, temperature: float) -> tuple[Knob, ...]:
    """The knobs of approaches that draw value by value, each from ``levels`` possible ones."""
    return (
        Knob(
            "temperature",
            "Temperature",
            "How decided each step is, not how warm. Low: calm, often grey. 1: as learned. Above: "
            "confetti.",
            0.05,
            1.5,
            0.01,
            temperature,
        ),
        Knob(
            "top_k",
            "Top-k",
            "How many values stay possible at each step. Few: no stray spots. All: rare colours "
            "can begin.",
            1,
            levels,
            1,
            None,
        ),
    )


# --- as keyword arguments ---

Function = TypeVar("Function", bound=Callable[..., object])


class Knobs(TypedDict, total=False):
    """Every knob but the seed; None leaves one at its default.

    Meanings and ranges: :meth:`colorizer.Analysis.colorize`.
    """

    temperature: float | None
    top_k: int | None
    vividness: float | None
    correlation: float | None
    around: Sequence[int]
    distance: float | None
    strength: float | None
    warmth: float | None
    saturation: float | None
    white_balance: float | None
    look: str | None
    max_side: int | None


def named(function: Function) -> Function:
    """Give ``**knobs`` of a function its names in the signature that Python shows."""
    signature = inspect.signature(function)
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    knobs = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=() if name == "around" else None,
            annotation=annotation,
        )
        for name, annotation in get_type_hints(Knobs).items()
    ]
    function.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*own, *knobs]
    )
    return function
