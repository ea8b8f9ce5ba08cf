"""docs/add-an-approach.md, followed to the letter in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from colorizer import checkpoints
from colorizer.models.encoders import mobilenet

pytestmark = pytest.mark.training

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "add-an-approach.md"
LAST_ENTRY = re.compile(r"\n\)\n\Z")

# What a person does after the three files are there, in one process because importing is slow.
STEPS = """
import json, sys
from colorizer import checkpoints, cli
from colorizer.approaches import get
from train import evaluate, huber
from train.publish import card

photos, encoder = sys.argv[1:]
more = ["--photos", photos, "--validation", photos, "--encoder", encoder, "--steps", "6"]
more += ["--size", "64", "--batch-size", "4", "--warmup", "1", "--evaluate-every", "3"]
huber.main([*more, "--precision", "no", "--cache", "cache", "--output", "checkpoints/huber"])
cli.main(["photo.png", "--approach", "huber"])
options = ["--photos", photos, "--size", "64", "--cache", "cache", "--prior", "prior.npy"]
evaluate.main([*options, "--approach", "huber", "--record", "few"])
card.main(["checkpoints/huber"])
shipped = [a.key for a in checkpoints.shipped()]
print(json.dumps({"shipped": shipped, "title": get("huber").title}))
"""


def files() -> dict[str, str]:
    """The tutorial's Python blocks by the path in their first line."""
    blocks = re.findall(r"^```python\n# (\S+)\n(.*?)^```$", TUTORIAL.read_text(), re.M | re.S)
    return dict(blocks)


@pytest.fixture
def copy(tmp_path, photo_file) -> Path:
    """The project without its weights, with the three steps done."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("colorizer", "train", "benchmarks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    made = files()
    assert list(made) == [
        "colorizer/models/huber.py",
        "colorizer/approaches/entries.py",
        "train/huber.py",
    ]
    registry = (tmp_path / "colorizer/approaches/entries.py").read_text(encoding="utf-8")
    entry = made.pop("colorizer/approaches/entries.py")
    found, count = LAST_ENTRY.subn(lambda end: f"\n{entry.rstrip()}{end[0]}", registry)
    assert count == 1
    (tmp_path / "colorizer/approaches/entries.py").write_text(found, encoding="utf-8")
    for path, text in made.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    torch.manual_seed(0)
    state = {f"features.{k}": v for k, v in mobilenet.features().state_dict().items()}
    save_file(state, tmp_path / "encoder.safetensors")
    np.save(tmp_path / "prior.npy", np.full(313, 1 / 313))
    photo_file("photo.png", side=96)
    return tmp_path


def test_following_the_tutorial_gives_an_approach_that_works_everywhere(copy, halves_zip):
    environment = os.environ | {"PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    environment.pop("COLORIZER_CHECKPOINTS", None)
    done = subprocess.run(
        [sys.executable, "-c", STEPS, str(halves_zip), "encoder.safetensors"],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"shipped": ["huber"], "title": "Huber"}
    assert (copy / "photo-color.png").stat().st_size > 1000
    config, _ = checkpoints.load_weights(copy / "checkpoints" / "huber")
    assert config["training"][-1]["script"] == "huber"
    text = (copy / "checkpoints" / "huber" / "README.md").read_text(encoding="utf-8")
    assert "Huber: image colorization" in text
    assert "| huber, default |" in text
