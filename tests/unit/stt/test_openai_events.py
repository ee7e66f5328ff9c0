"""OpenAI's audio API: answers that come as events, and callers who go away in the middle."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import numpy as np
import pytest
from fastapi import FastAPI

from antiphon.errors import EngineFailed
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.gateway.accounts import RequestAccounts
from antiphon.gateway.boundary import RequestBoundary
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.ports.card import Card, Port
from antiphon.serving.gate import Gate
from antiphon.stt import openai_routes
from antiphon.stt.cascade import Cascade
from antiphon.stt.routing import Policy
from antiphon.stt.service import SpeechToText
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.tier import Tier
from antiphon.stt.windows import Windowed
from antiphon.testing.speech import LevelVoiceActivity
from openai_scenes import HEARD, PATH, RECORDING, TEXT, Ears, app_of, ask, error_of, service_of


def events_in(body: str) -> list[Any]:
    """The data of each event; the lines between are comments or empty."""
    return [json.loads(line.removeprefix("data: ")) for line in body.splitlines() if line.startswith("data: ")]


async def test_a_stream_is_a_delta_a_sentence_and_then_all_of_it() -> None:
    answer = await ask(stream="true")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["X-Final-Model"] == "fixed-1"
    *deltas, done = events_in(answer.text)
    assert [event["delta"] for event in deltas] == ["Good morning. ", "Is Thursday possible?"]
    assert {event["type"] for event in deltas} == {"transcript.text.delta"}
    assert done["type"] == "transcript.text.done"
    assert done["text"] == TEXT
    assert done["model"] == "fixed-1"
    assert "usage" not in done
    assert "segments" not in done


async def test_a_verbose_stream_ends_with_segments_and_words() -> None:
    answer = await ask(stream="true", response_format="verbose_json", timestamp_granularities_=["word", "segment"])
    done = events_in(answer.text)[-1]
    assert len(done["segments"]) == 2
    assert len(done["words"]) == 5


async def test_silence_streams_no_delta() -> None:
    answer = await ask(Ears(heard=Transcript("", 1.0, "en", 4.0, "fixed", no_speech=True)), stream="true")
    assert [(event["type"], event["text"]) for event in events_in(answer.text)] == [("transcript.text.done", "")]


class Caller:
    """One request by hand, so that its caller can go away in the middle."""

    def __init__(self, app: Callable[..., Any], **fields: str) -> None:
        body = httpx2.Request(
            "POST",
            f"http://localhost:8080{PATH}",
            data={"model": "fixed-1"} | fields,
            files={"file": ("a.wav", RECORDING)},
        )
        self.chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self.status = 0
        self.headers: dict[str, str] = {}
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox.put_nowait({"type": "http.request", "body": body.read(), "more_body": False})
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in body.headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 8080),
        }
        self.served = asyncio.create_task(app(scope, self._inbox.get, self._send))

    def leave(self) -> None:
        self._inbox.put_nowait({"type": "http.disconnect"})

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        elif message.get("body"):
            self.chunks.put_nowait(message["body"])


def restless(service: SpeechToText) -> Callable[..., Any]:
    """An application whose streams tell that they live all the time."""
    app = FastAPI()
    app.include_router(openai_routes.router(service, keep_alive_s=0.01))
    settings = ServerSettings()
    boundary = RequestBoundary(app, max_body_bytes=1_000_000, door=FrontDoor(settings), open_paths=())
    return RequestAccounts(boundary, metrics=service.metrics)


@pytest.mark.proves("P-12")
@pytest.mark.parametrize("fields", [{}, {"stream": "true"}])
async def test_a_caller_that_goes_frees_the_slot(fields: dict[str, str]) -> None:
    ears, gate = Ears(let_go=asyncio.Event()), Gate(1)
    service = service_of(ears, gate)
    caller = Caller(app_of(service), **fields)
    await ears.begun.wait()
    assert gate.in_flight == 1
    caller.leave()
    await caller.served
    assert (gate.in_flight, caller.status) == (0, 0)


async def test_a_stream_lives_while_it_waits_and_a_caller_that_goes_then_frees_the_slot() -> None:
    ears, gate = Ears(let_go=asyncio.Event()), Gate(1)
    caller = Caller(restless(service_of(ears, gate)), stream="true")
    assert [await caller.chunks.get() for _ in range(3)] == [b": keep-alive\n\n"] * 3
    assert caller.status == 200
    assert "x-total-ms" not in caller.headers
    assert gate.in_flight == 1
    caller.leave()
    await caller.served
    assert gate.in_flight == 0


class PartEars(Ears):
    """Hears a sentence in each part of a long recording, in the order in which they are begun; the last one waits."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(Card("fixed", Port.STT, "hears two seconds at once", window_s=2.0), let_go=asyncio.Event())
        self.sentences = list(sentences)
        self.confidence = 0.8

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        sentence = self.sentences.pop(0)
        if not self.sentences and self.let_go is not None:
            await self.let_go.wait()
        if not sentence:
            raise EngineFailed("The engine broke.")
        return Transcript(sentence, self.confidence, "en", len(samples) / 16_000, "fixed")


