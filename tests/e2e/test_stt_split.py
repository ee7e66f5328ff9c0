"""A primary and a fallback as two live services: what is told of a request, and who holds what meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import numpy as np
import pytest
import structlog
from prometheus_client import CollectorRegistry

from antiphon.audio.decode import decode
from antiphon.audio.encode import encode_wav
from antiphon.errors import EngineFailed
from antiphon.events.speech import Hearing, Samples, Segment, Transcript, Word
from antiphon.gateway.asgi import Services, build
from antiphon.gateway.settings import ServerSettings
from antiphon.ports.stt import Transcriber
from antiphon.remote.stt import RemoteSettings, RemoteTranscriber
from antiphon.serving.gate import Gate
from antiphon.stt.cascade import Cascade
from antiphon.stt.metrics import SttMetrics
from antiphon.stt.readiness import Readiness, SelfTest, Watched
from antiphon.stt.routing import Policy
from antiphon.stt.service import Model, SpeechToText, SttParts
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.streaming import GrowingWindow
from antiphon.stt.tier import Tier
from antiphon.testing.server import serving
from antiphon.testing.speech import LevelVoiceActivity
from antiphon.testing.transcribers import Answer, ScriptedTranscriber

pytestmark = pytest.mark.e2e
KEY = "fb_key_123"
SPEECH = encode_wav(np.full(32_000, 0.3, np.float32), 16_000)
SILENCE = encode_wav(np.zeros(32_000, np.float32), 16_000)
SURE = Transcript("this is quite certain", 0.9, "en", 2.0, "x", language_probability=0.95)
UNSURE = replace(SURE, text="this is rather doubtful", confidence=0.3)
BETTER = Transcript(
    "das ist wirklich schön",
    0.8,
    "de",
    2.0,
    "medium",
    words=(Word("das", 0.1, 0.3, 0.9), Word("ist", 0.3, 0.5, 0.8)),
    segments=(Segment("das ist wirklich schön", 0.1, 1.9, (1, 2, 3), -0.2, 0.01),),
    language_probability=0.9,
    degraded=("clip_frames",),
)


class Witness(ScriptedTranscriber):
    """Notes under which request's id it was called."""

    def __init__(self, *script: Answer) -> None:
        super().__init__(*script)
        self.request_ids: list[str | None] = []

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        self.request_ids.append(structlog.contextvars.get_contextvars().get("request_id"))
        return await super().transcribe(samples, hearing)


class Side:
    """One of the two services."""

    def __init__(self, engine: Transcriber, model: str, fallback: Transcriber | None, policy: Policy | None) -> None:
        self.registry = CollectorRegistry()
        self.gate = Gate(2)
        readiness = Readiness()
        watched = Watched(engine, readiness)
        self.test = SelfTest(watched, readiness)
        self.detector = SpeechDetector([LevelVoiceActivity()])
        self.parts = SttParts(
            decode=_decode,
            detector=self.detector,
            cascade=Cascade(Tier(watched, self.gate, model), fallback, policy),
            metrics=SttMetrics(self.registry),
            readiness=readiness,
            models=(Model(model),),
            activity=LevelVoiceActivity,
            streaming=GrowingWindow(engine),
            role="fallback" if policy is None else "primary",
            deadline_s=30.0,
        )

    def routed(self) -> dict[str, float | None]:
        """Requests by what became of the fallback."""
        sample = self.registry.get_sample_value
        return {result: sample("stt_fallback_total", {"result": result}) for result in ("used", "skipped", "failed")}

    @asynccontextmanager
    async def serving(self, keys: tuple[str, ...], deadline_s: float = 30.0) -> AsyncIterator[str]:
        """Its address."""
        service = SpeechToText(replace(self.parts, deadline_s=deadline_s))
        app = build(Services(stt=service), ServerSettings(api_keys=keys), self.registry)
        async with serving(app) as url:
            yield url
        self.detector.close()


async def _decode(recording: bytes | memoryview) -> Samples:
    return decode(recording).mono


