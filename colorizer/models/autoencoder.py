"""`reconstruction-rgb`, `reconstruction-lab` and `classification`: report 000's autoencoder.

The report names its layers (Conv2D, BatchNorm2D, ReLU, ConvTranspose2D, Tanh) and no sizes.  Its
own encoder is here ``plain``: strided 3×3 convolutions down to a sixteenth, and back, with
nothing that leads around the bottleneck; whatever the output has, edges included, came through
it.  Only the head differs: all of RGB, the two channels ab, or 361 square bins of them.

Where the report has ConvTranspose2D, nearest-neighbour upsampling and a convolution stand here,
because transposed convolutions draw a checkerboard (Odena et al. 2016); ``transposed`` in the
config brings them back.  ``encoder: mobilenet`` or ``efficientnet`` is an ImageNet-trained encoder in a U-Net.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from colorizer.color.lab import rgb_to_lab
from colorizer.decoding.prediction import Prediction, Rebuilt, Regression, distributions

from .encoders import LAYERS
from .unet import AB_SCALE, Block, EncoderUNet, stretch

# Channels that come out, and at which part of the resolution.
HEADS = {"rgb": 3, "ab": 2, "bins": 361}


class Plain(nn.Module):
    """L (B, 1, H, W) in 0…100, sides multiples of 16 → (B, outputs, H/s, W/s), no activation.

    channels: of the encoder at strides 2, 4, 8 and 16; the decoder mirrors them and ends at
    ``output_stride``.  noise: channels of noise that join at the bottleneck; 0 for none.
    """

    stride = 16

    def __init__(
        self,
        outputs: int,
        channels: tuple[int, ...] = (32, 64, 128, 192),
        output_stride: int = 1,
        transposed: bool = False,
        noise: int = 0,
    ) -> None:
        super().__init__()
        self.output_stride, self.noise = output_stride, noise
        before = (1, *channels[:-1])
        self.encoder = nn.Sequential(
            *(_down(i, o) for i, o in zip(before, channels, strict=True)),
            Block(channels[-1], channels[-1]),
        )
        ups: list[nn.Module] = [Block(channels[-1] + noise, channels[-1])] if noise else []
        self.join = nn.Sequential(*ups)
        back = (*channels[::-1], max(8, channels[0] // 2))
        self.decoder = nn.Sequential(
            *(
                _up(i, o, transposed)
                for k, (i, o) in enumerate(pairwise(back))
                if 2 ** (len(channels) - k) > output_stride
            )
        )
        last = back[len(self.decoder)]
        self.head = nn.Conv2d(last, outputs, 3, padding=1)

    def forward(self, lightness: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
        x = self.encoder((lightness - 50) / 50)
        if self.noise:
            x = self.join(torch.cat((x, stretch(noise, x, self.noise)), 1))
        return self.head(self.decoder(x))


def _down(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _up(inputs: int, outputs: int, transposed: bool) -> nn.Sequential:
    if not transposed:
        return nn.Sequential(nn.Upsample(scale_factor=2.0, mode="nearest"), Block(inputs, outputs))
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class AutoEncoder(nn.Module):
    """L (B, 1, H, W) in 0…100 → what ``head`` says.

    head: "rgb" gives RGB (B, 3, H, W) in 0…1; "ab" gives ab units (B, 2, H, W); "bins" gives
    logits (B, 361, H/4, W/4).  encoder: "plain", "mobilenet" or "efficientnet".  Other settings are those of
    :class:`Plain` or :class:`~colorizer.models.unet.EncoderUNet`.  Raises ValueError for unknown
    names.
    """

    def __init__(self, head: str, encoder: str = "plain", **settings: Any) -> None:
        super().__init__()
        if head not in HEADS:
            raise ValueError(f"The head is one of {', '.join(HEADS)}, not {head!r}.")
        if encoder not in ("plain", *LAYERS):
            known = ", ".join(("plain", *LAYERS))
            raise ValueError(f"The encoder is one of {known}, not {encoder!r}.")
        # A class per pixel is 361 planes: at a quarter they cost a sixteenth (Zhang et al. 2016).
        if head == "bins" and encoder == "plain":
            settings.setdefault("output_stride", 4)
        self.kind = head
        if encoder == "plain":
            self.network = Plain(HEADS[head], **settings)
        else:
            self.network = EncoderUNet(HEADS[head], encoder=encoder, **settings)
        self.stride, self.output_stride = self.network.stride, self.network.output_stride

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        out = self.network(lightness)
        if self.kind == "rgb":
            return (torch.tanh(out) + 1) / 2
        if self.kind == "ab":
            return torch.tanh(out) * AB_SCALE
        return out


def build(config: dict) -> AutoEncoder:
    """The network of a checkpoint's config.json."""
    settings = dict(config["architecture"])
    for name in ("channels", "widths"):
        if name in settings:
            settings[name] = tuple(settings[name])
    return AutoEncoder(**settings)


def predict(
    model: AutoEncoder, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Prediction:
    """One forward pass.  lightness: (1, 1, H, W) in 0…100.  hints: None, there are none."""
    return predict_batch(model, config, lightness, hints)[0]


def predict_batch(
    model: AutoEncoder, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Sequence[Prediction]:
    """One forward pass over N photographs.  lightness: (N, 1, H, W).  hints: None."""
    out = model(lightness).float()
    if model.kind == "rgb":
        return [Rebuilt(lab.clone()) for lab in rgb_to_lab(out)]
    if model.kind == "ab":
        return [Regression(ab.clone()) for ab in out]
    return distributions(out, config, lightness)
