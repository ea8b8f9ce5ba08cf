"""``network.onnx``: pixels of a photograph (and colour hints) → what ``render.onnx`` needs.

Lightness at working size comes first; then PyTorch's own export of the network, for any sides that
its stride divides.  Weights
lie in the file as float16, exactly as in the checkpoint, or as int8 with one scale a channel; a
runtime turns them into float32 once, when it loads the graph.
"""

from __future__ import annotations

import copy
import logging
import math
import warnings
from collections.abc import Sequence
from typing import cast

import numpy as np
import onnx
import torch
from onnx import compose, helper, numpy_helper
from torch import nn

from .graph import FLOAT, INT32, OPSET, UINT8, Graph
from .lightness import lightness, paper_border, shrunk

# Layers smaller than this stay float16, and those with few weights a channel (a depthwise filter
# has nine).  Of the error that int8 brings to `mobile`, nine tenths came from its first 1 × 1
# convolution, 512 weights.
LEAST_QUANTIZED, LEAST_IN_CHANNEL = 8192, 32
# Smaller tensors stay float32.
LEAST_PACKED = 512
# What is tried of a channel's largest weight as the end of the int8 range.
_CLIPS = np.linspace(0.7, 1.0, 16)


def network_graph(model: nn.Module, hints: bool, *, int8: bool = False) -> onnx.ModelProto:
    """Build the graph of a network.

    Inputs: pixels (rows, columns, 4), uint8 sRGB of a copy of the photograph that is small, but not
    smaller than what the network sees; the fourth byte does not count.  extent, float32 (2,): rows
    and columns of it that the photograph covers.  size, int32 (2,): the sides H and W that the
    network sees, which ``model.stride`` divides.  With ``hints`` also hints (1, 3, H, W): a, b and
    mask.  Outputs: output (1, channels, h, w), logits or ab; lightness (1, 1, H, W), L*; border
    (H, W), 1 where the plain paper around a print lies.
    """
    packed_network = packed(_exported(model, hints), int8=int8)
    return _plain(
        compose.merge_models(
            _sight(packed_network.ir_version),
            packed_network,
            io_map=[("lightness", "lightness")],
            outputs=["output", "lightness", "border"],
        )
    )


def _sight(ir_version: int) -> onnx.ModelProto:
    """The graph before the network: pixels → lightness and border."""
    g = Graph("sight")
    pixels = g.input("pixels", UINT8, ("rows", "columns", 4))
    extent = g.input("extent", FLOAT, (2,))
    size = g.input("size", INT32, (2,))
    light = shrunk(g, lightness(g, pixels), size, extent)
    g.output("lightness", g.unsqueeze(light, 0, 1), FLOAT, (1, 1, "height", "width"))
    g.output("border", paper_border(g, light), FLOAT, ("height", "width"))
    model = g.model()
    model.ir_version = ir_version
    return model


def _exported(model: nn.Module, hints: bool) -> onnx.ModelProto:
    """PyTorch's export: lightness (1, 1, H, W) and hints → output."""
    import onnx_ir
    from onnxscript import optimizer

    model = without_transposed(model).cpu().float().eval()
    stride = cast(int, model.stride)
    sides = (4 * stride, 6 * stride)
    examples = [torch.rand(1, 1, *sides) * 100]
    names = ["lightness"]
    if hints:
        examples.append(torch.zeros(1, 3, *sides))
        names.append("hints")
    height, width = (torch.export.Dim(name, min=1, max=2048) for name in ("rows", "columns"))
    dynamic = [{2: stride * height, 3: stride * width}] * len(examples)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the exporter's own, about names of axes
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            model,
            tuple(examples),
            dynamo=True,
            optimize=False,  # it would fold batch norms into weights that float16 holds exactly
            verbose=False,
            opset_version=OPSET,
            input_names=names,
            output_names=["output"],
            dynamic_shapes=dynamic,
        )
    assert program is not None  # with dynamo there always is one
    # Weights that a layer pads or transposes are stored as they are used.
    optimizer.fold_constants(program.model, input_size_limit=2**26, output_size_limit=2**26)
    optimizer.remove_unused_nodes(program.model)
    return _plain(onnx_ir.to_proto(program.model))