class Pair:
    """A primary that asks a fallback over HTTP."""

    def __init__(self, first: Answer, *second: Answer, fallback_key: str = KEY) -> None:
        self.second = Witness(*second)
        self.first = ScriptedTranscriber(first)
        self._key = fallback_key
        self.fallback = Side(self.second, "whisper-medium-ct2", None, None)

    @asynccontextmanager
    async def running(self, deadline_s: float = 30.0) -> AsyncIterator["Pair"]:
        async with AsyncExitStack() as exits:
            url = await exits.enter_async_context(self.fallback.serving((KEY,)))
            remote = RemoteTranscriber(url, self._key, RemoteSettings(jitter_s=(0.0, 0.0)))
            exits.push_async_callback(remote.close)
            self.primary = Side(self.first, "whisper-small-ct2", remote, Policy())
            address = await exits.enter_async_context(self.primary.serving(("primary_key",), deadline_s))
            self.client = await exits.enter_async_context(
                httpx2.AsyncClient(
                    base_url=address, headers={"Authorization": "Bearer primary_key"}, trust_env=False, timeout=60.0
                )
            )
            yield self

    async def ask(
        self, recording: bytes = SPEECH, request_id: str = "req-1", fields: dict[str, str] | None = None
    ) -> httpx2.Response:
        return await self.client.post(
            "/v1/transcribe", files={"audio": recording}, data=fields or {}, headers={"X-Req-Id": request_id}
        )


@pytest.mark.proves("B4", "B16", "B68", "B69", "B70")
async def test_a_confident_primary_answers_alone() -> None:
    async with Pair(SURE, BETTER).running() as pair:
        answer = await pair.ask()
        told = answer.headers
        assert (answer.status_code, answer.json()["text"], answer.json()["model"]) == (
            200,
            SURE.text,
            "whisper-small-ct2",
        )
        assert (told["x-fallback-used"], told["x-final-model"], told["x-conf-below"]) == (
            "false",
            "whisper-small-ct2",
            "false",
        )
        assert (told["x-conf-reason"], told["x-lang-check-applicable"]) == ("none", "true")
        assert {"x-queue-wait-ms", "x-primary-infer-ms", "x-total-ms"} <= set(told)
        assert "x-fallback-infer-ms" not in told
        assert pair.primary.routed() == {"used": 0, "skipped": 1, "failed": 0}
        assert pair.second.calls == []


@pytest.mark.proves("B4", "B17", "B32", "B50", "B70", "P-4")
@pytest.mark.parametrize("language", [None, "de"])
async def test_a_doubtful_primary_asks_the_fallback_under_the_same_id_and_language(language: str | None) -> None:
    async with Pair(UNSURE, BETTER).running() as pair:
        fields = {"word_timestamps": "true", "hotwords": "Zürich, Uster"} | ({"language": language} if language else {})
        answer = await pair.ask(request_id="req-77", fields=fields)
        body: dict[str, Any] = answer.json()
        told = answer.headers
        assert (body["text"], body["model"], body["fallback_used"]) == (BETTER.text, "whisper-medium-ct2", True)
        assert [word["word"] for word in body["words"]] == ["das", "ist"]
        assert body["segments"][0]["avg_logprob"] == -0.2
        assert body["degraded"] == ["clip_frames"]
        assert (told["x-fallback-used"], told["x-conf-below"], told["x-conf-reason"]) == ("true", "true", "logprob")
        assert told["x-lang-check-applicable"] == ("false" if language else "true")
        assert int(told["x-total-ms"]) >= int(told["x-fallback-infer-ms"])
        assert pair.second.request_ids == ["req-77"]
        hearing = pair.second.calls[0][1]
        assert (hearing.language, hearing.words, hearing.phrases) == (language, True, ("Zürich", "Uster"))
        assert pair.second.calls[0][0] == 32_000
        assert pair.primary.routed() == {"used": 1, "skipped": 0, "failed": 0}
        assert pair.fallback.routed() == {"used": 0, "skipped": 0, "failed": 0}


@pytest.mark.proves("B4")
async def test_a_broken_primary_asks_the_fallback() -> None:
    async with Pair(EngineFailed("gone"), BETTER).running() as pair:
        answer = await pair.ask()
        assert (answer.status_code, answer.json()["text"]) == (200, BETTER.text)
        assert answer.headers["x-conf-reason"] == "primary_error"


@pytest.mark.proves("B92", "B68", "P-4")
@pytest.mark.parametrize(
    ("second", "key", "code"),
    [(EngineFailed("broke"), KEY, "engine_failed"), (BETTER, "wrong_key", "unauthorized")],
)
async def test_a_fallback_that_fails_is_a_502_that_says_why(second: Answer, key: str, code: str) -> None:
    async with Pair(UNSURE, second, fallback_key=key).running() as pair:
        answer = await pair.ask()
        assert answer.status_code == 502
        assert answer.json()["error"]["code"] == "fallback_failed"
        assert answer.headers["x-fallback-error"] == code
        assert answer.headers["x-req-id"] == "req-1"
        assert answer.headers["x-fallback-used"] == "false"
        assert {"x-error-type", "x-error-message", "x-primary-infer-ms", "x-fallback-infer-ms"} <= set(answer.headers)
        assert pair.primary.routed() == {"used": 0, "skipped": 0, "failed": 1}


