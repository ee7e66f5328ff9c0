"""From a recording to words: cut, decode, decode again where unsure or where an answer is expected, judge."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise, zip_longest

import numpy as np
import numpy.typing as npt

from antiphon.engines.stt.moonshine_onnxruntime.beam import WIDE, WIDTH, Bias, Hypothesis
from antiphon.engines.stt.moonshine_onnxruntime.confidence import Evidence, confidence
from antiphon.engines.stt.moonshine_onnxruntime.decoding import FIRST_PADDING_S, Decoder
from antiphon.engines.stt.moonshine_onnxruntime.expectations import PENALTY, Expectations
from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon
from antiphon.engines.stt.moonshine_onnxruntime.network import Network
from antiphon.engines.stt.moonshine_onnxruntime.phrases import Phrases
from antiphon.engines.stt.moonshine_onnxruntime.pieces import RATE_HZ, cut
from antiphon.engines.stt.moonshine_onnxruntime.readings import Likely, Piece, by_mean, mean, total
from antiphon.engines.stt.moonshine_onnxruntime.second_looks import SecondLooks
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary
from antiphon.engines.stt.moonshine_onnxruntime.word_model import WordModel
from antiphon.events.speech import Expectation, Samples, Word

SECOND_PADDING_S = (0.4, 0.5)
EXPECTED_PADDINGS_S = ((0.5, 0.5), (0.25, 0.25))
"""Seconds before and after a piece. Short answers need more of it, and gain from two attempts."""
UNSURE_MEAN_LOG_P = -0.2
"""Below this mean log-probability a second decoding with other padding is worth its time (1 point of WER)."""
SHORT_ANSWER_S = 1.5
"""Speech that holds a word or two; a telephone number takes longer."""
LONG_ANSWER_S = 4.0
"""Longer answers get one attempt: the second mends answers of a word or two."""
FAINT_DBFS = -65.0
"""No 20 ms of audible speech are fainter."""
SHORTEST_S = 0.05
MOST_OTHERS = 8
DOUBTFUL_BELOW = 0.5
"""A caller's turn is looked at again below this confidence: nine of ten turns that went wrong lie there."""
_LEVEL_SAMPLES = 320
_PUNCTUATION = '.,?!;:"()“”…'


class Search(StrEnum):
    """How much is spent on a recording."""

    GREEDY = "greedy"
    FULL = "full"
    THOROUGH = "thorough"


@dataclass(frozen=True, slots=True, eq=False)
class Recognised:
    """What was understood of one recording; `text` is empty when there was no speech, `others` what else it may be."""

    text: str = ""
    words: tuple[Word, ...] = ()
    evidence: Evidence | None = None
    others: tuple[str, ...] = ()


