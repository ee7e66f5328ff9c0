"""Subtitles: exact stamps, readable cues, whatever the engine says of its words."""

import math
import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.events.speech import Segment, Transcript, Word
from antiphon.stt.subtitles import COLUMNS, Cue, cues, srt, vtt

STAMP = r"\d{2,}:[0-5]\d:[0-5]\d"


def spoken(
    text: str, *, start_s: float = 0.0, word_s: float = 0.4, pauses: dict[str, float] | None = None
) -> Transcript:
    """`text` with a word every `word_s`, and a pause after those named."""
    words, at = [], start_s
    for token in text.split():
        words.append(Word(token.strip(",.?!"), at, at + word_s, 0.9))
        at += word_s + (pauses or {}).get(token, 0.0)
    return Transcript(text, 0.9, "en", at, "fixed", words=tuple(words))


def columns(line: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line if not unicodedata.combining(c))


def test_both_formats_to_the_letter() -> None:
    shown = (Cue(0, 1_000, ("Rock & roll <3",)), Cue(3_599_999, 360_001_001, ("one --> two", "three")))
    assert srt(shown) == (
        "1\n00:00:00,000 --> 00:00:01,000\nRock & roll <3\n\n2\n00:59:59,999 --> 100:00:01,001\none → two\nthree\n\n"
    )
    assert vtt(shown) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.000\nRock &amp; roll &lt;3\n\n"
        "00:59:59.999 --> 100:00:01.001\none --&gt; two\nthree\n\n"
    )


def test_nothing_said_is_no_cue() -> None:
    nothing = Transcript("", 1.0, "en", 3.0, "fixed", no_speech=True)
    assert cues(nothing) == ()
    assert srt(()) == ""
    assert vtt(()) == "WEBVTT\n\n"


def test_stamps_are_the_times_of_the_words() -> None:
    (only,) = cues(spoken("Good morning to you.", start_s=1.2345))
    assert only == Cue(1234, 2834, ("Good morning to you.",))


def test_a_cue_ends_with_its_sentence() -> None:
    shown = cues(spoken("I would like an appointment. Is Thursday possible? I can come at ten."))
    assert [" ".join(cue.lines) for cue in shown] == [
        "I would like an appointment.",
        "Is Thursday possible?",
        "I can come at ten.",
    ]


def test_a_cue_ends_at_a_pause() -> None:
    shown = cues(spoken("well let me think about it Thursday would be fine", pauses={"it": 1.5}))
    assert [(cue.start_ms, cue.end_ms, " ".join(cue.lines)) for cue in shown] == [
        (0, 2400, "well let me think about it"),
        (3900, 5500, "Thursday would be fine"),
    ]


def test_short_answers_share_a_cue_so_that_each_stands_long_enough() -> None:
    shown = cues(spoken("Yes. No. Well. I will come on Thursday at ten in the morning.", word_s=0.3))
    assert shown[0].lines[0].startswith("Yes. No. Well.")
    assert all(cue.end_ms - cue.start_ms >= 1000 for cue in shown)


def test_a_long_sentence_is_cut_at_its_marks_into_even_lines() -> None:
    text = (
        "When the practice opens in the morning we take the calls of the night, "
        "and then we ring everybody back who has left a number, because that is only fair."
    )
    shown = cues(spoken(text, word_s=0.3))
    assert [cue.lines for cue in shown] == [
        ("When the practice opens in the morning", "we take the calls of the night,"),
        ("and then we ring everybody back who has", "left a number, because that is only fair."),
    ]


def test_a_single_word_is_shown_for_a_second() -> None:
    (only,) = cues(spoken("Yes.", start_s=0.2, word_s=0.1))
    assert (only.start_ms, only.end_ms) == (200, 1200)


