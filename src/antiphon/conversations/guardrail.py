"""Judging sentences before they may be spoken: within 800 ms, and closed when no judgement can be had."""

import asyncio
from dataclasses import dataclass

import structlog

from antiphon.clock import Clock
from antiphon.conversations.settings import ConversationSettings
from antiphon.errors import EngineFailed, TimedOut
from antiphon.events.dialogue import Speaker
from antiphon.ports.guard import Guard

log = structlog.get_logger(__name__)

SAFE_SENTENCES = {
    "en": "I'm sorry, I can't help with that here. A colleague will gladly take it from there.",
    "de": "Das kann ich hier leider nicht beantworten. Eine Kollegin oder ein Kollege hilft Ihnen gerne weiter.",
    "fr": "Je suis désolé, je ne peux pas répondre à cela ici. Un collègue vous aidera volontiers.",
    "it": "Mi dispiace, qui non posso rispondere. Un collega la aiuterà volentieri.",
}
"""What is said in place of a sentence that may not be; fixed, so that it needs no judgement itself."""


def safe_sentence(language: str) -> str:
    """The safe sentence in `language`, or in English where there is none."""
    return SAFE_SENTENCES.get(language, SAFE_SENTENCES["en"])


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a sentence passed, the codes of what it broke, and how long the judging took."""

    passed: bool
    categories: tuple[str, ...] = ()
    took_ms: float = 0.0


class Guardrail:
    """A guard with a deadline and a rule for when it fails."""

    def __init__(self, guard: Guard, settings: ConversationSettings, clock: Clock) -> None:
        self._guard = guard
        self._timeout_s = settings.guard_timeout_ms / 1e3
        self._open = settings.guard_fail_mode == "open"
        self._clock = clock

    async def judge(self, text: str, speaker: Speaker, language: str) -> Judgement:
        """Judge a sentence; a late or broken guard counts as the fail mode says."""
        began_s = self._clock.monotonic_s()
        try:
            async with asyncio.timeout(self._timeout_s):
                verdict = await self._guard.check(text, speaker, language)
        except (TimeoutError, TimedOut, EngineFailed) as error:
            code = "guard_timeout" if isinstance(error, TimeoutError | TimedOut) else "guard_failed"
            log.warning("guard_unavailable", code=code, passed=self._open)
            return Judgement(self._open, (code,), self._since_ms(began_s))
        if not verdict.safe:
            # Codes only: the words themselves are what must not be repeated, not even in a log.
            log.warning("guard_blocked", speaker=speaker.value, categories=verdict.categories)
        return Judgement(verdict.safe, verdict.categories, self._since_ms(began_s))

    def _since_ms(self, began_s: float) -> float:
        return (self._clock.monotonic_s() - began_s) * 1e3
