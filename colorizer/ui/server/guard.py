"""Guards of a hosted page: requests refused to strangers, and their files forgotten.

Gradio fetches http addresses that a client names where a file belongs, and serves them on: anyone
could use the page to fetch from elsewhere.  This page takes uploads and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import gradio as gr
from gradio.utils import abspath, get_upload_folder, is_in_or_equal
from gradio_client.utils import is_file_obj, traverse
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..languages.serving import AskedFor, Translated
from . import identity, lite
from .identity import Identity
from .settings import Settings

# Two letters at least: one is a drive of Windows.
_ADDRESS = re.compile(r"\s*[a-z][a-z0-9+.-]+:", re.I)
# Up to the first =, so that a file's own name does not count.
_ROUTE = re.compile(r"[^=]*?/(file=|file/|proxy=)(.*)\Z", re.S)
SPARED = 60  # seconds: what is younger may still be written, or be on its way to a browser

NOT_UNDERSTOOD = "What was sent is of another kind than what this endpoint takes."
NOT_UPLOADED = "Send the file itself: an address or a path is not read."


class Blocks(Translated, gr.Blocks):
    """Blocks whose inputs may name files only if those were uploaded."""

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], *rest: Any, **more: Any
    ) -> list[Any]:
        refuse_other_files(inputs)
        try:
            return await super().preprocess_data(block_fn, inputs, *rest, **more)
        except gr.Error as error:  # a sentence of Gradio's own
            error.print_exception = False
            raise
        except Exception as error:  # a value of another kind than the component's
            raise gr.Error(NOT_UNDERSTOOD, print_exception=False) from error


def refuse_other_files(data: Any) -> None:
    """Raise Gradio's error if ``data`` names a file that nobody uploaded, however deep."""

    def check(file: dict[str, Any]) -> dict[str, Any]:
        path = file["path"]
        if _ADDRESS.match(path) or not is_in_or_equal(abspath(path), get_upload_folder()):
            raise gr.Error(NOT_UPLOADED, print_exception=False)
        return file

    traverse(data, check, is_file_obj)


class NoFetching:
    """ASGI middleware: ``/file=http://…`` and ``/proxy=…`` fetch nothing, and a client that leaves
    while it still sends is no fault of the page."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = self.app
        if scope["type"] == "http" and fetches(scope["path"]):
            answer = PlainTextResponse(NOT_UPLOADED, status_code=403)
        with suppress(ClientDisconnect):  # nobody is left to be answered
            await answer(scope, receive, send)


class Compressed:
    """ASGI middleware: gzips the page and its configuration, a megabyte of text.

    Nothing else: scripts and styles come compressed from Gradio, pictures are, and events are sent
    as they happen.
    """

    PATHS = ("/", "/config", "/theme.css", "/info")

    def __init__(self, app: Any) -> None:
        self.app, self.gzipped = app, GZipMiddleware(app, compresslevel=6)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        app = self.gzipped if path.endswith(self.PATHS) else self.app
        await app(scope, receive, send)


def refuse_arguments(request: Request, error: TypeError) -> Response:
    """Answer a call of an endpoint by wrong names of parameters with Gradio's sentence.

    Gradio raises it where nothing catches it.  Any other TypeError goes on as it was.
    """
    if traceback.extract_tb(error.__traceback__)[-1].name != "construct_args":
        raise error
    return JSONResponse({"detail": str(error)}, status_code=422)


def fetches(path: str) -> bool:
    """True if a request for ``path`` asks the server to fetch something from elsewhere."""
    found = _ROUTE.match(path)
    return bool(found and (found[1] == "proxy=" or _ADDRESS.match(found[2])))


# --- forgetting --------------------------------------------------------------------------------


def sweep(
    folder: str | Path,
    seconds: float,
    most_bytes: int,
    kept: Iterable[str] = frozenset(),
    now: float | None = None,
) -> int:
    """Remove files below ``folder`` that are older than ``seconds``, and then the oldest until at
    most ``most_bytes`` are left; returns how many went.

    Gradio removes what it knows of itself, but not what a stopped event or an earlier run left.
    now: seconds since the epoch, by default the clock's.
    """
    folder, kept = os.path.realpath(folder), set(map(os.path.realpath, kept))
    now, removed = time.time() if now is None else now, 0
    found: list[tuple[float, int, str]] = []
    folders = []
    for place, _, names in os.walk(folder):
        folders.append(place)
        for path in (os.path.join(place, name) for name in names):
            with suppress(OSError):
                status = os.lstat(path)
                if path not in kept:
                    found.append((status.st_ctime, status.st_size, path))
    total = sum(size for _, size, _ in found)
    for changed, size, path in sorted(found):
        age = now - changed
        if age > seconds or (total > most_bytes and age > SPARED):
            with suppress(OSError):
                os.unlink(path)
                removed += 1
            total -= size
    for place in reversed(folders[1:]):
        # One that was just made may be about to get its file.
        with suppress(OSError):
            if now - os.stat(place).st_mtime > SPARED:
                os.rmdir(place)
    return removed


def shown_files(blocks: gr.Blocks) -> set[str]:
    """Files that the page itself shows for as long as it runs, such as the examples."""
    kept: set[str] = set()
    for block in list(blocks.blocks.values()):
        kept |= getattr(block, "keep_in_cache", set())
    return kept


def forgetting(settings: Settings) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """A lifespan that sweeps Gradio's cache as long as the server runs.

    Only a folder that was chosen for this page is swept: the one that Gradio takes by itself may
    belong to other programs, too.
    """
    seconds = settings.keep_minutes * 60

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        async def work() -> None:
            while True:
                folder, most = get_upload_folder(), settings.cache_mb * 2**20
                blocks = app.get_blocks()
                with suppress(OSError):
                    await anyio.to_thread.run_sync(
                        sweep, folder, seconds, most, shown_files(blocks)
                    )
                for known in blocks.temp_file_sets:  # Gradio never drops what others removed
                    known -= {path for path in list(known) if not os.path.exists(path)}
                await asyncio.sleep(min(60, seconds / 4))

        task = asyncio.create_task(work()) if os.environ.get("GRADIO_TEMP_DIR") else None
        yield
        if task:
            task.cancel()

    return lifespan


def app_options(settings: Settings) -> dict[str, Any]:
    """For ``launch(app_kwargs=…)``."""
    return {
        "middleware": list(map(Middleware, (NoFetching, AskedFor, Compressed, Identity))),
        "lifespan": forgetting(settings),
        "routes": [*lite.routes(), *identity.routes()],
        "exception_handlers": {TypeError: refuse_arguments},
    }
