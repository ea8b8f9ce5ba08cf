"""One approach with its weights: analyzes photographs, alone or in lists."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, TypeVar, Unpack, overload

import numpy as np
import torch
from PIL import Image

from colorizer.approaches import Approach
from colorizer.approaches.knobs import Knobs, named
from colorizer.color.lightness import shrink_lightness
from colorizer.decoding.prediction import Prediction
from colorizer.errors import InvalidArgument
from colorizer.hints import Hint
from colorizer.hints.channels import MOST_TOGETHER, hint_channels, points_alone, with_regions
from colorizer.hints.reference import find_pairs, reference_for
from colorizer.images import photo
from colorizer.images.photo import Photo, Source

from .analysis import Analysis
from .devices import resolve
from .options import check_count, check_options
from .passes import DEFAULT_WORKING_SIZE, groups, working_size

Picture = Source | Photo
Pictures = list[Picture] | tuple[Picture, ...]
Hints = Sequence[Hint]

Result = TypeVar("Result")


class Colorizer:
    """One approach with its weights.  Made by :func:`load`.

    Wherever a photograph is taken (a path, bytes, a binary file, a PIL image, an array, or a
    :class:`Photo`), a list or tuple of them is taken as well: lists in, lists out, and photographs
    of one shape go through the network together.  Can be pickled, and used after a fork.
    """

    def __init__(self, approach: Approach, config: dict[str, Any], model: torch.nn.Module) -> None:
        self.approach, self.config = approach, config
        self.model = model.eval().requires_grad_(False)

    def __repr__(self) -> str:
        count = sum(p.numel() for p in self.model.parameters())
        return (
            f"Colorizer({self.approach.key!r}, device={str(self.device)!r}, "
            f"working_size={self.working_size}, parameters={count:,})"
        )

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.model.parameters()).device

    @property
    def working_size(self) -> int:
        """Pixels of the shorter side as the network sees it."""
        return int(self.config.get("working_size", DEFAULT_WORKING_SIZE))

    def to(self, device: str | torch.device) -> Colorizer:
        """Move the weights to a device as :func:`load` takes it; returns the colorizer itself.

        Analyses made before keep their predictions; where every sample runs the network again
        (``wgan-gp``, ``pixcolor``), analyze anew.
        """
        self.model.to(resolve(device))
        return self

    @overload
    def analyze(
        self, source: Picture, hints: Hints | None = None, *, reference: Picture | None = None
    ) -> Analysis: ...

    @overload
    def analyze(
        self,
        source: Pictures,
        hints: Sequence[Hints | None] | None = None,
        *,
        reference: Picture | None = None,
    ) -> list[Analysis]: ...

    def analyze(
        self,
        source: Picture | Pictures,
        hints: Hints | Sequence[Hints | None] | None = None,
        *,
        reference: Picture | None = None,
    ) -> Analysis | list[Analysis]:
        """Run the network once over a photograph, or over each of a list.

        hints: points and regions of given colour; with a list of photographs, a list of hints (or
        None) for each.  reference: a colour photograph, of which places that look alike hand over
        their colours, see :mod:`colorizer.hints.reference`.

        Raises :class:`colorizer.PhotoError` if a photograph cannot be read, and
        :class:`colorizer.InvalidArgument` if this approach takes no hints or a hint lies outside.
        """
        other = self._reference(reference)
        if isinstance(source, list | tuple):
            several = self._hints_of_each(source, hints)
            images = [photo.read(one) for one in source]
            return self._analyses(images, several, other)
        return self._analyses([photo.read(source)], [self._checked(hints)], other)[0]

    @overload
    def colorize(
        self,
        source: Picture,
        *,
        hints: Hints | None = None,
        reference: Picture | None = None,
        seed: int | None = None,
        **knobs: Unpack[Knobs],
    ) -> Image.Image: ...

    @overload
    def colorize(
        self,
        source: Pictures,
        *,
        hints: Sequence[Hints | None] | None = None,
        reference: Picture | None = None,
        seed: int | None = None,
        **knobs: Unpack[Knobs],
    ) -> list[Image.Image]: ...

    @named
    def colorize(
        self,
        source: Picture | Pictures,
        *,
        hints: Hints | Sequence[Hints | None] | None = None,
        reference: Picture | None = None,
        seed: int | None = None,
        **knobs: Unpack[Knobs],
    ) -> Image.Image | list[Image.Image]:
        """The best guess (or the sample of ``seed``) at the photograph's own size.

        hints, reference: as in :meth:`analyze`.  The knobs are those of
        :meth:`Analysis.colorize`.  Returns a PIL image, or a list of them
        for a list of photographs.
        """
        options = check_options(self.approach, seed=seed, **knobs)  # before the network runs
        return self._each(source, hints, reference, lambda a: a.render(options).image())

    @overload
    def sample(
        self,
        source: Picture,
        n: int = 4,
        *,
        hints: Hints | None = None,
        reference: Picture | None = None,
        seed: int = 0,
        **knobs: Unpack[Knobs],
    ) -> list[Image.Image]: ...

    @overload
    def sample(
        self,
        source: Pictures,
        n: int = 4,
        *,
        hints: Sequence[Hints | None] | None = None,
        reference: Picture | None = None,
        seed: int = 0,
        **knobs: Unpack[Knobs],
    ) -> list[list[Image.Image]]: ...

    @named
    def sample(
        self,
        source: Picture | Pictures,
        n: int = 4,
        *,
        hints: Hints | Sequence[Hints | None] | None = None,
        reference: Picture | None = None,
        seed: int = 0,
        **knobs: Unpack[Knobs],
    ) -> list[Image.Image] | list[list[Image.Image]]:
        """``n`` different colorizations, or a list of them for each of a list of photographs.

        The knobs are those of :meth:`Analysis.sample`.
        """
        seeds = check_count(self.approach, n, seed)
        options = [check_options(self.approach, seed=one, **knobs) for one in seeds]
        return self._each(
            source, hints, reference, lambda a: [a.render(one).image() for one in options]
        )

    # --- lists ------------------------------------------------------------------------------

    def _each(
        self,
        source: Picture | Pictures,
        hints: Hints | Sequence[Hints | None] | None,
        reference: Picture | None,
        make: Callable[[Analysis], Result],
    ) -> Any:
        """``make`` of the photograph's analysis, or a list of it for a list of photographs.

        Of a list only :data:`MOST_TOGETHER` analyses are in memory at once.
        """
        other = self._reference(reference)
        if not isinstance(source, list | tuple):
            return make(self._analyses([photo.read(source)], [self._checked(hints)], other)[0])
        of_each = self._hints_of_each(source, hints)
        made: list[Result] = []
        for start in range(0, len(source), MOST_TOGETHER):
            part = slice(start, start + MOST_TOGETHER)
            images = [photo.read(one) for one in source[part]]
            made += map(make, self._analyses(images, of_each[part], other))
        return made

    def _analyses(
        self, images: Sequence[Photo], hints: Sequence[Hints], reference: Photo | None = None
    ) -> list[Analysis]:
        """An analysis for each photograph; those of one working size share passes."""
        if reference is not None:
            # What a person asks for comes later, and so wins.
            hints = [
                [*(pair.hint() for pair in find_pairs(self.encoder_maps, image, reference)), *own]
                for image, own in zip(images, hints, strict=True)
            ]
        sizes = [working_size(i.height, i.width, self.working_size, self._stride()) for i in images]
        single = [points_alone(own) for own in hints]
        found: dict[int, Analysis] = {}
        for group in groups(sizes, [bool(own) for own in single]):
            working = [shrink_lightness(images[i].rows, sizes[i]) for i in group]
            lightness = torch.stack([torch.from_numpy(one)[None] for one in working])
            channels = None
            if single[group[0]]:
                channels = torch.cat([hint_channels(single[i], images[i], sizes[i]) for i in group])
            predictions = self._predict(lightness, channels)
            for i, small, plain in zip(group, working, predictions, strict=True):
                whole = with_regions(
                    plain, small, images[i], hints[i], self._predict, self._own_vividness()
                )
                found[i] = Analysis(self.approach, images[i], small, whole, self.encoder_maps)
        return [found[i] for i in range(len(images))]

    def _own_vividness(self) -> float:
        return self.approach.check("vividness", None) or 0.0

    def encoder_maps(self, lightness: np.ndarray) -> dict[int, torch.Tensor]:
        """The encoder's maps (1, C, h, w) of a photograph by stride, with no hints.

        lightness: (h, w) float32 L*, sides multiples of the network's stride.
        Raises :class:`colorizer.InvalidArgument` if this approach takes no hints.
        """
        if not self.approach.hints:
            raise InvalidArgument(f"{self.approach.title} takes no colour hints.", "hints")
        batch = torch.from_numpy(np.ascontiguousarray(lightness))[None, None].to(self.device)
        with torch.inference_mode():
            return self.model.encoder_maps(batch)  # type: ignore[operator]

    def _predict(self, lightness: torch.Tensor, hints: torch.Tensor | None) -> list[Prediction]:
        """Predictions of N photographs (N, 1, h, w), in one pass if the family can."""
        family = self._family()
        lightness = lightness.to(self.device)
        hints = None if hints is None else hints.to(self.device)
        with torch.inference_mode():
            if len(lightness) > 1 and hasattr(family, "predict_batch"):
                return list(family.predict_batch(self.model, self.config, lightness, hints))
            return [
                family.predict(
                    self.model,
                    self.config,
                    lightness[i : i + 1],
                    None if hints is None else hints[i : i + 1],
                )
                for i in range(len(lightness))
            ]

    def _stride(self) -> int:
        return int(self.model.stride)  # type: ignore[arg-type]  # an attribute of every model

    def _family(self) -> ModuleType:
        return importlib.import_module(f"colorizer.models.{self.approach.family}")

    def _reference(self, source: Any) -> Photo | None:
        """The reference photograph, read; :class:`InvalidArgument` if it cannot be used."""
        return None if source is None else reference_for(self.approach, source)

    def _hints_of_each(self, source: Pictures, hints: Any) -> list[Hints]:
        """Hints for each photograph of a list."""
        if hints is None:
            return [()] * len(source)
        if not isinstance(hints, list | tuple) or len(hints) != len(source):
            raise InvalidArgument(
                f"hints must be a list of hints for each of the {len(source)} photographs.",
                "hints",
                hints,
            )
        return [self._checked(one) for one in hints]

    def _checked(self, hints: Any) -> Hints:
        """The hints of one photograph; :class:`InvalidArgument` if they are none."""
        if hints is None:
            return ()
        if not isinstance(hints, Sequence) or not all(isinstance(h, Hint) for h in hints):
            raise InvalidArgument("hints must be a list of colorizer.Hint.", "hints", hints)
        if hints and not self.approach.hints:
            raise InvalidArgument(f"{self.approach.title} takes no colour hints.", "hints", hints)
        return hints
