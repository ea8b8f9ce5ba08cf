"""The exported graphs run by ONNX Runtime, as any app would: what the page does, in Python."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from colorizer.images.border import paper_border


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

    def run(self, graph: str, **inputs) -> np.ndarray:
        """The output of one graph; numbers become scalars of the type it takes."""
        session = self.sessions[graph]
        kinds = {"tensor(float)": np.float32, "tensor(int32)": np.int32}
        feeds = {i.name: np.asarray(inputs[i.name], kinds[i.type]) for i in session.get_inputs()}
        return session.run(None, feeds)[0]

    def network(self, working: np.ndarray) -> np.ndarray:
        """Lightness (H, W) at working size → logits or ab."""
        lightness = working[None, None]
        return self.run("network", lightness=lightness, hints=np.zeros((1, 3, *working.shape)))

    def colorize(
        self,
        lightness: np.ndarray,
        working: np.ndarray,
        bands: int = 3,
        seed=None,
        look="natural",
        **knobs,
    ) -> np.ndarray:
        """L* at full and at working size → sRGB (H, W, 3), painted in bands."""
        output = self.network(working)
        bins, grid = len(self.about["bins"]), output.shape[-2:]
        of_look = next(each for each in self.about["looks"] if each["key"] == look)
        settings = self.about["best" if seed is None else "sample"] | of_look["knobs"] | knobs
        places = np.zeros(1) if seed is None else self.anchors(grid, settings["correlation"])
        noise = np.zeros((1, bins))
        if seed is not None:
            generator = torch.Generator().manual_seed(seed)
            noise = torch.randn((len(places), bins), generator=generator).numpy()
        border = paper_border(working)
        planes = self.run(
            "decode",
            **settings | {"top_k": settings.get("top_k") or bins},
            output=output,
            lightness=working[None, None],
            border=np.zeros(working.shape) if border is None else border,
            noise=noise,
            anchors=places,
        )
        height = len(lightness)
        edges = np.linspace(0, height, min(bands, height) + 1).astype(int)
        parts = [
            self.run("render", planes=planes, lightness=lightness[a:b], first_row=a, height=height)
            for a, b in pairwise(edges)
        ]
        packed = np.concatenate(parts).astype("<i4")
        rgba = packed.view(np.uint8).reshape(*lightness.shape, 4)
        assert (rgba[..., 3] == 255).all()
        return rgba[..., :3]

    def anchors(self, grid: tuple[int, int], correlation: float) -> np.ndarray:
        """Places of the grid that noise is drawn at, as the documentation gives the rule."""
        height, width = grid
        stride = max(2, math.ceil(math.sqrt(height * width / self.about["most_anchors"])))
        every = np.arange(height * width).reshape(grid)
        few = every[stride // 2 :: stride, stride // 2 :: stride].ravel()
        fine = correlation * min(grid) / math.sqrt(2) < stride
        all_of_them = not len(few) or (fine and every.size <= 4 * self.about["most_anchors"])
        return every.ravel() if all_of_them else few
