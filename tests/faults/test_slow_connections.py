"""S12, S13: connections that send no head, half a head, or that are simply too many; over real sockets."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from antiphon.cli import connections
from antiphon.cli.connections import WatchedConnection, connections_possible

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATIENCE_S = 30.0


async def app(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Connects to a server that waits a moment for heads, and takes three connections."""
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    config = uvicorn.Config(app, lifespan="off", log_config=None, ws="none", timeout_keep_alive=60)
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
