"""The way of a photograph: analyze once, then colorize and sample as often as one likes."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from PIL import Image

from . import checkpoints
from .approaches import Approach, check_adjustments, get
from .color.adjust import Adjustments
from .color.gamut import shrink_lightness
from .decoding.prediction import Prediction, Settings
from .hints import Hint
from .images import photo
from .images.border import paper_border
from .images.photo import Photo, Previews
from .looks import get_look
from .rendering import Rendering

DEFAULT_WORKING_SIZE = 192  # short side that networks see, where a config does not say
LONGEST_WORKING_SIDE = 1024  # panoramas: the long side is squeezed to this
HINT_PATCH = 5  # side of a hint's patch at working size; training saw 1 to 9


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
        size = self._size(image)
        small = shrink_lightness(image.rows, size)
        lightness = torch.from_numpy(small)[None, None].to(self.device)
        given = hint_channels(hints, image, size).to(self.device) if hints else None
        with torch.inference_mode():
            prediction = self._family.predict(self.model, self.config, lightness, given)
        return Analysis(self.approach, image, small, prediction)

    def analyze_many(self, photos: Sequence[Photo]) -> list[Analysis]:
        """Run the network over several photographs, in one pass where their shapes allow.

        On a GPU that is faster; arithmetic in batches may change a result's last bit.
        """
        if len(photos) < 2 or not self.approach.distribution:
            return [self.analyze(image) for image in photos]
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for place, image in enumerate(photos):
            groups[self._size(image)].append(place)
        found: dict[int, Analysis] = {}
        for size, places in groups.items():
            small = [shrink_lightness(photos[p].rows, size) for p in places]
            lightness = torch.from_numpy(np.stack(small))[:, None].to(self.device)
            with torch.inference_mode():
                outputs = self.model(lightness)
                for i, place in enumerate(places):
                    model, one = _Answered(self.model, outputs[i : i + 1]), lightness[i : i + 1]
                    prediction = self._family.predict(model, self.config, one, None)
                    found[place] = Analysis(self.approach, photos[place], small[i], prediction)
        return [found[place] for place in range(len(photos))]

    def _size(self, image: Photo) -> tuple[int, int]:
        short_side = self.config.get("working_size", DEFAULT_WORKING_SIZE)
        return working_size(image.height, image.width, short_side, self.model.stride)

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


class _Answered:
    """A model whose first output is known already; it runs for every other."""

    def __init__(self, model: torch.nn.Module, output: torch.Tensor) -> None:
        self._model, self._output = model, output

    def __call__(self, lightness: torch.Tensor, hints: torch.Tensor | None = None):
        output, self._output = self._output, None
        if output is None or hints is not None:
            return self._model(lightness, hints)
        return output

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


class Analysis:
    """A photograph and what a network said about it; every answer from here is cheap."""

    def __init__(
        self, approach: Approach, image: Photo, working: np.ndarray, prediction: Prediction
    ) -> None:
        self.approach, self.photo = approach, image
        self.working, self.prediction = working, prediction
        self._border = paper_border(working)
        self.previews = Previews(image)  # several analyses of one photograph may share them

    def colorize(
        self,
        *,
        temperature: float | None = None,
        top_k: int | None = None,
        vividness: float | None = None,
        seed: int | None = None,
        correlation: float | None = None,
        around: Sequence[int] = (),
        distance: float | None = None,
        strength: float | None = None,
        warmth: float | None = None,
        saturation: float | None = None,
        white_balance: float | None = None,
        look: str | None = None,
        max_side: int | None = None,
    ) -> Image.Image:
        """A picture of the photograph's own size, or with sides of at most ``max_side``.

        None leaves a knob at the approach's default.  seed: None for the one best guess, a
        whole number for a sample.  strength: 0 is grey, 1 as decoded, up to 1.5 stronger.
        warmth: -1 (cool) to 1 (warm).  saturation: 0 (grey) to 2.  white_balance: 0 to 1, the share
        of a tint over everything that is taken out.  look: a name of :func:`colorizer.looks`,
        whose settings stand in for those that are None.
        correlation: how far the colours of a sample agree, as a share of the shorter side.
        around: seeds of a sample to stay near, and distance how far from it (0 to 1).  Raises
        ValueError with one sentence for what the approach does not have or a value out of range.
        """
        return self.picture(
            temperature=temperature,
            top_k=top_k,
            vividness=vividness,
            seed=seed,
            correlation=correlation,
            around=around,
            distance=distance,
            strength=strength,
            warmth=warmth,
            saturation=saturation,
            white_balance=white_balance,
            look=look,
            max_side=max_side,
        ).image()

    def picture(
        self,
        *,
        temperature: float | None = None,
        top_k: int | None = None,
        vividness: float | None = None,
        seed: int | None = None,
        correlation: float | None = None,
        around: Sequence[int] = (),
        distance: float | None = None,
        strength: float | None = None,
        warmth: float | None = None,
        saturation: float | None = None,
        white_balance: float | None = None,
        look: str | None = None,
        max_side: int | None = None,
        bits: int = 8,
    ) -> Rendering:
        """What :meth:`colorize` gives, made strip by strip while :func:`images.photo.save` writes.

        For pictures too large to be held in memory, and for ``bits`` of 16 a channel.
        """
        if bits not in (8, 16):
            raise ValueError(f"The bits of a channel must be 8 or 16, not {bits!r}.")
        of_look = get_look(look, self.approach).settings(self.approach) if look else {}

        def chosen(name: str, value: float | int | None) -> float | int | None:
            return of_look.get(name) if value is None else value

        seed = chosen("seed", seed)
        settings = self.settings(
            chosen("temperature", temperature),
            chosen("top_k", top_k),
            chosen("vividness", vividness),
            correlation,
            seed is not None,
        )
        if around:
            settings = self._near(settings, around, distance)
        finish = check_adjustments(
            strength=chosen("strength", strength),
            warmth=chosen("warmth", warmth),
            saturation=chosen("saturation", saturation),
            white_balance=chosen("white_balance", white_balance),
        )
        return self._rendering(settings, seed, finish, max_side, bits)

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

    def _near(self, settings: Settings, around: Sequence[int], distance: float | None) -> Settings:
        if not self.approach.coherent:
            raise ValueError(f"{self.approach.title} cannot vary around a sample.")
        if distance is not None and not 0 <= distance <= 1:
            raise ValueError("The distance of a variation must lie between 0 and 1.")
        distance = settings.distance if distance is None else distance
        return replace(settings, around=tuple(around), distance=distance)

    def ab(
        self, settings: Settings, seed: int | None = None, adjustments: Adjustments | None = None
    ) -> torch.Tensor:
        """Colour on the prediction's grid: (2, h, w) in ab units."""
        if seed is not None and not self.approach.samples:
            seed = None  # one answer: every seed gives it
        ab = self.prediction.ab(settings, seed)
        if adjustments is not None:
            light = torch.from_numpy(self.working)[None, None]
            light = torch.nn.functional.adaptive_avg_pool2d(light, ab.shape[-2:])[0, 0]
            ab = adjustments.apply(ab, light.to(ab))
        if self._border is not None:
            share = torch.from_numpy(self._border).float()[None, None]
            size = ab.shape[-2:]
            ab = ab * (1 - torch.nn.functional.adaptive_avg_pool2d(share, size)[0].to(ab))
        return ab

    def _rendering(
        self,
        settings: Settings,
        seed: int | None,
        finish: dict[str, float],
        max_side: int | None,
        bits: int,
    ) -> Rendering:
        """finish: values of :data:`colorizer.approaches.ADJUSTMENTS`."""
        finish = dict(finish)
        strength = finish.pop("strength")
        with torch.inference_mode():
            ab = self.ab(settings, seed, Adjustments(**finish))
            ab = ab.float().cpu().numpy() * np.float32(strength)
        target = self.photo_at(max_side)
        if self.approach.keeps_luminance:
            return Rendering(target, self.working, ab, bits=bits)
        drawn = self.prediction.lightness().float().cpu().numpy()
        return Rendering(target, self.working, ab, bits=bits, drawn=drawn, share=min(strength, 1.0))

    def photo_at(self, max_side: int | None) -> Photo:
        """The photograph with sides of at most ``max_side``; made once for a size."""
        return self.previews.at(max_side)

    def lightness_at(self, x: float, y: float) -> float:
        """L* around full-size pixel (x, y), as softly as the network saw it."""
        _check_inside(x, y, self.photo)
        return float(self.working[_cell(x, y, self.photo, self.working.shape)])

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
        row, column = _cell(x, y, self.photo, self.prediction.logits.shape[-2:])
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
    config, state = checkpoints.load_weights(checkpoints.find(name, revision))
    approach = get(config.get("approach", name))
    family = importlib.import_module(f".models.{approach.family}", __package__)
    model = family.build(config)
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[-1].strip()
        raise checkpoints.BrokenWeights(
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


def _cell(x: float, y: float, image: Photo, grid: tuple[int, int]) -> tuple[int, int]:
    """(row, column) of a grid over the photograph in which full-size pixel (x, y) lies."""
    row = min(int((y + 0.5) / image.height * grid[0]), grid[0] - 1)
    return row, min(int((x + 0.5) / image.width * grid[1]), grid[1] - 1)


def hint_channels(hints: Sequence[Hint], image: Photo, size: tuple[int, int]) -> torch.Tensor:
    """Hints in full-size pixels → (1, 3, h, w): a, b and mask at working size."""
    height, width = size
    channels = torch.zeros(1, 3, height, width)
    reach = HINT_PATCH // 2
    for hint in hints:
        _check_inside(hint.x, hint.y, image)
        row, column = _cell(hint.x, hint.y, image, size)
        rows = slice(max(row - reach, 0), row + reach + 1)
        columns = slice(max(column - reach, 0), column + reach + 1)
        channels[0, :, rows, columns] = torch.tensor([*hint.ab(), 1.0]).view(3, 1, 1)
    return channels
