"""A hosted page: it reads no file of the server, fetches nothing, serves visitors in turn, forgets."""

from __future__ import annotations

import http.server
import json
import struct
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import gradio as gr
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from colorizer.images.photo import PhotoError
from colorizer.ui.backend.studio import Studio
from colorizer.ui.server import guard
from colorizer.ui.server.settings import Settings
from tests.support.serving import serving

pytestmark = pytest.mark.slow  # a page is served

SECRET = "the secret of this server"
QUEUE = 10
EIGHT = 8
PATIENCE = 300  # seconds; the machine may be busy with something else
SLOWLY = {"httpx_kwargs": {"timeout": PATIENCE}}


class Slow:
    """A colorizer that takes its time, as a large photograph does."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def analyze(self, *arguments: Any, **keywords: Any) -> Any:
        time.sleep(0.4)
        return self.inner.analyze(*arguments, **keywords)


class Canary(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Hosted:
    url: str
    demo: gr.Blocks
    cache: Path
    elsewhere: tuple[Path, ...]
    canary: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def hosted(mobile, tmp_path_factory) -> Iterator[Hosted]:
    cache, working, temporary = (tmp_path_factory.mktemp(n) for n in ("cache", "working", "tmp"))
    canary = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    canary.asked = []
    threading.Thread(target=canary.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr("tempfile.tempdir", str(temporary))
        patch.chdir(working)
        address = f"http://127.0.0.1:{canary.server_port}/picture.png"
        with serving(lambda key: Slow(mobile), cache, queue_length=QUEUE) as (url, demo, _):
            yield Hosted(url, demo, cache, (working, temporary), address, canary.asked)
    canary.shutdown()


# --- no file of the server, nothing from elsewhere ------------------------------------------------


def named(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def forged(secret: Path, canary: str) -> list[Any]:
    """Values that a stranger may put where a file belongs."""
    paths = [
        str(secret),
        "/etc/passwd",
        "../../../../../../etc/passwd",
        f"{secret.parent}/./{secret.name}",
        f"file://{secret}",
        canary,
        canary.replace("127.0.0.1", "localhost"),
        canary.upper(),
        "ftp://127.0.0.1/x.png",
        "data:image/png;base64,AAAA",
    ]
    found: list[Any] = [named(path) for path in paths]
    found += [{"path": path} for path in paths]
    found += [str(secret), canary, named("", url=canary), {"url": canary}, ["/etc/passwd"]]
    found.append(named(str(secret), url=canary, orig_name="a.png", mime_type="image/png"))
    return found


def names_a_file(what: Any) -> bool:
    """A component may take what names no file for nothing at all."""
    return not isinstance(what, dict) or bool(what.get("path"))


def called(hosted: Hosted, function: int, data: list[Any]) -> str:
    """Any event of the page, private ones too, as a program would call it; all that comes back."""
    session = f"stranger-{function}-{time.monotonic_ns()}"
    body = {"data": data, "fn_index": function, "session_hash": session, "event_data": None}
    try:
        ask(f"{hosted.url}gradio_api/queue/join", body)
        with urllib.request.urlopen(
            f"{hosted.url}gradio_api/queue/data?session_hash={session}", timeout=PATIENCE
        ) as response:
            lines = []
            for line in response:
                lines.append(line.decode())
                if "process_completed" in lines[-1] or "close_stream" in lines[-1]:
                    break
            return "".join(lines)
    except urllib.error.HTTPError as error:
        return error.read().decode()


def ask(url: str, body: Any) -> Any:
    request = urllib.request.Request(
        # States have values of their own, which no client sends.
        url,
        json.dumps(body, default=lambda value: None).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)


def test_no_event_takes_a_file_that_nobody_uploaded(hosted, tmp_path):
    """Every event that takes a picture or a file, and forged files in its other places too."""
    secret = tmp_path / "secret.png"
    secret.write_text(SECRET)
    tried = 0
    for number, function in hosted.demo.fns.items():
        kinds = [type(component).__name__ for component in function.inputs]
        places = [i for i, kind in enumerate(kinds) if kind in {"Image", "File", "UploadButton"}]
        for place in places:
            many = getattr(function.inputs[place], "file_count", "single") == "multiple"
            for what in forged(secret, hosted.canary):
                data = [getattr(c, "value", None) for c in function.inputs]
                data[place] = [what] if many else what
                response = called(hosted, number, data)
                read = '"success": true' in response.replace('":true', '": true')
                assert not read or not names_a_file(what), (function.api_name, kinds[place], what)
                assert SECRET not in response
                assert "Traceback" not in response
                tried += 1
        if places and len(kinds) > 1:
            data = [None] * len(kinds)
            data[-1] = named(hosted.canary)
            assert SECRET not in called(hosted, number, data)
    assert tried > 50
    assert not hosted.asked, "the server fetched an address it was given"


def test_the_named_endpoints_over_plain_http(hosted, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_text(SECRET)
    information = json.load(urllib.request.urlopen(f"{hosted.url}gradio_api/info"))
    for name, endpoint in information["named_endpoints"].items():
        parameters = endpoint["parameters"]
        data = [p.get("parameter_default") for p in parameters]
        for what in (str(secret), "/etc/passwd", f"file://{secret}", hosted.canary):
            many = parameters[0]["component"] == "File"
            data[0] = [named(what)] if many else named(what)
            event = ask(f"{hosted.url}gradio_api/call{name}", {"data": data})["event_id"]
            with urllib.request.urlopen(f"{hosted.url}gradio_api/call{name}/{event}") as response:
                text = response.read().decode()
            assert "event: error" in text
            assert "event: complete" not in text
            assert str(secret) not in text or what in text
    assert not hosted.asked


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file=/etc/passwd",
        "gradio_api/file=../../../../etc/passwd",
        "gradio_api/file=..%2f..%2f..%2fetc%2fpasswd",
        "gradio_api/file=file:///etc/passwd",
        "file=/etc/passwd",
        "gradio_api/file=@canary",
        "gradio_api/file=%20@canary",
        "gradio_api/file=HTTP@rest",
        "gradio_api/proxy=@canary",
        "static/../../../../etc/passwd",
        "assets/..%2f..%2f..%2fetc%2fpasswd",
    ],
)
def test_nothing_else_is_served_or_fetched(hosted, path):
    path = path.replace("@canary", hosted.canary).replace("@rest", hosted.canary[4:])
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(hosted.url + path)
    assert 400 <= caught.value.code < 500
    assert not hosted.asked


def test_what_counts_as_fetching():
    for path in (
        "/gradio_api/file=http://a/b",
        "/file= https://a",
        "/proxy=x",
        "/file=ftp:/a",
        "/file/http:/a",
    ):
        assert guard.fetches(path)
    for path in (
        "/gradio_api/file=/tmp/a:b/c.png",
        "/file=C:\\Temp\\a.png",
        "/file=/a/proxy=1.png",
        "/config",
        "/",
    ):
        assert not guard.fetches(path)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is large and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.svg", b'<svg xmlns="x"><image href="file:///etc/passwd"/></svg>', "SVG drawing"),
        ("x.png", b'<?xml version="1.0"?><svg><image href="http://127.0.0.1/"/></svg>', "SVG"),
        ("bomb.png", png_of(100_000, 100_000), "megapixels"),
        ("long.png", png_of(2**31 - 1, 1), "megapixels"),
        ("x.jpg", b"PK\x03\x04" + bytes(100), "not a picture"),
        ("x.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        ("x.jpg", b"<!doctype html><script>alert(1)</script>", "not a picture"),
        ("cut.png", png_of(100, 100), "damaged|cut short"),
    ],
)
def test_hostile_pictures_get_a_sentence(mobile, tmp_path, name, content, words):
    studio = Studio(Settings(), tmp_path / "files", lambda key: mobile)
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PhotoError, match=words) as caught:
        studio.open(path, "ann")
    assert str(caught.value).endswith(".")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_of_a_film_the_first_frame_is_used_and_that_is_said(mobile, tmp_path, photographs, format):
    first = Image.fromarray(photographs["chelsea"]).convert("L").resize((90, 60))
    path = tmp_path / f"film.{format.lower()}"
    first.save(path, format, save_all=True, append_images=[first.rotate(90)] * 2, lossless=True)
    path.write_bytes(path.read_bytes() + b"PK\x03\x04")  # and what follows it is never read
    studio = Studio(Settings(), tmp_path / "files", lambda key: mobile)
    chosen = studio.open(path, "ann")
    assert (chosen.width, chosen.height) == (90, 60)
    assert chosen.notes == ("Only the first frame is used.",)


# --- visitors ---------------------------------------------------------------------------------------


def test_eight_visitors_in_turn(hosted, tmp_path, photographs, mobile):
    """Each gets the own picture, sees a place in the queue, and leaves nothing elsewhere."""
    paths, ranks, results = [], [], {}
    for i in range(EIGHT):
        paths.append(tmp_path / f"visitor{i}.png")
        picture = Image.fromarray(photographs["chelsea"]).convert("L").rotate(3 * i)
        picture.resize((60 + i, 50)).save(paths[i])

    def visit(i: int) -> None:
        folder = tmp_path / f"got{i}"
        client = Client(hosted.url, verbose=False, download_files=str(folder), **SLOWLY)
        job = client.submit(handle_file(paths[i]), api_name="/colorize")
        while not job.done():
            rank = job.status().rank
            if rank:
                ranks.append(rank)
            time.sleep(0.05)
        results[i] = job.result()

    threads = [threading.Thread(target=visit, args=(i,)) for i in range(EIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(results) == EIGHT
    for i, path in enumerate(paths):
        got = np.asarray(Image.open(results[i]))
        assert np.array_equal(got, np.asarray(mobile.colorize(path)))
    assert len(set(ranks)) > 2, "nobody was told a place in the queue"
    assert not [f for folder in hosted.elsewhere for f in folder.rglob("*") if f.is_file()]


def test_a_full_queue_is_told(hosted, photo_file):
    upload = photo_file("queue.png", side=40)
    client = Client(hosted.url, verbose=False, **SLOWLY)
    sent = client.predict  # uploads once, and shows that the page answers
    sent(handle_file(upload), api_name="/colorize")
    (stored,) = [p for p in hosted.cache.rglob("queue.png")][:1]
    information = json.load(urllib.request.urlopen(f"{hosted.url}gradio_api/info"))
    parameters = information["named_endpoints"]["/colorize"]["parameters"]
    data = [named(str(stored)), *(p["parameter_default"] for p in parameters[1:])]
    events, refused = [], []
    for _ in range(QUEUE * 3):
        try:
            events.append(ask(f"{hosted.url}gradio_api/call/colorize", {"data": data})["event_id"])
        except urllib.error.HTTPError as error:
            refused.append((error.code, error.read().decode()))
    assert len(refused) >= QUEUE
    assert {code for code, _ in refused} <= {429, 503}
    assert all("full" in words for _, words in refused)
    for event in events:  # those that were taken are served
        with urllib.request.urlopen(f"{hosted.url}gradio_api/call/colorize/{event}") as response:
            assert b"event: complete" in response.read()


def test_an_upload_over_the_limit_is_refused(hosted):
    limit = hosted.demo.max_file_size
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    body = head + bytes(limit + 1) + b"\r\n--x--\r\n"
    request = urllib.request.Request(
        f"{hosted.url}gradio_api/upload", body, {"Content-Type": "multipart/form-data; boundary=x"}
    )
    with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as caught:
        urllib.request.urlopen(request)
    assert getattr(caught.value, "code", 413) == 413
    assert not [p for p in hosted.cache.rglob("*") if p.is_file() and p.stat().st_size > limit]


def test_the_page_is_sent_compressed_and_pictures_as_they_are(hosted):
    packed, plain = {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "identity"}
    for path in ("/", "/config"):
        page = httpx.get(hosted.url.rstrip("/") + path, headers=packed, timeout=60)
        assert page.headers["content-encoding"] == "gzip"
        assert int(page.headers["content-length"]) < len(page.content) / 4
        same = httpx.get(hosted.url.rstrip("/") + path, headers=plain, timeout=60)
        assert "content-encoding" not in same.headers
    example = next(p for p in guard.shown_files(hosted.demo) if p.endswith("-small.jpg"))
    picture = httpx.get(f"{hosted.url.rstrip('/')}/gradio_api/file={example}", headers=packed)
    assert picture.status_code == 200
    assert "content-encoding" not in picture.headers


# --- forgetting -------------------------------------------------------------------------------------


def test_what_was_sent_is_forgotten_and_the_examples_stay(hosted, photo_file):
    client = Client(hosted.url, verbose=False, **SLOWLY)
    client.predict(handle_file(photo_file("forget-me.png", side=40)), api_name="/colorize")
    kept = guard.shown_files(hosted.demo)
    assert kept
    assert [p for p in hosted.cache.rglob("forget-me*")]
    assert guard.sweep(hosted.cache, 3600, 2**40, kept) == 0
    later = time.time() + 3601
    assert guard.sweep(hosted.cache, 3600, 2**40, kept, later) > 1
    left = {str(p) for p in hosted.cache.rglob("*") if p.is_file()}
    assert left == {str(Path(p)) for p in kept if Path(p).is_file()}
    assert any("examples" in path for path in left)


def test_a_cache_that_grows_too_large_loses_its_oldest(tmp_path):
    for i in range(4):
        (tmp_path / f"{i}").mkdir()
        (tmp_path / f"{i}" / "file").write_bytes(bytes(1000))
    assert guard.sweep(tmp_path, 3600, 2000) == 0  # just written: spared
    later = time.time() + guard.SPARED + 1
    assert guard.sweep(tmp_path, 3600, 2000, now=later) == 2
    assert sorted(p.parent.name for p in tmp_path.rglob("file")) == ["2", "3"]


@pytest.mark.parametrize(
    "data",
    [
        [{"path": "/etc/passwd"}],
        [[{"a": {"path": "http://127.0.0.1/x"}}]],
        [{"path": "file:///etc/passwd", "meta": {"_type": "gradio.FileData"}}],
    ],
)
def test_files_are_refused_however_deep(data, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with pytest.raises(gr.Error, match="Send the file itself"):
        guard.refuse_other_files(data)
    guard.refuse_other_files([None, 3, "/etc/passwd", {"path": str(tmp_path / "a.png")}])


def test_a_client_that_leaves_while_it_sends_is_no_fault():
    """Nothing is raised into the server, which would write a traceback into its log."""
    from starlette.requests import ClientDisconnect, Request

    from colorizer.ui.server.guard import NoFetching

    async def app(scope, receive, send):
        await Request(scope, receive).body()

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        raise AssertionError(message)

    scope = {"type": "http", "path": "/upload", "method": "POST", "headers": []}
    with pytest.raises(ClientDisconnect):
        anyio.run(app, scope, receive, send)
    anyio.run(NoFetching(app), scope, receive, send)
