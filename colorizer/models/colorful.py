"""`colorful`: the generator of Zhang et al. 2016 (report 003's Table I, "ECCVGenerator").

Eight blocks of 3×3 convolutions with ReLU, batch norm after each of the first seven; blocks 5
and 6 are dilated by 2; one transposed convolution brings stride 8 back to stride 4; a 1×1
convolution gives 313 logits.  ``width`` scales every hidden layer: 1.0 is the paper's network of
32.2 million parameters, whose published weights :func:`from_published` takes.
"""

from __future__ import annotations

import re

import torch
import torch.nn.functional as F
from torch import nn

from colorizer.decoding.prediction import Distribution, distributions

from .encoders import ENCODERS, LAYERS

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


def activated(convolution: nn.Module, often: bool) -> list[nn.Module]:
    """A convolution with its ReLU, and a batch norm between them if ``often``."""
    norm = [nn.BatchNorm2d(convolution.out_channels)] if often else []
    return [convolution, *norm, nn.ReLU(inplace=True)]


class Residual(nn.Sequential):
    """Layers, the last of them a batch norm, whose result is added to their input.

    At first nothing is added: the norm's scale is 0.
    """

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__(*layers)
        nn.init.zeros_(layers[-1].weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + super().forward(x)


class Features(nn.Module):
    """An ImageNet encoder's maps at strides 8, 16 and 32, mixed by a 1×1 convolution.

    L (B, 1, H, W) in 0…100, sides multiples of 32 → (B, channels, H/8, W/8).
    """

    def __init__(self, channels: int, encoder: str = "mobilenet") -> None:
        super().__init__()
        self.encoder_name, self.encoder = encoder, ENCODERS[encoder]()
        inputs = sum(self.encoder.channels[1:])
        self.mix = nn.Sequential(
            nn.Conv2d(inputs, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )

    def load_encoder(self, state: dict[str, torch.Tensor]) -> None:
        """Start from the encoder's torchvision or timm state dict, strictly."""
        self.encoder.load(state)

    def early(self) -> nn.Module:
        """The layers up to stride 4, which a training may leave as they are."""
        return self.encoder.early()

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        _, *maps = self.encoder(self.encoder.normalized(lightness))
        size = maps[0].shape[-2:]
        deeper = [F.interpolate(m, size=size, mode="bilinear") for m in maps[1:]]
        return self.mix(torch.cat((maps[0], *deeper), 1))


class Colorful(nn.Module):
    """L (B, 1, H, W) in 0…100, sides multiples of ``stride`` → logits (B, bins, H/4, W/4).

    encoder: ``plain``, the paper's, or ``mobilenet`` or ``efficientnet`` in place of its blocks 1 to 4.  Raises ValueError for
    any other.
    """

    output_stride = 4

    def __init__(self, bins: int = 313, width: float = 1.0, encoder: str = "plain") -> None:
        super().__init__()
        if encoder not in ("plain", *LAYERS):
            raise ValueError(f"The encoder is plain, {' or '.join(LAYERS)}, not {encoder!r}.")
        self.stride = 8 if encoder == "plain" else 32
        channels = 1
        blocks: list[nn.Module] = []
        left = BLOCKS
        if encoder != "plain":
            channels, left = max(8, round(BLOCKS[3][0] * width)), BLOCKS[4:]
            blocks.append(Features(channels, encoder))
        for base, count, stride, dilation in left:
            outputs = max(8, round(base * width))
            layers: list[nn.Module] = []
            for i in range(count):
                step = stride if i == count - 1 else 1
                convolution = nn.Conv2d(channels, outputs, 3, step, dilation, dilation)
                layers += activated(convolution, often=encoder != "plain")
                channels = outputs
            if encoder == "plain":
                blocks.append(nn.Sequential(*layers, nn.BatchNorm2d(outputs)))
            else:
                blocks.append(Residual(*layers[:-1]))
        self.blocks = nn.Sequential(*blocks)
        hidden = max(8, round(256 * width))
        convolutions = (
            nn.ConvTranspose2d(channels, hidden, 4, 2, 1),
            nn.Conv2d(hidden, hidden, 3, padding=1),
            nn.Conv2d(hidden, hidden, 3, padding=1),
        )
        self.decoder = nn.Sequential(
            *(part for c in convolutions for part in activated(c, often=encoder != "plain")),
            nn.Conv2d(hidden, bins, 1),
        )
        for module in (*self.blocks[-len(left) :].modules(), *self.decoder.modules()):
            # Up to five convolutions follow one another without a norm: He's scale keeps them awake.
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.decoder[-1].weight, std=0.01)

    @property
    def head(self) -> nn.Conv2d:
        """The last layer, whose bias is the logarithm of a prior over the bins."""
        return self.decoder[-1]

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        if isinstance(self.blocks[0], Features):
            return self.decoder(self.blocks(lightness))
        # The authors' input normalisation: L centred at 50, divided by 100.
        return self.decoder(self.blocks((lightness - 50) / 100))


def build(config: dict) -> Colorful:
    """The network of a checkpoint's config.json."""
    return Colorful(**config["architecture"])


def predict(
    model: Colorful, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Distribution:
    """One forward pass.  lightness: (1, 1, H, W) in 0…100.  hints: None, there are none."""
    return predict_batch(model, config, lightness, hints)[0]


def predict_batch(
    model: Colorful, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> list[Distribution]:
    """One forward pass over N photographs.  lightness: (N, 1, H, W).  hints: None, there are none."""
    return distributions(model(lightness).float(), config, lightness)


def from_published(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The authors' published state dict ("eccv16" of github.com/richzhang/colorization) → ours.

    =========================  ======================  =====================================
    theirs                     ours (width 1.0)        what it is
    =========================  ======================  =====================================
    ``model1.0.weight``        ``blocks.0.0.weight``   blocks 1 to 7 count from 0 here, the
    … ``model7.6.bias``        … ``blocks.6.6.bias``   layers in them are numbered alike
    ``model8.0.weight`` …      ``decoder.0.weight`` …  the transposed convolution and on
    ``model_out.weight``       –                       313 → ab; the bins' centres do that
    =========================  ======================  =====================================

    The bins are in the published order, and L is centred at 50 and divided by 100 in both.
    Counts of batches that very old files lack are set to zero.  Raises ValueError for a key that
    is not in this table; load the result strictly, which tests the shapes.
    """
    ours: dict[str, torch.Tensor] = {}
    for key, tensor in state.items():
        match = re.fullmatch(r"model([1-8])\.(.+)", key)
        if match:
            block = int(match[1])
            place = "decoder" if block == 8 else f"blocks.{block - 1}"
            ours[f"{place}.{match[2]}"] = tensor
        elif key != "model_out.weight":
            raise ValueError(f"{key} is no layer of the published ECCV16 network.")
    for key in [k for k in ours if k.endswith("running_var")]:
        ours.setdefault(key.replace("running_var", "num_batches_tracked"), torch.tensor(0))
    return ours
