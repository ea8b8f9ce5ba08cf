"""The feature layers of MobileNetV2 (Sandler et al. 2018, Table 2), width 1.0.

Key for key and sum for sum torchvision's ``mobilenet_v2().features``, which the tests hold it
against.  It is written out here because importing torchvision costs every start of the page as
much again as PyTorch itself.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

# (expansion t, channels c, repeats n, stride s) of the paper's Table 2.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
LAST = 1280

# torchvision's input normalisation; a grey photograph is its lightness on all three channels.
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalized(lightness: torch.Tensor) -> torch.Tensor:
    """L (B, 1, H, W) in 0…100 → what torchvision's encoders take, (B, 3, H, W)."""
    mean, std = (lightness.new_tensor(v).view(1, 3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
    return (lightness / 100 - mean) / std


class StridedDepthwise(nn.Conv2d):
    """A depthwise convolution with a stride; on processors in float32 even under autocast.

    oneDNN has no fast kernel for its gradient in bfloat16: these four layers took a fifth of a
    training step on a CPU, eight times what they take in float32.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


class ConvNormActivation(nn.Sequential):
    """Convolution, batch norm, ReLU6."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1
    ) -> None:
        make = StridedDepthwise if stride > 1 and groups > 1 else nn.Conv2d
        super().__init__(
            make(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    """Expand, depthwise 3×3, project without an activation; added to the input where it fits."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers.append(ConvNormActivation(inputs, hidden, kernel=1))
        layers += [
            ConvNormActivation(hidden, hidden, stride=stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv(x) if self.residual else self.conv(x)


def features() -> nn.Sequential:
    """The nineteen layers from an RGB image to 1280 channels at stride 32, initialised as He."""
    layers: list[nn.Module] = [ConvNormActivation(3, 32, stride=2)]
    channels = 32
    for expansion, outputs, repeats, stride in STAGES:
        for i in range(repeats):
            layers.append(InvertedResidual(channels, outputs, stride if i == 0 else 1, expansion))
            channels = outputs
    layers.append(ConvNormActivation(channels, LAST, kernel=1))
    network = nn.Sequential(*layers)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
    return network


class MobileLayers(nn.Sequential):
    """MobileNetV2 (Sandler et al. 2018) to its last block, as a sequence of eighteen layers."""

    # Stride of the last map of these layers, and its channels.
    ends: ClassVar = {1: 2, 3: 4, 6: 8, 13: 16, 17: 32}
    widths: ClassVar = {2: 16, 4: 24, 8: 32, 16: 96, 32: 320}
    normalized = staticmethod(normalized)

    def __init__(self) -> None:
        # Without the classifier's 1280 channels: a fifth of the weights, of use to no colour.
        super().__init__(*list(features())[:-1])

    def early(self) -> nn.Module:
        """The layers up to stride 4, which know of edges and not of things."""
        return nn.ModuleList(list(self)[:4])

    def load(self, state: dict[str, torch.Tensor]) -> None:
        """Start from a torchvision state dict (``features.*``) or one of ours (``encoder.*``), strictly."""
        prefix = "encoder." if any(k.startswith("encoder.") for k in state) else "features."
        last = f"{prefix}{len(self)}."
        kept = {k: v for k, v in state.items() if k.startswith(prefix) and not k.startswith(last)}
        self.load_state_dict({k[len(prefix) :]: v for k, v in kept.items()}, strict=True)

    def maps(self, x: torch.Tensor) -> dict[int, torch.Tensor]:
        """x (B, 3, H, W), normalized → the last map at each stride from 2 to 32."""
        found = {}
        for i, layer in enumerate(self):
            x = layer(x)
            if i in self.ends:
                found[self.ends[i]] = x
        return found


class MobileFeatures(nn.Module):
    """MobileNetV2 (Sandler et al. 2018) to its last block: maps at strides 4, 8, 16 and 32."""

    channels = (24, 32, 96, 320)
    normalized = staticmethod(normalized)

    def __init__(self) -> None:
        super().__init__()
        self.layers = MobileLayers()

    def early(self) -> nn.Module:
        """The layers up to stride 4, which know of edges and not of things."""
        return self.layers.early()

    def load(self, state: dict[str, torch.Tensor]) -> None:
        """Start from a torchvision state dict (``features.*``) or one of ours (``encoder.*``), strictly."""
        self.layers.load(state)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        maps = self.layers.maps(x)
        return [maps[stride] for stride in (4, 8, 16, 32)]
