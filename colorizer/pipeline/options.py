"""The options of a picture, checked against the approach before any network runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colorizer.approaches import Approach, check_adjustments
from colorizer.approaches.arguments import number_between, whole_number, whole_numbers
from colorizer.approaches.looks import get_look
from colorizer.color.adjust import Adjustments
from colorizer.decoding.prediction import Settings
from colorizer.errors import InvalidArgument

MOST_SEED = 2**64 - 1


@dataclass(frozen=True)
class Options:
    """Options of one picture, with the defaults of approach and look filled in.

    settings: of the decoding.  seed: None for the best guess.  strength: share of the colour,
    0 to 1.5.  adjustments: of the decoded colour.  max_side: of the picture in pixels, or None for
    the photograph's own size.  bits: 8 or 16 a channel.
    """

    settings: Settings
    seed: int | None
    strength: float
    adjustments: Adjustments
    max_side: int | None
    bits: int


def check_options(
    approach: Approach,
    *,
    seed: int | None = None,
    temperature: float | None = None,
    top_k: int | None = None,
    vividness: float | None = None,
    correlation: float | None = None,
    around: Sequence[int] = (),
    distance: float | None = None,
    strength: float | None = None,
    warmth: float | None = None,
    saturation: float | None = None,
    white_balance: float | None = None,
    look: str | None = None,
    max_side: int | None = None,
    bits: int = 8,
) -> Options:
    """The options of :meth:`colorizer.Analysis.picture`, checked.

    Raises :class:`colorizer.InvalidArgument` with one sentence that names the argument, and
    :class:`colorizer.UnknownLook`.
    """
    if bits not in (8, 16):
        raise InvalidArgument(f"bits must be 8 or 16, not {bits!r}.", "bits", bits)
    of_look = get_look(look, approach).settings(approach) if look else {}

    def chosen(name: str, value: float | None) -> float | None:
        return of_look.get(name) if value is None else value

    drawn = chosen("seed", seed)
    if drawn is not None:
        drawn = whole_number(drawn, "seed", 0, MOST_SEED)
    settings = decoding_settings(
        approach,
        chosen("temperature", temperature),
        chosen("top_k", top_k),
        chosen("vividness", vividness),
        correlation,
        sampling=drawn is not None,
    )
    settings = _near(approach, settings, whole_numbers(around, "around", 0, MOST_SEED), distance)
    adjustments = check_adjustments(
        strength=chosen("strength", strength),
        warmth=chosen("warmth", warmth),
        saturation=chosen("saturation", saturation),
        white_balance=chosen("white_balance", white_balance),
    )
    if max_side is not None:
        max_side = whole_number(max_side, "max_side", 1)
    return Options(
        settings, drawn, adjustments.pop("strength"), Adjustments(**adjustments), max_side, bits
    )


def check_count(approach: Approach, n: int, seed: int) -> range:
    """The seeds of ``n`` samples from ``seed`` on.  Raises :class:`colorizer.InvalidArgument`."""
    n = whole_number(n, "n", 1, label="The number of samples (n)")
    if not approach.samples and n > 1:
        raise InvalidArgument(
            f"{approach.title} gives one result only; ask for one sample.", "n", n
        )
    seed = whole_number(seed, "seed", 0, MOST_SEED - n)
    return range(seed, seed + n)


def decoding_settings(
    approach: Approach,
    temperature: float | None = None,
    top_k: float | None = None,
    vividness: float | None = None,
    correlation: float | None = None,
    *,
    sampling: bool = False,
) -> Settings:
    """The settings of decoding with the approach's defaults filled in.

    sampling: True takes the defaults that suit samples.
    Raises :class:`colorizer.InvalidArgument` if one is not allowed.
    """
    defaults = Settings()
    sampling = sampling and approach.samples
    temperature = approach.check("temperature", temperature, sampling)
    top_k = approach.check_whole("top_k", top_k, sampling)
    vividness = approach.check("vividness", vividness, sampling)
    if correlation is not None:
        correlation = number_between(
            correlation, "correlation", 0, 4, label="The correlation length", unit=" pictures"
        )
    return replace(
        defaults,
        temperature=defaults.temperature if temperature is None else temperature,
        top_k=top_k,
        vividness=defaults.vividness if vividness is None else vividness,
        correlation=defaults.correlation if correlation is None else correlation,
    )


def _near(
    approach: Approach, settings: Settings, around: tuple[int, ...], distance: float | None
) -> Settings:
    """Settings of a sample near those of the seeds ``around``; unchanged without seeds."""
    if distance is None:
        distance = settings.distance
    distance = number_between(distance, "distance", 0, 1, label="The distance of a variation")
    if not around:
        return settings
    if not approach.coherent:
        raise InvalidArgument(f"{approach.title} cannot vary around a sample.", "around", around)
    return replace(settings, around=around, distance=distance)
