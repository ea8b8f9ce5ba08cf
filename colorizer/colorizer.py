"""The way of a photograph: analyze once, then colorize and sample as often as one likes."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image

from . import hub, photo
from .approaches import Approach, get
from .compose import compose, resize_lightness
from .frame import paper_border
from .lab import rgb_to_lab
from .photo import Photo
from .prediction import Prediction, Settings
from .upsample import GuidedUpsampler, stretched

DEFAULT_WORKING_SIZE = 192  # short side that networks see, where a config does not say
LONGEST_WORKING_SIDE = 1024  # panoramas: the long side is squeezed to this
HINT_PATCH = 5  # side of a hint's patch at working size; training saw 1 to 9


@dataclass(frozen=True)
class Hint:
    """A wish: the photograph should have this colour here.

    x, y: full-size pixels, from the left and the top.  color: "#rrggbb" or (r, g, b) of 0…255;
    its lightness is ignored, the photograph keeps its own.
    """

    x: float
    y: float
    color: str | tuple[int, int, int]

    def ab(self) -> tuple[float, float]:
        """The colour's a and b.  Raises ValueError if it is no colour."""
        color = self.color
        if isinstance(color, str):
            if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
                raise ValueError(f"{color!r} is no colour; write it as #rrggbb.")
            color = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
        if len(color) != 3 or not all(0 <= c <= 255 for c in color):
            raise ValueError(f"{color!r} is no colour; write it as (r, g, b) of 0 to 255.")
        rgb = torch.tensor(color, dtype=torch.float32).view(3, 1, 1) / 255
        _, a, b = rgb_to_lab(rgb).flatten().tolist()
        return a, b


class Colorizer:
    """One approach with its weights.  Made by :func:`load`."""

    def __init__(self, approach: Approach, config: dict, model: torch.nn.Module) -> None:
        self.approach, self.config = approach, config
        self.model = model.eval().requires_grad_(False)
        self.device = next(model.parameters()).device
        self._family = importlib.import_module(f".models.{approach.family}", __package__)

    def analyze(self, source: Any, hints: Sequence[Hint] | None = None) -> Analysis:
        """Run the network once over a photograph.

        source: a path, bytes, a file object, a PIL image, an array, or a :class:`Photo`.
        Raises :class:`colorizer.PhotoError` if it cannot be read, and ValueError if this
        approach takes no hints or a hint lies outside the photograph.
        """
        image = source if isinstance(source, Photo) else photo.read(source)
        if hints and not self.approach.hints:
            raise ValueError(f"{self.approach.title} takes no colour hints.")
        short_side = self.config.get("working_size", DEFAULT_WORKING_SIZE)
        size = working_size(image.height, image.width, short_side, self.model.stride)
        small = resize_lightness(image.lightness, size)
        lightness = torch.from_numpy(small)[None, None].to(self.device)
        given = hint_channels(hints, image, size).to(self.device) if hints else None
        with torch.inference_mode():
            prediction = self._family.predict(self.model, self.config, lightness, given)
        return Analysis(self.approach, image, small, prediction)

    def colorize(self, source: Any, *, hints: Sequence[Hint] | None = None, **knobs: Any):
        """The best guess (or the sample of ``seed``) at the photograph's own size.

        knobs: those of :meth:`Analysis.colorize`.  Returns a PIL image.
        """
        return self.analyze(source, hints).colorize(**knobs)

    def sample(
        self, source: Any, n: int = 4, *, hints: Sequence[Hint] | None = None, **knobs: Any
    ) -> list[Image.Image]:
        """``n`` different colorizations; knobs: those of :meth:`Analysis.sample`."""
        return self.analyze(source, hints).sample(n, **knobs)


