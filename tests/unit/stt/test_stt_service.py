"""The service as a whole: what it answers, what it counts, and that nothing is left over whatever happens."""

import asyncio
import io
import json
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from antiphon.errors import AntiphonError, AtCapacity, BadAudio, EngineFailed, FallbackFailed, TimedOut
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.card import Card, Port
from antiphon.serving.gate import Gate
from antiphon.stt.account import Account, Reason, Routing
from antiphon.stt.cascade import Cascade
from antiphon.stt.metrics import BUCKETS_S, SttMetrics, clip
from antiphon.stt.readiness import Readiness
from antiphon.stt.routing import Policy
from antiphon.stt.service import Model, SpeechToText, SttParts
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.streaming import GrowingWindow
from antiphon.stt.tier import Tier
from antiphon.stt.verbose import verbose
from antiphon.telemetry import LogSettings, configure_logging
from antiphon.testing.clock import ManualClock
from antiphon.testing.speech import LevelVoiceActivity
from antiphon.testing.transcribers import Answer, ScriptedTranscriber

SPEECH = np.full(16_000, 0.3, np.float32)
SILENCE = np.zeros(16_000, np.float32)
SURE = Transcript("this is quite certain", 0.9, "en", 1.0, "first")
UNSURE = Transcript("this is rather doubtful", 0.3, "en", 1.0, "first")


class Service:
    """The service over scripted tiers, with its figures at hand."""

    def __init__(
        self,
        *first: Answer,
        second: ScriptedTranscriber | None = None,
        role: str = "primary",
        deadline_s: float = 60.0,
        gate: Gate | None = None,
        clock: ManualClock | None = None,
        languages: tuple[str, ...] = ("en", "de"),
    ) -> None:
        self.registry = CollectorRegistry()
        self.metrics = SttMetrics(self.registry, commit="prod-1", clock=clock)
        self.engine = ScriptedTranscriber(*first, card=Card("first", Port.STT, "scripted", languages))
        self.gate = gate or Gate(2)
        self.detector = SpeechDetector([LevelVoiceActivity()])
        policy = Policy() if role == "primary" else None
        parts = SttParts(
            decode=self.decode,
            detector=self.detector,
            cascade=Cascade(Tier(self.engine, self.gate, "small", clock), second, policy, clock=clock),
            metrics=self.metrics,
            readiness=Readiness(clock),
            models=(Model("small"),),
            activity=LevelVoiceActivity,
            streaming=GrowingWindow(self.engine),
            role=role,
            deadline_s=deadline_s,
        )
        self.service = SpeechToText(parts, clock)

    async def decode(self, recording: bytes | memoryview) -> Samples:
        if not recording:
            raise BadAudio("This is no recording.")
        return np.frombuffer(recording, np.float32)

    def sample(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    def total(self, name: str) -> float:
        """The sum over all labels."""
        return sum(s.value for m in self.registry.collect() for s in m.samples if s.name == name)


@pytest.mark.proves("B58", "B60", "B61", "B62", "B64")
async def test_an_answer_is_counted_once_under_the_names_of_the_manual() -> None:
    served = Service(SURE)
    account = Account()
    heard = await served.service.hear(SPEECH.tobytes(), Hearing(), account)
    assert heard.text == SURE.text
    assert served.sample("stt_requests_total", endpoint="/v1/transcribe", status="ok") == 1
    assert served.sample("stt_fallback_total", result="skipped") == 1
    assert served.sample("stt_fallback_total", result="used") == 0
    assert served.sample("stt_request_total_seconds_count", dur_bucket="le10") == 1
    assert served.sample("stt_primary_infer_seconds_count") == 1
    assert served.sample("stt_fallback_infer_seconds_count") == 0
    assert served.sample("stt_queue_wait_seconds_count") == 1
    assert served.sample("stt_request_total_seconds_bucket", dur_bucket="le10", le="1.0") == 1
    assert served.total("stt_requests_exceptions_total") == 0


@pytest.mark.proves("P-10", "B77")
def test_clips_are_told_apart_by_length_and_the_objective_has_an_edge() -> None:
    assert [clip(s) for s in (0.1, 10.0, 10.1, 30.0, 31, 120, 121, 9999)] == [
        "le10", "le10", "le30", "le30", "le120", "le120", "gt120", "gt120"
    ]  # fmt: skip
    assert 1.0 in BUCKETS_S


@pytest.mark.proves("B59")
@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (EngineFailed("x", code="gpu_oom"), "EngineFailed", "failed"),
        (AtCapacity("x", code="queue_full"), "AtCapacity", "failed"),
        (BadAudio("x"), "BadAudio", "refused"),
        (KeyError("untyped"), "EngineFailed", "failed"),
    ],
)
async def test_failures_are_counted_by_kind(error: Exception, kind: str, status: str) -> None:
    served = Service(error)
    with pytest.raises(AntiphonError):
        await served.service.hear_samples(SPEECH, Hearing(), Account(endpoint="/v1/audio/transcriptions"))
    endpoint = "/v1/audio/transcriptions"
    assert served.sample("stt_requests_total", endpoint=endpoint, status=status) == 1
    assert served.sample("stt_requests_exceptions_total", endpoint=endpoint, type=kind) == 1


