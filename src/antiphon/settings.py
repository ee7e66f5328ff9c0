"""How a setting is declared: a field of a frozen dataclass with its default, its range and its meaning.

`config` reads stack files and the environment into such classes; nothing else reads either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a setting beside its type and default."""

    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False

    @property
    def allowed(self) -> str:
        """The allowed range, for messages."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"at least {self.low:g}"
        return f"at most {self.high:g}" if self.high is not None else "any"


def setting(
    default: Any,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
    secret: bool = False,
) -> Any:
    """A dataclass field that carries its meaning and range; `secret` values are never shown."""
    return field(default=default, metadata={"setting": Setting(meaning, low, high, tuple(choices), secret)})
