"""The page: the column with the photograph, and the tabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from colorizer.approaches import Approach

from . import api, api_explore, events, examples, sidebar, theme
from .handlers import Handlers
from .handlers_explore import Exploring
from .server import guard
from .server.settings import Settings
from .studio import Studio
from .tabs import about, album, colorize, compare, inspect, sample, steer, study, sweep

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
            left = sidebar.build(known, shown, studio.settings.max_file_mb)
        with (
            gr.Column(scale=1, min_width=280, elem_id="main"),
            gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as tabs,
        ):
            with gr.Tab("Colorize", id="colorize"):
                picture = colorize.build(known, first)
            with gr.Tab("Compare", id="compare") as compare_tab:
                side_by_side = compare.build(known)
            with gr.Tab("Sample", id="sample") as sample_tab:
                many = sample.build(known, first, studio.settings.max_samples)
            with gr.Tab("Sweep", id="sweep") as sweep_tab:
                grid = sweep.build(known, first)
            with gr.Tab("Inspect", id="inspect") as inspect_tab:
                point = inspect.build(known, first)
            with gr.Tab("Steer", id="steer") as steer_tab:
                hints = steer.build(known, first)
            with gr.Tab("Album", id="album"):
                many_photos = album.build(known, first, studio.settings)
            with gr.Tab("Real or fake?", id="study"):
                trials = study.build(known, photographs)
            with gr.Tab("About", id="about"):
                folder = Path(get_upload_folder()) / "colorizer-cards"
                about.build(known, known, studio.settings, folder)
    api.build(studio, known)
    api_explore.build(studio, known)
    album.tie(many_photos, studio, left)
    study.tie(trials, studio, photographs)
    opened = events.Tabs(
        tabs, gr.State("Colorize"), sample_tab, sweep_tab, compare_tab, inspect_tab, steer_tab
    )
    handlers = Handlers(studio, shown, picture, many, grid, (side_by_side, point, hints))
    events.tie(demo, handlers, Exploring(handlers, side_by_side, point, hints), left, opened)
