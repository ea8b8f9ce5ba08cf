"""Does the page's memory stay bounded?  ``python -m benchmarks.memory`` prints a table.

Serves the page in a process of its own and sends it many different photographs through its
endpoint ``/colorize``, first from one visitor, then, to a fresh page, from eight and from sixteen
at once.  The last row counts results that belong to another visitor's photograph.  Memory is that
of the server's process, so this needs Linux.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from colorizer.images.photo import read

from .common import resident

ROOT = Path(__file__).resolve().parent.parent
VISITORS = (1, 8, 16)
SAME = 2.0  # L*, mean: a result of another photograph is farther away
PATIENCE = 600  # seconds for the page to come up


@contextmanager
def served(folder: Path):
    """(address, process) of a page whose cache is ``folder``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "GRADIO_TEMP_DIR": str(folder),
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    url, deadline = f"http://127.0.0.1:{port}/", time.monotonic() + PATIENCE
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=10).close()
                break
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("The page did not come up.") from None
                time.sleep(1)
        yield url, process
    finally:
        process.terminate()
        process.wait(60)


def held(process: subprocess.Popen) -> float:
    """Megabytes that the server holds in memory now."""
    megabytes = resident(process.pid)
    if not megabytes:
        raise SystemExit("The server has ended.")
    return megabytes


def stored(folder: Path) -> float:
    """Megabytes of files below ``folder``."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 2**20


def photograph(number: int, megapixels: float, folder: Path) -> Path:
    """A photograph unlike the others, as a JPEG."""
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    base = Image.fromarray(skimage.data.astronaut()).convert("L").rotate(number * 1.7)
    pixels = np.asarray(base.resize((width, width * 3 // 4))).astype(int) + number % 40
    path = folder / f"photograph-{number}.jpg"
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return path


def is_of(result: Path, photograph: Path) -> bool:
    """True if the lightness of a result is that of the photograph."""
    made, sent = read(result), read(photograph)
    return made.size == sent.size and abs(made.lightness - sent.lightness).mean() < SAME


def run(
    visitors: int, count: int, megapixels: float, rows: int
) -> tuple[list[tuple[int, float, float]], int]:
    """(photographs so far, megabytes of memory, megabytes of files), ``rows`` times and before; and
    the number of results that were another photograph's."""
    from gradio_client import Client, handle_file

    with tempfile.TemporaryDirectory() as place:
        cache, photographs, results = (Path(place) / name for name in ("cache", "in", "out"))
        for folder in (cache, photographs, results):
            folder.mkdir()
        with served(cache) as (url, process):
            found = [(0, held(process), stored(cache))]
            clients = [
                Client(
                    url,
                    verbose=False,
                    download_files=str(results),
                    httpx_kwargs={"timeout": PATIENCE},
                )
                for _ in range(visitors)
            ]
            numbers, lock = iter(range(count)), threading.Lock()
            each, done, mixed = max(count // rows, 1), [0], [0]

            def work(client: Client) -> None:
                while True:
                    with lock:
                        number = next(numbers, None)
                    if number is None:
                        return
                    path = photograph(number, megapixels, photographs)
                    result = client.predict(handle_file(path), api_name="/colorize")
                    own = is_of(Path(result), path)
                    Path(result).unlink()
                    path.unlink()
                    with lock:
                        mixed[0] += not own
                        done[0] += 1
                        if done[0] % each == 0:
                            found.append((done[0], held(process), stored(cache)))

            threads = [threading.Thread(target=work, args=(client,)) for client in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return found, mixed[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=int, default=200)
    parser.add_argument("--megapixels", type=float, default=2.0)
    parser.add_argument("--rows", type=int, default=10)
    arguments = parser.parse_args()
    columns = [
        run(n, arguments.photographs, arguments.megapixels, arguments.rows) for n in VISITORS
    ]
    print(f"Photographs of {arguments.megapixels:g} megapixels, one after the other:\n")
    heads = [f"{n} visitor{'s' if n > 1 else ''}" for n in VISITORS]
    print("| photographs | " + " | ".join(f"memory, {h} | files, {h}" for h in heads) + " |")
    print("|" + "---|" * (1 + 2 * len(VISITORS)))
    for row in zip(*(found for found, _ in columns), strict=False):
        cells = " | ".join(f"{memory:.0f} MB | {files:.0f} MB" for _, memory, files in row)
        print(f"| {row[0][0]} | {cells} |")
    print(
        "| mixed up | "
        + " | ".join(f"{mixed} of {arguments.photographs} | " for _, mixed in columns)
        + "|"
    )


if __name__ == "__main__":
    main()
