"""When a call is worth making again, and how long to wait before."""

import random
from dataclasses import dataclass

from antiphon.errors import AntiphonError, AtCapacity

RETRIED_STATUS = frozenset((429, 502, 503, 504))


@dataclass(frozen=True, slots=True)
class Retries:
    """How calls are made again.

    Attributes:
        most: how often, beside the first time.
        jitter_s: the first pause is drawn between these, so that clients do not come back all at once.
        growth: how much longer each pause is than the one before.
        longest_s: no pause of our own choosing is longer; a server may ask for a longer one.
    """

    most: int = 1
    jitter_s: tuple[float, float] = (0.05, 0.15)
    growth: float = 2.0
    longest_s: float = 5.0

    def pause_s(self, failures: int, error: AntiphonError) -> float:
        """How long to wait after the `failures`-th failure: our own pause on top of what the server asked for.

        A server that is full names the earliest moment; if all came back right then, it would be full again.
        """
        own_s = min(self.longest_s, random.uniform(*self.jitter_s) * self.growth ** (failures - 1))
        return own_s + (error.retry_after_s if isinstance(error, AtCapacity) else 0.0)


class WorthRetrying(Exception):
    """A failed call that may succeed when it is made again."""

    def __init__(self, error: AntiphonError) -> None:
        super().__init__(error.code)
        self.error = error
