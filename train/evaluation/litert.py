"""A segmentation network in LiteRT's format (``.tflite``, once TensorFlow Lite).

Not needed to train or to colour; ``pip install ai-edge-litert`` brings what runs it.  A small
one that a package ships: MediaPipe Selfie Segmentation, which parts people from the background
(``selfie_segmentation.tflite`` in the npm package ``@mediapipe/selfie_segmentation``; "Model Card:
MediaPipe Selfie Segmentation", Google 2021; 256×256 in, 256×256 out).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F


class Interpreter(Protocol):
    """The part of ``ai_edge_litert.interpreter.Interpreter`` that is used here."""

    def get_input_details(self) -> list[dict]: ...

    def get_output_details(self) -> list[dict]: ...

    def set_tensor(self, index: int, value: np.ndarray) -> None: ...

    def invoke(self) -> None: ...

    def get_tensor(self, index: int) -> np.ndarray: ...


def open_network(path: str | Path) -> Interpreter:
    """The network of a file.  ValueError, in one sentence, if it is none or cannot be run."""
    try:
        from ai_edge_litert.interpreter import Interpreter as LiteRT
    except ImportError as error:
        raise ValueError(
            f"{Path(path).name} is a LiteRT network: pip install ai-edge-litert."
        ) from error
    if not Path(path).is_file():
        raise ValueError(f"There is no file {path}.")
    try:
        interpreter = LiteRT(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{path} holds no network that LiteRT can read.") from error
    return interpreter


class Segmenter:
    """Photographs → labels.  Raises ValueError if the network does not go from one picture of
    floats to one map of them."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        whole = len(inputs) == 1 and len(outputs) == 1
        if not whole or any(
            len(end["shape"]) != 4 or end["dtype"] != np.float32 for end in (inputs[0], outputs[0])
        ):
            raise ValueError("This network does not turn one picture into one map of labels.")
        self.input, self.output = inputs[0]["index"], outputs[0]["index"]
        self.size = tuple(int(n) for n in inputs[0]["shape"][1:3])

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) of 0…1 → (N, h, w) labels: the strongest channel, or, where the network
        has only one, whether it is above one half."""
        images = F.interpolate(images, size=self.size, mode="bilinear", antialias=True).clamp(0, 1)
        found = []
        for image in images.permute(0, 2, 3, 1).contiguous().float().numpy():
            self.interpreter.set_tensor(self.input, image[None])
            self.interpreter.invoke()
            found.append(torch.from_numpy(self.interpreter.get_tensor(self.output)[0]))
        scores = torch.stack(found)
        return scores.argmax(-1) if scores.shape[-1] > 1 else (scores[..., 0] > 0.5).long()
