"""Looking again at a caller's turn that is in doubt, each time for what was asked for.

What a first look misses most is not the sound but the words: of two spellings of a number one is often wrong, a name
that few sentences have becomes words that many have, and readings that differ in signs divide the votes for what they
say. Readings that lose stay among the alternatives, so that the dialogue may choose by what makes sense to it.
"""

from collections.abc import Callable

from antiphon.engines.stt.moonshine_onnxruntime.beam import WIDE, Bias, Hypothesis
from antiphon.engines.stt.moonshine_onnxruntime.decoding import Decoder
from antiphon.engines.stt.moonshine_onnxruntime.expectations import PENALTY
from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon
from antiphon.engines.stt.moonshine_onnxruntime.readings import Likely, Piece, total
from antiphon.engines.stt.moonshine_onnxruntime.same_words import said, sayings
from antiphon.engines.stt.moonshine_onnxruntime.word_model import WordModel
from antiphon.events.speech import Samples

ANSWER_BONUS = 3.0
"""Nats for a reading that is an expected answer as a whole."""
CLEARLY = 3.0
"""By how much another saying must be likelier to take the first one's place: the dialogue sees both in any case."""
NAME_BONUS, FULL_NAME = 3.0, 2
"""How many nats less likely a reading may be that has two common names and no unexpected word."""
NAMES_WEIGHT = 0.5
"""How much of the cost of words that are no common names counts when readings are ordered."""
WORDS_PADDING_S = (0.5, 0.5)
NAMES_PADDING_S, NAMES_WIDTH = (0.25, 0.25), 5
NUMBERS_PADDING_S, NUMBERS_WIDTH = (0.25, 0.35), 4
LOOSE_PADDING_S, LOOSE_WIDTH = (0.25, 0.35), 4


class SecondLooks:
    """Changes pieces for the better, or adds to their rivals."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder, self._text = decoder, decoder.text

    def look(
        self, samples: Samples, piece: Piece, likely: Likely, alive: Callable[[], None], *, doubtful: bool
    ) -> None:
        """Look again at the piece that was read of `samples`, float32 [n] at 16 kHz, for everything that is likely.

        Numbers in figures are looked at again even where they are not `doubtful`: a figure that was made up is as sure
        as the others.
        """
        if doubtful and likely.names is not None:
            self._for_names(samples, piece, likely.names, Bias(likely.names, likely.terms), alive)
        if doubtful and likely.judge is not None:
            self._for_words(samples, piece, likely, likely.judge, alive)
        if likely.numbers is not None and (doubtful or _has_figures(self._text(piece.hypothesis))):
            self._for_numbers(samples, piece, Bias(likely.numbers, likely.terms), alive, doubtful=doubtful)

    def _for_names(self, samples: Samples, piece: Piece, names: Lexicon, bias: Bias, alive: Callable[[], None]) -> None:
        """Common names win where the whole reading becomes one that was expected, and is hardly less likely."""
        found = self._decoder.search(samples, NAMES_PADDING_S, bias, alive, width=NAMES_WIDTH)
        found.sort(key=lambda reading: total(reading) + NAMES_WEIGHT * names.cost(reading.ids), reverse=True)
        floor = max(map(total, piece.rivals)) - NAME_BONUS
        piece.consider(found)
        first = self._text(piece.hypothesis)
        if names.told(first) >= FULL_NAME:
            return
        for reading in found:
            text = self._text(reading)
            # What is no name is seldom split from one; a name that is in no list ("Whitfield") often is.
            split = len(text.split()) > len(first.split())
            if total(reading) > floor and names.told(text) >= FULL_NAME and not split:
                piece.take(reading, expected=True)
                return

    def _for_words(
        self, samples: Samples, piece: Piece, likely: Likely, judge: WordModel, alive: Callable[[], None]
    ) -> None:
        """What the readings of two looks say most wins where that is clearly likelier than what was read first."""
        looks = list(piece.looks)
        if len(looks) < 2 or piece.expected:
            again = self._decoder.search(samples, WORDS_PADDING_S, Bias(phrases=likely.terms), alive, width=WIDE)
            looks = [looks[0], again + [reading for look in looks[1:] for reading in look]]
        if likely.loose is not None:
            bias = Bias(likely.loose, likely.terms)
            looks[1] = looks[1] + self._decoder.search(samples, LOOSE_PADDING_S, bias, alive, width=LOOSE_WIDTH)

        def prior(reading: Hypothesis) -> float:
            return judge.worth(self._text(reading)) + ANSWER_BONUS * self._answers(reading, likely)

        found = sayings(looks, self._text, prior)
        piece.consider([saying.reading for saying in found])
        heard = said(self._text(piece.hypothesis))
        first = next((saying.share for saying in found if saying.words == heard), 0.0)
        if found[0].share > CLEARLY * first:
            piece.take(found[0].reading, expected=self._answers(found[0].reading, likely))

    def _for_numbers(
        self, samples: Samples, piece: Piece, bias: Bias, alive: Callable[[], None], *, doubtful: bool
    ) -> None:
        """Numbers in words win over doubtful ones in figures that are another number, but not as other words."""
        floor = max(map(total, piece.rivals)) - PENALTY
        found = self._decoder.search(samples, NUMBERS_PADDING_S, bias, alive, floor=floor, width=NUMBERS_WIDTH)
        piece.consider(found)
        first = self._text(piece.hypothesis)
        same = _figures(first) in {_figures(self._text(reading)) for reading in found}
        if not (found and doubtful and _has_figures(first)) or same:
            return
        if _letters(self._text(found[0])) <= _letters(first):
            piece.take(found[0], expected=piece.expected)

    def _answers(self, reading: Hypothesis, likely: Likely) -> bool:
        return likely.lexicon is not None and self._decoder.answers(likely.lexicon, reading)


def _figures(text: str) -> str:
    """The figures of all numbers that `text` tells."""
    return "".join(c for c in said(text) if c.isdigit())


def _letters(text: str) -> int:
    """How much of `text` tells no number: figures that were heard as words become letters."""
    return sum(c.isalpha() for c in said(text))


def _has_figures(text: str) -> bool:
    return any(c.isdigit() for c in text)
