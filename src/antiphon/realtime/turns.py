"""When a silence ends a turn."""

from antiphon.realtime.settings import RealtimeSettings


def silence_needed_ms(settings: RealtimeSettings, finished: float) -> float:
    """How long a silence must be to end a turn that sounds `finished` (probability in [0, 1])."""
    return settings.min_silence_ms + (1.0 - finished) * (settings.max_silence_ms - settings.min_silence_ms)
