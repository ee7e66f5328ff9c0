"""What an operator can set about live transcription; read by the configuration, so only plain values are here."""

from dataclasses import dataclass

from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """How many streams, how they are cut into utterances, and how long everybody waits for everybody."""

    max_sessions: int = setting(200, "live streams at once, those that may be resumed included", low=1, high=10_000)
    speech_threshold: float = setting(
        0.5, "speech probability above which a window counts as speech", low=0.1, high=0.9
    )
    silence_threshold: float = setting(0.35, "speech probability below which it counts as silence", low=0.05, high=0.9)
    speech_ms: int = setting(96, "speech needed before an utterance begins", low=32, high=1000)
    preroll_ms: int = setting(400, "audio kept from before the first speech window", low=0, high=2000)
    pause_ms: int = setting(192, "silence after which the final decode begins", low=32, high=1000)
    max_utterance_s: float = setting(
        25.0, "longest utterance; longer speech is cut at its quietest point", low=2.0, high=600.0
    )
    max_ahead_s: float = setting(30.0, "unread audio of a stream before its sender has to wait", low=1.0, high=600.0)
    grace_s: float = setting(30.0, "how long a lost connection can be resumed", low=0, high=600.0)
    start_timeout_s: float = setting(10.0, "how long a client may take to send `start`", low=0.1, high=600.0)
    idle_timeout_s: float = setting(30.0, "silence of a client, on the wire, that ends its stream", low=1, high=3600)
    send_timeout_s: float = setting(10.0, "how long a client may take to read a message", low=0.1, high=600.0)
