"""Variables that the set-ups Antiphon replaces already use, and what each one sets."""

from collections.abc import Mapping

ALIASES: Mapping[str, str] = {
    "NEXTJS_ACTION_ENDPOINT": "conversations.action_endpoint",
    "ACTION_SECRET": "conversations.action_secret",
    "API_KEYS": "server.api_keys",
    "AUTH_DISABLED": "server.auth_disabled",
    "RATE_LIMIT_RPS": "server.rate_limit_rps",
    "RATE_LIMIT_BURST": "server.rate_limit_burst",
    "TRUSTED_PROXIES": "server.trusted_proxies",
    "MAX_UPLOAD_MB": "server.max_upload_mb",
    "DRAIN_TIMEOUT_S": "server.drain_timeout_s",
    "SERVER_COMMIT": "server.commit",
    "MAX_AUDIO_SECONDS": "audio.max_audio_seconds",
    "LOG_TRANSCRIPTS": "log.pii",
    "MAX_CONCURRENCY": "stt.concurrency",
    "MAX_QUEUE": "stt.max_queue",
    "QUEUE_TIMEOUT_S": "stt.queue_timeout_s",
    "CONF_LOGPROB_THRESHOLD": "stt.conf_logprob_threshold",
    "CONF_LANGPROB_THRESHOLD": "stt.conf_langprob_threshold",
    "MIN_WORDS_FOR_CONF": "stt.min_words_for_conf",
    "FALLBACK_URL": "stt.fallback_url",
    "FALLBACK_API_KEY": "stt.fallback_api_key",
    "DEVICE": "engines.faster-whisper.device",
    "DEVICE_INDEX": "engines.faster-whisper.device_index",
    "COMPUTE_TYPE": "engines.faster-whisper.compute_type",
    "CPU_THREADS": "engines.faster-whisper.threads",
    "BEAM_SIZE": "engines.faster-whisper.beam_size",
}
"""The key that a variable sets, whatever the process is."""

_SMALL, _MEDIUM = "CT2_SMALL_PATH", "CT2_MEDIUM_PATH"
_MODEL = "engines.faster-whisper.model"

MODEL_ALIASES: Mapping[str, Mapping[str, str]] = {
    "": {_SMALL: _MODEL, _MEDIUM: "engines.faster-whisper.fallback.model"},
    "primary": {_SMALL: _MODEL},
    "fallback": {_MEDIUM: _MODEL},
}
"""By the role of the process, the key that the path of a Whisper model sets."""

CHOICES: Mapping[str, Mapping[str, str]] = {
    "": {_SMALL: "stt.engine", _MEDIUM: "stt.fallback_engine"},
    "primary": {_SMALL: "stt.engine"},
    "fallback": {_MEDIUM: "stt.engine"},
}
"""By the role of the process, the key for which the path of a Whisper model chooses faster-whisper."""

ELSEWHERE = frozenset({"CONFIG_PATH", "ANTIPHON_STACK"})
"""Variables that say where settings are, and are none."""


def aliases(role: str) -> dict[str, str]:
    """All second names of keys for a process of that role (`primary`, `fallback`, or neither)."""
    return {**ALIASES, **MODEL_ALIASES[role]}
