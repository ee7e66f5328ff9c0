"""Guardrail rules: patterns for what a receptionist must not say, in English and German.

Made for precision: rules that stop ordinary sentences about teeth, pain, prices and times would be switched off, so
each asks for a whole phrase, not for a word. They know what they list and no more; a model guard judges meaning.

Source of the codes: the hazard taxonomy of Llama Guard 3 (MLCommons AILuminate), S1 to S14; no rules for S5
(defamation) and S8 (intellectual property), which cannot be told from a sentence. Ours beside them: `pii.*`, `secret`,
`insult`, `leak`, `injection`, `blocked`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from antiphon.engines.guard.rules.personal import personal, secrets
from antiphon.engines.guard.rules.phrases import RULES
from antiphon.engines.guard.rules.sight import phrases_pattern, plain_text, unveiled
from antiphon.errors import BadConfiguration
from antiphon.events.dialogue import Speaker
from antiphon.ports.card import Card, Port
from antiphon.ports.guard import Verdict
from antiphon.settings import setting

CARD = Card(
    name="rules",
    port=Port.GUARD,
    summary="Phrases, personal data and secrets by pattern, in English and German; does not understand meaning.",
    languages=("en", "de"),
)

SEVERITIES = {
    "S1": 0.9,  # violent crimes
    "S2": 0.8,  # non-violent crimes
    "S3": 0.9,  # sex-related crimes
    "S4": 1.0,  # child sexual exploitation
    "S6": 0.7,  # specialised advice: dosage, diagnosis, law, money
    "S7": 0.7,  # privacy of others
    "S9": 1.0,  # indiscriminate weapons
    "S10": 0.9,  # hate
    "S11": 0.9,  # suicide and self-harm
    "S12": 0.7,  # sexual content
    "S13": 0.5,  # elections
    "S14": 0.6,  # abuse of code
    "pii.card": 0.8,
    "pii.iban": 0.7,
    "pii.ahv": 0.7,
    "pii.ssn": 0.8,
    "pii.email": 0.3,
    "secret": 0.9,
    "insult": 0.6,
    "leak": 0.5,  # talks about its own instructions
    "injection": 0.4,  # wants other instructions followed
    "blocked": 0.6,  # the operator's own words
}


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the rules: the policy of a stack."""

    block: tuple[str, ...] = setting(
        tuple(code for code in SEVERITIES if code not in {"pii.email", "injection"}),
        "categories that an agent's sentence must not fall into",
    )
    block_caller: tuple[str, ...] = setting(
        (), "categories for which a caller's turn is not answered; else they are noted"
    )
    blocked_words: tuple[str, ...] = setting((), "further words or phrases that are never said")
    allowed_words: tuple[str, ...] = setting((), "words or phrases that no rule looks at, such as a name")


class RuleGuard:
    """Judges by patterns; a few tenths of a millisecond a sentence."""

    card = CARD

    def __init__(self, options: Options) -> None:
        """Prepare the policy.

        Raises:
            BadConfiguration: a category that there is not.
        """
        for key, codes in (("block", options.block), ("block_caller", options.block_caller)):
            for code in codes:
                if code not in SEVERITIES:
                    raise BadConfiguration(
                        f"`engines.rules.{key}` holds {code!r}, which is not one of {', '.join(SEVERITIES)}.",
                        param=f"engines.rules.{key}",
                    )
        self._block = {Speaker.AGENT: frozenset(options.block), Speaker.CALLER: frozenset(options.block_caller)}
        self._blocked = phrases_pattern(options.blocked_words)
        self._allowed = phrases_pattern(options.allowed_words)

    async def check(self, text: str, speaker: Speaker, language: str) -> Verdict:
        """Judge `text` as said by `speaker`.

        A safe verdict may name categories too: those that the policy only wants noted. What callers say is noted, not
        blocked, unless the policy says so: they may tell their card number or despair.
        """
        codes = tuple(dict.fromkeys(self._codes(text, speaker, language)))
        severity = max((SEVERITIES[code] for code in codes), default=0.0)
        return Verdict(self._block[speaker].isdisjoint(codes), codes, severity)

    def close(self) -> None:
        """Nothing is held."""

    def _codes(self, text: str, speaker: Speaker, language: str) -> Iterator[str]:
        yield from secrets(text)
        plain = self._allowed.sub(" ", plain_text(text))
        yield from personal(plain, language)
        for view in {plain, unveiled(plain)}:
            if self._blocked.search(view):
                yield "blocked"
            for code, pattern in RULES[speaker]:
                if pattern.search(view):
                    yield code


def load(options: Options) -> RuleGuard:
    """Ready at once.

    Raises:
        BadConfiguration: a category that there is not.
    """
    return RuleGuard(options)
