"""Reading what a client sent, strictly: whatever is not plainly right is a `BadInput` that names the field."""

import json
import re
from collections.abc import Mapping
from typing import Any

from antiphon.errors import BadInput
from antiphon.events.dialogue import Json

MAX_JSON_BYTES = 256 * 1024
CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def json_object(data: bytes) -> dict[str, Json]:
    """The JSON object in `data`; an empty body is an empty object.

    Raises:
        BadInput: too large, not UTF-8, not JSON, too deep, not an object, or with a field given twice.
    """
    if len(data) > MAX_JSON_BYTES:
        raise BadInput(f"a JSON body has at most {MAX_JSON_BYTES} bytes", code="json_too_large")
    if not data.strip():
        return {}
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput("the body is not valid JSON", code="json_invalid") from error
    if not isinstance(value, dict):
        raise BadInput("the body must be a JSON object", code="json_invalid")
    return value


def only(body: Mapping[str, Json], *names: str) -> None:
    """Refuse fields that would be ignored.

    Raises:
        BadInput: there is one.
    """
    if any(name not in names for name in body):
        raise BadInput(f"the fields taken here are: {', '.join(names)}", code="field_unknown")


def words(body: Mapping[str, Json], name: str) -> str | None:
    """The text in field `name`, or None when it is missing or null.

    Raises:
        BadInput: it is not a text, or holds characters that cannot be stored.
    """
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadInput(f"{name} must be a string", code="field_invalid", param=name)
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadInput(f"{name} holds characters that are no text", code="field_invalid", param=name)
    return value


def channel(value: str | None) -> str:
    """The channel of a conversation.

    Raises:
        BadInput: no plain name.
    """
    if value is not None and not CHANNEL.fullmatch(value):
        raise BadInput("channel must be a plain name in lower case", code="field_invalid", param="channel")
    return value or "api"


def idempotency_key(value: str | None) -> str | None:
    """The key of an Idempotency-Key header.

    Raises:
        BadInput: empty, too long or with characters beyond printable ASCII.
    """
    if value is not None and not IDEMPOTENCY_KEY.fullmatch(value):
        raise BadInput(
            "Idempotency-Key has 1 to 255 printable characters", code="header_invalid", param="Idempotency-Key"
        )
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is given twice")
    return found


def _refuse_constant(_name: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")
