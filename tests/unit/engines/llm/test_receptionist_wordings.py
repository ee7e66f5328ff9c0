"""Single turns in the words that callers choose, written in the files `wordings_*.txt`.

A line is `what was asked | what the caller says | fact=value; fact=value`; lists are joined by `,`, and `-` is a fact
that is not known. Lines that begin with `#` are headings.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from antiphon.config import load
from antiphon.engines.llm.receptionist_rules import Options, Receptionist
from antiphon.events.dialogue import FactLearnt, Json, ReplyDone, ReplyRequest

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Zurich"))
RECEPTIONIST = Receptionist(Options(load(env={}).practice))
OPENING = "I would like to book a check-up."
WISH = "On Wednesday the 2nd of December at 11 am."
BEFORE: dict[str, tuple[str, ...]] = {
    "opening": (),
    "reason": ("I would like to make an appointment.",),
    "when": (OPENING,),
    "time": (OPENING, "Wednesday, the 2nd of December."),
    "name": (OPENING, WISH),
    "phone": (OPENING, WISH, "My name is Peter Harris."),
}
"""What the caller said before, so that the agent asks for what the line answers."""


def wordings() -> list[tuple[str, str, str]]:
    """The lines of the files."""
    files = sorted(Path(__file__).parent.glob("wordings_*.txt"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    rows = [[part.strip() for part in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]
    return [(asked, text, facts) for asked, text, facts in rows]


async def facts_after(*turns: str) -> dict[str, Json]:
    """What is known when the caller has said `turns`, one after the other."""
    request = ReplyRequest(text="", now=NOW)
    for text in ("", *turns):
        request = replace(request, text=text, turn=request.turn + 1)
        facts = dict(request.facts)
        async for part in RECEPTIONIST.reply(request):
            if isinstance(part, FactLearnt) and part.fact.value is None:
                facts.pop(part.fact.name, None)
            elif isinstance(part, FactLearnt):
                facts[part.fact.name] = part.fact
            elif isinstance(part, ReplyDone):
                request = replace(request, state=part.state, facts=facts)
    return {name: fact.value for name, fact in request.facts.items()}


def written(value: Json) -> str:
    """A value as the file has it."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize(("asked", "text", "facts"), wordings())
async def test_what_a_turn_tells(asked: str, text: str, facts: str) -> None:
    told = dict(fact.strip().split("=", 1) for fact in facts.split(";"))
    known = await facts_after(*BEFORE[asked], text)
    assert {name: written(known[name]) if name in known else "-" for name in told} == told


def test_every_question_has_answers() -> None:
    assert {asked for asked, _, _ in wordings()} == set(BEFORE)
