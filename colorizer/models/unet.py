"""A light U-Net on an ImageNet encoder that several approaches share: only what comes out differs.

Encoder: the feature layers of MobileNetV2 1.0 (Sandler et al. 2018) or EfficientNet-Lite0 (Tan &
Le 2019) without the last one (320 to 1280 channels, 0.4 million parameters that serve
classification).  Decoder: a U-Net (Ronneberger
et al. 2015) of 3×3 convolutions after nearest-neighbour upsampling, which leave no checkerboard
(Odena et al. 2016).  The pooled features reach every place ("global features", Iizuka et al.
2016, section 3.2).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from .encoders import LAYERS

AB_SCALE = 110.0  # what ±1 of a Tanh stands for, in ab units

SKIPS = (16, 8, 4, 2)  # strides whose maps of the encoder the decoder can join


class Block(nn.Sequential):
    """3×3 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class EncoderUNet(nn.Module):
    """L (B, 1, H, W) in 0…100, sides multiples of 32 → (B, outputs, H/s, W/s), no activation.

    encoder: "mobilenet" or "efficientnet".  widths: channels of the decoder at strides 32, 16, 8, 4 and, for ``output_stride`` 2, 2.
    noise: channels of a noise map that joins at strides 16 and 8; 0 for none.
    """

    stride = 32

    def __init__(
        self,
        outputs: int,
        widths: tuple[int, ...] = (128, 128, 96, 96),
        output_stride: int = 4,
        noise: int = 0,
        encoder: str = "mobilenet",
    ) -> None:
        super().__init__()
        strides = [s for s in SKIPS if s >= output_stride]
        if len(widths) != len(strides) + 1:
            raise ValueError(
                f"An output stride of {output_stride} needs {len(strides) + 1} widths."
            )
        self.output_stride, self.noise = output_stride, noise
        self.encoder_name, self.encoder = encoder, LAYERS[encoder]()
        inputs = self.encoder.widths
        self.reduce = nn.Conv2d(inputs[self.stride], widths[0], 1, bias=False)
        self.context = nn.Linear(inputs[self.stride], widths[0])
        self.norm = nn.BatchNorm2d(widths[0])
        self.up = nn.ModuleList(
            Block(before + inputs[s] + (noise if s >= 8 else 0), after)
            for s, before, after in zip(strides, widths[:-1], widths[1:], strict=True)
        )
        self.head = nn.Conv2d(widths[-1], outputs, 1)
        self._strides = strides

    def load_encoder(self, state: dict[str, torch.Tensor]) -> None:
        """Start from the encoder's torchvision or timm state dict, strictly."""
        self.encoder.load(state)

    def early(self) -> nn.Module:
        """The layers up to stride 4, which a training may leave as they are."""
        return self.encoder.early()

    def forward(self, lightness: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
        """noise: (B, ``noise``, h, w) of any size, stretched over the picture; None is zero."""
        maps = self.encoder.maps(self.encoder.normalized(lightness))
        x = maps[self.stride]
        context = self.context(x.mean((2, 3)))
        x = F.relu(self.norm(self.reduce(x) + context[:, :, None, None]))
        for s, block in zip(self._strides, self.up, strict=True):
            parts = [F.interpolate(x, scale_factor=2.0, mode="nearest"), maps[s]]
            if self.noise and s >= 8:
                parts.append(stretch(noise, parts[0], self.noise))
            x = block(torch.cat(parts, 1))
        return self.head(x)


def stretch(noise: torch.Tensor | None, like: torch.Tensor, channels: int) -> torch.Tensor:
    """Noise (B, channels, h, w) smoothly over the places of ``like``; zeros for None."""
    batch, _, height, width = like.shape
    if noise is None:
        return like.new_zeros(batch, channels, height, width)
    return F.interpolate(noise.to(like.dtype), size=(height, width), mode="bilinear")
