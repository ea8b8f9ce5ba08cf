"""The real-or-fake study: trials, answers, and what follows from them.

Reports 001 and 004 showed people real and coloured photographs and asked which is which; 004 gives
50 photographs, 10 people, and a share of 18.78 % fooled.  Here a trial is either one picture
(real, or coloured by one approach: "is this one real?") or a pair of both ("which one is real?",
the test of Zhang et al. 2016, where 50 % is perfection).

``python -m colorizer study results/*.csv`` adds up the files that the page gives out.
"""

from __future__ import annotations

import csv
import io
import math
import os
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .errors import ColorizerError, Sentence
from .images.endings import READABLE

SINGLE, PAIR = "single", "pair"
REAL = "real"  # stands where an approach's key stands, for the photograph as it was
SMALL = 30  # answers for one approach under which a rate says next to nothing
Z95 = 1.959964


class StudyError(ColorizerError, ValueError):
    """A study's photographs, files or settings cannot be used; one sentence for a person.

    path: the folder or file.  line: of a results file, the first is 1.
    """

    def __init__(self, message: str, *, path: Path | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.path, self.line = path, line


# --- photographs ------------------------------------------------------------------------------


def photographs(folder: str | os.PathLike) -> list[Path]:
    """The files below ``folder`` that are photographs by their name, in order of their names.

    Raises :class:`StudyError` if it is no folder that can be read, or none are in it.
    """
    folder = Path(folder)
    if not folder.exists():
        raise StudyError(f"There is no folder {folder} for the study.", path=folder)
    if not folder.is_dir():
        raise StudyError(
            f"{folder} is a file; the study needs a folder of colour photographs.", path=folder
        )
    problems: list[OSError] = []
    found = []
    for place, below, files in os.walk(folder, onerror=problems.append):
        below[:] = sorted(name for name in below if not name.startswith("."))
        found += [
            Path(place) / name
            for name in sorted(files)
            if not name.startswith(".") and Path(name).suffix.lower() in READABLE
        ]
    if problems and not found:
        raise StudyError(
            f"The folder {folder} cannot be read ({problems[0].strerror}).", path=folder
        )
    if not found:
        raise StudyError(
            f"There are no photographs in {folder}, so there is nothing to study.", path=folder
        )
    return found


def usable(paths: Sequence[Path]) -> list[Path]:
    """``paths`` from the first on that can be read and is in colour.

    The others are looked at when their turn comes; reading a large folder would take minutes.
    Raises :class:`StudyError` if there is none.
    """
    from .images import photo  # brings PyTorch; adding up results does without

    for i, path in enumerate(paths):
        try:
            if photo.read(path).color is not None:
                return list(paths[i:])
        except photo.PhotoError:
            continue
    raise StudyError(f"None of the {len(paths)} photographs for the study can be read in colour.")


# --- trials and answers -----------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """One showing.

    photograph: its place in the list.  approach: the key of what coloured it, or :data:`REAL` for
    a single picture that is the photograph itself.  real_first: of a pair, which side.
    """

    mode: str
    photograph: int
    approach: str
    real_first: bool = False


@dataclass(frozen=True)
class Answer:
    """One line of a results file.

    visit: a random name of the person's visit.  seconds: how long it was shown; 0 until the answer.
    answer: "real" or "coloured" for one picture; "real" or "coloured" for the half of a pair that
    was taken for the real one.  fooled: 1 if a coloured picture was taken for the real one.
    milliseconds: from the picture's appearance to the answer.
    """

    visit: str
    time: str
    trial: int
    mode: str
    photograph: str
    approach: str
    seconds: float
    answer: str
    fooled: int
    milliseconds: int


COLUMNS = [field.name for field in fields(Answer)]
REAL_ANSWER, COLOURED_ANSWER = "real", "coloured"


def plan(
    unseen: Sequence[int], approaches: Sequence[str], mode: str, most: int, seed: int
) -> list[Trial]:
    """Up to ``most`` trials over photographs that the person has not seen, each shown once.

    Approaches take turns in a random order, so that each gets as many; half of the single
    pictures are real.  Raises :class:`StudyError` without approaches or for an unknown mode.
    """
    if not approaches:
        raise StudyError(Sentence("Choose at least one method."))
    if mode not in (SINGLE, PAIR):
        raise StudyError(f"There is no mode {mode!r}; there are {SINGLE} and {PAIR}.")
    chance = random.Random(seed)
    order = chance.sample(list(unseen), min(len(unseen), most))
    turns = _turns(approaches, chance)
    real = set(chance.sample(order, len(order) // 2)) if mode == SINGLE else set()
    return [
        Trial(mode, p, REAL if p in real else next(turns), chance.random() < 0.5) for p in order
    ]


def _turns(approaches: Sequence[str], chance: random.Random) -> Iterator[str]:
    while True:
        yield from chance.sample(list(approaches), len(approaches))


def fooled(trial: Trial, answer: str) -> int:
    """Tell if a coloured picture was taken for a real one: 1, else 0."""
    taken = COLOURED_ANSWER if trial.mode == PAIR else REAL_ANSWER
    return int(trial.approach != REAL and answer == taken)


# --- statistics --------------------------------------------------------------------------------


def wilson(hits: int, count: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval for a share (Wilson 1927): it stays in 0…1 and holds for few answers."""
    if count == 0:
        return 0.0, 1.0
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = (
        z
        / (1 + z * z / count)
        * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    )
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Rate:
    """Rate at which one approach fooled people.

    Of :data:`REAL` it is the other error: how often a real photograph was taken for a coloured one.
    """

    mode: str
    approach: str
    hits: int
    count: int
    visits: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of the answers, 0 to 1."""
        return self.hits / self.count if self.count else 0.0


def rates(answers: Iterable[Answer]) -> list[Rate]:
    """A rate for every mode and approach that was answered for, real photographs last."""
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.mode, answer.approach), []).append(answer)
    found = []
    for (mode, approach), group in groups.items():
        hits = sum(
            a.answer == COLOURED_ANSWER if approach == REAL else bool(a.fooled) for a in group
        )
        visits = len({a.visit for a in group})
        found.append(Rate(mode, approach, hits, len(group), visits, *wilson(hits, len(group))))
    return sorted(found, key=lambda r: (r.mode, r.approach == REAL, -r.share, r.approach))


# --- results files ------------------------------------------------------------------------------


def written(answers: Sequence[Answer]) -> str:
    """A results file: CSV with one line an answer."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for answer in answers:
        row = asdict(answer)
        if row["photograph"][:1] in tuple("=+-@"):  # no formula for a spreadsheet
            row["photograph"] = "'" + row["photograph"]
        writer.writerow(row)
    return text.getvalue()


def read(path: str | os.PathLike) -> list[Answer]:
    """The answers of a results file.  Raises :class:`StudyError`."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StudyError(f"{path} cannot be read ({error.strerror}).", path=path) from None
    except UnicodeDecodeError:
        raise StudyError(f"{path} is no text file.", path=path) from None
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise StudyError(f"{path} is no file of study results.", path=path)
    found = []
    for row in rows:
        answer = _answer(row)
        if answer is None:
            line = rows.line_num
            raise StudyError(
                f"{path}, line {line} is no answer of the study.", path=path, line=line
            )
        found.append(answer)
    return found


def _answer(row: dict[str, str]) -> Answer | None:
    """The answer in a row of a results file, or None if there is none."""
    try:
        answer = Answer(
            **{name: row[name] for name in ("visit", "time", "mode", "photograph", "approach")},
            answer=row["answer"],
            trial=int(row["trial"]),
            seconds=float(row["seconds"]),
            fooled=int(row["fooled"]),
            milliseconds=int(row["milliseconds"]),
        )
    except (TypeError, ValueError, KeyError):
        return None
    known = {REAL_ANSWER, COLOURED_ANSWER}
    if (
        answer.mode not in (SINGLE, PAIR)
        or answer.answer not in known
        or answer.fooled not in (0, 1)
    ):
        return None
    return answer


def table(found: Sequence[Rate]) -> str:
    """The rates as Markdown."""
    lines = [
        "| shown | method | fooled | share | 95 % interval | answers | people |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in found:
        name = "real photographs, taken for coloured" if r.approach == REAL else r.approach
        lines.append(
            f"| {r.mode} | {name} | {r.hits} | {100 * r.share:.1f} % "
            f"| {100 * r.low:.1f}–{100 * r.high:.1f} % | {r.count} | {r.visits} |"
        )
    return "\n".join(lines)
