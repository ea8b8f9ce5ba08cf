"""`mobile`: a U-Net on an ImageNet-trained MobileNetV2 with a distribution over ab at each pixel.

Sources: the encoder is MobileNetV2 1.0 (Sandler et al. 2018) in a U-Net (Ronneberger et al.
2015), report 001's "combine it with a MobileNetV2"; the head and its 313 bins at a quarter of
the resolution are those of Zhang et al. 2016 (section 2.1).  The pooled encoder features that
reach every place ("global features") are from Iizuka et al. 2016 (section 3.2); one
self-attention block at stride 16 (Vaswani et al. 2017) lets distant parts of one material agree.
Hints enter as in Zhang et al. 2017 (section 3.2): ab and a mask as extra channels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from colorizer.decoding.prediction import Distribution, distributions

from .encoders import mobilenet
from .encoders.mobilenet import normalized
from .unet import AB_SCALE

# Layers of the encoder after which a stride ends: the last maps at 2, 4, 8, 16 and 32.
LAST_AT = {1: 2, 3: 4, 6: 8, 13: 16, 17: 32}


class ConvBlock(nn.Sequential):
    """3×3 convolution, batch norm, SiLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.SiLU(inplace=True),
        )


class Attention(nn.Module):
    """Self-attention over all places of a (B, C, H, W) map, then a two-layer MLP.

    Pre-norm, and a norm at the end, without which the sum outgrows the skip connections that it is
    joined with.
    """

    def __init__(self, channels: int, heads: int = 6) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels)
        )
        self.norm3 = nn.LayerNorm(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, channels, height, width = x.shape
        tokens = x.flatten(2).transpose(1, 2)  # (B, HW, C)
        qkv = self.qkv(self.norm1(tokens))
        q, k, v = qkv.view(batch, -1, 3, self.heads, channels // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(tokens.shape)
        tokens = tokens + self.project(mixed)
        tokens = self.norm3(tokens + self.mlp(self.norm2(tokens)))
        return tokens.transpose(1, 2).reshape(batch, channels, height, width)


class Mobile(nn.Module):
    """L (and hints) → logits over ab bins at a quarter of the resolution.

    bins: number of bins of the head.  widths: channels of the decoder at strides 32, 16, 8, 4.
    """

    stride = 32  # sides of the input must be multiples of this
    output_stride = 4
    encoder_name = "mobilenet"
    added = ("encoder.0.0",)  # hints

    def __init__(
        self, bins: int = 313, widths: tuple[int, int, int, int] = (256, 192, 160, 112)
    ) -> None:
        super().__init__()
        self.encoder = mobilenet.features()
        w32, w16, w8, w4 = widths
        self.reduce = nn.Conv2d(1280, w32, 1, bias=False)
        self.context = nn.Linear(1280, w32)
        self.norm32 = nn.BatchNorm2d(w32)
        self.up16 = ConvBlock(w32 + 96, w16)
        self.attention = Attention(w16)
        self.up8 = ConvBlock(w16 + 32, w8)
        self.up4 = ConvBlock(w8 + 24, w4)
        self.refine = ConvBlock(w4, w4)
        self.head = nn.Conv2d(w4, bins, 1)
        # Hints enter by their own convolutions, zero at the start: without hints the network is
        # exactly the one without these channels (Zhang et al. 2017, section 3.2).
        self.hint_stem = nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False)
        self.hint16 = nn.Conv2d(3, w16, 1, bias=False)
        self.hint8 = nn.Conv2d(3, w8, 1, bias=False)
        self.hint4 = nn.Conv2d(3, w4, 1, bias=False)
        for layer in (self.hint_stem, self.hint16, self.hint8, self.hint4):
            nn.init.zeros_(layer.weight)

    def load_encoder(self, state: dict[str, torch.Tensor]) -> None:
        """Start from a torchvision MobileNetV2 state dict (``features.*`` keys), strictly."""
        prefix = "features."
        features = {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}
        self.encoder.load_state_dict(features, strict=True)

    def early(self) -> nn.ModuleList:
        """The layers up to stride 4, which a training may leave as they are."""
        return nn.ModuleList((self.encoder[:4], self.hint_stem))

    def encoder_maps(self, lightness: torch.Tensor) -> dict[int, torch.Tensor]:
        """lightness (B, 1, H, W) in 0…100 → the encoder's maps by stride, without hints."""
        x, maps = normalized(lightness), {}
        for i, layer in enumerate(self.encoder):
            x = layer(x)
            if i in LAST_AT:
                maps[LAST_AT[i]] = x
        return maps

    def forward(self, lightness: torch.Tensor, hints: torch.Tensor | None = None) -> torch.Tensor:
        """lightness (B, 1, H, W) in 0…100, H and W multiples of 32.

        hints: (B, 3, H, W) — a, b (ab units, 0 where there is none) and a mask of 0 and 1 — or
        None.  Returns logits (B, Q, H/4, W/4).
        """
        x = normalized(lightness)
        if hints is not None:
            hints = torch.cat((hints[:, :2] / AB_SCALE, hints[:, 2:]), 1)
        stem = self.encoder[0]
        x = stem[0](x)
        if hints is not None:
            x = x + self.hint_stem(hints)
        x = stem[2](stem[1](x))
        skips = {}
        for i in range(1, len(self.encoder)):
            x = self.encoder[i](x)
            if i in (3, 6, 13):  # the last maps at strides 4, 8 and 16
                skips[i] = x
        context = self.context(x.mean((2, 3)))
        x = F.silu(self.norm32(self.reduce(x) + context[:, :, None, None]))
        x = join(self.up16, x, skips[13], self.hint16, hints)
        x = self.attention(x)
        x = join(self.up8, x, skips[6], self.hint8, hints)
        x = join(self.up4, x, skips[3], self.hint4, hints)
        return self.head(x + self.refine(x))


def join(
    block: nn.Module,
    x: torch.Tensor,
    skip: torch.Tensor,
    hint_layer: nn.Module,
    hints: torch.Tensor | None,
) -> torch.Tensor:
    """Features of half the size and those of the encoder, joined by ``block``; hints added.

    Nearest-neighbour upsampling and a 3×3 convolution leave no checkerboard (Odena et al. 2016),
    which transposed convolutions do.
    """
    x = block(torch.cat((F.interpolate(x, scale_factor=2.0, mode="nearest"), skip), 1))
    if hints is not None:
        x = x + hint_layer(pool_hints(hints, x.shape[-2:]))
    return x


def pool_hints(hints: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Hints (B, 3, H, W) on a coarser grid: mean colour of each cell's hints, and presence."""
    colour = F.adaptive_avg_pool2d(hints[:, :2] * hints[:, 2:], size)
    share = F.adaptive_avg_pool2d(hints[:, 2:], size)
    present = (share > 0).to(hints.dtype)
    return torch.cat((colour / share.clamp_min(1e-4) * present, present), 1)


def build(config: dict) -> Mobile:
    """The network of a checkpoint's config.json."""
    architecture = dict(config["architecture"])
    if "widths" in architecture:
        architecture["widths"] = tuple(architecture["widths"])
    return Mobile(**architecture)


def predict(
    model: Mobile, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Distribution:
    """One forward pass.  lightness: (1, 1, H, W) in 0…100.  hints: (1, 3, H, W) or None."""
    return predict_batch(model, config, lightness, hints)[0]


def predict_batch(
    model: Mobile, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> list[Distribution]:
    """One forward pass over N photographs.  lightness: (N, 1, H, W).  hints: (N, 3, H, W) or None."""
    return distributions(model(lightness, hints).float(), config, lightness)
