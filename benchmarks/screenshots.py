"""Pictures of the page: ``python -m benchmarks.screenshots --output docs/screenshots``.

Starts the page in this process, opens an example (or ``--photo``) in a headless Chromium and
writes ``TAB-WIDTH-SCHEME.png`` for every tab, at the width of a desk and of a telephone, light and
dark.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

# Width and height of the window, in CSS pixels.
WINDOWS = ((1280, 800), (390, 844))
SCHEMES = ("light", "dark")
# What has to be there before a tab is complete.
READY = {
    "Colorize": "#stage img:nth-of-type(2)",
    "Compare": "#compare .cell:last-child img",
    "Sample": "#samples .cell:last-child img",
    "Sweep": "#sweep tr:last-child td:last-child img",
    "Inspect": "#inspect-reading table",
    "Steer": "#steer-photo img",
}
PATIENCE = 120_000  # ms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--photo", type=Path, help="a photograph to show instead of the example")
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
    from colorizer.ui.settings import Settings

    settings = Settings()
    demo = page.build(settings)
    options = page.launch_options(settings)
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **options)
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
                shoot(window.new_page(), url, f"{width}-{scheme}", arguments)
                window.close()
        browser.close()
    demo.close()
    return 0


def shoot(tab, url: str, name: str, arguments: argparse.Namespace) -> None:
    """Every tab of the page, one window size and colour scheme."""
    tab.set_default_timeout(PATIENCE)
    tab.goto(url)
    tab.locator(READY["Colorize"]).wait_for()
    if arguments.photo:
        tab.set_input_files("#photo input[type=file]", arguments.photo)
        tab.locator("#caption", has_text=arguments.photo.stem).wait_for()
    for title, ready in READY.items():
        tab.get_by_role("tab", name=title).click()
        tab.locator(ready).wait_for()
        tab.wait_for_timeout(800)  # the last fade
        path = arguments.output / f"{title.lower()}-{name}.png"
        tab.screenshot(path=path, full_page=True)
        print(path)


if __name__ == "__main__":
    sys.exit(main())
