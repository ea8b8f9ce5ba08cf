"""One approach: what it is and can do, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colorizer.errors import InvalidArgument

from .knobs import Knob


@dataclass(frozen=True)
class Approach:
    """One way of colorizing and what it can do.

    family: the module of ``colorizer.models`` that has its ``build`` and ``predict``.
    samples: different seeds give different pictures.  distribution: there is a probability for
    every colour at every pixel (entropy, Inspect).  hints: takes points of given colour.
    keeps_luminance: the result has the photograph's own lightness at every pixel.
    exportable: the network is one graph from lightness to logits or ab, see colorizer.export.
    sampling: knob values that suit samples better than the defaults of the best guess.
    good_for: what it is good at, in one short line.  teaching: it is there to learn from, not for
    the best picture.
    design: what ``build`` needs beside the family's own defaults, for the shipped network.
    """

    key: str
    title: str
    explanation: str
    paper: str
    paper_url: str
    family: str
    knobs: tuple[Knob, ...] = ()
    samples: bool = False
    distribution: bool = False
    hints: bool = False
    keeps_luminance: bool = True
    exportable: bool = False
    sampling: tuple[tuple[str, float | None], ...] = ()
    good_for: str = ""
    teaching: bool = False
    design: tuple[tuple[str, Any], ...] = ()

    @property
    def coherent(self) -> bool:
        """True if samples are drawn from the distribution with coherent noise.

        The length over which their colours agree can be chosen, and one can be varied around.
        """
        return self.samples and self.distribution

    def knob(self, name: str) -> Knob | None:
        """The knob called ``name``, or None if this approach has no such knob."""
        return next((k for k in self.knobs if k.name == name), None)

    def check(self, name: str, value: float | None, sampling: bool = False) -> float | None:
        """A knob's value or, for None, its default.

        Raises :class:`colorizer.InvalidArgument` with one sentence if it is not allowed.
        """
        knob = self.knob(name)
        if knob is None:
            if value is None:
                return None
            raise InvalidArgument(f"{self.title} has no {name.replace('_', '-')}.", name, value)
        defaults = dict(self.sampling) if sampling else {}
        if value is None and name in defaults:
            return defaults[name]
        return knob.check(value)

    def check_whole(self, name: str, value: float | None, sampling: bool = False) -> int | None:
        """:meth:`check` for a knob of whole numbers."""
        checked = self.check(name, value, sampling)
        return None if checked is None else int(checked)
