"""Live transcription over real sockets: the SDK's stream against a live server, undisturbed and disturbed."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from antiphon.audio.pcm import RATE_HZ
from antiphon.errors import AtCapacity, BadAudio, BadInput, NotAllowed, TimedOut
from antiphon.events import live as wire
from antiphon.gateway.asgi import Services, build
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.sdk.streams import Event, ListenStream, Start, StreamTimes
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live import Live
from antiphon.testing import Phrasebook
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import frames, stream
from antiphon.testing.server import serving

pytestmark = pytest.mark.e2e
BOOK = Phrasebook()
SAID = ("good morning", "book me for thursday", "at ten please", "thank you")
EAGER = StreamTimes(give_up_s=20.0, retry_s=0.01, longest_retry_s=0.05)


def live(**chosen: Any) -> Live:
    return Live(PhrasebookService(BOOK), ListenSettings(**chosen))


def app(service: Live) -> ASGIApp:
    return build(Services(live=service))


async def hear(url: str, audio: list[bytes], start: Start | None = None) -> list[Event]:
    """Everything a stream tells of `audio`."""
    events: list[Event] = []
    async with ListenStream(url, start=start or Start(language="en"), times=EAGER) as listening:

        async def note() -> None:
            async for event in listening:
                events.append(event)  # noqa: PERF401 - others look while it grows

        noting = asyncio.create_task(note())
        try:
            for frame in audio:
                await listening.send(frame)
            await listening.finish()
        finally:
            await asyncio.wait([noting])
        noting.result()
    return events


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, wire.Final)]


class Cable:
    """Stands between a client and a server, and cuts their connections after a random number of bytes."""

    def __init__(self, port: int, seed: int) -> None:
        self.cuts = 0
        self._port, self._dice = port, random.Random(seed)

    @contextlib.asynccontextmanager
    async def laid(self, cuts: int) -> AsyncIterator[str]:
        self.cuts = cuts
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._port)
        fuse = self._dice.randint(1_000, 60_000) if self.cuts else 1 << 40
        self.cuts -= self.cuts > 0

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            nonlocal fuse
            while fuse > 0 and (data := await source.read(2_000)):
                fuse -= len(data)
                if fuse > 0:
                    sink.write(data)
                    await sink.drain()

        pumps = [asyncio.create_task(pump(reader, up_writer)), asyncio.create_task(pump(up_reader, writer))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for end in (writer, up_writer):
            end.transport.abort()


async def test_a_stream_is_heard_over_a_socket() -> None:
    async with serving(app(live())) as url:
        events = await hear(url, frames(stream(BOOK, *SAID)))
    assert texts(events) == list(SAID)
    assert isinstance(events[0], wire.Started)
    assert isinstance(events[-1], wire.Closing)


@pytest.mark.parametrize("seed", range(4))
async def test_lost_connections_cost_nothing_and_double_nothing_over_sockets(seed: int) -> None:
    audio = frames(stream(BOOK, *SAID * 2))
    async with serving(app(live())) as url:
        undisturbed = await hear(url, audio)
        cable = Cable(int(url.rpartition(":")[2]), seed)
        async with cable.laid(8) as disturbed_url:
            disturbed = await hear(disturbed_url, audio)
        assert cable.cuts == 0
    facts = [
        [(e.text, e.start_s, e.end_s, e.end_sample) for e in events if isinstance(e, wire.Final)]
        for events in (undisturbed, disturbed)
    ]
    assert facts[0] == facts[1]
    assert [text for text, *_ in facts[0]] == list(SAID * 2)


async def test_a_restarted_server_is_told_what_it_does_not_know() -> None:
    audio = frames(stream(BOOK, *SAID))
    first, second = live(), live()
    current = app(first)

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        await current(scope, receive, send)

    events: list[Event] = []
    async with serving(either) as url, ListenStream(url, start=Start(language="en"), times=EAGER) as listening:

        async def note() -> None:
            async for event in listening:
                events.append(event)  # noqa: PERF401 - others look while it grows

        noting = asyncio.create_task(note())
        for frame in audio[:150]:
            await listening.send(frame)
        while not texts(events):  # noqa: ASYNC110 - an event a text would be a second queue
            await asyncio.sleep(0.01)
        current = app(second)
        await first.drain(0.0)
        for frame in audio[150:]:
            await listening.send(frame)
        await listening.finish()
        await noting
        assert listening.connections == 2
    assert texts(events) == list(SAID)
    ends_s = [event.end_s for event in events if isinstance(event, wire.Final)]
    assert ends_s == sorted(ends_s)
    assert ends_s[-1] == pytest.approx(len(stream(BOOK, *SAID)) / RATE_HZ - 0.8, abs=0.05)


async def test_the_query_may_be_the_start() -> None:
    async with serving(app(live())) as url, connect(url.replace("http", "ws") + "/v1/listen?language=en") as socket:
        started = wire.decode_server(await socket.recv())
        assert isinstance(started, wire.Started)
        for frame in frames(stream(BOOK, "at ten")):
            await socket.send(frame)
        await socket.send('{"type":"stop"}')
        got = [wire.decode_server(text) async for text in socket]
    assert texts(got) == ["at ten"]
    assert (socket.close_code, socket.close_reason) == (1000, "stopped")


async def test_what_a_query_says_is_in_no_log(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = "prompt=canary-one&hotwords=canary-two&language=en"
    async with serving(build(Services(live=live()))) as url:
        for query in (asked, f"{asked}&sample_rate=canary-three", f"{asked}&canary-four=1"):
            async with connect(
                f"{url.replace('http', 'ws')}/v1/listen?{query}", logger=logging.getLogger("nobody")
            ) as it:
                await it.recv()
    served = [record for record in caplog.records if record.name.startswith(("uvicorn", "antiphon"))]
    assert "canary" not in "".join(record.getMessage() for record in served) + capsys.readouterr().out


@pytest.mark.parametrize("query", ["sample_rate=1", "sampel_rate=16000", "encoding=mp3", "interim=perhaps"])
async def test_a_query_that_cannot_be_used_is_told(query: str) -> None:
    async with serving(app(live())) as url, connect(f"{url.replace('http', 'ws')}/v1/listen?{query}") as socket:
        error = wire.decode_server(await socket.recv())
        with contextlib.suppress(ConnectionClosed):
            async for _ in socket:
                pass
        assert socket.close_code == 4400
    assert isinstance(error, wire.Error)
    assert (error.code, error.param) == ("start_invalid", query.partition("=")[0])


async def test_errors_reach_the_application_as_ours() -> None:
    async with serving(app(live())) as url:
        with pytest.raises(BadInput) as refusal:
            await hear(url, [], Start(language="fr"))
        assert (refusal.value.code, refusal.value.param) == ("language_unsupported", "language")
        noise = np.full(16_000, np.nan, np.float32).tobytes()
        with pytest.raises(BadAudio):
            await hear(url, [noise] * 3, Start(encoding=wire.Encoding.F32LE))
    with pytest.raises(TimedOut) as lost:
        async with ListenStream(url, times=StreamTimes(give_up_s=0.1, retry_s=0.01)):
            pass
    assert lost.value.code == "stream_lost"


async def test_a_full_server_says_so_before_the_handshake() -> None:
    async with serving(app(live(max_sessions=1))) as url, connect(url.replace("http", "ws") + "/v1/listen") as socket:
        await socket.send(wire.encode(wire.Start()))
        await socket.recv()
        with pytest.raises(InvalidStatus) as refusal:
            await connect(url.replace("http", "ws") + "/v1/listen")
        assert refusal.value.response.status_code == 503
        assert refusal.value.response.headers["Retry-After"] == "5"
        assert b'"at_capacity"' in (refusal.value.response.body or b"")
        with pytest.raises(AtCapacity):
            async with ListenStream(url, times=StreamTimes(give_up_s=0.1, retry_s=0.01)):
                pass


@pytest.mark.proves("F32")
async def test_an_application_is_never_made_to_wait_for_itself() -> None:
    """An utterance longer than what may be unheard: nothing of it can be done with before more of it comes."""
    impatient = StreamTimes(unheard_s=1.0)
    text = " ".join(f"word{n}" for n in range(30))
    async with (
        serving(build(Services(live=live(max_utterance_s=60.0)))) as url,
        ListenStream(url, start=Start(language="en", interim=False), times=impatient) as listening,
    ):
        for frame in frames(stream(BOOK, text)):
            await listening.send(frame)
        await listening.finish()
        assert texts([event async for event in listening]) == [text]


async def test_a_removed_key_ends_its_streams_and_no_others() -> None:
    door = FrontDoor(ServerSettings(api_keys=("old", "new")))
    guarded = build(Services(live=live()), ServerSettings(api_keys=("old", "new")), door=door)
    async with serving(guarded) as url, ListenStream(url, "new", Start(language="en"), times=EAGER) as kept:
        async with ListenStream(url, "old", Start(language="en"), times=EAGER) as removed:
            door.change(ServerSettings(api_keys=("new",)))
            with pytest.raises(NotAllowed) as refusal:
                async for _ in removed:
                    pass
        assert refusal.value.code == "key_revoked"
        with pytest.raises(NotAllowed):
            async with ListenStream(url, "old"):
                pass
        for turn, frame in enumerate(frames(stream(BOOK, *SAID))):
            for _ in range(4):
                door.change(ServerSettings(api_keys=("new", f"other-{turn}")))
            await kept.send(frame)
        await kept.finish()
        assert texts([event async for event in kept]) == list(SAID)


@pytest.mark.proves("S10")
@pytest.mark.parametrize(
    ("sent", "code"),
    [(b"\0\0\0", 1003), (bytes(65_538), 1009), (bytes(1_000_000), 1009), ("nonsense", 1003), ('"\\ud800"', 1003)],
)
async def test_what_cannot_be_used_closes_with_its_code(sent: str | bytes, code: int) -> None:
    async with serving(app(live())) as url, connect(url.replace("http", "ws") + "/v1/listen") as socket:
        await socket.send(wire.encode(wire.Start()))
        with contextlib.suppress(ConnectionClosed):
            await socket.send(sent)
            async for _ in socket:
                pass
        assert socket.close_code == code


async def test_a_recording_sent_at_once_is_heard_as_fast_as_it_can_be() -> None:
    """Faster than real time: everything is heard, though the server reads no more than it can hold."""
    audio = stream(BOOK, *SAID * 20)
    events: list[Event] = []
    async with serving(app(live(max_ahead_s=5.0))) as url:
        events = await hear(url, frames(audio, 16_000), Start(language="en", interim=False))
    assert texts(events) == list(SAID * 20)
