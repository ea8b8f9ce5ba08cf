"""Feature networks that other networks start from: ImageNet's, cut before their classifiers."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import nn

from . import mobilenet
from .efficientnet import EfficientNetFeatures


class MobileLayers(nn.Sequential):
    """MobileNetV2 (Sandler et al. 2018) to its last block, as a sequence of eighteen layers."""

    # Stride of the last map of these layers, and its channels.
    ends: ClassVar = {1: 2, 3: 4, 6: 8, 13: 16, 17: 32}
    widths: ClassVar = {2: 16, 4: 24, 8: 32, 16: 96, 32: 320}
    normalized = staticmethod(mobilenet.normalized)

    def __init__(self) -> None:
        # Without the classifier's 1280 channels: a fifth of the weights, of use to no colour.
        super().__init__(*list(mobilenet.features())[:-1])

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
    normalized = staticmethod(mobilenet.normalized)

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


class EfficientFeatures(EfficientNetFeatures):
    """EfficientNet-Lite0 (Tan & Le 2019) to its last stage: maps at strides 4, 8, 16 and 32.

    For sides of any length: the photograph is continued to multiples of 32 by its edge, and the
    maps are cut to sides that are rounded up, as :class:`MobileFeatures` gives them.
    """

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        height, width = x.shape[-2:]
        x = F.pad(x, (0, -width % 32, 0, -height % 32), mode="replicate")
        maps = zip((4, 8, 16, 32), super().forward(x), strict=True)
        return [m[..., : -(-height // s), : -(-width // s)] for s, m in maps]


class ResNetFeatures(nn.Module):
    """ResNet-101 (He et al. 2016) up to its third stage, 1024 channels at stride 16: the paper's.

    Raises ValueError where torchvision cannot be imported; only this encoder needs it.
    """

    channels = (256, 512, 1024)
    normalized = staticmethod(mobilenet.normalized)

    def __init__(self) -> None:
        super().__init__()
        try:
            from torchvision.models import resnet101
        except (ImportError, RuntimeError) as error:
            raise ValueError(f"The encoder resnet101 needs torchvision ({error}).") from None
        network = resnet101(weights=None)
        self.stem = nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool)
        self.layer1, self.layer2, self.layer3 = network.layer1, network.layer2, network.layer3

    def early(self) -> nn.Module:
        """The layers up to stride 4."""
        return nn.ModuleList((self.stem, self.layer1))

    def load(self, state: dict[str, torch.Tensor]) -> None:
        """From a torchvision ``resnet101`` state dict; what follows the third stage is left out."""
        names = {"conv1.": "stem.0.", "bn1.": "stem.1."}
        kept = {}
        for key, value in state.items():
            for theirs, ours in names.items():
                if key.startswith(theirs):
                    key = ours + key[len(theirs) :]
            if key.startswith(("stem.", "layer1.", "layer2.", "layer3.")):
                kept[key] = value
        self.load_state_dict(kept, strict=True)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        one = self.layer1(self.stem(x))
        two = self.layer2(one)
        return [one, two, self.layer3(two)]


ENCODERS = {
    "mobilenet": MobileFeatures,
    "efficientnet": EfficientFeatures,
    "resnet101": ResNetFeatures,
}
# Of which a light U-Net can be made; see :mod:`colorizer.models.unet`.
LAYERS = {"mobilenet": MobileLayers, "efficientnet": EfficientNetFeatures}
