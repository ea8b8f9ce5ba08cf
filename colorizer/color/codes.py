"""Code values of sRGB ↔ linear light, for photographs at full size: with tables, in slices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

# Pixels worked on at a time: a dozen float32 planes of this size stay in a processor's cache.
# PyTorch leaves planes of fewer than 2¹⁵ to one thread (but not with fancy indexing or take,
# hence index_select below).  That is meant: a slice is done before a second thread could help,
# and on a busy machine waiting for that thread takes a hundred times as long as the sums.
CHUNK = 32_000


def _srgb_to_linear(encoded: np.ndarray) -> np.ndarray:
    return np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)


def _linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, linear * 12.92)


# For every 8-bit and 16-bit code value (by the size of the type): linear light in 0…1.
LINEAR = {
    np.dtype(kind): _srgb_to_linear(np.linspace(0, 1, np.iinfo(kind).max + 1))
    for kind in (np.uint8, np.uint16)
}
# The 8-bit code value of linear light in 65536 steps; a step is a twentieth of the darkest code.
ENCODED = torch.from_numpy(
    np.round(255 * _linear_to_srgb(np.linspace(0, 1, 65536))).astype(np.uint8)
)


def to_8_bits(linear: torch.Tensor) -> torch.Tensor:
    """Linear light, which is overwritten → the nearest code of sRGB, uint8."""
    codes = linear.mul_(65535).add_(0.5).clamp_(0, 65535).int()
    return ENCODED.index_select(0, codes)


def to_16_bits(linear: torch.Tensor) -> torch.Tensor:
    """Linear light, which is overwritten → the nearest code of sRGB, uint16."""
    linear = linear.clamp_(0, 1)
    encoded = linear.clamp_min(0.0031308).pow_(1 / 2.4).mul_(1.055).sub_(0.055)
    # The power above, the line below, without a choice at every pixel.
    encoded.add_(linear.sub_(0.0031308).clamp_max_(0), alpha=12.92)
    return encoded.mul_(65535).add_(0.5).clamp_(0, 65535).int().to(torch.uint16)


def row_slices(height: int, width: int) -> Iterator[slice]:
    """Rows of a picture, about :data:`CHUNK` pixels at a time."""
    rows = max(1, CHUNK // max(width, 1))
    return (slice(y, min(y + rows, height)) for y in range(0, height, rows))
