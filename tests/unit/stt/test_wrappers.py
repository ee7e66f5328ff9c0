"""The speech gate and word times: a recogniser wrapped in its own port."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from antiphon.errors import EngineFailed
from antiphon.events.speech import Hearing, Samples, Transcript, Word
from antiphon.ports.card import Card, Port
from antiphon.stt.segmented import Segmented
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.speech_gate import SpeechGate
from antiphon.stt.word_times import WordTimes
from antiphon.testing.speech import LevelVoiceActivity

RATE_HZ = 16_000
HEARING = Hearing(words=True)


@dataclass
class Parrot:
    """A recogniser that always says the same two words, each half of the recording."""

    card: Card = field(default_factory=lambda: Card("parrot", Port.STT, "says hello there", languages=("en",)))
    heard: list[int] = field(default_factory=list)

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        self.heard.append(len(samples))
        end_s = len(samples) / RATE_HZ
        words = (Word("hello", 0.0, end_s / 2, 0.9), Word("there", end_s / 2, end_s, 0.8)) if hearing.words else ()
        return Transcript("Hello there.", 0.9, "en", end_s, "parrot", words)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return "Hello"


class Exact(Parrot):
    """Its words are written as they stand in the text."""

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        heard = await super().transcribe(samples, hearing)
        return replace(heard, words=tuple(replace(w, word=w.word.replace("hello", "Hello")) for w in heard.words))


@pytest.mark.proves("P-5")
async def test_segments_are_the_same_with_words_and_without() -> None:
    placed = WordTimes(Segmented(Exact()), FixedAligner())
    silent, told = [await placed.transcribe(tone(2.0, 0.1), Hearing(words=words)) for words in (False, True)]
    assert (silent.words, told.words[0]) == ((), Word("Hello", 0.1, 0.4, 0.9))
    (segment,) = silent.segments
    assert silent.segments == told.segments
    assert (segment.text, segment.start_s, segment.end_s) == ("Hello there.", 0.0, 2.0)
    assert segment.avg_logprob == pytest.approx(np.log([0.9, 0.8]).mean())
    assert await placed.draft(tone(2.0, 0.1), Hearing()) == "Hello"


@dataclass
class FixedAligner:
    """An aligner that found the first word only, or breaks."""

    card: Card = field(default_factory=lambda: Card("fixed", Port.ALIGN, "finds one word"))
    broken: bool = False

    async def align(self, samples: Samples, text: str) -> tuple[tuple[float, float] | None, ...]:
        if self.broken:
            raise EngineFailed("gone")
        return ((0.1, 0.4), None)


def tone(seconds: float, level: float) -> Samples:
    return np.full(int(seconds * RATE_HZ), level, np.float32)


@pytest.mark.parametrize("silence", [tone(2.0, 0.0), tone(2.0, np.nan)])
async def test_silence_never_reaches_the_recogniser(silence: Samples) -> None:
    parrot = Parrot()
    detector = SpeechDetector([LevelVoiceActivity()])
    gate = SpeechGate(parrot, detector)
    transcript = await gate.transcribe(silence, HEARING)
    assert (transcript.text, transcript.no_speech, parrot.heard) == ("", True, [])
    assert transcript.duration_s == 2.0
    detector.close()


async def test_speech_at_the_very_end_is_heard() -> None:
    parrot = Parrot()
    detector = SpeechDetector([LevelVoiceActivity()])
    gate = SpeechGate(parrot, detector)
    speech = np.concatenate([tone(3.0, 0.0), tone(0.1, 0.3)])
    assert (await gate.transcribe(speech, HEARING)).text == "Hello there."
    assert parrot.heard == [len(speech)]
    detector.close()


async def test_short_answers_pass_unseen() -> None:
    parrot = Parrot()
    detector = SpeechDetector([LevelVoiceActivity()])
    gate = SpeechGate(parrot, detector)
    assert (await gate.transcribe(tone(0.3, 0.0), HEARING)).text == "Hello there."
    detector.close()


async def test_words_get_aligned_times_and_keep_their_own_where_none_was_found() -> None:
    transcript = await WordTimes(Parrot(), FixedAligner()).transcribe(tone(2.0, 0.1), HEARING)
    assert transcript.words == (Word("hello", 0.1, 0.4, 0.9), Word("there", 1.0, 2.0, 0.8))


@dataclass
class Fixed(Parrot):
    """A recogniser that always says the same."""

    said: Transcript = field(default_factory=lambda: Transcript("", 0.9, "en", 4.0, "parrot"))

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        return self.said


@dataclass
class SomeTimes(FixedAligner):
    """An aligner of English that finds the first word and the last."""

    card: Card = field(default_factory=lambda: Card("some", Port.ALIGN, "finds two words", languages=("en",)))

    async def align(self, samples: Samples, text: str) -> tuple[tuple[float, float] | None, ...]:
        return ((0.5, 1.0), *(None for _ in text.split()[2:]), (1.5, 2.0))


async def test_words_that_were_not_found_stay_between_those_that_were() -> None:
    own = (Word("one", 0.0, 0.3), Word("two", 0.3, 0.6), Word("three", 1.2, 3.0), Word("four", 3.0, 4.0))
    said = Transcript("One, two, three, four.", 0.9, "en", 4.0, "parrot", words=own)
    words = (await WordTimes(Fixed(said=said), SomeTimes()).transcribe(tone(4.0, 0.1), HEARING)).words
    assert [(word.start_s, word.end_s) for word in words] == [(0.5, 1.0), (1.0, 1.0), (1.2, 1.5), (1.5, 2.0)]


@pytest.mark.parametrize(
    ("text", "language", "translate"),
    [("eins zwei", "de", False), ("one two", "en", True), ("one-two", "en", False), ("一二", "ja", False)],
)
async def test_words_that_the_aligner_cannot_know_keep_their_own_times(
    text: str, language: str, translate: bool
) -> None:
    own = (Word("one", 0.0, 0.3), Word("two", 0.3, 0.6))
    said = Transcript(text, 0.9, language, 4.0, "parrot", words=own)
    hearing = Hearing(words=True, translate=translate)
    assert (await WordTimes(Fixed(said=said), SomeTimes()).transcribe(tone(4.0, 0.1), hearing)).words == own


async def test_broken_aligner_costs_only_the_exact_times() -> None:
    transcript = await WordTimes(Parrot(), FixedAligner(broken=True)).transcribe(tone(2.0, 0.1), HEARING)
    assert transcript.text == "Hello there."
    assert transcript.words[0].end_s == 1.0


async def test_nothing_is_aligned_unasked() -> None:
    times = WordTimes(Parrot(), FixedAligner(broken=True))
    assert (await times.transcribe(tone(2.0, 0.1), Hearing())).words == ()
