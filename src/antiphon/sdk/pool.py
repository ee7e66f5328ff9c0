"""Several speech-to-text servers as one: the least loaded is asked, those that fail are left alone for a while."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self, TypeAlias

import httpx2

from antiphon.clock import Clock, SystemClock
from antiphon.errors import (
    AntiphonError,
    AtCapacity,
    BadConfiguration,
    EngineFailed,
    EngineUnavailable,
    FallbackFailed,
    StorageFailed,
    TimedOut,
)
from antiphon.sdk.calls import CallRecord, made_up_id
from antiphon.sdk.client import RATE_HZ, Client
from antiphon.sdk.latency import Latency
from antiphon.sdk.recordings import LATE, Recording, audio_file
from antiphon.sdk.retries import Retries
from antiphon.sdk.servers import PoolSettings, Server, ServerSnapshot, choose
from antiphon.sdk.transcription import Transcription

PASSING = (AtCapacity, EngineFailed, EngineUnavailable, StorageFailed, TimedOut)
"""Failures that another server may not have."""
_Ask: TypeAlias = Callable[[Server, float], Awaitable[Transcription]]


class STTPool:
    """Spreads calls over servers that all do the same; one serves any number of concurrent calls of one event loop.

    Servers are asked in the background whether they are ready. One that fails several calls in a row is left alone,
    each time for twice as long, and returns with the first call that it answers. When all are out, all are asked.

    Attributes:
        latency: how long calls took lately, whichever server answered; may be read from any thread.
    """

    def __init__(
        self,
        base_urls: Sequence[str],
        api_key: str = "",
        *,
        timeout_s: float = 60.0,
        attempt_timeout_s: float | None = None,
        retries: int | Retries = 2,
        settings: PoolSettings | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Nothing is connected until the first call or `async with`.

        Args:
            base_urls: addresses of the servers.
            api_key: bearer key of all of them; empty for none.
            timeout_s: how long a transcription may take, retries included, where the call gives no deadline.
            attempt_timeout_s: how long one server may take before another is asked; without it, as long as there is.
            retries: how often a call is made again, on another server while there is one.
            settings: how servers are judged.
            on_call: told of every call to a server; several of one transcription share a request id.
            transport: carries requests; for proxies, certificates and tests.
            clock: by which servers are judged.

        Raises:
            BadConfiguration: there is no server, one is named twice, or an address is none.
        """
        clients = [
            Client(url, api_key, timeout_s=timeout_s, retries=0, on_call=on_call, transport=transport)
            for url in base_urls
        ]
        if not clients or len({client.base_url for client in clients}) < len(clients):
            raise BadConfiguration("A pool needs at least one server, and each only once.", param="base_urls")
        self.latency = Latency()
        self._clock = clock or SystemClock()
        self._settings = settings or PoolSettings()
        self._servers = [Server(client, self._settings) for client in clients]
        self._timeout_s, self._attempt_s = timeout_s, attempt_timeout_s
        self._retries = retries if isinstance(retries, Retries) else Retries(retries)
        self._checks: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        """The bearer key; setting it takes effect at the next attempt of every call."""
        return self._servers[0].client.key

    @key.setter
    def key(self, key: str) -> None:
        for server in self._servers:
            server.client.key = key

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
        """What is said in a recording; arguments and errors as of `Client.transcribe`."""
        self._watch()
        began_s = time.monotonic()
        limit_s = self._timeout_s if deadline_s is None else deadline_s
        name = request_id or made_up_id()

        async def ask(server: Server, left_s: float) -> Transcription:
            return await server.client.transcribe(
                file,
                language=language,
                prompt=prompt,
                hotwords=hotwords,
                word_timestamps=word_timestamps,
                deadline_s=left_s,
                request_id=name,
            )

        file = (await audio_file(audio, rate_hz, limit_s)).data
        try:
            answer = await self._anywhere(ask, began_s + limit_s)
        except AntiphonError:
            self.latency.failed()
            raise
        self.latency.answered(time.monotonic() - began_s)
        return answer

    def snapshot(self) -> tuple[ServerSnapshot, ...]:
        """What is known of each server now, in the order in which they were named."""
        now_s = self._clock.monotonic_s()
        return tuple(server.snapshot(now_s) for server in self._servers)

    async def close(self) -> None:
        """Ask no server any more, and close all connections."""
        if self._checks is not None:
            self._checks.cancel()
            await asyncio.gather(self._checks, return_exceptions=True)
            self._checks = None
        for server in self._servers:
            await server.client.close()

    async def __aenter__(self) -> Self:
        self._watch()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _anywhere(self, ask: _Ask, ends_s: float) -> Transcription:
        """Ask one server after the other until one answers."""
        tried: list[Server] = []
        while True:
            server = choose(self._servers, tried, self._clock.monotonic_s())
            left_s = max(0.0, ends_s - time.monotonic())
            try:
                return await self._once(ask, server, min(left_s, self._attempt_s or left_s))
            except PASSING as error:
                tried.append(server)
                pause_s = self._pause_s(tried, error)
                if len(tried) > self._retries.most or time.monotonic() + pause_s >= ends_s:
                    raise
                await asyncio.sleep(pause_s)

    async def _once(self, ask: _Ask, server: Server, limit_s: float) -> Transcription:
        began_s = time.monotonic()
        server.began()
        try:
            answer = await ask(server, limit_s)
        except PASSING as error:
            if _blames(error, server, limit_s):
                server.failed(self._clock.monotonic_s())
            raise
        finally:
            server.ended()
        server.succeeded(self._clock.monotonic_s(), time.monotonic() - began_s)
        return answer

    def _pause_s(self, tried: Sequence[Server], error: AntiphonError) -> float:
        """None before a server that was not asked yet; before one that was, what it asks for."""
        return 0.0 if len(tried) < len(self._servers) else self._retries.pause_s(len(tried), error)

    def _watch(self) -> None:
        if self._checks is None and self._settings.check_every_s > 0:
            self._checks = asyncio.create_task(self._check_always(), name="antiphon pool checks")

    async def _check_always(self) -> None:
        """Ask every server again and again, each at times of its own, so that clients do not ask in step."""
        async with asyncio.TaskGroup() as tasks:
            for server in self._servers:
                tasks.create_task(self._check(server))

    async def _check(self, server: Server) -> None:
        while True:
            try:
                server.checked((await server.client.ready(deadline_s=self._settings.check_s)).ok)
            except AntiphonError:
                server.checked(ready=False)
            await asyncio.sleep(self._settings.check_every_s * random.uniform(0.8, 1.2))


def _blames(error: AntiphonError, server: Server, limit_s: float) -> bool:
    """Whether a failure speaks against the server.

    Being full does not: it works as it should, and others are asked. Nor does the failure of a tier behind it, or a
    caller in too great a hurry.
    """
    if isinstance(error, AtCapacity | FallbackFailed):
        return False
    return error.code != LATE or server.had_time(limit_s)
