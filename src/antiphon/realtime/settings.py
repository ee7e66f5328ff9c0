"""How a live conversation behaves."""

from dataclasses import dataclass

from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class RealtimeSettings:
    """Turn taking, barge-in and idleness; times in stream time."""

    speech_threshold: float = setting(
        0.5, "speech probability above which a window counts as speech", low=0.1, high=0.9
    )
    silence_threshold: float = setting(0.35, "speech probability below which it counts as silence", low=0.05, high=0.9)
    speech_ms: int = setting(96, "speech needed before an utterance begins", low=32, high=1000)
    preroll_ms: int = setting(400, "audio kept from before the first speech window", low=0, high=2000)
    pause_ms: int = setting(128, "silence after which the final decode begins", low=32, high=1000)
    min_silence_ms: int = setting(350, "silence that ends a turn which sounds finished", low=100, high=3000)
    max_silence_ms: int = setting(1400, "silence that ends any turn", low=200, high=10_000)
    max_turn_s: float = setting(45.0, "longest turn before it is answered anyway", low=5.0, high=600.0)
    hold_ms: int = setting(256, "speech over the agent after which it falls silent", low=64, high=2000)
    decide_ms: int = setting(
        640, "speech over the agent after which it is judged an interruption or not", low=128, high=4000
    )
    tail_ms: int = setting(500, "speech over the last part of a reply never holds it", low=0, high=3000)
    barge_in: bool = setting(True, "whether the caller may interrupt")
    idle_s: float = setting(
        9.0, "silence after which the caller is asked whether they are still there", low=1.0, high=600.0
    )
    ahead_s: float = setting(2.0, "how much speech is synthesized ahead of the voice", low=0.2, high=60.0)
    max_sessions: int = setting(200, "live sessions at once; more are refused as at capacity", low=1, high=10_000)
