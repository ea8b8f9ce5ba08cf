"""From a distribution over ab bins to colour: annealed mean, top-k, vividness, entropy.

All functions take logits (B, Q, h, w) or probabilities of the same shape and run on the head's
small grid, so another value of a knob costs a fraction of the network's pass.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from colorizer.color.bins import Bins

# Newton's method of `tilt`: most steps, how long each may be, and the ab distance that is near enough.
_STEPS, _LONGEST, _NEAR = 40, 0.08, 0.3
# Below this temperature the annealed mean is the mode to within float precision.
COLDEST = 1e-3


def adjust(logits: torch.Tensor, log_weights: torch.Tensor | None, gamma: float) -> torch.Tensor:
    """Vividness: add γ·log w to the logits (B, Q, h, w) of every bin.

    Rebalancing in the loss moves a model's posterior by the bins' weights w (Zhang et al. 2016,
    eq. 4); adding γ·log w does the same after training (logit adjustment, Menon et al. 2021).
    log_weights: (Q,); γ = 0 leaves the distribution as it is.
    """
    if log_weights is None or gamma == 0:
        return logits
    return logits + gamma * log_weights.to(logits).view(1, -1, 1, 1)


def keep_top_k(logits: torch.Tensor, top_k: int | None) -> torch.Tensor:
    """Set all but the ``top_k`` likeliest bins of every pixel to -∞; None or ≥ Q keeps all."""
    if top_k is None or top_k >= logits.shape[1]:
        return logits
    if top_k < 1:
        raise ValueError("top-k must be at least 1.")
    least = logits.topk(top_k, dim=1).values[:, -1:]
    return logits.masked_fill(logits < least, -math.inf)


def probabilities(
    logits: torch.Tensor, temperature: float = 1.0, top_k: int | None = None
) -> torch.Tensor:
    """softmax(logits / T) over the ``top_k`` likeliest bins: (B, Q, h, w), sums to 1.

    Zhang et al. 2016, eq. 5: f_T(z) = exp(log z / T) / Σ exp(log z / T).  T → 0 tends to one
    bin, T = 1 is the model's own distribution.  Raises ValueError for T < 0.
    """
    if temperature < 0:
        raise ValueError("The temperature must not be negative.")
    logits = keep_top_k(logits.float(), top_k)
    return softmax(logits / max(temperature, COLDEST))


def softmax(scores: torch.Tensor) -> torch.Tensor:
    """Softmax over the bins, scores (B, Q, h, w), as channels last.

    In PyTorch's kernels a softmax over the last axis takes a sixth of the time of one over the
    channels of a network's output in channels-last memory.
    """
    return F.softmax(scores.movedim(1, -1).contiguous(), dim=-1).movedim(-1, 1)


def expectation(probability: torch.Tensor, bins: Bins) -> torch.Tensor:
    """Mean of the bin centres: (B, Q, h, w) → ab (B, 2, h, w)."""
    batch, count, height, width = probability.shape
    centers = bins.centers.to(probability).T  # (2, Q)
    return (centers @ probability.reshape(batch, count, -1)).view(batch, 2, height, width)


def annealed_mean(
    logits: torch.Tensor, bins: Bins, temperature: float = 0.38, top_k: int | None = None
) -> torch.Tensor:
    """Zhang et al. 2016, section 2.3: the mean of the sharpened distribution → ab (B, 2, h, w).

    With ``top_k`` this is report 000's "softmax" decoding: the mean of the k likeliest bins,
    weighted by their probabilities.
    """
    return expectation(probabilities(logits, temperature, top_k), bins)


def centroid(logits: torch.Tensor, bins: Bins) -> torch.Tensor:
    """Report 000's "centroid" decoding: the centre of the likeliest bin → ab (B, 2, h, w)."""
    return bins.decode(logits.argmax(dim=1))


def tilt(logits: torch.Tensor, bins: Bins, share: torch.Tensor, ab: torch.Tensor) -> torch.Tensor:
    """λ (2,) for which logits + λ · bin centre have the mean colour ``ab`` over a part.

    Of all distributions with that mean, the tilted ones are nearest to those given (minimum
    discrimination information, Kullback 1959); one λ for the whole part keeps the differences within
    it.  Newton's method with short steps; a colour beyond the bins is approached only.
    logits: (1, Q, h, w).  share: (h, w), 0 to 1, how much of each cell belongs to the part.
    ab: (2,) in ab units.
    """
    covered = share.flatten() > 0
    inside = logits[0].flatten(1)[:, covered.to(logits.device)].double()
    weight = (share.flatten()[covered] / share.sum()).to(inside)
    centers, target, still = bins.centers.to(inside), ab.to(inside), torch.eye(2).to(inside)
    found = inside.new_zeros(2)
    for _ in range(_STEPS):
        probability = F.softmax(inside + (centers @ found)[:, None], 0)
        means = centers.T @ probability  # (2, cells)
        missing = target - means @ weight
        if missing.norm() < _NEAR:
            break
        # The covariance of a cell's colour, averaged over the part, is the slope of the mean.
        squares = centers.T @ ((probability @ weight)[:, None] * centers)
        step = torch.linalg.solve(squares - (means * weight) @ means.T + still, missing)
        found += step * (_LONGEST / step.norm()).clamp(max=1)
    return found.to(logits)


def entropy(probability: torch.Tensor) -> torch.Tensor:
    """Shannon entropy in nats of every pixel: (B, Q, h, w) → (B, h, w)."""
    return -torch.special.xlogy(probability, probability).sum(1)
