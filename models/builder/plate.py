"""The number-plate finder of HyperLPR (a small SSD): Caffe to ONNX, without prior boxes and without a reader.

Only this network is ever unpacked. The package's reading networks stay in the archive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from builder.caffe import Layer, layers
from builder.graph import PICTURE, Graph

MEAN = np.array([0.406, 0.456, 0.485]) * 255
DEVIATION = np.array([0.225, 0.224, 0.229]) * 255
"""Blue, green, red; the source feeds red, green, blue scaled to 0..1."""
SCORES, OFFSETS = "ssd0_concat0", "ssd0_concat1"


def build(members: dict[str, bytes]) -> bytes:
    """Make the model.

    Args:
        members: The one `.caffemodel` of the source package.

    Returns:
        An ONNX model: `picture` to `score` (1, priors, 1) and `shift` (1, priors, 4).
    """
    (data,) = members.values()
    everything = layers(data)
    graph = Graph("plate")
    mean = graph.exact(-MEAN.astype(np.float32).reshape(1, 3, 1, 1), "minus_mean")
    names = {"data": graph.node("Add", [PICTURE, mean])}
    heads = {top: layer for layer in everything if layer.kind == "Convolution" for top in layer.tops}
    for layer in everything:
        (source, *_), (top, *_) = (*layer.bottoms, ""), (*layer.tops, "")
        if layer.kind == "Convolution" and "convpredictor" not in layer.name:
            names[top] = _conv(graph, layer, names[source])
        elif layer.kind == "ReLU":
            names[top] = graph.node("Relu", [names[source]])
    # A later layer of this network never reads a tensor that a ReLU overwrote in place afterwards.
    logits = [_plate_only(heads[_tensor(everything, flat)]) for flat in _joined(everything, SCORES)]
    offsets = [heads[_tensor(everything, flat)] for flat in _joined(everything, OFFSETS)]
    rows = [graph.rows(_conv(graph, head, names[head.bottoms[0]]), 1) for head in logits]
    graph.node("Sigmoid", [graph.node("Concat", rows, axis=1)], "score")
    rows = [graph.rows(_conv(graph, head, names[head.bottoms[0]]), 4) for head in offsets]
    graph.node("Concat", rows, "shift", axis=1)
    graph.output("score", [1, "priors", 1])
    graph.output("shift", [1, "priors", 4])
    return graph.serialise()


def _conv(graph: Graph, layer: Layer, source: str) -> str:
    weight: NDArray[np.floating] = layer.blobs[0]
    if layer.bottoms == ("data",):
        weight = weight[:, ::-1] / DEVIATION.reshape(1, -1, 1, 1)
    return graph.conv(source, weight, layer.blobs[1], stride=layer.stride, pad=layer.pad, group=layer.group)


def _plate_only(head: Layer) -> Layer:
    """Two logits per prior (nothing, plate) as their difference: a sigmoid of it equals the softmax of the two."""
    weight, bias = head.blobs
    return Layer(
        head.name, head.kind, head.bottoms, head.tops,
        (weight[1::2] - weight[0::2], bias[1::2] - bias[0::2]), head.pad, head.stride, head.group,
    )  # fmt: skip


def _joined(everything: list[Layer], name: str) -> tuple[str, ...]:
    return next(layer.bottoms for layer in everything if layer.name == name)


def _tensor(everything: list[Layer], flat: str) -> str:
    """The convolution's tensor behind a Flatten and a Permute."""
    source = flat
    for kind in ("Flatten", "Permute"):
        layer = next(layer for layer in everything if layer.kind == kind and source in layer.tops)
        (source,) = layer.bottoms
    return source
