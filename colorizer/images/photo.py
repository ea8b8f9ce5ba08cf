"""Any real-world image → :class:`Photo`, and a coloured picture → a file.

    photo = read("grandmother.jpg")     # a path, bytes, a file object, a Pillow image or an array
    photo.lightness                     # what there is to colour, at the photo's own size
    save(attach(rgb, photo), "grandmother-color.png", metadata=photo.metadata)

Everything a person can do wrong is a :class:`PhotoError` with one sentence to show.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np
import torch
from PIL import ExifTags, Image

from colorizer.color.lab import rgb_to_lab
from colorizer.color.lightness import lightness, shrink_lightness
from colorizer.errors import PhotoError

from . import metadata
from .input.decoders import Opened
from .input.pixels import Pixels, from_array, from_image, from_strips, turned
from .input.reader import describe, opened
from .input.refusals import check_pixels, damage_told
from .metadata import Metadata
from .output.writer import encode, save
from .provenance import SIMULATED

__all__ = [
    "MAX_PIXELS",
    "SIMULATED",
    "Photo",
    "PhotoError",
    "attach",
    "encode",
    "read",
    "resized",
    "save",
]

MAX_PIXELS = 60_000_000

Source = str | os.PathLike | bytes | BinaryIO | Image.Image | np.ndarray

# How EXIF's orientations 2…8 are undone.
_UPRIGHT = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a[::-1].swapaxes(0, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph to be coloured.

    values: upright; (H, W) grey of uint8 or uint16, (H, W, 3) sRGB of uint8, or (H, W) float32, L*
        itself.
    color: (H, W, 3) uint8 sRGB, the original where it had colour of its own, else None.
    alpha: (H, W) uint8 where parts are transparent, else None.
    metadata: what to write again: EXIF without orientation and preview, resolution, words.
    name: the file's name without folder and ending, or "photo".
    notes: sentences a person should read, such as “Only the first frame is used.”
    """

    values: np.ndarray
    color: np.ndarray | None = None
    alpha: np.ndarray | None = None
    metadata: Metadata = field(default_factory=Metadata)
    name: str = "photo"
    notes: tuple[str, ...] = ()

    @property
    def lightness(self) -> np.ndarray:
        """(H, W) float32 L*, 0…100, upright.  Computed at every call, see :attr:`rows`."""
        return self.values if self.values.dtype == np.float32 else lightness(self.values)

    @property
    def rows(self) -> LightnessRows:
        """The lightness, computed for those rows that are asked for."""
        return LightnessRows(self.values)

    @property
    def deep(self) -> bool:
        """True if the lightness is known to more than 8 bits."""
        return self.values.dtype != np.uint8

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.values.shape[1]

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.values.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), as Pillow has it."""
        return self.width, self.height

    @property
    def exif(self) -> bytes | None:
        """The EXIF block of the metadata."""
        return self.metadata.exif


class LightnessRows:
    """L* of a photograph without holding all of it: ``rows[y0:y1]`` is (y1 - y0, W) float32."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values
        self.shape = values.shape[:2]
        self._latest: tuple[slice, np.ndarray] | None = None

    def __getitem__(self, rows: slice) -> np.ndarray:
        if self._values.dtype == np.float32:
            return self._values[rows]
        latest = self._latest
        if latest is None or latest[0] != rows:
            latest = self._latest = rows, lightness(self._values[rows])
        return latest[1]


def read(
    source: Source | Photo, *, max_pixels: int = MAX_PIXELS, called: str | None = None
) -> Photo:
    """Read a photograph; only its lightness counts, and a colour original is kept to compare.

    source: path, bytes, binary file object, Pillow image, or array: (H, W) or (H, W, 1…4) of
        bool, uint8, uint16, or other numbers by their range, see :mod:`colorizer.images.input.ranges`.
        A Photo is given back as it is.
    max_pixels: larger pictures are refused before they are decoded.
    called: how a sentence calls the picture, by default “its file's name”.
    Raises PhotoError: missing, empty, damaged, cut short, too large, or no picture.
    """
    if isinstance(source, Photo):
        return source
    name, subject = describe(source)
    subject = called or subject
    try:
        return _read(source, name, subject, max_pixels)
    except PhotoError as error:
        error.subject = subject
        raise


def _read(source: Source, name: str, subject: str, max_pixels: int) -> Photo:
    notes: list[str] = []
    facts = Metadata()
    if isinstance(source, np.ndarray):
        if source.ndim >= 2:
            check_pixels(source.shape[1], source.shape[0], max_pixels, subject)
        samples = from_array(source, subject, notes)
    elif isinstance(source, Image.Image):
        check_pixels(*source.size, max_pixels, subject)
        facts, samples = _from_pillow(source, subject, notes)
    else:
        with opened(source, max_pixels=max_pixels, subject=subject, notes=notes) as found:
            if isinstance(found, Opened):
                facts, samples = found.metadata, _decoded(found, subject, notes)
            else:
                facts, samples = _from_pillow(found, subject, notes)
    values, color = samples.values, samples.color
    if color is None and values.ndim == 3:
        color = values
    if color is not None and not _has_color(color):
        color = None
    return Photo(values, color, samples.alpha, facts, name, tuple(notes))


