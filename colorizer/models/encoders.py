"""Feature networks that other networks start from: ImageNet's, cut before their classifiers."""

from __future__ import annotations

import torch
from torch import nn

from . import mobilenet


class MobileFeatures(nn.Module):
    """MobileNetV2 (Sandler et al. 2018) to its last block: maps at strides 4, 8, 16 and 32."""

    channels = (24, 32, 96, 320)

    def __init__(self) -> None:
        super().__init__()
        # Without the classifier's 1280 channels: a fifth of the weights, of use to no colour.
        self.layers = mobilenet.features()[:-1]

    def early(self) -> nn.Module:
        """The layers up to stride 4, which know of edges and not of things."""
        return self.layers[:4]

    def load(self, state: dict[str, torch.Tensor]) -> None:
        """From a torchvision state dict (``features.*``) or one of ours (``encoder.*``), strictly."""
        prefix = "encoder." if any(k.startswith("encoder.") for k in state) else "features."
        last = f"{prefix}{len(self.layers)}."
        kept = {k: v for k, v in state.items() if k.startswith(prefix) and not k.startswith(last)}
        self.layers.load_state_dict({k[len(prefix) :]: v for k, v in kept.items()}, strict=True)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        maps = []
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i in (3, 6, 13, 17):  # the last maps at their strides
                maps.append(x)
        return maps


class ResNetFeatures(nn.Module):
    """ResNet-101 (He et al. 2016) up to its third stage, 1024 channels at stride 16: the paper's.

    Raises ValueError where torchvision cannot be imported; only this encoder needs it.
    """

    channels = (256, 512, 1024)

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


ENCODERS = {"mobilenet": MobileFeatures, "resnet101": ResNetFeatures}
