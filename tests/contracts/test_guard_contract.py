"""What every guardrail engine must do; a new engine file is found and tested by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from antiphon.engines.discover import Engine, engines
from antiphon.events.dialogue import Speaker
from antiphon.ports.card import Card, Port
from antiphon.ports.guard import Guard, Verdict
from antiphon.testing.engines import WordGuard

TEXTS = (
    "",
    " ",
    "We are open from Monday to Friday.",
    "Kill yourself.",
    "\x00\ud800\u202e\U0010ffff",
    "ä" * 5000,
    "take " * 800,
    "1" * 4096,
    "((((" * 500,
)


def word_guard() -> WordGuard:
    return WordGuard(forbidden=("Kill yourself",))


FOUND: list[Any] = [word_guard, *(engine for engine in engines() if engine.card.port is Port.GUARD)]


def _name(found: Any) -> str:
    card: Card = found.card if isinstance(found, Engine) else WordGuard().card
    return card.name


@pytest.fixture(params=FOUND, ids=_name)
async def guard(
    request: pytest.FixtureRequest, open_engine: Callable[[Any], AbstractAsyncContextManager[Any]]
) -> AsyncIterator[Guard]:
    async with open_engine(request.param) as opened:
        yield opened


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("speaker", Speaker)
async def test_every_text_gets_a_verdict(guard: Guard, text: str, speaker: Speaker) -> None:
    for language in ("en", "de", "xx"):
        verdict = await guard.check(text, speaker, language)
        assert 0 <= verdict.severity <= 1
        assert verdict.safe or verdict.categories, "what is refused is refused for a reason"
        assert len(set(verdict.categories)) == len(verdict.categories)


async def test_an_agent_may_say_ordinary_things(guard: Guard) -> None:
    for text in ("We are open from Monday to Friday.", "Your tooth hurts? I am sorry to hear that.", "Goodbye!"):
        assert (await guard.check(text, Speaker.AGENT, "en")).safe


async def test_an_agent_may_not_urge_to_suicide(guard: Guard) -> None:
    verdict = await guard.check("Kill yourself.", Speaker.AGENT, "en")
    assert not verdict.safe
    assert verdict.severity >= 0.5


async def test_categories_are_codes_and_never_the_words(guard: Guard) -> None:
    secret = "Kill yourself, Zaphod Beeblebrox, 4111 1111 1111 1111"
    verdict = await guard.check(secret, Speaker.AGENT, "en")
    for code in verdict.categories:
        assert code.isascii()
        assert len(code) <= 16
        assert not any(word in code for word in ("Zaphod", "4111"))


async def test_many_at_once_are_judged_apart(guard: Guard) -> None:
    texts = ["Kill yourself.", "We are open."] * 20
    verdicts: list[Verdict] = await asyncio.gather(*(guard.check(text, Speaker.AGENT, "en") for text in texts))
    assert [verdict.safe for verdict in verdicts] == [False, True] * 20
