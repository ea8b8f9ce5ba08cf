"""The built files: what they are made from, and how they are served."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from colorizer import checkpoints
from colorizer.ui.server import lite
from tests.support.static import LITE

ROOT = Path(__file__).parents[2]


def test_the_page_ships_the_weights_that_the_product_has(about):
    """If this fails, build the page again: web/README.md has the command."""
    weights = checkpoints.find(about["approach"]) / checkpoints.WEIGHTS
    assert about["weights"]["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    for file in about["files"].values():
        data = (LITE / "model" / file["name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"]


def test_a_first_visit_is_small():
    first = [p for p in LITE.rglob("*") if p.is_file() and "jspi" not in p.name]
    assert sum(p.stat().st_size for p in first) < 12e6


def test_nothing_of_another_host_is_named_in_the_page():
    for path in (LITE / "index.html", *LITE.glob("assets/index-*"), *LITE.glob("assets/worker*")):
        text = path.read_text(encoding="utf-8")
        assert "//cdn" not in text
        assert "jsdelivr" not in text


def test_every_text_stands_in_one_file_and_is_used():
    web = ROOT / "web"
    words = json.loads((web / "src" / "words.json").read_text(encoding="utf-8"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in web.glob("src/**/*.ts"))
    html = (web / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'data-(?:text|label)="([^"]*)"', html))
    assert named <= words.keys()
    # `example_${name}` and the like stand for all words that begin and end so.
    patterns = [
        ".+".join(map(re.escape, re.split(r"\$\{\w+\}", said)))
        for said in re.findall(r"say\(`([^`]*)`\)", code)
    ]
    for key in words:
        named_so = any(re.fullmatch(pattern, key) for pattern in patterns)
        assert key in named or f'"{key}"' in code or named_so, f"{key} is used nowhere"
    inside = re.findall(r">([^<>]*)<", html.split("<body>")[1])
    assert not "".join(inside).replace("Color", "").replace("izer", "").strip()


def test_the_gradio_app_serves_it_isolated():
    client = TestClient(Starlette(routes=lite.routes()))
    page = client.get("/lite")
    assert page.url.path == "/lite/"
    assert page.status_code == 200
    assert "On this device" in page.text or "on this device" in page.text
    assert page.headers["cross-origin-embedder-policy"] == "require-corp"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert client.get("/lite/model/colorizer.json").json()["format"] == 2
    script = client.get("/lite/ort/ort-wasm-simd-threaded.mjs")
    assert script.headers["content-type"].startswith("text/javascript")
    runtime = client.get("/lite/ort/ort-wasm-simd-threaded.wasm.gz")
    assert "content-encoding" not in runtime.headers
    again = client.get(
        "/lite/sw.js", headers={"if-none-match": client.get("/lite/sw.js").headers["etag"]}
    )
    assert again.status_code == 304
    assert client.get("/lite/../server/lite.py").status_code == 404


def test_the_service_worker_knows_every_file():
    text = (LITE / "sw.js").read_text(encoding="utf-8")
    for path in LITE.rglob("*"):
        if path.is_file() and path.name != "sw.js":
            assert json.dumps(path.relative_to(LITE).as_posix()) in text


@pytest.mark.process
def test_the_node_example_of_the_documentation_colours_a_photograph(tmp_path, product):
    node = shutil.which("node")
    if not node or not (ROOT / "web" / "node_modules").is_dir():
        pytest.skip("needs Node and `npm ci` in web/")
    example = ROOT / "docs" / "examples" / "colorize.mjs"
    here = ROOT / "web" / "node_modules" / ".example.mjs"  # where Node finds its packages
    photo, output = tmp_path / "photo.png", tmp_path / "color.png"
    Image.fromarray(skimage.data.coffee().mean(-1).astype(np.uint8)).save(photo)
    shutil.copy(example, here)
    try:
        done = subprocess.run(
            [node, here, LITE / "model", photo, output],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    finally:
        here.unlink()
    assert done.returncode == 0, done.stderr
    given = np.asarray(Image.open(output).convert("RGB")).astype(int)
    expected = np.asarray(product.colorize(photo)).astype(int)
    assert given.shape == expected.shape
    assert np.abs(given - expected).mean() < 3
    lines = [line.strip() for line in example.read_text().splitlines()]
    assert len([line for line in lines if line and not line.startswith("//")]) <= 30
