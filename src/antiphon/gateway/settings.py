"""What an operator can set about the front door; read by the configuration, so nothing of a web framework is here."""

from dataclasses import dataclass

from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the front door is, who may pass, and how much at once."""

    host: str = setting("127.0.0.1", "address to listen on")
    port: int = setting(8080, "port to listen on; 0 takes a free one", low=0, high=65_535)
    api_keys: tuple[str, ...] = setting((), "bearer keys that are let in; without any only loopback is", secret=True)
    max_upload_mb: float = setting(16.0, "largest request body in MiB", low=0.1, high=1024)
    drain_timeout_s: float = setting(60.0, "how long running work may take after SIGTERM", low=0, high=3600)
