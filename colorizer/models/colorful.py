"""`colorful`: the generator of Zhang et al. 2016 (report 003's Table I, "ECCVGenerator").

Eight blocks of 3×3 convolutions with ReLU, batch norm after each of the first seven; blocks 5
and 6 are dilated by 2; one transposed convolution brings stride 8 back to stride 4; a 1×1
convolution gives 313 logits.  ``width`` scales every hidden layer: 1.0 is the paper's network of
32.2 million parameters.
"""

from __future__ import annotations

import torch
from torch import nn

# (channels, convolutions, stride of the last one, dilation) of blocks 1 to 7.
BLOCKS = (
    (64, 2, 2, 1),
    (128, 2, 2, 1),
    (256, 3, 2, 1),
    (512, 3, 1, 1),
    (512, 3, 1, 2),
    (512, 3, 1, 2),
    (512, 3, 1, 1),
)


class Colorful(nn.Module):
    """L (B, 1, H, W) in 0…100, sides multiples of 8 → logits (B, bins, H/4, W/4)."""

    stride = 8
    output_stride = 4

    def __init__(self, bins: int = 313, width: float = 1.0) -> None:
        super().__init__()
        channels = 1
        blocks = []
        for base, count, stride, dilation in BLOCKS:
            outputs = max(8, round(base * width))
            layers: list[nn.Module] = []
            for i in range(count):
                step = stride if i == count - 1 else 1
                layers += [
                    nn.Conv2d(channels, outputs, 3, step, dilation, dilation),
                    nn.ReLU(inplace=True),
                ]
                channels = outputs
            blocks.append(nn.Sequential(*layers, nn.BatchNorm2d(outputs)))
        self.blocks = nn.Sequential(*blocks)
        hidden = max(8, round(256 * width))
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(channels, hidden, 4, 2, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, hidden, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, hidden, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, bins, 1),
        )

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        # The authors' input normalisation: L centred at 50, divided by 100.
        return self.decoder(self.blocks((lightness - 50) / 100))
