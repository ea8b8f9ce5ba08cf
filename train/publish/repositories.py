"""Repositories of the Hugging Face Hub as folders of files: checkpoints, the page, the lite page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from colorizer import checkpoints

ROOT = checkpoints.CHECKPOINTS.parent
# The page that needs no server, as built from web/.
LITE = ROOT / "colorizer" / "ui" / "lite"
CHECKPOINT_FILES = ("README.md", "config.json", "metrics.json", "model.safetensors")
# What the page needs to run.  Tests, training and benchmarks stay in the source repository.
SPACE_FILES = (
    "app.py",
    "requirements.txt",
    "LICENSE",
    "colorizer/**/*",
    *(f"checkpoints/*/{name}" for name in CHECKPOINT_FILES),
    "checkpoints/*/*.jpg",
)


class PushError(Exception):
    """Nothing, or not everything, could be published; one sentence for a person."""


@dataclass(frozen=True)
class Target:
    """A repository, and the folder whose files shall be in it."""

    repo_id: str
    folder: Path
    kind: str = "model"  # or "space"
    sdk: str = "gradio"  # of a Space

    def files(self) -> dict[str, Path]:
        """Path in the repository → file here."""
        found = (p for p in sorted(self.folder.rglob("*")) if p.is_file())
        return {p.relative_to(self.folder).as_posix(): p for p in found}


def model_targets(namespace: str, keys: list[str], folder: Path) -> Iterator[Target]:
    """One target per approach, each a copy of the checkpoint's files in ``folder``."""
    for key in keys:
        source, copy = checkpoints.find(key), folder / key
        copy.mkdir()
        for name in CHECKPOINT_FILES:
            if not (source / name).is_file():
                raise PushError(
                    f"{source / name} is missing: train.evaluate writes metrics.json, "
                    "train.publish.card README.md."
                )
            shutil.copy(source / name, copy / name)
        for picture in sorted(source.glob("*.jpg")):
            shutil.copy(picture, copy / picture.name)
        yield Target(f"{namespace}/colorizer-{key}", copy)


def space_target(repo_id: str, folder: Path) -> Target:
    """The page with what it needs, and nothing else, copied to ``folder``."""
    for pattern in SPACE_FILES:
        for source in sorted(ROOT.glob(pattern)):
            if source.is_file() and "__pycache__" not in source.parts:
                copy = folder / source.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
    namespace = repo_id.split("/")[0]
    keys = sorted(p.parent.name for p in (folder / "checkpoints").glob("*/config.json"))
    models = [f"{namespace}/colorizer-{key}" for key in keys]
    (folder / "README.md").write_text(space_readme(models), encoding="utf-8")
    return Target(repo_id, folder, "space")


def space_readme(models: list[str]) -> str:
    """The project's front matter with the models named, and the first words of its README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    front = front.replace("models: []", "models:" + "".join(f"\n  - {m}" for m in models))
    words = body.split("![", 1)[0].strip()  # up to the first picture, which is not sent
    return f"---\n{front}---\n\n{words}\n"


def static_space_target(repo_id: str, folder: Path) -> Target:
    """The page that needs no server, as it was built, copied to ``folder``."""
    if not (LITE / "index.html").is_file():
        raise PushError("web/ has not been built; web/README.md says how.")
    shutil.copytree(LITE, folder, dirs_exist_ok=True)
    (folder / "README.md").write_text(STATIC_README, encoding="utf-8")
    return Target(repo_id, folder, "space", "static")


# The headers isolate the page from others, without which it has one thread.
STATIC_README = """\
---
title: Colorizer, on this device
emoji: 🎨
colorFrom: red
colorTo: blue
sdk: static
app_file: index.html
pinned: false
license: other
license_name: research-non-commercial
short_description: Old photographs in colour; they never leave your device
custom_headers:
  cross-origin-embedder-policy: require-corp
  cross-origin-opener-policy: same-origin
  cross-origin-resource-policy: cross-origin
---

# Colorizer, on this device

Black-and-white photographs in colour, worked out by the browser: a photograph never leaves the
device, and after the first visit the page works without a connection.
"""


def empty_folder(path: Path) -> Path:
    """``path``, made if it is not there.  Raises :class:`PushError` if something is in it."""
    if path.exists() and any(path.iterdir()):
        raise PushError(f"{path} is not empty.")
    path.mkdir(parents=True, exist_ok=True)
    return path
