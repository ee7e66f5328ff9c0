"""The parts of the embedded recogniser that need no weights: tokens, biases, pieces, confidence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.stt.moonshine_onnxruntime.confidence import Evidence, confidence
from antiphon.engines.stt.moonshine_onnxruntime.expectations import Expectations
from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon
from antiphon.engines.stt.moonshine_onnxruntime.phrases import NOWHERE, Phrases
from antiphon.engines.stt.moonshine_onnxruntime.pieces import MAX_PIECE_S, RATE_HZ, cut, pad
from antiphon.engines.stt.moonshine_onnxruntime.recognition import audible
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import END, Vocabulary, read_tokens
from antiphon.events.speech import Expectation

MERGED = (
    "▁",
    "n",
    "i",
    "e",
    "s",
    "x",
    "t",
    "h",
    "o",
    "'",
    ".",
    "7",
    "ni",
    "ne",
    "▁ni",
    "▁nine",
    "te",
    "en",
    "teen",
    "▁o",
    "▁oh",
)
TOKENS = (b"<unk>", b"<s>", b"</s>", *(bytes([b]) for b in range(256)), *(t.encode() for t in MERGED))


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(TOKENS)


def written(tokens: tuple[bytes, ...]) -> bytes:
    lengths = (bytes([n]) if n < 128 else bytes([n % 128 + 128, n // 128]) for n in map(len, tokens))
    return b"".join(length + token for length, token in zip(lengths, tokens, strict=True))


def test_tokens_are_read_with_short_and_long_lengths(tmp_path: Path) -> None:
    tokens = (b"a", "▁ü".encode(), b"x" * 127, b"y" * 128, b"z" * 1000)
    (tmp_path / "tokenizer.bin").write_bytes(written(tokens))
    assert read_tokens(tmp_path / "tokenizer.bin") == tokens


def test_encoding_joins_the_earliest_merges_and_spells_no_known_character_in_bytes(vocabulary: Vocabulary) -> None:
    assert [vocabulary.pieces[i] for i in vocabulary.encode("nine teen")] == ["▁nine", "▁", "teen"]
    assert min(vocabulary.encode("it's")) >= 3 + 256


@given(st.lists(st.sampled_from(["nine", "teen", "sixteen", "it's", "oh", "7"]), min_size=1, max_size=6))
def test_encoded_words_read_back_and_are_counted(words: list[str]) -> None:
    vocabulary = Vocabulary(TOKENS)
    ids = vocabulary.encode(" ".join(words))
    assert vocabulary.text(ids) == " ".join(words)
    assert len(vocabulary.word_ends(ids)) == len(words)
    assert vocabulary.word_ends(ids)[-1] == len(ids)


def test_broken_utf8_is_shown_not_raised(vocabulary: Vocabulary) -> None:
    assert vocabulary.text([3 + 0xC3]) == "\ufffd"


@pytest.fixture(scope="module")
def lexicon(vocabulary: Vocabulary) -> Lexicon:
    return Lexicon(vocabulary, ["nine", "nineteen"], [], ["oh"], carrier_cost=3.0, penalty=8.0)


def test_expected_words_are_free_carriers_cost_once_and_others_per_token(
    vocabulary: Vocabulary, lexicon: Lexicon
) -> None:
    assert lexicon.cost(vocabulary.encode("nine")) == 0.0
    assert lexicon.cost(vocabulary.encode("nineteen")) == 0.0
    assert lexicon.cost(vocabulary.encode("oh")) == -3.0
    assert lexicon.cost(vocabulary.encode("7.")) == 0.0
    assert lexicon.cost(vocabulary.encode("sixteen")) < -8.0


def test_part_of_an_expected_word_is_no_expected_word(vocabulary: Vocabulary, lexicon: Lexicon) -> None:
    assert lexicon.cost(vocabulary.encode("o")) <= -8.0


def test_answer_has_expected_words_only_and_one_of_the_core(lexicon: Lexicon) -> None:
    assert lexicon.answers("Oh, nine-nineteen 7.")
    assert not lexicon.answers("Oh, nine stop.")
    assert not lexicon.answers("Oh.")


def test_long_answers_of_digits_are_made_of_other_numbers_too(vocabulary: Vocabulary) -> None:
    expectations = Expectations(vocabulary)
    short, long = (expectations.lexicon(Expectation.DIGITS, is_long) for is_long in (False, True))
    assert short is not None
    assert long is not None
    assert not short.answers("seventeen hundred")
    assert long.answers("seventeen hundred")


def test_second_looks_know_common_names_and_want_numbers_in_words(vocabulary: Vocabulary) -> None:
    names, numbers = (of() for of in (Expectations(vocabulary).names, Expectations(vocabulary).spoken_numbers))
    assert names.told("It's Anna Weber.") == 2
    assert names.told("It's Anna Wepper.") == 0
    assert numbers.cost(vocabulary.encode("7")) < numbers.cost(vocabulary.encode("nine")) == 0.0


def test_bonus_of_an_incomplete_phrase_is_taken_back(vocabulary: Vocabulary) -> None:
    phrases = Phrases(vocabulary, ["nine teen"], boost=0.5)
    nine, *rest = vocabulary.encode("nine teen")
    flat = np.zeros(len(vocabulary), np.float32)
    assert phrases.weigh(NOWHERE, flat)[nine] == 0.5
    place = phrases.after(NOWHERE, nine)
    weighed = phrases.weigh(place, flat)
    assert weighed[rest[0]] == 0.5
    assert weighed[END] == -0.5
    for token in rest:
        place = phrases.after(place, token)
    assert phrases.weigh(place, flat)[END] == 0.0


@given(st.floats(0.1, 100.0), st.integers(0, 2**31))
def test_pieces_are_the_whole_recording_and_not_much_longer_than_wanted(seconds: float, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)
    pieces = cut(samples)
    assert np.array_equal(np.concatenate(pieces), samples)
    assert max(len(p) for p in pieces) / RATE_HZ <= MAX_PIECE_S * 1.8


def test_recordings_are_cut_where_it_is_quiet() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 20 * RATE_HZ).astype(np.float32)
    quiet = slice(9 * RATE_HZ, 9 * RATE_HZ + RATE_HZ // 2)
    samples[quiet] = 0.0
    assert quiet.start < len(cut(samples)[0]) < quiet.stop


def test_padding_is_faint_and_always_the_same() -> None:
    samples = np.ones(100, np.float32)
    padded = pad(samples, 0.1, 0.2)
    assert len(padded) == 100 + int(0.3 * RATE_HZ)
    assert 0 < np.abs(padded[: RATE_HZ // 10]).max() < 0.002
    assert np.array_equal(padded, pad(samples, 0.1, 0.2))


@pytest.mark.parametrize(
    ("level", "seconds", "is_audible"), [(0.0, 1.0, False), (1e-5, 5.0, False), (0.01, 1.0, True), (0.5, 0.03, False)]
)
def test_only_what_could_be_speech_is_audible(level: float, seconds: float, is_audible: bool) -> None:
    assert audible(np.full(int(seconds * RATE_HZ), level, np.float32)) is is_audible


@given(
    st.lists(st.floats(-40.0, 0.0), min_size=1, max_size=200),
    st.floats(0.0, 600.0),
    st.floats(0.0, 20.0),
    st.booleans(),
    st.lists(st.text(min_size=1), min_size=1),
)
def test_confidence_is_a_probability(
    log_p: list[float], duration_s: float, margin: float, expected: bool, words: list[str]
) -> None:
    evidence = Evidence(np.array(log_p, np.float32), duration_s, margin, expected, tuple(words))
    assert 0.0 <= confidence(evidence) <= 1.0


def test_doubt_lowers_confidence() -> None:
    sure = Evidence(np.full(8, -0.02, np.float32), 2.0, 0.4, False, ("see", "you", "tomorrow"))
    log_p = sure.log_p.copy()
    log_p[[2, 3]] = -1.5
    doubtful = Evidence(log_p, 2.0, 0.1, False, sure.words)
    assert confidence(sure) > 0.8
    assert confidence(doubtful) < confidence(sure) - 0.2


def test_a_greedy_reading_is_judged_by_the_stretch() -> None:
    log_p = np.full(8, -0.1, np.float32)
    short, long = (
        Evidence(np.tile(log_p, n), 4.0 * n, 0.0, False, ("see", "you", "tomorrow") * n, searched=False)
        for n in (1, 10)
    )
    assert confidence(long) == pytest.approx(confidence(short), abs=0.15)
    assert confidence(replace(long, searched=True)) < confidence(replace(short, searched=True))
