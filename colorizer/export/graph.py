"""A small builder of ONNX graphs: values with operators, so that equations read as equations.

graph = Graph("decode")
logits = graph.input("logits", FLOAT, (1, 313, "h", "w"))
graph.output("half", logits / 2, FLOAT, (1, 313, "h", "w"))
model = graph.model()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
# The oldest file format that has the opset: what reads ONNX anywhere reads this.
IR_VERSION = 8
FLOAT, INT32, INT64, UINT8, BOOL = (
    TensorProto.FLOAT,
    TensorProto.INT32,
    TensorProto.INT64,
    TensorProto.UINT8,
    TensorProto.BOOL,
)
Shape = Sequence[int | str]
Operand: TypeAlias = "Value | float | np.ndarray"


class Value:
    """The result of a node; arithmetic with numbers, arrays and other values adds nodes."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def __add__(self, other: Operand) -> Value:
        return self.graph.op("Add", self, other)

    def __radd__(self, other: Operand) -> Value:
        return self.graph.op("Add", other, self)

    def __sub__(self, other: Operand) -> Value:
        return self.graph.op("Sub", self, other)

    def __rsub__(self, other: Operand) -> Value:
        return self.graph.op("Sub", other, self)

    def __mul__(self, other: Operand) -> Value:
        return self.graph.op("Mul", self, other)

    def __rmul__(self, other: Operand) -> Value:
        return self.graph.op("Mul", other, self)

    def __truediv__(self, other: Operand) -> Value:
        return self.graph.op("Div", self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self.graph.op("Div", other, self)

    def __matmul__(self, other: Operand) -> Value:
        return self.graph.op("MatMul", self, other)

    def __neg__(self) -> Value:
        return self.graph.op("Neg", self)

    def __lt__(self, other: Operand) -> Value:
        return self.graph.op("Less", self, other)

    def __ge__(self, other: Operand) -> Value:
        return self.graph.op("GreaterOrEqual", self, other)


class Graph:
    """Nodes in the order they are made; every constant is stored once."""

    def __init__(self, name: str, outer: Graph | None = None) -> None:
        self.name, self._outer = name, outer
        # Names inside a branch must differ from those outside.
        self._prefix: str = f"{outer._prefix}{name}_" if outer else ""
        self._nodes: list[onnx.NodeProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._constants: dict[bytes, onnx.TensorProto] = {}

    def input(self, name: str, kind: int, shape: Shape) -> Value:
        """Declare an input; a name in ``shape`` stands for a size known at run time only.

        What a branch declares is an input of the graph that it belongs to.
        """
        if self._outer:
            return Value(self, self._outer.input(name, kind, shape).name)
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return Value(self, name)

    def output(self, name: str, value: Value, kind: int, shape: Shape) -> None:
        """Declare ``value`` an output."""
        self._nodes.append(helper.make_node("Identity", [value.name], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, value: npt.ArrayLike, kind: npt.DTypeLike | None = None) -> Value:
        """A number or array; floats become float32, whole numbers int64 unless ``kind`` says."""
        array = np.asarray(value)
        if kind is None and array.dtype.kind in "fi":
            kind = np.float32 if array.dtype.kind == "f" else np.int64
        array = np.asarray(array, kind, order="C")
        key = repr((array.dtype.str, array.shape)).encode() + array.tobytes()
        if key not in self._constants:
            name = f"{self._prefix}constant_{len(self._constants)}"
            self._constants[key] = numpy_helper.from_array(array, name)
        return Value(self, self._constants[key].name)

    def op(self, kind: str, *inputs: Operand | None, **attributes: Any) -> Value:
        """Add a node of one output.  Numbers are float32 constants; None leaves an input out."""
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(
        self, kind: str, outputs: int, *inputs: Operand | None, **attributes: Any
    ) -> list[Value]:
        """Add a node of several outputs."""
        names = [self._name(i) for i in inputs]
        number = f"{self._prefix}{kind.lower()}_{len(self._nodes)}"
        results = [f"{number}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, names, results, **attributes))
        return [Value(self, name) for name in results]

    def choose(
        self,
        condition: Value,
        shape: Shape,
        then: Callable[[Graph], Value],
        otherwise: Callable[[Graph], Value],
    ) -> Value:
        """The float32 value that one of two functions makes in a graph of its own; only it runs."""
        branches = {}
        for name, make in (("then", then), ("else", otherwise)):
            branch = Graph(name, self)
            branch.output(f"{branch._prefix}result", make(branch), FLOAT, shape)
            branches[f"{name}_branch"] = branch._proto()
        return self.op("If", condition, **branches)

    def use(self, value: Value) -> Value:
        """A value of the graph outside, in this branch."""
        return Value(self, value.name)

    def split(self, value: Value, parts: int) -> list[Value]:
        """Equal parts along the first axis."""
        return self.ops("Split", parts, value, axis=0, num_outputs=parts)

    def _name(self, value: Operand | None) -> str:
        if value is None:
            return ""
        if isinstance(value, Value):
            return value.name
        if isinstance(value, int | float):
            return self.constant(np.float32(value)).name
        return self.constant(value).name

    # --- what a graph needs often ---------------------------------------------------------------

    def cast(self, value: Value, kind: int) -> Value:
        """Values as another type of ONNX."""
        return self.op("Cast", value, to=kind)

    def reshape(self, value: Value, *sizes: int | Value) -> Value:
        """The same values in another shape; sizes are numbers or int64 values of shape (1,)."""
        return self.op("Reshape", value, self.sizes(*sizes))

    def sizes(self, *sizes: int | Value) -> Value:
        """An int64 vector of numbers and values of shape (1,)."""
        if all(isinstance(size, int) for size in sizes):
            return self.constant(np.array(sizes, np.int64))
        parts = [s if isinstance(s, Value) else np.array([s], np.int64) for s in sizes]
        return self.op("Concat", *parts, axis=0)

    def size(self, value: Value, axis: int) -> Value:
        """The size of one axis: int64, shape (1,)."""
        return self.op("Shape", value, start=axis, end=axis + 1)

    def float_size(self, value: Value, axis: int) -> Value:
        """The size of one axis as float32, shape (1,)."""
        return self.cast(self.size(value, axis), FLOAT)

    def count(self, size: Value) -> Value:
        """0, 1, … below ``size`` (int64, shape (1,)) as float32 (n,)."""
        limit = self.op("Squeeze", size)
        whole = self.op("Range", self.constant(0, np.int64), limit, self.constant(1, np.int64))
        return self.cast(whole, FLOAT)

    def unsqueeze(self, value: Value, *axes: int) -> Value:
        """Values with axes of length 1 put in."""
        return self.op("Unsqueeze", value, np.array(axes, np.int64))

    def look_up(self, table: Value, places: Value) -> Value:
        """Entries of a table (m,) at places of any shape, int32.

        By GatherElements, because Gather of single numbers takes five times as long.
        """
        flat = self.op("GatherElements", table, self.reshape(places, -1), axis=0)
        return self.op("Reshape", flat, self.op("Shape", places))

    def clamp(self, value: Value, low: float | None, high: float | None) -> Value:
        """Values from ``low`` to ``high``; None is no limit."""
        return self.op("Clip", value, low, high)

    def _proto(self) -> onnx.GraphProto:
        constants = [*self._constants.values()]
        return helper.make_graph(self._nodes, self.name, self._inputs, self._outputs, constants)

    def model(self) -> onnx.ModelProto:
        """The finished model, checked."""
        model = helper.make_model(
            self._proto(),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="colorizer",
        )
        onnx.checker.check_model(model, full_check=True)
        return model
