"""One photograph through many methods: pictures, measurements, a sheet of them.

Nothing here imports Gradio.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from colorizer.approaches import approaches, get
from colorizer.checkpoints import BrokenWeights, MissingWeights
from colorizer.images import photo

from ...backend import montage
from ...backend.memory import Memory
from ...backend.problems import sentence
from ...backend.quality import Metrics, measure
from ...backend.setting import SIMULATED, Chosen, Setting, render
from ...backend.studio import Studio, in_grey


@dataclass(frozen=True)
class Result:
    """One method's picture, or why there is none."""

    key: str
    setting: Setting
    path: str | None = None
    seconds: float = 0.0
    metrics: Metrics | None = None
    problem: str = ""

    @property
    def detail(self) -> str:
        if self.metrics is None:
            return self.problem
        return f"{self.seconds * 1000:.0f} ms · {self.metrics.words(brief=True)}"


@dataclass(frozen=True)
class Comparison:
    """Contents of the tab; it lives in the page's session state.

    grey: file of the photograph in grey.  truth: as it came, where it had colours.
    """

    digest: str
    results: tuple[Result, ...]
    grey: str | None = None
    truth: str | None = None

    @property
    def first(self) -> int:
        """Number of tiles before those of the results."""
        return 1 + (self.truth is not None)

    def stale(self, chosen: Chosen, requests: Sequence[Result]) -> bool:
        same = [(r.key, r.setting) for r in self.results] == [(w.key, w.setting) for w in requests]
        unfinished = any(r.path is None and not r.problem for r in self.results)
        return self.digest != chosen.digest or not same or unfinished


def requests(keys: Sequence[str], memory: Memory) -> list[Result]:
    """Comparisons to be made: the best first, what is there for teaching last."""
    order = [a.key for a in approaches()]
    keys = sorted(keys, key=lambda key: (get(key).teaching, order.index(key)))
    return [Result(key, memory[key]) for key in keys]


def compare(
    studio: Studio, chosen: Chosen, todo: Sequence[Result], visitor: str, side: int | None = None
) -> Iterator[Comparison]:
    """The comparison, first without pictures, then with one more each time.

    A method that cannot run keeps its place, with a sentence instead of a picture.
    """
    side = side or studio.settings.compare_side
    small = in_grey(studio.preview(chosen, visitor, side))
    grey = studio.files.write(small, "compare", visitor, f"{chosen.name}-grey")
    truth = None
    if chosen.color:
        original = studio.original(chosen, visitor, side)
        truth = studio.files.write(original, "compare", visitor, f"{chosen.name}-original")
    done = list(todo)
    yield Comparison(chosen.digest, tuple(done), grey, truth)
    for i, item in enumerate(todo):
        try:
            done[i] = _one(studio, chosen, item, visitor, side)
        except (MissingWeights, BrokenWeights) as error:
            done[i] = replace(item, problem=sentence(error))
        yield Comparison(chosen.digest, tuple(done), grey, truth)


def _one(studio: Studio, chosen: Chosen, item: Result, visitor: str, side: int) -> Result:
    analysis = studio.analysis(chosen, item.key, visitor)
    small = studio.preview(chosen, visitor, side)
    image = render(analysis, item.setting, side)
    path = studio.files.write(image, "compare", visitor, f"{chosen.name}-{item.key}")
    seconds = studio.seconds(chosen, item.key, visitor)
    return replace(item, path=path, seconds=seconds, metrics=measure(image, small.color))


def at(comparison: Comparison, index: int | None) -> Result | None:
    """The result behind a tile of the grid; None for the photograph and for what is not there."""
    index = None if index is None else index - comparison.first
    if index is None or not 0 <= index < len(comparison.results):
        return None
    result = comparison.results[index]
    return result if result.path else None


def contact_sheet(studio: Studio, chosen: Chosen, comparison: Comparison, visitor: str) -> str:
    """All pictures of the comparison on one sheet with their figures; the path of a PNG."""
    side = studio.settings.compare_side
    made = [(in_grey(studio.preview(chosen, visitor, side)), "Grey")]
    if chosen.color:
        made.append((studio.original(chosen, visitor, side), "Original"))
    for result in comparison.results:
        if result.path is None:
            continue
        title = get(result.key).title
        if Path(result.path).is_file():
            with Image.open(result.path) as image:
                picture = image.copy()
        else:  # the picture files of a long visit go before the visitor does
            picture = render(studio.analysis(chosen, result.key, visitor), result.setting, side)
        made.append((picture, f"{title}: {result.detail}"))
    columns = 2 if len(made) <= 4 else 3 if len(made) <= 9 else 4
    path = studio.files.place("download", visitor, f"{chosen.name}-methods.png")
    photo.save(montage.arrange(made, columns, SIMULATED), path, note=SIMULATED)
    return str(path)
