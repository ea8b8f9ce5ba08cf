"""A conditional gated PixelCNN over small chroma pictures: Cr before Cb at every place.

Sources: Gated PixelCNN (van den Oord et al. 2016, "Conditional Image Generation with PixelCNN
Decoders", section 2 and figure 2) in the shape of PixColor (Guadarrama et al. 2017, section 3.1;
report 002): one mask-A layer, ten gated mask-B layers, two mask-B layers, 64 features, 32 levels.

    p(y | X) = Π_i  p(Cr_i | y_<i, X) · p(Cb_i | Cr_i, y_<i, X)        i row by row

Two stacks leave no blind spot: the *vertical* one at row r has seen all rows above r, as wide as
its receptive field; the *horizontal* one adds what lies to the left in row r.  Half of the
horizontal stack's features belong to Cr and half to Cb: at the place itself those of Cr must not
see those of Cb (masks), and in the first layer (mask A) nothing sees its own value.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

GREY = 16  # the level of no chroma
# Cb and Cr per level, as shares of their range.  Levels are centred on multiples of it, so that
# grey is one of them; cut into 32 slots from the range's end, the least chroma would be a tint.
STEP = 1 / 32
CR, CB = 0, 1  # the order in which the two are drawn


def to_levels(chroma: torch.Tensor, levels: int = 32) -> torch.Tensor:
    """(Cb, Cr) (..., 2, h, w) in -0.5…0.5 → levels (..., 2, h, w) int64 of (Cr, Cb), 0…levels-1."""
    return (chroma.flip(-3) / STEP).round().add(GREY).clamp(0, levels - 1).long()


def from_levels(levels: torch.Tensor) -> torch.Tensor:
    """Levels (..., 2, h, w) of (Cr, Cb) → (Cb, Cr) (..., 2, h, w) float32 in -0.5…0.5."""
    return (levels.flip(-3).float() - GREY) * STEP


def gate(x: torch.Tensor) -> torch.Tensor:
    """tanh of the first half of the channels times the logistic function of the second."""
    value, opening = x.chunk(2, dim=1)
    return torch.tanh(value) * torch.sigmoid(opening)


def group_mask(outputs: int, inputs: int, halves: int = 1) -> torch.Tensor:
    """(outputs, inputs) of 0 and 1: features of Cr take nothing from features of Cb.

    The first half of the features is Cr's; ``halves`` 2 says that the outputs are the two halves
    of a gate, each with its own features of Cr and Cb.
    """
    to_cb = torch.arange(outputs) % (outputs // halves) >= outputs // halves // 2
    from_cr = torch.arange(inputs) < inputs // 2
    return (to_cb[:, None] | from_cr[None]).float()


class MaskedConv2d(nn.Conv2d):
    """A convolution whose weights are multiplied by ``mask``, of the shape of the weights."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int | tuple[int, int],
        padding: int | tuple[int, int],
        mask: torch.Tensor,
    ) -> None:
        super().__init__(inputs, outputs, kernel, padding=padding)
        self.register_buffer("mask", mask.expand_as(self.weight).clone(), persistent=False)

    def masked_weight(self) -> torch.Tensor:
        """The weight, zero where the mask is."""
        return self.weight * self.mask

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._conv_forward(x, self.masked_weight(), self.bias)


def _row_mask(
    outputs: int, inputs: int, kernel: int, own: torch.Tensor, halves: int = 1
) -> torch.Tensor:
    """Mask of a (1, kernel) convolution that ends at the place itself, where ``own`` holds."""
    mask = torch.ones(outputs, inputs, 1, kernel)
    mask[:, :, 0, -1] = own
    return mask


class MaskA(nn.Module):
    """The first layer: levels → (vertical, horizontal) features; nothing sees its own value.

    kernel: side of the window that it is the upper and left half of.
    """

    def __init__(self, features: int, kernel: int) -> None:
        super().__init__()
        reach = kernel // 2
        self.vertical = nn.Conv2d(2, features, (reach, kernel), padding=(reach, reach))
        own = group_mask(features, 2)
        own[: features // 2] = 0  # Cr knows neither itself nor Cb; Cb knows Cr, not itself
        own[:, CB] = 0
        self.horizontal = MaskedConv2d(
            2, features, (1, reach + 1), (0, reach), _row_mask(features, 2, reach + 1, own)
        )

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        height, width = x.shape[-2:]
        # Output row r of the padded convolution has seen rows r - reach … r - 1.
        return self.vertical(x)[:, :, :height], self.horizontal(x)[..., :width]


class GatedLayer(nn.Module):
    """One mask-B layer of both stacks (van den Oord et al. 2016, figure 2), kernel 3 × 3.

    The condition is added to the vertical stack before its gate, and reaches the horizontal one
    through the link between them, which is taken there.
    """

    def __init__(self, features: int, context: int) -> None:
        super().__init__()
        double = 2 * features
        self.vertical = nn.Conv2d(features, double, (2, 3), padding=1)
        self.condition = nn.Conv2d(context, double, 1, bias=False)
        self.link = nn.Conv2d(double, double, 1, bias=False)
        self.horizontal = MaskedConv2d(
            features,
            double,
            (1, 2),
            (0, 1),
            _row_mask(double, features, 2, group_mask(double, features, halves=2)),
        )
        mask = group_mask(features, features)[:, :, None, None]
        self.out = MaskedConv2d(features, features, 1, 0, mask)

    def forward(
        self, v: torch.Tensor, h: torch.Tensor, context: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        height, width = v.shape[-2:]
        v = self.vertical(v)[:, :, :height] + self.condition(context)
        row = self.horizontal(h)[..., :width] + self.link(v)
        return gate(v), h + self.out(gate(row))


class PixelCNN(nn.Module):
    """Levels and a condition → logits of every level of every value, each from earlier ones only.

    features: of each stack, even.  layers: gated ones.  levels: of Cr and of Cb.  kernel: of the
    first layer.  context: channels of the condition.
    """

    def __init__(
        self,
        features: int = 64,
        layers: int = 10,
        levels: int = 32,
        kernel: int = 7,
        context: int = 64,
    ) -> None:
        super().__init__()
        self.levels = levels
        self.start = MaskA(features, kernel)
        self.layers = nn.ModuleList(GatedLayer(features, context) for _ in range(layers))
        mask = group_mask(features, features)[:, :, None, None]
        self.mix = MaskedConv2d(features, features, 1, 0, mask)
        mask = group_mask(2 * levels, features)[:, :, None, None]
        self.head = MaskedConv2d(features, 2 * levels, 1, 0, mask)

    @staticmethod
    def scaled(levels: torch.Tensor) -> torch.Tensor:
        """Input of the first layer: 0 for grey, ±1 for the strongest colours that are common."""
        return (levels - GREY) / 8

    def forward(self, levels: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """levels: (B, 2, h, w) int64 of (Cr, Cb).  context: (B, C, h, w).

        Returns logits (B, 2, levels, h, w).
        """
        v, h = self.start(self.scaled(levels).to(context.dtype))
        for layer in self.layers:
            v, h = layer(v, h, context)
        logits = self.head(F.relu(self.mix(F.relu(h))))
        return logits.unflatten(1, (2, self.levels))
