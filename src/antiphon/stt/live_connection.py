"""One connection of a live stream: reads frames into its session, writes the session's messages out."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from antiphon.clock import Clock
from antiphon.errors import AntiphonError, BadInput, EngineFailed, TimedOut, TooLong
from antiphon.events import live as wire
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live_session import LiveSession

HANG_UP_S = 1.0
MOST_UNSENT = 100
"""Messages that may wait for a client; it is not read while it does not read."""
CLOSED_ON_PURPOSE = 1000
VANISHED = 1006

log = structlog.get_logger(__name__)


class Gone(Exception):
    """The client is no longer there; `code` is what its close frame said, if it sent one."""

    def __init__(self, code: int = VANISHED) -> None:
        super().__init__(code)
        self.code = code


class Socket(Protocol):
    """A WebSocket that has been accepted."""

    async def receive(self) -> str | bytes:
        """The next message.

        Raises:
            Gone: there is none any more.
        """
        ...

    async def send(self, text: str) -> None:
        """Send a text frame; waits while the client reads too slowly.

        Raises:
            Gone: the client is not there.
        """
        ...

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end.

    Attributes:
        key_id: id of the key that was shown; only with the same one is a lost stream gone on with.
        allowed: whether that key is still let in.
    """

    key_id: str | None = None
    allowed: Callable[[], bool] = lambda: True


ANYONE = Caller()
"""Whoever calls a server without keys."""


