"""The approaches that can be picked, as data.

Page, command line, evaluation and tests read what an approach is and can do from here and
nowhere else.  To add one: a model file, a training script, an entry in ``_ENTRIES``.
Nothing here imports PyTorch: listing the approaches is instant.
"""

from __future__ import annotations

from dataclasses import dataclass


class UnknownApproach(ValueError):
    """No approach has this name; the message lists those there are."""


@dataclass(frozen=True)
class Knob:
    """A figure a person can turn.

    name: the keyword argument of :meth:`colorizer.Analysis.colorize`.  label and help: for
    people.  default None means off (no restriction); integer knobs have a whole ``step``.
    """

    name: str
    label: str
    help: str
    minimum: float
    maximum: float
    step: float
    default: float | None

    def check(self, value: float | None) -> float | None:
        """``value`` (None: the default) if it is allowed, else ValueError with one sentence."""
        if value is None:
            return self.default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            raise ValueError(f"{self.label} must be a number, not {value!r}.")
        if not self.minimum <= value <= self.maximum:
            raise ValueError(
                f"{self.label} must lie between {self.minimum:g} and {self.maximum:g}, "
                f"and {value:g} does not."
            )
        if float(self.step).is_integer() and float(self.minimum).is_integer():
            if not float(value).is_integer():
                raise ValueError(f"{self.label} must be a whole number, not {value:g}.")
            return int(value)
        return float(value)


STRENGTH = Knob(
    "strength",
    "Strength",
    "How much of the colour is applied: 0 is grey, 1 as decoded, more is stronger.",
    0.0,
    1.5,
    0.05,
    1.0,
)
"""Every approach has this one: it scales what was decoded."""


def check_strength(value: float | None) -> float:
    """A strength (None: as decoded) if it is allowed, else ValueError with one sentence."""
    return float(STRENGTH.check(value))


@dataclass(frozen=True)
class Approach:
    """One way of colorizing and what it can do.

    family: the module of ``colorizer.models`` that has its ``build`` and ``predict``.
    samples: different seeds give different pictures.  distribution: there is a probability for
    every colour at every pixel (entropy, Inspect).  hints: takes points of given colour.
    keeps_luminance: the result has the photograph's own lightness at every pixel.
    sampling: knob values that suit samples better than the defaults of the best guess.
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
    sampling: tuple[tuple[str, float | None], ...] = ()

    @property
    def coherent(self) -> bool:
        """Samples are drawn from the distribution with coherent noise: how far their colours agree
        (the correlation length) can be chosen, and one can be kept and varied around."""
        return self.samples and self.distribution

    def knob(self, name: str) -> Knob | None:
        """The knob called ``name``, or None if this approach has no such knob."""
        return next((k for k in self.knobs if k.name == name), None)

    def check(self, name: str, value: float | None, sampling: bool = False) -> float | None:
        """A knob's value or, for None, its default; ValueError with one sentence if not allowed."""
        knob = self.knob(name)
        if knob is None:
            if value is None:
                return None
            raise ValueError(f"{self.title} has no {name.replace('_', '-')}.")
        defaults = dict(self.sampling) if sampling else {}
        if value is None and name in defaults:
            return defaults[name]
        return knob.check(value)


def distribution_knobs(bins: int, temperature: float, vividness: float | None) -> tuple[Knob, ...]:
    """The knobs of every approach that predicts a distribution over ``bins`` colours."""
    knobs = (
        Knob(
            "temperature",
            "Temperature",
            "How decided the colours are. Low: each place takes its likeliest colour, bold but "
            "sometimes patchy. High: an average of all likely colours, calm but paler. For "
            "samples: how far they dare to stray.",
            0.05,
            1.5,
            0.01,
            temperature,
        ),
        Knob(
            "top_k",
            "Top-k",
            "How many of the likeliest colours stay possible at each place. Few: safe. All of "
            "them: rare colours can appear.",
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
            "Most of the world is greyish, and a model that plays safe is too. 0 keeps the "
            "statistics of real photographs; 1 gives rare, strong colours the full rebalancing "
            "of Zhang et al. 2016; beyond is for fun.",
            0.0,
            1.5,
            0.05,
            vividness,
        ),
    )


_ENTRIES = (
    Approach(
        key="mobile",
        title="Mobile",
        explanation=(
            "Looks at the whole photograph with a network made for telephones, and gives every "
            "place a probability for each of 313 colours. Fast, the best all-rounder here, and "
            "the one that can show several different guesses and take colour hints."
        ),
        paper="Zhang et al. 2016 on MobileNetV2 (Sandler et al. 2018)",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="mobile",
        knobs=distribution_knobs(313, temperature=0.5, vividness=0.7),
        samples=True,
        distribution=True,
        hints=True,
        sampling=(("temperature", 0.7), ("top_k", 20), ("vividness", 0.4)),
    ),
)


def approaches() -> tuple[Approach, ...]:
    """Every approach, the default first."""
    return _ENTRIES


def get(key: str) -> Approach:
    """The approach called ``key``; raises :class:`UnknownApproach`."""
    for entry in _ENTRIES:
        if entry.key == key:
            return entry
    known = ", ".join(entry.key for entry in _ENTRIES)
    raise UnknownApproach(f"There is no approach called {key!r}; there are: {known}.")
