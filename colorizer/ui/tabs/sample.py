"""The tab *Sample*: several plausible colorizations side by side, each with its seed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, get
from colorizer.images import photo

from ..logic.quality import diversity, small_ab
from ..state import note as words_of
from ..studio import Chosen, Setting, Sheet, Studio, render
from ..widgets import knobs, tiles
from .colorize import LARGEST_SEED

DEFAULT_COUNT = 4
MOST_STEPS = 8  # of "more like this", one after the other
EMPTY = "Open a photograph, and four different guesses at its colours appear here."
ONE_ANSWER = "{title} has one answer for every photograph, so there is nothing to sample."
DARING = "temperature"  # the knob that lets samples stray
CORRELATION = 1.0  # shorter sides of the photograph; the library's own default
# Name → (times the temperature that suits samples, correlation length).
VARIETY = {"Little": (0.6, 1.5), "Some": (1.0, CORRELATION), "Much": (1.5, 0.4)}
VARIETY_HELP = (
    "Little: likely colours only, the whole picture agreeing. Much: a higher temperature lets "
    "rarer colours in, and a shorter correlation length lets every object choose for itself."
)
CORRELATION_HELP = (
    "How far colours agree, in shorter sides of the photograph. Long: one mood for the whole "
    "picture. Short: every patch for itself; near 0 it is confetti."
)
DIVERSITY_HELP = (
    "the mean distance in colour (ab) between two of these pictures. 0: all alike; about 2: just "
    "visible side by side; above 8: clearly different."
)


# --- handlers: plain functions over the library ---------------------------------------------


def settings(
    key: str,
    count: float,
    seed: float | None,
    names: Sequence[str],
    values: Sequence[Any],
    correlation: float | None = None,
    around: Sequence[int] = (),
) -> list[Setting]:
    """One setting for each sample: the same knobs, seeds that follow one another.

    around: the sample that is kept, which comes first; the others vary it.
    """
    approach = get(key)
    turned = knobs.read(approach, names, values)
    first = min(max(int(seed or 0), 0), LARGEST_SEED - int(count))
    if not approach.coherent:
        return [Setting(turned, first + i) for i in range(int(count))]
    if correlation is not None:
        correlation = min(max(float(correlation), 0.0), 4.0)
    around = tuple(around)[:MOST_STEPS]
    made = [
        Setting(turned, first + i, correlation=correlation, around=around)
        for i in range(int(count))
    ]
    if around:
        made[0] = Setting(turned, around[-1], correlation=correlation, around=around[:-1])
    return made


def variety(key: str, choice: str) -> tuple[float | None, float]:
    """(value of the temperature, correlation length) of a variety."""
    approach = get(key)
    factor, correlation = VARIETY.get(choice, VARIETY["Some"])
    knob = approach.knob(DARING)
    if knob is None:
        return None, correlation
    usual = dict(approach.sampling).get(DARING) or knob.default or 1.0
    return round(min(max(factor * usual, knob.minimum), knob.maximum), 2), correlation


def waiting(wanted: Sequence[Setting], approach: Approach) -> list[tiles.Tile]:
    """The tiles before there are pictures."""
    return [
        tiles.Tile(
            title(setting),
            f"Sample with {title(setting).lower()}",
            action="Use this one",
            more="More like this" if approach.coherent else "",
        )
        for setting in wanted
    ]


def title(setting: Setting) -> str:
    kept = f", near {setting.around[-1]}" if setting.around else ""
    return f"Seed {setting.seed}{kept}"


def samples(
    studio: Studio, chosen: Chosen, key: str, wanted: Sequence[Setting], visitor: str
) -> Iterator[tuple[list[tiles.Tile], float | None]]:
    """(tiles, diversity), first all empty, then with one more picture each time."""
    made, seen = waiting(wanted, get(key)), []
    yield list(made), None
    analysis = studio.analysis(chosen, key, visitor)
    for i, setting in enumerate(wanted):
        image = render(analysis, setting, studio.settings.sample_side)
        seen.append(small_ab(image))
        path = studio.write(image, "sample", visitor, f"{chosen.name}-seed{setting.seed}")
        made[i] = replace(made[i], path=path)
        yield list(made), diversity(seen)


def stream(
    studio: Studio,
    chosen: Chosen | None,
    key: str,
    visitor: str,
    names: Sequence[str],
    around: Sequence[int],
    count: float,
    seed: float | None,
    correlation: float | None,
    *values: Any,
) -> Iterator[list[Any]]:
    """What the grid, its memory and the line above it show, step by step."""
    approach = get(key)
    if chosen is None or not approach.samples:
        yield [None, None, ""]
        return
    count = min(max(int(count), 1), studio.settings.max_samples)
    wanted = settings(key, count, seed, names, values, correlation, around)
    sheet = Sheet(chosen.digest, key, tuple(wanted))
    for made, spread in samples(studio, chosen, key, wanted, visitor):
        yield [grid_value(made, chosen), sheet, facts(spread, around)]


def facts(spread: float | None, around: Sequence[int] = ()) -> str:
    """The line above the grid, as HTML: what is kept, and how far the samples differ."""
    kept = " → ".join(map(str, around))
    parts = []
    if kept:
        parts.append(f"<strong>Around seed {kept}</strong>: the first one is kept, the others "
                     "vary it. Show samples begins afresh.")  # fmt: skip
    if spread is not None:
        parts.append(f"<strong>Diversity {spread:.1f}</strong>: {DIVERSITY_HELP}")
    return "".join(f"<p>{part}</p>" for part in parts) or "<p>&nbsp;</p>"


def grid_value(made: Sequence[tiles.Tile], chosen: Chosen) -> dict[str, Any]:
    shape = tiles.shape(chosen.width, chosen.height)
    return tiles.grid_value(made, columns(len(made)), shape)


def columns(count: int) -> int:
    """Four samples stand two by two, nine three by three, sixteen four by four."""
    return 1 if count == 1 else 2 if count <= 4 else 3 if count <= 9 else 4


def archive(studio: Studio, chosen: Chosen, sheet: Sheet, visitor: str) -> str:
    """All samples at the photograph's own size; the path of a zip of PNG."""
    analysis = studio.analysis(chosen, sheet.key, visitor)
    path = studio.place("download", visitor, f"{chosen.name}-samples.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, setting in enumerate(sheet.settings, 1):
            near = f"-near{setting.around[-1]}" if setting.around else ""
            words = words_of(analysis.approach, setting)
            picture = path.with_name("one.png")
            photo.save(
                render(analysis, setting), picture, metadata=analysis.photo.metadata, note=words
            )
            archive.write(picture, f"{chosen.name}-{number:02}-seed{setting.seed}{near}.png")
            picture.unlink()
    return str(path)


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    count: gr.Slider
    seed: gr.Number
    go: gr.Button
    variety: gr.Radio
    correlation: gr.Slider
    facts: gr.HTML
    grid: gr.HTML
    sheet: gr.State
    around: gr.State
    download: gr.Button
    made: gr.DownloadButton
    note: gr.HTML
    body: gr.Column
    knobs: dict[str, gr.Slider | gr.Radio]

    @property
    def controls(self) -> list[Any]:
        return [self.around, self.count, self.seed, self.correlation, *self.knobs.values()]

    @property
    def filled(self) -> list[Any]:
        """What :func:`stream` fills."""
        return [self.grid, self.sheet, self.facts]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`reset` fills."""
        return [
            *self.filled, self.around, self.note, self.body, self.variety, self.correlation,
            *self.knobs.values(),
        ]  # fmt: skip

    def reset(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        """Gets the tab ready for another photograph or another method: places without pictures."""
        approach = get(key)
        empty = None
        if chosen and approach.samples:
            empty = waiting(settings(key, DEFAULT_COUNT, 0, [], []), approach)
        turned = (
            [gr.skip()] * (2 + len(self.knobs))
            if keep_knobs
            else [
                gr.update(value="Some", visible=approach.knob(DARING) is not None),
                gr.update(value=CORRELATION, visible=approach.coherent),
                *knobs.updates(approach, list(self.knobs), dict(approach.sampling)),
            ]
        )
        return [
            grid_value(empty, chosen) if empty else None,
            None,
            facts(None),
            (),
            gr.update(**note(approach)),
            gr.update(visible=approach.samples),
            *turned,
        ]


def note(approach: Approach) -> dict[str, Any]:
    text = f"<p>{ONE_ANSWER.format(title=approach.title)}</p>"
    return {"value": text, "visible": not approach.samples}


def build(approaches: Sequence[Approach], current: Approach, most: int) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`colorizer.ui.events`."""
    words = gr.HTML(**note(current), elem_classes=["note"])
    with gr.Column(visible=current.samples) as body:
        with gr.Row(elem_classes=["go"]):
            count = gr.Slider(
                1,
                most,
                min(DEFAULT_COUNT, most),
                step=1,
                label="Samples",
                info="How many guesses to see side by side.",
                elem_id="sample-count",
                elem_classes=["knob"],
            )
            seed = gr.Number(
                0,
                label="First seed",
                info="The others count up from it. Another number, other guesses.",
                precision=0,
                minimum=0,
                maximum=LARGEST_SEED,
                elem_id="sample-seed",
                elem_classes=["knob"],
            )
            how = gr.Radio(
                list(VARIETY),
                value="Some",
                label="Variety",
                info=VARIETY_HELP,
                visible=current.knob(DARING) is not None,
                interactive=True,
                elem_id="sample-variety",
                elem_classes=["knob"],
            )
            go = gr.Button("Show samples", variant="primary", elem_id="sample-go", scale=0)
        line = gr.HTML(facts(None), elem_id="sample-facts", elem_classes=["note"])
        grid = tiles.grid("samples", EMPTY)
        with gr.Row(elem_classes=["after"]):
            button = gr.Button("Download all as zip", elem_id="sample-download", scale=0)
            made = gr.DownloadButton(visible="hidden", elem_id="sample-file")
        with gr.Row(elem_classes=["knobs"]):
            made_knobs = knobs.controls(approaches, current, "sample", start=dict(current.sampling))
            correlation = gr.Slider(
                0,
                2,
                CORRELATION,
                step=0.05,
                label="Correlation length",
                info=CORRELATION_HELP,
                visible=current.coherent,
                buttons=["reset"],
                interactive=True,
                elem_id="sample-correlation",
                elem_classes=["knob"],
            )
    return View(
        count, seed, go, how, correlation, line, grid, gr.State(None), gr.State(()), button, made,
        words, body, made_knobs,
    )  # fmt: skip
