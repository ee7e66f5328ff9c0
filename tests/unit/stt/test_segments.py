"""Text laid along time, and the segments and JSON made of it."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.events.speech import Segment, Transcript, Word
from antiphon.stt.account import Account, Routing
from antiphon.stt.placed_text import pieces
from antiphon.stt.segments import compression_ratio, segments, sentences
from antiphon.stt.verbose import verbose

TEXT = "Good morning, Dr. Miller. Is it  open — today?"
WORDS = (
    Word("Good", 0.5, 0.7, 0.9),
    Word("morning", 0.7, 1.1, 0.9),
    Word("Dr", 1.2, 1.4, 0.8),
    Word("Miller", 1.4, 1.9, 0.8),
    Word("Is", 2.0, 2.1, 0.5),
    Word("it", 2.1, 2.2, 0.5),
    Word("open", 2.2, 2.6, 0.5),
    Word("today", 3.9, 4.2, 0.25),
)
HEARD = Transcript(TEXT, 0.81, "en", 5.0, "fixed", words=WORDS)


def test_pieces_are_the_text_with_the_times_of_its_words() -> None:
    found = pieces(HEARD)
    assert "".join(piece.text for piece in found) == TEXT
    assert [(piece.start_s, piece.end_s) for piece in found] == [(w.start_s, w.end_s) for w in WORDS]
    assert [piece.text.strip() for piece in found if piece.ends_sentence] == ["Miller.", "today?"]


def test_a_word_that_is_not_in_the_text_costs_no_other_its_time() -> None:
    odd = replace(HEARD, words=(*WORDS[:3], Word("Meyer", 1.4, 1.9), *WORDS[4:]))
    by_text = {piece.text.strip(): piece for piece in pieces(odd)}
    assert by_text["open —"].start_s == 2.2
    assert 1.4 <= by_text["Miller."].start_s <= by_text["Miller."].end_s <= 2.0


def test_without_word_times_segments_place_the_text() -> None:
    own = (Segment(" One two.", 1.0, 2.0), Segment(" Three four.", 4.0, 5.0))
    found = pieces(Transcript("One two. Three four.", 0.9, "en", 6.0, "fixed", segments=own))
    assert [piece.text for piece in found] == ["One", " two.", " Three", " four."]
    assert found[0].start_s == pytest.approx(1.0, abs=0.05)
    assert found[2].start_s == pytest.approx(4.0, abs=0.05)
    assert found[1].end_s <= 2.0
    assert found[3].end_s <= 5.0


def test_text_without_spaces_is_cut_at_its_words() -> None:
    words = (Word("今日", 0.0, 0.5), Word("は", 0.5, 0.6), Word("晴れ", 1.0, 1.5))
    found = pieces(Transcript("今日は晴れ。", 0.9, "ja", 2.0, "fixed", words=words))
    assert [(p.text, p.start_s, p.end_s) for p in found] == [
        ("今日", 0.0, 0.5),
        ("は", 0.5, 0.6),
        ("晴れ。", 1.0, 1.5),
    ]


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Any text, with words that may be missing, misspelled, unordered or endless."""
    said = draw(st.lists(st.text("abcé今は,.?!-'", min_size=1, max_size=9), max_size=40))
    text = draw(st.sampled_from([" ", "  ", "", ". "])).join(said)
    seconds = st.floats(-5, 7200) | st.just(math.nan)
    words = tuple(
        Word(word, draw(seconds), draw(seconds), draw(st.none() | st.floats(0, 1)))
        for word in said
        if draw(st.booleans())
    )
    return Transcript(text, draw(st.floats(0, 1)), "en", draw(st.floats(0, 7200)), "any", words=words)


@given(transcripts())
def test_whatever_an_engine_says_times_only_grow_and_no_character_is_lost(heard: Transcript) -> None:
    found = pieces(heard)
    assert "".join(piece.text for piece in found) == heard.text.rstrip()
    times = [second for piece in found for second in (piece.start_s, piece.end_s)]
    assert times == sorted(times)
    assert all(0 <= second < math.inf for second in times)


