"""Fixtures shared by all tests: real photographs as files, the shipped weights, the browser.

The photographs are those that scikit-image carries in its wheel; nothing is downloaded.
"""

from __future__ import annotations

import os

# Before anything imports them: no usage statistics, no look-ups on the Hub.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

# Workers of pytest-xdist share the cores; PyTorch in each would take all of them.
if "PYTEST_XDIST_WORKER" in os.environ:
    workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "rocket")
ON_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@pytest.fixture(scope="session")
def photographs() -> dict[str, np.ndarray]:
    """Real photographs by name: uint8, (H, W, 3) in colour, and ``camera`` grey (H, W)."""
    return {name: getattr(skimage.data, name)() for name in PHOTOGRAPHS}


@pytest.fixture(scope="session")
def coffee(photographs) -> np.ndarray:
    """A real photograph in colour, made small: (200, 300, 3) uint8."""
    return np.ascontiguousarray(photographs["coffee"][::2, ::2])


@pytest.fixture(scope="session")
def grey(coffee) -> np.ndarray:
    """The same photograph in grey: (200, 300) uint8."""
    return np.asarray(Image.fromarray(coffee).convert("L"))


@pytest.fixture
def photo_file(tmp_path, photographs) -> Callable[..., Path]:
    """``photo_file(path="chelsea.png", photograph="chelsea", grey=True, side=None, **options)``

    Writes a photograph below ``tmp_path`` (folders are made as needed) and returns where it lies.
    ``side`` shrinks the longer side to that many pixels; ``options`` go to Pillow's ``save``.
    """

    def write(
        path: str | os.PathLike = "chelsea.png",
        photograph: str = "chelsea",
        *,
        grey: bool = True,
        side: int | None = None,
        **options,
    ) -> Path:
        image = Image.fromarray(photographs[photograph])
        if grey:
            image = image.convert("L")
        if side is not None:
            image.thumbnail((side, side))
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        image.save(target, **options)
        return target

    return write


@pytest.fixture(scope="session")
def default_model():
    """The default approach with its shipped weights, loaded once."""
    import colorizer

    return colorizer.load()


@pytest.fixture(scope="session")
def mobile():
    """An approach that is quick and can do everything, with its shipped weights, loaded once."""
    import colorizer

    return colorizer.load("mobile")


@pytest.fixture
def call(monkeypatch, capsys):
    """``python -m colorizer …`` in ``cwd``, but in this process: what was printed, and the status.

    Albums start no processes of their own, however slow the computer is.
    """
    from colorizer import cli
    from colorizer.batch import local

    monkeypatch.setattr(local, "START_SECONDS", float("inf"))

    def call(*arguments: str, cwd: Path) -> subprocess.CompletedProcess:
        monkeypatch.chdir(cwd)
        try:
            status = cli.main(arguments)
        except SystemExit as exit_:
            status = exit_.code
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the Chromium that the browser tests drive; CI fails where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing = "the browser tests need Chromium (apt-get install chromium, or CHROMIUM=path)"
        (pytest.fail if ON_CI else pytest.skip)(missing)
    return found


# Tests that take long, by kind; the rest is `fast`.
SLOW = ("browser", "training", "process", "slow")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items) -> None:
    """Mark what drives Chromium as `browser`, and as `fast` whatever has none of the others.

    In a worker of pytest-xdist files with slow tests come first, so that none is left at the end.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if not any(item.get_closest_marker(name) for name in SLOW):
            item.add_marker("fast")
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if not item.get_closest_marker("fast")}
        items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """On CI a skipped browser test is a failed one: what is not run there is run nowhere."""
    report = yield
    if (
        ON_CI
        and report.skipped
        and not hasattr(report, "wasxfail")
        and item.get_closest_marker("browser")
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped on CI: {report.longrepr[-1]}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """The same for a whole file that skips itself, as ``pytest.importorskip`` does."""
    report = yield
    if ON_CI and report.outcome == "skipped" and "playwright" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped on CI: {report.longrepr[-1]}"
    return report


@pytest.fixture(scope="module")
def browser(chromium):
    """A headless Chromium for the tests of one module."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()
