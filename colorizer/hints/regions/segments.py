"""A photograph in superpixels, each with what the network saw there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.sparse import csr_matrix
from skimage.segmentation import slic

from colorizer.color.lightness import shrink_lightness
from colorizer.decoding.decode import probabilities
from colorizer.decoding.prediction import Distribution

from .merging import MergeTree

if TYPE_CHECKING:
    from colorizer.pipeline import Analysis

LONGEST = 320  # cells of the longer side: finer outlines than the network's own grid
CELLS = 120  # of a superpixel
COMPACTNESS = 0.08  # of SLIC, for lightness of 0…1: edges decide, and texture is cut straight
# Differences that count like opposite features: in L*, in a or b.
LIGHTNESS, AB = 25.0, 50.0
STRIDES = (8, 16)  # of the encoder's maps: things rather than edges


class Segments:
    """Superpixels of a photograph and how they join.

    labels: (h, w) of 0…n-1, a grid over the photograph.  tree: their :class:`MergeTree`.
    """

    def __init__(self, analysis: Analysis) -> None:
        photo = analysis.photo
        scale = min(LONGEST / max(photo.size), 1.0)
        grid = max(1, round(photo.height * scale)), max(1, round(photo.width * scale))
        light = shrink_lightness(photo.rows, grid)
        self.labels = superpixels(light)
        plain, directions = _describe(analysis, self.labels, light)
        self.tree = MergeTree(self.labels, plain, directions, light)

    def mask(self, node: int) -> np.ndarray:
        """(h, w) bool: the cells of a node of the tree."""
        return np.isin(self.labels, self.tree.segments(node))

    def area(self, node: int) -> float:
        """Share of the photograph that a node covers."""
        return self.tree.area[node] / self.labels.size


def superpixels(lightness: np.ndarray) -> np.ndarray:
    """SLIC superpixels of L* (h, w): labels (h, w) of 0…n-1."""
    count = lightness.size // CELLS
    if count < 2 or np.ptp(lightness) == 0:
        return np.zeros(lightness.shape, int)
    labels = slic(
        lightness / 100,
        n_segments=count,
        compactness=COMPACTNESS,
        sigma=1,
        max_num_iter=5,
        start_label=0,
        channel_axis=None,
    )
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape)


def _describe(
    analysis: Analysis, labels: np.ndarray, lightness: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Mean look of each segment, (n, 3), and the network's features there: (n, d) unit vectors."""
    light = _means(labels, torch.from_numpy(lightness)[None]) / LIGHTNESS
    ab = analysis.ab(analysis.settings()).float().cpu()
    plain = np.concatenate((light, _means(labels, ab) / AB), 1)
    directions = []
    if isinstance(analysis.prediction, Distribution):
        # The cosine of the roots of two distributions is their Bhattacharyya coefficient.
        likely = np.sqrt(_means(labels, probabilities(analysis.prediction.logits)[0].float().cpu()))
        directions.append(_unit(likely))
    maps = analysis.encoder_maps(analysis.working)
    for stride in STRIDES:
        seen = maps[stride][0].float().cpu()
        directions.append(_unit(_means(labels, seen - seen.mean((1, 2), keepdim=True))))
    return plain, directions


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-6)


def _means(labels: np.ndarray, values: torch.Tensor) -> np.ndarray:
    """Mean of values (C, h', w'), on a grid of their own, over each segment: (n, C)."""
    height, width = values.shape[-2:]
    rows = (np.arange(labels.shape[0]) * height // labels.shape[0])[:, None]
    columns = (np.arange(labels.shape[1]) * width // labels.shape[1])[None]
    cells = (rows * width + columns).ravel()
    flat = labels.ravel()
    weights = csr_matrix(
        (1 / np.bincount(flat)[flat], (flat, cells)), (flat.max() + 1, height * width)
    )
    return weights @ values.flatten(1).numpy().T
