"""`wgan-gp`: a generator with noise and a critic with gradient penalty (report 000).

Generator: the report's layers are convolution, batch norm, ReLU, transposed convolution, Tanh.
Its own design is here ``plain``, the autoencoder of the same report with the noise joined at the
bottleneck; ``mobilenet`` and ``efficientnet``, the latter shipped, are a U-Net on an
ImageNet-trained MobileNetV2 or EfficientNet-Lite0.  All upsample by nearest neighbour and a
convolution where the report transposes one, because that draws a checkerboard (Odena et al. 2016).
Colour comes out at a quarter of the resolution, which the photograph's own lightness makes up for.

Noise: half of its channels hold one value for the whole picture, half vary smoothly over a 4×4
grid stretched over it, so that two seeds differ in one thing's colour and not by a tint alone.

Critic: convolution, leaky ReLU 0.2, instance norm, flatten, linear, as in the report, without
batch norm, which would make the penalty of one sample depend on the others (Gulrajani et al.
2017, section 4).  It sees L beside ab, so that it scores the colouring of this photograph.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from colorizer.decoding.prediction import Generated
from colorizer.decoding.sampling import seeded_normal

from .autoencoder import Plain
from .encoders import LAYERS
from .pix2pix import scaled
from .unet import AB_SCALE, EncoderUNet

WIDTHS = (112, 96, 80, 64)
GRID = 4  # the noise's sides


class Generator(nn.Module):
    """L (B, 1, H, W) in 0…100 and noise (B, C, 4, 4) → ab units (B, 2, H/4, W/4).

    encoder: "mobilenet" or "efficientnet" (sides multiples of 32), or "plain" (of 16).  noise:
    channels C, even.  scale: factor on the noise, for a start at which it is heard among the many
    channels that it joins.  Raises ValueError for others.
    """

    output_stride = 4

    def __init__(self, encoder: str = "mobilenet", noise: int = 8, scale: float = 1.0) -> None:
        super().__init__()
        if noise < 2 or noise % 2:
            raise ValueError(f"The noise has an even number of channels, not {noise}.")
        if encoder in LAYERS:
            self.network = EncoderUNet(2, WIDTHS, noise=noise, encoder=encoder)
        elif encoder == "plain":
            self.network = Plain(2, output_stride=4, noise=noise)
        else:
            raise ValueError(f"The encoder is {', '.join(LAYERS)} or plain, not {encoder!r}.")
        self.noise, self.scale, self.stride = noise, scale, self.network.stride

    def draw(self, count: int, rng: torch.Generator) -> torch.Tensor:
        """Standard normal noise for ``count`` pictures, (count, C, 4, 4), on the CPU."""
        return torch.randn((count, self.noise, GRID, GRID), generator=rng)

    def forward(self, lightness: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
        """noise: from :meth:`draw`; None is none at all, the middle of all pictures."""
        if noise is not None:
            overall, local = noise.to(lightness.device).chunk(2, dim=1)
            # The mean of n standard normals times √n is one again.
            overall = overall.mean((2, 3), keepdim=True) * GRID
            noise = torch.cat((overall.expand_as(local), local), 1) * self.scale
        return torch.tanh(self.network(lightness, noise)) * AB_SCALE


class Critic(nn.Module):
    """Lab (B, 3, h, w), 16 pixels or more a side, in its own units → a score, (B,)."""

    def __init__(self, channels: tuple[int, int, int] = (64, 128, 192)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for k, (i, o) in enumerate(zip((3, *channels[:-1]), channels, strict=True)):
            layers += [nn.Conv2d(i, o, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
            if k > 0:  # on the first layer it would take away how strong the colours are
                layers.append(nn.InstanceNorm2d(o, affine=True))
        self.layers = nn.Sequential(*layers)
        self.score = nn.Linear(channels[-1] * 4, 1)

    def forward(self, lab: torch.Tensor) -> torch.Tensor:
        features = F.adaptive_avg_pool2d(self.layers(scaled(lab)), 2)  # any size, then flatten
        return self.score(features.flatten(1)).squeeze(1)


def build(config: dict) -> Generator:
    """The network of a checkpoint's config.json: the generator alone."""
    return Generator(**config["architecture"])


def predict(
    model: Generator, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Generated:
    """The generator over lightness (1, 1, H, W) in 0…100, again for every seed; no hints."""

    def generate(seed: int | None) -> torch.Tensor:
        noise = None if seed is None else seeded_normal((1, model.noise, GRID, GRID), seed)
        return model(lightness, noise).float()[0]

    return Generated(generate)
