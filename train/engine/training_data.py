"""Photographs for a training script: batches, their aged versions, validation.

data = TrainingData(args, accelerator)
for step in run.steps():
    lightness, lab = data.batch(step)
    …
    if run.evaluation_due():
        run.report(data.validate(run, predict, columns))
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import torch
from accelerate import Accelerator

from colorizer.color.bins import get_bins
from colorizer.color.lab import rgb_to_lab

from ..data import hint_simulation
from ..data.augment import OldPhoto, paper_borders
from ..data.find import names_shards
from ..data.photographs import Batches, DataError, Photos, load_photos
from . import validation
from .ahead import ahead
from .losses import bin_weights

# The rebalanced AuC is weighed by the bins of Zhang et al. 2016, whatever a network predicts.
BINS = get_bins("zhang313")


class TrainingData:
    """The photographs of ``--photos``, ``--extra`` and ``--validation`` for one process.

    prior: (313,) shares of the bins of Zhang et al. 2016.  Ends the process with one sentence if
    photographs are missing or unreadable.
    """

    def __init__(self, args, accelerator: Accelerator) -> None:
        self.args, self.device = args, accelerator.device
        self.rank, self.world = accelerator.process_index, accelerator.num_processes
        stored = args.stored or round(args.size * 1.125)
        with accelerator.main_process_first():
            try:
                shards = names_shards(args.photos)
                self.photos = (_shards if shards else _decoded)(args, stored)
                self.extra = self.held_out = None
                if args.extra:
                    self.extra = load_photos(args.extra, stored, args.cache, args.limit)
                if args.validation:
                    found = load_photos(args.validation, 128, args.cache).pixels
                    self.held_out = torch.from_numpy(np.array(found)).permute(0, 3, 1, 2)
            except DataError as error:
                sys.exit(str(error))
        self.prior = validation.color_prior(self.photos.pixels, BINS)
        try:
            self.batches = self._batches(shards)
        except DataError as error:
            sys.exit(str(error))
        self.age = OldPhoto(args.aged_share)

    def _batches(self, shards: bool) -> Batches:
        args, kind = self.args, Batches
        if shards:
            from ..data.streaming import ShardBatches

            kind = ShardBatches
        return kind(
            self.photos,
            args.size,
            args.batch_size,
            extra=self.extra,
            extra_share=args.extra_share,
            weights=dict(args.weight),
            often=how_often(self.photos, self.prior, args.rare) if args.rare else None,
            crop=tuple(args.crop),
            seed=args.seed,
            rank=self.rank,
            world=self.world,
        )

    def config(self) -> dict:
        """Facts about the photographs for config.json."""
        extra = {"objects mixed in": len(self.extra)} if self.extra is not None else {}
        return {"data": self.photos.counts() | extra}

    def rng(self, step: int, use: str = "") -> torch.Generator:
        """The random numbers of one step of one process; the same when the step is repeated.

        use: what they are for, where several things need numbers that have nothing in common.
        """
        number = (self.args.seed * 1_000_003 + step) * self.world + self.rank
        number += zlib.crc32(use.encode()) << 31
        return torch.Generator().manual_seed(number % 2**63)

    def batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The network's input, L (B, 1, S, S) of 0…100, and the truth, Lab (B, 3, S, S)."""
        rng = self.rng(step)
        rgb = self.batches.batch(step).to(self.device)
        lab, rgb = paper_borders(rgb_to_lab(rgb), rgb, rng)
        aged = self.age(lab[:, :1], rgb, rng)
        return aged.contiguous(memory_format=torch.channels_last), lab

    def hinted(self, steps: Iterable[int], workers: int = 1) -> Iterator[tuple[torch.Tensor, ...]]:
        """Yield for every step L as in :meth:`batch`, the true ab, and simulated colour hints.

        The hints are (B, 3, S, S) or None; see :mod:`train.data.hint_simulation`.  The next
        ``workers`` batches are made meanwhile.
        """

        def make(step: int) -> tuple[torch.Tensor, ...]:
            lightness, lab = self.batch(step)
            return lightness, *hint_simulation.simulate(lab, self.rng(step, "hints"))

        for _, batch in ahead(steps, make, workers):
            yield batch

    def validate(
        self,
        run,
        predict: Callable[[torch.Tensor], dict[str, torch.Tensor]],
        columns: Sequence[Callable[[torch.Tensor], torch.Tensor]],
    ) -> dict[str, float]:
        """Measure the validation photographs, and write their picture grid into the run's folder.

        predict, columns: as in :mod:`train.engine.validation`; nothing without ``--validation``.
        """
        if self.held_out is None:
            return {}
        shown = self.held_out[:: max(1, len(self.held_out) // 12)][:12]
        rgb = shown.to(self.device)
        # The same old versions every time.
        old = OldPhoto(share=1.0)(rgb_to_lab(rgb)[:, :1], rgb, torch.Generator().manual_seed(1))
        path = run.folder / f"grid-{run.step + 1:06d}.png"
        validation.save_columns(path, shown, columns, self.device, old)
        every = max(1, len(self.held_out) // self.args.validation_limit)
        measured = self.held_out[::every]
        return validation.compare(
            lambda lightness, ab: predict(lightness), measured, self.prior, BINS, self.device
        )


def _decoded(args, size: int) -> Photos:
    """The photographs of ``--photos`` as decoded squares of ``size`` pixels."""
    return load_photos(args.photos, size, args.cache, args.limit)


def _shards(args, size: int) -> Photos:
    """The photographs of ``--photos`` where it names shards, decoded as they are read."""
    from ..data.streaming import ShardPhotos

    for name in ("limit", "rare", "weight"):
        if getattr(args, name):
            raise DataError(f"--{name} looks at every photograph first, and shards are streamed.")
    return ShardPhotos(args.photos, size, args.cache)


# However rare its colours are, a photograph is seen so many times a pass at least and at most.
LEAST, MOST = 0.5, 4.0


def how_often(photos: Photos, prior: np.ndarray, power: float) -> np.ndarray:
    """Times that a pass shows each photograph, by the rarity of its colours: (N,), mean 1.

    Repeat-factor sampling (Gupta et al. 2019, section 5.1) with the bins of Zhang et al. 2016 as
    classes: the mean over a photograph's pixels of their weights (eq. 4), to ``power``.
    prior: (Q,) shares of ``BINS``.  The means are kept beside the decoded photographs.
    """
    kept = None if photos.stem is None else photos.stem.with_suffix(".rarity.npy")
    if kept is not None and kept.exists():
        rarity = np.load(kept)
    else:
        rarity = color_rarity(photos.pixels, prior)
        if kept is not None:
            np.save(kept, rarity)
    often = rarity.clip(LEAST, MOST) ** power
    return often / often.mean()


def color_rarity(pixels: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Mean rebalancing weight of each photograph's colours: pixels (N, H, W, 3) uint8 → (N,)."""
    weights = bin_weights(prior, BINS, 1.0)
    rarity = []
    for start in range(0, len(pixels), 512):
        few = np.ascontiguousarray(pixels[start : start + 512][:, 4::8, 4::8])
        ab = rgb_to_lab(torch.from_numpy(few).permute(0, 3, 1, 2))[:, 1:]
        rarity.append(weights[BINS.encode(ab)].mean((1, 2)))
    return torch.cat(rarity).double().numpy()


def cast(model: torch.nn.Module, device: torch.device) -> Callable[..., torch.Tensor]:
    """``model`` in bfloat16 arithmetic, its output in float32."""

    def predict(*inputs: torch.Tensor) -> torch.Tensor:
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
            return model(*inputs).float()

    return predict
