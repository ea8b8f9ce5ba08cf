"""What the server keeps between two clicks: models, photographs, analyses and picture files.

Nothing here imports Gradio.  Everything is bounded: photographs and their analyses by number for
one visitor and by pixels for all of them together, picture files by number for each purpose.
One visitor never gets what another one opened: every look-up carries the visitor's key.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import colorizer
from colorizer import hub
from colorizer.approaches import get
from colorizer.compose import compose
from colorizer.photo import Photo, PhotoError, attach, read, resized

from .settings import Settings

if TYPE_CHECKING:
    from colorizer.approaches import Approach
    from colorizer.colorizer import Analysis, Colorizer

# Purposes of picture files, and how many a visitor may have of each before the oldest goes.  A
# tab shows one set at a time; the second set is what the browser may still be loading.
KEPT_FILES = {
    "original": 6, "grey": 6, "preview": 8, "sample": 32, "sweep": 96, "download": 4, "api": 32,
    "album": 300, "album-zip": 2, "study": 8,
}  # fmt: skip
# Lists of files; callers of the API come and never say that they leave.
MOST_LISTS = 2000


@dataclass(frozen=True)
class Chosen:
    """The photograph a visitor works on: a small value that lives in the page's session state."""

    path: str  # the upload, on the server
    digest: str  # SHA-256 of the file's content
    name: str  # without folder and suffix
    width: int
    height: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """How an analysis is turned into one picture.

    knobs: name → value of the knobs the approach has; None is "off" or the approach's default.
    seed: None for the one best guess, else the seed of a sample.
    """

    knobs: dict[str, float | int | None] = field(default_factory=dict)
    seed: int | None = None


@dataclass(frozen=True)
class Sheet:
    """What a grid of pictures shows, so that a tile's index leads back to its setting."""

    digest: str
    key: str
    settings: tuple[Setting, ...]


@dataclass
class _Kept:
    photo: Photo
    analyses: dict[str, Analysis] = field(default_factory=dict)
    grey: str = ""  # picture file

    @property
    def pixels(self) -> int:
        return self.photo.width * self.photo.height


