"""NanoDet-g, people and vehicles: TensorFlow.js to ONNX, cut down to seven classes.

Of the 80 classes only those that have to be hidden or counted keep their weights. The rest is gone from the file:
the network cannot report a bag, a phone or an animal, whoever asks.
"""

from __future__ import annotations

import numpy as np

from builder.graph import PICTURE, Graph
from builder.tfjs import GraphModel, Value

CLASSES = {"person": 0, "bicycle": 1, "car": 2, "motorcycle": 3, "bus": 5, "train": 6, "truck": 7}
"""Class names in output order, and their places among the source's 80 (COCO order)."""

MEAN = np.array([103.53, 116.28, 123.675])
DEVIATION = np.array([57.375, 57.12, 58.395])
SIDES_TIMES_BINS = 44
FIRST_CONVOLUTION = "PartitionedCall/Add"


def build(members: dict[str, bytes]) -> bytes:
    """Make the model.

    Args:
        members: The files of the source package: one ends in `.json`, one in `.bin`.

    Returns:
        An ONNX model: `picture` to `cls_8`, `reg_8`, `cls_16`, `reg_16`, `cls_32`, `reg_32`.
    """
    source = GraphModel(
        next(data for path, data in members.items() if path.endswith(".json")),
        next(data for path, data in members.items() if path.endswith(".bin")),
    )
    graph = Graph("nanodet")
    mean = graph.exact(-MEAN.astype(np.float32).reshape(1, 3, 1, 1), "minus_mean")
    centred = graph.node("Add", [PICTURE, mean])
    source.preset(source.input, Value(centred, 1))
    # The deviation goes into the first weights. The mean can't: the padding round the picture has to stay the mean.
    source.preset(FIRST_CONVOLUTION, source.convolution(graph, FIRST_CONVOLUTION, gain=1 / DEVIATION))
    made = []
    for output in source.outputs:
        head = source.head(output)
        kept = CLASSES.values() if head.sigmoid else range(head.count)
        channels = [head.first + place for place in kept]
        value = source.convolution(graph, head.conv, channels)
        tensor = graph.node("Sigmoid", [value.name]) if head.sigmoid else value.name
        name = f"{'cls' if head.sigmoid else 'reg'}_{value.stride}"
        columns = len(CLASSES) if head.sigmoid else SIDES_TIMES_BINS
        made.append((value.stride, name, graph.rows(tensor, columns, name), columns))
    for stride, name, _, columns in sorted(made):
        graph.output(name, [1, f"cells_{stride}", columns])
    return graph.serialise()
