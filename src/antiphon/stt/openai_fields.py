"""Single fields of OpenAI's audio forms, and the errors that name them."""

import json
import math
from collections.abc import Iterable

from antiphon.errors import BadInput
from antiphon.serving.forms import Form

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "": False}
_VAD_LIMITS = {"prefix_padding_ms": 60_000, "silence_duration_ms": 60_000, "threshold": 1}
_CHUNKING = "chunking_strategy"


def texts(form: Form, name: str) -> tuple[str, ...]:
    """A repeated field; OpenAI's own clients write brackets after its name."""
    return (*form.texts(f"{name}[]"), *form.texts(name))


def boolean(form: Form, name: str) -> bool:
    """A field that is true or false; false where it is missing.

    Raises:
        BadInput: it is neither.
    """
    given = (form.text(name) or "").lower()
    if given not in _BOOLEANS:
        raise one_of(name, given, ("true", "false"))
    return _BOOLEANS[given]


def temperature(form: Form) -> float:
    """`temperature`, 0 where it is missing.

    Raises:
        BadInput: it is no number from 0 to 1.
    """
    try:
        value = float(form.text("temperature") or 0.0)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise invalid("temperature", "is a number from 0 to 1")
    return value


def check_chunking(form: Form) -> None:
    """Refuse a `chunking_strategy` that OpenAI would: it is auto, or an object as JSON or as bracketed fields.

    Raises:
        BadInput: it is something else.
    """
    prefix, given = f"{_CHUNKING}[", form.text(_CHUNKING)
    strategy: object = {name[len(prefix) : -1]: text for name, text in form.fields if name.startswith(prefix)}
    if given is not None and given != "auto":
        try:
            strategy = json.loads(given)
        except (ValueError, RecursionError):
            strategy = None
    elif not strategy:
        return
    if not isinstance(strategy, dict) or strategy.pop("type", None) != "server_vad":
        raise invalid(_CHUNKING, "is auto, or an object whose type is server_vad")
    for name, value in strategy.items():
        if name not in _VAD_LIMITS or not _within(value, _VAD_LIMITS[name]):
            raise invalid(_CHUNKING, f"has an unusable {str(name)[:40]!r}")


def missing(name: str, what: str = "a value") -> BadInput:
    """The error for a field that must be there."""
    return BadInput(f"The form needs {what} in the field `{name}`.", code="missing_required_parameter", param=name)


def invalid(name: str, why: str) -> BadInput:
    """The error for a field with a value that nobody could use."""
    return BadInput(f"`{name}` {why}.", code="invalid_value", param=name)


def unsupported(name: str, why: str) -> BadInput:
    """The error for a field with a value that OpenAI knows and we do not offer."""
    return BadInput(f"`{name}`: {why}.", code="unsupported_value", param=name)


def one_of(name: str, given: str, allowed: Iterable[str]) -> BadInput:
    """The error for a field that knows other values."""
    return invalid(name, f"is one of {', '.join(allowed)}, not {given[:40]!r}")


def _within(value: object, most: float) -> bool:
    try:
        return 0 <= float(str(value)) <= most
    except ValueError:
        return False
