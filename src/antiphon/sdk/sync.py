"""The client for scripts: the same calls, without `await`."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from antiphon.sdk.calls import CallRecord
from antiphon.sdk.client import RATE_HZ, Client
from antiphon.sdk.latency import Latency
from antiphon.sdk.recordings import Recording
from antiphon.sdk.retries import Retries
from antiphon.sdk.transcription import Health, ModelInfo, Transcription

T = TypeVar("T")


class SyncClient:
    """A `Client` with an event loop of its own in a thread; any number of threads may call it."""

    def __init__(
        self,
        base_url: str,
        api_key: str = "",
        *,
        timeout_s: float = 60.0,
        retries: int | Retries = 1,
        on_call: Callable[[CallRecord], None] | None = None,
    ) -> None:
        """Arguments as of `Client`; `on_call` is called in the event loop's thread."""
        self._client = Client(base_url, api_key, timeout_s=timeout_s, retries=retries, on_call=on_call)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="antiphon-sync-client", daemon=True)
        self._thread.start()

    @property
    def key(self) -> str:
        """The bearer key; setting it takes effect at the next attempt of every call."""
        return self._client.key

    @key.setter
    def key(self, key: str) -> None:
        self._client.key = key

    @property
    def latency(self) -> Latency:
        """How long `transcribe` took lately."""
        return self._client.latency

    def transcribe(
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
        """What is said in a recording; arguments and errors as of `Client.transcribe`."""
        return self._wait(
            self._client.transcribe(
                audio,
                language=language,
                prompt=prompt,
                hotwords=hotwords,
                word_timestamps=word_timestamps,
                rate_hz=rate_hz,
                deadline_s=deadline_s,
                request_id=request_id,
            )
        )

    def health(self) -> Health:
        """Whether the server is alive."""
        return self._wait(self._client.health())

    def ready(self) -> Health:
        """Whether work may be sent to the server; `ok` is false where not."""
        return self._wait(self._client.ready())

    def models(self) -> tuple[ModelInfo, ...]:
        """The models that the server offers."""
        return self._wait(self._client.models())

    def metrics(self) -> dict[str, Any]:
        """What the server did so far."""
        return self._wait(self._client.metrics())

    def close(self) -> None:
        """Close all connections and end the thread; a second time does nothing."""
        if self._loop.is_closed():
            return
        self._wait(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop.is_closed():
            work.close()
            raise RuntimeError("This client is closed.")
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C while waiting: the call must not go on behind the caller's back
            raise
