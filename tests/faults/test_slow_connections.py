"""S12, S13: connections that send no head, half a head, or that are simply too many; over real sockets."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
import websockets
from uvicorn.server import ServerState

from antiphon.cli import connections
from antiphon.cli.connections import WatchedConnection, connections_possible
from antiphon.gateway.live_socket import LiveSockets

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATIENCE_S = 30.0


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            if "text" in message:
                await send({"type": "websocket.send", "text": message["text"]})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Connects to a server that waits a moment for heads, and takes three connections."""
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    config = uvicorn.Config(app, lifespan="off", log_config=None, ws=LiveSockets, timeout_keep_alive=60)
    config.load()
    state = ServerState()
    limited = type("Connection", (WatchedConnection,), {"most": 3})
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: limited(config, state, {}), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    writers: list[asyncio.StreamWriter] = []

    async def connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return reader, writer

    yield connected
    server.close()
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    await server.wait_closed()


async def rest(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        return await reader.read()


async def answer(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        return await reader.readuntil(b"\r\n\r\nok")


@pytest.mark.proves("S12")
async def test_who_says_nothing_is_left(connect: Connect) -> None:
    reader, _ = await connect()
    assert await rest(reader) == b""


@pytest.mark.proves("S12")
@pytest.mark.parametrize("half", [b"G", b"GET / HTTP/1.1\r\n", REQUEST[:-2]])
async def test_half_a_head_is_given_up(connect: Connect, half: bytes) -> None:
    reader, writer = await connect()
    writer.write(half)
    refused = await rest(reader)
    assert refused.startswith(b"HTTP/1.1 408 ")
    assert b'"code": "head_timeout"' in refused


@pytest.mark.proves("S12")
async def test_a_head_that_drips_is_given_up(connect: Connect) -> None:
    reader, writer = await connect()
    dripping = asyncio.create_task(drip(writer))
    assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")
    dripping.cancel()


async def drip(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(REQUEST[:-2])
        while True:
            writer.write(b"X-A: b\r\n")
            await asyncio.sleep(0.05)


@pytest.mark.proves("S12")
async def test_half_a_head_after_a_whole_request_is_given_up(connect: Connect) -> None:
    reader, writer = await connect()
    for _ in range(2):
        writer.write(REQUEST)
        assert b"200 OK" in await answer(reader)
    writer.write(REQUEST[:20])
    assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_a_body_and_the_time_between_requests_may_take_longer(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na")
    await asyncio.sleep(0.5)
    writer.write(b"b")
    assert b"200 OK" in await answer(reader)
    await asyncio.sleep(0.5)
    writer.write(REQUEST)
    assert b"200 OK" in await answer(reader)


async def test_a_websocket_outlives_the_time_for_its_head(connect: Connect) -> None:
    _, writer = await connect()
    host, port = writer.get_extra_info("peername")
    writer.close()
    async with websockets.connect(f"ws://{host}:{port}/") as socket:
        for quiet_s in (0.0, 0.5, 0.5):
            await asyncio.sleep(quiet_s)
            await socket.send("still here")
            assert await socket.recv() == "still here"


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\tc\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_a_request_that_may_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(
    connect: Connect, head: bytes
) -> None:
    for first in (b"", REQUEST):
        reader, writer = await connect()
        writer.write(first)
        if first:
            assert b"200 OK" in await answer(reader)
        writer.write(head + REQUEST)
        refused = await rest(reader)
        assert refused.startswith(b"HTTP/1.1 400 ")
        assert refused.count(b"HTTP/1.1 ") == 1
        assert b'"code": "http_malformed"' in refused
        assert b"\r\nX-Req-Id: " in refused
        writer.close()


@pytest.mark.proves("S13")
async def test_one_connection_too_many_is_refused_and_the_others_are_served(connect: Connect) -> None:
    held = [await connect() for _ in range(3)]
    for reader, writer in held:
        writer.write(REQUEST)
        assert b"200 OK" in await answer(reader)
    reader, _ = await connect()
    refused = await rest(reader)
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After" in refused
    assert b'"code": "too_many_connections"' in refused
    reader, writer = held[0]
    writer.write(REQUEST)
    assert b"200 OK" in await answer(reader)
    writer.close()
    await writer.wait_closed()
    reader, writer = await connect()
    writer.write(REQUEST)
    assert b"200 OK" in await answer(reader)


@pytest.mark.proves("F18")
@pytest.mark.parametrize(
    ("limits", "wanted", "possible"),
    [((64, 64), 1000, 8), ((256, 256), 1000, 192), ((256, 4096), 1000, 1000), ((1024, -1), 1000, 1000)],
)
def test_connections_leave_files_for_everything_else(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], wanted: int, possible: int
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.getrlimit", lambda _kind: limits)
    monkeypatch.setattr("resource.setrlimit", lambda _kind, new: asked.append(new))
    assert connections_possible(wanted) == possible
    assert bool(asked) == (limits[0] != limits[1])