class Analysis:
    """A photograph and what a network said about it; every answer from here is cheap."""

    def __init__(
        self, approach: Approach, image: Photo, working: np.ndarray, prediction: Prediction
    ) -> None:
        self.approach, self.photo = approach, image
        self.working, self.prediction = working, prediction
        self._border = paper_border(working)
        self._preview: tuple[int, Photo] | None = None

    def colorize(
        self,
        *,
        temperature: float | None = None,
        top_k: int | None = None,
        vividness: float | None = None,
        seed: int | None = None,
        correlation: float | None = None,
        strength: float = 1.0,
        max_side: int | None = None,
    ) -> Image.Image:
        """A picture of the photograph's own size, or with sides of at most ``max_side``.

        None leaves a knob at the approach's default.  seed: None for the one best guess, a
        whole number for a sample.  strength: 0 is grey, 1 as decoded.  Raises ValueError with
        one sentence for a knob that the approach does not have or a value out of range.
        """
        settings = self.settings(temperature, top_k, vividness, correlation, seed is not None)
        return self._render(settings, seed, strength, max_side)

    def sample(self, n: int = 4, **knobs: Any) -> list[Image.Image]:
        """``n`` different colorizations; the i-th is that of ``seed + i``."""
        return list(self.samples(n, **knobs))

    def samples(self, n: int = 4, *, seed: int = 0, **knobs: Any) -> Iterator[Image.Image]:
        """Like :meth:`sample`, one after the other as they are made."""
        if n < 1:
            raise ValueError("The number of samples must be at least 1.")
        if not self.approach.samples and n > 1:
            raise ValueError(f"{self.approach.title} has one answer only; ask for one sample.")
        return (self.sample_one(seed + i, **knobs) for i in range(n))

    def sample_one(self, seed: int, **knobs: Any) -> Image.Image:
        """The colorization that belongs to ``seed``; knobs as in :meth:`colorize`."""
        return self.colorize(seed=seed, **knobs)

    def settings(
        self,
        temperature: float | None = None,
        top_k: int | None = None,
        vividness: float | None = None,
        correlation: float | None = None,
        sampling: bool = False,
    ) -> Settings:
        """The knobs with the approach's defaults filled in; ValueError if one is not allowed."""
        defaults = Settings()
        given = {"temperature": temperature, "top_k": top_k, "vividness": vividness}
        sampling = sampling and self.approach.samples
        checked = {k: self.approach.check(k, v, sampling) for k, v in given.items()}
        if checked["temperature"] is None:
            checked["temperature"] = defaults.temperature
        if checked["vividness"] is None:
            checked["vividness"] = defaults.vividness
        if correlation is not None and not 0 <= correlation <= 4:
            raise ValueError("The correlation length must lie between 0 and 4 pictures.")
        return replace(
            defaults,
            **checked,
            correlation=defaults.correlation if correlation is None else correlation,
        )

    def ab(self, settings: Settings, seed: int | None = None) -> torch.Tensor:
        """Colour on the prediction's grid: (2, h, w) in ab units."""
        if seed is not None and not self.approach.samples:
            seed = None  # one answer: every seed gives it
        ab = self.prediction.ab(settings, seed)
        if self._border is not None:
            share = torch.from_numpy(self._border).float()[None, None]
            size = ab.shape[-2:]
            ab = ab * (1 - torch.nn.functional.adaptive_avg_pool2d(share, size)[0].to(ab))
        return ab

    def _render(
        self, settings: Settings, seed: int | None, strength: float, max_side: int | None
    ) -> Image.Image:
        if not 0 <= strength <= 1.5:
            raise ValueError("The strength must lie between 0 and 1.5.")
        with torch.inference_mode():
            ab = self.ab(settings, seed).float().cpu().numpy() * np.float32(strength)
        target = self._at(max_side)
        full = target.lightness
        if self.approach.keeps_luminance:
            upsampler = GuidedUpsampler(self.working, ab)
            rgb = compose(full, lambda y0, y1: upsampler.rows(full, y0, y1))
        else:
            # What the network drew is stretched as it is: no edge of the photograph helps it.
            drawn = self.prediction.lightness().float().cpu().numpy()
            light = stretched(drawn[None], full.shape)[0]
            light = full + (light - full) * np.float32(min(strength, 1.0))
            rgb = compose(light, stretched(ab, full.shape))
        return photo.attach(rgb, target)

    def _at(self, max_side: int | None) -> Photo:
        if max_side is None or max(self.photo.size) <= max_side:
            return self.photo
        if self._preview is None or self._preview[0] != max_side:
            self._preview = (max_side, photo.resized(self.photo, max_side))
        return self._preview[1]

    # --- how sure the model is ----------------------------------------------------------------

    def entropy(self, vividness: float | None = None) -> np.ndarray:
        """How undecided the model is: entropy in nats at each place of its grid, (h, w) float32.

        Raises ValueError if the approach has no distribution.
        """
        self._need_distribution()
        return self.prediction.entropy(self.settings(vividness=vividness).vividness)

    def distribution(
        self,
        x: float,
        y: float,
        *,
        temperature: float | None = 1.0,
        top_k: int | None = None,
        vividness: float | None = None,
    ) -> list[tuple[float, float, float]]:
        """The colours possible at full-size pixel (x, y): (a, b, probability), likeliest first.

        Raises ValueError if the approach has no distribution or the point lies outside.
        """
        self._need_distribution()
        _check_inside(x, y, self.photo)
        grid = self.prediction.logits.shape[-2:]
        row = min(int((y + 0.5) / self.photo.height * grid[0]), grid[0] - 1)
        column = min(int((x + 0.5) / self.photo.width * grid[1]), grid[1] - 1)
        settings = self.settings(temperature, top_k, vividness)
        probability = self.prediction.at(row, column, settings)
        centers = self.prediction.bins.centers.numpy()
        order = np.argsort(-probability, kind="stable")
        return [(*map(float, centers[i]), float(probability[i])) for i in order]

    def _need_distribution(self) -> None:
        if not self.approach.distribution:
            raise ValueError(f"{self.approach.title} has one answer and no probabilities.")


