"""Which event calls which handler."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from . import sidebar
from .common import queued, when_open
from .handlers import Handlers
from .handlers_explore import Exploring
from .tabs import colorize, sample

LIGHT = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True)
class Tabs:
    """The tabs whose being opened is an event, what holds them, and the name of the open one."""

    all: gr.Tabs
    opened: gr.State
    sample: gr.Tab
    sweep: gr.Tab
    compare: gr.Tab
    inspect: gr.Tab
    steer: gr.Tab


# (name of a tab, handler that fills it, its inputs, its outputs)
Refill = tuple[str, Callable[..., Any], list[Any], list[Any]]


def tie(demo: gr.Blocks, on: Handlers, more: Exploring, left: sidebar.Side, tabs: Tabs) -> None:
    _colorize(on, left)
    _compare(more, left, tabs)
    refills = [
        _sample(on, left, tabs),
        _sweep(on, left, tabs),
        _inspect(more, left, tabs),
        _steer(more, left, tabs),
    ]
    _photograph(demo, on, left, tabs, refills)


def _manners(on: Handlers) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Arguments of events: that cover the stage while they work, that do so quietly, and of
    controls that are dragged, of whose events only the last one waits."""
    work = queued(on.studio.settings)
    quiet = {**work, "show_progress": "minimal"}
    covered = {**work, "show_progress_on": on.picture.stage}
    return covered, quiet, {**quiet, "trigger_mode": "always_last"}


def _name(event: gr.SelectData) -> str:
    return event.value


def _photograph(
    demo: gr.Blocks, on: Handlers, left: sidebar.Side, tabs: Tabs, refills: Sequence[Refill]
) -> None:
    covered, quiet, _ = _manners(on)
    memory = on.picture.memory
    opened = [left.chosen, left.photo, tabs.all, *on.fresh]
    left.photo.upload(
        on.uploaded, [left.photo, left.method, memory, left.chosen], opened, **covered
    )
    left.choose.click(None, js=sidebar.CHOOSE, api_visibility="private")
    left.photo.clear(on.closed, [left.method, memory], [left.chosen, *on.fresh], **quiet)
    left.examples.choose(on.example, [left.method, memory], opened, **covered)
    tabs.all.select(_name, None, tabs.opened, **LIGHT)
    turned = left.method.input(
        on.method, [left.chosen, left.method, memory], [left.about, *on.fresh], **covered
    )
    # What the open tab shows of the method before has been emptied: it is filled again.
    for name, handler, given, filled in refills:
        turned.then(when_open(name, handler), [tabs.opened, *given], filled, **quiet)
    demo.load(on.begin, [left.method, memory], opened, **covered)
    demo.unload(on.left)


def _colorize(on: Handlers, left: sidebar.Side) -> None:
    picture = on.picture
    _, _, dragged = _manners(on)
    live = {**dragged, "show_progress_on": picture.caption}
    what = [left.chosen, left.method, *picture.controls]
    for control in (
        picture.left, picture.unsure, picture.guess, picture.strength, *picture.knobs.values()
    ):  # fmt: skip
        control.input(on.redraw, what, picture.drawn, **live)
    picture.seed.input(on.reseed, what, [picture.guess, picture.origin, *picture.drawn], **live)
    picture.another.click(on.another, what, [picture.seed, picture.guess, *picture.drawn], **live)
    given = [left.chosen, left.method, picture.kind, *picture.controls]
    _download(on, picture.download, colorize.DOWNLOAD, on.download, given, picture.made)


def _sample(on: Handlers, left: sidebar.Side, tabs: Tabs) -> Refill:
    many, what = on.many, [left.chosen, left.method]
    covered, quiet, _ = _manners(on)
    filled = [*many.filled, many.around]
    given = [*what, *many.controls]
    many.go.click(on.sample, given, filled, **quiet)
    tabs.sample.select(on.sample_if_stale, [many.sheet, *given], filled, **quiet)
    turned = [many.correlation]
    if sample.DARING in many.knobs:
        turned.append(many.knobs[sample.DARING])
    many.variety.input(on.variety, [left.method, many.variety], turned, **LIGHT).then(
        on.sample, given, filled, **quiet
    )
    many.grid.more(on.more, [many.sheet, *given], filled, **quiet)
    _taken(on, many.grid, many.sheet, left, tabs, covered)
    words = "Download all as zip"
    _download(on, many.download, words, on.archive, [many.sheet, left.chosen], many.made)
    return "Sample", on.sample_if_stale, [many.sheet, *given], filled


