"""Segments joined step by step into larger and larger ones, as a tree.

Greedy region merging over the adjacency graph, two at a time, always the pair that differs least
(binary partition tree, Salembier & Garrido 2000).  The small are joined first, since a pair's
difference counts by a power of the smaller one's area.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

AREA_POWER = 0.25
# A step of lightness along a common border that counts like one unit of description.
STEP = 25.0


class MergeTree:
    """All joins of ``labels`` (h, w) of 0…n-1; nodes from n on are joined ones.

    plain: (n, d), what segments look like; they differ by the sum of absolute differences.
    directions: (n, d) unit vectors each; they differ by 1 less their cosine.  A joined segment has
    the mean by area of both.  lightness: (h, w), L*; steps along the borders count as well.
    area: the number of cells of every node.
    """

    def __init__(
        self,
        labels: np.ndarray,
        plain: np.ndarray,
        directions: Sequence[np.ndarray],
        lightness: np.ndarray,
    ) -> None:
        self.count = len(plain)
        self.parent: dict[int, int] = {}
        self.difference: dict[int, float] = {}  # of the two that a node was joined from
        self.area = dict(enumerate(np.bincount(labels.ravel(), minlength=self.count).tolist()))
        self._plain = dict(enumerate(plain))
        self._directions = dict(enumerate(zip(*directions, strict=True)))
        self._borders = _borders(labels, lightness, self.count)
        self._join_all()

    def chain(self, segment: int) -> list[int]:
        """The nodes that contain a segment, from itself to the whole picture."""
        nodes = [segment]
        while nodes[-1] in self.parent:
            nodes.append(self.parent[nodes[-1]])
        return nodes

    def segments(self, node: int) -> list[int]:
        """The segments of which a node was joined."""
        found, open_ = [], [node]
        while open_:
            one = open_.pop()
            if one < self.count:
                found.append(one)
            else:
                open_ += self._children[one]
        return found

    def _join_all(self) -> None:
        self._children: dict[int, tuple[int, int]] = {}
        waiting = [
            (self._differ(i, j), i, j) for i in self._borders for j in self._borders[i] if i < j
        ]
        heapq.heapify(waiting)
        node = self.count
        while waiting:
            difference, i, j = heapq.heappop(waiting)
            if i in self.parent or j in self.parent:
                continue
            self._join(i, j, node)
            self.difference[node] = difference
            for other in self._borders[node]:
                heapq.heappush(waiting, (self._differ(other, node), other, node))
            node += 1

    def _differ(self, i: int, j: int) -> float:
        total, length = self._borders[i][j]
        apart = float(np.abs(self._plain[i] - self._plain[j]).sum()) + total / length / STEP
        for one, other in zip(self._directions[i], self._directions[j], strict=True):
            apart += 1 - float(one @ other)
        return apart * min(self.area[i], self.area[j]) ** AREA_POWER

    def _join(self, i: int, j: int, node: int) -> None:
        area = self.area[i] + self.area[j]
        share = self.area[i] / area
        self._plain[node] = share * self._plain[i] + (1 - share) * self._plain[j]
        mixed = (
            share * one + (1 - share) * other
            for one, other in zip(self._directions[i], self._directions[j], strict=True)
        )
        self._directions[node] = tuple(v / max(float(np.linalg.norm(v)), 1e-6) for v in mixed)
        self.area[node] = area
        self._children[node] = i, j
        self.parent[i] = self.parent[j] = node
        borders: dict[int, tuple[float, float]] = {}
        for part in (i, j):
            for other, (total, length) in self._borders.pop(part).items():
                if other in (i, j):
                    continue
                del self._borders[other][part]
                before = borders.get(other, (0.0, 0.0))
                borders[other] = before[0] + total, before[1] + length
        self._borders[node] = borders
        for other, border in borders.items():
            self._borders[other][node] = border


def _borders(
    labels: np.ndarray, lightness: np.ndarray, count: int
) -> dict[int, dict[int, tuple[float, float]]]:
    """Neighbours of each segment: (sum of steps of L* along the border, its length)."""
    found: dict[int, dict[int, tuple[float, float]]] = {i: {} for i in range(count)}
    pairs, steps = [], []
    for near, far in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        one, other = labels[near], labels[far]
        border = one != other
        pairs.append(np.sort(np.stack((one[border], other[border]), 1), 1))
        steps.append(np.abs(lightness[near] - lightness[far])[border])
    unique, place = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)
    place = place.ravel()
    totals, lengths = np.bincount(place, np.concatenate(steps)), np.bincount(place)
    for (i, j), total, length in zip(unique.tolist(), totals, lengths, strict=True):
        found[i][j] = found[j][i] = float(total), float(length)
    return found