def load(name: str = "mobile", *, device: str | None = None, revision: str | None = None):
    """Load an approach's weights: a key, a checkpoint folder, or a Hub repo "namespace/name".

    device: a PyTorch device, by default the CPU.  revision: of a Hub repo.  Raises
    :class:`colorizer.MissingWeights`, :class:`colorizer.BrokenWeights` or
    :class:`colorizer.UnknownApproach` with one sentence.
    """
    if not re.search(r"[/\\.]", name):
        get(name)  # a misspelt key is told as such before anything is looked for
    config, state = hub.load_weights(hub.find(name, revision))
    approach = get(config.get("approach", name))
    family = importlib.import_module(f".models.{approach.family}", __package__)
    model = family.build(config)
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[-1].strip()
        raise hub.BrokenWeights(
            f"The weights of {name} do not fit their config.json: {first}"
        ) from None
    model = model.to(device or "cpu", memory_format=torch.channels_last)
    return Colorizer(approach, config, model)


def working_size(height: int, width: int, short_side: int, stride: int) -> tuple[int, int]:
    """(h, w) that the network sees: multiples of ``stride``, near the photograph's own shape."""
    scale = short_side / min(height, width)
    sides = (min(round(s * scale), LONGEST_WORKING_SIDE) for s in (height, width))
    h, w = (max(stride, round(s / stride) * stride) for s in sides)
    return h, w


def _check_inside(x: float, y: float, image: Photo) -> None:
    if not (0 <= x < image.width and 0 <= y < image.height):
        raise ValueError(
            f"The point ({x:g}, {y:g}) lies outside the photograph of "
            f"{image.width} × {image.height} pixels."
        )


def hint_channels(hints: Sequence[Hint], image: Photo, size: tuple[int, int]) -> torch.Tensor:
    """Hints in full-size pixels → (1, 3, h, w): a, b and mask at working size."""
    height, width = size
    channels = torch.zeros(1, 3, height, width)
    reach = HINT_PATCH // 2
    for hint in hints:
        _check_inside(hint.x, hint.y, image)
        row = min(int((hint.y + 0.5) / image.height * height), height - 1)
        column = min(int((hint.x + 0.5) / image.width * width), width - 1)
        rows = slice(max(row - reach, 0), row + reach + 1)
        columns = slice(max(column - reach, 0), column + reach + 1)
        channels[0, :, rows, columns] = torch.tensor([*hint.ab(), 1.0]).view(3, 1, 1)
    return channels
