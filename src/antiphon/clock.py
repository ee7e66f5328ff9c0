"""Wall and monotonic time behind one small Protocol, so that tests and `--now` can set it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. Stream time does not: it is counted in samples."""

    def now(self) -> datetime:
        """Wall time, aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start that never jump or go back."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()


class OffsetClock:
    """The machine's clock moved so that it read `start` when this was made; it runs on from there (`call --now`)."""

    def __init__(self, start: datetime) -> None:
        self._offset: timedelta = start.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        """Wall time as if this clock had been made at `start`."""
        return datetime.now(UTC) + self._offset

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()
