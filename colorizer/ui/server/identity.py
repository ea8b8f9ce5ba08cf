"""The page's name, words and pictures where it is shared, bookmarked or installed.

Gradio's HTML says that it is Gradio, with a picture from elsewhere; what reads only the HTML, such
as a messenger that previews an address, would show that.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Route

TITLE = "Colorizer"
DESCRIPTION = (
    "Give an old black-and-white photograph colours, at its own size, and see several plausible "
    "guesses."
)
PREVIEW = Path(__file__).parent.parent / "theme" / "preview.jpg"
PREVIEW_SIZE = 1200, 630  # px, as networks of people show it
_SHARING = re.compile(rb"\s*<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>")
_BASE = re.compile(rb"<base[^>]*>")


def tags(address: URL) -> str:
    """Elements of the page's head.  address: of the page, as its reader reached it."""
    picture = str(address.replace(path=address.path.rstrip("/") + "/preview.jpg", query=""))
    width, height = PREVIEW_SIZE
    properties = {
        "og:type": "website",
        "og:title": TITLE,
        "og:description": DESCRIPTION,
        "og:image": picture,
        "og:image:width": width,
        "og:image:height": height,
    }
    named = {"description": DESCRIPTION, "twitter:card": "summary_large_image"}
    lines = [f"<title>{TITLE}</title>"]
    lines += [_meta("name", *pair) for pair in named.items()]
    lines += [_meta("property", *pair) for pair in properties.items()]
    lines += ['<link rel="apple-touch-icon" href="./pwa_icon/192">']
    return "\n".join(lines)


def _meta(kind: str, name: str, content: Any) -> str:
    return f'<meta {kind}="{name}" content="{html.escape(str(content))}">'


def renamed(page: bytes, address: URL) -> bytes:
    """The page's HTML with its own tags in the place of Gradio's; other HTML as it is."""
    if b"window.gradio_config" not in page:
        return page
    own = tags(address).encode()
    return _BASE.sub(lambda found: found[0] + b"\n" + own, _SHARING.sub(b"", page), count=1)


class Identity:
    """ASGI middleware: the page's HTML has the page's own title, description and preview."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        body = bytearray()

        async def collect(message: Any) -> None:
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if kind.startswith("text/html"):
                    start.update(message)
                    return
            if not start:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            page = renamed(bytes(body), _address(scope))
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, collect)


def _address(scope: Any) -> URL:
    """The address that was asked for, as a proxy before this server may have told it."""
    headers = Headers(scope=scope)
    url = URL(scope=scope)
    scheme = headers.get("x-forwarded-proto", url.scheme).split(",")[0].strip()
    host = headers.get("x-forwarded-host", url.netloc).split(",")[0].strip()
    return url.replace(scheme=scheme, netloc=host)


def routes() -> list[BaseRoute]:
    """The route of the preview picture."""
    return [Route("/preview.jpg", lambda request: FileResponse(PREVIEW))]
