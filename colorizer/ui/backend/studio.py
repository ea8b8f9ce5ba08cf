"""The server's memory between two clicks: models, photographs and their analyses.

Nothing here imports Gradio.  Everything is bounded: photographs and their analyses by number for
one visitor and by pixels for all of them together.  One visitor never gets what another one
opened: every look-up carries the visitor's key.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

import colorizer
from colorizer import checkpoints
from colorizer.approaches import get
from colorizer.color.gamut import compose
from colorizer.images.photo import Photo, PhotoError, Previews, attach, read

from ..languages import _
from ..server.settings import Settings
from .files import PictureFiles
from .setting import Chosen

if TYPE_CHECKING:
    from colorizer.approaches import Approach
    from colorizer.hints import Hint
    from colorizer.pipeline import Analysis, Colorizer

# Analyses under hints, of all visitors together: each photograph has one, and it comes again.
MOST_HINTED = 8
MOST_TOKENS = 2000  # callers of the API come and never say that they leave


@dataclass
class _Kept:
    photo: Photo
    analyses: dict[str, Analysis] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # that the network took, by approach
    hinted: tuple[tuple[str, tuple[Hint, ...]], Analysis] | None = None  # the latest one
    previews: Previews = field(init=False)  # shared by all analyses
    grey: str = ""  # picture files
    truth: str = ""

    def __post_init__(self) -> None:
        self.previews = Previews(self.photo)

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
        self.files = PictureFiles(folder, album=2 * settings.album_photos)
        self._load = load
        self._models: dict[str, Colorizer] = {}
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._tokens: OrderedDict[str, Path] = OrderedDict()
        self._served: Counter[str] = Counter()  # events at work, by visitor
        self._leaving: set[str] = set()
        self._lock = threading.RLock()

    # --- models ---------------------------------------------------------------------------

    def approaches(self) -> tuple[Approach, ...]:
        """The approaches that have weights here, in the registry's order."""
        return checkpoints.shipped()

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
        """Read the photograph in ``path`` and keep it for the visitor.

        Raises :class:`PhotoError`, a sentence for a person.
        """
        path = Path(path)
        try:
            if path.stat().st_size > self.settings.max_file_mb * 2**20:
                raise PhotoError(
                    _(
                        "This file is larger than {limit} MB, the limit of this page.",
                        limit=self.settings.max_file_mb,
                    )
                )
            content = path.read_bytes()
        except OSError as error:
            raise PhotoError(
                _("This photograph is no longer kept here. Please open it again.")
            ) from error
        digest = hashlib.sha256(content).hexdigest()
        kept = self._look_up(visitor, digest)
        if kept is None:
            source = io.BytesIO(content)
            source.name = str(path)  # for what a sentence calls it
            photo = read(source, max_pixels=self.settings.max_megapixels * 1_000_000)
            kept = _Kept(photo)
            self._keep(visitor, digest, kept)
        photo = kept.photo
        return Chosen(
            str(path),
            digest,
            path.stem,
            *photo.size,
            notes=tuple(photo.notes),
            color=photo.color is not None,
        )

    def analysis(self, chosen: Chosen, key: str, visitor: str) -> Analysis:
        """The kept analysis of a photograph by an approach; the network runs only if there is none.

        Raises :class:`PhotoError` where the photograph has been dropped and its file is gone.
        """
        kept = self._again(chosen, visitor)
        if key not in kept.analyses:
            model = self.model(key)
            start = time.perf_counter()
            analysis = model.analyze(kept.photo)
            kept.seconds[key] = time.perf_counter() - start
            analysis.previews = kept.previews
            kept.analyses[key] = analysis
            self._bound_analyses()
        return kept.analyses[key]

    def seconds(self, chosen: Chosen, key: str, visitor: str) -> float:
        """Seconds that the network took for the analysis that is kept; 0 if there is none."""
        return self._again(chosen, visitor).seconds.get(key, 0.0)

    def hinted(self, chosen: Chosen, key: str, hints: Sequence[Hint], visitor: str) -> Analysis:
        """The analysis under colour hints, for which the network runs again; the latest is kept.

        Raises ValueError where a hint lies outside or the approach takes none.
        """
        if not hints:
            return self.analysis(chosen, key, visitor)
        kept, wanted = self._again(chosen, visitor), (key, tuple(hints))
        if kept.hinted is None or kept.hinted[0] != wanted:
            analysis = self.model(key).analyze(kept.photo, hints)
            analysis.previews = kept.previews
            kept.hinted = (wanted, analysis)
            for older in list(self._kept.values())[:-MOST_HINTED]:
                older.hinted = None
        return kept.hinted[1]

    def preview(self, chosen: Chosen, visitor: str, max_side: int) -> Photo:
        """The photograph with sides of at most ``max_side``, the same that analyses use."""
        return self._again(chosen, visitor).previews.at(max_side)

    def original(self, chosen: Chosen, visitor: str, max_side: int) -> Image.Image:
        """The photograph as it came, upright and with its colours if it had any."""
        small = self.preview(chosen, visitor, max_side)
        return in_grey(small) if small.color is None else attach(small.color, small)

    def grey(self, chosen: Chosen, visitor: str) -> str:
        """File of the photograph in grey, as large as the preview in colour."""
        kept = self._again(chosen, visitor)
        if not Path(kept.grey).is_file():
            small = self.preview(chosen, visitor, self.settings.preview_side)
            kept.grey = self.files.write(in_grey(small), "grey", visitor, f"{chosen.name}-grey")
        return kept.grey

    def truth(self, chosen: Chosen, visitor: str) -> str:
        """File of the photograph as it came, as large as the preview in colour."""
        kept = self._again(chosen, visitor)
        if not Path(kept.truth).is_file():
            image = self.original(chosen, visitor, self.settings.preview_side)
            kept.truth = self.files.write(image, "truth", visitor, f"{chosen.name}-original")
        return kept.truth

    def token(self, chosen: Chosen) -> str:
        """A word that cannot be guessed, with which the photograph is found after a reload."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[token] = Path(chosen.path)
            while len(self._tokens) > MOST_TOKENS:
                self._tokens.popitem(last=False)
        return token

    def path_of(self, token: str) -> Path | None:
        """File of the photograph of a token, or None where it is kept no longer."""
        with self._lock:
            path = self._tokens.get(token)
        return path if path is not None and path.is_file() else None

    def _again(self, chosen: Chosen, visitor: str) -> _Kept:
        kept = self._look_up(visitor, chosen.digest)
        if kept is None:
            self.open(chosen.path, visitor)
            kept = self._look_up(visitor, chosen.digest)
        if kept is None:
            raise PhotoError(_("This photograph has changed meanwhile. Please open it again."))
        return kept

    @contextmanager
    def serving(self, visitor: str) -> Iterator[None]:
        """Work on an event of a visitor; who leaves meanwhile is forgotten again at its end.

        Such an event opens its photograph anew if it finds it dropped.
        """
        with self._lock:
            self._served[visitor] += 1
        try:
            yield
        finally:
            with self._lock:
                self._served[visitor] -= 1
                left = not self._served[visitor] and visitor in self._leaving
                if not self._served[visitor]:
                    del self._served[visitor]
                    self._leaving.discard(visitor)
            if left:
                self.forget(visitor)

    def forget(self, visitor: str) -> None:
        """Drop the photographs and analyses of a visitor who has left."""
        with self._lock:
            if self._served[visitor]:
                self._leaving.add(visitor)
            for key in [key for key in self._kept if key[0] == visitor]:
                del self._kept[key]
        self.files.forget(visitor)

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
        """Add one photograph; the least recently used go, first the visitor's own, then any."""
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

    def _bound_analyses(self) -> None:
        """Drop analyses, of the least recently used photographs first, until few enough are left.

        They are larger than photographs: a distribution for every place, and a sampling field.
        """
        with self._lock:
            spare = sum(len(k.analyses) for k in self._kept.values()) - self.settings.kept_analyses
            for kept in list(self._kept.values()):
                # The very last one is what was asked for just now.
                for key in list(kept.analyses)[: min(spare, len(kept.analyses))]:
                    if spare <= 0:
                        return
                    del kept.analyses[key]
                    spare -= 1


def in_grey(photo: Photo) -> Image.Image:
    """The photograph's lightness as a picture."""
    return attach(
        compose(photo.lightness, np.zeros((2, *photo.lightness.shape), np.float32)), photo
    )
