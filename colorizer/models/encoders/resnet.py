"""ResNet-101: the encoder of the paper of PixColor.  Needs torchvision."""

from __future__ import annotations

import torch
from torch import nn

from .mobilenet import normalized


class ResNetFeatures(nn.Module):
    """ResNet-101 (He et al. 2016) up to its third stage, 1024 channels at stride 16: the paper's.

    Raises ValueError where torchvision cannot be imported; only this encoder needs it.
    """

    channels = (256, 512, 1024)
    normalized = staticmethod(normalized)

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
        """Start from a torchvision ``resnet101`` state dict; what follows the third stage is left out."""
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
