"""`pix2pix`: a U-Net generator and a patch discriminator that looks at L and ab together.

Report 001 after Isola et al. 2017.  The discriminator is the report's: stacked convolution, batch
norm, leaky ReLU, an output for every patch.  The report's own generator is here ``unet``: 4×4
convolutions of stride 2 with batch norm and leaky ReLU (Isola et al. 2017, section 6.1.1), fewer
channels than the paper's.  ``mobilenet`` is what the report wants to come to, an ImageNet-trained
MobileNetV2 in the U-Net; ``efficientnet``, shipped, has an EfficientNet-Lite0 there, which
recognises more.  Colour comes out at half the resolution: the photograph's own lightness has all
the detail, and the upsampler follows it.  There is no noise input: Isola et al. found that their
generator ignores it (section 2.2).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from colorizer.decoding.prediction import Regression

from .encoders import LAYERS
from .unet import AB_SCALE, Block, EncoderUNet

WIDTHS = (128, 128, 96, 64, 32)


class UNet(nn.Module):
    """L (B, 1, H, W) in 0…100, sides multiples of 32 → (B, outputs, H/2, W/2), no activation.

    channels: of the encoder at strides 2, 4, 8, 16 and 32; the decoder mirrors them with a skip
    from each.
    """

    stride, output_stride = 32, 2

    def __init__(
        self, outputs: int, channels: tuple[int, int, int, int, int] = (32, 64, 128, 192, 256)
    ) -> None:
        super().__init__()
        before = (1, *channels[:-1])
        self.down = nn.ModuleList(
            conv_norm(i, o, norm=k > 0)
            for k, (i, o) in enumerate(zip(before, channels, strict=True))
        )
        widths = (channels[-1], channels[2], 96, 64, 32)
        skips = channels[-2::-1]
        self.up = nn.ModuleList(
            Block(i + s, o) for i, s, o in zip(widths[:-1], skips, widths[1:], strict=True)
        )
        self.head = nn.Conv2d(widths[-1], outputs, 1)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        x = (lightness - 50) / 50
        skips = []
        for layer in self.down:
            x = layer(x)
            skips.append(x)
        for layer, skip in zip(self.up, skips[-2::-1], strict=True):
            # Not transposed, for those draw a checkerboard (Odena et al. 2016).
            x = layer(torch.cat((F.interpolate(x, scale_factor=2.0, mode="nearest"), skip), 1))
        return self.head(x)


def conv_norm(inputs: int, outputs: int, stride: int = 2, norm: bool = True) -> nn.Sequential:
    """4×4 convolution, batch norm, leaky ReLU 0.2."""
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, 4, stride, 1, bias=not norm)]
    if norm:
        layers.append(nn.BatchNorm2d(outputs))
    return nn.Sequential(*layers, nn.LeakyReLU(0.2, inplace=True))


class Generator(nn.Module):
    """L (B, 1, H, W) in 0…100, sides multiples of 32 → ab units (B, 2, H/2, W/2).

    encoder: "mobilenet", "efficientnet" or "unet".  Raises ValueError for another.
    """

    stride, output_stride = 32, 2

    def __init__(self, encoder: str = "mobilenet") -> None:
        super().__init__()
        if encoder in LAYERS:
            self.network = EncoderUNet(2, WIDTHS, output_stride=2, encoder=encoder)
        elif encoder == "unet":
            self.network = UNet(2)
        else:
            raise ValueError(f"The encoder is {', '.join(LAYERS)} or unet, not {encoder!r}.")

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.network(lightness)) * AB_SCALE


class PatchDiscriminator(nn.Module):
    """Lab (B, 3, h, w) in its own units → a logit for every patch, (B, 1, h/4 - 2, w/4 - 2).

    C64-C128-C256 of Isola et al. 2017 (section 6.1.2) with one strided layer less, since it looks
    at half the resolution: a patch is 34 pixels of that wide, 68 of the photograph.
    """

    def __init__(self, channels: tuple[int, int, int] = (64, 128, 256)) -> None:
        super().__init__()
        first, second, third = channels
        self.layers = nn.Sequential(
            conv_norm(3, first, norm=False),
            conv_norm(first, second),
            conv_norm(second, third, stride=1),
            nn.Conv2d(third, 1, 4, padding=1),
        )

    def forward(self, lab: torch.Tensor) -> torch.Tensor:
        return self.layers(scaled(lab))


def scaled(lab: torch.Tensor) -> torch.Tensor:
    """Lab (B, 3, h, w) → the same in about -1…1."""
    return torch.cat((lab[:, :1] / 50 - 1, lab[:, 1:] / AB_SCALE), 1)


def build(config: dict) -> Generator:
    """The network of a checkpoint's config.json: the generator alone."""
    return Generator(**config["architecture"])


def predict(
    model: Generator, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Regression:
    """One forward pass.  lightness: (1, 1, H, W) in 0…100.  hints: None, there are none."""
    return predict_batch(model, config, lightness, hints)[0]


def predict_batch(
    model: Generator, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> list[Regression]:
    """One forward pass over N photographs.  lightness: (N, 1, H, W).  hints: None."""
    return [Regression(ab.clone()) for ab in model(lightness).float()]
