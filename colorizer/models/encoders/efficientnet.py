"""EfficientNet-Lite0: the encoder of `efficient`, and one that other approaches can start from.

Tan & Le 2019 ("EfficientNet: Rethinking Model Scaling"), in the Lite variant of the TensorFlow
model garden: no squeeze-and-excitation, ReLU6 instead of Swish, so that it is quick on processors
and in browsers.  Key for key timm's ``tf_efficientnet_lite0``, including TensorFlow's batch-norm ε
of 1e-3 and its "same" padding, which at strided layers puts the odd row and column after the image.
"""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import nn

# (expansion t, kernel k, channels c, repeats n, stride s) of every stage.
STAGES = (
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
)
STEM, LAST = 32, 1280
# The stage that gives the last map at each stride, and its channels.
MAPS = {2: (0, 16), 4: (1, 24), 8: (2, 40), 16: (4, 112), 32: (6, 320)}


def normalized(lightness: torch.Tensor) -> torch.Tensor:
    """L (B, 1, H, W) in 0…100 → the encoder's input (255 · grey − 127) / 128, (B, 3, H, W)."""
    return (lightness * 2.55 - 127).div(128).expand(-1, 3, -1, -1)


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding, for inputs with sides that its stride divides.

    At a stride of 2 the padding is uneven, one row and column more after the image than before it.
    A zero row and column before the kernel make it even, which is cheaper than padding the image.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        # oneDNN has no fast kernel for the gradient of these in bfloat16: on processors they run
        # in float32 even under autocast, four to ten times as fast.
        self.slow_in_bfloat16 = groups > 1 and (stride > 1 or kernel > 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight if self.stride == (1, 1) else F.pad(self.weight, (1, 0, 1, 0))
        if self.slow_in_bfloat16 and x.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            with torch.autocast("cpu", enabled=False):
                return self._conv_forward(x.float(), weight.float(), self.bias)
        return self._conv_forward(x, weight, self.bias)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class DepthwiseSeparable(nn.Module):
    """Depthwise convolution, then 1×1 without an activation: the first stage."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv_dw = SameConv(inputs, inputs, kernel, stride, groups=inputs)
        self.bn1 = _norm(inputs)
        self.conv_pw = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.bn2 = _norm(outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn2(self.conv_pw(F.relu6(self.bn1(self.conv_dw(x)))))
        return x + y if self.residual else y


class InvertedResidual(nn.Module):
    """Expand 1×1, depthwise, project 1×1 without an activation; added to the input where it fits."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.conv_pw = nn.Conv2d(inputs, hidden, 1, bias=False)
        self.bn1 = _norm(hidden)
        self.conv_dw = SameConv(hidden, hidden, kernel, stride, groups=hidden)
        self.bn2 = _norm(hidden)
        self.conv_pwl = nn.Conv2d(hidden, outputs, 1, bias=False)
        self.bn3 = _norm(outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu6(self.bn2(self.conv_dw(F.relu6(self.bn1(self.conv_pw(x))))))
        y = self.bn3(self.conv_pwl(y))
        return x + y if self.residual else y


class EfficientNetFeatures(nn.Module):
    """EfficientNet-Lite0 up to its last stage: 320 channels at stride 32."""

    channels = tuple(MAPS[s][1] for s in (4, 8, 16, 32))
    widths: ClassVar = {stride: channels for stride, (_, channels) in MAPS.items()}
    normalized = staticmethod(normalized)

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem = SameConv(3, STEM, 3, 2)
        self.bn1 = _norm(STEM)
        stages, inputs = [], STEM
        for expansion, kernel, outputs, repeats, stride in STAGES:
            blocks: list[nn.Module] = []
            for i in range(repeats):
                step = stride if i == 0 else 1
                if expansion == 1:
                    blocks.append(DepthwiseSeparable(inputs, outputs, kernel, step))
                else:
                    blocks.append(InvertedResidual(inputs, outputs, kernel, step, expansion))
                inputs = outputs
            stages.append(nn.Sequential(*blocks))
        self.blocks = nn.Sequential(*stages)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def early(self) -> nn.ModuleList:
        """The layers up to stride 4, which know of edges and not of things."""
        return nn.ModuleList((self.conv_stem, self.bn1, self.blocks[:2]))

    def load(self, state: dict[str, torch.Tensor]) -> None:
        """Start from a timm ``tf_efficientnet_lite0`` state dict, strictly, without its classifier."""
        unused = ("conv_head.", "bn2.", "classifier.")
        self.load_state_dict(
            {k: v for k, v in state.items() if not k.startswith(unused)}, strict=True
        )

    def forward(self, x: torch.Tensor, stem: torch.Tensor | None = None) -> list[torch.Tensor]:
        """x (B, 3, H, W), see :func:`normalized` → maps at strides 4, 8, 16 and 32.

        stem: (B, 32, H/2, W/2) added to the stem's convolution, or None.
        """
        maps = self.maps(x, stem)
        return [maps[stride] for stride in (4, 8, 16, 32)]

    def maps(self, x: torch.Tensor, stem: torch.Tensor | None = None) -> dict[int, torch.Tensor]:
        """The same as :meth:`forward` by stride, with that of stride 2."""
        x = self.conv_stem(x)
        x = F.relu6(self.bn1(x if stem is None else x + stem))
        ends = {stage: stride for stride, (stage, _) in MAPS.items()}
        found = {}
        for i, stage in enumerate(self.blocks):
            x = stage(x)
            if i in ends:
                found[ends[i]] = x
        return found


class EfficientNetLite0(EfficientNetFeatures):
    """The whole classifier: x (B, 3, H, W), see :func:`normalized` → logits (B, 1000)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_head = nn.Conv2d(MAPS[32][1], LAST, 1, bias=False)
        self.bn2 = _norm(LAST)
        self.classifier = nn.Linear(LAST, 1000)

    def load(self, state: dict[str, torch.Tensor]) -> None:
        """Load a timm ``tf_efficientnet_lite0`` state dict, strictly."""
        self.load_state_dict(state, strict=True)

    def forward(self, x: torch.Tensor, stem: torch.Tensor | None = None) -> torch.Tensor:
        x = super().forward(x, stem)[-1]
        x = F.relu6(self.bn2(self.conv_head(x)))
        return self.classifier(x.mean((2, 3)))


class EfficientFeatures(EfficientNetFeatures):
    """EfficientNet-Lite0 (Tan & Le 2019) to its last stage: maps at strides 4, 8, 16 and 32.

    For sides of any length: the photograph is continued to multiples of 32 by its edge, and the
    maps are cut to sides that are rounded up, as :class:`.MobileFeatures` gives them.
    """

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        height, width = x.shape[-2:]
        x = F.pad(x, (0, -width % 32, 0, -height % 32), mode="replicate")
        maps = zip((4, 8, 16, 32), super().forward(x), strict=True)
        return [m[..., : -(-height // s), : -(-width // s)] for s, m in maps]
