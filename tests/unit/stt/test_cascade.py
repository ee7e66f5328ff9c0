"""Two tiers: who is asked when, what it costs the first, and what is told of it."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from antiphon.errors import (
    AntiphonError,
    AtCapacity,
    BadInput,
    EngineFailed,
    EngineUnavailable,
    FallbackFailed,
    NotAllowed,
    TimedOut,
)
from antiphon.events.speech import Hearing, Samples, Segment, Transcript
from antiphon.serving.breaker import BreakerOpen
from antiphon.serving.gate import Gate
from antiphon.stt.account import Account, Reason, Routing
from antiphon.stt.cascade import Cascade
from antiphon.stt.routing import Policy
from antiphon.stt.tier import Tier
from antiphon.testing.transcribers import Answer, ScriptedTranscriber

SECOND = np.full(16_000, 0.1, np.float32)
SURE = Transcript("this is quite certain", 0.9, "en", 1.0, "first", language_probability=0.95)
UNSURE = replace(SURE, text="this is rather doubtful", confidence=0.3)
BETTER = Transcript("this is really delightful", 0.8, "en", 1.0, "second")


def cascade(first: Answer, second: ScriptedTranscriber | None, *, routes: bool = True, slots: int = 2) -> Cascade:
    tier = Tier(ScriptedTranscriber(first), Gate(slots), "small")
    return Cascade(tier, second, Policy() if routes else None)


@pytest.mark.proves("B16", "P-4")
async def test_a_confident_answer_is_returned_as_it_is() -> None:
    second, account = ScriptedTranscriber(BETTER), Account()
    heard = await cascade(SURE, second).transcribe(SECOND, Hearing(), account)
    assert heard == SURE
    assert second.calls == []
    assert (account.routing, account.below, account.reason, account.model) == (
        Routing.SKIPPED,
        False,
        Reason.NONE,
        "small",
    )
    assert account.primary_s is not None
    assert account.fallback_s is None


@pytest.mark.proves("B4", "B17")
@pytest.mark.parametrize("language", [None, "de"])
async def test_a_doubtful_answer_asks_the_fallback_alike(language: str | None) -> None:
    second, account = ScriptedTranscriber(BETTER), Account()
    hearing = Hearing(language=language, words=True, phrases=("Zürich",), prompt="before")
    heard = await cascade(UNSURE, second).transcribe(SECOND, hearing, account)
    assert heard.text == BETTER.text
    assert second.calls == [(len(SECOND), hearing)]
    assert (account.routing, account.below, account.reason, account.model) == (
        Routing.USED,
        True,
        Reason.LOGPROB,
        "second",
    )
    assert account.fallback_s is not None
    assert account.language_checked is (language is None)


@pytest.mark.proves("B4")
@pytest.mark.parametrize("broken", [EngineFailed("x"), EngineUnavailable("x"), TimedOut("x"), RuntimeError("untyped")])
async def test_a_broken_primary_asks_the_fallback(broken: Exception) -> None:
    account = Account()
    heard = await cascade(broken, ScriptedTranscriber(BETTER)).transcribe(SECOND, Hearing(), account)
    assert heard.text == BETTER.text
    assert (account.routing, account.reason, account.below) == (Routing.USED, Reason.PRIMARY_ERROR, True)


@pytest.mark.parametrize("second", [None, ScriptedTranscriber(BreakerOpen("resting"))])
async def test_a_broken_primary_without_a_fallback_is_the_error(second: ScriptedTranscriber | None) -> None:
    account = Account()
    with pytest.raises(EngineFailed, match="gone"):
        await cascade(EngineFailed("gone"), second).transcribe(SECOND, Hearing(), account)
    assert (account.routing, account.reason) == (Routing.SKIPPED, Reason.PRIMARY_ERROR)


@pytest.mark.proves("P-4")
@pytest.mark.parametrize("second", [None, ScriptedTranscriber(BreakerOpen("resting"))])
async def test_without_a_fallback_that_can_be_asked_the_doubtful_answer_is_returned(
    second: ScriptedTranscriber | None,
) -> None:
    account = Account()
    heard = await cascade(UNSURE, second).transcribe(SECOND, Hearing(), account)
    assert heard == UNSURE
    assert (account.routing, account.below, account.fallback_s) == (Routing.SKIPPED, True, None)
    assert account.headers()["X-Conf-Below"] == "true"
    assert account.headers()["X-Fallback-Used"] == "false"
    assert "X-Fallback-Infer-ms" not in account.headers()


@pytest.mark.proves("B92", "P-4")
@pytest.mark.parametrize(
    "error",
    [
        TimedOut("late", code="remote_timeout"),
        AtCapacity("busy", code="rate_limited"),
        EngineFailed("broke", code="http_500"),
        NotAllowed("key", code="unauthorized"),
        BadInput("too odd", code="audio_too_long"),
    ],
)
async def test_a_fallback_that_fails_is_told_as_such(error: AntiphonError) -> None:
    account = Account()
    with pytest.raises(FallbackFailed) as failed:
        await cascade(UNSURE, ScriptedTranscriber(error)).transcribe(SECOND, Hearing(), account)
    assert failed.value.code == "fallback_failed"
    assert account.routing is Routing.FAILED
    assert account.headers()["X-Fallback-Error"] == error.code
    assert account.headers()["X-Fallback-Used"] == "false"


async def test_a_fallback_that_breaks_untyped_is_told_alike() -> None:
    account = Account()
    with pytest.raises(FallbackFailed):
        await cascade(UNSURE, ScriptedTranscriber(KeyError("oh"))).transcribe(SECOND, Hearing(), account)
    assert (account.routing, account.fallback_error) == (Routing.FAILED, "engine_failed")


@pytest.mark.parametrize("error", [AtCapacity("full", code="queue_full"), BadInput("no such language")])
async def test_what_never_reaches_routing_is_not_counted(error: AntiphonError) -> None:
    second, account = ScriptedTranscriber(BETTER), Account()
    with pytest.raises(type(error)):
        await cascade(error, second).transcribe(SECOND, Hearing(), account)
    assert account.routing is None
    assert second.calls == []


async def test_nobody_speaking_asks_nobody_and_says_nothing() -> None:
    invented = Segment("Thank you.", 0, 1, (1, 2), -0.9, no_speech_prob=0.95)
    mumbled = replace(UNSURE, text="Thank you.", segments=(invented,))
    second, account = ScriptedTranscriber(BETTER), Account()
    heard = await cascade(mumbled, second).transcribe(SECOND, Hearing(), account)
    assert (heard.text, heard.segments, heard.no_speech) == ("", (), True)
    assert second.calls == []
    assert (account.routing, account.reason, account.below) == (Routing.SKIPPED, Reason.NO_SPEECH, False)


@pytest.mark.proves("B9")
async def test_a_service_without_routing_answers_as_it_hears() -> None:
    account = Account()
    heard = await cascade(UNSURE, None, routes=False).transcribe(SECOND, Hearing(), account)
    assert (heard, account.routing, account.reason) == (UNSURE, None, Reason.NONE)
    with pytest.raises(EngineFailed):
        await cascade(EngineFailed("x"), None, routes=False).transcribe(SECOND, Hearing(), Account())


async def test_a_confidence_that_is_no_number_is_none_at_all() -> None:
    heard = await cascade(replace(SURE, confidence=float("nan")), None).transcribe(SECOND, Hearing(), Account())
    assert heard.confidence == 0.0


@pytest.mark.proves("B18")
async def test_the_slot_is_free_again_before_the_fallback_is_asked() -> None:
    held = []

    class Witness(ScriptedTranscriber):
        async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
            held.append(gate.in_flight)
            return await super().transcribe(samples, hearing)

    gate = Gate(1)
    for first in (UNSURE, EngineFailed("x")):
        cascaded = Cascade(Tier(ScriptedTranscriber(first), gate), Witness(BETTER), Policy())
        await cascaded.transcribe(SECOND, Hearing(), Account())
    assert held == [0, 0]


@pytest.mark.proves("B18", "F9")
async def test_a_hanging_fallback_holds_no_slot_of_the_primary() -> None:
    hanging = ScriptedTranscriber(asyncio.Event())
    cascaded = cascade(UNSURE, hanging, slots=2)
    calls = [asyncio.create_task(cascaded.transcribe(SECOND, Hearing(), Account())) for _ in range(16)]
    await hanging.until_running(16)
    assert cascaded.primary.gate.in_flight == 0
    confident = Cascade(Tier(ScriptedTranscriber(SURE), cascaded.primary.gate), hanging, Policy())
    assert (await confident.transcribe(SECOND, Hearing(), Account())).text == SURE.text
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert hanging.running == 0


async def test_a_caller_who_goes_away_ends_the_fallbacks_work() -> None:
    hanging, account = ScriptedTranscriber(asyncio.Event()), Account()
    call = asyncio.create_task(cascade(UNSURE, hanging).transcribe(SECOND, Hearing(), account))
    await hanging.until_running(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (hanging.running, account.routing) == (0, Routing.SKIPPED)
    assert account.fallback_s is not None
