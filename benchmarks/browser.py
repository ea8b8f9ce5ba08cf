"""The page that needs no server, beside the Python product: bytes, seconds, memory.

    python -m benchmarks.browser            # prints Markdown tables

Headless Chromium opens the built page from plain files, without WebGPU and with one thread, then
does what a visitor does; Python does the same in this process, right after.  Seconds are medians,
and the ratios are of processor time, all of Chromium's processes together.
A telephone's processor is taken as four times slower, so the first photograph of a new tab of its
size counts four times (Chromium's own emulation slows the page, but not the worker that works).
Its owner takes a moment to choose a photograph; what the page does meanwhile is not counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import skimage.data
from PIL import Image

import colorizer
from tests.support.static import LITE, files

SIZES = {2: (1680, 1200), 12: (4032, 3024)}
PATIENCE = 300_000  # ms
PREVIEW = 950  # px: the longer side of the stage at this width
SMALL_PICTURES = 4  # seconds that the samples' small pictures may take
CHOOSING = 4  # seconds that a person takes to choose a photograph
SLOWER = 4  # times: a telephone's processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--chromium", default=shutil.which("chromium"), metavar="PATH")
    options = parser.parse_args()
    approach = json.loads((LITE / "model" / "colorizer.json").read_text())["approach"]
    with tempfile.TemporaryDirectory() as folder, files() as url:
        photos = {size: photograph(Path(folder), size) for size in SIZES}
        page, memory, phone = in_browser(url, photos, Path(folder), options)
        python = in_python(approach, photos, options.runs)
    report(page, python, memory, phone)


def photograph(folder: Path, megapixels: int) -> Path:
    """A real photograph in grey, enlarged, as JPEG."""
    path = folder / f"{megapixels}.jpg"
    image = Image.fromarray(skimage.data.astronaut()).convert("L").resize(SIZES[megapixels])
    image.save(path, quality=92)
    return path


class Clock:
    """Wall-clock seconds, and seconds of processor time: what else runs slows only the former."""

    def __init__(self, processor: Callable[[], float]) -> None:
        self._processor = processor

    def __call__(self, work: Callable[[], object]) -> tuple[float, float]:
        wall, processor = time.perf_counter(), self._processor()
        work()
        return time.perf_counter() - wall, self._processor() - processor


def processes(browser) -> list[dict]:
    """Chromium's processes: id, type, cpuTime in seconds."""
    return browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]


def in_browser(url: str, photos: dict[int, Path], folder: Path, options: argparse.Namespace):
    """(seconds by task, megabytes, seconds on a telephone) of the page in Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        timed = Clock(lambda: sum(p["cpuTime"] for p in processes(browser)))
        tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        tab.set_default_timeout(PATIENCE)
        seconds = {"ready": timed(lambda: visit(tab, url))}
        opened, turned = [], []
        for _ in range(options.runs):
            opened.append(timed(lambda: open_photo(tab, photos[2])))
            time.sleep(SMALL_PICTURES)
            turned.append(timed(lambda: turn_knob(tab)))
        seconds |= {"first": middle(opened), "knob": middle(turned)}
        open_photo(tab, photos[12])
        time.sleep(SMALL_PICTURES)
        seconds["save"] = timed(lambda: save(tab, folder / "saved.png"))
        memory = tab_memory(browser)
        tab.context.close()

        tab = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
        tab.set_default_timeout(PATIENCE)
        visit(tab, url)
        time.sleep(CHOOSING / SLOWER)
        phone = timed(lambda: open_photo(tab, photos[2]))
        browser.close()
    return seconds, memory, (SLOWER * phone[0], SLOWER * phone[1])


def middle(times: list[tuple[float, float]]) -> tuple[float, float]:
    wall, processor = (statistics.median(values) for values in zip(*times, strict=True))
    return wall, processor


def visit(tab, url: str) -> None:
    tab.goto(url)
    tab.wait_for_selector("html[data-backend]")


def open_photo(tab, path: Path) -> None:
    tab.evaluate("() => { document.querySelector('#stage').dataset.state = 'empty'; }")
    tab.set_input_files("#file", path)
    tab.wait_for_selector('#stage[data-state="color"]')


def turn_knob(tab) -> None:
    value = tab.evaluate(
        """() => {
            const slider = document.querySelector("#knob-temperature");
            slider.value = String(Number(slider.value) > 0.7 ? 0.4 : 0.9);
            document.querySelector("#stage").dataset.state = "grey";
            slider.dispatchEvent(new Event("input"));
            return slider.value;
        }"""
    )
    assert value
    tab.wait_for_selector('#stage[data-state="color"]')


def save(tab, path: Path) -> None:
    with tab.expect_download() as download:
        tab.click("#png")
    download.value.save_as(path)


def tab_memory(browser) -> float:
    """Megabytes that the tab's process held at most (Linux)."""
    pids = [info["id"] for info in processes(browser) if info["type"] == "renderer"]
    peaks = []
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text()
        peaks.append(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024)
    return max(peaks)


def in_python(approach: str, photos: dict[int, Path], runs: int) -> dict[str, tuple]:
    """(wall, processor) seconds of the same tasks by the Python product."""
    timed = Clock(lambda: sum(os.times()[:4]))
    code = f"import colorizer; colorizer.load({approach!r})"
    seconds = {"ready": timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))}
    model = colorizer.load(approach)
    kept: list = []
    opened, turned = [], []
    for _ in range(runs):
        opened.append(timed(lambda: kept.append(first_colour(model, photos[2]))))
        turned.append(timed(lambda: kept[-1].colorize(temperature=0.4, max_side=PREVIEW)))
    seconds |= {"first": middle(opened), "knob": middle(turned)}
    analysis = model.analyze(photos[12])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "saved.png"
        seconds["save"] = timed(lambda: analysis.colorize().save(path, compress_level=4))
    return seconds


def first_colour(model: colorizer.Colorizer, path: Path) -> colorizer.Analysis:
    analysis = model.analyze(path)
    analysis.colorize(max_side=PREVIEW)
    return analysis


def report(page: dict, python: dict, memory: float, phone: tuple[float, float]) -> None:
    """Print the tables."""
    first = [p for p in LITE.rglob("*") if p.is_file() and "jspi" not in p.name]
    # Fonts, pictures and the runtime are compressed already.
    packed = {p: len(gzip.compress(p.read_bytes(), 6)) for p in first}
    wire = sum(min(p.stat().st_size, packed[p]) for p in first) / 1e6
    network = packed[LITE / "model" / "network.onnx"] / 1e6
    print(f"The first visit brings {wire:.1f} MB with compression, {network:.1f} MB of it weights.")
    print(f"The tab's process held at most {memory:.0f} MB, 12 megapixels saved among its work.\n")
    print("| seconds, and of processor time | in the browser | limit | in Python | ratio |")
    print("|---|---|---|---|---|")
    rows = (
        ("ready, from files on the same machine", "ready", None),
        ("first colour of 2 megapixels", "first", 1.5),
        ("another temperature", "knob", 0.25),
        ("12 megapixels saved as PNG", "save", 6.0),
    )
    for title, key, limit in rows:
        ratio = page[key][1] / python[key][1]
        cells = (f"{wall:.2f}, {cpu:.2f}" for wall, cpu in (page[key], python[key]))
        print(f"| {title} | {next(cells)} | {limit or '–'} | {next(cells)} | {ratio:.1f} |")
    wall, cpu = phone
    print(f"| the first on a telephone (390 px, 4× slower) | {wall:.2f}, {cpu:.2f} | 6.0 | – | – |")


if __name__ == "__main__":
    main()
