"""``colorizer serve``: serve the page.  ``app.py`` does the same from a folder of files.

``GRADIO_SERVER_NAME`` and ``GRADIO_SERVER_PORT`` change the address as ``--host`` and ``--port`` do;
:mod:`colorizer.ui.server.settings` lists the limits that ``COLORIZER_…`` variables change.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ColorizerError
from .terminal import DONE, INTERRUPTED, MISUSED, Parser, command, say

if TYPE_CHECKING:
    import gradio as gr

NO_GRADIO = "The page needs Gradio: pip install 'photo-colorizer[ui]'."


def main(arguments: Sequence[str]) -> int:
    """Serve the page until it is stopped; returns the exit status."""
    options = parse(arguments, prog=command("serve"))
    if importlib.util.find_spec("gradio") is None:
        say(NO_GRADIO)
        return MISUSED
    try:
        demo, launch = build(options)
        demo.launch(**launch)
    except ColorizerError as error:
        say(f"{command('serve')}: {error}")
        return MISUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def parse(arguments: Sequence[str] | None, prog: str | None = None) -> argparse.Namespace:
    """Options of the page's command line; None: those of this process."""
    parser = Parser(prog=prog, description="Serves the page.", allow_abbrev=False)
    parser.add_argument("--study", metavar="FOLDER", help="colour photographs for Real or fake?")
    parser.add_argument("--host", metavar="NAME", help="address to listen at (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help="port (default: 7860 or the next)")
    return parser.parse_args(arguments)


def build(options: argparse.Namespace) -> tuple[gr.Blocks, dict[str, Any]]:
    """The page, and the arguments of its ``launch``.

    Raises :class:`colorizer.ColorizerError` for a bad setting or a folder without photographs.
    """
    prepare_environment()
    # Imported after the environment is set, which Gradio reads once.
    from ..ui import page
    from ..ui.server import zerogpu  # noqa: F401 - for ZeroGPU Spaces
    from ..ui.server.settings import Settings
    from ..ui.tabs.study import visit

    settings = Settings.from_environment()
    demo = page.build(settings, photographs=visit.pool(options.study))
    launch = page.launch_options(settings)
    address = {"server_name": options.host, "server_port": options.port}
    return demo, launch | {name: value for name, value in address.items() if value is not None}


def prepare_environment() -> None:
    """Have Gradio send nothing, ask nothing of the network, and keep files in a folder of its own.

    Its own cache can be swept without touching other programs' files.
    """
    user = getattr(os, "getuid", lambda: "page")()
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault(
        "GRADIO_TEMP_DIR", os.path.join(tempfile.gettempdir(), f"colorizer-{user}")
    )
