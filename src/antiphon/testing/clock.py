"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class ManualClock:
    """Wall and monotonic time under the test's control."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        self._passed_s = 0.0

    def now(self) -> datetime:
        """Wall time, aware, in UTC."""
        return (self._start + timedelta(seconds=self._passed_s)).astimezone(UTC)

    def monotonic_s(self) -> float:
        """Seconds that `advance` has let pass."""
        return self._passed_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed_s += seconds
