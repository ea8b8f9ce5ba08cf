"""The approaches that can be picked, as data.

Page, command line, evaluation and tests read what an approach is and can do from here and
nowhere else.  To add one: a model file, a training script, an entry in ``_ENTRIES``.
Nothing here imports PyTorch: listing the approaches is instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .arguments import number_between, whole_number
from .errors import ColorizerError, InvalidArgument


class UnknownApproach(ColorizerError, ValueError):
    """No approach has this name; the message lists those there are.

    key: the name.  known: those there are.
    """

    def __init__(self, message: str, key: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.key, self.known = key, known


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
        """Samples are drawn from the distribution with coherent noise: how far their colours agree
        (the correlation length) can be chosen, and one can be kept and varied around."""
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


_ENTRIES = (
    Approach(
        key="efficient",
        title="Efficient",
        explanation=(
            "Recognises more of what it sees than any other here, and so knows more of its "
            "colours. Gives every place a probability for each of 313 colours, so it can show "
            "several different guesses and take colour hints. The best all-rounder here."
        ),
        good_for="Good all round: people, things, landscapes.",
        paper="Zhang et al. 2016 on EfficientNet-Lite0 (Tan & Le 2019)",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="efficient",
        knobs=distribution_knobs(313, temperature=0.6, vividness=0.8),
        design=(("bins", 313),),
        samples=True,
        distribution=True,
        exportable=True,
        hints=True,
        sampling=(("temperature", 0.7), ("top_k", 20), ("vividness", 0.4)),
    ),
    Approach(
        key="mobile",
        title="Mobile",
        explanation=(
            "The same way as Efficient on a network made for telephones, which looks at a smaller "
            "copy of the photograph: faster, as good on scenes, less so on people and things. Shows "
            "several different guesses and takes colour hints."
        ),
        good_for="Faster; as good on landscapes.",
        paper="Zhang et al. 2016 on MobileNetV2 (Sandler et al. 2018)",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="mobile",
        knobs=distribution_knobs(313, temperature=0.8, vividness=0.6),
        design=(("bins", 313),),
        samples=True,
        distribution=True,
        exportable=True,
        hints=True,
        sampling=(("temperature", 0.7), ("top_k", 20), ("vividness", 0.4)),
    ),
    Approach(
        key="colorful",
        title="Colorful",
        explanation=(
            "The network that made automatic colouring popular in 2016, here narrower and with a "
            "newer first half. It learned that rare, strong colours count as much as the grey that "
            "fills most of the world, so it is the boldest one: bright skies and lawns, and now "
            "and then a colour where none should be."
        ),
        good_for="Bold skies, lawns and flowers.",
        paper="Zhang et al. 2016, Colorful Image Colorization",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="colorful",
        knobs=distribution_knobs(313, temperature=0.38, vividness=0.8),
        samples=True,
        distribution=True,
        exportable=True,
        sampling=(("temperature", 0.6), ("top_k", 20), ("vividness", 0.6)),
        design=(("width", 0.1875), ("encoder", "mobilenet")),
    ),
    Approach(
        key="classification",
        title="Classification",
        explanation=(
            "Sorts the colour of every place into one of 361 square boxes of the colour plane. "
            "Top-k 1 paints the middle of the likeliest box, bold but in steps; more boxes are "
            "blended by their probabilities. It decides between colours instead of averaging "
            "them, but neighbouring boxes know nothing of each other, so colour can be patchy."
        ),
        good_for="Decided colours, now and then in patches.",
        paper="Report 000, after Zhang et al. 2016",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="autoencoder",
        knobs=distribution_knobs(361, temperature=0.5, vividness=0.5),
        samples=True,
        distribution=True,
        exportable=True,
        sampling=(("temperature", 0.7), ("top_k", 20), ("vividness", 0.3)),
        design=(("head", "bins"), ("encoder", "mobilenet")),
    ),
    Approach(
        key="pix2pix",
        title="Pix2pix",
        explanation=(
            "One network paints, a second one has learned to tell paintings from photographs, and "
            "the first is trained until it fools the second. That takes away the pale average "
            "colours, at a price: it would rather be wrong than dull, and it has one answer only."
        ),
        good_for="Rather wrong than dull.",
        paper="Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks",
        paper_url="https://arxiv.org/abs/1611.07004",
        family="pix2pix",
        design=(("encoder", "mobilenet"),),
    ),
    Approach(
        key="wgan-gp",
        title="WGAN-GP",
        explanation=(
            "Paints from the photograph and from random numbers: other numbers, another picture. "
            "A critic scores how real the colours look. The most inventive one here and the least "
            "reliable: such networks are hard to train, and they may differ in things that are "
            "not undecided at all."
        ),
        good_for="The most inventive, the least reliable.",
        paper="Gulrajani et al. 2017, Improved Training of Wasserstein GANs",
        paper_url="https://arxiv.org/abs/1704.00028",
        family="wgan_gp",
        samples=True,
        design=(("encoder", "mobilenet"), ("noise", 8)),
    ),
    Approach(
        key="pixcolor",
        title="PixColor",
        explanation=(
            "Paints a small picture of the colours first, one spot after the other, and each spot "
            "knows which colours the spots before it got. So one car stays one colour, and every "
            "sample is a different photograph of the same scene. Takes a second or so for each, "
            "and what it begins wrongly it goes on with."
        ),
        good_for="One thing, one colour; takes its time.",
        paper="Guadarrama et al. 2017, PixColor: Pixel Recursive Colorization",
        paper_url="https://arxiv.org/abs/1705.07208",
        family="pixcolor",
        knobs=step_knobs(32, temperature=0.9),
        samples=True,
        design=(("encoder", "mobilenet"),),
    ),
    Approach(
        key="deep-colorization",
        title="Deep Colorization",
        explanation=(
            "From the time just before networks looked at whole photographs: every pixel is "
            "coloured on its own, from a description of its surroundings in 131 figures. Fifty of "
            "them say what kind of thing it belongs to, and so it knows sky from wall, roughly. "
            "Calm colours, often too pale."
        ),
        good_for="Calm, pale colours.",
        paper="Cheng et al. 2015, Deep Colorization; variant B of report 002",
        paper_url="https://arxiv.org/abs/1605.00075",
        family="deep_colorization",
        design=(("variant", "B"),),
    ),
    Approach(
        key="deep-colorization-plain",
        title="Deep Colorization (no semantics)",
        explanation=(
            "The same without the fifty figures that say what a thing is: brightness and texture "
            "around a pixel are all it knows. Compare the two to see what knowing things is worth: "
            "smooth and bright is sky, rough and dark is grass, and the rest is brownish."
        ),
        good_for="colours from light and texture alone.",
        teaching=True,
        paper="Cheng et al. 2015, Deep Colorization; variant A of report 002",
        paper_url="https://arxiv.org/abs/1605.00075",
        family="deep_colorization",
        design=(("variant", "A"),),
    ),
    Approach(
        key="reconstruction-lab",
        title="Reconstruction (Lab)",
        explanation=(
            "The plain way: a small network squeezes the photograph through a bottleneck and "
            "gives one colour per place, trained to be as near to the truth as possible on "
            "average. The average of many possible colours is a pale brownish grey, and that is "
            "what it paints wherever it is unsure. The photograph itself stays sharp."
        ),
        good_for="what the average of all colours looks like.",
        teaching=True,
        paper="Report 000; the Lab autoencoder",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="autoencoder",
        exportable=True,
        design=(("head", "ab"), ("encoder", "plain")),
    ),
    Approach(
        key="reconstruction-rgb",
        title="Reconstruction (RGB)",
        explanation=(
            "The baseline that shows why the others keep the photograph's own lightness: the same "
            "small network has to paint the whole picture anew, edges and all, so the result is "
            "blurred as well as pale. Look at it once, then use another one."
        ),
        good_for="why the photograph's own light is kept.",
        teaching=True,
        paper="Report 000; the RGB autoencoder",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="autoencoder",
        keeps_luminance=False,
        design=(("head", "rgb"), ("encoder", "plain")),
    ),
)


def approaches() -> tuple[Approach, ...]:
    """Every approach, the default first."""
    return _ENTRIES


def default() -> Approach:
    """The approach that is meant where none is named: the first of the registry."""
    return _ENTRIES[0]


def get(key: str) -> Approach:
    """The approach called ``key``; raises :class:`UnknownApproach`."""
    for entry in _ENTRIES:
        if entry.key == key:
            return entry
    known = tuple(entry.key for entry in _ENTRIES)
    raise UnknownApproach(
        f"There is no approach called {key!r}; there are: {', '.join(known)}.", key, known
    )
