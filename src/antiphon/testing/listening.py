"""A client of live transcription without a network, and its stream of words."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from antiphon.audio.pcm import RATE_HZ, Samples, to_s16_bytes
from antiphon.events import live as wire
from antiphon.stt.live import Live
from antiphon.stt.live_connection import ANYONE, Caller, Gone
from antiphon.testing.speech import Phrasebook

M = TypeVar("M", bound=wire.ServerMessage)


class ListenClient:
    """Both ends of one connection; satisfies `live_connection.Socket`.

    Attributes:
        got: what the server sent.
        closed: the code and reason it closed with.
        reads: cleared while the client reads nothing.
    """

    def __init__(self, live: Live, start: wire.Start | None = None, caller: Caller = ANYONE) -> None:
        """Connect; `start` is what the URL says, None to say it in the first message."""
        self.got: list[wire.ServerMessage] = []
        self.closed: tuple[int, str] | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self._inbound: asyncio.Queue[str | bytes | Gone] = asyncio.Queue(maxsize=1)
        self._gone = False
        self._arrived = asyncio.Event()
        self.served = asyncio.create_task(live.serve(self, start, caller))

    async def receive(self) -> str | bytes:
        """What the client sent."""
        message = await self._inbound.get()
        if isinstance(message, Gone):
            raise message
        return message

    async def send(self, text: str) -> None:
        """What the server sends."""
        await self.reads.wait()
        if self._gone:
            raise Gone
        self.got.append(wire.decode_server(text))
        self._arrived.set()

    async def close(self, code: int, reason: str) -> None:
        """The server says goodbye."""
        self.closed = code, reason
        self._arrived.set()

    async def say(self, message: wire.ClientMessage | str | bytes) -> None:
        """Send something; returns at once when the connection is over."""
        sent = message if isinstance(message, str | bytes) else wire.encode(message)
        put = asyncio.create_task(self._inbound.put(sent))
        await asyncio.wait((put, self.served), return_when=asyncio.FIRST_COMPLETED)
        put.cancel()

    async def drop(self, code: int = 1006) -> None:
        """Vanish."""
        self._gone = True
        put = asyncio.create_task(self._inbound.put(Gone(code)))
        await self.served
        put.cancel()

    async def until(self, enough: Callable[["ListenClient"], object]) -> None:
        """Wait for what the server sends."""
        while not enough(self):
            self._arrived.clear()
            arrived = asyncio.create_task(self._arrived.wait())
            await asyncio.wait((arrived, self.served), return_when=asyncio.FIRST_COMPLETED)
            arrived.cancel()
            if self.served.done() and not enough(self):
                raise AssertionError(f"the connection is over: {self.got[-3:]} {self.closed}")

    def of(self, kind: type[M]) -> list[M]:
        """The messages of one kind."""
        return [message for message in self.got if isinstance(message, kind)]

    @property
    def session(self) -> str:
        """The stream's name."""
        return self.of(wire.Started)[0].session


def stream(book: Phrasebook, *texts: str, silence_s: float = 0.8) -> Samples:
    """Utterances with silence before, between and after them, float32 [n] at 16 kHz."""
    gap = np.zeros(int(silence_s * RATE_HZ), np.float32)
    return np.concatenate([gap, *(part for text in texts for part in (book.say(text), gap))])


def frames(samples: Samples, size: int = 320) -> list[bytes]:
    """16-bit frames of `size` samples."""
    return [to_s16_bytes(samples[at : at + size]) for at in range(0, len(samples), size)]