def resized(photo: Photo, max_side: int) -> Photo:
    """A copy whose longer side is at most ``max_side`` pixels; the photo itself if it is already."""
    scale = max_side / max(photo.size)
    if scale >= 1:
        return photo
    width, height = (max(1, round(side * scale)) for side in photo.size)

    def shrink(plane: np.ndarray | None) -> np.ndarray | None:
        if plane is None:
            return None
        image = Image.fromarray(plane)
        return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3))

    return replace(
        photo,
        values=shrink_lightness(photo.rows, (height, width)),
        color=shrink(photo.color),
        alpha=shrink(photo.alpha),
    )


class Previews:
    """Smaller copies of one photograph, the latest few kept; whoever analyzes it may share them."""

    MOST = 4

    def __init__(self, photo: Photo) -> None:
        self.photo = photo
        self._made: dict[int, Photo] = {}

    def at(self, max_side: int | None) -> Photo:
        """The photograph with sides of at most ``max_side`` pixels; itself for None."""
        if max_side is None or max(self.photo.size) <= max_side:
            return self.photo
        if max_side not in self._made:
            while len(self._made) >= self.MOST:
                del self._made[next(iter(self._made))]
            self._made[max_side] = resized(self.photo, max_side)
        return self._made[max_side]


def attach(rgb: np.ndarray, photo: Photo) -> Image.Image:
    """(H, W, 3) uint8 → Pillow image, RGB or, where the photo is transparent, RGBA.

    Raises ValueError if the picture is not of the photo's size.
    """
    if rgb.shape != (photo.height, photo.width, 3):
        raise ValueError(f"A picture {rgb.shape} does not fit a photo of {photo.size}.")
    image = Image.fromarray(rgb)
    if photo.alpha is not None:
        image.putalpha(Image.fromarray(photo.alpha))
    return image


def _decoded(found: Opened, subject: str, notes: list[str]) -> Pixels:
    with damage_told(subject):
        samples = from_strips(found.strips, found.shape, found.kind, found.layout, subject, notes)
    return turned(samples, _UPRIGHT.get(found.orientation))


def _from_pillow(image: Image.Image, subject: str, notes: list[str]) -> tuple[Metadata, Pixels]:
    with damage_told(subject):
        image.load()
    samples = from_image(image, subject, notes)
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken EXIF is no reason to lose a photo
        orientation = 1
    samples = turned(samples, _UPRIGHT.get(orientation) if isinstance(orientation, int) else None)
    height, width = samples.values.shape[:2]
    return metadata.from_image(image, (width, height)), samples


def _has_color(rgb: np.ndarray) -> bool:
    """True if a picture has colours, rather than being grey or toned in one colour like sepia.

    In a toned picture ab follows from L*.  So ab is fitted by a curve over L*; a picture has
    colours if more than 2 % of a 64-pixel version of it are farther from that curve than
    ``_TONED``.  Distance along the tone counts a third: paper yellows unevenly.  Measured on
    1,122 colour photographs 1.1 % fall below (fog, snow); of 240 toned ones (sepia, cyanotype,
    stains, grain, JPEG at quality 60) 2 % lie above.
    """
    step = max(1, max(rgb.shape[:2]) // 512)
    small = Image.fromarray(np.ascontiguousarray(rgb[::step, ::step]))
    small = small.reduce(max(1, round(max(small.size) / 64)))
    lab = rgb_to_lab(torch.from_numpy(np.array(small)).movedim(-1, 0)).reshape(3, -1)
    light, ab = lab[0].double().numpy(), lab[1:].double().numpy().T
    knots = np.linspace(0, 100, 9)
    hats = np.stack([np.interp(light, knots, row) for row in np.eye(len(knots))], axis=1)
    normal = hats.T @ hats + 1e-3 * np.eye(len(knots))
    rest = ab - hats @ np.linalg.solve(normal, hats.T @ ab)
    tone = ab.mean(0)
    strength = np.linalg.norm(tone)
    if strength > 1:
        along = rest @ tone / strength
        across = rest @ np.array([-tone[1], tone[0]]) / strength
        # A faint mean is no tone yet: the discount grows from a chroma of 1 to 4.
        share = 1 - 2 / 3 * np.clip((strength - 1) / 3, 0, 1)
        distance = np.hypot(along * share, across)
    else:
        distance = np.hypot(*rest.T)
    return bool(np.quantile(distance, 0.98) > _TONED)


_TONED = 3.7  # ab units
