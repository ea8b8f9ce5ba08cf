"""The tab *Compare*: one photograph through many methods, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from colorizer.approaches import Approach, get
from colorizer.checkpoints import BrokenWeights, MissingWeights
from colorizer.images import photo

from ..common import NO_PHOTO, sentence, warn
from ..logic.quality import Figures, measure
from ..state import SIMULATED
from ..studio import Chosen, Setting, Studio, in_grey, render
from ..widgets import montage, tiles
from .colorize import Memory, remembered

EMPTY = "Open a photograph to see it through every method at once."
NONE = "Choose at least one method above."
NOTE = (
    "<p>Every method with the knobs you last gave it in Colorize. Choose a picture to open it "
    "there. PSNR, where your photograph came in colour, says how near the result is to it; "
    "colourfulness how strong the colours are, not whether they are right.</p>"
)


@dataclass(frozen=True)
class Result:
    """One method's picture, or why there is none."""

    key: str
    setting: Setting
    path: str | None = None
    seconds: float = 0.0
    figures: Figures | None = None
    problem: str = ""

    @property
    def detail(self) -> str:
        if self.figures is None:
            return self.problem
        return f"{self.seconds:.1f} s · {self.figures.words(brief=True)}"


@dataclass(frozen=True)
class Comparison:
    """What the tab shows; it lives in the page's session state."""

    digest: str
    results: tuple[Result, ...]
    truth: str | None = None  # file of the original, where it had colour

    def stale(self, chosen: Chosen, wanted: Sequence[Result]) -> bool:
        same = [(r.key, r.setting) for r in self.results] == [(w.key, w.setting) for w in wanted]
        unfinished = any(r.path is None and not r.problem for r in self.results)
        return self.digest != chosen.digest or not same or unfinished


# --- handlers: plain functions over the library ---------------------------------------------


def wanted(keys: Sequence[str], memory: Memory | None) -> list[Result]:
    """What is to be made, in the order of the registry."""
    return [Result(key, remembered(memory, key)) for key in keys]


def compare(
    studio: Studio, chosen: Chosen, todo: Sequence[Result], visitor: str, side: int | None = None
) -> Iterator[Comparison]:
    """The comparison, first without pictures, then with one more each time.

    A method that cannot run keeps its place, with a sentence instead of a picture.
    """
    side = side or studio.settings.compare_side
    truth = None
    if chosen.color:
        original = studio.original(chosen, visitor, side)
        truth = studio.write(original, "compare", visitor, f"{chosen.name}-original")
    done = list(todo)
    yield Comparison(chosen.digest, tuple(done), truth)
    for i, item in enumerate(todo):
        try:
            done[i] = _one(studio, chosen, item, visitor, side)
        except (MissingWeights, BrokenWeights) as error:
            done[i] = replace(item, problem=sentence(error))
        yield Comparison(chosen.digest, tuple(done), truth)


def _one(studio: Studio, chosen: Chosen, item: Result, visitor: str, side: int) -> Result:
    analysis = studio.analysis(chosen, item.key, visitor)
    small = studio.preview(chosen, visitor, side)
    image = render(analysis, item.setting, side)
    path = studio.write(image, "compare", visitor, f"{chosen.name}-{item.key}")
    seconds = studio.seconds(chosen, item.key, visitor)
    return replace(item, path=path, seconds=seconds, figures=measure(image, small.color))


def grid_value(comparison: Comparison, chosen: Chosen) -> dict[str, Any] | None:
    """The grid: the original first, where it had colour, then every method."""
    made = [
        tiles.Tile(
            get(r.key).title,
            f"The photograph in colour by {get(r.key).title}",
            r.path,
            action="Open" if r.path else "",
            detail=r.detail or "…",
        )
        for r in comparison.results
    ]
    if comparison.truth:
        words = next((f"colourfulness {r.figures.original:.0f}" for r in comparison.results
                      if r.figures and r.figures.original is not None), "…")  # fmt: skip
        original = tiles.Tile(
            "Original", "The photograph as it came", comparison.truth, detail=words, still=True
        )
        made = [original, *made]
    columns = min(len(made), 2 if len(made) <= 4 else 3)
    return tiles.grid_value(made, columns, tiles.shape(chosen.width, chosen.height))


def at(comparison: Comparison, index: int | None) -> Result | None:
    """The result behind a tile of the grid; None for the original and for what is not there."""
    index = None if index is None else index - bool(comparison.truth)
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
    path = studio.place("download", visitor, f"{chosen.name}-methods.png")
    photo.save(montage.arrange(made, columns, SIMULATED), path, note=SIMULATED)
    return str(path)


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    methods: gr.CheckboxGroup
    grid: gr.HTML
    shown: gr.State  # Comparison
    download: gr.Button
    made: gr.DownloadButton

    @property
    def everything(self) -> list[Any]:
        """What :meth:`reset` fills."""
        return [self.grid, self.shown]

    def reset(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        """Another photograph: nothing is shown of the one before.  Another method: all stays."""
        return [None, None] if keep_knobs else [gr.skip(), gr.skip()]

    def stream(
        self,
        studio: Studio,
        chosen: Chosen | None,
        memory: Memory | None,
        visitor: str,
        shown: Comparison | None,
        keys: Sequence[str],
    ) -> Iterator[list[Any]]:
        """Grid and state, step by step; nothing where they show this already."""
        todo = wanted(keys or [], memory)
        if chosen is None or not todo:
            yield [None, None]
        elif shown is None or shown.stale(chosen, todo):
            for comparison in compare(studio, chosen, todo, visitor):
                yield [grid_value(comparison, chosen), comparison]
        else:
            yield [gr.skip(), gr.skip()]

    def sheet(
        self, studio: Studio, chosen: Chosen | None, shown: Comparison | None, visitor: str
    ) -> str | None:
        if chosen is None or shown is None:
            warn(NO_PHOTO if chosen is None else NONE)
            return None
        return contact_sheet(studio, chosen, shown, visitor)


def build(approaches: Sequence[Approach]) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`colorizer.ui.events`."""
    gr.HTML(NOTE, elem_classes=["note"])
    methods = gr.CheckboxGroup(
        [(a.title, a.key) for a in approaches],
        value=[a.key for a in approaches],
        label="Methods",
        interactive=True,
        elem_id="compare-methods",
    )
    grid = tiles.grid("compare", EMPTY)
    with gr.Row(elem_classes=["after"]):
        button = gr.Button("Download contact sheet", elem_id="compare-download", scale=0)
        made = gr.DownloadButton(visible="hidden", elem_id="compare-file")
    return View(methods, grid, gr.State(None), button, made)
