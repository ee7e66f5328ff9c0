"""Live transcription for applications: audio in, events out, through lost connections and restarted servers.

    async with ListenStream("http://127.0.0.1:8081", start=Start(language="en")) as stream:
        await stream.send(frame)          # as often as there is audio
        async for event in stream:        # in another task
            ...

Audio is kept until the server is done with it. After a lost connection the stream is resumed where the server was, and
sent anew from there to a server that knows nothing of it, so that nothing is lost and no final comes twice. Times and
samples of events count from the first audio sent, whatever happened on the way.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError, AtCapacity, BadConfiguration, TimedOut
from antiphon.events import live as wire
from antiphon.events.live import Start
from antiphon.sdk.backlog import Backlog
from antiphon.sdk.shifting import shifted
from antiphon.sdk.stream_errors import FORGOTTEN, PASSING, told, unreachable

__all__ = ["Event", "ListenStream", "Start", "StreamTimes"]

PATH = "/v1/listen"
Event: TypeAlias = wire.ServerMessage


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """How patient a stream is.

    Attributes:
        give_up_s: how long a server may be out of reach before the stream fails.
        retry_s: first wait between attempts; it doubles, with jitter, up to `longest_retry_s`.
        longest_retry_s: see `retry_s`.
        connect_s: how long one attempt may take.
        keep_alive_s: silence of the application after which the server is told that it is still there.
        unheard_s: audio that may be sent beyond what the server is done with; `send` waits then. At least two of the
            server's longest utterances.
    """

    give_up_s: float = 30.0
    retry_s: float = 0.1
    longest_retry_s: float = 2.0
    connect_s: float = 5.0
    keep_alive_s: float = 10.0
    unheard_s: float = 60.0


class ListenStream:
    """One live stream.

    Attributes:
        started: what the server said of the stream it opened last; None before the first.
        connections: how often the server was connected to.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str = "",
        start: Start | None = None,
        *,
        times: StreamTimes | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Nothing is connected before `async with`.

        Args:
            base_url: of the server, `http(s)://` or `ws(s)://`.
            api_key: bearer key; empty for a server without keys.
            start: encoding, rate, language and the like.
            times: how patient to be.
            clock: where time comes from.

        Raises:
            BadConfiguration: `base_url` is no address.
        """
        parts = urlsplit(base_url)
        scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
        if scheme not in ("ws", "wss") or not parts.hostname:
            raise BadConfiguration(f"{base_url!r} is no address of a server", param="base_url")
        self._url = urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + PATH, "", ""))
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._start, self._times, self._clock = start or Start(), times or StreamTimes(), clock or SystemClock()
        self.started: wire.Started | None = None
        self.connections = 0
        self._backlog = Backlog(self._start)
        self._base = 0
        self._session = ""
        self._events: asyncio.Queue[Event | AntiphonError | None] = asyncio.Queue()
        self._changed = asyncio.Condition()
        self._failure: AntiphonError | None = None
        self._over = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            NotAllowed: the server does not take the key.
            BadInput: it does not take the start.
            AtCapacity: it has been full for too long.
            TimedOut: `stream_lost`: it cannot be reached.
        """
        self._task = asyncio.create_task(self._run(), name="listen-stream")
        async with self._changed:
            await self._changed.wait_for(lambda: self.started is not None or self._over)
        self._check()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up; what `finish` was not called for is given up."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def acked(self) -> int:
        """Samples of each channel that the server is done with."""
        return self._backlog.acked

    async def send(self, audio: bytes) -> None:
        """Send audio in the encoding of the start, any number of whole samples; one packet for Opus.

        Waits while the server is too far behind.

        Raises:
            BadInput: there is a piece of a sample in it.
            AntiphonError: the stream has failed.
        """
        self._backlog.add_audio(audio)
        await self._notify()
        async with self._changed:
            await self._changed.wait_for(lambda: self._backlog.end - self.acked <= self._most_unheard or self._over)
        self._check()

    async def finalize(self) -> None:
        """Have all that was said so far told as final at once; an `Ack` with `flushed` follows."""
        self._backlog.add(wire.Finalize())
        await self._notify()
        self._check()

    async def finish(self) -> None:
        """There is no more audio: wait until the server has told everything and closed.

        Raises:
            AntiphonError: the stream has failed.
        """
        self._backlog.add(wire.Stop())
        await self._notify()
        async with self._changed:
            await self._changed.wait_for(lambda: self._over)
        self._check()

    def __aiter__(self) -> AsyncIterator[Event]:
        """All events, until the stream is over."""
        return self._iterate()

    async def _iterate(self) -> AsyncIterator[Event]:
        while (event := await self._events.get()) is not None:
            if isinstance(event, AntiphonError):
                raise event
            yield event

    @property
    def _most_unheard(self) -> float:
        """Samples that may be sent beyond what the server is done with; it is done with no part of an utterance."""
        utterance_s = self.started.max_utterance_s if self.started is not None else 0.0
        return max(self._times.unheard_s, 2.0 * utterance_s) * self._start.rate_hz

    # ── connections ─────────────────────────────────────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        """Supervises the stream: connects again and again until it is over."""
        try:
            await self._keep_connected()
        except AntiphonError as error:
            self._failure = error
            self._events.put_nowait(error)
        finally:
            self._over = True
            self._events.put_nowait(None)
            with contextlib.suppress(asyncio.CancelledError):
                await self._notify()

    async def _keep_connected(self) -> None:
        attempt, lost_s = 0, self._clock.monotonic_s()
        while True:
            before = self.connections
            try:
                if await self._converse():
                    return
                reason: AntiphonError = TimedOut("The connection was lost.", code="stream_lost")
            except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError) as error:
                reason = unreachable(error)
                if not reason.retryable:
                    raise reason from error
            except AtCapacity as full:
                reason = full
            if self.connections > before:
                attempt, lost_s = 0, self._clock.monotonic_s()
            if self._clock.monotonic_s() - lost_s > self._times.give_up_s:
                raise reason
            wait_s = min(self._times.longest_retry_s, self._times.retry_s * 2**attempt)
            attempt = min(attempt + 1, 16)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))

    async def _converse(self) -> bool:
        """One connection, to its end; whether that is the stream's end."""
        times = self._times
        async with connect(
            self._url,
            additional_headers=self._headers,
            compression=None,
            proxy=None,
            open_timeout=times.connect_s,
            close_timeout=times.connect_s,
            max_size=1 << 20,
        ) as socket:
            await self._open(socket)
            sender = asyncio.create_task(self._send(socket), name="listen-send")
            try:
                return await self._receive(socket)
            finally:
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)

    async def _open(self, socket: ClientConnection) -> None:
        at = self._backlog.rewind()
        if not self._session:
            self._base = at
        resume = wire.Resume(self._session, at - self._base) if self._session else None
        await socket.send(wire.encode(msgspec.structs.replace(self._start, resume=resume)))
        async with asyncio.timeout(self._times.connect_s):
            answer = wire.decode_server(await socket.recv())
        if isinstance(answer, wire.Error) and answer.code in FORGOTTEN and resume is not None:
            self._session, self._base = "", at
            raise ConnectionResetError("the server has forgotten this stream")
        if not isinstance(answer, wire.Started):
            raise told(answer)
        self._session, self.started = answer.session, answer
        self.connections += 1
        self._events.put_nowait(shifted(answer, self._base, self._start.rate_hz))
        await self._notify()

    async def _send(self, socket: ClientConnection) -> None:
        """Send what waits, in order; and that we are still there, when nothing does."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                while self._backlog.waiting:
                    item = self._backlog.take()
                    await socket.send(item if isinstance(item, bytes) else wire.encode(item))
                try:
                    async with asyncio.timeout(self._times.keep_alive_s), self._changed:
                        await self._changed.wait_for(lambda: self._backlog.waiting)
                except TimeoutError:
                    await socket.send(wire.encode(wire.KeepAlive()))

    async def _receive(self, socket: ClientConnection) -> bool:
        stopped = False
        async for text in socket:
            message = wire.decode_server(text)
            stopped = isinstance(message, wire.Closing) and message.reason == "stopped"
            if isinstance(message, wire.Error) and message.fatal and message.code not in PASSING:
                raise told(message)
            await self._take(shifted(message, self._base, self._start.rate_hz))
        return stopped

    async def _take(self, message: Event) -> None:
        if isinstance(message, wire.Final) or (isinstance(message, wire.Error) and message.end_sample):
            if message.end_sample <= self.acked:
                return  # it was told before the connection was lost
            self._backlog.acknowledge(message.end_sample)
        elif isinstance(message, wire.Ack):
            self._backlog.acknowledge(message.sample, flushed=message.flushed)
        self._events.put_nowait(message)
        await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
