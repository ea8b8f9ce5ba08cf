"""Pictures of the page: ``python -m benchmarks.screenshots --output docs/screenshots``.

Starts the page in this process, opens an example (or ``--photo``) in a headless Chromium and
writes ``TAB-WIDTH-SCHEME.png`` for every tab there is, at the width of a desk, of a tablet and of
a telephone, light and dark.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

# Width and height of the window, in CSS pixels.
WINDOWS = ((1280, 800), (820, 1180), (390, 844))
SCHEMES = ("light", "dark")
SHEETS = {1280: (3, 480), 390: (5, 260)}  # width → columns, width of each picture there
# What has to be there before a tab is complete, where that takes a moment to begin.
READY = {
    "Colorize": "#stage img:nth-of-type(2)",
    "Compare": "#compare .cell:last-child img",
    "Sample": "#samples .cell:last-child img",
    "Sweep": "#sweep tr:last-child td:last-child img",
    "Inspect": "#inspect-reading table",
    "Steer": "#steer-photo img",
}
FIRST = READY["Colorize"]  # the page is there once the first photograph is in colour
PATIENCE = 180_000  # ms

# Until nothing is on its way: no event runs, every picture in sight has come, and nothing in the page
# has changed for so many ms, in which what was done last would have begun.
QUIET = 300
SETTLED = """async () => {
    const begun = performance.now();
    let changed = begun;
    const watch = new MutationObserver(() => (changed = performance.now()));
    watch.observe(document.querySelector('main'), {subtree: true, childList: true, attributes: true});
    const waits = (e) =>
        (e.matches('[data-testid="status-tracker"]:not(.hide)') && e.querySelector('.progress-text, .eta-bar'))
        || (e.tagName === 'IMG' && !e.complete)
        || (e.matches('.waiting') && !e.closest('ul.album'));
    const busy = () => [...document.querySelectorAll('main *')].some((e) => waits(e) && e.checkVisibility());
    while (performance.now() - changed < QUIET || busy()) {
        if (performance.now() - begun > PATIENCE) throw new Error('The page never came to rest.');
        await new Promise((go) => setTimeout(go, 50));
    }
    watch.disconnect();
}""".replace("QUIET", str(QUIET)).replace("PATIENCE", str(PATIENCE))


def tab_names(demo: Any) -> list[str]:
    """The titles of the page's tabs, in their order."""
    parts = demo.config["components"]
    return [part["props"]["label"] for part in parts if part["type"] == "tabitem"]


def open_tab(window: Any, name: str) -> None:
    """Clicks a tab, where there is no room for it in the menu of the others, and waits for it."""
    tab = window.locator("#tabs").get_by_role("tab", name=name, exact=True)
    if tab.count() and tab.first.is_visible():
        tab.first.click()
    else:
        window.get_by_role("button", name="More tabs").click()
        window.locator(".overflow-dropdown button", has_text=name).click()
    if name in READY:
        window.locator(READY[name]).first.wait_for()
    settle(window)


def settle(window: Any) -> None:
    """Waits until the tab shows all that it is going to show."""
    window.evaluate(SETTLED)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--sheets", type=Path, help="folder for a sheet of all tabs per width")
    parser.add_argument("--preview", type=Path, help="file for the picture shown with the address")
    parser.add_argument("--photo", type=Path, help="a photograph to show instead of the example")
    parser.add_argument("--tab", action="append", help="only the tab of this title")
    parser.add_argument(
        "--chromium", default=os.environ.get("CHROMIUM") or shutil.which("chromium")
    )
    arguments = parser.parse_args()
    if not arguments.chromium:
        print("Chromium is needed: install it, or give its path with --chromium.", file=sys.stderr)
        return 1
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("Playwright is needed: pip install -r tests/requirements.txt", file=sys.stderr)
        return 1
    from colorizer.ui import page
    from colorizer.ui.server.settings import Settings

    settings = Settings()
    demo = page.build(settings)
    options = page.launch_options(settings)
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **options)
    if arguments.preview:
        preview(arguments.preview)
    names = arguments.tab or tab_names(demo)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=arguments.chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for width, height in WINDOWS:
            for scheme in SCHEMES:
                window = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                shoot(window.new_page(), url, f"{width}-{scheme}", names, arguments)
                window.close()
        browser.close()
    demo.close()
    if arguments.sheets:
        arguments.sheets.mkdir(parents=True, exist_ok=True)
        for width, (columns, shown) in SHEETS.items():
            pictures = [arguments.output / f"{plain(n)}-{width}-light.png" for n in names]
            sheet(pictures, columns, shown).save(arguments.sheets / f"tabs-{width}.jpg", quality=85)
    return 0


def preview(path: Path, photograph: str = "rocket") -> None:
    """The picture that is shown where the page's address is shared: half grey, half in colour.

    photograph: a function of ``skimage.data``.
    """
    import skimage.data

    import colorizer
    from colorizer.ui.server.identity import PREVIEW_SIZE

    grey = Image.fromarray(getattr(skimage.data, photograph)()).convert("L")
    grey = ImageOps.fit(grey, PREVIEW_SIZE, Image.Resampling.LANCZOS)
    whole = colorizer.load().colorize(grey)
    middle = grey.width // 2
    whole.paste(grey.crop((0, 0, middle, grey.height)).convert("RGB"), (0, 0))
    whole.save(path, quality=85)


def plain(name: str) -> str:
    """A tab's title as part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def sheet(pictures: list[Path], columns: int, width: int, gap: int = 16) -> Image.Image:
    """The tops of several screenshots side by side, each ``width`` pixels wide."""
    tiles = []
    for path in pictures:
        with Image.open(path) as image:
            ratio = min(image.height / image.width, 1.0 if image.width > 800 else 2.2)
            top = image.convert("RGB").crop((0, 0, image.width, round(image.width * ratio)))
            tiles.append(top.resize((width, round(width * ratio)), Image.Resampling.LANCZOS))
    rows = [tiles[i : i + columns] for i in range(0, len(tiles), columns)]
    heights = [max(tile.height for tile in row) for row in rows]
    whole = Image.new(
        "RGB", (columns * (width + gap) - gap, sum(heights) + gap * (len(rows) - 1)), "#bbb"
    )
    for r, row in enumerate(rows):
        for c, tile in enumerate(row):
            whole.paste(tile, (c * (width + gap), sum(heights[:r]) + r * gap))
    return whole


def shoot(
    window: Any, url: str, ending: str, names: list[str], arguments: argparse.Namespace
) -> None:
    """Every tab of the page, one window size and colour scheme."""
    window.set_default_timeout(PATIENCE)
    window.goto(url)
    window.locator(FIRST).wait_for()
    if arguments.photo:
        window.set_input_files("#photo input[type=file]", arguments.photo)
        window.locator("#caption", has_text=arguments.photo.stem).wait_for()
    for name in names:
        open_tab(window, name)
        window.wait_for_timeout(800)  # the last fade
        path = arguments.output / f"{plain(name)}-{ending}.png"
        window.screenshot(path=path, full_page=True)
        print(path)


if __name__ == "__main__":
    sys.exit(main())
