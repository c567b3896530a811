"""CenterFace, faces: its own ONNX file with any picture size, folded normalisation and no landmarks.

The landmark head is left out. Eyes, nose and mouth are what a recogniser would align a face by; hiding one needs
a box only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from builder.graph import PICTURE, Graph

OUTPUTS = {"537": ("heat", 1), "538": ("size", 2), "539": ("offset", 2)}
"""Names in the source, names here, channels. Source output 540 (landmarks) is dropped."""

Arrays = dict[str, NDArray[Any]]


def build(members: dict[str, bytes]) -> bytes:
    """Make the model.

    Args:
        members: The one ONNX file of the source package.

    Returns:
        An ONNX model: `picture` to `heat`, `size`, `offset`, each (1, channels, height / 4, width / 4).
    """
    (data,) = members.values()
    source = onnx.load_from_string(data)
    arrays: Arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in source.graph.initializer}
    nodes = {node.output[0]: node for node in source.graph.node}
    graph = Graph("centerface")
    _Copier(graph, nodes, arrays).run()
    for name, channels in OUTPUTS.values():
        graph.output(name, [1, channels, "quarter_height", "quarter_width"])
    return graph.serialise()


class _Copier:
    """Copies the nodes that the outputs need, in the source's order."""

    def __init__(self, graph: Graph, nodes: dict[str, onnx.NodeProto], arrays: Arrays) -> None:
        self._graph = graph
        self._nodes = nodes
        self._arrays = arrays
        self._names = {"input.1": PICTURE}

    def run(self) -> None:
        needed: set[str] = set()
        waiting = list(OUTPUTS)
        while waiting:
            output = waiting.pop()
            if output in self._nodes and output not in needed:
                needed.add(output)
                waiting += self._nodes[output].input
        for output, node in self._nodes.items():
            if output in needed:
                self._names[output] = self._copy(node)

    def _copy(self, node: onnx.NodeProto) -> str:
        name = OUTPUTS.get(node.output[0], ("", 0))[0]
        source = self._names[node.input[0]]
        match node.op_type:
            case "Relu" | "Sigmoid":
                return self._graph.node(node.op_type, [source], name)
            case "Add":
                return self._graph.node("Add", [source, self._names[node.input[1]]], name)
            case "Conv":
                return self._conv(node, source, name)
            case "ConvTranspose":
                # Emitted by the batch normalisation behind it, into whose scale it is folded.
                return source
            case "BatchNormalization":
                return self._up(node, source)
            case other:
                raise ValueError(f"operator {other} is not supported")

    def _conv(self, node: onnx.NodeProto, source: str, name: str) -> str:
        attributes = _attributes(node)
        weight, bias = (self._arrays[key] for key in node.input[1:])
        if source == PICTURE:
            weight = weight[:, ::-1]  # trained on red, green, blue
        stride, pad = attributes["strides"][0], attributes["pads"][0]
        return self._graph.conv(source, weight, bias, stride=stride, pad=pad, group=attributes["group"], name=name)

    def _up(self, node: onnx.NodeProto, source: str) -> str:
        """A transposed convolution (weight in × out × 2 × 2) with its batch normalisation folded in, in float64."""
        conv = self._nodes[node.input[0]]
        attributes = _attributes(conv)
        scale, shift, mean, variance = (self._arrays[key].astype(np.float64) for key in node.input[1:])
        gain = scale / np.sqrt(variance + _attributes(node)["epsilon"])
        weight = self._arrays[conv.input[1]] * gain.reshape(1, -1, 1, 1)
        bias = (shift - mean * gain).astype(np.float32)
        inputs = [source, self._graph.weight(weight, "w"), self._graph.exact(bias, "b")]
        kept = {key: attributes[key] for key in ("dilations", "group", "kernel_shape", "pads", "strides")}
        return self._graph.node("ConvTranspose", inputs, **kept)


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
