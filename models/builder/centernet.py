"""CenterNet on MobileNetV3, people alone: TensorFlow.js to ONNX, cut down to one class and its boxes.

A second network of other design, to say where the first is wrong. Of the 80 classes only people keep their weights;
what the source does behind its two maps (peaks, sorting) is arithmetic and is left to `passerby.darkroom.find.decode`.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builder.graph import PICTURE, Graph
from builder.tfjs import constants

PERSON = 0
"""Place of people among the source's 80 classes (COCO order)."""
HEAT, SIDES = "tower_0/CenternetHead/centernet_cls_output/BiasAdd", "tower_0/CenternetHead/centernet_wh_output/BiasAdd"
SIDES_GAIN = "tower_0/mul/y"
PICTURE_NODE = "tower_0/images"


def build(members: dict[str, bytes]) -> bytes:
    """Make the model.

    Args:
        members: The files of the source package: one ends in `.json`, one in `.bin`.

    Returns:
        An ONNX model: `picture` to `heat` (1, 1, h, w) and `sides` (1, 4, h, w) on a grid of 4×4 pixels.
    """
    source = _Source(
        next(data for path, data in members.items() if path.endswith(".json")),
        next(data for path, data in members.items() if path.endswith(".bin")),
    )
    graph = source.graph
    graph.node("Sigmoid", [source.emit(HEAT, channels=[PERSON])], "heat")
    gain = graph.exact(np.asarray(source.constant(SIDES_GAIN), np.float32).reshape(1, 1, 1, 1), "gain")
    graph.node("Mul", [source.emit(SIDES), gain], "sides")
    graph.output("heat", [1, 1, "rows", "columns"])
    graph.output("sides", [1, 4, "rows", "columns"])
    return graph.serialise()


class _Source:
    """The source graph; every tensor stays NCHW in the new one."""

    def __init__(self, topology: bytes, weights: bytes) -> None:
        document = json.loads(topology)
        self._nodes: dict[str, Any] = {node["name"]: node for node in document["modelTopology"]["node"]}
        self._constants = constants(document["weightsManifest"], weights)
        self._done: dict[str, str] = {}
        self.graph = Graph("centernet")

    def constant(self, name: str) -> NDArray[Any]:
        """A constant of the source."""
        return self._constants[name]

    def emit(self, name: str, channels: list[int] | None = None) -> str:
        """Add everything that node `name` needs, once, and return its tensor."""
        if name not in self._done:
            self._done[name] = PICTURE if name == PICTURE_NODE else self._translate(name, channels)
        return self._done[name]

    def _translate(self, name: str, channels: list[int] | None) -> str:
        node = self._nodes[name]
        match node["op"]:
            case "_FusedConv2D" | "Conv2D" | "FusedDepthwiseConv2dNative" | "DepthwiseConv2dNative":
                return self._convolution(node, channels)
            case "Relu" | "Sigmoid":
                return self.graph.node(node["op"], [self.emit(node["input"][0])])
            case "Relu6":
                return self._relu6(self.emit(node["input"][0]))
            case "Mean":
                return self.graph.node("GlobalAveragePool", [self.emit(node["input"][0])])
            case "ConcatV2":
                return self.graph.node("Concat", [self.emit(one) for one in node["input"][:-1]], axis=1)
            case "Add" | "Mul":
                return self.graph.node(node["op"], [self._operand(one) for one in node["input"]])
            case "ResizeBilinear":
                return self._resize(node)
            case other:
                raise ValueError(f"{name}: operator {other} is not supported")

    def _operand(self, name: str) -> str:
        if name in self._constants:
            return self.graph.exact(np.asarray(self._constants[name], np.float32).reshape(1, 1, 1, 1), "number")
        return self.emit(name)

    def _relu6(self, source: str) -> str:
        low, high = (self.graph.exact(np.array(v, np.float32), "limit") for v in (0.0, 6.0))
        return self.graph.node("Clip", [source, low, high])

    def _resize(self, node: dict[str, Any]) -> str:
        if node["attr"]["half_pixel_centers"]["b"] or node["attr"]["align_corners"]["b"]:
            raise ValueError(f"{node['name']}: resizes with another grid")
        scales = self.graph.exact(np.array([1, 1, 2, 2], np.float32), "scales")
        inputs = [self.emit(node["input"][0]), "", scales]
        return self.graph.node("Resize", inputs, coordinate_transformation_mode="asymmetric", mode="linear")

    def _convolution(self, node: dict[str, Any], channels: list[int] | None) -> str:
        """A convolution with its bias and rectifier; padding "same" for sides that are multiples of the stride."""
        weight = np.asarray(self.constant(node["input"][1]), np.float32)
        depthwise = "Depthwise" in node["op"]
        weight = weight.transpose(2, 3, 0, 1) if depthwise else weight.transpose(3, 2, 0, 1)
        made = len(weight)
        bias = np.asarray(self.constant(node["input"][2]), np.float32) if len(node["input"]) > 2 else np.zeros(made)
        if node["input"][0] == PICTURE_NODE:
            weight = weight[:, ::-1]  # the source takes red first
        if channels is not None:
            weight, bias = weight[channels], bias[channels]
        stride = int(node["attr"]["strides"]["list"]["i"][1])
        same = base64.b64decode(node["attr"]["padding"]["s"]) == b"SAME"
        total = max(0, weight.shape[2] - stride) if same else 0
        before, after = total // 2, total - total // 2
        group = made if depthwise else 1
        source = self.emit(node["input"][0])
        out = self.graph.conv(source, weight, bias, stride=stride, pad=(before, after), group=group)
        fused = [base64.b64decode(s) for s in node["attr"].get("fused_ops", {}).get("list", {}).get("s", [])]
        return self.graph.node("Relu", [out]) if b"Relu" in fused else self._clipped(out, fused)

    def _clipped(self, out: str, fused: list[bytes]) -> str:
        return self._relu6(out) if b"Relu6" in fused else out
