"""The result of every reader in this package: a value, where it stood in the text, and how sure the reading is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value read from `text[start:end]`.

    Attributes:
        value: what was read.
        start: index of its first character.
        end: index after its last character.
        confidence: in [0, 1]; below 0.8 it should be confirmed.
    """

    value: T
    start: int
    end: int
    confidence: float = 1.0
