"""One piece of a recording, padded, decoded and written."""

from collections.abc import Callable

import numpy as np

from antiphon.engines.stt.moonshine_onnxruntime.beam import WIDTH, Bias, Hypothesis, greedy, search
from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon
from antiphon.engines.stt.moonshine_onnxruntime.network import Network
from antiphon.engines.stt.moonshine_onnxruntime.pieces import RATE_HZ, pad
from antiphon.engines.stt.moonshine_onnxruntime.same_words import plain
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary
from antiphon.events.speech import Samples

FIRST_PADDING_S = (0.15, 0.35)
"""Seconds before and after a piece."""
ENDS_LOG_P = -0.15
"""An answer in expected words must end where the speech ends: right digits end with -0.01 and better, answers that were
cut off before an unexpected word with -0.2 and worse."""
TOKENS_PER_S, MORE_TOKENS, FEWEST_TOKENS = 6.5, 2, 8
"""Cap on tokens; Source: the model card, which advises 6.5 a second against repetitions."""


class Decoder:
    """Readings of pieces."""

    def __init__(self, network: Network, vocabulary: Vocabulary) -> None:
        self._network, self.vocabulary = network, vocabulary

    def search(
        self,
        piece: Samples,
        padding_s: tuple[float, float],
        bias: Bias,
        alive: Callable[[], None],
        *,
        floor: float = -np.inf,
        width: int = WIDTH,
    ) -> list[Hypothesis]:
        """Readings of a piece, the surest first; see `beam.search`."""
        padded = pad(piece, *padding_s)
        return search(self._network, padded, _cap(padded), alive=alive, bias=bias, floor=floor, width=width)

    def step_through(self, piece: Samples, alive: Callable[[], None]) -> Hypothesis:
        """The reading that takes the likeliest token at every step."""
        padded = pad(piece, *FIRST_PADDING_S)
        return greedy(self._network, padded, _cap(padded), alive=alive)

    def text(self, reading: Hypothesis) -> str:
        """A reading as it is written."""
        return self.vocabulary.text(reading.ids)

    def plain(self, reading: Hypothesis) -> str:
        """Its letters and figures only, in lower case."""
        return plain(self.text(reading))

    def answers(self, lexicon: Lexicon, reading: Hypothesis) -> bool:
        """Whether a reading is an expected answer as a whole."""
        return reading.log_p[-1] > ENDS_LOG_P and lexicon.answers(self.text(reading))


def _cap(padded: Samples) -> int:
    return max(FEWEST_TOKENS, int(TOKENS_PER_S * len(padded) / RATE_HZ) + MORE_TOKENS)
