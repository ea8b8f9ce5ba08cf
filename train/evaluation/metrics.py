"""Metrics of coloured photographs that other networks and measures give.

PSNR, colourfulness and AuC are in :mod:`colorizer.metrics`; here is everything else of the
evaluation: SSIM, LPIPS, classification recovered, pixel accuracy of a segmentation network,
Inception Score and Fréchet distance.  A metric sees one photograph at a time and keeps sums, so
ten thousand photographs need no more memory than ten.  The networks come from
:mod:`train.evaluation.networks`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .networks import MetricError, prepared
from .torchvision_import import (
    torchvision,  # before torchmetrics, which imports torchvision by itself
)

from torchmetrics.functional.image import structural_similarity_index_measure  # isort: skip
from torchmetrics.image.fid import FrechetInceptionDistance  # isort: skip


class Metric(Protocol):
    """Looks at one photograph's results at a time: (N, 3, H, W) floats of 0…1, the truth first."""

    def add(self, names: Sequence[Hashable], images: torch.Tensor, label: int | None) -> None: ...

    def compute(self, name: Hashable) -> dict[str, float | None]: ...


# --- metrics ----------------------------------------------------------------------------------


class Means:
    """Running means of named metrics per row."""

    def __init__(self) -> None:
        self._sums: dict[Hashable, dict[str, list[float]]] = {}

    def note(self, row: Hashable, **values: float) -> None:
        sums = self._sums.setdefault(row, {})
        for key, value in values.items():
            pair = sums.setdefault(key, [0.0, 0.0])
            pair[0] += float(value)
            pair[1] += 1

    def compute(self, row: Hashable) -> dict[str, float]:
        return {k: s / n for k, (s, n) in self._sums.get(row, {}).items()}


class Similarity(Means):
    """SSIM (Wang et al. 2004) over RGB."""

    def add(self, names: Sequence[Hashable], images: torch.Tensor, label: int | None) -> None:
        # Channels last: the same numbers in a third of the time.
        images = images.contiguous(memory_format=torch.channels_last)
        truth = images[:1].expand_as(images).contiguous(memory_format=torch.channels_last)
        found = structural_similarity_index_measure(images, truth, data_range=1.0, reduction="none")
        for name, value in zip(names, found.reshape(-1).tolist(), strict=True):
            self.note(name, ssim=value)


class Perception(Means):
    """LPIPS (Zhang et al. 2018) with AlexNet: the paper's heads, backbone weights as given."""

    def __init__(self, backbone: dict[str, torch.Tensor]) -> None:
        super().__init__()
        from torchmetrics.functional.image.lpips import _LPIPS

        alexnet = torchvision.models.alexnet(weights=None)
        try:
            alexnet.load_state_dict(backbone)
        except RuntimeError as error:
            raise MetricError("LPIPS needs the weights of torchvision's alexnet.") from error
        # torchmetrics has the heads in its wheel and would download the backbone.
        self.model = _LPIPS(pretrained=True, net="alex", pnet_rand=True)
        source = dict(alexnet.features.named_children())
        for part in self.model.net.children():
            if isinstance(part, nn.Sequential):
                for key, layer in part.named_children():
                    layer.load_state_dict(source[key].state_dict())

    @torch.inference_mode()
    def add(self, names: Sequence[Hashable], images: torch.Tensor, label: int | None) -> None:
        x = F.interpolate(images, size=(224, 224), mode="bilinear", antialias=True)
        distances = self.model(x, x[:1].expand_as(x), normalize=True).flatten().tolist()
        for name, distance in zip(names, distances, strict=True):
            self.note(name, lpips=distance)


