"""The bins that a head predicts: their prior, what rebalancing does to them, a training's start.

Zhang et al. 2016, section 2.2.  A loss weighed by w^γ moves the best prediction by γ · log w, and
so does vividness at decoding (Menon et al. 2021); what was done in training is made up for here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from colorizer.color.bins import Bins
from colorizer.decoding import decode
from colorizer.decoding.prediction import log_weights

from . import encoders, losses, validation
from .networks import begin_network
from .options import design_of
from .run import Run, begin
from .training_data import BINS, TrainingData, cast


class ClassRebalancing:
    """``bins`` with their shares ``prior`` (Q,), for a loss that is weighed by w to ``gamma``.

    loss_weights: (Q,) for :func:`train.engine.losses.soft_cross_entropy`, None for γ = 0.
    """

    def __init__(self, bins: Bins, prior: np.ndarray, gamma: float, device: torch.device) -> None:
        self.bins, self.prior, self.gamma = bins, prior, gamma
        self.log_weights = log_weights(prior, bins).to(device)
        weights = losses.bin_weights(prior, bins, gamma)
        self.loss_weights = None if weights is None else weights.to(device)

    def config(self) -> dict:
        """Facts about them for config.json."""
        return {
            "quantisation": self.bins.name,
            "prior": [float(f"{p:.4g}") for p in self.prior],
            "trained_gamma": self.gamma,
        }

    @torch.no_grad()
    def initialize(self, bias: torch.Tensor) -> None:
        """Set a head's bias (Q,) to the best prediction for a photograph that cannot be seen.

        So no time goes into learning that most of the world is grey.
        """
        weights = 1 if self.loss_weights is None else self.loss_weights.cpu().numpy()
        bias.copy_(torch.from_numpy(np.log(self.prior * weights + 1e-6)))

    @torch.no_grad()
    def follow(self, run: Run, head: Callable[[nn.Module], nn.Module]) -> None:
        """Go on with a γ other than that of the segment before: the head's bias moves by log w.

        That is what the other weights do to the best prediction, so nothing has to be learned anew.
        head: model → its last layer.
        """
        earlier = run.history[-2] if len(run.history) > 1 else {}
        change = self.gamma - earlier.get("rebalance", self.gamma)
        for model in (run.models["model"], run.ema["model"].model):
            bias = head(run.accelerator.unwrap_model(model)).bias
            bias += change * self.log_weights

    def decode(
        self,
        logits: torch.Tensor,
        vividness: float,
        temperature: float = 1.0,
        top_k: int | None = None,
    ) -> torch.Tensor:
        """Logits (B, Q, h, w) of the network in training → ab (B, 2, h, w), the annealed mean."""
        adjusted = decode.adjust(logits, self.log_weights, vividness - self.gamma)
        return decode.annealed_mean(adjusted, self.bins, temperature, top_k)

    def views(
        self, run: Run, shown: Mapping[str, tuple]
    ) -> tuple[Callable[[torch.Tensor], dict[str, torch.Tensor]], list[Callable]]:
        """The averaged network as a validation looks at it, for `TrainingData.validate`.

        It sees a photograph at its working size, as it does in use: what it learns at another size
        need not hold there.
        shown: name → arguments of :meth:`decode`.  Returns what gives every named ab of a
        lightness (B, 1, H, W), and one function for each of them.
        """
        averaged = cast(run.ema["model"].model, run.accelerator.device)
        seen = (run.config["working_size"],) * 2

        def predict(lightness: torch.Tensor) -> dict[str, torch.Tensor]:
            if lightness.shape[-2:] != seen:
                lightness = F.interpolate(lightness, seen, mode="bilinear", antialias=True)
            logits = averaged(lightness)
            return {name: self.decode(logits, *how) for name, how in shown.items()}

        return predict, [lambda light, name=name: predict(light)[name] for name in shown]


def start(
    args: argparse.Namespace,
    key: str,
    build: Callable[[dict], nn.Module],
    head: Callable[[nn.Module], nn.Module],
    bins: Bins = BINS,
    working_size: int = 128,
) -> tuple[Run, TrainingData, ClassRebalancing]:
    """The training of an approach that predicts ``bins``: its photographs, network and optimiser.

    key: of the approach.  build: config → model.  head: model → its last layer.  working_size: of
    a photograph in use, in pixels.
    """
    accelerator = begin(args)
    design = design_of(key, args)
    network = begin_network(build, design, args)
    data = TrainingData(args, accelerator)
    prior = data.prior if bins is BINS else validation.color_prior(data.photos.pixels, bins)
    rebalancing = ClassRebalancing(bins, prior, args.rebalance, accelerator.device)
    config = {
        "approach": key,
        "architecture": design,
        "working_size": working_size,
        **rebalancing.config(),
        **data.config(),
    }
    if not args.init_from:
        rebalancing.initialize(head(network).bias)
    optimizer = torch.optim.AdamW(
        encoders.groups(network, args), betas=args.betas, weight_decay=args.decay
    )
    run = Run(args, accelerator, {"model": network}, {"model": optimizer}, config, export="model")
    rebalancing.follow(run, head)
    return run, data, rebalancing
