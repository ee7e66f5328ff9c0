"""How well the receptionist understands callers it has never met: `python -m bench.receptionist`.

Other people's synthesizers speak every held-out turn, the product's recogniser understands it and the product's
receptionist answers; then the facts are compared. Three ways of hearing tell whose errors they are: `text` (each word
as it was said: the receptionist alone), `expected` (the recogniser told what was asked, as in the product), `free` (the
recogniser told nothing). No set must ever be used to write or tune a grammar.
"""

import argparse
import asyncio
import itertools
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from bench import normalised, unseen, voices
from bench.caller import Answers, Conversation, Hear, as_said, finish

from antiphon import config
from antiphon.app import App, choose, options, store_of
from antiphon.events.dialogue import Json, ReplyDone
from antiphon.events.speech import Hearing, Transcript
from antiphon.ports.card import Port
from antiphon.ports.llm import LanguageModel
from antiphon.ports.stt import Transcriber

MOST_TURNS = 20

Item = TypeVar("Item", unseen.Turn, unseen.Call)


@dataclass(frozen=True, slots=True)
class Ear:
    """The product's recogniser listening to a synthesized voice."""

    transcriber: Transcriber
    voice: str
    expecting: bool

    async def __call__(self, text: str, done: ReplyDone) -> Transcript:
        """What is understood when `text` is said after the reply that `done` ended."""
        hearing = Hearing(language=done.language)
        if self.expecting:
            hearing = Hearing(language=done.language, expect=done.expect, phrases=done.phrases)
        return await self.transcriber.transcribe(voices.speak(text, self.voice), hearing)


