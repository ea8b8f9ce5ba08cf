"""The knobs of a colorization as named keyword arguments, written down once.

Functions that hand them on take ``**knobs: Unpack[Knobs]``, which type checkers read as named
keywords; :func:`named` shows the same names to people, in ``help()`` and in editors.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TypedDict, TypeVar, get_type_hints

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