class Recogniser:
    """Blocking; one instance serves several threads."""

    def __init__(
        self,
        network: Network,
        vocabulary: Vocabulary,
        *,
        boost: float,
        second_attempt: bool,
        second_looks: bool = True,
        search: Search = Search.FULL,
        word_model: WordModel | None = None,
    ) -> None:
        self._decoder, self._vocabulary = Decoder(network, vocabulary), vocabulary
        self._text, self._effort = self._decoder.text, search
        self._boost, self._second_attempt = boost, second_attempt
        self._second_looks = SecondLooks(self._decoder) if second_looks and search is not Search.GREEDY else None
        self._expectations, self._word_model = Expectations(vocabulary), word_model

    def recognise(
        self, samples: Samples, expect: Expectation, phrases: tuple[str, ...], alive: Callable[[], None]
    ) -> Recognised:
        """Understand `samples`, float32 [n] at 16 kHz; `alive` raises to abandon the work."""
        if not audible(samples):
            return Recognised()
        terms = Phrases(self._vocabulary, phrases, self._boost) if phrases else None
        judge = self._word_model if _as_caller(expect, phrases) else None
        pieces, start_s = list[Piece](), 0.0
        for samples_of_piece in cut(samples):
            between_s = _audible_between(samples_of_piece, start_s)
            likely = self._likely(expect, terms, judge, long=between_s[1] - between_s[0] > SHORT_ANSWER_S)
            pieces.append(self._read(samples_of_piece, likely, alive))
            pieces[-1].between_s = between_s
            self._look_again(samples_of_piece, pieces[-1], likely, alive)
            start_s += len(samples_of_piece) / RATE_HZ
        spoken = [p for p in pieces if _has_words(self._text(p.hypothesis))]
        if not spoken:
            return Recognised()
        text = " ".join(self._text(p.hypothesis) for p in spoken)
        words = [word for p in spoken for word in self._words(p)]
        evidence = _evidence(spoken, text, len(samples) / RATE_HZ, searched=self._effort is not Search.GREEDY)
        return Recognised(text, tuple(words), evidence, self._others(spoken))

    def draft(self, samples: Samples, alive: Callable[[], None]) -> str:
        """A quick reading of `samples`: greedy, once."""
        if not audible(samples):
            return ""
        texts = [self._text(self._decoder.step_through(piece, alive)) for piece in cut(samples)]
        return " ".join(t for t in texts if _has_words(t))

    def _likely(self, expect: Expectation, terms: Phrases | None, judge: WordModel | None, *, long: bool) -> Likely:
        return Likely(
            self._expectations.lexicon(expect, long),
            terms,
            judge,
            names=self._expectations.names() if expect is Expectation.NAME else None,
            numbers=self._expectations.spoken_numbers() if expect is Expectation.DIGITS and long else None,
            loose=self._expectations.loose(expect),
        )

    def _read(self, samples: Samples, likely: Likely, alive: Callable[[], None]) -> Piece:
        if self._effort is Search.GREEDY:
            return Piece(self._decoder.step_through(samples, alive), margin=0.0)
        terms, width = Bias(phrases=likely.terms), WIDE if likely.judge else WIDTH
        readings = self._decoder.search(samples, FIRST_PADDING_S, terms, alive, width=width)
        expected = self._read_expected(samples, readings, likely, alive)
        if expected is not None:
            return expected
        readings = self._judged(readings, likely.judge)
        best = Piece(readings[0], self._margin(readings), rivals=by_mean(readings), looks=[readings])
        if self._again(best.hypothesis):
            again = self._decoder.search(samples, SECOND_PADDING_S, terms, alive, width=width)
            again = self._judged(again, likely.judge)
            if again[0].score > best.hypothesis.score:
                best = Piece(again[0], self._margin(again))
            best.rivals, best.looks = by_mean(readings + again), [readings, again]
        return best

    def _look_again(self, samples: Samples, piece: Piece, likely: Likely, alive: Callable[[], None]) -> None:
        text = self._text(piece.hypothesis)
        if self._second_looks is not None and _has_words(text):
            evidence = _evidence([piece], text, len(samples) / RATE_HZ, searched=True)
            doubtful = confidence(evidence) < DOUBTFUL_BELOW
            self._second_looks.look(samples, piece, likely, alive, doubtful=doubtful)

    def _read_expected(
        self, samples: Samples, free: list[Hypothesis], likely: Likely, alive: Callable[[], None]
    ) -> Piece | None:
        """The piece as an answer that was expected, in expected words only; None if that is too far from what was said.

        Too far is where it is less likely than the free reading by more than one unexpected token may cost: then the
        answer has at least one word that nobody expected. The free reading competes where it has expected words only.
        """
        lexicon = likely.lexicon
        if lexicon is None:
            return None
        attempts = EXPECTED_PADDINGS_S[: 2 if len(samples) < LONG_ANSWER_S * RATE_HZ else 1]
        bias, floor = Bias(lexicon, likely.terms), total(free[0]) - PENALTY
        looks = [self._decoder.search(samples, padding_s, bias, alive, floor=floor) for padding_s in attempts]
        found = list(looks)
        if self._decoder.answers(lexicon, free[0]):
            found.append([replace(h, score=_weighed(h, lexicon)) for h in free])
        found = [[h for h in readings if self._decoder.answers(lexicon, h)] for readings in found]
        if not any(found):
            return None
        best = max(filter(None, found), key=lambda readings: readings[0].score)
        rivals = by_mean([h for readings in (*found, free) for h in readings])
        looks = [[*free, *(h for look in looks[1:] for h in look)], looks[0]]
        return Piece(best[0], self._margin(best), expected=True, rivals=rivals, looks=looks)

    def _judged(self, readings: list[Hypothesis], judge: WordModel | None) -> list[Hypothesis]:
        """`readings`, that first which is likeliest when it also counts how likely its words are."""
        if judge is None:
            return readings

        def weighed(reading: Hypothesis) -> float:
            heard = reading.score * len(reading.log_p)  # with the bonus of expected phrases
            return heard + judge.worth(self._text(reading))

        first = max(readings, key=weighed)
        return [first, *(reading for reading in readings if reading is not first)]

    def _again(self, first: Hypothesis) -> bool:
        unsure = self._second_attempt and mean(first) < UNSURE_MEAN_LOG_P
        return unsure or self._effort is Search.THOROUGH

    def _margin(self, readings: list[Hypothesis]) -> float:
        """By how much the first reading beats the best one with other words; 3 where there is none."""
        plain = self._decoder.plain(readings[0])
        rivals = [r.score for r in readings[1:] if self._decoder.plain(r) != plain]
        return readings[0].score - max(rivals) if rivals else 3.0

    def _others(self, pieces: list[Piece]) -> tuple[str, ...]:
        """What else was understood, likeliest first: the best readings of all pieces, then the next best, and so on."""
        ranked = [[p.hypothesis, *p.rivals] for p in pieces]
        distinct = [self._distinct(of) for of in ranked]
        rows = zip_longest(*distinct)
        texts = [" ".join(one or of[0] for one, of in zip(row, distinct, strict=True)) for row in rows]
        return tuple(t for t in texts[1 : MOST_OTHERS + 1] if _has_words(t))

    def _distinct(self, readings: list[Hypothesis]) -> list[str]:
        """The texts of `readings`, each of several that differ in signs only once."""
        texts: dict[str, str] = {}
        for reading in readings:
            texts.setdefault(self._decoder.plain(reading), self._text(reading))
        return list(texts.values())

    def _words(self, piece: Piece) -> list[Word]:
        """The words with the geometric mean probability of their tokens; their times share the piece by letters."""
        ids, log_p = piece.hypothesis.ids, piece.hypothesis.log_p
        ends = [0, *self._vocabulary.word_ends(ids)]
        texts = self._vocabulary.text(ids).split()
        sure = [float(np.exp(log_p[a:b].mean())) for a, b in pairwise(ends)]
        if len(sure) != len(texts):
            sure = [float(np.exp(log_p.mean()))] * len(texts)
        start_s, end_s = piece.between_s
        edges = np.cumsum([0, *(len(t) + 1 for t in texts)]) / sum(len(t) + 1 for t in texts)
        times = (start_s + (end_s - start_s) * edges).tolist()
        return [
            Word(t.strip(_PUNCTUATION) or t, a, b, c) for t, (a, b), c in zip(texts, pairwise(times), sure, strict=True)
        ]


