"""OpenAI's audio API over a real service with a scripted engine, behind the real front door."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import numpy as np
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from antiphon.errors import AntiphonError, BadAudio, BadInput, EngineFailed, TooLong
from antiphon.events.speech import Hearing, Samples, Segment, Transcript, Word
from antiphon.gateway.asgi import Services, build
from antiphon.gateway.boundary import RequestBoundary
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.ports.card import Card, Port
from antiphon.serving.gate import Gate
from antiphon.stt import openai_routes
from antiphon.stt.cascade import Cascade
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.openai_request import ALIASES
from antiphon.stt.readiness import Readiness
from antiphon.stt.routing import Policy
from antiphon.stt.service import Decode, Model, SpeechToText, SttParts
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.tier import Tier
from antiphon.stt.windows import Windowed
from antiphon.testing.speech import LevelEars, LevelVoiceActivity, Phrasebook

PATH, TRANSLATE = "/v1/audio/transcriptions", "/v1/audio/translations"
RECORDING = b"RIFF, as it were"
TEXT = "Good morning. Is Thursday possible?"
WORDS = tuple(
    Word(word, at, at + 0.4, 0.5)
    for word, at in (("Good", 0.2), ("morning", 0.6), ("Is", 2.0), ("Thursday", 2.4), ("possible", 2.8))
)
CANNOT_TRANSLATE = BadInput("It answered 400.", code="translation_unsupported")
HEARD = Transcript(TEXT, 0.8, "en", 4.2, "fixed")


@dataclass
class Ears:
    """Hears the same in everything; waits for `let_go`, fails with `fails`."""

    card: Card = field(default_factory=lambda: Card("fixed", Port.STT, "hears one thing", languages=("en", "de")))
    heard: Transcript = HEARD
    fails: AntiphonError | None = None
    let_go: asyncio.Event | None = None
    hearings: list[Hearing] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        self.hearings.append(hearing)
        self.begun.set()
        if self.let_go is not None:
            await self.let_go.wait()
        if self.fails is not None:
            raise self.fails
        return replace(self.heard, words=WORDS if hearing.words else ())

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return TEXT


async def decode(recording: bytes | memoryview) -> Samples:
    if not recording:
        raise BadAudio("The file is empty; send a recording.", code="audio_empty")
    if len(recording) > 100:
        raise TooLong("The recording is longer than 600 s; send it in parts.", code="audio_too_long")
    if bytes(recording) != RECORDING:
        raise BadAudio("This is no recording we know.")
    return np.full(16_000 * 4, 0.3, np.float32)


def service_of(
    ears: Ears,
    gate: Gate | None = None,
    registry: CollectorRegistry | None = None,
    cascade: Cascade | None = None,
    decode_with: Decode = decode,
) -> SpeechToText:
    return SpeechToText(
        SttParts(
            decode=decode_with,
            detector=SpeechDetector([LevelVoiceActivity()]),
            cascade=cascade or Cascade(Tier(ears, gate or Gate(1), model="fixed-1")),
            metrics=SttMetrics(registry or CollectorRegistry()),
            readiness=Readiness(),
            models=(Model("fixed-1", 1_700_000_000, languages=("en", "de")),),
            activity=LevelVoiceActivity,
            streaming=LevelEars(Phrasebook()),
        )
    )


def app_of(service: SpeechToText) -> FastAPI:
    return build(Services(stt=service))


@asynccontextmanager
async def client_of(ears: Ears, service: SpeechToText | None = None) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app_of(service or service_of(ears)), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
        yield client


async def ask(
    ears: Ears | None = None, path: str = PATH, recording: bytes = RECORDING, **fields: Any
) -> httpx2.Response:
    """One request with the model, unless `model` is None, and `fields`; `_` at a name's end stands for `[]`."""
    fields.setdefault("model", "fixed-1")
    data = {
        name.removesuffix("_") + ("[]" if name.endswith("_") else ""): value
        for name, value in fields.items()
        if value is not None
    }
    async with client_of(ears or Ears()) as client:
        return await client.post(path, data=data, files={"file": ("a.wav", recording)})


