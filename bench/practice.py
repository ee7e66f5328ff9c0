"""Facts from spoken turns, on a set to tune by: `python -m bench.practice --show`.

Other people's synthesizers speak every turn of tests/data/practice, the product's recogniser hears it, and the
product's receptionist, brought by text to the question that the turn answers, reads it. Readers may be fitted to this
set, so its numbers say nothing about callers they have not met; what matters is what changes them. Transcripts are kept
under build/practice until the recogniser's code changes. `--set more` holds the turns and whole calls of that folder,
each by the next of the voices, and compares them as bench.receptionist does; `met1` to `met3` are sets that were held
out once.
"""

import argparse
import asyncio
import hashlib
import itertools
import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import cast

from bench import normalised, receptionist, unseen, voices
from bench.caller import Answers, Conversation, Hear, as_said, finish
from bench.unseen import instants, same_name

from antiphon import config
from antiphon.app import App, choose, options, store_of
from antiphon.engines.stt import moonshine_onnxruntime
from antiphon.events.dialogue import Json, ReplyDone
from antiphon.events.speech import Hearing, Transcript
from antiphon.ports.card import Port
from antiphon.ports.llm import LanguageModel
from antiphon.ports.stt import Transcriber

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data" / "practice"
TURNS = DATA / "turns.toml"
FOLDERS = ("more", "more2", "more3", "more4", "met1", "met2", "met3")
"""Sets of turns and whole calls in the form of the held-out ones."""
KEPT = ROOT / "build" / "practice"
HEARINGS = ("text", "expected", "free")
MOST_TURNS = 12
_SCRIPT = {
    "opening": "I'd like to book a check-up.",
    "reason": "A check-up.",
    "day_time": "Wednesday the second of December at ten.",
    "day": "Wednesday the second of December.",
    "time": "At ten.",
    "name": "Martin Baker.",
    "phone": "079 111 22 33",
    "existing_appointment": "It was on Friday at nine.",
    "confirm": "Yes.",
    "correction": "Yes.",
    "callback": "Yes.",
    "anything_else": "No, thank you.",
    "fallback": "I don't know.",
}
_FACTS = {
    "phone": "phone_e164",
    "name": "caller_name",
    "day_time": "preferred_slots",
    "day": "preferred_slots",
    "time": "preferred_slots",
    "reason": "reason",
    "date_of_birth": "date_of_birth",
}
_STOPS = {
    "phone": {"phone"},
    "name": {"name"},
    "day_time": {"day_time"},
    "day": {"day_time"},
    "time": {"time"},
    "confirm": {"confirm", "confirm_slot"},
    "correction": {"confirm", "confirm_slot"},
    "reason": {"reason"},
    "date_of_birth": {"name"},
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the set: facts by name, or the action that it should lead to ("" for none)."""

    context: str
    text: str
    facts: dict[str, Json] = field(default_factory=dict)
    action: str | None = None


@dataclass(slots=True)
class Result:
    """How one turn was heard and what is wrong with its facts, by name."""

    turn: Turn
    hearing: str
    voice: str
    heard: Transcript
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> int:
        """How many facts (or actions) the turn tells."""
        return len(self.turn.facts) + (self.turn.action is not None)


def load(contexts: Sequence[str], file: Path = TURNS) -> tuple[datetime, list[Turn]]:
    """The time of the calls in `file`, and the turns of `contexts` (of all where there are none)."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    now = datetime.fromisoformat(tables.pop("now"))
    wanted = {name: table for name, table in tables.items() if not contexts or name in contexts}
    return now, [_turn(context, text, told) for context, table in wanted.items() for text, told in table.items()]


def _turn(context: str, text: str, told: str | dict[str, Json]) -> Turn:
    if context in {"confirm", "moving"}:
        return Turn(context, text, action=str(told))
    facts: dict[str, Json] = dict(told) if isinstance(told, dict) else {_FACTS[context]: told}
    if "preferred_slots" in facts:
        facts["preferred_slots"] = [f"{facts['preferred_slots']}:00+01:00"]
    return Turn(context, text, facts)


def _right(name: str, expected: Json, got: Json) -> bool:
    if got is None:
        return False
    if name == "caller_name":
        return same_name(str(expected), str(got))
    if name == "preferred_slots":
        return instants(expected) == instants(got)
    return expected == got


class Ears:
    """The recogniser, with what it has heard before."""

    def __init__(self, transcriber: Transcriber) -> None:
        folder = Path(moonshine_onnxruntime.__file__).parent
        code = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
        self._file = KEPT / f"{hashlib.sha256(code).hexdigest()[:16]}.json"
        self._kept = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self._transcriber = transcriber

    async def hear(self, text: str, voice: str, hearing: Hearing) -> Transcript:
        """What is understood when `voice` says `text`."""
        key = f"{voice}|{hearing.expect}|{','.join(hearing.phrases)}|{text}"
        if key not in self._kept:
            samples = await asyncio.to_thread(voices.speak, text, voice)
            heard = await self._transcriber.transcribe(samples, hearing)
            self._kept[key] = {"text": heard.text, "confidence": heard.confidence, "or": heard.alternatives}
        kept = self._kept[key]
        return Transcript(kept["text"], kept["confidence"], "en", 0.0, "kept", alternatives=tuple(kept["or"]))

    def listening_to(self, voice: str, hearing: str) -> Hear:
        """How what `voice` says in a conversation is heard."""

        async def hear(text: str, done: ReplyDone) -> Transcript:
            return await self.hear(text, voice, _told(hearing, done))

        return hear

    def keep(self) -> None:
        """Write down what was heard."""
        KEPT.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._kept), encoding="utf-8")


