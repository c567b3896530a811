"""Just enough of Caffe's binary format (protocol buffers) to read layers, convolutions and their weights.

Field numbers are those of `caffe.proto`. Everything else in the file is skipped unread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
NET_LAYER = 100
LAYER_NAME, LAYER_TYPE, LAYER_BOTTOM, LAYER_TOP, LAYER_BLOBS, LAYER_CONVOLUTION = 1, 2, 3, 4, 7, 106
BLOB_DATA, BLOB_SHAPE, SHAPE_DIM = 5, 7, 1
CONV_PAD, CONV_GROUP, CONV_STRIDE = 3, 5, 6

Fields = dict[int, list[int | bytes]]


@dataclass(frozen=True)
class Layer:
    """One layer; the convolution's numbers are 0 or 1 where they don't apply."""

    name: str
    kind: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    blobs: tuple[NDArray[np.float32], ...]
    pad: int
    stride: int
    group: int


def layers(model: bytes) -> list[Layer]:
    """All layers of a `.caffemodel`, in their order."""
    return [_layer(_parse(data)) for data in _messages(_parse(model), NET_LAYER)]


def _layer(fields: Fields) -> Layer:
    convolution = next((_parse(data) for data in _messages(fields, LAYER_CONVOLUTION)), {})
    return Layer(
        name=_texts(fields, LAYER_NAME)[0],
        kind=_texts(fields, LAYER_TYPE)[0],
        bottoms=_texts(fields, LAYER_BOTTOM),
        tops=_texts(fields, LAYER_TOP),
        blobs=tuple(_blob(_parse(data)) for data in _messages(fields, LAYER_BLOBS)),
        pad=_number(convolution, CONV_PAD, 0),
        stride=_number(convolution, CONV_STRIDE, 1),
        group=_number(convolution, CONV_GROUP, 1),
    )


def _blob(fields: Fields) -> NDArray[np.float32]:
    (shape,) = _messages(fields, BLOB_SHAPE)
    (data,) = _messages(fields, BLOB_DATA)
    return np.frombuffer(data, "<f4").reshape(_numbers(_parse(shape), SHAPE_DIM))


def _parse(data: bytes) -> Fields:
    fields: Fields = defaultdict(list)
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                value, at = _varint(data, at)
                fields[key >> 3].append(value)
            case 1 | 5 as wire:
                size = 8 if wire == FIXED64 else 4
                fields[key >> 3].append(data[at : at + size])
                at += size
            case 2:
                size, at = _varint(data, at)
                if at + size > len(data):
                    raise ValueError("a field is longer than its message")
                fields[key >> 3].append(data[at : at + size])
                at += size
            case wire:
                raise ValueError(f"wire type {wire} is not supported")
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _messages(fields: Fields, number: int) -> list[bytes]:
    return [value for value in fields.get(number, []) if isinstance(value, bytes)]


def _texts(fields: Fields, number: int) -> tuple[str, ...]:
    return tuple(value.decode() for value in _messages(fields, number))


def _numbers(fields: Fields, number: int) -> list[int]:
    """A repeated integer field, packed or not."""

    def values() -> Iterator[int]:
        for value in fields.get(number, []):
            if isinstance(value, int):
                yield value
                continue
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                yield one

    return list(values())


def _number(fields: Fields, number: int, default: int) -> int:
    found = set(_numbers(fields, number)) or {default}
    if len(found) != 1:
        raise ValueError(f"field {number} holds different numbers: {sorted(found)}")
    return found.pop()
