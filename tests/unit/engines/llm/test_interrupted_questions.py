"""A yes counts only for a question that was heard."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from antiphon.config import load
from antiphon.engines.llm.receptionist_rules import Options, Receptionist
from antiphon.events.dialogue import ActionAsked, FactLearnt, Message, ReplyDone, ReplyRequest, Speaker, TextDelta

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Zurich"))
LINES = ("I need a cleaning on Wednesday at ten thirty", "Susan Miller", "079 223 44 56")


class Caller:
    """Talks to a receptionist and remembers what its replies left behind."""

    def __init__(self) -> None:
        self.receptionist = Receptionist(Options(load(env={}).practice))
        self.request = ReplyRequest(text="", now=NOW)
        self.said = ""

    async def say(self, text: str, heard: str | None = None) -> list[ActionAsked]:
        """Say `text`, having heard all of the last reply, or only `heard` of it."""
        last = Message(Speaker.AGENT, self.said if heard is None else heard, interrupted=heard is not None)
        history = (*self.request.history, last) if self.said else ()
        request = replace(self.request, text=text, history=history, turn=self.request.turn + 1)
        actions, facts, spoken, state = [], dict(request.facts), [], request.state
        async for part in self.receptionist.reply(request):
            if isinstance(part, ActionAsked):
                actions.append(part)
            elif isinstance(part, FactLearnt):
                facts[part.fact.name] = part.fact
            elif isinstance(part, TextDelta):
                spoken.append(part.text)
            elif isinstance(part, ReplyDone):
                state = part.state
        self.said = "".join(spoken)
        self.request = replace(request, facts=facts, state=state)
        return actions


@pytest.mark.parametrize(("part", "booked"), [(0.3, False), (0.8, False), (0.97, True), (1.0, True)])
async def test_a_yes_books_only_after_the_question_was_begun(part: float, booked: bool) -> None:
    caller = Caller()
    await caller.say("")
    for line in LINES:
        await caller.say(line)
    assert caller.said.endswith("Is that right?")
    heard = caller.said[: int(len(caller.said) * part)]
    read_back = caller.said
    actions = await caller.say("Yes.", heard=heard if part < 1 else None)
    assert bool(actions) is booked
    if not booked:
        assert caller.said == read_back, "it is read back again"
        assert await caller.say("Yes.")


async def test_a_correction_counts_though_the_question_was_not_heard() -> None:
    caller = Caller()
    await caller.say("")
    for line in LINES:
        await caller.say(line)
    await caller.say("No, Friday.", heard=caller.said[:20])
    assert "Friday" in caller.said