async def test_what_cannot_be_decoded_is_counted_and_says_nothing_of_clips() -> None:
    served, account = Service(SURE), Account()
    with pytest.raises(BadAudio):
        await served.service.hear(b"", Hearing(), account)
    assert served.sample("stt_requests_exceptions_total", endpoint="/v1/transcribe", type="BadAudio") == 1
    assert served.total("stt_request_total_seconds_count") == 0
    assert account.routing is None
    assert served.total("stt_fallback_total") == 0


@pytest.mark.proves("P-2")
async def test_silence_is_answered_without_any_engine() -> None:
    second = ScriptedTranscriber("invented")
    served, account = Service("invented", second=second), Account()
    heard = await served.service.hear_samples(SILENCE, Hearing(language="de"), account)
    assert (heard.text, heard.no_speech, heard.language, heard.duration_s) == ("", True, "de", 1.0)
    assert served.engine.calls == second.calls == []
    assert (account.routing, account.reason, account.below) == (Routing.SKIPPED, Reason.NO_SPEECH, False)
    headers = account.headers()
    assert (headers["X-Conf-Reason"], headers["X-Final-Model"]) == ("no_speech", "small")
    assert "X-Primary-Infer-ms" not in headers


@pytest.mark.proves("P-3", "P-5")
@pytest.mark.parametrize(
    ("languages", "named", "told", "checked"),
    [
        (("en",), None, "en", False),
        (("de", "en"), None, None, True),
        ((), None, None, True),
        (("de", "en"), "de", "de", False),
    ],
)
async def test_silence_has_a_language_only_where_it_was_named_or_there_is_one(
    languages: tuple[str, ...], named: str | None, told: str | None, checked: bool
) -> None:
    account = Account()
    served = Service("invented", languages=languages)
    heard = await served.service.hear_samples(SILENCE, Hearing(language=named), account)
    assert verbose(heard, account, "id")["language"] == told
    assert account.language_checked is checked


@pytest.mark.proves("B9")
async def test_a_fallback_service_counts_no_routing() -> None:
    served = Service(UNSURE, role="fallback")
    for sound in (SPEECH, SILENCE):
        account = Account()
        await served.service.hear_samples(sound, Hearing(), account)
        assert account.routing is None
    assert served.total("stt_fallback_total") == 0
    assert served.sample("stt_primary_infer_seconds_count") == 1


@pytest.mark.proves("B102")
async def test_a_request_that_takes_too_long_is_given_up() -> None:
    served = Service(asyncio.Event(), deadline_s=0.05)
    account = Account()
    with pytest.raises(TimedOut) as late:
        await served.service.hear_samples(SPEECH, Hearing(), account)
    assert late.value.code == "engine_timeout"
    assert (served.gate.in_flight, served.engine.running, account.routing) == (0, 0, None)
    assert account.total_s > 0
    assert served.sample("stt_requests_exceptions_total", endpoint="/v1/transcribe", type="TimedOut") == 1


