"""Time the page's responses: ``python -m benchmarks.page``.

Starts the page in a process of its own and asks it what its visitors ask it, each in a session of
their own: first colour after a 2-megapixel upload, a knob's answer, and the same for 1, 4, 8 and 16
visitors at once (who are served in turn).  Then many photographs, to see whether memory stays
bounded.  Events are those that a browser sends, over HTTP; what is left out is the browser's own
drawing.

    python -m benchmarks.page                      # prints Markdown tables
    python -m benchmarks.page --photographs 200    # memory over so many photographs
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

SERVER = """
import sys, threading
from colorizer.ui import page
from colorizer.ui.server.settings import Settings
settings = Settings()
demo = page.build(settings)
_, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1",
                        **page.launch_options(settings))
print(url, flush=True)
threading.Event().wait()
"""
CLIENTS = (1, 4, 8, 16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="photographs of each visitor")
    parser.add_argument("--photographs", type=int, default=0, help="also: memory over so many")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": folder,
        }
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            url = server.stdout.readline().strip()
            report(url, server.pid, Path(folder), options)
        finally:
            server.terminate()
            server.wait()


def report(url: str, process: int, folder: Path, options: argparse.Namespace) -> None:
    visit(url, photograph(folder, 0, (400, 300)))  # loads the weights
    rows = []
    for clients in CLIENTS:
        pictures = [[photograph(folder, 100 * c + i) for i in range(options.runs)]
                    for c in range(clients)]  # fmt: skip
        visits: list[list[tuple[float, float, float]]] = [[] for _ in range(clients)]
        together(clients, lambda c, a=visits, p=pictures: a[c].extend(visit(url, f) for f in p[c]))
        first, knob, sample = zip(*(times for one in visits for times in one), strict=True)
        rows.append((clients, *map(median_and_most, (first, knob, sample))))
    print("Seconds (median, longest) for photographs of 2 megapixels:\n")
    print("| visitors at once | first colour after upload | a knob's answer | another sample |")
    print("|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    if options.photographs:
        print(f"\nMemory of the server in MB over {options.photographs} photographs:\n")
        print("| visitors at once | before | after a quarter | at the end |")
        print("|---|---|---|---|")
        for clients in (1, 8):
            print(
                "| " + " | ".join(map(str, growth(url, process, folder, clients, options))) + " |"
            )


def growth(
    url: str, process: int, folder: Path, clients: int, options: argparse.Namespace
) -> tuple[int, ...]:
    """(visitors, memory before, after a quarter of the photographs, at the end)."""
    cells = [clients, memory(process)]
    quarter = max(1, options.photographs // 4)
    for start, count in ((0, quarter), (quarter, options.photographs - quarter)):
        share = range(start, start + count)

        def work(client: int, share: range = share) -> None:
            for i in share[client::clients]:
                visit(url, photograph(folder, 10_000 * clients + i, (1200, 900)))

        together(clients, work)
        cells.append(memory(process))
    return tuple(cells)


def together(count: int, work: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Visitor:
    """One browser tab, as far as the server can tell: uploads, and events of components."""

    def __init__(self, url: str) -> None:
        self.url, self.session = f"{url}gradio_api/", secrets.token_hex(8)
        with urllib.request.urlopen(f"{url}config") as response:
            config = json.load(response)
        self.components = {c["id"]: c["props"] for c in config["components"]}
        self.events = {
            (self.components[target].get("elem_id"), kind): event
            for event in config["dependencies"]
            for target, kind in event["targets"]
            if target in self.components
        }

    def upload(self, path: Path) -> dict[str, object]:
        body = (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="%b"\r\n\r\n%b'
            b"\r\n--x--\r\n" % (path.name.encode(), path.read_bytes())
        )
        (stored,) = self._ask(
            f"upload?upload_id={self.session}", body, "multipart/form-data; boundary=x"
        )
        return {"path": stored, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def trigger(self, elem_id: str, kind: str, **values: object) -> None:
        """Lets a component's event happen and waits for its answer; values by element id."""
        event = self.events[elem_id, kind]
        data = []
        for number in event["inputs"]:
            props = self.components[number]
            name = (props.get("elem_id") or "").replace("-", "_")
            data.append(values.get(name, props.get("value")))
        call = {"data": data, "fn_index": event["id"], "session_hash": self.session}
        number = self._ask("queue/join", json.dumps(call).encode(), "application/json")["event_id"]
        with urllib.request.urlopen(f"{self.url}queue/data?session_hash={self.session}") as stream:
            for line in stream:
                message = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if message.get("event_id") == number and message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"{elem_id}: {message['output']}")
                    return
        raise RuntimeError(f"{elem_id}: no answer")

    def _ask(self, path: str, body: bytes, kind: str) -> object:
        call = urllib.request.Request(self.url + path, body, {"Content-Type": kind})
        with urllib.request.urlopen(call) as response:
            return json.load(response)


def visit(url: str, path: Path) -> tuple[float, float, float]:
    """Seconds until the first colour, the answer of a knob, and another sample."""
    visitor = Visitor(url)
    start = time.perf_counter()
    visitor.trigger("photo", "upload", photo=visitor.upload(path))
    first = time.perf_counter()
    visitor.trigger("colorize-temperature", "input", colorize_temperature=0.3)
    knob = time.perf_counter()
    visitor.trigger("another", "click")
    return first - start, knob - first, time.perf_counter() - knob


def photograph(folder: Path, number: int, size: tuple[int, int] = (1680, 1200)) -> Path:
    """A photograph that the server has not seen: a real one with grain of its own."""
    import skimage.data

    path = folder / f"benchmark-{number}.jpg"
    grain = np.random.default_rng(number).normal(0, 4, (size[1], size[0]))
    image = Image.fromarray(skimage.data.astronaut()).convert("L").resize(size)
    Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8)).save(path)
    return path


def median_and_most(times: tuple[float, ...]) -> str:
    return f"{statistics.median(times):.2f}, {max(times):.2f}"


def memory(process: int) -> int:
    """Resident memory of a process in MB (Linux)."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024


if __name__ == "__main__":
    main()