def _as_caller(expect: Expectation, phrases: tuple[str, ...]) -> bool:
    """Whether this is the turn of a caller whose words can be foreseen; names cannot."""
    return expect is not Expectation.NAME and (expect is not Expectation.FREE or bool(phrases))


def audible(samples: Samples) -> bool:
    """Whether 20 ms of `samples` are loud enough to hold speech, and all of it long enough."""
    if len(samples) < SHORTEST_S * RATE_HZ:
        return False
    return bool(_powers(samples).max() > 10 ** (FAINT_DBFS / 10))


def _powers(samples: Samples) -> Samples:
    """Mean power of every 20 ms, float32 [n // 320]."""
    frames = samples[: len(samples) // _LEVEL_SAMPLES * _LEVEL_SAMPLES].reshape(-1, _LEVEL_SAMPLES)
    powers: Samples = np.square(frames).mean(1)
    return powers


def _audible_between(samples: Samples, start_s: float) -> tuple[float, float]:
    """When the loud part of a piece that begins at `start_s` begins and ends: 30 dB below its loudest 20 ms."""
    powers = _powers(samples)
    loud = np.flatnonzero(powers > powers.max(initial=0.0) * 1e-3)
    if not len(loud):
        return start_s, start_s + len(samples) / RATE_HZ
    level_s = _LEVEL_SAMPLES / RATE_HZ
    return start_s + float(loud[0]) * level_s, start_s + float(loud[-1] + 1) * level_s


def _weighed(hypothesis: Hypothesis, lexicon: Lexicon) -> float:
    """The score that a free reading would have had in a search with the lexicon."""
    return mean(hypothesis) + lexicon.cost(hypothesis.ids) / max(1, len(hypothesis.log_p))


def _has_words(text: str) -> bool:
    """Music and noise are written as notes and signs."""
    return any(c.isalnum() for c in text)


def _evidence(pieces: list[Piece], text: str, duration_s: float, *, searched: bool) -> Evidence:
    log_p: npt.NDArray[np.float32] = np.concatenate([p.hypothesis.log_p for p in pieces])
    return Evidence(
        log_p=log_p,
        duration_s=duration_s,
        margin=min(p.margin for p in pieces),
        expected=any(p.expected for p in pieces),
        words=tuple(text.split()),
        searched=searched,
    )