@given(transcripts())
def test_segments_hold_the_text_in_order(heard: Transcript) -> None:
    made = segments(heard)
    assert "".join(segment.text for segment in made).strip() == heard.text.strip()
    assert all(a.end_s <= b.start_s for a, b in pairwise(made))
    json.dumps(verbose(heard, Account(), "id"), allow_nan=False)


def test_segments_are_made_at_sentence_ends_and_pauses() -> None:
    made = segments(HEARD)
    assert [segment.text for segment in made] == ["Good morning, Dr. Miller.", " Is it  open —", " today?"]
    assert [(segment.start_s, segment.end_s) for segment in made] == [(0.5, 1.9), (2.0, 2.6), (3.9, 4.2)]
    assert made[2].avg_logprob == pytest.approx(math.log(0.25))


def test_an_engines_own_segments_stay() -> None:
    own = (Segment(TEXT, 0.0, 4.2, (1, 2), -0.1),)
    assert segments(replace(HEARD, segments=own)) == sentences(replace(HEARD, segments=own)) == own


def test_segments_made_of_rough_words_are_made_anew_of_exact_ones() -> None:
    rough = replace(HEARD, segments=(Segment(TEXT, 0.0, 5.0, (), -0.2),))
    assert segments(rough) == rough.segments
    assert sentences(rough) == segments(HEARD)
    assert sentences(replace(rough, words=())) == rough.segments
    assert sentences(replace(HEARD, text="", words=WORDS)) == ()


def test_without_times_all_is_one_segment_and_without_text_there_is_none() -> None:
    (whole,) = segments(replace(HEARD, words=()))
    assert (whole.text, whole.start_s, whole.end_s) == (TEXT, 0.0, 5.0)
    assert whole.avg_logprob == pytest.approx(math.log(0.81))
    assert segments(Transcript("", 1.0, "en", 5.0, "fixed", no_speech=True)) == ()


def test_repetition_compresses_well() -> None:
    assert compression_ratio("thank you " * 40) > 2.4 > compression_ratio(TEXT)


@pytest.mark.proves("P-5")
def test_the_verbose_answer_has_the_promised_fields() -> None:
    account = Account(
        queue_wait_s=0.0104, primary_s=0.2, fallback_s=0.4, total_s=0.7, routing=Routing.USED, model="moonshine-tiny-en"
    )
    body = verbose(replace(HEARD, language_probability=0.87, degraded=("clip_frames",)), account, "abc")
    assert body | {"segments": [], "words": []} == {
        "request_id": "abc",
        "text": TEXT,
        "language": "en",
        "language_probability": 0.87,
        "duration": 5.0,
        "segments": [],
        "model": "moonshine-tiny-en",
        "confidence": 0.81,
        "fallback_used": True,
        "timings_ms": {"queue_wait": 10, "decode": 0, "primary_infer": 200, "fallback_infer": 400, "total": 700},
        "degraded": ["clip_frames"],
        "words": [],
    }
    assert body["segments"][1] == {
        "id": 1,
        "seek": 200,
        "start": 2.0,
        "end": 2.6,
        "text": " Is it  open —",
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": -0.6931,
        "compression_ratio": body["segments"][1]["compression_ratio"],
        "no_speech_prob": 0.0,
    }
    assert body["words"][0] == {"word": "Good", "start": 0.5, "end": 0.7, "confidence": 0.9}


@pytest.mark.parametrize(("language", "whole"), [("en", "One two. Three."), ("ja", "One two.Three.")])
def test_texts_of_segments_can_be_put_together(language: str, whole: str) -> None:
    own = (Segment("One two.", 1.0, 2.0), Segment("Three.", 4.0, 5.0))
    body = verbose(Transcript(whole, 0.9, language, 6.0, "fixed", segments=own), Account(), "abc")
    assert "".join(segment["text"] for segment in body["segments"]) == whole


def test_words_are_there_when_asked_for_and_left_out_when_there_are_none() -> None:
    silence = Transcript("", 1.0, "en", 3.0, "fixed", no_speech=True)
    assert "words" not in verbose(silence, Account(), "abc")
    assert verbose(silence, Account(), "abc", words=True)["words"] == []
    assert verbose(silence, Account(), "abc")["model"] == "fixed"
