"""Weights out of an ONNX file, without a runtime."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from antiphon.errors import EngineUnavailable


def read_initializers(model: bytes) -> dict[str, npt.NDArray[np.float32]]:
    """The float tensors that an ONNX file stores with its graph, by name.

    A dozen lines of protobuf, so that no runtime or parser is needed for 1.2 MB of weights.

    Raises:
        EngineUnavailable: the bytes are no ONNX model.

    Source: onnx.proto3: ModelProto.graph = 7, GraphProto.initializer = 5; TensorProto.dims = 1, data_type = 2,
    name = 8, raw_data = 9.
    """
    tensors = {}
    try:
        for graph in _fields(memoryview(model), 7):
            for tensor in _fields(graph, 5):
                if next(_fields(tensor, 2), 0) != 1:
                    continue
                name = bytes(next(_fields(tensor, 8))).decode()
                raw = next(_fields(tensor, 9))
                shape = [d if isinstance(d, int) else int(d[0]) for d in _fields(tensor, 1)]
                tensors[name] = np.frombuffer(raw, "<f4").reshape(shape).astype(np.float32)
    except (ValueError, IndexError, StopIteration, TypeError) as broken:
        raise EngineUnavailable("the weights file is damaged: it is no ONNX model") from broken
    return tensors


def _fields(message: memoryview, wanted: int) -> Iterator[Any]:
    """Values of one field of a protobuf message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 7:
            case 0:
                value, at = _varint(message, at)
                field: int | memoryview = value
            case 1 | 5 as kind:
                end = at + (8 if kind == 1 else 4)
                field, at = message[at:end], end
            case 2:
                length, at = _varint(message, at)
                if at + length > len(message):
                    raise ValueError("a field runs past the end")
                field, at = message[at : at + length], at + length
            case _:
                raise ValueError("a wire type that protobuf 3 does not have")
        if key >> 3 == wanted:
            yield field


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
