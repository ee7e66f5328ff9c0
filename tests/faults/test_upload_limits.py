"""S2 and S12 over a real connection: a body that is too large, or that stops arriving, ends with the connection."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

SERVER = Path(__file__).with_name("conversation_server.py")
CAP_BYTES = 16 * 1024 * 1024
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
SLACK_BYTES = 8 * 1024 * 1024
"""What kernels buffer, and what the server reads on so that its answer arrives."""


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(SERVER), str(tmp_path), "0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().split()
    yield int(line[1])
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


def head(*headers: str) -> bytes:
    path = f"/api/conversations/{'0' * 26}/turns"
    fixed = ("Host: localhost", "Content-Type: multipart/form-data; boundary=b", *headers)
    return (f"POST {path} HTTP/1.1\r\n" + "\r\n".join(fixed) + "\r\n\r\n").encode()


def push(port: int, start: bytes, chunk: bytes, at_most_bytes: int) -> tuple[bytes, int]:
    """Send without looking up until the other side closes, as many clients do; then read the answer."""
    sent, answer = 0, bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(start)
        with contextlib.suppress(ConnectionError):
            while sent < at_most_bytes:
                connection.sendall(chunk)
                sent += len(chunk)
        with contextlib.suppress(ConnectionError):
            while received := connection.recv(65_536):
                answer += received
    return bytes(answer), sent


@pytest.mark.e2e
@pytest.mark.proves("S2")
async def test_a_chunked_body_is_cut_off_and_the_connection_closed(port: int) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="audio"; filename="x"\r\n\r\n'
    start = head("Transfer-Encoding: chunked") + f"{len(part):x}\r\n".encode() + part + b"\r\n"
    answer, sent = await asyncio.to_thread(push, port, start, CHUNK, 8 * CAP_BYTES)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"upload_too_large" in answer
    assert b"connection: close" in answer.lower()
    assert CAP_BYTES < sent <= CAP_BYTES + SLACK_BYTES


@pytest.mark.e2e
@pytest.mark.proves("S2")
async def test_a_body_announced_as_endless_is_refused_unread(port: int) -> None:
    start = head(f"Content-Length: {64 * CAP_BYTES}")
    answer, sent = await asyncio.to_thread(push, port, start, b"x" * 65_536, 64 * CAP_BYTES)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent <= SLACK_BYTES


@pytest.mark.e2e
@pytest.mark.proves("B54")
@pytest.mark.parametrize("times", [1.001, 2, 4])
async def test_who_sends_all_of_a_body_that_is_too_large_gets_the_answer(port: int, times: float) -> None:
    size = int(times * CAP_BYTES) // len(CHUNK) * len(CHUNK)
    start = head(f"Content-Length: {size}")
    answer, sent = await asyncio.to_thread(push, port, start, CHUNK, size)
    assert sent == size, "the connection was not cut"
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"16 MiB" in answer
    assert b"connection: close" in answer.lower()


@pytest.mark.e2e
async def test_who_sends_a_body_to_no_path_gets_the_answer(port: int) -> None:
    size = CAP_BYTES // len(CHUNK) * len(CHUNK)
    start = head(f"Content-Length: {size}").replace(b"/api/", b"/none/")
    answer, sent = await asyncio.to_thread(push, port, start, CHUNK, size)
    assert (sent, answer[:13]) == (size, b"HTTP/1.1 404 ")
    assert b"path_not_found" in answer