class Recognition(Means):
    """Classification recovered (report 004's table): top-1 and top-5 where labels are known,
    and how often the prediction is the one for the original."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    @torch.inference_mode()
    def add(self, names: Sequence[Hashable], images: torch.Tensor, label: int | None) -> None:
        five = self.model(prepared(images)).topk(5).indices.tolist()
        for name, predicted in zip(names, five, strict=True):
            self.note(name, classifier_agreement=predicted[0] == five[0][0])
            if label is not None:
                self.note(name, top1=predicted[0] == label, top5=label in predicted)


class Segmentation(Means):
    """Pixel accuracy of a segmentation network (report 002's table): its labels on the result
    against its labels on the original."""

    def __init__(self, labels: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.labels = labels

    @torch.inference_mode()
    def add(self, names: Sequence[Hashable], images: torch.Tensor, label: int | None) -> None:
        found = self.labels(images)
        right = (found == found[:1]).float().mean((1, 2)).tolist()
        for name, share in zip(names, right, strict=True):
            self.note(name, pixel_accuracy=share)


class Inception:
    """Inception Score (Salimans et al. 2016, one split) and Fréchet distance (Heusel et al. 2017)
    with the network given in place of Inception v3; the metrics' names say which.

    The score is kept as running sums — mean of KL(p(y|x) ‖ p(y)) is H of the mean minus the mean
    of H — because the usual implementations keep every output.
    """

    TOGETHER = 64  # photographs whose features are added at once

    def __init__(self, model: nn.Module) -> None:
        if not hasattr(model, "features"):
            raise MetricError("Inception Score and Fréchet distance need a network with features.")
        self.model = model
        self.counts: dict[Hashable, int] = {}
        self.p: dict[Hashable, torch.Tensor] = {}
        self.entropy: dict[Hashable, float] = {}
        self.frechet: dict[Hashable, FrechetInceptionDistance] = {}
        self.waiting: dict[Hashable, list[torch.Tensor]] = {}

    @torch.inference_mode()
    def add(self, names: Sequence[Hashable], images: torch.Tensor, label: int | None) -> None:
        features = self.model.features(prepared(images)).mean((2, 3))
        p = self.model.classifier(features).double().softmax(1)
        entropy = (-(p * p.clamp_min(1e-30).log()).sum(1)).tolist()
        for k, name in enumerate(names):
            self.counts[name] = self.counts.get(name, 0) + 1
            self.p[name] = self.p.get(name, 0) + p[k]
            self.entropy[name] = self.entropy.get(name, 0.0) + entropy[k]
            if k == 0:
                continue
            waiting = self.waiting.setdefault(name, [])
            waiting.append(features[[0, k]])
            if len(waiting) == self.TOGETHER:
                self._count(name)

    @torch.inference_mode()
    def _count(self, name: str) -> None:
        """Add what waits to the sums, many at once: a product of matrices, not of vectors."""
        if not self.waiting.get(name):
            return
        real, made = torch.stack(self.waiting.pop(name)).double().unbind(1)
        if name not in self.frechet:
            self.frechet[name] = FrechetInceptionDistance(feature=_Given(real.shape[1]))
            self.frechet[name].set_dtype(torch.float64)
        # The features go in as they are: the "network" passes them through.
        self.frechet[name].update(real, real=True)
        self.frechet[name].update(made, real=False)

    def compute(self, name: Hashable) -> dict[str, float]:
        if name not in self.p:
            return {}
        n = self.counts[name]
        mean = self.p[name] / n
        marginal = -(mean * mean.clamp_min(1e-30).log()).sum().item()
        found = {"inception_score": float(np.exp(marginal - self.entropy[name] / n))}
        self._count(name)
        if name in self.frechet and n > 1:
            found["frechet_distance"] = float(self.frechet[name].compute())
        return found


class _Given(nn.Module):
    """Stands where torchmetrics wants a network: the features have been computed already."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


# --- labels -----------------------------------------------------------------------------------


def class_of(categories: list[str], wordnet: list[str] | None = None) -> Callable[[str], int]:
    """A function from a folder's name to its ImageNet class.

    A folder is named by the class's number (``207``), its name in torchvision (``golden
    retriever``, also with underscores), or its WordNet id if ``wordnet`` lists them in order.
    The function raises :class:`MetricError` for any other name.
    """
    known = {str(i): i for i in range(len(categories))}
    known |= {c.lower(): i for i, c in reversed(list(enumerate(categories)))}
    known |= {w.lower(): i for i, w in enumerate(wordnet or [])}

    def label(folder: str) -> int:
        try:
            return known[folder.lower().replace("_", " ")]
        except KeyError:
            raise MetricError(f"'{folder}' names no ImageNet class.") from None

    return label