def long_service(ears: Ears, fallback: Ears | None = None) -> SpeechToText:
    """Hears a recording of three seconds of speech with pauses between."""

    async def spoken(recording: bytes | memoryview) -> Samples:
        second = np.concatenate([np.full(16_000, 0.3, np.float32), np.zeros(8_000, np.float32)])
        return np.tile(second, 3)

    detector = SpeechDetector([LevelVoiceActivity()])
    cascade = Cascade(
        Tier(Windowed(ears, detector), Gate(1), model="fixed-1"), fallback, Policy() if fallback else None
    )
    return service_of(ears, cascade=cascade, decode_with=spoken)


async def test_a_long_recording_is_told_as_it_is_heard() -> None:
    ears = PartEars("Good morning.", "Is Thursday possible?", "At ten.")
    caller = Caller(app_of(long_service(ears)), stream="true")
    told = [events_in((await caller.chunks.get()).decode())[0]["delta"] for _ in range(2)]
    assert told == ["Good morning.", " Is Thursday possible?"]
    assert caller.headers["x-final-model"] == "fixed-1"
    assert "x-total-ms" not in caller.headers
    assert ears.let_go is not None
    ears.let_go.set()
    await caller.served
    *deltas, done = [events_in(caller.chunks.get_nowait().decode())[0] for _ in range(caller.chunks.qsize())]
    assert "".join([*told, *(event["delta"] for event in deltas)]) == done["text"]
    assert done["text"] == "Good morning. Is Thursday possible? At ten."


async def test_where_another_tier_may_hear_it_again_nothing_is_told_before_all_is_known() -> None:
    ears = PartEars("Could", "not", "hear.")
    ears.confidence = 0.2
    second = Ears(heard=replace(HEARD, text="Good evening."), let_go=asyncio.Event())
    caller = Caller(app_of(long_service(ears, second)), stream="true")
    assert ears.let_go is not None
    ears.let_go.set()
    await second.begun.wait()
    assert caller.chunks.empty()
    assert second.let_go is not None
    second.let_go.set()
    await caller.served
    *deltas, done = [events_in(caller.chunks.get_nowait().decode())[0] for _ in range(caller.chunks.qsize())]
    assert [event["delta"] for event in deltas] == ["Good evening."]
    assert (done["text"], done["fallback_used"]) == ("Good evening.", True)


async def test_a_part_that_fails_ends_the_stream_with_an_error() -> None:
    ears = PartEars("Good morning.", "Is Thursday possible?", "")
    caller = Caller(app_of(long_service(ears)), stream="true")
    assert b"Good morning." in await caller.chunks.get()
    assert ears.let_go is not None
    ears.let_go.set()
    await caller.served
    *_, last = [caller.chunks.get_nowait() for _ in range(caller.chunks.qsize())]
    assert events_in(last.decode())[0]["error"]["code"] == "engine_failed"


async def test_what_fails_in_the_middle_of_a_stream_is_an_event_with_the_usual_body() -> None:
    let_go = asyncio.Event()
    caller = Caller(restless(service_of(Ears(let_go=let_go, fails=EngineFailed("The engine broke.")))), stream="true")
    assert await caller.chunks.get() == b": keep-alive\n\n"
    let_go.set()
    await caller.served
    *_, last = [caller.chunks.get_nowait() for _ in range(caller.chunks.qsize())]
    assert last.startswith(b"event: error\ndata: ")
    (event,) = events_in(last.decode())
    assert (event["error"]["type"], event["error"]["code"]) == ("engine_error", "engine_failed")
    assert event["error"]["request_id"] == caller.headers["x-req-id"]


async def test_what_fails_at_once_has_its_own_status_in_a_stream_too() -> None:
    answer = await ask(Ears(fails=EngineFailed("The engine broke.")), stream="true")
    assert error_of(answer)[:2] == (502, "engine_failed")
