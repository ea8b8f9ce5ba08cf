"""`deep-colorization`: every pixel alone, from 131 features worked out of the grey photograph.

Deep Colorization (Cheng et al. 2015; report 002, section II-A).  A pixel is described by its
surroundings at three scales, and a small network of three hidden ReLU layers turns that into its
chroma, U and V; what the pixels say is smoothed along the photograph afterwards.

* near: the 7 × 7 grey patch, 49 features;
* middle: a DAISY descriptor (Tola et al. 2010), 32 features: 8 orientations of gradient at the
  pixel and at 3 places on one ring around it;
* far: what kind of thing it belongs to, 50 features.  They are the variants of report 002:
  A has none; B takes a frozen network's; C the truth, from a label map that lies beside the
  photograph, which shows what B could be at best.

The report names both 131 and 135 inputs; 131 = 49 + 32 + 50 is what its experiments use.  In its
B the 50 features are the scores of a segmentation network.  Ours are projected features of an
ImageNet encoder (principal components over the training photographs), which lie with the encoder
in the checkpoint; or the scores of a torchvision segmentation network, if ``semantics`` names one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from colorizer.color.ycbcr import UV_SCALE, chroma_to_ab
from colorizer.decoding.prediction import Regression

from .encoders import ENCODERS, LAYERS
from .encoders.mobilenet import normalized

PATCH, DAISY, SEMANTIC = 7, 32, 50
NO_LABEL = 255
# U and V that the network's outputs of 1 stand for; those of photographs vary by about as much.
UV_UNIT = 0.1
# Pixels that go through the network at a time: their features stay within tens of megabytes.
CHUNK = 32_768


class EncoderSemantics(nn.Module):
    """50 principal components of a frozen ImageNet encoder's maps at strides 8, 16 and 32."""

    strides = (8, 16, 32)

    def __init__(self, encoder: str = "mobilenet") -> None:
        super().__init__()
        self.encoder_name, self.encoder = encoder, ENCODERS[encoder]()
        count = sum(self.encoder.channels[1:])
        self.register_buffer("projection", torch.randn(SEMANTIC, count) / count**0.5)
        self.register_buffer("offset", torch.zeros(SEMANTIC))

    def maps(self, lightness: torch.Tensor) -> list[torch.Tensor]:
        """L (B, 1, H, W) → the encoder's maps at the three strides."""
        return self.encoder(self.encoder.normalized(lightness))[1:]

    def load_encoder(self, state: dict[str, torch.Tensor]) -> None:
        """Start from the encoder's torchvision or timm state dict, strictly."""
        self.encoder.load(state)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """(B, 1, H, W) → (B, 50, H, W): projected where they are small, then brought to size."""
        height, width = lightness.shape[-2:]
        parts = self.projection.split(self.encoder.channels[1:], dim=1)
        total = self.offset.view(1, -1, 1, 1)
        for stride, part, found in zip(self.strides, parts, self.maps(lightness), strict=True):
            small = F.conv2d(found, part[:, :, None, None].to(found.dtype))
            large = F.interpolate(small.float(), scale_factor=float(stride), mode="bilinear")
            total = total + large[..., :height, :width]  # the last cells may reach beyond
        return total

    def joined(self, lightness: torch.Tensor) -> torch.Tensor:
        """L (B, 1, H, W) → all maps at every place of stride 16, (places, channels)."""
        eight, sixteen, thirty_two = self.maps(lightness)
        size = sixteen.shape[-2:]
        wide = F.interpolate(thirty_two, scale_factor=2.0)[..., : size[0], : size[1]]
        found = torch.cat((F.adaptive_avg_pool2d(eight, size), sixteen, wide), 1)
        return found.flatten(2).transpose(1, 2).flatten(0, 1)

    @torch.no_grad()
    def fit(self, batches: list[torch.Tensor]) -> float:
        """Set the projection to the leading components of the maps of L (B, 1, H, W) batches.

        Each feature then has mean 0 and deviation 1 over those photographs.  Returns the share of
        the (standardised) variance that the 50 keep.
        """
        found = torch.cat([self.joined(lightness) for lightness in batches]).double()
        mean, deviation = found.mean(0), found.std(0).clamp_min(1e-6)
        values, vectors = torch.linalg.eigh(torch.corrcoef(found.T).nan_to_num(0.0))
        values, vectors = values.flip(0)[:SEMANTIC].clamp_min(1e-6), vectors.flip(1)[:, :SEMANTIC]
        projection = vectors.T / values.sqrt()[:, None] / deviation
        self.projection.copy_(projection)
        self.offset.copy_(-projection @ mean)
        return (values.sum() / len(mean)).item()


