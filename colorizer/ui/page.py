"""The page: the column with the photograph, the tabs, and what leads from one to another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from colorizer.approaches import Approach, approaches

from . import about, album, api, colorize, examples, guard, sample, side, study, sweep, theme
from .common import queued
from .handlers import Handlers
from .settings import Settings
from .studio import Studio

TITLE = "Colorizer"
HEADER = """
<header>
  <h1 aria-label="Colorizer"><span aria-hidden="true">Color<b>izer</b></span></h1>
  <p>Old photographs in colour. Every colour is a guess, so look at more than one.</p>
</header>
"""
NO_WEIGHTS = (
    "<p>There are no weights in <code>checkpoints/</code>, so nothing can be colorized. "
    "The README says where to get them and how to train your own.</p>"
)


def build(
    settings: Settings | None = None,
    studio: Studio | None = None,
    photographs: study.Pool | None = None,
) -> gr.Blocks:
    """The whole page; :func:`launch_options` has what belongs to its launch.

    studio: what the server keeps; a test passes one that counts.
    photographs: of the study; the few bundled ones if there are none.
    """
    settings = settings or (studio.settings if studio else Settings.from_environment())
    studio = studio or Studio(settings, get_upload_folder())
    known = studio.approaches()
    seconds = settings.keep_minutes * 60
    with guard.Blocks(
        title=TITLE, analytics_enabled=False, delete_cache=(max(seconds // 10, 60), seconds)
    ) as demo:
        gr.HTML(HEADER, elem_id="header")
        if known:
            _fill(demo, studio, known, photographs or study.pool())
        else:
            gr.HTML(NO_WEIGHTS, elem_classes=["note"])
    demo.queue(max_size=settings.queue_length, default_concurrency_limit=settings.workers)
    return demo


def launch_options(settings: Settings) -> dict[str, Any]:
    """Arguments of ``launch``: looks, limits, and nothing that keeps or sends what people do."""
    return {
        "theme": theme.theme(),
        "head": theme.head(),
        "footer_links": ["api"],
        "run_history": False,
        "app_kwargs": guard.app_options(settings),
        "max_file_size": f"{max(settings.max_file_mb, settings.album_mb)}mb",
        "enable_monitoring": False,
        "show_error": False,
        "share": False,
        "ssr_mode": False,  # a Space may have Node, and the page needs none
    }


def _fill(
    demo: gr.Blocks, studio: Studio, known: tuple[Approach, ...], photographs: study.Pool
) -> None:
    shown = examples.write(Path(get_upload_folder()) / "colorizer-examples")
    first = known[0]
    with gr.Row(elem_id="layout"):
        with gr.Column(scale=0, min_width=280, elem_id="side"):
            left = side.build(known, shown, studio.settings.max_file_mb)
        with gr.Column(scale=1, min_width=280, elem_id="main"), gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Colorize", id="colorize"):
                picture = colorize.build(known, first)
            with gr.Tab("Sample", id="sample") as sample_tab:
                many = sample.build(known, first, studio.settings.max_samples)
            with gr.Tab("Sweep", id="sweep") as sweep_tab:
                grid = sweep.build(known, first)
            with gr.Tab("Album", id="album"):
                many_photos = album.build(known, first, studio.settings)
            with gr.Tab("Real or fake?", id="study"):
                trials = study.build(known, photographs)
            with gr.Tab("About", id="about"):
                folder = Path(get_upload_folder()) / "colorizer-cards"
                about.build(approaches(), known, studio.settings, folder)
    api.build(studio, known)
    album.tie(many_photos, studio, left)
    study.tie(trials, studio, photographs)
    handlers = Handlers(studio, shown, picture, many, grid)
    _tie(demo, handlers, left, tabs, sample_tab, sweep_tab)


def _tie(
    demo: gr.Blocks,
    on: Handlers,
    left: side.Side,
    tabs: gr.Tabs,
    sample_tab: gr.Tab,
    sweep_tab: gr.Tab,
) -> None:
    """Which event calls which handler."""
    picture, many, grid = on.picture, on.many, on.grid
    work = queued(on.studio.settings)
    quiet = {**work, "show_progress": "minimal"}
    what = [left.chosen, left.method]
    opened = [left.chosen, left.photo, tabs, *on.fresh]
    stage = [picture.stage, picture.caption]
    covered = {**work, "show_progress_on": picture.stage}

    left.photo.upload(on.uploaded, [left.photo, left.method, left.chosen], opened, **covered)
    left.choose.click(None, js=side.CHOOSE, api_visibility="private")
    left.photo.clear(on.closed, left.method, [left.chosen, *on.fresh], **quiet)
    left.examples.choose(on.example, left.method, opened, **covered)
    left.method.input(on.method, what, [left.about, *on.fresh], **covered)
    demo.load(on.begin, left.method, opened, **covered)
    demo.unload(on.left)

    # A knob that is dragged asks for many pictures; only the last one waits.
    live = {**quiet, "trigger_mode": "always_last", "show_progress_on": picture.caption}
    for control in (picture.guess, *picture.knobs.values()):
        control.input(on.redraw, [*what, *picture.controls], stage, **live)
    picture.seed.input(on.reseed, [*what, *picture.controls], [picture.guess, *stage], **live)
    picture.another.click(
        on.another, [*what, *picture.controls], [picture.seed, picture.guess, *stage], **live
    )
    light = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    making = picture.download.click(on.making, None, picture.download, **light).then(
        on.download,
        [*what, *picture.controls],
        picture.made,
        **{**work, "show_progress": "hidden"},
    )
    making.success(None, js=colorize.FOLLOW, api_visibility="private")
    making.then(on.made, None, picture.download, **light)

    sampled = [many.grid, many.sheet]
    many.go.click(on.sample, [*what, *many.controls], sampled, **quiet)
    sample_tab.select(on.sample_if_stale, [many.sheet, *what, *many.controls], sampled, **quiet)
    swept = [grid.table, grid.sheet]
    for control in grid.knobs.values():
        control.input(
            on.sweep,
            [*what, *grid.knobs.values()],
            swept,
            **quiet,
            trigger_mode="always_last",
        )
    sweep_tab.select(on.sweep_if_stale, [grid.sheet, *what, *grid.knobs.values()], swept, **quiet)
    for source, sheet in ((many.grid, many.sheet), (grid.table, grid.sheet)):
        source.choose(on.taken, [sheet, *what], [tabs, *picture.everything], **covered)
