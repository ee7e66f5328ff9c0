import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.events.speech import SpokenWord
from antiphon.realtime.playout import Playout

RATE_HZ = 1000
WORD = 250


def spoken(text: str, playout: Playout) -> None:
    """Queue `text`, a quarter of a second a word, each word at a level of its own."""
    playout.begin(text)
    position = 0
    for index, word in enumerate(text.split()):
        start = text.index(word, position)
        position = start + len(word)
        playout.add(np.full(WORD, 0.1 * (index + 1), np.float32), (SpokenWord(start, position, index * WORD),))
    playout.end_sentence()


@given(st.lists(st.integers(1, 400), min_size=1, max_size=30))
def test_pulling_in_any_pieces_gives_the_same_audio(pieces: list[int]) -> None:
    playout = Playout(RATE_HZ)
    spoken("one two three", playout)
    playout.end()
    pulled = np.concatenate([playout.pull(count) for count in pieces])
    whole = np.concatenate([np.full(WORD, level, np.float32) for level in (0.1, 0.2, 0.3)])
    expected = np.zeros(len(pulled), np.float32)
    expected[: len(whole)] = whole[: len(pulled)]
    np.testing.assert_array_equal(pulled, expected)
    assert playout.played == min(len(pulled), len(whole))


@pytest.mark.parametrize(
    ("played", "heard"),
    [
        (0, ""),
        (100, ""),
        (125, "one"),
        (250, "one"),
        (374, "one"),
        (375, "one two"),
        (700, "one two three."),
        (749, "one two three."),
    ],
)
def test_heard_is_cut_at_the_word_that_was_mostly_said(played: int, heard: str) -> None:
    playout = Playout(RATE_HZ)
    spoken("one two three.", playout)
    playout.pull(played)
    assert playout.cut() == heard
    assert playout.finished


def test_whole_sentences_are_heard_as_they_were_written() -> None:
    playout = Playout(RATE_HZ)
    spoken("One, two.", playout)
    spoken("Three four.", playout)
    playout.end()
    playout.pull(2 * WORD + 150)
    assert playout.heard() == "One, two. Three"
    playout.pull(1000)
    assert playout.heard() == "One, two. Three four."


def test_without_word_times_the_cut_falls_between_words_all_the_same() -> None:
    playout = Playout(RATE_HZ)
    playout.begin("some words without times")
    playout.add(np.ones(1000, np.float32))
    playout.end_sentence()
    playout.pull(500)
    assert playout.cut() == "some words"


def test_held_plays_silence_and_resuming_repeats_the_cut_word() -> None:
    playout = Playout(RATE_HZ)
    spoken("one two three", playout)
    playout.end()
    playout.pull(WORD + 100)
    playout.hold()
    assert not playout.pull(300).any()
    playout.resume()
    np.testing.assert_allclose(playout.pull(WORD), 0.2)
    np.testing.assert_allclose(playout.pull(WORD), 0.3)
    assert playout.finished


async def test_waiting_ends_with_the_audio() -> None:
    playout = Playout(RATE_HZ)
    spoken("one two", playout)
    playout.end()
    below = asyncio.create_task(playout.drained_below(WORD))
    whole = asyncio.create_task(playout.drained())
    await asyncio.sleep(0)
    playout.pull(WORD)
    await asyncio.sleep(0)
    assert not below.done(), "exactly a word remains"
    playout.pull(1)
    await asyncio.wait_for(below, 1)
    assert not whole.done()
    playout.pull(WORD)
    await asyncio.wait_for(whole, 1)


def test_what_comes_after_a_cut_falls_silent() -> None:
    playout = Playout(RATE_HZ)
    spoken("one two", playout)
    playout.pull(WORD)
    playout.cut()
    spoken("three", playout)
    assert playout.finished
    assert playout.heard() == "one"
