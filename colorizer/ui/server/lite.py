"""The page that needs no server, served beside this one at ``/lite``.

Its files are built from ``web/`` into ``colorizer/ui/lite``; where they are missing there is no
such address and no link to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent.parent / "lite"
# Isolated from other pages it may use threads; unchanged files are not sent again.
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_TYPES = {".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}


class _Files(StaticFiles):
    async def get_response(self, path: str, scope: Any) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        if Path(path).suffix in _TYPES:
            response.headers["Content-Type"] = _TYPES[Path(path).suffix]
        return response


def is_built() -> bool:
    """True if the page was built."""
    return (FOLDER / "index.html").is_file()


def routes() -> list[BaseRoute]:
    """Routes to put before those of Gradio; none if the page was not built."""
    if not is_built():
        return []
    files = _Files(directory=FOLDER, html=True)
    # Relative, because a proxy may have put the page below another address.
    return [
        Route("/lite", lambda request: RedirectResponse("lite/")),
        Mount("/lite", files, name="lite"),
    ]