def error_of(answer: httpx2.Response) -> tuple[int, str, str | None]:
    """Status, code and param of an error in the shape that all have."""
    error = answer.json()["error"]
    assert set(error) >= {"type", "code", "message", "param", "request_id"}
    assert error["request_id"] == answer.headers["X-Req-Id"]
    return answer.status_code, error["code"], error["param"]


async def test_json_is_the_text_and_the_length_that_was_heard() -> None:
    answer = await ask()
    assert answer.json() == {"text": TEXT, "usage": {"type": "duration", "seconds": 5}}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["X-Final-Model"] == "fixed-1"
    assert answer.headers["X-Total-ms"].isdigit()


async def test_text_is_plain() -> None:
    answer = await ask(response_format="text")
    assert answer.text == f"{TEXT}\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_subtitles_have_the_times_of_words() -> None:
    ears = Ears()
    answer = await ask(ears, response_format="srt")
    assert answer.text == (
        "1\n00:00:00,200 --> 00:00:01,200\nGood morning.\n\n2\n00:00:02,000 --> 00:00:03,200\nIs Thursday possible?\n\n"
    )
    assert ears.hearings[0].words
    answer = await ask(response_format="vtt")
    assert answer.text.startswith("WEBVTT\n\n00:00:00.200 --> 00:00:01.200\nGood morning.\n\n")
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"


async def test_verbose_json_tells_segments_unless_words_are_asked_for() -> None:
    body = (await ask(response_format="verbose_json")).json()
    assert [(s["start"], s["end"], s["text"]) for s in body["segments"]] == [
        (0.2, 1.0, "Good morning."),
        (2.0, 3.2, " Is Thursday possible?"),
    ]
    assert "words" not in body
    assert (body["task"], body["language"], body["duration"]) == ("transcribe", "en", 4.2)
    assert body["usage"] == {"type": "duration", "seconds": 5}
    body = (await ask(response_format="verbose_json", timestamp_granularities_="word")).json()
    assert "segments" not in body
    assert body["words"][3] == {"word": "Thursday", "start": 2.4, "end": 2.8, "confidence": 0.5}
    body = (await ask(response_format="verbose_json", timestamp_granularities_=["word", "segment"])).json()
    assert len(body["words"]) == 5
    assert len(body["segments"]) == 2


async def test_an_engine_with_segments_of_its_own_is_not_asked_for_words() -> None:
    own = replace(HEARD, segments=(Segment(TEXT, 0.0, 4.0, (1, 2, 3), -0.2),))
    ears = Ears(Card("fixed", Port.STT, "hears one thing", segments=True), own)
    body = (await ask(ears, response_format="verbose_json")).json()
    assert [(s["tokens"], s["avg_logprob"]) for s in body["segments"]] == [([1, 2, 3], -0.2)]
    assert not ears.hearings[0].words


async def test_everything_that_was_asked_for_reaches_the_engine() -> None:
    ears = Ears()
    fields: dict[str, Any] = {
        "language": "DE",
        "prompt": "Praxis",
        "temperature": "0.4",
        "hotwords": "Keller, Miller",
        "keywords_": "Zahn",
    }
    assert (await ask(ears, **fields)).status_code == 200
    assert ears.hearings == [
        Hearing("de", prompt="Praxis", temperature=0.4, phrases=("Zahn", "Keller", "Miller"), words=False)
    ]


async def test_as_many_keywords_as_are_allowed_can_be_sent_one_by_one() -> None:
    ears, terms = Ears(), [f"term {number}" for number in range(200)]
    assert (await ask(ears, keywords_=terms)).status_code == 200
    assert ears.hearings[0].phrases == tuple(terms)


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"languages_": "de"}, "de"),
        ({"languages_": ["de", "en"]}, None),
        ({"language": "en", "languages_": ["de", "en"]}, "en"),
        ({"language": ""}, None),
    ],
)
async def test_one_possible_language_is_the_language(fields: dict[str, Any], language: str | None) -> None:
    ears = Ears()
    assert (await ask(ears, **fields)).status_code == 200
    assert ears.hearings[0].language == language


