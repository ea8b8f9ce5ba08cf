"""Feature networks that other networks start from: ImageNet's, cut before their classifiers."""

from __future__ import annotations

from .efficientnet import EfficientFeatures, EfficientNetFeatures
from .mobilenet import MobileFeatures, MobileLayers
from .resnet import ResNetFeatures

__all__ = [
    "ENCODERS",
    "LAYERS",
    "EfficientFeatures",
    "EfficientNetFeatures",
    "MobileFeatures",
    "MobileLayers",
    "ResNetFeatures",
]

ENCODERS = {
    "mobilenet": MobileFeatures,
    "efficientnet": EfficientFeatures,
    "resnet101": ResNetFeatures,
}
# Of which a light U-Net can be made; see :mod:`colorizer.models.unet`.
LAYERS = {"mobilenet": MobileLayers, "efficientnet": EfficientNetFeatures}