def _told(hearing: str, done: ReplyDone) -> Hearing:
    if hearing == "expected":
        return Hearing(language="en", expect=done.expect, phrases=done.phrases)
    return Hearing(language="en")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The set, run against one language model."""

    model: LanguageModel
    ears: Ears
    now: datetime
    at_once: asyncio.Semaphore

    async def run(self, turn: Turn, hearing: str, voice: str) -> Result:
        """Bring the agent to the turn's question, say it, and compare what came of it."""
        async with self.at_once:
            talk = await self._brought_to(turn.context)
            heard = await self._heard(turn.text, hearing, voice, talk.done)
            result = Result(turn, hearing, voice, heard)
            await talk.heard(heard)
            if turn.context in {"day_time", "day", "time", "opening", "correction", "moving"} and talk.asked:
                await finish(talk, Answers(_SCRIPT), most_turns=MOST_TURNS)
            result.wrong = self._wrong(turn, talk)
            return result

    def _wrong(self, turn: Turn, talk: Conversation) -> dict[str, str]:
        got = talk.values()
        wrong = {
            name: f"expected {value!r}, got {got.get(name)!r}"
            for name, value in turn.facts.items()
            if not _right(name, value, got.get(name))
        }
        actions = [str(action.type) for action in talk.actions]
        if turn.action is not None and actions[:1] != ([turn.action] if turn.action else []):
            wrong["action"] = f"expected {turn.action!r}, got {actions}"
        return wrong

    async def _heard(self, text: str, hearing: str, voice: str, done: ReplyDone) -> Transcript:
        if hearing == "text":
            return Transcript(text=text, confidence=1.0, language="en", duration_s=0.0, engine="perfect")
        return await self.ears.hear(text, voice, _told(hearing, done))

    async def _brought_to(self, context: str) -> Conversation:
        talk = Conversation(self.model, self.now)
        await talk.open()
        if context in {"opening", "moving"}:
            return talk
        script = dict(_SCRIPT)
        if context == "reason":
            script["opening"] = "I'd like to make an appointment."
        if context == "time":
            script["day_time"] = script["day"]
        answers = Answers(script)
        await talk.say(answers.to("opening"))
        while talk.asked not in _STOPS[context]:
            if talk.over or talk.turns >= MOST_TURNS:
                raise RuntimeError(f"the agent never asks for {context}: {talk.words}")
            await talk.say(answers.to(talk.asked))
        return talk


def table(results: Sequence[Result]) -> Iterator[str]:
    """Facts right and word error rate by hearing and context, and by voice."""
    yield f"{'hearing':9} {'':14} {'facts right':>15} {'WER':>7}"
    for hearing in dict.fromkeys(r.hearing for r in results):
        of_hearing = [r for r in results if r.hearing == hearing]
        for name in [*dict.fromkeys(r.turn.context for r in of_hearing), *dict.fromkeys(r.voice for r in of_hearing)]:
            yield _line(hearing, name or "-", [r for r in of_hearing if name in {r.turn.context, r.voice}])
        yield _line(hearing, "all", of_hearing)