async def test_a_detected_language_is_told() -> None:
    body = (await ask(Ears(heard=replace(HEARD, language="de", language_probability=0.9)))).json()
    assert body["languages"] == [{"code": "de"}]


async def test_logprobs_are_those_of_words() -> None:
    body = (await ask(include_="logprobs")).json()
    assert "".join(entry["token"] for entry in body["logprobs"]) == TEXT
    assert {entry["logprob"] for entry in body["logprobs"]} == {-0.6931}
    assert bytes(body["logprobs"][0]["bytes"]).decode() == "Good"


@pytest.mark.parametrize("name", sorted(ALIASES))
async def test_names_of_openai_mean_the_model_that_is_here(name: str) -> None:
    answer = await ask(model=name)
    assert answer.json()["text"] == TEXT
    assert answer.headers["X-Final-Model"] == "fixed-1"


@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"model": None}, 400, "missing_required_parameter", "model"),
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"model": "gpt-4o-transcribe-diarize"}, 404, "model_not_found", "model"),
        ({"response_format": "xml"}, 400, "invalid_value", "response_format"),
        ({"response_format": "diarized_json"}, 400, "unsupported_value", "response_format"),
        ({"temperature": "1.1"}, 400, "invalid_value", "temperature"),
        ({"temperature": "-0.1"}, 400, "invalid_value", "temperature"),
        ({"temperature": "nan"}, 400, "invalid_value", "temperature"),
        ({"temperature": "warm"}, 400, "invalid_value", "temperature"),
        ({"timestamp_granularities_": "word"}, 400, "invalid_value", "timestamp_granularities"),
        ({"timestamp_granularities": "segment"}, 400, "invalid_value", "timestamp_granularities"),
        (
            {"timestamp_granularities_": "phoneme", "response_format": "verbose_json"},
            400,
            "invalid_value",
            "timestamp_granularities",
        ),
        ({"stream": "perhaps"}, 400, "invalid_value", "stream"),
        ({"stream": "true", "response_format": "srt"}, 400, "unsupported_value", "response_format"),
        ({"include_": "moods"}, 400, "invalid_value", "include"),
        ({"include_": "logprobs", "response_format": "text"}, 400, "unsupported_value", "include"),
        ({"language": "english"}, 400, "language_invalid", "language"),
        ({"language": "fr"}, 400, "language_unsupported", "language"),
        ({"languages_": ["xx", "de"]}, 400, "language_invalid", "languages"),
        ({"known_speaker_names_": "Anna"}, 400, "unsupported_value", "known_speaker_names"),
        ({"chunking_strategy": "sometimes"}, 400, "invalid_value", "chunking_strategy"),
        ({"chunking_strategy": '{"type": "server_vad", "threshold": 2}'}, 400, "invalid_value", "chunking_strategy"),
        ({"hotwords": ",".join("ab" for _ in range(201))}, 400, "invalid_value", "hotwords"),
        ({"keywords_": "a" * 101}, 400, "invalid_value", "keywords"),
    ],
    ids=str,
)
async def test_what_cannot_be_used_is_refused_by_name(
    fields: dict[str, Any], status: int, code: str, param: str
) -> None:
    ears = Ears()
    answer = await ask(ears, **fields)
    assert error_of(answer) == (status, code, param)
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert ears.hearings == []


@pytest.mark.parametrize("strategy", [{"chunking_strategy": "auto"}, {"chunking_strategy": '{"type":"server_vad"}'}])
async def test_a_chunking_strategy_of_openai_is_taken(strategy: dict[str, Any]) -> None:
    assert (await ask(**strategy)).status_code == 200
    async with client_of(Ears()) as client:
        data = {"model": "fixed-1", "chunking_strategy[type]": "server_vad", "chunking_strategy[threshold]": "0.4"}
        answer = await client.post(PATH, data=data, files={"file": RECORDING})
    assert answer.status_code == 200
    assert "X-Ignored-Fields" not in answer.headers


