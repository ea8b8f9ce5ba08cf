"""The page, served in this process, as every test of it needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import pytest

from colorizer.ui import page
from colorizer.ui.backend.studio import Studio
from colorizer.ui.server.settings import Settings
from colorizer.ui.sidebar import layout
from colorizer.ui.tabs.base import Tab
from colorizer.ui.tabs.shared import Shared
from colorizer.ui.tabs.study.visit import Pool


class Served(NamedTuple):
    url: str
    demo: gr.Blocks
    studio: Studio


@contextmanager
def serving(load: Callable[[str], Any], folder: Path, **settings: Any) -> Iterator[Served]:
    """The page on a free port of 127.0.0.1.

    load: key → what colours with it.  folder: for the files of Gradio.  settings: those that are
    not as :class:`Settings` has them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        chosen = Settings(**settings)
        studio = Studio(chosen, page.get_upload_folder(), load)
        demo = page.build(chosen, studio)
        _, url, _ = demo.launch(
            prevent_thread_lock=True,
            quiet=True,
            server_name="127.0.0.1",
            **page.launch_options(chosen),
        )
        yield Served(url, demo, studio)
        demo.close()


def laid_out(kind: type[Tab], studio: Studio, photographs: Pool = Pool(())) -> Tab:  # noqa: B008
    """One tab by itself, for tests of its handlers."""
    known = studio.approaches()
    with gr.Blocks():
        left = layout.build(known, [], studio.settings.max_file_mb)
        with gr.Tabs() as tabs, gr.Tab(kind.title) as item:
            shared = Shared(
                studio, known, photographs, left, gr.State({}), tabs, gr.State(kind.key)
            )
            return kind(shared, item)
