"""Long recordings: where they are cut, and how the parts are put together."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from antiphon.errors import EngineFailed
from antiphon.events.speech import Hearing, Samples, Segment, Transcript, Word
from antiphon.ports.card import Card, Port
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.stt.cutting import LONGEST_PAUSE, MARGIN, cut, levels
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.windows import Windowed, stitch
from antiphon.testing.speech import LevelVoiceActivity, Phrasebook
from antiphon.testing.transcribers import ScriptedTranscriber

RATE_HZ = 16_000
CARD = Card("windowed", Port.STT, "hears four seconds", ("en",), window_s=4.0)


@st.composite
def recordings(draw: st.DrawFn) -> tuple[Samples, Samples, int]:
    """Probabilities and levels of a recording, and how much may be in a part."""
    runs = draw(st.lists(st.tuples(st.booleans(), st.integers(1, 150)), max_size=20))
    speech = np.concatenate(
        [np.full(n, 0.9 if voiced else 0.1, np.float32) for voiced, n in runs] or [np.zeros(0, np.float32)]
    )
    level = np.random.default_rng(draw(st.integers(0, 99))).random(len(speech)).astype(np.float32)
    return speech, level, draw(st.integers(1, 200))


@given(recordings())
def test_parts_hold_all_speech_in_order_and_none_is_too_long(recording: tuple[Samples, Samples, int]) -> None:
    speech, level, most = recording
    parts = cut(speech, level, most)
    covered = np.zeros(len(speech), int)
    for part in parts:
        assert 0 <= part.first < part.last <= len(speech)
        assert part.last - part.first <= most
        covered[part.first : part.last] += 1
    assert all(a.last <= b.first for a, b in pairwise(parts))
    assert covered[speech >= 0.5].min(initial=1) == 1
    assert all((speech[part.first : part.last] >= 0.5).any() for part in parts)


@given(recordings())
def test_what_is_far_from_speech_is_left_out(recording: tuple[Samples, Samples, int]) -> None:
    speech, level, most = recording
    voiced = np.flatnonzero(speech >= 0.5)
    for part in cut(speech, level, most):
        for window in range(part.first, part.last):
            assert np.abs(voiced - window).min() <= max(MARGIN, LONGEST_PAUSE)


def test_the_longest_pause_of_the_second_half_is_cut_through() -> None:
    speech = np.full(300, 0.9, np.float32)
    speech[20:50] = 0.1  # a long pause, but in the first half
    speech[70:74] = 0.1
    speech[80:90] = 0.1
    level = np.zeros(300, np.float32)
    assert cut(speech, level, 100)[0].last in range(80, 90)


def test_without_a_pause_the_cut_is_where_it_is_quietest() -> None:
    speech = np.full(150, 0.9, np.float32)
    level = np.ones(150, np.float32)
    level[57] = 0.0  # shorter than a syllable: a stop consonant
    level[70:76] = 0.2
    assert cut(speech, level, 100)[0].last in range(70, 76)


def test_levels_are_root_mean_squares() -> None:
    samples = np.concatenate([np.full(WINDOW_SAMPLES, 0.5), np.full(WINDOW_SAMPLES // 2, 1.0)]).astype(np.float32)
    assert levels(samples) == pytest.approx([0.5, np.sqrt(0.5)])


class PhrasebookEngine:
    """Hears what a phrasebook said, with times, and nothing longer than its window."""

    card = CARD

    def __init__(self, book: Phrasebook) -> None:
        self.book = book
        self.lengths: list[int] = []

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        assert len(samples) <= CARD.window_s * RATE_HZ
        self.lengths.append(len(samples))
        edges = [0, *(np.flatnonzero(np.diff(samples)) + 1), len(samples)]
        words = [
            Word(self.book.hear(samples[start:end]), start / RATE_HZ, end / RATE_HZ)
            for start, end in pairwise(edges)
            if end - start == self.book.word_samples and samples[start] > 0
        ]
        text = " ".join(word.word for word in words)
        segments = (Segment(text, 0.0, len(samples) / RATE_HZ, (1, 2), -0.1),) if text else ()
        seconds = len(samples) / RATE_HZ
        return Transcript(text, 0.9, "en", seconds, "book", tuple(words), no_speech=not text, segments=segments)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        return self.book.hear(samples)


@settings(max_examples=15, phases=(Phase.explicit, Phase.generate))
@given(st.lists(st.tuples(st.integers(2, 9), st.floats(0.4, 5.0)), min_size=1, max_size=5))
async def test_every_word_is_heard_once_and_placed_where_it_was_said(phrases: list[tuple[int, float]]) -> None:
    book, sound, said, at = Phrasebook(), [np.zeros(8000, np.float32)], [], 8000
    for index, (count, pause_s) in enumerate(phrases):
        for number in range(count):
            word = f"w{index}-{number}"
            said.append((word, at / RATE_HZ))
            sound += [book.say(word), np.zeros(3200, np.float32)]
            at += book.word_samples + 3200
        sound.append(np.zeros(int(pause_s * RATE_HZ), np.float32))
        at += len(sound[-1])
    samples = np.concatenate(sound)
    detector = SpeechDetector([LevelVoiceActivity()])
    heard = await Windowed(PhrasebookEngine(book), detector).transcribe(samples, Hearing(words=True))
    detector.close()
    assert [word.word for word in heard.words] == [word for word, _ in said]
    assert [word.start_s for word in heard.words] == pytest.approx([at_s for _, at_s in said])
    assert heard.text == " ".join(word for word, _ in said)
    assert heard.duration_s == len(samples) / RATE_HZ
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in zip(heard.segments, heard.segments[1:], strict=False))


def speech(seconds: float) -> Samples:
    return np.full(int(seconds * RATE_HZ), 0.3, np.float32)


async def test_short_recordings_are_handed_on_as_they_are() -> None:
    engine = ScriptedTranscriber("as it is", card=CARD)
    windowed = Windowed(engine, SpeechDetector([LevelVoiceActivity()]))
    assert (await windowed.transcribe(speech(3.9), Hearing())).text == "as it is"
    assert engine.calls[0][0] == len(speech(3.9))


async def test_no_more_parts_are_heard_at_once_than_allowed() -> None:
    engine = ScriptedTranscriber("part", card=CARD)
    windowed = Windowed(engine, SpeechDetector([LevelVoiceActivity()]), parallel=3)
    heard = await windowed.transcribe(speech(60), Hearing())
    assert engine.most == 3
    assert heard.text == " ".join(["part"] * len(engine.calls))
    assert len(engine.calls) <= 31  # at least half of the window each


async def test_a_long_silence_is_not_heard_at_all() -> None:
    engine = ScriptedTranscriber("invented", card=CARD)
    windowed = Windowed(engine, SpeechDetector([LevelVoiceActivity()]))
    heard = await windowed.transcribe(np.zeros(10 * RATE_HZ, np.float32), Hearing(language="de"))
    assert (heard.text, heard.no_speech, heard.language, heard.duration_s) == ("", True, "de", 10.0)
    assert engine.calls == []


async def test_a_part_that_fails_fails_the_recording_and_ends_the_others() -> None:
    engine = ScriptedTranscriber("fine", EngineFailed("x", code="gpu_oom"), card=CARD)
    windowed = Windowed(engine, SpeechDetector([LevelVoiceActivity()]))
    with pytest.raises(EngineFailed) as failed:
        await windowed.transcribe(speech(30), Hearing())
    assert failed.value.code == "gpu_oom"
    assert engine.running == 0


def part(text: str, language: str = "en", duration_s: float = 4.0, **facts: Any) -> Transcript:
    return Transcript(text, 0.9, language, duration_s, "x", **facts)


def test_stitched_language_is_that_of_most_speech() -> None:
    parts = [
        part("eins", "de", 3.0, language_probability=0.9),
        part("two", "en", 4.0, language_probability=0.6),
        part("drei", "de", 2.0, language_probability=0.4),
        part("", "fr", 9.0, language_probability=0.9, no_speech=True),
    ]
    whole = stitch(parts, [0.0, 10.0, 20.0, 30.0], 40.0)
    assert (whole.text, whole.language, whole.no_speech) == ("eins two drei", "de", False)
    assert whole.language_probability == pytest.approx((3 * 0.9 + 2 * 0.4) / 5)


def test_stitched_confidence_is_over_all_tokens_or_else_the_worst() -> None:
    first = part("a", segments=(Segment("a", 0, 1, (1, 2, 3), np.log(0.9)),))
    second = part("b", segments=(Segment("b", 0, 1, (1,), np.log(0.1)),))
    assert stitch([first, second], [0, 5], 9).confidence == pytest.approx((0.9**3 * 0.1) ** 0.25)
    assert stitch([first, part("c")], [0, 5], 9).confidence == 0.9


def test_stitched_reasons_are_told_once_and_languages_without_spaces_have_none() -> None:
    parts = [part("你好", "zh", degraded=("clip_frames",)), part("世界", "zh", degraded=("clip_frames", "other"))]
    whole = stitch(parts, [0, 5], 9)
    assert (whole.text, whole.degraded) == ("你好世界", ("clip_frames", "other"))
