"""`pixcolor`: a small picture of colour drawn value by value, then refined along the photograph.

PixColor (Guadarrama et al. 2017; report 002, section II-C) has three parts: a feature network and
an adaptation network give every cell of a 28 × 28 grid 64 features; a conditional PixelCNN draws
the chroma of the grid, cell by cell, each knowing the ones before (:mod:`.pixelcnn`); a
refinement network, trained on its own, brings that chroma to the photograph's working size.

What the sources leave open or what is done differently here:

* The grid is the photograph resized to 112 × 112 at stride 4, in training and at use (the
  report's 256 px crops at H/4 would be 64 × 64).  All is convolutional, so a photograph that is
  not square gets a grid of its own shape with as many cells, at most: 3:2 gives 34 × 23.
  Nothing is squeezed or padded, and drawing takes the same time for every photograph.
* The features are MobileNetV2's, ImageNet-trained, brought from stride 32 up to stride 4;
  ``encoder="resnet101"`` is the paper's and report's ResNet-101 up to its third stage.
* Cb and Cr become ab with the photograph's own L* (:mod:`colorizer.color.ycbcr`); in the paper they are
  joined with luma, which is not L*.
* There is no best guess: without a seed, one gets the sample of seed 0.
"""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

from colorizer.color.ycbcr import chroma_to_ab
from colorizer.decoding.prediction import Settings

from .encoders import ENCODERS
from .mobile import Attention, ConvBlock
from .pixelcnn.network import PixelCNN, from_levels
from .pixelcnn.sampler import Sampler, draw

CELLS = 28 * 28  # of a grid, at most
CELL = 4  # side of a cell in the pixels that the features see
# Seeds that are drawn along when one is asked for.  People look at several samples, one after the
# other from a seed on, and four drawn together take little longer than one.
AHEAD = 4
KEPT = 64  # drawings kept; one is 784 pairs of small integers


class Conditioning(nn.Module):
    """L → what the PixelCNN knows of every cell: features, then the adaptation network.

    The features of deeper layers are brought up and joined with those of the layers before (as in
    a U-Net, Ronneberger et al. 2015), with one self-attention block at stride 16, so that a cell
    knows of the whole photograph.  widths: channels from the deepest joining up to stride 8.
    """

    def __init__(
        self, encoder: str = "mobilenet", widths: tuple[int, int] = (160, 112), context: int = 64
    ) -> None:
        super().__init__()
        if encoder not in ENCODERS:
            raise ValueError(f"There is no encoder {encoder!r}; there are {', '.join(ENCODERS)}.")
        self.encoder_name, self.encoder = encoder, ENCODERS[encoder]()
        *skips, deepest = self.encoder.channels
        w16, w8 = widths
        self.reduce = nn.Conv2d(deepest, w16, 1, bias=False)
        self.pooled = nn.Linear(deepest, w16)
        self.norm = nn.BatchNorm2d(w16)
        # ResNet's deepest map is already at stride 16 and is joined with nothing there.
        self.up16 = ConvBlock(w16 + (skips[2] if len(skips) == 3 else 0), w16)
        self.attention = Attention(w16, heads=5)
        self.up8 = ConvBlock(w16 + skips[1], w8)
        # Report 002: "three convolution layers to adapt the features required by PixelCNN".
        self.adaptation = nn.Sequential(
            ConvBlock(w8 + skips[0], 96),
            ConvBlock(96, context),
            nn.Conv2d(context, context, 3, 1, 1),
        )

    def load_encoder(self, state: dict[str, torch.Tensor]) -> None:
        """Start from the encoder's torchvision or timm state dict, strictly."""
        self.encoder.load(state)

    def early(self) -> nn.Module:
        """The encoder's layers up to stride 4."""
        return self.encoder.early()

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """lightness (B, 1, 4·h, 4·w) in 0…100 → (B, context, h, w)."""
        *skips, x = self.encoder(self.encoder.normalized(lightness))
        pooled = self.pooled(x.mean((2, 3)))
        x = F.silu(self.norm(self.reduce(x) + pooled[:, :, None, None]))
        if len(skips) == 3:
            x = _double(x, skips.pop())
        x = self.attention(self.up16(x))
        x = self.up8(_double(x, skips.pop()))
        return self.adaptation(_double(x, skips.pop()))


