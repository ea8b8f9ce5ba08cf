"""Checks of what a caller gives; every refusal is one sentence that names the argument.

NumPy's numbers, and arrays and tensors of a single one, count as numbers; True and False do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

from colorizer.errors import InvalidArgument, Sentence


def number(value: Any, name: str, *, label: str | None = None) -> float:
    """``value`` as a plain finite number (an int where it is one).

    label: how a sentence begins that refuses it, by default with ``name``.
    Raises :class:`InvalidArgument`.
    """
    plain = value
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        plain = value.item()
    if isinstance(plain, bool) or not isinstance(plain, Real) or not math.isfinite(plain):
        words = Sentence(
            "{knob} must be a number, not {value}.", knob=label or name, value=repr(value)
        )
        raise InvalidArgument(words, name, value)
    return int(plain) if isinstance(plain, Integral) else float(plain)


def number_between(
    value: Any, name: str, least: float, most: float, *, label: str | None = None, unit: str = ""
) -> float:
    """A number from ``least`` to ``most``.  Raises :class:`InvalidArgument`."""
    plain = number(value, name, label=label)
    if not least <= plain <= most:
        words = Sentence(
            "{knob} must lie between {least} and {most}, and {value} does not.",
            knob=label or name,
            least=f"{least:g}",
            most=f"{most:g}{unit}",
            value=f"{plain:g}",
        )
        raise InvalidArgument(words, name, value, limits=(least, most))
    return plain


def whole_number(
    value: Any,
    name: str,
    least: int | None = None,
    most: int | None = None,
    *,
    label: str | None = None,
) -> int:
    """A whole number, of at least ``least`` and at most ``most``.

    Raises :class:`InvalidArgument`.
    """
    plain = number(value, name, label=label)
    if plain != int(plain):
        words = Sentence(
            "{knob} must be a whole number, not {value}.", knob=label or name, value=f"{plain:g}"
        )
        raise InvalidArgument(words, name, value)
    if least is not None and plain < least:
        bound = f"at least {least}"
    elif most is not None and plain > most:
        bound = f"at most {most}"
    else:
        return int(plain)
    raise InvalidArgument(
        f"{label or name} must be {bound}, and {int(plain)} is not.",
        name,
        value,
        limits=(least, most),
    )


def whole_numbers(
    values: Any, name: str, least: int | None = None, most: int | None = None
) -> tuple[int, ...]:
    """Several whole numbers as a tuple.  Raises :class:`InvalidArgument`."""
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        raise InvalidArgument(f"{name} must be a list of whole numbers.", name, values)
    return tuple(whole_number(value, name, least, most) for value in values)
