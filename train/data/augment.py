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
    lab: torch.Tensor, rgb: torch.Tensor, generator: torch.Generator, share: float = 0.06
) -> tuple[torch.Tensor, torch.Tensor]:
    """Put white, grey or black borders, straight or torn, around some photographs.

    They must stay neutral: the one effect that changes the target too.  lab: (B, 3, H, W).  rgb:
    the same as uint8.  Returns copies of both where a border was put, with ab 0 there.
    """
    framed = torch.rand(len(lab), generator=generator) < share
    if not framed.any():
        return lab, rgb
    lab, rgb = lab.clone(), rgb.clone()
    for i in framed.nonzero().flatten().tolist():
        mask = _border(*lab.shape[-2:], generator).to(lab.device)
        kind, tone = torch.rand(2, generator=generator).tolist()
        paper = 50 + 49 * tone if kind < 0.7 else 25 * tone
        texture = torch.randn(mask.shape, generator=generator).to(lab) * 2 * tone
        lightness = (paper + texture).clamp(0, 100)
        lab[i, 0] = torch.where(mask, lightness, lab[i, 0])
        lab[i, 1:] = torch.where(mask, 0.0, lab[i, 1:])
        # L* and sRGB greys differ by at most 0.03.
        rgb[i] = torch.where(mask, (lightness * 2.55).to(rgb.dtype), rgb[i])
    return lab, rgb


def _border(height: int, width: int, generator: torch.Generator) -> torch.Tensor:
    """Places (H, W) that a border covers: 2 to 14 % on each side, one in three torn."""
    sides = (0.02 + 0.12 * torch.rand(4, generator=generator)).tolist()
    torn = 0.05 if torch.rand((), generator=generator) < 1 / 3 else 0.0
    y, x = torch.linspace(0, 1, height)[:, None], torch.linspace(0, 1, width)[None]
    jag = F.interpolate(
        torch.rand((1, 1, height // 8, width // 8), generator=generator),
        size=(height, width),
        mode="bilinear",
    )[0, 0]
    distances = (y, 1 - y, x, 1 - x)
    covered = [d - s < torn * jag for d, s in zip(distances, sides, strict=True)]
    return covered[0] | covered[1] | covered[2] | covered[3]


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
            (vignette, 0.25),
            (fade, 0.5),
            (stains, 0.15),
            (scratches, 0.15),
            (grain, 0.4),
            (jpeg, 0.25),
        ):
            use = torch.rand((len(chosen), 1, 1, 1), generator=generator) < probability
            chosen = torch.where(use.to(chosen.device), effect(chosen, generator), chosen)
        result = lightness.clone()
        result[index] = chosen.clamp(0, 1) * 100
        return result


def _uniform(x: torch.Tensor, low: float, high: float, g: torch.Generator) -> torch.Tensor:
    """One random number per image, (B, 1, 1, 1)."""
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


def vignette(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Corners fall off to dark, as behind an old lens, or to light, as in a faded print."""
    height, width = x.shape[-2:]
    y, middle = torch.linspace(-1, 1, height).view(1, 1, -1, 1), _uniform(x, -0.2, 0.2, g)
    distance = (y.to(x) - middle) ** 2 + torch.linspace(-1, 1, width).to(x) ** 2
    return x + _uniform(x, -0.35, 0.2, g) * distance / 2


def stains(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Large soft blots, lighter or darker, where the print got wet or was touched."""
    coarse = torch.randn((len(x), 1, 4, 4), generator=g).to(x.device)
    blots = F.interpolate(coarse, size=x.shape[-2:], mode="bicubic").sub(0.8).clamp_min(0)
    return x + blots * _uniform(x, -0.15, 0.2, g)


def scratches(x: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """One to five hairs and scratches, white or black, nearly upright, and specks of dust."""
    height, width = x.shape[-2:]
    y = torch.arange(height).view(-1, 1)
    columns = torch.arange(width).view(1, -1)
    x = x.clone()
    for i in range(len(x)):
        for _ in range(1 + int(torch.randint(5, (), generator=g))):
            place, slope, bend, start, length, tone = torch.rand(6, generator=g).tolist()
            line = width * (place + 0.2 * (slope - 0.5) * y / height)
            line = line + 0.02 * width * bend * torch.sin(y * (2 * math.pi / height))
            along = (y > start * height) & (y < (start + length) * height)
            x[i, 0][((columns - line).abs() < 0.6) & along] = 1.0 if tone > 0.3 else 0.0
        dust = torch.rand((height, width), generator=g) < 0.0005
        x[i, 0][dust] = 1.0
    return x


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