def test_without_word_times_segments_are_shared_by_length() -> None:
    own = (Segment(" Good morning.", 1.0, 2.5), Segment(" Is Thursday possible?", 4.0, 6.0))
    shown = cues(Transcript("Good morning. Is Thursday possible?", 0.9, "en", 7.0, "fixed", segments=own))
    assert [" ".join(cue.lines) for cue in shown] == ["Good morning.", "Is Thursday possible?"]
    assert shown[0].start_ms == pytest.approx(1000, abs=50)
    assert shown[1].start_ms == pytest.approx(4000, abs=50)
    assert shown[1].end_ms == pytest.approx(6000, abs=100)


def test_wide_letters_take_two_columns() -> None:
    shown = cues(Transcript("本日は晴天なり" * 12, 0.9, "ja", 30.0, "fixed"))
    assert "".join("".join(cue.lines) for cue in shown) == "本日は晴天なり" * 12
    assert max(columns(line) for cue in shown for line in cue.lines) <= COLUMNS


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Any text with any times: missing, unordered, at once, endless words."""
    letters = st.text("abcdefgé今は,.?!-'&<>", min_size=1, max_size=draw(st.sampled_from([8, 100])))
    said = draw(st.lists(letters, max_size=60))
    text = draw(st.sampled_from([" ", "\n", "", ". "])).join(said)
    seconds = st.floats(-5, 7200) | st.just(math.nan) | st.just(1.0)
    words = tuple(Word(word, draw(seconds), draw(seconds)) for word in said if draw(st.booleans()))
    return Transcript(text, 0.9, "en", draw(st.floats(0, 7200)), "any", words=words)


@st.composite
def calm(draw: st.DrawFn) -> Transcript:
    """Speech at a human pace, in order."""
    said = draw(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=80))
    ends = draw(st.lists(st.sampled_from(["", "", "", ",", ".", "?"]), min_size=len(said), max_size=len(said)))
    at, words = draw(st.floats(0, 5)), []
    for word in said:
        length_s = draw(st.floats(0.08, 0.1)) * (len(word) + 2)
        words.append(Word(word, at, at + length_s, 0.9))
        at += length_s + draw(st.sampled_from([0.0, 0.0, 0.02, 0.6, 2.0]))
    text = " ".join(word + end for word, end in zip(said, ends, strict=True))
    return Transcript(text, 0.9, "en", at + 1.0, "fixed", words=tuple(words))


@given(transcripts() | calm())
def test_cues_are_readable_whatever_the_engine_says(heard: Transcript) -> None:
    shown = cues(heard)
    assert "".join("".join(cue.lines) for cue in shown).replace(" ", "") == re.sub(r"\s", "", heard.text)
    assert all(1 <= len(cue.lines) <= 2 and all(cue.lines) for cue in shown)
    assert all(columns(line) <= COLUMNS for cue in shown for line in cue.lines)
    assert all(cue.start_ms >= 0 and cue.end_ms - cue.start_ms >= 1000 for cue in shown)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(shown))


@given(calm())
def test_at_a_human_pace_every_cue_begins_with_its_word(heard: Transcript) -> None:
    starts = {round(word.start_s * 1000) for word in heard.words}
    late = [cue for cue in cues(heard) if cue.start_ms not in starts]
    # Cues of two full lines in less than a second are beyond any pace; all others are on time.
    assert late == []


@given(transcripts() | calm())
def test_files_can_be_read_again(heard: Transcript) -> None:
    shown = cues(heard)
    blocks = srt(shown).split("\n\n")[:-1]
    assert len(blocks) == len(shown)
    for number, (block, cue) in enumerate(zip(blocks, shown, strict=True), 1):
        index, stamp, *lines = block.split("\n")
        assert int(index) == number
        assert re.fullmatch(f"{STAMP},\\d{{3}} --> {STAMP},\\d{{3}}", stamp)
        assert len(lines) == len(cue.lines)
    head, *rest = vtt(shown).split("\n\n")[:-1]
    assert head == "WEBVTT"
    assert all(re.fullmatch(f"{STAMP}\\.\\d{{3}} --> {STAMP}\\.\\d{{3}}", part.split("\n")[0]) for part in rest)
    assert not any("<" in part or part.count("-->") != 1 for part in rest)
