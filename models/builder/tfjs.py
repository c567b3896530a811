"""TensorFlow.js graph models (one JSON file, one binary file) as ONNX nodes.

Covers what `onnx-tf` writes for a plain convolutional network; an unknown pattern raises. The source jumps between
NCHW and NHWC round each convolution and pads in nodes of its own; here every tensor stays NCHW and the padding moves
into the convolution. Sizes fixed in the source become factors: any multiple of the largest stride will do.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builder.graph import Graph

TO_NHWC = (0, 2, 3, 1)
TO_NCHW = (0, 3, 1, 2)


@dataclass(frozen=True)
class Value:
    """A tensor of the new graph, as the source graph sees it."""

    name: str
    stride: int
    """Pixels of the picture per cell."""
    nhwc: bool = False
    pad: int = 0
    """Cells of padding that the source put round it and that the next node has to take over."""


@dataclass(frozen=True)
class Head:
    """One output of the source: some channels of a last convolution, with or without a sigmoid."""

    conv: str
    first: int
    count: int
    sigmoid: bool


class GraphModel:
    """One model; `emit` adds the nodes behind a source node to an ONNX graph."""

    def __init__(self, topology: bytes, weights: bytes) -> None:
        document = json.loads(topology)
        self._nodes: dict[str, Any] = {node["name"]: node for node in document["modelTopology"]["node"]}
        self._constants = constants(document["weightsManifest"], weights)
        self.outputs = sorted(name for name, node in self._nodes.items() if node["op"] == "Identity")
        (picture,) = (node for node in self._nodes.values() if node["op"] == "Placeholder")
        self.input = str(picture["name"])
        self._side = int(picture["attr"]["shape"]["shape"]["dim"][2]["size"])
        self._done: dict[str, Value] = {}

    def preset(self, name: str, value: Value) -> None:
        """Say which tensor stands for a source node: the input, or one that was added by hand."""
        self._done[name] = value

    def head(self, output: str) -> Head:
        """Walk back from an output to its convolution, through Transpose, Reshape, Sigmoid and Split."""
        name, sigmoid, part = output, False, 0
        while True:
            node = self._nodes[name]
            match node["op"]:
                case "Identity" | "Transpose" | "Reshape":
                    pass
                case "Sigmoid":
                    sigmoid = True
                case "SplitV":
                    sizes = [int(size) for size in self._constant(node, 1)]
                    conv = self._nodes[node["input"][0]]["input"][0]
                    return Head(conv, sum(sizes[:part]), sizes[part], sigmoid)
                case other:
                    raise ValueError(f"{output}: {other} is not expected behind an output")
            name, _, index = node["input"][0].partition(":")
            part = int(index or 0)

    def convolution(
        self, graph: Graph, name: str, channels: Sequence[int] | None = None, gain: NDArray[np.float64] | None = None
    ) -> Value:
        """Add the convolution and bias that end in the Add node `name`.

        Args:
            graph: Receives the nodes.
            name: The Add node.
            channels: Output channels to keep, in this order; all where not given. The others' weights are dropped.
            gain: A factor for each input channel, folded into the weights.
        """
        add = self._nodes[name]
        conv = self._nodes[add["input"][0]]
        if conv["op"] != "Conv2D" or base64.b64decode(conv["attr"]["padding"]["s"]) != b"VALID":
            raise ValueError(f"{name}: expected a convolution without padding of its own, got {conv['op']}")
        weight = self._constant(conv, 1).transpose(3, 2, 0, 1)
        bias = self._constant(add, 1)
        if channels is not None:
            weight, bias = weight[list(channels)], bias[list(channels)]
        if gain is not None:
            weight = weight * gain.reshape(1, -1, 1, 1)
        stride = _stride(conv)
        source = self.emit(graph, conv["input"][0])
        made = graph.conv(source.name, weight, bias, stride=stride, pad=source.pad)
        return Value(made, source.stride * stride, nhwc=True)

    def emit(self, graph: Graph, name: str) -> Value:
        """Add everything that node `name` needs, once, and return its tensor."""
        if name not in self._done:
            self._done[name] = self._translate(graph, name)
        return self._done[name]

    def _translate(self, graph: Graph, name: str) -> Value:
        node = self._nodes[name]
        match node["op"]:
            case "Pad" | "PadV2":
                return replace(self.emit(graph, node["input"][0]), pad=_padding(self._constant(node, 1)))
            case "Transpose":
                perm = tuple(int(axis) for axis in self._constant(node, 1))
                value = self.emit(graph, node["input"][0])
                if perm != (TO_NCHW if value.nhwc else TO_NHWC):
                    raise ValueError(f"{name}: transposes by {perm}")
                return replace(value, nhwc=not value.nhwc)
            case "LeakyRelu":
                value = self.emit(graph, node["input"][0])
                made = graph.node("LeakyRelu", [value.name], alpha=float(node["attr"]["alpha"]["f"]))
                return replace(value, name=made)
            case "MaxPool":
                value = self.emit(graph, node["input"][0])
                kernel, stride = int(node["attr"]["ksize"]["list"]["i"][1]), _stride(node)
                made = graph.node(
                    "MaxPool", [value.name],
                    kernel_shape=[kernel] * 2, pads=[value.pad] * 4, strides=[stride] * 2,
                )  # fmt: skip
                return Value(made, value.stride * stride, nhwc=True)
            case "ConcatV2":
                values = [self.emit(graph, source) for source in node["input"][:-1]]
                if any(value.nhwc or value.pad for value in values) or int(self._constant(node, -1)) != 1:
                    raise ValueError(f"{name}: joins another axis than the channels")
                return replace(values[0], name=graph.node("Concat", [value.name for value in values], axis=1))
            case "Add" if self._nodes[node["input"][0]]["op"] == "Conv2D":
                return self.convolution(graph, name)
            case "Add":
                left, right = (self.emit(graph, source) for source in node["input"])
                if (left.stride, left.nhwc, left.pad) != (right.stride, right.nhwc, 0):
                    raise ValueError(f"{name}: adds tensors of different layouts")
                return replace(left, name=graph.node("Add", [left.name, right.name]))
            case "ResizeBilinear":
                return self._resize(graph, node)
            case other:
                raise ValueError(f"{name}: operator {other} is not supported")

    def _resize(self, graph: Graph, node: Mapping[str, Any]) -> Value:
        """Twice as large, or half: with half-pixel centres the latter is the mean of each 2×2 cells."""
        value = self.emit(graph, node["input"][0])
        stride = self._side // int(self._constant(node, 1)[0])
        if not node["attr"]["half_pixel_centers"]["b"] or node["attr"]["align_corners"]["b"] or value.pad:
            raise ValueError(f"{node['name']}: resizes with another grid")
        if stride == 2 * value.stride:
            made = graph.node("AveragePool", [value.name], kernel_shape=[2, 2], strides=[2, 2])
        elif 2 * stride == value.stride:
            scales = graph.exact(np.array([1, 1, 2, 2], np.float32), "scales")
            inputs = [value.name, "", scales]
            made = graph.node("Resize", inputs, coordinate_transformation_mode="half_pixel", mode="linear")
        else:
            raise ValueError(f"{node['name']}: resizes from stride {value.stride} to {stride}")
        return replace(value, name=made, stride=stride)

    def _constant(self, node: Mapping[str, Any], index: int) -> NDArray[Any]:
        return self._constants[node["input"][index]]


def constants(manifest: Sequence[Mapping[str, Any]], blob: bytes) -> dict[str, NDArray[Any]]:
    """The weights of a model, by name."""
    found: dict[str, NDArray[Any]] = {}
    at = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        kind = np.dtype(entry.get("quantization", entry)["dtype"]).newbyteorder("<")
        size = int(np.prod(entry["shape"], dtype=np.int64))
        found[entry["name"]] = np.frombuffer(blob, kind, size, at).reshape(entry["shape"])
        at += size * kind.itemsize
    if at != len(blob):
        raise ValueError(f"weights: {len(blob)} bytes, of which {at} are described")
    return found


def _padding(paddings: NDArray[np.int32]) -> int:
    """The one width of a padding (4 axes × before, after) that is equal on all four sides of the map."""
    sides = {int(side) for side in paddings[2:].flat}
    if paddings[:2].any() or len(sides) != 1:
        raise ValueError(f"pads by {paddings.tolist()}")
    return sides.pop()


def _stride(node: Mapping[str, Any]) -> int:
    first, down, right, last = (int(step) for step in node["attr"]["strides"]["list"]["i"])
    if (first, last, down) != (1, 1, right):
        raise ValueError(f"{node['name']}: unequal strides")
    return down
