"""What an operator can set about the front door; read by the configuration, so nothing of a web framework is here."""

from dataclasses import dataclass

from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the front door is, who may pass, and how much at once."""

    host: str = setting("127.0.0.1", "address to listen on")
    port: int = setting(8080, "port to listen on; 0 takes a free one", low=0, high=65_535)
    api_keys: tuple[str, ...] = setting((), "bearer keys that are let in; without any only loopback is", secret=True)
    auth_disabled: bool = setting(False, "let `serve stt` run without keys, on loopback only")
    rate_limit_rps: float = setting(
        0.0, "requests a second that a key, or an address without one, may make for long; 0 sets no limit", low=0
    )
    rate_limit_burst: int = setting(30, "requests that it may make at once", low=1, high=1_000_000)
    trusted_proxies: tuple[str, ...] = setting((), "addresses or networks of proxies whose X-Forwarded-For is believed")
    open_metrics: bool = setting(False, "let /metrics and /v1/metrics be read without a key")
    max_upload_mb: float = setting(16.0, "largest request body in MiB", low=0.1, high=1024)
    max_connections: int = setting(
        1_000, "connections open at once; fewer where the process may open fewer files", low=8, high=1_000_000
    )
    drain_timeout_s: float = setting(60.0, "how long running work may take after SIGTERM", low=0, high=3600)
    access_log: bool = setting(False, "write a line for each request, but those of health and metrics")
    commit: str = setting("", "what is deployed: a revision or a date, told by /v1/health and /v1/metrics")
