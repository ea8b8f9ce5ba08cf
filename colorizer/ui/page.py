"""The page: the column with the photograph, and the tabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from colorizer.approaches import Approach

from . import api, theme
from .backend.memory import Memory
from .backend.studio import Studio
from .languages import ENGLISH, _, marking, speaking
from .languages.gradio import Words
from .server import guard, identity, lite
from .server.settings import Settings
from .sidebar import examples, layout
from .sidebar.opening import Opening
from .tabs.about.tab import About
from .tabs.album.tab import Album
from .tabs.base import Tab
from .tabs.colorize.tab import Colorize
from .tabs.compare.tab import Compare
from .tabs.inspect.tab import Inspect
from .tabs.sample.tab import Sample
from .tabs.shared import Shared
from .tabs.steer.tab import Steer
from .tabs.study.tab import Study
from .tabs.study.visit import Pool, pool
from .tabs.sweep.tab import Sweep

TABS: tuple[type[Tab], ...] = (
    Colorize,
    Compare,
    Sample,
    Sweep,
    Inspect,
    Steer,
    Album,
    Study,
    About,
)

HEADER = """
<header>
  <h1 aria-label="Colorizer"><span aria-hidden="true">Color<b>izer</b></span></h1>
  <p>{tagline}</p>
  {links}
</header>
"""
TAGLINE = "Old photographs in colour. Every colour is a guess, so look at more than one."
ON_THIS_DEVICE = '<nav><a href="lite/">{words}</a></nav>'
NO_WEIGHTS = (
    "<p>There are no weights in <code>checkpoints/</code>, so nothing can be colorized. "
    "The README says where to get them and how to train your own.</p>"
)


def build(
    settings: Settings | None = None,
    studio: Studio | None = None,
    photographs: Pool | None = None,
) -> gr.Blocks:
    """The whole page; :func:`launch_options` has what belongs to its launch.

    studio: what the server keeps; a test passes one that counts.
    photographs: of the study; the few bundled ones if there are none.
    """
    settings = settings or (studio.settings if studio else Settings.from_environment())
    studio = studio or Studio(settings, get_upload_folder())
    known = studio.approaches()
    seconds = settings.keep_minutes * 60
    with (
        guard.Blocks(
            title=identity.TITLE,
            analytics_enabled=False,
            delete_cache=(max(seconds // 10, 60), seconds),
        ) as demo,
        marking(),
    ):
        gr.HTML(_header(), elem_id="header")
        if known:
            _fill(demo, studio, known, photographs or pool())
        else:
            gr.HTML(_(NO_WEIGHTS), elem_classes=["note"])
    demo.queue(max_size=settings.queue_length, default_concurrency_limit=settings.workers)
    return demo


def _header() -> str:
    link = ON_THIS_DEVICE.format(words=_("On this device"))
    return HEADER.format(tagline=_(TAGLINE), links=link if lite.is_built() else "")


def launch_options(settings: Settings) -> dict[str, Any]:
    """Arguments of ``launch``: looks, limits, and nothing that keeps or sends what people do."""
    return {
        "theme": theme.theme(),
        "favicon_path": theme.ICON,
        "head": theme.head(),
        "i18n": Words(theme.scripted()),
        "footer_links": ["api"],
        "run_history": False,
        "app_kwargs": guard.app_options(settings),
        "max_file_size": f"{max(settings.max_file_mb, settings.album_mb)}mb",
        "enable_monitoring": False,
        "show_error": False,
        "share": False,
        "ssr_mode": False,  # a Space may have Node, and the page needs none
    }


def _fill(demo: gr.Blocks, studio: Studio, known: tuple[Approach, ...], photographs: Pool) -> None:
    shown = examples.write(Path(get_upload_folder()) / "colorizer-examples")
    memory, opened = gr.State(Memory()), gr.State(TABS[0].key)
    with gr.Row(elem_id="layout"):
        with gr.Column(scale=0, min_width=280, elem_id="side"):
            left = layout.build(known, shown, studio.settings.max_file_mb)
            # The page shows their thumbnails only; they stay as long as those.
            left.examples.keep_in_cache |= {example.path for example in shown}
        with (
            gr.Column(scale=1, min_width=280, elem_id="main"),
            gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as tabs,
        ):
            shared = Shared(studio, known, photographs, left, memory, tabs, opened)
            for kind in TABS:
                with gr.Tab(_(kind.title), id=kind.key, elem_id=f"tab-{kind.key}") as item:
                    shared.every.append(kind(shared, item))
    with speaking(ENGLISH):
        parameters = api.Parameters(studio, known)
    for tab in shared.every:
        tab.tie()
        tab.tie_opening()
        with speaking(ENGLISH):
            tab.add_endpoint(parameters)
    Opening(shared, shown).tie(demo)
