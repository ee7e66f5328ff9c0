"""Clients of live transcription that freeze, do not read, or never say goodbye: none of them is kept."""

import asyncio
import base64
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from antiphon.events import live as wire
from antiphon.gateway import live_socket
from antiphon.gateway.asgi import Services, build
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live import Live
from antiphon.testing import Phrasebook
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.server import serving

CLIENTS = 50
MOST_GROWTH_BYTES = 20 << 20


def live(**chosen: Any) -> Live:
    return Live(PhrasebookService(Phrasebook()), ListenSettings(**chosen))


def streams(service: Live) -> float:
    gauge = next(iter(service.collect()))
    return sum(sample.value for sample in gauge.samples)


class Rude:
    """A WebSocket client by hand, which answers only what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self._writer = reader, writer

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, url: str) -> AsyncIterator["Rude"]:
        port = int(url.rpartition(":")[2])
        wire_socket = socket.socket()
        wire_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire_socket.setblocking(False)
        await asyncio.get_running_loop().sock_connect(wire_socket, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=wire_socket, limit=2_048)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /v1/listen HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head.splitlines()[0]
        try:
            yield cls(reader, writer)
        finally:
            writer.transport.abort()

    async def say(self, message: wire.ClientMessage, times: int = 1) -> None:
        """Text frames, masked with zeros."""
        data = wire.encode(message).encode()
        self._writer.write((struct.pack("!BB", 0x81, 0x80 | len(data)) + bytes(4) + data) * times)
        await self._writer.drain()

    async def frame(self) -> tuple[int, bytes]:
        """The next frame's opcode and content."""
        first, size = struct.unpack("!BB", await self.reader.readexactly(2))
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        return first & 15, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        """Read on until the server says goodbye."""
        while True:
            opcode, content = await self.frame()
            if opcode == 8:
                return int.from_bytes(content[:2], "big")

    async def hung_up(self) -> None:
        """Read on until the connection is gone."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(1_024):
                pass


@pytest.mark.proves("F21")
async def test_a_client_that_answers_nothing_is_let_go() -> None:
    service = live(grace_s=0, idle_timeout_s=600)
    async with serving(build(Services(live=service)), ping_s=0.2) as url, Rude.connected(url) as client:
        await client.say(wire.Start())
        await client.frame()
        assert streams(service) == 1
        await client.hung_up()
        while streams(service):  # noqa: ASYNC110 - the gauge tells nobody
            await asyncio.sleep(0.01)


async def test_a_client_that_speaks_needs_not_answer_pings() -> None:
    service = live()
    async with serving(build(Services(live=service)), ping_s=1.0) as url, Rude.connected(url) as client:
        await client.say(wire.Start())
        for _ in range(60):
            await client.say(wire.KeepAlive())
            await asyncio.sleep(0.05)
        await client.say(wire.Stop())
        assert await client.close_code() == 1000


@pytest.mark.proves("F22")
async def test_a_client_that_never_answers_a_close_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert live_socket.GOODBYE_S <= 5.0
    monkeypatch.setattr(live_socket, "GOODBYE_S", 0.2)
    service = live()
    async with serving(build(Services(live=service))) as url, Rude.connected(url) as client:
        await client.say(wire.Start())
        await client.say(wire.Start())
        assert await client.close_code() == 1003
        assert streams(service) == 0
        await client.hung_up()


@pytest.mark.proves("F23")
async def test_clients_that_do_not_read_are_let_go_and_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the kernel holds is not ours, and takes long to fill.
    monkeypatch.setattr(live_socket, "BUFFER_BYTES", 16 * 1024)
    service = live(send_timeout_s=0.5, grace_s=0)
    async with serving(build(Services(live=service))) as url, contextlib.AsyncExitStack() as clients:
        deaf = [await clients.enter_async_context(Rude.connected(url)) for _ in range(CLIENTS)]
        for client in deaf:
            await client.say(wire.Start())
            await client.frame()
        before = resident_bytes()
        # Every `finalize` is answered; the answers fill all buffers on the way.
        tasks = [asyncio.create_task(pester(client)) for client in deaf]
        while streams(service):  # noqa: ASYNC110 - the gauge tells nobody
            await asyncio.sleep(0.05)
        assert resident_bytes() - before < MOST_GROWTH_BYTES
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    closed = next(metric for metric in service.collect() if metric.name == "stt_live_connections_ended")
    assert {sample.labels["code"]: sample.value for sample in closed.samples} == {"1013": CLIENTS}


async def pester(client: Rude) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            await client.say(wire.Finalize(), times=200)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