@dataclass(slots=True)
class Result:
    """What came of one turn or one call.

    Attributes:
        kind: `turn` or `call`.
        hearing: `text`, `expected` or `free`.
        voice: the synthesizer's voice; empty for text.
        said: the caller's words, or the call's name.
        heard: what was understood of them; for a call, the whole conversation.
        facts: how many facts were expected.
        wrong: what is wrong, by fact (or `action`, `reply`).
        reached: whether the agent asked what the turn answers.
    """

    kind: str
    hearing: str
    voice: str
    said: str
    heard: str = ""
    facts: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    reached: bool = True

    @property
    def wrong_facts(self) -> int:
        """How many facts are wrong or missing."""
        return len(self.wrong.keys() - {"action", "reply"})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One held-out set, run against one language model."""

    model: LanguageModel
    data: unseen.Unseen
    judge: unseen.Judge

    async def turn(self, turn: unseen.Turn, hear: Hear, result: Result) -> Result:
        """Bring the agent to the turn's context, say it, and compare what came of it."""
        talk = Conversation(self.model, self.data.now)
        result.reached = await self._bring_to(talk, turn.context)
        if not result.reached:  # this agent never asks it: the caller volunteers it, as callers do
            talk = Conversation(self.model, self.data.now)
            await self._bring_to(talk, "opening")
        heard = await hear(turn.text, talk.done)
        result.heard, result.facts = heard.text, len(turn.facts)
        await talk.heard(heard)
        wrong = {} if any(w in talk.words.lower() for w in turn.reply or [""]) else {"reply": talk.words}
        wrong |= self.judge.wrong_facts(turn.facts, talk.values())
        if turn.action or turn.answers or wrong.keys() - {"reply"}:
            wrong = {k: v for k, v in wrong.items() if k == "reply"} | await self._follow_up(talk, turn)
        result.wrong = wrong
        return result

    async def _follow_up(self, talk: Conversation, turn: unseen.Turn) -> dict[str, str]:
        """Let the caller go on where the turn alone settles nothing, then compare.

        A turn with neither action nor answers of its own gets one "yes" to a read-back at most, as an agent may hold
        a fact back until it has been confirmed.
        """
        answers = Answers(turn.answers, self.data.preparation)
        if turn.action or turn.answers:
            await finish(talk, answers, most_turns=MOST_TURNS)
        elif talk.asked in {"confirm", "confirm_slot"} and not talk.over:
            await talk.say(answers.to("confirm"))
        wrong = self.judge.wrong_facts(turn.facts, talk.values())
        asked_for = [str(action.type) for action in talk.actions]
        if turn.action and asked_for[:1] != [turn.action]:
            wrong["action"] = f"expected {turn.action}, got {asked_for}"
        return wrong

    async def _bring_to(self, talk: Conversation, context: str) -> bool:
        await talk.open()
        if context == "opening":
            return True
        stops = {"day": {"day", "day_time"}, "day_time": {"day", "day_time"}, "confirm": {"confirm_slot"}}
        stop = stops.get(context, {context})
        script = dict(self.data.preparation)
        if context == "time":
            script["day_time"] = script["day"]
        answers = Answers(script)
        await talk.say(answers.to("opening"))
        while talk.asked not in stop and not (talk.over or talk.actions) and talk.turns < MOST_TURNS:
            await talk.say(answers.to(talk.asked))
        return talk.asked in stop and not talk.over

    async def call(self, call: unseen.Call, hear: Hear, result: Result) -> Result:
        """Hold a whole call and compare what came of it."""
        talk = Conversation(self.model, self.data.now)
        await talk.open()
        heard = await hear(call.opening, talk.done)
        await talk.heard(heard)
        await finish(talk, Answers(call.answers, self.data.anyone, must_hear=call.must_hear), hear, MOST_TURNS)
        result.heard = "\n".join(f"{m.speaker}: {m.text}" for m in talk.history)
        result.facts = len(call.facts)
        result.wrong = self.judge.wrong_facts(call.facts, talk.values())
        if not self.judge.action_right(call, talk.actions):
            got = [(str(a.type), a.facts.get("preferred_slots")) for a in talk.actions]
            result.wrong["action"] = f"expected {dict(call.action)}, got {got}"
        return result

    async def run(self, hearing: str, ears: Sequence[tuple[str, Hear]], *, rotate: bool) -> list[Result]:
        """All turns and calls by all `ears` (voice and hearing), or each by the next of them when they `rotate`."""
        results = []
        for (voice, hear), turn in _pairs(ears, self.data.turns, rotate=rotate):
            results.append(await self.turn(turn, hear, Result("turn", hearing, voice, turn.text)))
        for (voice, hear), call in _pairs(ears, self.data.calls, rotate=rotate):
            results.append(await self.call(call, hear, Result("call", hearing, voice, call.name)))
        return results


def _pairs(
    ears: Sequence[tuple[str, Hear]], items: Sequence[Item], *, rotate: bool
) -> Iterable[tuple[tuple[str, Hear], Item]]:
    return zip(itertools.cycle(ears), items, strict=False) if rotate else itertools.product(ears, items)


def summary(results: Sequence[Result]) -> dict[str, Json]:
    """The numbers of one way of hearing."""
    turns = [r for r in results if r.kind == "turn"]
    calls = [r for r in results if r.kind == "call"]
    facts = sum(r.facts for r in turns)
    stated = [r for r in turns if r.facts]
    return {
        "turns": len(turns),
        "turns_right": sum(not r.wrong for r in turns),
        "turns_with_facts": len(stated),
        "turns_with_facts_right": sum(not r.wrong_facts for r in stated),
        "facts": facts,
        "facts_right": facts - sum(r.wrong_facts for r in turns),
        "calls": len(calls),
        "actions_right": sum("action" not in r.wrong for r in calls),
        "call_facts": sum(r.facts for r in calls),
        "call_facts_right": sum(r.facts - r.wrong_facts for r in calls),
        "contexts_never_asked": sum(not r.reached for r in turns),
        "word_error_rate": normalised.word_error_rate([r.said for r in turns], [r.heard for r in turns]),
    }


