"""Sentences: complete, early, and the same however the text was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.language.sentences import SentenceSplitter, split_sentences

SAMPLES = [
    ["Hello. ", "How are you? ", "I'm Dr. Meier. ", "See you at 10.30 on Monday! ", "Bye..."],
    ["Wir sehen uns am 3. März um zehn Uhr. ", "Bis dann, z.B. am Montag. ", "Danke."],
    ["We open at 8. ", "Please come. ", "It costs ca. 50 francs... and more. ", "J. Smith said yes"],
    ["Really?! ", "Yes.  ", "No."],
    ["Come at 10 a.m. ", "Please bring it."],
    ["At 10 a.m. or so. ", "So. ", "No. ", "Yes."],
    ["Am 24. 11. um 10. ", "Danach nicht."],
    ['She said "Stop!" ', "Then she left."],
    ["One line\n\n", "Another line"],
    ["Hi"],
]
PIECES = st.sampled_from(
    [
        *("Hello", "dr", "Dr", ".", ". ", "!", "?", "…", "...", " ", "3", "10.30", " März", "z.B", " a.m"),
        *("\n\n", '"', "Yes", "no", ", "),
    ]
)
TEXTS = st.one_of(st.text(max_size=50), st.lists(PIECES, max_size=20).map("".join))


@pytest.mark.parametrize("sentences", SAMPLES)
def test_sentences(sentences: list[str]) -> None:
    assert split_sentences("".join(sentences)) == sentences


@given(TEXTS, st.sampled_from(("en", "de")))
def test_the_pieces_are_the_text(text: str, language: str) -> None:
    sentences = split_sentences(text, language)
    assert "".join(sentences) == text
    assert all(sentence.strip() for sentence in sentences) or not text.strip()


@given(TEXTS, st.data())
def test_how_the_text_was_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    splitter = SentenceSplitter()
    found = [
        sentence
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)
        for sentence in splitter.feed(text[start:end])
    ]
    assert found + splitter.flush() == split_sentences(text)


def test_a_sentence_comes_as_soon_as_the_next_one_begins() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("Hello there. ") == []
    assert splitter.feed("H") == ["Hello there. "]
    assert splitter.feed("ow? Am 3. M") == ["How? "]
    assert splitter.feed("ärz") == []
    assert splitter.flush() == ["Am 3. März"]
    assert splitter.flush() == []
