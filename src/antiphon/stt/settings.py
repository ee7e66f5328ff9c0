"""What an operator can set about speech-to-text; read by the configuration, so it knows nothing but plain values."""

from dataclasses import dataclass

from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class SttSettings:
    """Which engine hears, how many recordings at once, and when a second tier is asked."""

    engine: str = setting("auto", "engine by the name on its card, or `auto`")
    concurrency: int = setting(2, "recordings recognised at once", low=1, high=64)
    max_queue: int = setting(
        0, "recordings that may wait for a slot; 0 for eight times `concurrency`", low=0, high=10_000
    )
    queue_timeout_s: float = setting(10.0, "how long a recording may wait for a slot", low=0.1, high=600)
    conf_logprob_threshold: float | None = setting(
        None, "confidence below which the fallback is asked; not set: the engine's own, 0.55 for Whisper", low=0, high=1
    )
    conf_langprob_threshold: float = setting(
        0.70, "probability of a detected language below which the fallback is asked", low=0, high=1
    )
    min_words_for_conf: int | None = setting(
        None,
        "fewer words than this and the fallback is asked; not set: the engine's own, 3 for Whisper",
        low=0,
        high=100,
    )
    fallback_url: str = setting("", "address of the fallback service; empty for none")
    fallback_api_key: str = setting("", "key that the fallback service takes", secret=True)
    fallback_engine: str = setting("", "engine of a second tier in this process; empty for none")
    fallback_concurrency: int = setting(1, "recordings that tier recognises at once", low=1, high=64)
    fallback_timeout_s: float = setting(60.0, "how long the fallback may take, its retry included", low=0.1, high=600)
    deadline_s: float = setting(60.0, "how long a whole request may take; keep it below the ingress", low=0.1, high=600)
    dead_after_s: float = setting(
        15.0,
        "how long the engine may fail before the process ends, for its supervisor to start it afresh; 0 for never",
        low=0,
        high=3600,
    )
