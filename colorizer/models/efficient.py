"""`efficient`: a U-Net on an ImageNet-trained EfficientNet-Lite0, a distribution over ab at each pixel.

As `mobile` (see there for the head, the global features and the hints), on an encoder that
recognises far more of what it sees in grey (Tan & Le 2019), seen at 192 px and more.  Most of the
decoder's weights are where things are recognised, at strides 16 and 8: two self-attention blocks
at stride 16 (Vaswani et al. 2017) let the parts of one thing agree.  The step to stride 4 is
narrow, since the guided upsampling that follows finds the edges.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from colorizer.decoding.anchors import AnchorSampler
from colorizer.decoding.prediction import Distribution, distributions

from .encoders import efficientnet
from .encoders.efficientnet import EfficientNetFeatures, SameConv, normalized
from .mobile import Attention, ConvBlock, join
from .unet import AB_SCALE


class Efficient(nn.Module):
    """L (and hints) → logits over ab bins at a quarter of the resolution.

    bins: number of bins of the head.  widths: channels of the decoder at strides 32, 16, 8, 4.
    attention: number of self-attention blocks at stride 16.
    """

    stride = 32  # sides of the input must be multiples of this
    output_stride = 4
    encoder_name = "efficientnet"
    added = ("encoder.conv_stem",)  # hints

    def __init__(
        self,
        bins: int = 313,
        widths: tuple[int, int, int, int] = (256, 256, 192, 96),
        attention: int = 2,
    ) -> None:
        super().__init__()
        self.encoder = EfficientNetFeatures()
        c4, c8, c16, c32 = self.encoder.channels
        w32, w16, w8, w4 = widths
        self.reduce = nn.Conv2d(c32, w32, 1, bias=False)
        self.context = nn.Linear(c32, w32)
        self.norm32 = nn.BatchNorm2d(w32)
        self.up16 = ConvBlock(w32 + c16, w16)
        self.attention = nn.Sequential(*(Attention(w16, heads=8) for _ in range(attention)))
        self.up8 = ConvBlock(w16 + c8, w8)
        # Narrowed before it is enlarged: at stride 4 every channel costs sixteen times as much.
        self.narrow = nn.Conv2d(w8, w4, 1, bias=False)
        self.up4 = ConvBlock(w4 + c4, w4)
        self.refine = ConvBlock(w4, w4)
        self.head = nn.Conv2d(w4, bins, 1)
        # Zero at the start: without hints the network is exactly the one without these channels.
        self.hint_stem = SameConv(3, efficientnet.STEM, 3, 2)
        self.hint16 = nn.Conv2d(3, w16, 1, bias=False)
        self.hint8 = nn.Conv2d(3, w8, 1, bias=False)
        self.hint4 = nn.Conv2d(3, w4, 1, bias=False)
        for layer in (self.hint_stem, self.hint16, self.hint8, self.hint4):
            nn.init.zeros_(layer.weight)

    def load_encoder(self, state: dict[str, torch.Tensor]) -> None:
        """Start from a timm ``tf_efficientnet_lite0`` state dict, strictly."""
        self.encoder.load(state)

    def early(self) -> nn.ModuleList:
        """The layers up to stride 4, which a training may leave as they are."""
        return nn.ModuleList((self.encoder.early(), self.hint_stem))

    def encoder_maps(self, lightness: torch.Tensor) -> dict[int, torch.Tensor]:
        """lightness (B, 1, H, W) in 0…100 → the encoder's maps by stride, without hints."""
        return self.encoder.maps(normalized(lightness))

    def features(self, lightness: torch.Tensor, hints: torch.Tensor | None) -> torch.Tensor:
        """Input of the head: (B, w4, H/4, W/4)."""
        stem = None
        if hints is not None:
            hints = torch.cat((hints[:, :2] / AB_SCALE, hints[:, 2:]), 1)
            stem = self.hint_stem(hints)
        four, eight, sixteen, x = self.encoder(normalized(lightness), stem)
        context = self.context(x.mean((2, 3)))
        x = F.silu(self.norm32(self.reduce(x) + context[:, :, None, None]))
        x = join(self.up16, x, sixteen, self.hint16, hints)
        x = self.attention(x)
        x = join(self.up8, x, eight, self.hint8, hints)
        x = join(self.up4, self.narrow(x), four, self.hint4, hints)
        return x + self.refine(x)

    def forward(self, lightness: torch.Tensor, hints: torch.Tensor | None = None) -> torch.Tensor:
        """lightness (B, 1, H, W) in 0…100, H and W multiples of 32.

        hints: (B, 3, H, W) — a, b (ab units, 0 where there is none) and a mask of 0 and 1 — or
        None.  Returns logits (B, Q, H/4, W/4).
        """
        return self.head(self.features(lightness, hints))


def build(config: dict) -> Efficient:
    """The network of a checkpoint's config.json."""
    architecture = dict(config["architecture"])
    if "widths" in architecture:
        architecture["widths"] = tuple(architecture["widths"])
    return Efficient(**architecture)


def predict(
    model: Efficient, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Distribution:
    """One forward pass.  lightness: (1, 1, H, W) in 0…100.  hints: (1, 3, H, W) or None.

    With ``anchors`` in its config samples are drawn by colour anchors, for which the network runs
    again, else with coherent noise.
    """
    return predict_batch(model, config, lightness, hints)[0]


def predict_batch(
    model: Efficient, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> list[Distribution]:
    """One forward pass over N photographs.  lightness: (N, 1, H, W).  hints: (N, 3, H, W) or None."""
    predictions = distributions(model(lightness, hints).float(), config, lightness)
    for i, prediction in enumerate(predictions if config.get("anchors") else ()):
        own = None if hints is None else hints[i : i + 1]
        prediction.anchors = _anchor_sampler(model, prediction, lightness[i : i + 1], own)
    return predictions


def _anchor_sampler(
    model: Efficient, prediction: Distribution, lightness: torch.Tensor, hints: torch.Tensor | None
) -> AnchorSampler:
    def network(hinted: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return model(lightness, hinted).float()

    return AnchorSampler(
        network,
        prediction.logits,
        prediction.lightness,
        prediction.bins,
        lightness.shape[-2:],
        hints,
    )
