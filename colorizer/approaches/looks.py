"""Looks: settings with a name in plain words, for whoever does not want to know about knobs.

A look is data: values of the knobs that every approach has, shifts from an approach's own
defaults for the knobs that only some have, and for *another guess* the seed of a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

from colorizer.errors import ColorizerError

from .approach import Approach


class UnknownLook(ColorizerError, ValueError):
    """There is no look of that name; the message says which there are.

    key: the name.  known: those that the approach can show.
    """

    def __init__(self, message: str, key: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.key, self.known = key, known


@dataclass(frozen=True)
class Look:
    """One look.

    values: (name, value) of knobs that every approach has.  shifts: (name, difference from the
    approach's default) of knobs of a distribution; an approach without one does without them.
    seed: of the sample that is shown instead of the best guess.
    """

    key: str
    title: str
    explanation: str
    values: tuple[tuple[str, float], ...] = ()
    shifts: tuple[tuple[str, float], ...] = ()
    seed: int | None = None

    def suits(self, approach: Approach) -> bool:
        """True if the approach can show this look."""
        return self.seed is None or approach.samples

    def settings(self, approach: Approach) -> dict[str, float | int | None]:
        """The arguments of :meth:`colorizer.Analysis.colorize` that make this look."""
        made: dict[str, float | int | None] = dict(self.values)
        if self.seed is not None:
            return {**made, **dict(approach.sampling), "seed": self.seed}
        for name, shift in self.shifts if approach.distribution else ():
            knob = approach.knob(name)
            if knob is not None and knob.default is not None:
                value = min(max(knob.default + shift, knob.minimum), knob.maximum)
                made[name] = round(value, 4)
        return made


_LOOKS = (
    Look("natural", "Natural", "As the method thinks likeliest."),
    Look("muted", "Muted", "Quiet colours, as in a faded print.", (("saturation", 0.6),)),
    Look(
        "vivid",
        "Vivid",
        "Strong colours, and rare ones too.",
        (("saturation", 1.4),),
        (("vividness", 0.4),),
    ),
    Look("warm", "Warm", "Late afternoon light.", (("warmth", 0.5),)),
    Look("cool", "Cool", "The light of a cloudy day.", (("warmth", -0.5),)),
    Look("balanced", "Balanced", "A tint over everything is taken out.", (("white_balance", 1.0),)),
    Look(
        "hand-tinted",
        "Hand-tinted",
        "Few clear colours, thinly applied, as on an old postcard.",
        (("strength", 0.7), ("warmth", 0.3)),
        (("temperature", -0.6), ("vividness", 0.5)),
    ),
    Look("guess-1", "Another guess", "One of many other plausible colorizations.", seed=1),
    Look("guess-2", "Yet another", "One of many other plausible colorizations.", seed=2),
)


def looks(approach: Approach | None = None) -> tuple[Look, ...]:
    """Every look, or those that an approach can show; the first is the default."""
    return tuple(look for look in _LOOKS if approach is None or look.suits(approach))


def get_look(name: str, approach: Approach | None = None) -> Look:
    """The look called ``name``; raises :class:`UnknownLook` if the approach has none of it."""
    found = next((look for look in looks(approach) if look.key == name), None)
    if found is None:
        known = tuple(look.key for look in looks(approach))
        raise UnknownLook(
            f"There is no look called {name!r}; there are: {', '.join(known)}.", name, known
        )
    return found
