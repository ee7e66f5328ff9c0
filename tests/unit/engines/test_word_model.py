"""How likely a sentence is, in general and from a caller."""

import math

import pytest

from antiphon.engines.stt.moonshine_onnxruntime.callers import sentences
from antiphon.engines.stt.moonshine_onnxruntime.word_model import WordModel, words


@pytest.fixture(scope="module")
def model() -> WordModel:
    pytest.importorskip("pocketsphinx", reason="general English lies in pocketsphinx's package: not tested without")
    return WordModel()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'd like a check-up.", "i'd like a check up"),
        ("It’s 079-55, on the 22nd", "it's zero seven nine fifty five on the twenty second"),
        ("July 8th, 1985 or 2019", "july eighth nineteen eighty five or twenty nineteen"),
        ("At 11:30, 1130 or 5pm, 16:00", "at eleven thirty eleven thirty or five p. m. sixteen"),
        ("To-morrow at ten a.m. please", "tomorrow at ten a. m. please"),
        ("The 0th, the 99th", "the zero th the ninety nine th"),
        ("…", ""),
    ],
)
def test_words_are_those_that_are_said(text: str, said: str) -> None:
    assert words(text) == said.split()


def test_sentences_are_words_only_and_always_the_same() -> None:
    some = sentences(2000)
    assert some == sentences(2000)
    assert len(set(some)) > 1000
    assert all(words(sentence) == sentence.split() for sentence in some)


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [
        ("I need a filling on Monday", "I neither filling on Monday"),
        ("shall we say Wednesday at half past ten", "shall we say when he had passed ten"),
        ("my son lives in a big house", "my sun lifts in a pick house"),
    ],
)
def test_sense_is_likelier_than_nonsense(model: WordModel, likely: str, unlikely: str) -> None:
    assert model.log_p(words(likely)) > model.log_p(words(unlikely))


def test_unknown_words_are_possible(model: WordModel) -> None:
    assert -40.0 < model.log_p(["qqxzy"]) < model.log_p(["yes"]) < 0.0
    assert math.isfinite(model.log_p([]))