@pytest.mark.proves("F9", "B102")
async def test_a_fallback_that_takes_too_long_has_failed() -> None:
    second = ScriptedTranscriber(asyncio.Event())
    served, account = Service(UNSURE, second=second, deadline_s=0.05), Account()
    with pytest.raises(TimedOut):
        await served.service.hear_samples(SPEECH, Hearing(), account)
    assert (account.routing, second.running, served.gate.in_flight) == (Routing.FAILED, 0, 0)
    assert account.headers()["X-Fallback-Error"] == "engine_timeout"
    assert served.sample("stt_fallback_total", result="failed") == 1


@pytest.mark.proves("B65")
async def test_gauges_show_who_works_and_who_waits() -> None:
    go = asyncio.Event()
    served = Service(go, SURE, gate=Gate(1))
    calls = [asyncio.create_task(served.service.hear_samples(SPEECH, Hearing(), Account())) for _ in range(3)]
    await served.engine.until_running(1)
    while served.gate.depth < 2:  # noqa: ASYNC110 - the gate tells nobody who comes to wait
        await asyncio.sleep(0)
    assert (served.sample("stt_in_flight"), served.sample("stt_queue_depth")) == (1, 2)
    assert served.metrics.snapshot()["queue"] == {"depth": 2, "in_flight": 1}
    go.set()
    await asyncio.gather(*calls)
    assert (served.sample("stt_in_flight"), served.sample("stt_queue_depth")) == (0, 0)


async def test_waiting_in_vain_is_waiting_too() -> None:
    gate = Gate(1, queue_timeout_s=0.02)
    served, account = Service(asyncio.Event(), gate=gate), Account()
    first = asyncio.create_task(served.service.hear_samples(SPEECH, Hearing(), Account()))
    await served.engine.until_running(1)
    with pytest.raises(AtCapacity) as late:
        await served.service.hear_samples(SPEECH, Hearing(), account)
    assert late.value.code == "queue_timeout"
    assert account.queue_wait_s > 0
    assert (account.primary_s, account.routing) == (None, None)
    assert served.sample("stt_queue_wait_seconds_count") == 1
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


@pytest.mark.proves("B7")
async def test_the_snapshot_tells_people_what_happened() -> None:
    clock = ManualClock()
    served = Service(UNSURE, SURE, EngineFailed("x"), second=ScriptedTranscriber("much better now"), clock=clock)
    assert served.metrics.snapshot()["latency_ms"] == {"p50": None, "p95": None, "p99": None}
    for _ in range(2):
        await served.service.hear_samples(SPEECH, Hearing(), Account())
    with pytest.raises(BadAudio):
        await served.service.hear(b"", Hearing(), Account())
    clock.advance(30)
    told = served.metrics.snapshot()
    assert (told["commit"], told["uptime_s"], told["requests"], told["errors"]) == ("prod-1", 30.0, 3, 1)
    assert told["fallback"] == {"used": 1, "skipped": 1, "failed": 0, "rate": pytest.approx(1 / 3)}
    assert told["gpu"] is None


def test_percentiles_are_of_the_last_answers() -> None:
    metrics = SttMetrics(CollectorRegistry())
    for ms in [*[9_000] * 50, *range(1, 1001)]:
        metrics.ended(Account(total_s=ms / 1000, audio_s=1.0))
    assert metrics.snapshot()["latency_ms"] == {"p50": 500.0, "p95": 950.0, "p99": 990.0}


async def test_degraded_answers_are_counted_by_reason() -> None:
    served = Service(Transcript("said with short frames", 0.9, "en", 1.0, "x", degraded=("clip_frames",)))
    await served.service.hear_samples(SPEECH, Hearing(), Account())
    assert served.sample("stt_degraded_total", reason="clip_frames") == 1