class SegmentationSemantics(nn.Module):
    """The class scores of a frozen torchvision segmentation network, with zeros up to 50.

    name: such as ``lraspp_mobilenet_v3_large``, of 21 classes.  Raises ValueError where
    torchvision cannot be imported or has no such network.
    """

    def __init__(self, name: str, classes: int = 21) -> None:
        super().__init__()
        try:
            from torchvision.models import get_model

            self.network = get_model(name, weights=None, weights_backbone=None, num_classes=classes)
        except (ImportError, RuntimeError, ValueError) as error:
            raise ValueError(f"The segmentation network {name!r} cannot be had: {error}") from None

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        scores = self.network(normalized(lightness))["out"].float().softmax(1)
        return F.pad(scores, (0, 0, 0, 0, 0, SEMANTIC - scores.shape[1]))


class LabelSemantics(nn.Module):
    """One of 50 for what a label map says; none where it says :data:`NO_LABEL` or more than 50."""

    def forward(self, labels: torch.Tensor) -> torch.Tensor:
        known = labels < SEMANTIC
        chosen = F.one_hot(torch.where(known, labels, 0).long(), SEMANTIC)
        return (chosen * known[..., None]).movedim(-1, 1).float()


class DeepColorization(nn.Module):
    """Features of pixels (N, D) → U and V in :data:`UV_UNIT` (N, 2).

    variant: "A", "B" or "C".  hidden: widths of the three layers.  semantics: of variant B,
    "mobilenet", "efficientnet" or the name of a torchvision segmentation network.  daisy_radius: of the ring, in
    pixels of the working size.  smoothing: radius in pixels and eps in L*² of the guided filter.
    """

    stride = 8

    def __init__(
        self,
        variant: str = "B",
        hidden: tuple[int, ...] = (192, 128, 96),
        semantics: str = "mobilenet",
        daisy_radius: int = 15,
        smoothing: tuple[int, float] = (4, 16.0),
    ) -> None:
        super().__init__()
        if variant not in ("A", "B", "C"):
            raise ValueError(f"There is no variant {variant!r}; there are A, B and C.")
        self.variant, self.daisy_radius, self.smoothing = variant, daisy_radius, smoothing
        self.semantic: nn.Module | None = None
        if variant == "B":
            known = EncoderSemantics if semantics in LAYERS else SegmentationSemantics
            self.semantic = known(semantics)
            self.semantic.requires_grad_(False)
        elif variant == "C":
            self.semantic = LabelSemantics()
        count = PATCH**2 + DAISY + (0 if variant == "A" else SEMANTIC)
        # Report 002, section III-B: "standard normalization" of the inputs.
        self.register_buffer("input_mean", torch.zeros(count))
        self.register_buffer("input_std", torch.ones(count))
        layers: list[nn.Module] = []
        for outputs in hidden:
            layers += [nn.Linear(count, outputs), nn.ReLU(inplace=True)]
            count = outputs
        self.layers, self.head = nn.Sequential(*layers), nn.Linear(count, 2)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers((features - self.input_mean) / self.input_std))

    @torch.no_grad()
    def features(
        self,
        lightness: torch.Tensor,
        labels: torch.Tensor | None = None,
        at: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Features of every pixel, row by row: L (B, 1, H, W) → (B, H·W, D).

        labels: (B, H, W) of 0…49, for variant C, which raises ValueError without.  at: (B, P),
        only these places of H·W, so that what nobody needs is not put together: (B, P, D).
        """
        half = PATCH // 2
        light = lightness.float() / 100
        patches = F.unfold(F.pad(light, (half,) * 4, mode="reflect"), PATCH)
        planes = light[:, 0].cpu().numpy()
        # Its filters let go of Python's lock: several photographs on several cores.
        with ThreadPoolExecutor(min(len(planes), torch.get_num_threads())) as pool:
            daisy = np.stack(list(pool.map(lambda p: describe(p, self.daisy_radius), planes)))
        parts = [patches.transpose(1, 2), torch.from_numpy(daisy).to(light).flatten(1, 2)]
        if self.variant == "C":
            if labels is None:
                raise ValueError(
                    "Variant C of Deep Colorization needs a label map of the photograph's things."
                )
            parts.append(self.semantic(labels).to(light).flatten(2).transpose(1, 2))
        elif self.semantic is not None:
            parts.append(self.semantic(lightness).to(light).flatten(2).transpose(1, 2))
        if at is not None:
            photo = torch.arange(len(light), device=light.device)[:, None]
            parts = [part[photo, at] for part in parts]
        return torch.cat(parts, -1)

    @torch.no_grad()
    def colours(self, lightness: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """L (1, 1, H, W) → ab (1, 2, H, W), smoothed along L."""
        features = self.features(lightness, labels)[0]
        uv = torch.cat([self(part) for part in features.split(CHUNK)])
        uv = uv.float().T.view(1, 2, *lightness.shape[-2:]) * UV_UNIT
        smooth = guided(lightness.float(), uv, *self.smoothing)
        scale = smooth.new_tensor(UV_SCALE).view(1, 2, 1, 1)
        return chroma_to_ab(lightness.float(), (smooth / scale).clamp(-0.5, 0.5))


def describe(light: np.ndarray, radius: int) -> np.ndarray:
    """DAISY of every pixel of a grey picture (H, W): (H, W, 32) float32, sums to 1 each.

    One ring of ``radius`` pixels with three histograms, and the one at the pixel itself.  The
    picture is continued by reflection, so that its borders have descriptors as well.
    """
    from skimage.feature import daisy  # here, since it takes a while to import

    wide = np.pad(light.astype(np.float32), radius, mode="reflect")
    return daisy(wide, step=1, radius=radius, rings=1, histograms=3, orientations=8)


def guided(lightness: torch.Tensor, planes: torch.Tensor, radius: int, eps: float) -> torch.Tensor:
    """Smooth planes (1, C, H, W) where lightness (1, 1, H, W) is smooth.

    The guided filter (He, Sun & Tang 2013, algorithm 1), in the place of the paper's joint
    bilateral filter, whose work it does at a cost that does not grow with the radius.
    """

    def mean(x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(x, 2 * radius + 1, 1, radius, count_include_pad=False)

    mean_light, mean_planes = mean(lightness), mean(planes)
    variance = mean(lightness**2) - mean_light**2
    slope = (mean(lightness * planes) - mean_light * mean_planes) / (variance + eps)
    return mean(slope) * lightness + mean(mean_planes - slope * mean_light)


def build(config: dict) -> DeepColorization:
    """The network of a checkpoint's config.json.  Raises ValueError for unknown variants."""
    architecture = dict(config.get("architecture", {}))
    for name in ("hidden", "smoothing"):
        if name in architecture:
            architecture[name] = tuple(architecture[name])
    return DeepColorization(**architecture)


def predict(
    model: DeepColorization, config: dict, lightness: torch.Tensor, hints: torch.Tensor | None
) -> Regression:
    """lightness: (1, 1, H, W) in 0…100.  hints: None, always."""
    return Regression(model.colours(lightness)[0])