def _sweep(on: Handlers, left: sidebar.Side, tabs: Tabs) -> Refill:
    grid, what = on.grid, [left.chosen, left.method]
    covered, quiet, dragged = _manners(on)
    swept = [grid.table, grid.sheet]
    given = [*what, *grid.controls]
    for control in grid.knobs.values():
        control.input(on.sweep, given, swept, **dragged)
    for axis in (grid.rows, grid.columns):
        turn = functools.partial(grid.swap, rows_changed=axis is grid.rows)
        axis.input(turn, [left.method, grid.rows, grid.columns], grid.controls, **LIGHT).then(
            on.sweep, given, swept, **quiet
        )
    for values in (grid.down_values, grid.across_values):
        values.submit(on.sweep, given, swept, **dragged)
    tabs.sweep.select(on.sweep_if_stale, [grid.sheet, *given], swept, **quiet)
    _taken(on, grid.table, grid.sheet, left, tabs, covered)
    return "Sweep", on.sweep_if_stale, [grid.sheet, *given], swept


def _compare(on: Exploring, left: sidebar.Side, tabs: Tabs) -> None:
    view, memory = on.side_by_side, on.base.picture.memory
    covered, quiet, dragged = _manners(on.base)
    given = [left.chosen, memory, view.shown, view.methods]
    filled = [view.grid, view.shown]
    tabs.compare.select(on.compare, given, filled, **quiet)
    view.methods.input(on.compare, given, filled, **dragged)
    view.grid.choose(
        on.taken,
        [view.shown, left.chosen, left.method, memory],
        [tabs.all, left.method, left.about, *on.base.fresh],
        **covered,
    )
    words = "Download contact sheet"
    _download(on.base, view.download, words, on.sheet, [left.chosen, view.shown], view.made)


def _inspect(on: Exploring, left: sidebar.Side, tabs: Tabs) -> Refill:
    view = on.point
    _, quiet, dragged = ({**manner, "show_progress_on": view.note} for manner in _manners(on.base))
    what = [left.chosen, left.method, on.base.picture.memory, view.shown]
    tabs.inspect.select(on.inspect, [*what, view.x, view.y], view.filled, **quiet)
    for picture in (view.photo, view.map):
        picture.point(on.inspect_click, what, view.filled, **dragged)
    for number in (view.x, view.y):
        number.input(on.inspect_typed, [*what, view.x, view.y], view.filled, **dragged)
    return "Inspect", on.inspect, [*what, view.x, view.y], view.filled


def _steer(on: Exploring, left: sidebar.Side, tabs: Tabs) -> Refill:
    view, memory = on.hints, on.base.picture.memory
    # The photograph stays clear while it is worked on.
    _, quiet, dragged = ({**manner, "show_progress_on": view.list} for manner in _manners(on.base))
    what = [left.chosen, left.method, memory, view.now, view.shown]
    filled = view.filled
    tabs.steer.select(on.steer_show, what, filled, **quiet)
    view.photo.point(on.steer_click, what, filled, **dragged)
    view.photo.pin(on.steer_pick, what, filled, **dragged)
    view.list.pick(on.steer_pick, what, filled, **quiet)
    view.list.drop(on.steer_drop, what, filled, **quiet)
    view.colors.paint(on.steer_paint, what, filled, **quiet)
    view.use.click(on.steer_use, [view.picker, *what], filled, **quiet)
    for number in (view.x, view.y):
        number.input(on.steer_typed, [view.x, view.y, *what], filled, **dragged)
    view.undo.click(on.steer_undo, what, filled, **quiet)
    view.clear.click(on.steer_clear, what, filled, **quiet)
    view.load.upload(on.steer_load, [view.load, *what], filled, **quiet)
    _download(on.base, view.save, "Save hints", on.steer_save, [left.chosen, view.now], view.saved)
    _download(
        on.base,
        view.download,
        "Download picture",
        on.steer_download,
        [left.chosen, left.method, memory, view.now],
        view.made,
    )
    return "Steer", on.steer_show, what, filled


def _taken(
    on: Handlers,
    source: gr.HTML,
    sheet: gr.State,
    left: sidebar.Side,
    tabs: Tabs,
    manner: dict[str, Any],
) -> None:
    source.choose(
        on.taken,
        [sheet, left.chosen, left.method, on.picture.memory],
        [tabs.all, *on.picture.everything],
        **manner,
    )


def _download(
    on: Handlers,
    button: gr.Button,
    words: str,
    handler: Callable[..., str | None],
    given: Sequence[Any],
    made: gr.DownloadButton,
) -> None:
    """A button that makes a file when it is pressed, says so meanwhile, and hands the file over."""
    work = {**queued(on.studio.settings), "show_progress": "hidden"}
    busy, done = (
        functools.partial(gr.update, value=text, interactive=free)
        for text, free in ((colorize.MAKING, False), (words, True))
    )
    making = button.click(busy, None, button, **LIGHT).then(handler, list(given), made, **work)
    making.success(None, js=colorize.follow(made.elem_id), api_visibility="private")
    making.then(done, None, button, **LIGHT)