def _plain(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the exporter's notes, which name files of this computer."""
    model.graph.ClearField("value_info")
    model.graph.ClearField("metadata_props")
    model.ClearField("metadata_props")
    model.graph.name = "network"
    model.producer_name, model.producer_version = "colorizer", ""
    for part in (*model.graph.node, *model.graph.input, *model.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for tensor in model.graph.initializer:
        tensor.ClearField("metadata_props")
    return model


# --- transposed convolutions ------------------------------------------------------------------


def without_transposed(model: nn.Module) -> nn.Module:
    """A copy in which convolutions and pixel shuffles stand for transposed convolutions.

    WebAssembly and WebGPU have slow kernels for those.  Kernel 4, stride 2, padding 1: each of
    the four positions in a 2 × 2 block of the output is a 2 × 2 convolution of the input.
    """
    model = copy.deepcopy(model)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.ConvTranspose2d):
                setattr(parent, name, _shuffled(child))
    return model


def _shuffled(layer: nn.ConvTranspose2d) -> nn.Sequential:
    shape = (layer.kernel_size, layer.stride, layer.padding)
    if shape != ((4, 4), (2, 2), (1, 1)) or layer.groups != 1:
        raise ValueError("Only transposed convolutions of kernel 4, stride 2, padding 1 export.")
    convolution = nn.Conv2d(
        layer.in_channels, 4 * layer.out_channels, 3, padding=1, bias=layer.bias is not None
    )
    # Rows of the kernel for the even and the odd row of a block, and where they lie in a 3 × 3.
    taps = {0: ((3, 0), (1, 1)), 1: ((2, 1), (0, 2))}
    with torch.no_grad():
        weight = torch.zeros(layer.out_channels, 2, 2, layer.in_channels, 3, 3)
        for y, rows in taps.items():
            for x, columns in taps.items():
                for row, to_row in rows:
                    for column, to_column in columns:
                        kernel = layer.weight[:, :, row, column].T
                        weight[:, y, x, :, to_row, to_column] = kernel
        convolution.weight.copy_(weight.flatten(0, 2))
        if layer.bias is not None and convolution.bias is not None:
            convolution.bias.copy_(layer.bias.repeat_interleave(4))
    return nn.Sequential(convolution, nn.PixelShuffle(2))


# --- weights ----------------------------------------------------------------------------------


def packed(model: onnx.ModelProto, *, int8: bool) -> onnx.ModelProto:
    """The model with its weights as float16 where that changes nothing, or int8.

    int8: of matrices and convolutions that are large enough.
    """
    channel_axes = _channel_axes(model) if int8 else {}
    kept, casts = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < LEAST_PACKED:
            kept.append(tensor)
            continue
        axis = channel_axes.get(tensor.name)
        if axis is not None and _worth_quantizing(values.shape, axis):
            quantized, scale = quantize(values, axis)
            stored, scales = tensor.name + "_int8", tensor.name + "_scale"
            kept += [numpy_helper.from_array(quantized, stored)]
            kept += [numpy_helper.from_array(scale, scales)]
            casts.append(helper.make_node("Cast", [stored], [stored + "_float"], to=FLOAT))
            casts.append(helper.make_node("Mul", [stored + "_float", scales], [tensor.name]))
        elif np.array_equal(values.astype(np.float16).astype(np.float32), values):
            stored = tensor.name + "_float16"
            kept.append(numpy_helper.from_array(values.astype(np.float16), stored))
            casts.append(helper.make_node("Cast", [stored], [tensor.name], to=FLOAT))
        else:
            kept.append(tensor)
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _worth_quantizing(shape: Sequence[int], axis: int) -> bool:
    size = math.prod(shape)
    return size >= LEAST_QUANTIZED and size // shape[axis] >= LEAST_IN_CHANNEL


def quantized(model: nn.Module) -> nn.Module:
    """A copy whose weights are those that a file with int8 holds, for measuring what it costs."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        for layer in model.modules():
            if not isinstance(layer, nn.Conv2d | nn.Linear):
                continue
            if _worth_quantizing(layer.weight.shape, 0):
                values, scale = quantize(layer.weight.numpy(), 0)
                layer.weight.copy_(torch.from_numpy(values * scale))
    return model


def _channel_axes(model: onnx.ModelProto) -> dict[str, int]:
    """Axis of the output channels of every weight of a convolution or matrix product."""
    axes = {}
    for node in model.graph.node:
        if node.op_type in ("Conv", "Gemm"):
            transposed = node.op_type == "Gemm" and not any(
                a.name == "transB" and a.i for a in node.attribute
            )
            axes[node.input[1]] = 1 if transposed else 0
        elif node.op_type == "MatMul":
            axes[node.input[1]] = -1
    return axes


def quantize(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """float32 → (int8 in -127…127, scale that broadcasts to it), least squares a channel."""
    rows = np.moveaxis(values, axis, 0)
    flat = rows.reshape(len(rows), -1).astype(np.float64)
    largest = np.abs(flat).max(1, keepdims=True).clip(1e-12)
    best = np.full_like(largest, np.inf)
    scale = largest / 127
    for clip in _CLIPS:
        tried = largest * clip / 127
        rounded = np.round(flat / tried).clip(-127, 127) * tried
        error = ((rounded - flat) ** 2).sum(1, keepdims=True)
        scale = np.where(error < best, tried, scale)
        best = np.minimum(error, best)
    scale = scale.astype(np.float32)
    shape = [1] * values.ndim
    shape[axis] = len(rows)
    scale = scale.reshape(shape)
    return np.round(values / scale).clip(-127, 127).astype(np.int8), scale