@pytest.mark.parametrize(
    ("recording", "status", "code"),
    [(b"", 400, "audio_empty"), (b"x" * 101, 413, "audio_too_long"), (b"text", 415, "audio_unsupported")],
)
async def test_recordings_that_cannot_be_heard_are_typed_errors(recording: bytes, status: int, code: str) -> None:
    for stream in (None, "true"):
        answer = await ask(recording=recording, stream=stream)
        assert error_of(answer)[:2] == (status, code)


async def test_a_form_without_a_file_names_it() -> None:
    async with client_of(Ears()) as client:
        answer = await client.post(PATH, data={"model": "fixed-1"}, files={"sound": RECORDING})
        assert error_of(answer) == (400, "missing_required_parameter", "file")
        answer = await client.post(PATH, json={"model": "fixed-1"})
        assert error_of(answer) == (415, "content_type_unsupported", "Content-Type")


async def test_fields_of_other_servers_are_ignored_and_named() -> None:
    answer = await ask(None, vad_filter="true", söund="x")
    assert answer.status_code == 200
    assert answer.headers["X-Ignored-Fields"] == "vad_filter, s?und"


async def test_an_engine_that_cannot_translate_says_so() -> None:
    assert error_of(await ask(path=TRANSLATE)) == (400, "translation_unsupported", "model")


async def test_a_translation_is_english_and_names_its_source() -> None:
    german = replace(HEARD, language="de", language_probability=0.9)
    ears = Ears(Card("fixed", Port.STT, "hears one thing", translates=True), german)
    body = (await ask(ears, path=TRANSLATE, response_format="verbose_json")).json()
    assert (body["task"], body["language"], body["source_language"]) == ("translate", "english", "de")
    assert ears.hearings[0].translate
    assert not ears.hearings[0].words


async def test_a_tier_that_cannot_translate_has_no_say_in_a_translation() -> None:
    doubtful = replace(HEARD, confidence=0.1)
    first = Ears(Card("fixed", Port.STT, "hears one thing", translates=True), doubtful)
    for second in (Ears(), Ears(Card("remote", Port.STT, "", translates=True), fails=CANNOT_TRANSLATE)):
        cascade = Cascade(Tier(first, Gate(1), model="fixed-1"), second, Policy())
        async with client_of(first, service_of(first, cascade=cascade)) as client:
            answer = await client.post(TRANSLATE, data={"model": "fixed-1"}, files={"file": RECORDING})
        assert answer.json()["text"] == TEXT
        assert answer.headers["X-Fallback-Error"] == "translation_unsupported"
        assert answer.headers["X-Fallback-Used"] == "false"


async def test_models_are_listed_and_found_by_their_name_or_one_of_openai() -> None:
    async with client_of(Ears()) as client:
        listed = (await client.get("/v1/models")).json()
        own = (await client.get("/v1/models/fixed-1")).json()
        alias = (await client.get("/v1/models/whisper-1")).json()
        missing = await client.get("/v1/models/Systran/none")
    assert listed == {"object": "list", "data": [own]}
    assert own | {"languages": []} == {
        "id": "fixed-1",
        "object": "model",
        "created": 1_700_000_000,
        "owned_by": "antiphon",
        "languages": [],
    }
    assert (alias["id"], alias["root"]) == ("whisper-1", "fixed-1")
    assert error_of(missing) == (404, "model_not_found", "model")


# ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    return RequestBoundary(app, max_body_bytes=1_000_000, door=FrontDoor(settings), open_paths=())


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


async def test_every_request_is_counted_once_also_where_it_is_refused() -> None:
    registry = CollectorRegistry()
    transport = httpx2.ASGITransport(app_of(service_of(Ears(), registry=registry)), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
        for model in ("fixed-1", "gpt-9"):
            await client.post(PATH, data={"model": model}, files={"file": RECORDING})
    samples = [s for metric in registry.collect() for s in metric.samples if s.name == "stt_requests_total"]
    assert {(s.labels["endpoint"], s.value) for s in samples} == {(PATH, 1.0)}
    assert len(samples) == 2
