"""Second looks at doubtful turns: what wins, and what is only considered."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.stt.moonshine_onnxruntime.beam import Hypothesis
from antiphon.engines.stt.moonshine_onnxruntime.decoding import Decoder
from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon
from antiphon.engines.stt.moonshine_onnxruntime.readings import Likely, Piece
from antiphon.engines.stt.moonshine_onnxruntime.same_words import said, sayings
from antiphon.engines.stt.moonshine_onnxruntime.second_looks import SecondLooks
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary
from antiphon.engines.stt.moonshine_onnxruntime.word_model import WordModel
from antiphon.events.speech import Samples

LETTERS = Vocabulary((b"<unk>", b"<s>", b"</s>", *(bytes([b]) for b in range(256)), "▁".encode()))
SAMPLES = np.zeros(16_000, np.float32)


def reading(text: str, log_p: float) -> Hypothesis:
    """One that is written `text` and has this log-probability as a whole."""
    ids = tuple(3 + b for b in text.encode())
    each = np.full(len(ids) + 1, log_p / (len(ids) + 1), np.float32)
    return Hypothesis(ids, each, float(each.mean()), ended=True)


class Reads(Decoder):
    """Finds the same readings whatever it listens to."""

    def __init__(self, *found: Hypothesis) -> None:
        self.vocabulary, self.found, self.searches = LETTERS, list(found), 0

    def search(self, *_: object, **__: object) -> list[Hypothesis]:
        self.searches += 1
        return list(self.found)


class Indifferent(WordModel):
    """Finds all words as likely."""

    def __init__(self) -> None:
        pass

    def log_p(self, sentence: Sequence[str]) -> float:
        return -5.0 * len(sentence)


def lexicon(core: str, carriers: str = "") -> Lexicon:
    return Lexicon(LETTERS, core.split(), (), carriers.split(), carrier_cost=0.3, penalty=2.0)


def looked(
    decoder: Reads, first: Hypothesis, likely: Likely, *, doubtful: bool = True, samples: Samples = SAMPLES
) -> Piece:
    piece = Piece(first, margin=1.0, rivals=[first], looks=[[first]])
    SecondLooks(decoder).look(samples, piece, likely, lambda: None, doubtful=doubtful)
    return piece


def written(piece: Piece) -> str:
    return LETTERS.text(piece.hypothesis.ids)


NAMES = Likely(None, None, None, names=lexicon("anna weber lee", "it's"))
NUMBERS = Likely(None, None, None, numbers=lexicon("one two double"))


@pytest.mark.parametrize(
    ("found", "log_p", "wins"),
    [
        ("It's Anna Weber.", -4.5, True),
        ("It's Anna Weber.", -8.5, False),  # far less likely than what was read
        ("It's Anna Webber.", -4.5, False),  # a name that is in no list
        ("It's Weber.", -4.5, False),  # half a name
        ("It's Anna Lee Weber.", -4.5, False),  # more words than were read
    ],
)
def test_a_whole_common_name_wins_where_it_is_hardly_less_likely(found: str, log_p: float, wins: bool) -> None:
    piece = looked(Reads(reading(found, log_p)), reading("It's underweb her.", -2.0), NAMES)
    assert written(piece) == (found if wins else "It's underweb her.")
    assert found in [LETTERS.text(h.ids) for h in (piece.hypothesis, *piece.rivals)]
    if wins:
        assert piece.margin == 0.0
        assert LETTERS.text(piece.rivals[0].ids) == "It's underweb her."


def test_a_common_name_that_was_read_stays() -> None:
    piece = looked(Reads(reading("Anna Lee.", -1.0)), reading("Anna Weber.", -2.0), NAMES)
    assert written(piece) == "Anna Weber."


def test_numbers_in_words_win_over_figures_unless_they_agree() -> None:
    spoken = reading("one double two", -4.0)
    assert written(looked(Reads(spoken), reading("1202", -1.0), NUMBERS)) == "one double two"
    assert written(looked(Reads(spoken), reading("122", -1.0), NUMBERS)) == "122"
    assert written(looked(Reads(spoken), reading("one two two two", -1.0), NUMBERS)) == "one two two two"
    assert written(looked(Reads(), reading("1202", -1.0), NUMBERS)) == "1202"
    misheard = reading("near one double two", -4.0)
    assert written(looked(Reads(misheard), reading("0122", -1.0), NUMBERS)) == "0122"


def test_figures_are_compared_always_and_words_only_where_in_doubt() -> None:
    decoder = Reads(reading("one double two", -4.0))
    looked(decoder, reading("one two", -0.1), NUMBERS, doubtful=False)
    looked(decoder, reading("Anna Wepper", -0.1), NAMES, doubtful=False)
    assert decoder.searches == 0
    piece = looked(decoder, reading("12", -0.1), NUMBERS, doubtful=False)
    assert decoder.searches == 1
    assert [LETTERS.text(h.ids) for h in (piece.hypothesis, piece.rivals[0])] == ["12", "one double two"]


def test_what_several_readings_say_wins_over_the_likeliest_reading() -> None:
    judged = Likely(None, None, Indifferent())
    agreeing = [reading(text, -3.0) for text in ("at 9", "At nine!", "at NINE", "at  nine")]
    lonely = reading("at noon", -2.5)
    one = looked(Reads(*agreeing), lonely, judged)
    assert written(one) == "at noon"  # not clearly likelier
    other = looked(Reads(*agreeing, reading("at noon", -40.0)), reading("at noon", -20.0), judged)
    assert said(written(other)) == said("at nine")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("oh seven nine, double six, nineteen", "079 66 19"),
        ("forty-two and twenty oh one", "42 and 20 0 1"),
        ("at ten fifteen", "At 10:15."),
        ("a treble five", "a 555"),
    ],
)
def test_spoken_and_written_numbers_say_the_same(text: str, same: str) -> None:
    assert said(text) == said(same)


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["a one", "a 1", "b", "see"]), st.floats(-200, 0)), min_size=1), min_size=1
    )
)
def test_sayings_are_all_that_was_said_once_and_the_likeliest_first(looks: list[list[tuple[str, float]]]) -> None:
    readings = [[reading(text, log_p) for text, log_p in look] for look in looks]
    found = sayings(readings, lambda h: LETTERS.text(h.ids), lambda _: 0.0)
    assert sorted(saying.words for saying in found) == sorted({said(text) for look in looks for text, _ in look})
    assert [s.share for s in found] == sorted((s.share for s in found), reverse=True)
