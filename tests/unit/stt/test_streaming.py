"""Streaming over a growing window, with a recogniser that answers when the test says so."""

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import EngineFailed
from antiphon.events.speech import Expectation, Hearing, Samples, Transcript
from antiphon.ports.card import Card, Port
from antiphon.stt.streaming import GrowingWindow, LocalAgreement, Options, WindowUtterance
from antiphon.testing.clock import ManualClock

RATE_HZ = 16_000
HEARING = Hearing(language="en")


@dataclass
class Call:
    """One call of the recogniser, waiting for its answer."""

    samples: int
    hearing: Hearing
    answer: asyncio.Future[str]


@dataclass
class Slow:
    """A recogniser whose every call waits until the test answers it."""

    card: Card = field(default_factory=lambda: Card("slow", Port.STT, "answers when told to", languages=("en",)))
    drafts: list[Call] = field(default_factory=list)
    finals: list[Call] = field(default_factory=list)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return await self._call(self.drafts, samples, hearing)

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        text = await self._call(self.finals, samples, hearing)
        return Transcript(text, 0.9, "en", len(samples) / RATE_HZ, "slow")

    async def _call(self, calls: list[Call], samples: Samples, hearing: Hearing) -> str:
        call = Call(len(samples), hearing, asyncio.get_running_loop().create_future())
        calls.append(call)
        return await call.answer


def audio(seconds: float) -> Samples:
    return np.full(int(seconds * RATE_HZ), 0.1, np.float32)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def utterance(slow: Slow, clock: ManualClock) -> WindowUtterance:
    return GrowingWindow(slow, Options(draft_every_s=0.5, draft_rest=4.0), clock).open(HEARING)


async def test_draft_begins_only_after_half_a_second_and_never_twice_at_once(
    slow: Slow, utterance: WindowUtterance
) -> None:
    utterance.feed(audio(0.4))
    await settle()
    assert slow.drafts == []
    for _ in range(20):
        utterance.feed(audio(0.2))
        await settle()
    assert [call.samples for call in slow.drafts] == [len(audio(0.4)) + len(audio(0.2))]
    utterance.close()


async def test_slow_drafts_become_rarer(slow: Slow, clock: ManualClock, utterance: WindowUtterance) -> None:
    utterance.feed(audio(0.5))
    await settle()
    clock.advance(1.0)  # the draft cost a second: the next one waits for four seconds of new audio
    slow.drafts[0].answer.set_result("hello")
    await settle()
    utterance.feed(audio(3.9))
    await settle()
    assert len(slow.drafts) == 1
    utterance.feed(audio(0.2))
    await settle()
    assert len(slow.drafts) == 2
    utterance.close()


async def test_words_of_two_successive_drafts_are_stable(slow: Slow, utterance: WindowUtterance) -> None:
    for text in ("I would", "I would like.", "I would like to book"):
        utterance.feed(audio(0.5))
        await settle()
        slow.drafts[-1].answer.set_result(text)
        await settle()
    assert (utterance.partial.stable, utterance.partial.tentative) == ("I would like", "to book")
    utterance.close()


async def test_finish_takes_the_decode_begun_at_the_pause(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    utterance.pause()
    utterance.feed(audio(0.6))  # the silence after the last word
    await settle()
    slow.finals[0].answer.set_result("yes please")
    transcript = await utterance.finish()
    assert transcript.text == "yes please"
    assert [call.samples for call in slow.finals] == [len(audio(1.0))]


async def test_resume_voids_the_begun_decode(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    utterance.pause()
    await settle()
    utterance.resume()
    utterance.feed(audio(1.0))
    await settle()
    assert slow.finals[0].answer.cancelled()
    utterance.pause()
    await settle()
    slow.finals[1].answer.set_result("yes and no")
    assert (await utterance.finish()).text == "yes and no"
    assert slow.finals[1].samples == len(audio(2.0))


async def test_finish_with_another_expectation_decodes_anew(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    utterance.pause()
    await settle()
    finishing = asyncio.create_task(utterance.finish(Hearing(language="en", expect=Expectation.DIGITS)))
    await settle()
    assert slow.finals[0].answer.cancelled()
    assert slow.finals[1].hearing.expect is Expectation.DIGITS
    slow.finals[1].answer.set_result("5")
    assert (await finishing).text == "5"


async def test_pause_ends_the_draft_in_flight_and_begins_no_other(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    await settle()
    utterance.pause()
    utterance.feed(audio(5.0))
    await settle()
    assert slow.drafts[0].answer.cancelled()
    assert len(slow.drafts) == 1
    utterance.close()


async def test_close_cancels_everything(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    utterance.pause()
    await settle()
    utterance.close()
    await settle()
    assert slow.finals[0].answer.cancelled()
    with pytest.raises(RuntimeError, match="over"):
        utterance.feed(audio(0.1))


async def test_cancelled_finish_cancels_the_engine(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    finishing = asyncio.create_task(utterance.finish())
    await settle()
    finishing.cancel()
    await settle()
    assert finishing.cancelled()
    assert slow.finals[0].answer.cancelled()


async def test_finish_raises_what_the_engine_raised_while_nobody_waited(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    utterance.pause()
    await settle()
    slow.finals[0].answer.set_exception(EngineFailed("broke"))
    await settle()
    with pytest.raises(EngineFailed):
        await utterance.finish()


async def test_broken_draft_costs_only_the_partial(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(1.0))
    await settle()
    slow.drafts[0].answer.set_exception(EngineFailed("broke"))
    await settle()
    utterance.feed(audio(1.0))
    await settle()
    slow.drafts[1].answer.set_result("still here")
    await settle()
    assert utterance.partial.text == "still here"
    utterance.close()


async def test_glance_reads_all_that_was_fed(slow: Slow, utterance: WindowUtterance) -> None:
    utterance.feed(audio(0.6))
    await settle()
    utterance.feed(audio(0.1))
    glancing = asyncio.create_task(utterance.glance())
    await settle()
    slow.drafts[0].answer.set_result("mhm")
    await settle()
    assert slow.drafts[1].samples == len(audio(0.6)) + len(audio(0.1))
    slow.drafts[1].answer.set_result("mhm yes")
    assert await glancing == "mhm yes"
    utterance.close()


@given(st.lists(st.lists(st.sampled_from(["yes", "no", "Yes.", "maybe", "never"]), max_size=5)))
def test_stable_words_never_change(drafts: list[list[str]]) -> None:
    agreement, before = LocalAgreement(), ""
    for words in drafts:
        agreement.add(" ".join(words))
        assert agreement.partial.stable.startswith(before)
        before = agreement.partial.stable