def _line(hearing: str, name: str, results: Sequence[Result]) -> str:
    facts = sum(r.facts for r in results)
    right = facts - sum(len(r.wrong) for r in results)
    rate = normalised.word_error_rate([r.turn.text for r in results], [r.heard.text for r in results])
    wer = "-" if rate is None else f"{rate:.1%}"
    return f"{hearing:9} {name:16} {right:>4}/{facts:<4} {right / facts:>5.1%} {wer:>7}"


def shown(results: Sequence[Result]) -> Iterator[str]:
    """Everything that went wrong."""
    for r in results:
        if r.wrong:
            yield f"[{r.hearing} {r.turn.context} {r.voice}] {r.turn.text}\n  heard: {r.heard.text}"
            yield from (f"  or: {text}" for text in r.heard.alternatives)
            yield from (f"  {name}: {what}" for name, what in r.wrong.items())


async def evaluate(arguments: argparse.Namespace) -> list[Result]:
    """Every way of hearing that the arguments ask for, with the engines of the built-in stack."""
    now, turns = load(arguments.contexts, arguments.turns)
    async with App(config.load(env={})) as app:
        ears = Ears(await app.transcriber())
        evaluation = Evaluation(_receptionist(app), ears, now, asyncio.Semaphore(2))
        work = []
        for hearing, (index, turn) in itertools.product(arguments.hearings, enumerate(turns)):
            speakers = itertools.islice(itertools.cycle(arguments.voices), index, index + arguments.voices_each)
            work += [evaluation.run(turn, hearing, voice) for voice in (speakers if hearing != "text" else ("",))]
        results = await asyncio.gather(*work)
        ears.keep()
    return results


async def evaluate_folder(arguments: argparse.Namespace) -> list[receptionist.Result]:
    """The turns and calls of one of `FOLDERS`, held as the held-out ones are."""
    folder = DATA / arguments.set
    data = unseen.read(folder / "turns.toml", folder / "calls.toml")
    if arguments.contexts:
        data = replace(data, turns=tuple(t for t in data.turns if t.context in arguments.contexts), calls=())
    async with App(config.load(env={})) as app:
        ears = Ears(await app.transcriber())
        judge = unseen.Judge(data.concepts, app.stack.practice)
        evaluation = receptionist.Evaluation(_receptionist(app), data, judge)
        results = []
        for hearing in arguments.hearings:
            speakers = [(voice, ears.listening_to(voice, hearing)) for voice in arguments.voices]
            results += await evaluation.run(hearing, [("", as_said)] if hearing == "text" else speakers, rotate=True)
        ears.keep()
    return results


def _receptionist(app: App) -> LanguageModel:
    store = store_of(app.stack)
    choice = choose(app.stack, store, Port.LLM)
    return cast(LanguageModel, choice.engine.load(options(app.stack, store, choice.engine)))


def main() -> None:
    """Run the evaluation and print it."""
    arguments = _arguments()
    if arguments.set in FOLDERS:
        spoken = asyncio.run(evaluate_folder(arguments))
        if arguments.show:
            print(receptionist.show(spoken), end="\n\n")
        print(receptionist.table(spoken))
        return
    results = asyncio.run(evaluate(arguments))
    if arguments.show:
        print("\n".join(shown(results)), end="\n\n")
    print("\n".join(table(results)))


def _arguments() -> argparse.Namespace:
    def listed(text: str) -> tuple[str, ...]:
        return tuple(text.split(","))

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=("turns", *FOLDERS), default="turns", help="which set (%(default)s)")
    parser.add_argument("--voices", type=listed, default=voices.VOICES)
    parser.add_argument("--hearings", type=listed, default=HEARINGS, help="of text, expected and free")
    parser.add_argument("--contexts", type=listed, default=(), help="only these kinds of turns")
    parser.add_argument("--turns", type=Path, default=TURNS, metavar="FILE", help="another set of turns")
    parser.add_argument("--voices-each", type=int, default=1, help="voices, by turns, that speak each turn")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    return parser.parse_args()


if __name__ == "__main__":
    main()
