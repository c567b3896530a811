"""An ONNX graph that is written the same way, byte for byte, every time.

Only operators that both OpenVINO and OpenCV DNN run at any picture size are used: no Shape, Gather or Slice
subgraphs. Weights are stored as float16 and cast to float32 inside the graph, which halves the files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

OPSET = 13
IR_VERSION = 8
PRODUCER = "passerby-models"
PICTURE = "picture"
"""Input of every model: float32 (1, 3, height, width), channels blue, green, red, values 0 to 255."""

COLOURS = 3
DECLARED_SIZE = (384, 640)
"""Height and width in the file. OpenCV DNN cannot load additions of tensors of unknown size; with a size declared it
loads, and then takes any other size that is a multiple of 32 as well. OpenVINO is told by `Model.reshape`."""

Attribute = int | float | str | Sequence[int]
Dimension = int | str


class Graph:
    """Collects nodes and weights in the order in which they are added."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: list[onnx.TensorProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def fresh(self, stem: str) -> str:
        """A new tensor name: the stem and a number that counts up over the whole graph."""
        self._count += 1
        return f"{stem}_{self._count:03d}"

    def node(self, op: str, inputs: Sequence[str], name: str = "", **attributes: Attribute) -> str:
        """Add one node with one output; the node is named after its output, which is returned."""
        output = name or self.fresh(op.lower())
        node = helper.make_node(op, list(inputs), [output], name=output)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self._nodes.append(node)
        return output

    def exact(self, values: NDArray[np.float32] | NDArray[np.int64], stem: str) -> str:
        """Add a constant that keeps its type and every bit."""
        name = self.fresh(stem)
        self._tensors.append(_tensor(name, values))
        return name

    def weight(self, values: NDArray[np.floating], stem: str) -> str:
        """Add weights stored as float16; returns their float32 tensor.

        Raises:
            ValueError: A value is not finite or does not fit into float16.
        """
        half = values.astype(np.float16)
        if not np.isfinite(half).all():
            raise ValueError(f"{stem}: weights do not fit into float16")
        name = self.fresh(stem)
        self._tensors.append(_tensor(f"{name}_half", half))
        return self.node("Cast", [f"{name}_half"], name, to=TensorProto.FLOAT)

    def conv(
        self,
        source: str,
        weight: NDArray[np.floating],
        bias: NDArray[np.floating],
        *,
        stride: int = 1,
        pad: int | tuple[int, int] = 0,
        group: int = 1,
        name: str = "",
    ) -> str:
        """Add a convolution: weight (out, in / group, kh, kw), bias (out,), same stride both ways, zero padding.

        The padding is the same all round, or one width above and to the left and another below and to the right.
        Biases stay float32, and so do first weights: they are few, and an error there runs through everything.
        """
        before, after = pad if isinstance(pad, tuple) else (pad, pad)
        colours = weight.shape[1] * group == COLOURS
        inputs = [
            source,
            self.exact(weight.astype(np.float32), "w") if colours else self.weight(weight, "w"),
            self.exact(bias.astype(np.float32), "b"),
        ]
        return self.node(
            "Conv", inputs, name,
            dilations=[1, 1], group=group, kernel_shape=list(weight.shape[2:]),
            pads=[before, before, after, after], strides=[stride] * 2,
        )  # fmt: skip

    def rows(self, source: str, columns: int, name: str = "") -> str:
        """Turn (1, anchors * columns, h, w) into (1, h * w * anchors, columns), row by row over the map."""
        last = self.node("Transpose", [source], perm=[0, 2, 3, 1])
        shape = self.exact(np.array([0, -1, columns], np.int64), "shape")
        return self.node("Reshape", [last, shape], name)

    def output(self, name: str, dimensions: Sequence[Dimension]) -> None:
        """Declare a float32 output; a dimension that follows the picture's size is given by name."""
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(dimensions)))

    def serialise(self) -> bytes:
        """The checked model as bytes; equal graphs give equal bytes."""
        picture = helper.make_tensor_value_info(PICTURE, TensorProto.FLOAT, [1, 3, *DECLARED_SIZE])
        graph = helper.make_graph(self._nodes, self._name, [picture], self._outputs, self._tensors)
        model = helper.make_model(
            graph,
            producer_name=PRODUCER,
            producer_version="1",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def _tensor(name: str, values: NDArray[np.generic]) -> onnx.TensorProto:
    """A tensor of little-endian raw data, whatever the byte order of the machine that builds."""
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    return helper.make_tensor(name, kind, list(values.shape), little.tobytes(), raw=True)
