"""Old-photo augmentation: what age, lenses, films and scanners do to a lightness image.

Applied to the network's input only; the colour target stays.  Every effect acts on some images
of a batch; about half of the images stay clean.  All randomness comes from the generator given,
so a step can be repeated exactly.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

# JPEG's luminance quantisation table (ITU-T T.81, annex K.1).
_JPEG_TABLE = torch.tensor(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=torch.float32,
)


def _dct_matrix() -> torch.Tensor:
    k = torch.arange(8, dtype=torch.float32)
    matrix = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix


def paper_borders(
    lab: torch.Tensor, generator: torch.Generator, share: float = 0.04
) -> torch.Tensor:
    """Some prints have a neutral border, and it must stay neutral: the one effect that changes
    the target too.  lab: (B, 3, H, W); returns a copy where a border was put, L 50…99, ab 0."""
    framed = torch.rand(len(lab), generator=generator) < share
    if not framed.any():
        return lab
    lab = lab.clone()
    height, width = lab.shape[-2:]
    for i in framed.nonzero().flatten().tolist():
        sides = 0.02 + 0.12 * torch.rand(4, generator=generator)
        top, bottom, left, right = (
            max(1, round(s * n))
            for s, n in zip(sides.tolist(), (height, height, width, width), strict=True)
        )
        inner = lab[i, :, top : height - bottom, left : width - right].clone()
        paper = 50 + 49 * torch.rand((), generator=generator).item()
        lab[i, 0], lab[i, 1:] = paper, 0.0
        lab[i, :, top : height - bottom, left : width - right] = inner
    return lab


class OldPhoto:
    """Callable (L, rgb, generator) → aged L.

    L: (B, 1, H, W) in 0…100, H and W multiples of 8.  rgb: (B, 3, H, W) uint8 of the same
    photographs, for the orthochromatic response.  The result is clipped to 0…100.
    """

    def __init__(self, share: float = 0.5) -> None:
        self.share = share

    def __call__(
        self, lightness: torch.Tensor, rgb: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        aged = torch.rand(len(lightness), generator=generator) < self.share
        if not aged.any():
            return lightness
        index = aged.nonzero().squeeze(1).to(lightness.device)
        chosen, colours = lightness[index] / 100, rgb[index]
        for effect, probability in (
            (lambda x, g: orthochromatic(x, colours, g), 0.25),
            (soft, 0.35),
            (tone, 0.8),
            (fade, 0.5),
            (grain, 0.4),
            (jpeg, 0.25),
        ):
            use = torch.rand((len(chosen), 1, 1, 1), generator=generator) < probability
            chosen = torch.where(use.to(chosen.device), effect(chosen, generator), chosen)
        result = lightness.clone()
        result[index] = chosen.clamp(0, 1) * 100
        return result


def _uniform(x: torch.Tensor, low: float, high: float, g: torch.Generator) -> torch.Tensor:
    """One random figure per image, (B, 1, 1, 1)."""
    return (low + (high - low) * torch.rand((len(x), 1, 1, 1), generator=g)).to(x.device)


def orthochromatic(x: torch.Tensor, rgb: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Emulsions before about 1930 saw blue bright and red dark: L from a blue-weighted mix."""
    mix = torch.cat(
        (
            _uniform(x, 0.0, 0.15, g),
            _uniform(x, 0.25, 0.5, g),
            _uniform(x, 0.4, 0.75, g),
        ),
        1,
    )
    mix = mix / mix.sum(1, keepdim=True)
    # The mix of gamma-coded channels stands in for L: L* and sRGB greys differ by at most 0.03.
    return (rgb.to(x.dtype) / 255 * mix).sum(1, keepdim=True)


def soft(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Out of focus: a Gaussian blur with σ of 0.4 to 1.2 px, one σ per batch."""
    sigma = 0.4 + 0.8 * torch.rand((), generator=g).item()
    reach = torch.arange(-4, 5, dtype=x.dtype, device=x.device)
    kernel = torch.exp(-(reach**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    padded = F.pad(x, (4, 4, 4, 4), mode="reflect")
    return F.conv2d(F.conv2d(padded, kernel.view(1, 1, 1, 9)), kernel.view(1, 1, 9, 1))


def tone(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Random gamma and contrast around the middle grey."""
    gamma = torch.exp(_uniform(x, -0.5, 0.5, g))
    contrast = _uniform(x, 0.6, 1.3, g)
    return (x.clamp(1e-4, 1) ** gamma - 0.5) * contrast + 0.5


def fade(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Blacks rise and whites sink, as in a print left in the light."""
    black, white = _uniform(x, 0.0, 0.3, g), _uniform(x, 0.7, 1.0, g)
    return black + x.clamp(0, 1) * (white - black)


def grain(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Film grain: Gaussian noise, fine or clumped over two pixels."""
    fine = torch.randn(x.shape, generator=g)
    coarse = F.interpolate(
        torch.randn((*x.shape[:2], x.shape[2] // 2, x.shape[3] // 2), generator=g),
        size=x.shape[2:],
        mode="bilinear",
    )
    clumped = torch.rand((len(x), 1, 1, 1), generator=g) < 0.5
    return x + torch.where(clumped, 1.4 * coarse, fine).to(x.device) * _uniform(x, 0.005, 0.045, g)


def jpeg(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Block artefacts of JPEG at qualities of about 20 to 75."""
    dct, table = _dct_matrix().to(x.device), _JPEG_TABLE.to(x.device)
    scale = _uniform(x, 0.5, 2.5, g).view(-1, 1, 1, 1, 1)
    batch, _, height, width = x.shape
    blocks = (x * 255 - 128).view(batch, height // 8, 8, width // 8, 8).transpose(2, 3)
    step = table * scale
    coefficients = torch.round((dct @ blocks @ dct.T) / step) * step
    blocks = (dct.T @ coefficients @ dct).transpose(2, 3)
    return ((blocks.reshape(x.shape) + 128) / 255).to(x.dtype)
