"""One speech-to-text server, asked by an application."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx2

from antiphon.errors import AntiphonError, BadConfiguration, BadInput
from antiphon.sdk.calls import Call, CallRecord
from antiphon.sdk.latency import Latency
from antiphon.sdk.recordings import Recording, audio_file
from antiphon.sdk.retries import Retries
from antiphon.sdk.transcription import (
    Health,
    ModelInfo,
    Transcription,
    read_figures,
    read_models,
    read_transcription,
)
from antiphon.sdk.wire import read

CONNECT_S = 2.0
IDLE_S = 4.0
"""Idle connections are closed before common servers close them (5 s), so that none is reset in use."""
RATE_HZ = 16_000
SHORT_S = 5.0
"""How long questions about a server's state may take, where the caller does not say."""


class Client:
    """An asynchronous client; one serves any number of concurrent calls of one event loop.

    Cancelling a call closes its connection, and the server gives the call's place to somebody else.

    Attributes:
        base_url: address of the server, without a trailing slash.
        key: bearer key. Setting it takes effect at the next attempt of every call: keys rotate without a restart.
        latency: how long `transcribe` took lately; may be read from any thread.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str = "",
        *,
        timeout_s: float = 60.0,
        retries: int | Retries = 1,
        on_call: Callable[[CallRecord], None] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """Nothing is connected until the first call.

        Args:
            base_url: such as `http://127.0.0.1:8081`.
            api_key: bearer key; empty for none.
            timeout_s: how long a transcription may take, retries included, where the call gives no deadline.
            retries: how often a call is made again after it failed in a way that may pass.
            on_call: told of every ended call, in the event loop's thread; must return at once.
            transport: carries requests; for proxies, certificates and tests.

        Raises:
            BadConfiguration: `base_url` is no HTTP address.
        """
        self.base_url, self.key = _checked(base_url), api_key
        self.latency = Latency()
        self._timeout_s, self._on_call = timeout_s, on_call
        self._retries = retries if isinstance(retries, Retries) else Retries(retries)
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=CONNECT_S),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=IDLE_S),
            transport=transport,
            trust_env=False,
        )

    async def transcribe(
        self,
        audio: Recording,
        *,
        language: str | None = None,
        prompt: str = "",
        hotwords: Sequence[str] = (),
        word_timestamps: bool = False,
        rate_hz: int = RATE_HZ,
        deadline_s: float | None = None,
        request_id: str | None = None,
    ) -> Transcription:
        """What is said in a recording.

        Args:
            audio: bytes of a file, a path, or samples (float32 [n] or [channels, n], in [-1, 1]).
            language: ISO 639-1 code; detected without it.
            prompt: text that came before, to go on from in its style and spelling.
            hotwords: terms that are likely to be said.
            word_timestamps: whether word times are wanted.
            rate_hz: of samples; files say it themselves.
            deadline_s: how long all of this may take, retries and pauses included; never exceeded.
            request_id: under which server logs know the call; made up where none is given.

        Raises:
            NotAllowed: the key is refused.
            BadAudio: it is no recording that the server reads.
            TooLong: it is longer or larger than the server takes.
            BadInput: something else of the call cannot be used; `param` says what.
            AtCapacity: the server has no room; `retry_after_s` says when it may have.
            TimedOut: the deadline passed, here (`deadline`) or in the server.
            EngineFailed: the server cannot be reached, or broke.
        """
        began_s = time.monotonic()
        limit_s = self._timeout_s if deadline_s is None else deadline_s
        call = Call("POST", f"{self.base_url}/v1/transcribe")
        call.request_id = request_id or call.request_id
        call.form = _form(language, prompt, hotwords, word_timestamps)
        call.file = await audio_file(audio, rate_hz, limit_s)
        return await self._transcription(call, max(0.0, limit_s - (time.monotonic() - began_s)), began_s)

    async def health(self, *, deadline_s: float = SHORT_S) -> Health:
        """Whether the server is alive.

        Raises:
            AntiphonError: see `transcribe`.
        """
        return read(await self._get("/v1/health", deadline_s), Health)

    async def ready(self, *, deadline_s: float = SHORT_S) -> Health:
        """Whether work may be sent to the server; `ok` is false where not.

        Raises:
            AntiphonError: it did not answer; see `transcribe`.
        """
        return read(await self._get("/v1/ready", deadline_s, accepted=frozenset((200, 503))), Health)

    async def models(self, *, deadline_s: float = SHORT_S) -> tuple[ModelInfo, ...]:
        """The models that the server offers.

        Raises:
            AntiphonError: see `transcribe`.
        """
        return read_models(await self._get("/v1/models", deadline_s))

    async def metrics(self, *, deadline_s: float = SHORT_S) -> dict[str, Any]:
        """What the server did so far (`GET /v1/metrics`): requests, errors, fallback, latencies, queue, GPU.

        Raises:
            AntiphonError: see `transcribe`.
        """
        return read_figures(await self._get("/v1/metrics", deadline_s))

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _get(self, path: str, deadline_s: float, accepted: frozenset[int] = frozenset((200,))) -> bytes:
        call = Call("GET", f"{self.base_url}{path}", accepted=accepted)
        await call.make(self._http, self._current_key, self._retries, deadline_s)
        return call.body

    async def _transcription(self, call: Call, deadline_s: float, began_s: float) -> Transcription:
        """Make a call, read what is answered, and tell of it, however it ends."""
        code = "cancelled"
        try:
            await call.make(self._http, self._current_key, self._retries, deadline_s)
            heard = read_transcription(call.body, call.headers, call.request_id)
            self.latency.answered(time.monotonic() - began_s)
            code = ""
        except AntiphonError as error:
            self.latency.failed()
            code = error.code
            error.request_id = error.request_id or call.request_id
            raise
        finally:
            self._tell(call.record(began_s, code))
        return heard

    def _current_key(self) -> str:
        return self.key

    def _tell(self, record: CallRecord) -> None:
        if self._on_call is None:
            return
        try:
            self._on_call(record)
        except Exception as error:  # noqa: BLE001 - whoever counts calls must not be able to break them
            asyncio.get_running_loop().call_exception_handler({"message": "on_call failed", "exception": error})


def _checked(base_url: str) -> str:
    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL as bad:
        raise BadConfiguration(f"{base_url!r} is no address of a server.", param="base_url") from bad
    if url.scheme not in ("http", "https") or not url.host or "%" in url.host:
        raise BadConfiguration(f"{base_url!r} is no address of an HTTP server.", param="base_url")
    return base_url.rstrip("/")


def _form(language: str | None, prompt: str, hotwords: Sequence[str], words: bool) -> Mapping[str, str]:
    """The fields of the form (P-5); what was not asked for is not sent."""
    if isinstance(hotwords, str):
        raise BadInput("hotwords is a sequence of terms, not one text.", code="hotwords_type", param="hotwords")
    fields = {
        "language": language or "",
        "prompt": prompt,
        "hotwords": ", ".join(hotwords),
        "word_timestamps": "true" if words else "",
    }
    return {name: value for name, value in fields.items() if value}