def test_headers_are_plain_whatever_stands_in_the_account() -> None:
    account = Account(
        queue_wait_s=0.0124, primary_s=1.5, total_s=2.0, model="klein\r\nX-Evil: ü", fallback_error="späßchen" * 99
    )
    headers = account.headers()
    assert headers["X-Queue-Wait-ms"] == "12"
    assert headers["X-Primary-Infer-ms"] == "1500"
    assert headers["X-Final-Model"] == "klein X-Evil:"
    assert all(value.isascii() and value.isprintable() and len(value) <= 200 for value in headers.values())
    assert account.timings_ms() == {"queue_wait": 12, "decode": 0, "primary_infer": 1500, "total": 2000}


@pytest.mark.proves("S21")
async def test_what_was_said_is_logged_only_where_the_operator_wants_it() -> None:
    for pii in (False, True):
        lines = io.StringIO()
        configure_logging(LogSettings(format="json", pii=pii), lines)
        served = Service(SURE)
        await served.service.hear_samples(SPEECH, Hearing(prompt="canary prompt", phrases=("canary",)), Account())
        line = json.loads(lines.getvalue().splitlines()[-1])
        assert (line["event"], line["routing"], line["reason"], line["audio_s"]) == (
            "transcribed",
            "skipped",
            "none",
            1.0,
        )
        assert (SURE.text in lines.getvalue()) is pii
        assert "canary" not in lines.getvalue()


class Moody:
    """A recogniser that takes its time, doubts, fails and breaks, by a seed."""

    card = ScriptedTranscriber("x").card

    def __init__(self, rng: random.Random, *, second: bool) -> None:
        self._rng, self._second = rng, second
        self.running = 0

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        self.running += 1
        try:
            for _ in range(self._rng.randrange(4)):
                await asyncio.sleep(0)
            match self._rng.randrange(6):
                case 0:
                    raise EngineFailed("moody")
                case 1:
                    raise RuntimeError("untyped")
                case 2 | 3 if not self._second:
                    return UNSURE
                case _:
                    return SURE
        finally:
            self.running -= 1

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return ""


@pytest.mark.proves("B18", "B65", "P-4")
@settings(max_examples=40)
@given(st.integers(0, 2**32))
async def test_whatever_happens_nothing_is_left_over_and_all_is_counted_once(seed: int) -> None:
    rng = random.Random(seed)
    second = Moody(rng, second=True)
    first = Moody(rng, second=False)
    gate = Gate(2, max_queue=rng.randrange(1, 12))
    served = Service(SURE, gate=gate)
    cascade = Cascade(Tier(first, gate), second, Policy())
    parts: Any = served.service._parts
    service = SpeechToText(SttParts(**{name: getattr(parts, name) for name in parts.__slots__} | {"cascade": cascade}))
    accounts = [Account() for _ in range(25)]
    short = SPEECH[:1600]  # too short for voice activity: no thread, so that a seed is a seed
    calls = [asyncio.create_task(service.hear_samples(short, Hearing(), account)) for account in accounts]
    for _ in range(rng.randrange(60)):
        await asyncio.sleep(0)
        assert gate.in_flight <= 2
        if rng.random() < 0.3:
            rng.choice(calls).cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert (gate.in_flight, gate.depth, first.running, second.running) == (0, 0, 0, 0)
    assert served.sample("stt_in_flight") == served.sample("stt_queue_depth") == 0

    began = [account for account in accounts if account.audio_s is not None]
    assert served.total("stt_requests_total") == len(began)
    counted = {str(r): served.sample("stt_fallback_total", result=str(r)) for r in Routing}
    told = Counter(str(account.routing) for account in accounts if account.routing)
    assert counted == {str(r): told[str(r)] for r in Routing}
    for account, outcome in zip(accounts, outcomes, strict=True):
        if isinstance(outcome, Transcript):
            assert account.routing in (Routing.USED, Routing.SKIPPED)
        if isinstance(outcome, FallbackFailed):
            assert account.routing is Routing.FAILED
        if isinstance(outcome, AtCapacity):
            assert account.routing is None
