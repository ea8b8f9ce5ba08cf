"""Losses over distributions of ab bins, over colours, and those of adversaries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from colorizer.color.bins import Bins, rebalancing_weights, smooth_prior
from colorizer.decoding.decode import expectation
from colorizer.models.unet import AB_SCALE


def soft_cross_entropy(
    logits: torch.Tensor,
    ab: torch.Tensor,
    bins: Bins,
    weights: torch.Tensor | None = None,
    neighbours: int = 5,
    sigma: float = 5.0,
) -> torch.Tensor:
    """Zhang et al. 2016, eq. 2: cross-entropy with softly encoded targets.

    logits: (B, Q, h, w).  ab: (B, 2, h, w), the true colour on the same grid.  weights: (Q,)
    per-bin weights of eq. 3–4 taken at the nearest bin, or None for the unweighted loss.
    Returns the mean over pixels (weighted mean of weights is not divided out, as in the paper).
    """
    # One row per place: of channels-last logits this is a view, and the softmax runs over
    # neighbouring memory, which takes less than half the time.
    index, share = (t.movedim(1, -1).flatten(0, 2) for t in bins.soft_encode(ab, neighbours, sigma))
    rows = logits.movedim(1, -1).flatten(0, 2)
    return _SoftCrossEntropy.apply(
        rows, index, share, None if weights is None else weights[index[:, 0]]
    )


class _SoftCrossEntropy(torch.autograd.Function):
    """The loss of :func:`soft_cross_entropy` with its gradient, softmax - target, made in place.

    Of 313 bins and a grid of 48 × 48 every further array of the logits' size is a third of the
    step on a processor.  rows: (N, Q).  index, share: (N, n).  weight: (N,) or None.
    """

    @staticmethod
    def forward(ctx, rows, index, share, weight):
        probability = torch.softmax(rows, 1, dtype=torch.float32)
        # The smallest normal float32 stands in for what underflows; its gradient stays exact.
        tiny = torch.finfo(torch.float32).tiny
        loss = -(probability.gather(1, index).clamp_min(tiny).log() * share).sum(1)
        slope = probability.scatter_add_(1, index, -share)
        if weight is not None:
            loss = loss * weight
            slope.mul_(weight[:, None])
        ctx.save_for_backward(slope.to(rows.dtype))
        return loss.mean()

    @staticmethod
    def backward(ctx, gradient):
        (slope,) = ctx.saved_tensors
        return slope * (gradient / len(slope)).to(slope.dtype), None, None, None


def bin_weights(prior: np.ndarray, bins: Bins, gamma: float) -> torch.Tensor | None:
    """Weights of :func:`soft_cross_entropy`: those of Zhang et al. 2016, eq. 4, to the power γ.

    prior: (Q,) shares of the bins.  γ = 1 is the paper's, 0 none (None).  Mean 1 under the prior.
    """
    if gamma == 0:
        return None
    weights = rebalancing_weights(smooth_prior(prior, bins), lam=0.5) ** gamma
    return torch.from_numpy(weights / (prior * weights).sum()).float()


def cross_entropy(
    logits: torch.Tensor, ab: torch.Tensor, bins: Bins, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Plain cross-entropy with the nearest bin (report 000; report 002's first ablation).

    logits: (B, Q, h, w).  ab: (B, 2, h, w), the true colour on the same grid.  weights: (Q,), or
    None; the mean over pixels as in :func:`soft_cross_entropy`.
    """
    index = bins.encode(ab)
    loss = F.cross_entropy(logits.float(), index, reduction="none")
    return (loss if weights is None else loss * weights[index]).mean()


def expected_l2(logits: torch.Tensor, ab: torch.Tensor, bins: Bins) -> torch.Tensor:
    """Squared distance of the distribution's mean from the truth, ab in units of 110.

    Report 003's loss "on the ab channels": over all of Lab the lightness, which is given, would
    outweigh the colour and the result is brown (report 003, section IV).
    """
    mean = expectation(F.softmax(logits.float(), dim=1), bins)
    return F.mse_loss(mean / AB_SCALE, ab / AB_SCALE)


def patch_gan(logits: torch.Tensor, real: bool) -> torch.Tensor:
    """Cross-entropy of every patch's logit (B, 1, h, w) with real or made (Isola et al. 2017)."""
    return F.binary_cross_entropy_with_logits(
        logits.float(), torch.full_like(logits, float(real), dtype=torch.float32)
    )


def gradient_penalty(
    critic: Callable[[torch.Tensor], torch.Tensor],
    real: torch.Tensor,
    made: torch.Tensor,
    rng: torch.Generator,
) -> torch.Tensor:
    """Gulrajani et al. 2017, eq. 3: (‖∇D(x̂)‖₂ - 1)², x̂ at random between real and made.

    real, made: (B, C, h, w).  Calculated in float32: in bfloat16 the norm's error is as large as
    what is penalised.
    """
    share = torch.rand((len(real), 1, 1, 1), generator=rng).to(real)
    between = torch.lerp(made.float(), real.float(), share).requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()


def mode_seeking(
    one: torch.Tensor, two: torch.Tensor, noise_one: torch.Tensor, noise_two: torch.Tensor
) -> torch.Tensor:
    """Mao et al. 2019, eq. 1, turned into a loss: how little ab changes for a change of noise.

    Mean |noise difference| over mean |ab difference|, so 0 for endless variety; large when the
    generator has ceased to hear its noise.
    """
    moved = (one - two).float().abs().mean((1, 2, 3))
    stirred = (noise_one - noise_two).float().abs().flatten(1).mean(1)
    return (stirred / (moved + 0.01)).mean()
