"""The wire between a process and its workers: msgpack values, and blobs that are never copied into them."""

import struct
import traceback
from typing import Any, TypeAlias

import msgspec

from antiphon import errors
from antiphon.errors import AntiphonError, AtCapacity, EngineFailed

Buffer: TypeAlias = bytes | bytearray | memoryview

HEADER = struct.Struct("<IQ")
"""Before each message: length of its value and of its blob."""

LARGEST_VALUE_BYTES = 64 << 20
LARGEST_BLOB_BYTES = 4 << 30


class BrokenWire(Exception):
    """The other side is gone or sent what no side of ours would send."""


def head(value: Any, blob: Buffer) -> bytes:
    """A message up to its blob."""
    packed = msgspec.msgpack.encode(value)
    return HEADER.pack(len(packed), memoryview(blob).nbytes) + packed


def lengths(header: Buffer) -> tuple[int, int]:
    """Length of the value and of the blob that follow `header`.

    Raises:
        BrokenWire: they are absurd, so the stream is out of step.
    """
    value, blob = HEADER.unpack(header)
    if value > LARGEST_VALUE_BYTES or blob > LARGEST_BLOB_BYTES:
        raise BrokenWire(f"a message of {value} + {blob} bytes")
    return value, blob


def unpack(packed: Buffer) -> Any:
    """The value of a message.

    Raises:
        BrokenWire: it is not msgpack.
    """
    try:
        return msgspec.msgpack.decode(packed)
    except msgspec.DecodeError as error:
        raise BrokenWire("a value that is not msgpack") from error


def error_fields(error: BaseException, untyped_code: str) -> dict[str, Any]:
    """An error as plain data. Only typed errors carry their words: others may quote what they worked on."""
    if not isinstance(error, AntiphonError):
        return {
            "error": "EngineFailed",
            "code": untyped_code,
            "message": f"The worker process failed: {type(error).__name__}.",
            "trace": "".join(traceback.format_tb(error.__traceback__)),
        }
    fields: dict[str, Any] = {
        "error": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "param": error.param,
    }
    if isinstance(error, AtCapacity):
        fields["retry_after_s"] = error.retry_after_s
    return fields


def error_from(fields: dict[str, Any]) -> AntiphonError:
    """The error that `error_fields` described."""
    kind = getattr(errors, fields["error"], None)
    if not (isinstance(kind, type) and issubclass(kind, AntiphonError)):
        return EngineFailed(fields["message"], code=fields["code"])
    if issubclass(kind, AtCapacity):
        return kind(fields["message"], code=fields["code"], retry_after_s=fields.get("retry_after_s", 1.0))
    return kind(fields["message"], code=fields["code"], param=fields.get("param"))