def table(results: Sequence[Result]) -> str:
    """The numbers by way of hearing and voice, for people."""
    head = ("hearing", "voice", "turns right", "facts right", "actions right", "call facts", "WER")
    rows: list[tuple[str, ...]] = [head]
    for hearing in dict.fromkeys(r.hearing for r in results):
        of_hearing = [r for r in results if r.hearing == hearing]
        names = list(dict.fromkeys(r.voice for r in of_hearing))
        for voice in [*names, "all"] if len(names) > 1 else names:
            numbers = summary([r for r in of_hearing if voice in {"all", r.voice}])
            rows.append((hearing, voice or "-", *_cells(numbers)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _cells(numbers: dict[str, Json]) -> tuple[str, ...]:
    def share(right: str, of: str) -> str:
        n, total = numbers[right], numbers[of]
        assert isinstance(n, int)
        assert isinstance(total, int)
        return f"{n}/{total} {n / total:.1%}" if total else "-"

    rate = numbers["word_error_rate"]
    return (
        share("turns_right", "turns"),
        share("facts_right", "facts"),
        share("actions_right", "calls"),
        share("call_facts_right", "call_facts"),
        f"{rate:.1%}" if isinstance(rate, float) else "- (../shared absent)",
    )


def show(results: Sequence[Result]) -> str:
    """Everything that went wrong."""
    blocks = []
    for r in results:
        if r.wrong or not r.reached:
            lines = [f"[{r.hearing} {r.voice}] {r.said}", f"  heard: {r.heard}"]
            lines += [f"  {name}: {what}" for name, what in r.wrong.items()]
            lines += [] if r.reached else ["  (the agent never asked this; volunteered instead)"]
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


async def evaluate(arguments: argparse.Namespace) -> list[Result]:
    """Every way of hearing that the arguments ask for, with the engines of the built-in stack."""
    data = unseen.load(arguments.set)
    async with App(config.load(env={})) as app:
        practice = app.stack.practice
        evaluation = Evaluation(_receptionist(app), data, unseen.Judge(data.concepts, practice))
        results = await evaluation.run("text", [("", as_said)], rotate=False)
        for hearing in () if arguments.text_only else ("expected", "free"):
            transcriber = await app.transcriber()
            ears = [(voice, Ear(transcriber, voice, hearing == "expected")) for voice in arguments.voices]
            results += await evaluation.run(hearing, ears, rotate=arguments.round_robin)
        print(f"engines: {evaluation.model.card.name}, {app.engines_in_use}")
    return results


def _receptionist(app: App) -> LanguageModel:
    choice = choose(app.stack, store_of(app.stack), Port.LLM)
    return cast(LanguageModel, choice.engine.load(options(app.stack, store_of(app.stack), choice.engine)))


def main() -> None:
    """Run the evaluation and print it."""
    arguments = _arguments()
    try:
        if not arguments.text_only:
            voices.check(arguments.voices)
    except voices.VoiceMissing as missing:
        sys.exit(f"bench.receptionist: {missing}")
    results = asyncio.run(evaluate(arguments))
    if arguments.show:
        print(show(results), end="\n\n")
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(_as_json(results), indent=1), encoding="utf-8")


def _as_json(results: Sequence[Result]) -> dict[str, object]:
    hearings = dict.fromkeys(r.hearing for r in results)
    return {
        "summary": {hearing: summary([r for r in results if r.hearing == hearing]) for hearing in hearings},
        "results": [asdict(r) for r in results],
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=unseen.SETS, default=unseen.SETS[0], help="which held-out set (%(default)s)")
    parser.add_argument("--voices", type=lambda v: tuple(v.split(",")), default=("flite-rms", "festival-slt-hts"))
    parser.add_argument("--round-robin", action="store_true", help="each turn by the next voice, not by every voice")
    parser.add_argument("--text-only", action="store_true", help="no speech: the receptionist alone")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers and results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
