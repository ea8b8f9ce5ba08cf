"""Drawing from a PixelCNN: one new pixel costs one pixel's work.

What the naive loop computes again at every step is kept here.  The vertical stack of a row
depends on the rows above alone and is made once, row by row.  The horizontal stack of a pixel
needs, in every layer, the features of its left neighbour, which are known, so that all layers
are multiplied with them at once; what remains one layer after the other is a product with the
pixel's own features, for Cr and then for Cb.

Several samples are drawn as one batch, and each is a function of its seed alone: its noise comes
from its own generator, and all sums are in float64, whose rounding (which does depend on how
many are drawn together) would have to tip a choice by a part in 10¹⁴.  NumPy, because for
matrices this small PyTorch's own work for a call takes longer than the product.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch

from .network import CB, CR, GREY, PixelCNN

# As in colorizer.decoding.decode: below this temperature it is the likeliest level.
COLDEST = 1e-3
# (row, column, CR or CB, logits (n, levels)) → levels (n,)
Choose = Callable[[int, int, int, np.ndarray], np.ndarray]


class Noise:
    """Gumbel noise of several seeds: with it, the greatest of logits / T + g is a draw.

    Gumbel 1954; Maddison et al. 2014.  ``levels`` numbers for each value of (h, w, 2).
    """

    def __init__(self, seeds: Sequence[int], height: int, width: int, levels: int) -> None:
        shape = (height, width, 2, levels)
        uniform = np.stack([np.random.default_rng(seed % 2**64).random(shape) for seed in seeds])
        self.gumbel = -np.log(-np.log(uniform + 1e-300))

    def choice(self, temperature: float, top_k: int | None) -> Choose:
        """Draw from softmax(logits / T) over the ``top_k`` likeliest levels, at every step."""

        def choose(row: int, column: int, which: int, logits: np.ndarray) -> np.ndarray:
            score = logits / max(temperature, COLDEST) + self.gumbel[:, row, column, which]
            if top_k is not None and top_k < logits.shape[1]:
                least = np.partition(logits, -top_k, axis=1)[:, -top_k, None]
                score = np.where(logits < least, -np.inf, score)
            return score.argmax(1)

        return choose


def draw(
    model: PixelCNN | Sampler | Naive,
    context: torch.Tensor,
    seeds: Sequence[int],
    temperature: float = 1.0,
    top_k: int | None = None,
) -> torch.Tensor:
    """One picture of levels for each seed: (n, 2, h, w) int64 of (Cr, Cb).

    context: (1, C, h, w), the condition that all share, or (n, C, h, w), one for each.
    """
    sampler = Sampler(model) if isinstance(model, PixelCNN) else model
    height, width = context.shape[-2:]
    noise = Noise(seeds, height, width, sampler.levels)
    return sampler.walk(context, len(seeds), noise.choice(temperature, top_k))


class Sampler:
    """The weights of a PixelCNN, laid out for drawing; made once for a model."""

    def __init__(self, model: PixelCNN) -> None:
        def array(weight: torch.Tensor) -> np.ndarray:
            return np.ascontiguousarray(weight.detach().cpu().double().numpy())

        def matrix(convolution: torch.nn.Conv2d) -> np.ndarray:
            """(places · inputs, outputs), the places row by row."""
            weight = convolution.weight
            if hasattr(convolution, "masked_weight"):
                weight = convolution.masked_weight()
            return array(weight.permute(2, 3, 1, 0).flatten(0, 2))

        self.levels = model.levels
        start, layers = model.start, list(model.layers)
        self.features = start.vertical.out_channels
        self.reach = start.vertical.kernel_size[0]
        self.start_v, self.start_v_bias = matrix(start.vertical), array(start.vertical.bias)
        self.start_h, self.start_h_bias = matrix(start.horizontal), array(start.horizontal.bias)
        self.vertical = [matrix(layer.vertical) for layer in layers]
        self.vertical_bias = [array(layer.vertical.bias) for layer in layers]
        self.condition = [matrix(layer.condition) for layer in layers]
        self.link = [matrix(layer.link) for layer in layers]
        self.row_bias = [array(layer.horizontal.bias) for layer in layers]
        self.mix, self.mix_bias = matrix(model.mix), array(model.mix.bias)
        self.head, self.head_bias = matrix(model.head), array(model.head.bias)

        # The horizontal stack, cut into what Cr's features take and what Cb's take.  The logistic
        # function is (1 + tanh(x / 2)) / 2: with the halves put into the weights, a gate is one
        # tanh over both of its parts.
        f, half = self.features, self.features // 2
        self.gates = {  # columns of a gate's two parts
            CR: np.r_[0:half, f : f + half],
            CB: np.r_[half:f, f + half : 2 * f],
        }
        self.own = {CR: slice(0, half), CB: slice(half, f)}
        halved = np.r_[np.ones(f), np.full(f, 0.5)]
        self.halved = {which: halved[columns] for which, columns in self.gates.items()}
        row = np.stack([matrix(layer.horizontal) * halved for layer in layers])
        left, here = row[:, :f], row[:, f:]
        out = np.stack([matrix(layer.out) for layer in layers]) / 2
        bias = np.stack([array(layer.out.bias) for layer in layers])[:, None]
        self.left = {w: np.ascontiguousarray(left[:, :, c]) for w, c in self.gates.items()}
        self.here, self.out, self.out_bias = {}, {}, {w: bias[..., s] for w, s in self.own.items()}
        for source, target in ((CR, CR), (CR, CB), (CB, CB)):
            rows, columns = self.own[source], self.own[target]
            part = here[:, rows][:, :, self.gates[target]]
            self.here[source, target] = np.ascontiguousarray(part)
            self.out[source, target] = np.ascontiguousarray(out[:, rows, columns])

    def walk(self, context: torch.Tensor, count: int, choose: Choose) -> torch.Tensor:
        """Go through the picture value by value and ask ``choose`` for each.

        context: (1 or count, C, h, w).  Returns what was chosen, (count, 2, h, w) int64 of (Cr, Cb).
        """
        _, _, height, width = context.shape
        condition = context.permute(2, 0, 3, 1).detach().cpu().double().numpy()  # (h, n, w, C)
        reach = self.reach
        # What the first layer sees, with the zeros that its convolutions pad with.
        seen = np.zeros((count, height + reach, width + 2 * reach, 2))
        chosen = np.zeros((count, 2, height, width), np.int64)
        # Every layer's vertical features of the row above, with a column of zeros on either side.
        above = np.zeros((len(self.link), count, width + 2, self.features))
        for row in range(height):
            links = self._vertical(seen, above, condition[row], row)
            self._row(seen, links, row, chosen, choose)
        return torch.from_numpy(chosen)

    def _vertical(
        self, seen: np.ndarray, above: np.ndarray, condition: np.ndarray, row: int
    ) -> np.ndarray:
        """The vertical stack of one row: what the horizontal gates get, (layers, n, w, 2f)."""
        width, f = condition.shape[1], self.features
        rows = seen[:, row : row + self.reach]  # the rows above it: `seen` begins above the picture
        windows = [
            rows[:, y, x : x + width] for y in range(self.reach) for x in range(2 * self.reach + 1)
        ]
        v = np.concatenate(windows, -1) @ self.start_v + self.start_v_bias
        links = np.empty((len(self.link), len(v), width, 2 * f))
        for i, link in enumerate(self.link):
            now = np.zeros_like(above[i])
            now[:, 1:-1] = v
            windows = [part[:, x : x + width] for part in (above[i], now) for x in range(3)]
            total = np.concatenate(windows, -1) @ self.vertical[i]
            total += self.vertical_bias[i] + condition @ self.condition[i]
            links[i] = total @ link + self.row_bias[i]
            above[i] = now
            v = np.tanh(total[..., :f]) * (0.5 + 0.5 * np.tanh(total[..., f:] / 2))
        return links

    def _row(
        self, seen: np.ndarray, links: np.ndarray, row: int, chosen: np.ndarray, choose: Choose
    ) -> None:
        """The horizontal stack along one row, value by value; fills ``seen`` and ``chosen``."""
        layers, count, width, _ = links.shape
        half = self.features // 2
        line = seen[:, row + self.reach]  # (n, w + 2·reach, 2), a view
        from_above = {
            which: np.ascontiguousarray(links[..., self.gates[which]] * self.halved[which])
            for which in (CR, CB)
        }
        h = np.zeros((layers + 1, count, self.features))  # of the pixel to the left
        gates = np.empty((layers, count, half))
        for column in range(width):
            sums = {w: h[:-1] @ self.left[w] + from_above[w][:, :, column] for w in (CR, CB)}
            h = np.empty_like(h)
            window = line[:, column : column + self.reach + 1]  # ends at the pixel itself
            for which in (CR, CB):
                own = self.own[which]
                total = sums[which]
                flat = window.reshape(count, -1) @ self.start_h[:, own] + self.start_h_bias[own]
                here, out = self.here[which, which], self.out[which, which]
                added = self.out_bias[which]
                if which == CB:  # all that Cr's features give to Cb's, in all layers at once
                    total = total + h[:-1][..., self.own[CR]] @ self.here[CR, CB]
                    added = added + gates @ self.out[CR, CB]
                for i in range(layers):
                    h[i][:, own] = flat
                    opened = np.tanh(flat @ here[i] + total[i])
                    np.multiply(opened[:, :half], opened[:, half:] + 1, out=gates[i])
                    flat = flat + gates[i] @ out[i] + added[i]
                h[layers][:, own] = flat
                level = choose(row, column, which, self._logits(h[layers], which))
                chosen[:, which, row, column] = level
                line[:, column + self.reach, which] = (level - GREY) / 8

    def _logits(self, h: np.ndarray, which: int) -> np.ndarray:
        """(n, levels) of one value from the last features, of which Cr's must be there."""
        # For Cr, Cb's features are not there yet; its weights for them are zero.
        known = self.own[CR] if which == CR else slice(None)
        mixed = np.maximum(h[:, known], 0) @ self.mix[known, known] + self.mix_bias[known]
        span = slice(which * self.levels, (which + 1) * self.levels)
        return np.maximum(mixed, 0) @ self.head[known, span] + self.head_bias[span]


class Naive:
    """The same by the network as it is: all of the picture again for every value.

    What the tests and the benchmark hold :class:`Sampler` against.
    """

    def __init__(self, model: PixelCNN, dtype: torch.dtype = torch.float64) -> None:
        self.model = copy.deepcopy(model).to(dtype).eval()
        self.levels, self.dtype = model.levels, dtype

    @torch.inference_mode()
    def walk(self, context: torch.Tensor, count: int, choose: Choose) -> torch.Tensor:
        """Levels (count, 2, h, w), drawn by the network as a whole at every value: slow, and plain."""
        height, width = context.shape[-2:]
        context = context.to(self.dtype).expand(count, -1, -1, -1)
        chosen = torch.full((count, 2, height, width), GREY)
        for row in range(height):
            for column in range(width):
                for which in (CR, CB):
                    logits = self.model(chosen, context)[:, which, :, row, column]
                    level = choose(row, column, which, logits.double().cpu().numpy())
                    chosen[:, which, row, column] = torch.from_numpy(level).to(chosen.device)
        return chosen.cpu()