def _double(x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
    """``x`` at twice the resolution, joined with ``skip``, which may end one row or column earlier.

    Sides that are odd are halved upwards by the encoder; cutting (not squeezing) what is too much
    keeps every cell over the same pixels.
    """
    x = F.interpolate(x, scale_factor=2.0, mode="nearest")
    return torch.cat((x[..., : skip.shape[-2], : skip.shape[-1]], skip), 1)


class Refinement(nn.Module):
    """L and the chroma of the grid → chroma at the size of L (PixColor, section 3.2).

    The chroma is stretched bilinearly and corrected: at an eighth, a quarter, a half and all of
    the size, L says where its edges are.  The last layer starts at zero.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (16, 24, 48, 96)) -> None:
        super().__init__()
        w1, w2, w4, w8 = widths

        def halving(inputs: int, outputs: int) -> nn.Sequential:
            block = ConvBlock(inputs, outputs)
            block[0].stride = (2, 2)
            return block

        self.down2, self.down4, self.down8 = halving(1, w2), halving(w2, w4), halving(w4, w8)
        self.inner = nn.Sequential(ConvBlock(w8 + 2, w8), ConvBlock(w8, w8))
        self.up4 = ConvBlock(w8 + w4 + 2, w4)
        self.up2 = ConvBlock(w4 + w2, w2)
        self.up1 = ConvBlock(w2 + 1, w1)
        self.out = nn.Conv2d(w1, 2, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, lightness: torch.Tensor, chroma: torch.Tensor) -> torch.Tensor:
        """Refine chroma to the size of the lightness.

        lightness: (B, 1, H, W) in 0…100, sides multiples of 8.  chroma: (B, 2, h, w), Cb and Cr in
        -0.5…0.5.  Returns (B, 2, H, W).
        """

        def stretched(size: torch.Size) -> torch.Tensor:
            return F.interpolate(chroma, size=size, mode="bilinear")

        light = lightness / 50 - 1
        two = self.down2(light)
        four = self.down4(two)
        x = self.down8(four)
        x = self.inner(torch.cat((x, 8 * stretched(x.shape[-2:])), 1))
        x = _double(x, torch.cat((four, 8 * stretched(four.shape[-2:])), 1))
        x = _double(self.up4(x), two)
        x = _double(self.up2(x), light)
        return stretched(lightness.shape[-2:]) + self.out(self.up1(x)) / 8


class PixColor(nn.Module):
    """All three parts.  architecture: the options of the parts, as a config's has them."""

    stride = 8  # of working sizes, for the refinement; the grid has its own

    def __init__(
        self,
        features: int = 64,
        layers: int = 10,
        levels: int = 32,
        encoder: str = "mobilenet",
        widths: tuple[int, int] = (160, 112),
        context: int = 64,
        refinement: tuple[int, int, int, int] = (16, 24, 48, 96),
    ) -> None:
        super().__init__()
        self.conditioning = Conditioning(encoder, widths, context)
        self.pixelcnn = PixelCNN(features, layers, levels, context=context)
        self.refinement = Refinement(refinement)

    def forward(
        self,
        lightness: torch.Tensor,
        levels: torch.Tensor | None = None,
        chroma: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Compute the outputs that the arguments ask for.

        L of the grid's size × 4 alone: the condition.  With levels (B, 2, h, w): the logits
        (B, 2, levels, h, w) that the PixelCNN is trained on.  L of working size with the chroma of
        the grid: refined chroma, which the refinement is trained on.
        """
        if chroma is not None:
            return self.refinement(lightness, chroma)
        context = self.conditioning(lightness)
        return context if levels is None else self.pixelcnn(levels, context)


def grid_size(height: int, width: int, cells: int = CELLS) -> tuple[int, int]:
    """(h, w) of a photograph's grid: its own shape, at most ``cells`` cells, 28 × 28 for a square."""
    h = max(1, min(cells, round(math.sqrt(cells * height / width))))
    w = max(1, min(round(h * width / height), cells // h))
    return h, w


def on_grid(lightness: torch.Tensor, grid: tuple[int, int]) -> torch.Tensor:
    """L (B, 1, H, W) → (B, 1, 4·h, 4·w), antialiased, as the features see it."""
    size = tuple(CELL * n for n in grid)
    return F.interpolate(lightness, size=size, mode="bilinear", antialias=True).clamp(0, 100)


class Drawings:
    """One photograph: its condition, and the pictures drawn from it so far.

    A drawing is a function of seed, temperature and top-k alone, whatever else was drawn with it.
    """

    def __init__(self, model: PixColor, sampler: Sampler, lightness: torch.Tensor) -> None:
        self.model, self.sampler, self.lightness = model, sampler, lightness
        self.context = model(on_grid(lightness, grid_size(*lightness.shape[-2:])))
        self._levels: OrderedDict[tuple, torch.Tensor] = OrderedDict()

    def levels(self, settings: Settings, seed: int | None) -> torch.Tensor:
        """The levels (2, h, w) of a seed, drawn if they are not there yet."""
        knobs = (settings.temperature, settings.top_k)
        found = self._levels.get((*knobs, seed or 0))
        if found is None:
            seeds = [0] if seed is None else range(seed, seed + AHEAD)
            missing = [s for s in seeds if (*knobs, s) not in self._levels]
            drawn = draw(self.sampler, self.context, missing, *knobs)
            found = drawn[0]
            self._levels.update({(*knobs, s): d for s, d in zip(missing, drawn, strict=True)})
            while len(self._levels) > KEPT:
                self._levels.popitem(last=False)
        return found

    def ab(self, settings: Settings, seed: int | None) -> torch.Tensor:
        """ab (2, H, W) at working size."""
        chroma = from_levels(self.levels(settings, seed))[None].to(self.lightness)
        # One at a time: a batch might round otherwise, and a seed is a picture to the last bit.
        return chroma_to_ab(self.lightness, self.model(self.lightness, chroma=chroma))[0]


def build(config: dict) -> PixColor:
    """The network of a checkpoint's config.json.  Raises ValueError for an unknown encoder."""
    architecture = dict(config.get("architecture", {}))
    for name in ("widths", "refinement"):
        if name in architecture:
            architecture[name] = tuple(architecture[name])
    return PixColor(**architecture)


def predict(
    model: PixColor, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Drawings:
    """One pass of the features.  lightness: (1, 1, H, W) in 0…100.  hints: None, always."""
    sampler = getattr(model, "sampler", None)
    if sampler is None:  # once for a model: its weights in float64
        sampler = model.sampler = Sampler(model.pixelcnn)
    return Drawings(model, sampler, lightness)
