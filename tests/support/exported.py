"""The exported graphs run by ONNX Runtime, as any app would: what the page does, in Python."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image


class Exported:
    """The graphs of a folder that ``colorizer export`` wrote."""

    def __init__(self, folder: Path) -> None:
        self.about = json.loads((folder / "colorizer.json").read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.sessions = {
            key: onnxruntime.InferenceSession(folder / file["name"], options)
            for key, file in self.about["files"].items()
        }

    def run(self, graph: str, **inputs) -> dict[str, np.ndarray]:
        """The outputs of one graph by name; numbers become scalars of the type it takes."""
        session = self.sessions[graph]
        kinds = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8}
        feeds = {i.name: np.asarray(inputs[i.name], kinds[i.type]) for i in session.get_inputs()}
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, feeds), strict=True))

    def look(self, photograph: np.ndarray, size: tuple[int, int]) -> dict[str, np.ndarray]:
        """Grey or sRGB (H, W[, 3]) of uint8 → output, lightness and border at a working size."""
        rgba = self.rgba(photograph)
        down, across = (max(1, int(a / b / 3)) for a, b in zip(rgba.shape, size, strict=False))
        copy = np.asarray(Image.fromarray(rgba[..., :3]).reduce((across, down)))
        extent = rgba.shape[0] / down, rgba.shape[1] / across
        hints = np.zeros((1, 3, *size))
        return self.run("network", pixels=self.rgba(copy), extent=extent, size=size, hints=hints)

    def colorize(
        self,
        photograph: np.ndarray,
        size: tuple[int, int],
        *,
        bands: int = 3,
        seed=None,
        look="natural",
        **knobs,
    ) -> np.ndarray:
        """Grey or sRGB (H, W[, 3]) of uint8 → sRGB (H, W, 3), painted in bands."""
        seen = self.look(photograph, size)
        bins, grid = len(self.about["bins"]), seen["output"].shape[-2:]
        of_look = next(each for each in self.about["looks"] if each["key"] == look)
        settings = self.about["best" if seed is None else "sample"] | of_look["knobs"] | knobs
        settings["top_k"] = settings.get("top_k") or bins
        places = np.zeros(1) if seed is None else self.anchors(grid, settings["correlation"])
        noise = np.zeros((1, bins))
        if seed is not None:
            generator = torch.Generator().manual_seed(seed)
            noise = torch.randn((len(places), bins), generator=generator).numpy()
        how = settings | seen | {"noise": noise, "anchors": places}
        planes = np.zeros((8, 1, 1))
        rgba = self.rgba(photograph)
        height = len(rgba)
        parts = []
        for a, b in pairwise(np.linspace(0, height, min(bands, height) + 1).astype(int)):
            band = {"photograph": rgba[a:b], "first_row": a, "height": height}
            result = self.run("render", **how, **band, known_planes=planes)
            parts.append(result["pixels"])
            planes = result["planes"]
            # Not looked at any more.
            how |= {"output": np.zeros((1, seen["output"].shape[1], 1, 1)), "border": [[0]]}
        packed = np.concatenate(parts).astype("<i4")
        painted = packed.view(np.uint8).reshape(rgba.shape)
        assert (painted[..., 3] == 255).all()
        return painted[..., :3]

    @staticmethod
    def rgba(photograph: np.ndarray) -> np.ndarray:
        """Grey or sRGB → four bytes a pixel, the fourth of no meaning."""
        if photograph.ndim == 2:
            photograph = np.repeat(photograph[..., None], 3, -1)
        return np.dstack((photograph, np.full(photograph.shape[:2], 7, np.uint8)))

    def anchors(self, grid: tuple[int, int], correlation: float) -> np.ndarray:
        """Places of the grid that noise is drawn at, as the documentation gives the rule."""
        height, width = grid
        stride = max(2, math.ceil(math.sqrt(height * width / self.about["most_anchors"])))
        every = np.arange(height * width).reshape(grid)
        few = every[stride // 2 :: stride, stride // 2 :: stride].ravel()
        fine = correlation * min(grid) / math.sqrt(2) < stride
        all_of_them = not len(few) or (fine and every.size <= 4 * self.about["most_anchors"])
        return every.ravel() if all_of_them else few