@pytest.mark.proves("B18", "F9", "B65")
async def test_slots_are_free_while_the_fallback_hangs_and_the_deadline_ends_it() -> None:
    hanging = asyncio.Event()
    async with Pair(UNSURE, hanging).running(deadline_s=2.0) as pair:
        calls = [asyncio.create_task(pair.ask(request_id=f"r{n}")) for n in range(6)]
        await pair.second.until_running(2)  # as many as the fallback has slots
        while pair.first.finished < 6:  # noqa: ASYNC110 - the others wait at the fallback's gate
            await asyncio.sleep(0.01)
        figures = (await pair.client.get("/metrics")).text
        assert "\nstt_in_flight 0.0" in figures
        assert "\nstt_queue_depth 0.0" in figures
        answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} == {504}
        assert {answer.json()["error"]["code"] for answer in answers} == {"engine_timeout"}
        assert pair.primary.routed() == {"used": 0, "skipped": 0, "failed": 6}
        # Cancelled calls close their connections, and the fallback gives up their work.
        await pair.second.until_running(0)
        assert pair.fallback.gate.in_flight == 0


@pytest.mark.proves("B97", "B62", "B64", "B69")
async def test_waiting_for_a_slot_and_being_recognised_are_told_apart() -> None:
    held = asyncio.Event()
    async with Pair(held, BETTER).running() as pair:
        pair.first.then(held, held, SURE)
        calls = [asyncio.create_task(pair.ask(request_id=f"r{n}")) for n in range(2)]
        await pair.first.until_running(2)  # as many as the primary has slots
        calls.append(asyncio.create_task(pair.ask(request_id="waits")))
        while pair.primary.gate.depth < 1:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        held.set()
        one, other, waits = [(await call).headers for call in calls]
        # The work took no less than it was held up, and the third did none of it: it waited.
        assert min(int(told["x-primary-infer-ms"]) for told in (one, other)) >= 300
        assert int(waits["x-queue-wait-ms"]) >= 300
        assert int(waits["x-queue-wait-ms"]) + int(waits["x-primary-infer-ms"]) <= int(waits["x-total-ms"]) + 2
        sample = pair.primary.registry.get_sample_value
        for figure, header in (("queue_wait", "x-queue-wait-ms"), ("primary_infer", "x-primary-infer-ms")):
            assert sample(f"stt_{figure}_seconds_count") == 3
            told_ms = sum(int(told[header]) for told in (one, other, waits))
            assert sample(f"stt_{figure}_seconds_sum") == pytest.approx(told_ms / 1000, abs=0.003)


@pytest.mark.proves("P-2")
async def test_silence_asks_nobody() -> None:
    async with Pair(UNSURE, BETTER).running() as pair:
        answer = await pair.ask(SILENCE)
        assert (answer.status_code, answer.json()["text"]) == (200, "")
        assert answer.headers["x-conf-reason"] == "no_speech"
        assert pair.first.calls == pair.second.calls == []
        assert pair.primary.routed() == {"used": 0, "skipped": 1, "failed": 0}


@pytest.mark.proves("P-9")
async def test_ready_only_after_the_engine_has_answered_and_not_when_it_fails() -> None:
    async with Pair(SURE, BETTER).running() as pair:

        async def states() -> list[tuple[int, str]]:
            paths = ("/v1/health", "/v1/ready", "/v1/started")
            answers = [await pair.client.get(path) for path in paths]
            return [(answer.status_code, answer.json()["state"]) for answer in answers]

        assert await states() == [(200, "starting"), (503, "starting"), (503, "starting")]
        await pair.primary.test.once()
        assert await states() == [(200, "ready")] * 3
        pair.first.then(EngineFailed("dead"))
        await pair.primary.test.once()
        assert await states() == [(200, "degraded"), (503, "degraded"), (200, "degraded")]
        pair.first.then(SURE)
        assert (await pair.ask()).status_code == 200
        assert (await states())[1] == (200, "ready")