class Connection:
    """One connection.

    Attributes:
        caller: who is at the other end.
        session: the stream it carries, once it has begun.
        heard_at_s: when its client last sent anything.
        waiting: the client is not being read on purpose, so its silence means nothing.
        code: with which it was closed.
    """

    def __init__(self, socket: Socket, caller: Caller, settings: ListenSettings, clock: Clock) -> None:
        self.caller = caller
        self.session: LiveSession | None = None
        self.heard_at_s = clock.monotonic_s()
        self.waiting = False
        self.code = VANISHED
        self._socket, self._settings, self._clock = socket, settings, clock
        self._outbox: deque[wire.ServerMessage] = deque()
        self._wake = asyncio.Event()
        self._sent = asyncio.Event()
        self._closing: wire.Closing | None = None

    # ── what is said ────────────────────────────────────────────────────────────────────────────────────────────

    def post(self, message: wire.ServerMessage) -> None:
        """Send a message when its turn comes. Of partials and acknowledgements that wait, the newest says it all."""
        if self._outbox and isinstance(message, wire.Partial | wire.Ack) and _overtakes(message, self._outbox[-1]):
            self._outbox.pop()
        self._outbox.append(message)
        self._wake.set()

    def notice(self, within_s: float) -> None:
        """Tell the client that this process is going away."""
        self.post(wire.Closing("going_away", wire.close_code("going_away"), self._acked, within_s))

    def finish(self, reason: str, code: int) -> None:
        """Close once all that was posted is sent; the first reason counts."""
        if self._closing is None:
            self._closing = wire.Closing(reason, code, self._acked)
            self._wake.set()

    def fail(self, error: AntiphonError) -> None:
        """Tell the client what is wrong, and close."""
        if self._closing is None:
            self.post(wire.Error(error.code, error.message, error.param, error.retryable))
            self.finish(error.code, wire.close_code(error.code))

    @property
    def _acked(self) -> int:
        return self.session.acked if self.session is not None else 0

    # ── its life ────────────────────────────────────────────────────────────────────────────────────────────────

    async def carry(self, begin: Callable[[wire.Start], None], start: wire.Start | BadInput | None) -> None:
        """Live until either side has had enough.

        Args:
            begin: gives this connection its session, or raises what is wrong with the start.
            start: what the URL said; None if the first message will.
        """
        reader = asyncio.create_task(self._read(begin, start), name="listen-read")
        writer = asyncio.create_task(self._write(), name="listen-write")
        try:
            await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
            if self._closing is not None:
                await asyncio.wait((writer,))
            elif not reader.done():
                # The client could not be written to; how it went is among what it sent.
                await asyncio.wait((reader,), timeout=HANG_UP_S)
            if reader.done() and self._closing is not None and self.code == VANISHED:
                await self._hear_goodbye()
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    async def _hear_goodbye(self) -> None:
        """Read what a client said last that went before it could be told why we close."""
        try:
            async with asyncio.timeout(HANG_UP_S):
                while True:
                    await self._socket.receive()
        except Gone as gone:
            self.code = gone.code
        except TimeoutError:
            log.info("listen_goodbye_unsaid")

    async def _read(self, begin: Callable[[wire.Start], None], start: wire.Start | BadInput | None) -> None:
        """Supervises all that the client's messages set in motion."""
        try:
            await self._begin(begin, start)
            while self._closing is None:
                await self._message(await self._socket.receive())
        except Gone as gone:
            self.code = gone.code
        except AntiphonError as error:
            log.info("listen_refused", code=error.code)
            self.fail(error)
        except Exception:
            log.exception("listen_broke")
            self.fail(EngineFailed("Something broke here; the log says what.", code="internal"))

    async def _begin(self, begin: Callable[[wire.Start], None], start: wire.Start | BadInput | None) -> None:
        if isinstance(start, BadInput):
            raise start
        if start is None:
            try:
                async with asyncio.timeout(self._settings.start_timeout_s):
                    first = await self._socket.receive()
            except TimeoutError as late:
                raise TimedOut("There was no `start` in time.", code="start_timeout") from late
            message = _parsed(first)
            if not isinstance(message, wire.Start):
                raise BadInput("The first message is `start`, as text.", code="message_invalid")
            start = message
        begin(start)

    async def _message(self, message: str | bytes) -> None:
        self.heard_at_s = self._clock.monotonic_s()
        session = self.session
        if session is None or session.connected != self.post:
            return  # a newer connection has the stream
        if session.broken is not None:
            raise session.broken
        if isinstance(message, bytes):
            session.take(message)
            if session.room.is_set():
                return
            work: Awaitable[object] = session.room.wait()
        else:
            parsed = _parsed(message)
            if isinstance(parsed, wire.KeepAlive):
                return
            if isinstance(parsed, wire.Start):
                raise BadInput("The stream has begun.", code="message_invalid")
            work = session.finalize() if isinstance(parsed, wire.Finalize) else self._stop(session)
        await self._unread(work)
        while len(self._outbox) > MOST_UNSENT:
            self._sent.clear()
            await self._unread(self._sent.wait())

    async def _unread(self, work: Awaitable[object]) -> None:
        """Do something that the client has to wait for."""
        self.waiting = True
        try:
            await work
        finally:
            self.waiting, self.heard_at_s = False, self._clock.monotonic_s()

    async def _stop(self, session: LiveSession) -> None:
        await session.stop()
        self.finish("stopped", CLOSED_ON_PURPOSE)

    async def _write(self) -> None:
        """Send what is posted until this connection is to close, then close it."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outbox:
                    await self._send(self._outbox.popleft())
                self._sent.set()
                if self._closing is not None:
                    await self._send(self._closing)
                    return await self._hang_up(self._closing)
        except TimeoutError:
            log.warning("listen_slow_consumer")
            self._closing = wire.Closing("slow_consumer", wire.close_code("slow_consumer"), self._acked)
            return await self._hang_up(self._closing)
        except Gone:
            return None

    async def _send(self, message: wire.ServerMessage) -> None:
        async with asyncio.timeout(self._settings.send_timeout_s):
            await self._socket.send(wire.encode(message))

    async def _hang_up(self, closing: wire.Closing) -> None:
        self.code = closing.code
        try:
            async with asyncio.timeout(HANG_UP_S):
                await self._socket.close(closing.code, closing.reason)
        except (TimeoutError, Gone):
            log.info("listen_close_unheard", code=closing.code)


def _parsed(message: str | bytes) -> wire.ClientMessage:
    if isinstance(message, bytes):
        raise BadInput("Audio comes after `start`.", code="message_invalid")
    if len(message) > wire.MAX_FRAME_BYTES:
        raise TooLong(f"Frames have at most {wire.MAX_FRAME_BYTES} bytes.", code="frame_too_large")
    return wire.decode_client(message)


def _overtakes(message: wire.ServerMessage, waiting: wire.ServerMessage) -> bool:
    """Whether a message makes the one that waits before it needless."""
    if isinstance(message, wire.Ack):
        return isinstance(waiting, wire.Ack) and not waiting.flushed
    return isinstance(waiting, wire.Partial)
