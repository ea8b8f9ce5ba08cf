"""The logic of the tab *Real or fake?*: a visit, its pictures, its answers, its results.

Nothing here imports Gradio.
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from colorizer import study
from colorizer.approaches import get
from colorizer.images import photo

from ...backend.studio import Studio
from ...languages import _

SIDE = 640  # px, longer side of a picture
BUNDLED = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png")
HALF = "A method that nobody could tell from real photographs would fool in half of all pairs."
LONGEST = 3_600_000  # ms; an answer after an hour counts as one after an hour


@dataclass(frozen=True)
class Pool:
    """The photographs of a study; ``trial``: they are only those that come with a library."""

    paths: tuple[Path, ...]
    trial: bool = False


def pool(folder: str | Path | None = None) -> Pool:
    """The photographs of a folder, or the few bundled ones.  Raises :class:`study.StudyError`."""
    if folder is not None:
        return Pool(tuple(study.usable(study.photographs(folder))))
    import skimage.data

    place = Path(skimage.data.__file__).parent
    return Pool(tuple(p for name in BUNDLED if (p := place / name).is_file()), trial=True)


@dataclass(frozen=True)
class Looked:
    """One trial of the round once it was answered.

    path: file of its picture or, of a pair, of the coloured one.  right: the answer was.
    """

    trial: study.Trial
    path: str
    right: bool


@dataclass(frozen=True)
class Visit:
    """One person's answers, and the round that runs; lives in the page's session.

    files: the pictures on the screen.  looked: the trials of the round that were answered.
    """

    name: str
    answers: tuple[study.Answer, ...] = ()
    trials: tuple[study.Trial, ...] = ()
    at: int = 0
    seconds: float = 1.0
    seen: frozenset[int] = frozenset()
    files: tuple[str, ...] = ()
    looked: tuple[Looked, ...] = ()

    @property
    def trial(self) -> study.Trial | None:
        """The one that is on the screen, or None between rounds."""
        return self.trials[self.at] if self.at < len(self.trials) else None

    def next(self) -> Visit:
        trial = self.trial
        return replace(self, at=self.at + 1, seen=self.seen | {trial.photograph})


def pictures(
    studio: Studio, paths: Sequence[Path], trial: study.Trial, visitor: str
) -> list[str] | None:
    """The files of a trial, or None where its photograph is of no use.

    Real and coloured are of one size, one lightness and one name, so that nothing but the colour
    can give them away.
    """
    try:
        whole = photo.read(
            paths[trial.photograph], max_pixels=studio.settings.max_megapixels * 1_000_000
        )
    except photo.PhotoError:
        return None
    if whole.color is None:
        return None
    real = Image.fromarray(photo.resized(whole, SIDE).color)
    images = [real]
    if trial.approach != study.REAL:
        coloured = studio.model(trial.approach).analyze(photo.read(real)).colorize()
        images = [coloured.convert("RGB")]
        if trial.mode == study.PAIR:
            images = [real, *images] if trial.real_first else [*images, real]
    return [studio.files.write(image, "study", visitor, "picture") for image in images]


def next_round(
    visit: Visit | None, count: int, approaches: Sequence[str], mode: str, most: int, seconds: float
) -> Visit:
    """A new round over what the person has not seen.  Raises :class:`study.StudyError`."""
    visit = visit or Visit(secrets.token_hex(4))
    unseen = [i for i in range(count) if i not in visit.seen]
    if not unseen:
        raise study.StudyError(
            _(
                "You have seen all {count} photographs. Reload the page to begin as another person.",
                count=count,
            )
        )
    trials = study.plan(unseen, approaches, mode, most, secrets.randbits(32))
    return replace(visit, trials=tuple(trials), at=0, seconds=seconds, looked=())


def add_answer(visit: Visit, paths: Sequence[Path], data: Any) -> Visit | None:
    """The visit with one more answer; None for what the screen could not have sent."""
    trial = visit.trial
    if trial is None or not isinstance(data, dict) or data.get("trial") != len(visit.answers):
        return None
    choice, took = data.get("choice"), data.get("milliseconds")
    if choice not in (0, 1) or not isinstance(took, int | float):
        return None
    # One picture: the first button says "real".  A pair: the first says that the first is.
    real = choice == 0 if trial.mode == study.SINGLE else (choice == 0) == trial.real_first
    word = study.REAL_ANSWER if real else study.COLOURED_ANSWER
    answer = study.Answer(
        visit=visit.name,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        trial=len(visit.answers),
        mode=trial.mode,
        photograph=paths[trial.photograph].name,
        approach=trial.approach,
        seconds=visit.seconds,
        answer=word,
        fooled=study.fooled(trial, word),
        milliseconds=round(min(max(took, 0), LONGEST)),
    )
    looked = visit.looked
    if visit.files:
        # Of a pair the real one lies on the left if it is the first.
        path = visit.files[int(trial.mode == study.PAIR and trial.real_first)]
        wanted = (
            study.REAL_ANSWER
            if trial.mode == study.PAIR or trial.approach == study.REAL
            else (study.COLOURED_ANSWER)
        )
        looked = (*looked, Looked(trial, path, word == wanted))
    return replace(visit.next(), answers=(*visit.answers, answer), looked=looked)


def results(answers: Sequence[study.Answer]) -> str:
    """The rates of a visit as an HTML table."""
    if not answers:
        return ""
    rows = []
    for rate in study.rates(answers):
        name = (
            _("Real, taken for coloured") if rate.approach == study.REAL else _title(rate.approach)
        )
        low, share, high = (100 * v for v in (rate.low, rate.share, rate.high))
        rows.append(
            f'<tr><th scope="row">{html.escape(name)}'
            f"<span>{_('pairs') if rate.mode == study.PAIR else _('single pictures')}</span></th>"
            f'<td><span class="interval"><span style="left:{low:.1f}%;width:{high - low:.1f}%">'
            f'</span><b style="left:{share:.1f}%"></b></span></td>'
            f"<td>{_('{number} of {total}', number=rate.hits, total=rate.count)}</td><td>{share:.0f} %</td>"
            f"<td>{low:.0f}–{high:.0f} %</td></tr>"
        )
    few = f" {_('So few answers say next to nothing yet.')}" if len(answers) < study.SMALL else ""
    return (
        f'<h2>{_("How often you were fooled")}</h2><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{_("Results")}"><table class="rates"><thead><tr><th scope="col">{_("Method")}'
        f'</th><th scope="col">0 … 100 %</th><th scope="col">{_("Fooled")}</th>'
        f'<th scope="col">{_("Share")}</th><th scope="col">{_("95 % interval")}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div><p>{_(HALF)}{few}</p>"
    )


def _title(key: str) -> str:
    return get(key).title
