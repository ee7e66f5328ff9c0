"""Speech-to-text over HTTP as a client sees it: the application in memory, over an engine that answers at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Receive, Scope, Send

from antiphon.app.speech_to_text import http_status
from antiphon.audio.encode import encode_wav
from antiphon.audio.plain import decode_plain
from antiphon.errors import AntiphonError, AtCapacity, BadAudio, EngineFailed, TimedOut
from antiphon.events.speech import Hearing, Samples, Segment, Transcript, Word
from antiphon.gateway.accounts import RequestAccounts
from antiphon.gateway.asgi import Services, build
from antiphon.gateway.door import FrontDoor
from antiphon.gateway.settings import ServerSettings
from antiphon.ports.card import Card, Port
from antiphon.serving.gate import Gate
from antiphon.stt.cascade import Cascade
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.readiness import Readiness, Watched
from antiphon.stt.routing import Policy
from antiphon.stt.service import Model, SpeechToText, SttParts
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.streaming import GrowingWindow
from antiphon.stt.tier import Tier
from antiphon.testing.speech import LevelVoiceActivity

PATH = "/v1/transcribe"
WAV = encode_wav(np.full(16_000, 0.5, np.float32), 16_000)


class Ears:
    """Hears the same in everything, and remembers how it was asked to."""

    card = Card("fixed", Port.STT, "hears the same in everything", languages=("en", "de"))

    def __init__(self) -> None:
        self.asked: list[tuple[Samples, Hearing]] = []
        self.error: AntiphonError | None = None

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        self.asked.append((samples, hearing))
        if self.error is not None:
            raise self.error
        said = "good morning to you"
        return Transcript(
            text=said,
            confidence=0.9,
            language=hearing.language or "en",
            duration_s=len(samples) / 16_000,
            engine="fixed",
            words=(Word("good", 0.0, 0.2, 0.9),) if hearing.words else (),
            segments=(Segment(said, 0.0, 1.0, (1, 2), -0.1, 0.0),),
            language_probability=None if hearing.language else 0.95,
        )

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return "good"


async def decode(data: bytes | memoryview) -> Samples:
    plain = decode_plain(data, rate_hz=16_000, mono=True, max_audio_s=10.0)
    if plain is None:
        raise BadAudio("this is no recording we accept", param="audio")
    return plain.mono


@asynccontextmanager
async def opened(
    ears: Ears | None = None,
    role: str = "primary",
    fallback: Ears | None = None,
    door: FrontDoor | None = None,
    **gateway: Any,
) -> AsyncIterator[httpx2.AsyncClient]:
    ears, readiness, registry = ears or Ears(), Readiness(), CollectorRegistry()
    activity = LevelVoiceActivity()
    tier = Tier(Watched(ears, readiness), Gate(2))
    detector = SpeechDetector([activity])
    service = SpeechToText(
        SttParts(
            decode=decode,
            detector=detector,
            cascade=Cascade(tier, fallback, None if role == "fallback" else Policy()),
            metrics=SttMetrics(registry, status_of=http_status),
            readiness=readiness,
            models=(Model("fixed", languages=ears.card.languages),),
            activity=lambda: activity,
            streaming=GrowingWindow(ears),
            role=role,
        )
    )
    settings = ServerSettings(**gateway)
    app = build(Services(stt=service), settings, registry, door or FrontDoor(settings))
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8081") as client:
        yield client
    detector.close()


def check_error(answer: httpx2.Response, status: int, code: str, param: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert answer.headers["X-Req-Id"] == error["request_id"]
    assert answer.headers["X-Error-Type"] == error["type"]


@pytest.mark.proves("P-5", "B5", "B69", "B70")
async def test_a_form_is_answered_with_text_segments_words_and_an_account() -> None:
    ears = Ears()
    async with opened(ears) as client:
        fields = {"language": "EN", "prompt": "Dear Anna", "hotwords": "Keller, , Zürich", "word_timestamps": "true"}
        fields["temperature"] = "0.5"
        answer = await client.post(PATH, files={"audio": ("a.wav", WAV)}, data=fields)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["request_id"] == answer.headers["X-Req-Id"]
        assert (told["text"], told["language"], told["duration"]) == ("good morning to you", "en", 1.0)
        assert (told["model"], told["confidence"], told["fallback_used"]) == ("fixed", 0.9, False)
        assert [segment["text"] for segment in told["segments"]] == ["good morning to you"]
        assert [word["word"] for word in told["words"]] == ["good"]
        assert told["timings_ms"]["total"] >= 0
        (_, hearing) = ears.asked[-1]
        assert (hearing.language, hearing.phrases, hearing.words) == ("en", ("Keller", "Zürich"), True)
        assert (hearing.prompt, hearing.temperature) == ("Dear Anna", 0.5)
        for name in ("X-Queue-Wait-ms", "X-Primary-Infer-ms", "X-Total-ms"):
            assert answer.headers[name].isdecimal()
        assert answer.headers["X-Fallback-Used"] == "false"
        assert answer.headers["X-Final-Model"] == "fixed"
        assert (answer.headers["X-Conf-Below"], answer.headers["X-Conf-Reason"]) == ("false", "none")
        assert answer.headers["X-Lang-Check-Applicable"] == "false"
        assert "X-Fallback-Infer-ms" not in answer.headers


@pytest.mark.parametrize("field", ["audio", "file"])
async def test_the_recording_has_two_names_and_nothing_else_is_needed(field: str) -> None:
    async with opened() as client:
        answer = await client.post(PATH, files={field: ("a.wav", WAV)})
        assert answer.status_code == 200
        assert answer.headers["X-Lang-Check-Applicable"] == "true"
        assert answer.json()["language_probability"] == 0.95
        assert "words" not in answer.json()


@pytest.mark.proves("B5", "B14")
async def test_what_a_form_leaves_out_may_stand_in_the_query() -> None:
    ears = Ears()
    async with opened(ears) as client:
        files = {"audio": ("a.wav", WAV)}
        query = {"language": "de", "word_timestamps": "true", "hotwords": "Keller"}
        answer = await client.post(PATH, files=files, data={"prompt": "Dear Anna"}, params=query)
        assert (answer.status_code, answer.headers["X-Lang-Check-Applicable"]) == (200, "false")
        (_, hearing) = ears.asked[-1]
        assert hearing == Hearing("de", phrases=("Keller",), words=True, prompt="Dear Anna")
        check_error(
            await client.post(PATH, files=files, params={"language": "zz"}), 400, "language_invalid", "language"
        )
        agreed = await client.post(PATH, files=files, data={"language": "de"}, params={"language": "de"})
        assert agreed.status_code == 200
        torn = await client.post(PATH, files=files, data={"language": "de"}, params={"language": "en"})
        check_error(torn, 400, "field_invalid", "language")
        assert torn.headers["X-Lang-Check-Applicable"] == "false"


PCM = (np.full(8_000, 0.25) * 32768).astype("<i2").tobytes()


@pytest.mark.parametrize(
    ("kind", "body", "samples"),
    [
        ("audio/wav", WAV, 16_000),
        ("audio/x-wav", WAV, 16_000),
        ("application/octet-stream", WAV, 16_000),
        ("audio/pcm", PCM, 8_000),
        ("audio/pcm;rate=8000", PCM, 16_000),
        ("audio/pcm; rate=16000; channels=2; encoding=s16", PCM, 4_000),
        ("audio/pcm;rate=16000;encoding=f32", np.full(8_000, 0.25, "<f4").tobytes(), 8_000),
        ("audio/pcm;rate=8000;encoding=mulaw", bytes(8_000), 16_000),
        ("audio/basic", bytes(8_000), 16_000),
    ],
)
async def test_a_recording_may_be_the_body(kind: str, body: bytes, samples: int) -> None:
    ears = Ears()
    async with opened(ears) as client:
        query = {"language": "de", "word_timestamps": "1", "hotwords": "a,b"}
        answer = await client.post(PATH, content=body, headers={"Content-Type": kind}, params=query)
        assert answer.status_code == 200, answer.text
        heard, hearing = ears.asked[-1]
        assert len(heard) == samples
        assert (hearing.language, hearing.words, hearing.phrases) == ("de", True, ("a", "b"))


@pytest.mark.parametrize(
    ("post", "status", "code", "param"),
    [
        ({"files": {"other": ("a.wav", WAV)}}, 400, "field_missing", "audio"),
        ({"files": {"audio": ("a.wav", WAV), "file": ("a.wav", WAV)}}, 400, "form_invalid", "file"),
        ({"files": {"audio": ("a.txt", b"no sound")}}, 415, "audio_unsupported", None),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"language": "xx"}}, 400, "language_invalid", "language"),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"language": "english"}}, 400, "language_invalid", "language"),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"language": "fr"}}, 400, "language_unsupported", "language"),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"language": ["en", "de"]}}, 400, "form_invalid", "language"),
        (
            {"files": {"audio": ("a.wav", WAV)}, "data": {"word_timestamps": "perhaps"}},
            400,
            "field_invalid",
            "word_timestamps",
        ),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"hotwords": "a," * 201}}, 400, "field_invalid", "hotwords"),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"prompt": "a" * 4001}}, 400, "field_invalid", "prompt"),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"temperature": "nan"}}, 400, "field_invalid", "temperature"),
        ({"files": {"audio": ("a.wav", WAV)}, "data": {"temperature": "warm"}}, 400, "field_invalid", "temperature"),
        ({"json": {"audio": "x"}}, 415, "content_type_unsupported", "Content-Type"),
        ({"content": WAV}, 415, "content_type_unsupported", "Content-Type"),
        ({"content": b"", "headers": {"Content-Type": "audio/pcm"}}, 400, "audio_empty", "audio"),
        ({"content": PCM, "headers": {"Content-Type": "audio/pcm;rate=0"}}, 400, "field_invalid", "rate"),
        ({"content": PCM, "headers": {"Content-Type": "audio/pcm;rate=fast"}}, 400, "field_invalid", "rate"),
        ({"content": PCM, "headers": {"Content-Type": "audio/pcm;channels=99"}}, 400, "field_invalid", "channels"),
        ({"content": PCM, "headers": {"Content-Type": "audio/pcm;encoding=dsd"}}, 415, "audio_unsupported", "encoding"),
        ({"content": PCM * 30, "headers": {"Content-Type": "audio/pcm"}}, 413, "audio_too_long", None),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "form_invalid", None),
    ],
)
async def test_what_cannot_be_used_is_refused_by_name(
    post: dict[str, Any], status: int, code: str, param: str | None
) -> None:
    ears = Ears()
    async with opened(ears) as client:
        answer = await client.post(PATH, **post)
        check_error(answer, status, code, param)
        assert answer.headers["X-Fallback-Used"] == "false"
        assert not ears.asked


PART = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
FILE = b'; filename="a.wav"'


@pytest.mark.proves("S8")
@pytest.mark.parametrize(
    "body",
    [
        PART % (b"audio", FILE, b"RIFF") * 10_000 + b"--b--\r\n",
        PART % (b"language", b"", b"en") * 10_000 + b"--b--\r\n",
        PART % (b"audio", FILE, b"RIFF") * 2 + b"--b--\r\n",
        PART % (b"audio", FILE, b"RIFF") + PART % (b"prompt", b"", b"a" * 100_000) + b"--b--\r\n",
        PART % (b"audio", FILE, b"RIFF") + PART % (b"prompt", b"", b"\xff") + b"--b--\r\n",
        PART % (b"n" * 1000, b"", b"x") + b"--b--\r\n",
        b"--b\r\nX-Long: " + b"a" * 5_000_000 + b"\r\n\r\nx\r\n--b--\r\n",
        b"--b\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\nx\r\n--b--\r\n",
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
        PART % (b"audio", FILE, WAV),
        b"",
    ],
    ids=range(11),
)
async def test_a_form_that_is_not_plainly_right_is_refused(body: bytes) -> None:
    ears = Ears()
    async with opened(ears) as client:
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = await client.post(PATH, content=body, headers=kind)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["code"] in ("form_invalid", "field_missing")
        assert not ears.asked


ANY = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
KINDS = st.one_of(ANY, st.builds("{}; {}".format, st.sampled_from(["multipart/form-data", "audio/pcm"]), ANY))


@given(kind=KINDS, body=st.binary(max_size=200), field=st.text(max_size=30))
@settings(max_examples=50)
async def test_whatever_is_sent_is_answered_or_refused(kind: str, body: bytes, field: str) -> None:
    async with opened() as client:
        query = dict.fromkeys(("language", "hotwords", "word_timestamps", "temperature"), field)
        headers = {b"content-type": kind.encode("latin-1")}
        answer = await client.post(PATH, content=body, headers=headers, params=query)
        assert answer.status_code in (200, 400, 413, 415), answer.text


@pytest.mark.proves("B68")
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EngineFailed("the engine broke"), 502, "engine_failed"),
        (AtCapacity("full", code="queue_full", retry_after_s=2.0), 503, "queue_full"),
        (TimedOut("too slow", code="engine_timeout"), 504, "engine_timeout"),
    ],
)
async def test_failures_have_all_headers_too(error: AntiphonError, status: int, code: str) -> None:
    ears = Ears()
    ears.error = error
    async with opened(ears) as client:
        answer = await client.post(PATH, files={"audio": ("a.wav", WAV)})
        check_error(answer, status, code)
        assert answer.headers["X-Error-Message"]
        assert answer.headers["X-Total-ms"].isdecimal()
        assert answer.headers["X-Final-Model"] == "fixed"
        assert answer.headers.get("Retry-After") == ("2" if status == 503 else None)


@pytest.mark.proves("B92")
async def test_a_failed_fallback_is_told_in_the_headers() -> None:
    first, second = Ears(), Ears()
    first.error = EngineFailed("broke")
    second.error = TimedOut("silent", code="remote_timeout")
    async with opened(first, fallback=second) as client:
        answer = await client.post(PATH, files={"audio": ("a.wav", WAV)})
        check_error(answer, 502, "fallback_failed")
        assert answer.headers["X-Fallback-Error"] == "remote_timeout"
        assert answer.headers["X-Conf-Reason"] == "primary_error"
        assert answer.headers["X-Fallback-Used"] == "false"
        assert answer.headers["X-Fallback-Infer-ms"].isdecimal()


@pytest.mark.proves("P-9", "B6")
async def test_the_health_of_a_service() -> None:
    async with opened(api_keys=("k",), commit="abc") as client:
        health = await client.get("/v1/health")
        assert health.status_code == 200
        told = health.json()
        assert (told["ok"], told["state"], told["commit"], told["model"]) == (True, "starting", "abc", "fixed")
        assert told["uptime_s"] >= 0
        for path in ("/v1/ready", "/v1/started"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()) == (503, {"ok": False, "state": "starting"})
        posted = await client.post(PATH, files={"audio": ("a.wav", WAV)}, headers={"Authorization": "Bearer k"})
        assert posted.status_code == 200
        for path in ("/v1/ready", "/v1/started"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()) == (200, {"ok": True, "state": "ready"})


@pytest.mark.proves("B7", "B27", "B51", "B58", "B59")
async def test_a_snapshot_tells_what_was_done_and_to_holders_of_keys_which_are_used() -> None:
    async with opened(api_keys=("k", "unused"), commit="abc", open_metrics=True) as client:
        key = {"Authorization": "Bearer k"}
        await client.post(PATH, files={"audio": ("a.wav", WAV)}, headers=key)
        await client.post(PATH, files={"audio": ("a.wav", b"nothing")}, headers=key)
        await client.post(PATH, files={"x": ("a.wav", b"nothing")}, headers=key)
        told = (await client.get("/v1/metrics")).json()
        assert (told["commit"], told["requests"], told["errors"]) == ("abc", 3, 2)
        assert told["fallback"]["skipped"] == 1
        assert "keys" not in told
        keys = (await client.get("/v1/metrics", headers=key)).json()["keys"]
        assert sorted(used is None for used in keys.values()) == [False, True]
        assert (await client.get("/metrics")).status_code == 200
    async with opened(api_keys=("k",)) as client:
        for path in ("/v1/metrics", "/metrics"):
            assert (await client.get(path)).status_code == 401


@pytest.mark.proves("B11")
async def test_a_fallback_has_no_snapshot_and_routes_nothing() -> None:
    async with opened(role="fallback") as client:
        check_error(await client.get("/v1/metrics"), 404, "path_not_found")
        answer = await client.post(PATH, files={"audio": ("a.wav", WAV)})
        assert answer.status_code == 200
        assert (answer.headers["X-Conf-Below"], answer.headers["X-Fallback-Used"]) == ("false", "false")
        assert (await client.get("/v1/health")).json()["role"] == "fallback"


@pytest.mark.proves("P-8", "B52")
async def test_who_calls_too_often_is_told_when_to_come_back() -> None:
    async with opened(api_keys=("k", "other"), rate_limit_rps=0.01, rate_limit_burst=2) as client:
        answers = [
            await client.post(PATH, files={"audio": ("a.wav", WAV)}, headers={"Authorization": "Bearer k"})
            for _ in range(3)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
        assert answers[0].headers["RateLimit-Policy"] == '"burst";q=2;w=200'
        check_error(answers[2], 429, "rate_limited")
        assert 90 <= int(answers[2].headers["Retry-After"]) <= 100
        other = await client.post(PATH, files={"audio": ("a.wav", WAV)}, headers={"Authorization": "Bearer other"})
        assert other.status_code == 200
        for path in ("/v1/health", "/v1/ready", "/metrics"):
            for _ in range(4):
                answer = await client.get(path, headers={"Authorization": "Bearer k"})
                assert answer.status_code in (200, 503)


TRANSCRIPTIONS, TRANSLATIONS = "/v1/audio/transcriptions", "/v1/audio/translations"
OPEN: dict[str, Any] = {"api_keys": ("k",), "open_metrics": True}
KEY = {"Authorization": "Bearer k"}
SENT: dict[str, Any] = {"files": {"audio": ("a.wav", WAV)}, "headers": KEY}
TOLD = ("X-Queue-Wait-ms", "X-Total-ms", "X-Fallback-Used", "X-Conf-Below", "X-Conf-Reason", "X-Lang-Check-Applicable")
"""What every answer tells, whatever became of the request."""


async def counted(client: httpx2.AsyncClient) -> dict[tuple[str, str], float]:
    """How many requests were counted, by path and status."""
    return {
        (sample.labels["endpoint"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families((await client.get("/metrics")).text)
        for sample in family.samples
        if sample.name == "stt_requests_total"
    }


@pytest.mark.proves("B58", "B82", "B93")
async def test_requests_are_counted_once_wherever_they_end() -> None:
    async with opened(**OPEN, rate_limit_rps=0.01, rate_limit_burst=3) as client:
        answers = [await client.post(PATH, **SENT), await client.post(PATH, headers=KEY, json={})]
        answers += [await client.post(TRANSCRIPTIONS, headers=KEY, data={"model": "m"}, files={"x": b""})]
        answers += [await client.post(path, **SENT) for path in (PATH, TRANSCRIPTIONS, TRANSLATIONS)]
        answers += [await client.post(PATH, files=SENT["files"]), await client.get("/v1/models")]
        assert [answer.status_code for answer in answers] == [200, 415, 400, 429, 429, 429, 401, 401]
        told = (await client.get("/v1/metrics")).json()
        assert (told["requests"], told["errors"]) == (7, 6)
        assert await counted(client) == {
            (PATH, "200"): 1,
            (PATH, "415"): 1,
            (PATH, "429"): 1,
            (PATH, "401"): 1,
            (TRANSCRIPTIONS, "400"): 1,
            (TRANSCRIPTIONS, "429"): 1,
            (TRANSLATIONS, "429"): 1,
        }


@pytest.mark.proves("B58", "B82")
async def test_requests_that_are_too_large_or_too_late_are_counted() -> None:
    door = FrontDoor(ServerSettings(api_keys=("k",)))

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield bytes(10_000)

    async with opened(**OPEN, door=door, max_upload_mb=0.1) as client:
        announced = await client.post(PATH, files={"audio": ("a.wav", bytes(200_000))}, headers=KEY)
        chunked = await client.post(PATH, content=pieces(), headers=KEY | {"Content-Type": "audio/wav"})
        door.draining = True
        late = await client.post(PATH, **SENT)
        assert [answer.status_code for answer in (announced, chunked, late)] == [413, 413, 503]
        assert await counted(client) == {(PATH, "413"): 2, (PATH, "503"): 1}


async def test_a_caller_who_leaves_while_sending_is_counted() -> None:
    registry = CollectorRegistry()
    accounts = RequestAccounts(_unanswered, metrics=SttMetrics(registry, status_of=http_status))
    await accounts({"type": "http", "path": PATH}, _nothing, _nowhere)
    labels = {"endpoint": PATH, "status": "499"}
    assert registry.get_sample_value("stt_requests_total", labels) == 1
    kind = {"endpoint": PATH, "type": "ClientGone"}
    assert registry.get_sample_value("stt_requests_exceptions_total", kind) == 1


async def _unanswered(scope: Scope, receive: Receive, send: Send) -> None:
    """As the boundary ends for a caller who has left."""


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _nowhere(message: Message) -> None:
    raise AssertionError(message)


@pytest.mark.proves("B69", "B70")
@pytest.mark.parametrize("path", [PATH, TRANSCRIPTIONS, TRANSLATIONS])
async def test_refusals_at_the_door_tell_what_answers_tell(path: str) -> None:
    async with opened(api_keys=("k",), max_upload_mb=0.1, rate_limit_rps=0.01, rate_limit_burst=1) as client:
        answers = [
            await client.post(path, **SENT, params={"language": "de"}),
            await client.post(path, **SENT),
            await client.post(path, files=SENT["files"]),
            await client.get(path),
            await client.post(path, files={"audio": ("a.wav", bytes(200_000))}, headers=KEY),
        ]
        assert [answer.status_code for answer in answers[1:]] == [429, 401, 401, 413]
        for answer in answers:
            assert [name for name in TOLD if name not in answer.headers] == []
        assert [answer.headers["X-Lang-Check-Applicable"] for answer in answers[1:]] == ["true"] * 4
    async with opened() as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["X-Total-ms"]) == (405, "0")


@pytest.mark.proves("B70", "P-3")
@pytest.mark.parametrize("language", ["fr", "xx", "english"])
async def test_a_language_that_was_refused_was_given_all_the_same(language: str) -> None:
    async with opened() as client:
        said = {"language": language}
        wav = {"Content-Type": "audio/wav"}
        answers = [
            await client.post(PATH, files={"audio": ("a.wav", WAV)}, data=said),
            await client.post(PATH, content=WAV, params=said, headers=wav),
            await client.post(TRANSCRIPTIONS, files={"file": ("a.wav", WAV)}, data=said | {"model": "fixed"}),
            await client.post(TRANSCRIPTIONS, files={"file": ("a.wav", WAV)}, data={"languages[]": language}),
        ]
        assert [answer.status_code for answer in answers] == [400] * 4
        assert [answer.headers["X-Lang-Check-Applicable"] for answer in answers] == ["false"] * 4
        unnamed = await client.post(PATH, files={"audio": ("a.wav", WAV)}, data={"temperature": "9"})
        assert unnamed.headers["X-Lang-Check-Applicable"] == "true"


@pytest.mark.proves("S18", "P-8")
async def test_guessing_keys_is_slowed_down_and_valid_keys_are_not() -> None:
    async with opened(api_keys=("k",)) as client:
        guesses = [await client.get("/v1/models", headers={"Authorization": f"Bearer {n}"}) for n in range(12)]
        assert [answer.status_code for answer in guesses] == [401] * 10 + [429] * 2
        check_error(guesses[-1], 429, "too_many_failures")
        assert int(guesses[-1].headers["Retry-After"]) >= 1
        assert (await client.get("/v1/models", headers={"Authorization": "Bearer k"})).status_code == 200
        assert (await client.get("/v1/models")).status_code == 401


@pytest.mark.proves("B54", "S2")
async def test_a_body_beyond_the_cap_is_refused() -> None:
    async with opened(max_upload_mb=0.1) as client:
        answer = await client.post(PATH, files={"audio": ("a.wav", bytes(200_000))})
        check_error(answer, 413, "upload_too_large")
