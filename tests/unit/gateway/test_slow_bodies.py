"""How long a body may take to arrive: by a clock that only the test moves."""

import asyncio
from dataclasses import dataclass, field

import pytest
from starlette.types import Message, Receive, Scope, Send

from antiphon.gateway.boundary import RequestBoundary
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings

MIB = 1024 * 1024


async def app(_scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@dataclass
class Client:
    """Sends pieces of a body, each some seconds after it was asked for.

    Attributes:
        pieces: seconds and bytes of each, and how many such pieces.
        now_s: what the event loop takes for the time.
        sent_bytes: so far.
        status: of the answer.
    """

    pieces: list[tuple[float, int, int]]
    now_s: float = 1000.0
    sent_bytes: int = 0
    status: int = 0
    _left: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = [(gap_s, size) for gap_s, size, times in self.pieces for _ in range(times)]

    async def receive(self) -> Message:
        gap_s, size = self._left.pop(0)
        self.now_s += gap_s
        for _ in range(5):
            await asyncio.sleep(0)  # timers that are due run now
        self.sent_bytes += size
        return {"type": "http.request", "body": bytes(size), "more_body": bool(self._left)}

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)


async def upload(monkeypatch: pytest.MonkeyPatch, *pieces: tuple[float, int, int]) -> Client:
    client = Client(list(pieces))
    boundary = RequestBoundary(app, max_body_bytes=64 * MIB, door=FrontDoor(ServerSettings()), open_paths=())
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"transfer-encoding", b"chunked")]}
    with monkeypatch.context() as patched:
        patched.setattr(asyncio.get_running_loop(), "time", lambda: client.now_s)
        await boundary(scope, client.receive, client.send)
    return client


@pytest.mark.parametrize(
    "pieces",
    [
        [(1.0, 20 * 1024, 500)],
        [(29.0, MIB, 10)],
        [(1.0, 1024, 1000)],
        [(28.0, 0, 1), (1.0, 4096, 20), (20.0, 1, 1)],
        [(0.0, MIB, 10)],
    ],
    ids=["10 MB at 20 KiB/s", "bursts", "slowest", "a bad start", "at once"],
)
async def test_a_slow_client_is_heard_to_the_end(
    monkeypatch: pytest.MonkeyPatch, pieces: list[tuple[float, int, int]]
) -> None:
    client = await upload(monkeypatch, *pieces)
    assert client.status == 200
    assert client.sent_bytes == sum(size * times for _, size, times in pieces)


@pytest.mark.proves("S12")
@pytest.mark.parametrize(
    ("pieces", "at_most_s"),
    [
        ([(31.0, 1, 1)], 31),
        ([(29.0, 1, 100)], 2 * 29),
        ([(1.0, 1, 10_000)], 32),
        ([(2.0, 1024, 10_000)], 64),
        ([(0.0, MIB, 10), (1.0, 1, 10_000)], 32),
    ],
    ids=["silent", "almost silent", "drip", "half the rate", "drip at the end"],
)
async def test_a_body_that_drips_is_given_up(
    monkeypatch: pytest.MonkeyPatch, pieces: list[tuple[float, int, int]], at_most_s: float
) -> None:
    client = await upload(monkeypatch, *pieces)
    assert client.status == 408
    assert client.now_s - 1000.0 <= at_most_s
