import asyncio

import numpy as np
import pytest

from antiphon.errors import AtCapacity
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.card import Card, Port
from antiphon.serving.gate import Gate
from antiphon.serving.gated import Gated

SILENCE = np.zeros(160, np.float32)


class Slow:
    """A recogniser that works until it is told to stop."""

    card = Card("slow", Port.STT, "Works until told; for tests.")

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.working = 0
        self.most = 0

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        self.working += 1
        self.most = max(self.most, self.working)
        try:
            await self.go.wait()
        finally:
            self.working -= 1
        return Transcript("done", 1.0, "en", 0.0, "slow")

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return (await self.transcribe(samples, hearing)).text


async def test_no_more_work_at_once_than_there_are_slots_and_what_cannot_wait_is_told() -> None:
    slow = Slow()
    gated = Gated(slow, Gate(2, max_queue=3))
    calls = [asyncio.create_task(gated.transcribe(SILENCE, Hearing())) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(AtCapacity) as refused:
        await gated.transcribe(SILENCE, Hearing())
    assert refused.value.code == "queue_full"
    assert slow.working == 2
    slow.go.set()
    assert [transcript.text for transcript in await asyncio.gather(*calls)] == ["done"] * 5
    assert slow.most == 2


async def test_a_cancelled_call_gives_its_slot_to_the_next_at_once() -> None:
    slow = Slow()
    gated = Gated(slow, Gate(1))
    first = asyncio.create_task(gated.transcribe(SILENCE, Hearing()))
    second = asyncio.create_task(gated.draft(SILENCE, Hearing()))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0.01)
    assert slow.working == 1
    assert not second.done()
    slow.go.set()
    assert await second == "done"