class Studio:
    """Loaded models and what visitors work on.

    folder: where picture files go (Gradio's cache, from which alone it serves files).
    load: how a model is loaded; a test counts with it.
    """

    def __init__(
        self,
        settings: Settings,
        folder: str | Path,
        load: Callable[[str], Colorizer] = colorizer.load,
    ) -> None:
        self.settings = settings
        self.folder = Path(folder)
        self._load = load
        self._models: dict[str, Colorizer] = {}
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._files: OrderedDict[tuple[str, str], deque[Path]] = OrderedDict()
        self._lock = threading.RLock()

    # --- models ---------------------------------------------------------------------------

    def approaches(self) -> tuple[Approach, ...]:
        """The approaches that have weights here, in the registry's order."""
        return tuple(a for a in colorizer.approaches() if _has_weights(a.key))

    def model(self, key: str) -> Colorizer:
        """The model of an approach of the registry, loaded when first asked for.

        Raises :class:`colorizer.approaches.UnknownApproach`, so that a caller's string never
        reaches a path, and what :func:`colorizer.load` raises.
        """
        get(key)
        with self._lock:
            if key not in self._models:
                self._models[key] = self._load(key)
            return self._models[key]

    # --- photographs and analyses ---------------------------------------------------------

    def open(self, path: str | Path, visitor: str) -> Chosen:
        """Reads the photograph in ``path`` and keeps it for the visitor.

        Raises :class:`PhotoError`, a sentence for a person.
        """
        path = Path(path)
        try:
            if path.stat().st_size > self.settings.max_file_mb * 2**20:
                raise PhotoError(
                    f"This file is larger than {self.settings.max_file_mb} MB, the limit of this "
                    "page."
                )
            content = path.read_bytes()
        except OSError as error:
            raise PhotoError(
                "This photograph is no longer kept here. Please open it again."
            ) from error
        digest = hashlib.sha256(content).hexdigest()
        kept = self._look_up(visitor, digest)
        if kept is None:
            photo = read(path, max_pixels=self.settings.max_megapixels * 1_000_000)
            kept = _Kept(photo)
            self._keep(visitor, digest, kept)
        photo = kept.photo
        return Chosen(str(path), digest, path.stem, photo.width, photo.height, tuple(photo.notes))

    def analysis(self, chosen: Chosen, key: str, visitor: str) -> Analysis:
        """The kept analysis of a photograph by an approach; the network runs only if there is none.

        Raises :class:`PhotoError` where the photograph has been dropped and its file is gone.
        """
        kept = self._again(chosen, visitor)
        if key not in kept.analyses:
            kept.analyses[key] = self.model(key).analyze(kept.photo)
        return kept.analyses[key]

    def original(self, chosen: Chosen, visitor: str, max_side: int) -> Image.Image:
        """The photograph as it came, upright and with its colours if it had any."""
        small = resized(self._again(chosen, visitor).photo, max_side)
        color = small.color
        if color is None:
            color = compose(small.lightness, np.zeros((2, *small.lightness.shape), np.float32))
        return attach(color, small)

    def grey(self, chosen: Chosen, key: str, visitor: str) -> str:
        """File of the photograph in grey, as large as the preview in colour."""
        kept = self._again(chosen, visitor)
        if not Path(kept.grey).is_file():
            analysis = self.analysis(chosen, key, visitor)
            grey = analysis.colorize(strength=0.0, max_side=self.settings.preview_side)
            kept.grey = self.write(grey, "grey", visitor, f"{chosen.name}-grey")
        return kept.grey

    def _again(self, chosen: Chosen, visitor: str) -> _Kept:
        kept = self._look_up(visitor, chosen.digest)
        if kept is None:
            self.open(chosen.path, visitor)
            kept = self._look_up(visitor, chosen.digest)
        if kept is None:
            raise PhotoError("This photograph has changed meanwhile. Please open it again.")
        return kept

    def forget(self, visitor: str) -> None:
        """Drops the photographs and analyses of a visitor who has left."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == visitor]:
                del self._kept[key]
            for key in [key for key in self._files if key[0] == visitor]:
                # The files stay for Gradio's own clock: a phone that went to sleep looks as if
                # its visitor had left, and still shows them when it wakes.
                del self._files[key]

    def visitors(self) -> set[str]:
        """Those whose photographs are kept at the moment."""
        with self._lock:
            return {visitor for visitor, _ in self._kept}

    def _look_up(self, visitor: str, digest: str) -> _Kept | None:
        with self._lock:
            kept = self._kept.get((visitor, digest))
            if kept is not None:
                self._kept.move_to_end((visitor, digest))
            return kept

    def _keep(self, visitor: str, digest: str, kept: _Kept) -> None:
        """Adds one photograph; the least recently used go, first the visitor's own, then any."""
        with self._lock:
            self._kept[visitor, digest] = kept
            own = [key for key in self._kept if key[0] == visitor]
            for key in own[: -self.settings.photos_per_visitor]:
                del self._kept[key]
            limit = self.settings.kept_megapixels * 1_000_000
            while len(self._kept) > self.settings.kept_photos or (
                len(self._kept) > 1 and sum(k.pixels for k in self._kept.values()) > limit
            ):
                self._kept.popitem(last=False)

    # --- picture files --------------------------------------------------------------------

    def place(self, purpose: str, visitor: str, name: str) -> Path:
        """A path for a new picture file, in a folder of its own whose name cannot be guessed."""
        path = self.folder / secrets.token_hex(20) / name
        path.parent.mkdir(parents=True)
        with self._lock:
            files = self._files.setdefault((visitor, purpose), deque())
            files.append(path)
            self._files.move_to_end((visitor, purpose))
            while len(files) > KEPT_FILES[purpose]:
                oldest = files.popleft()
                with suppress(OSError):  # Gradio's own clock may have been faster
                    oldest.unlink()
                    oldest.parent.rmdir()
            while len(self._files) > MOST_LISTS:
                self._files.popitem(last=False)
        return path

    def write(self, image: Image.Image, purpose: str, visitor: str, name: str = "picture") -> str:
        """Writes a picture for the screen as PNG; returns its path.

        Compression is the fastest there is: a 1280 px picture takes 0.1 s instead of 0.5 s.
        """
        path = self.place(purpose, visitor, f"{name}.png")
        image.save(path, format="PNG", compress_level=1)
        return str(path)


def render(analysis: Analysis, setting: Setting, max_side: int | None = None) -> Image.Image:
    """One picture out of an analysis; only the knobs the approach has are turned."""
    arguments: dict[str, Any] = {
        name: value for name, value in setting.knobs.items() if analysis.approach.knob(name)
    }
    if setting.seed is not None and analysis.approach.samples:
        return analysis.sample_one(setting.seed, **arguments, max_side=max_side)
    return analysis.colorize(**arguments, max_side=max_side)


def _has_weights(key: str) -> bool:
    try:
        hub.find(key)
    except hub.MissingWeights:
        return False
    return True
