"""The probability that a text is exact, by logistic regression on what the search knows of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEATURES = ("very_doubtful", "doubtful", "mean_log_p", "margin", "tokens_per_s", "expected", "shortest_word")

# Fitted by bench/calibrate_confidence.py on people's recordings; its report says how good they are out of fold.
INTERCEPT = -1.729
WEIGHTS = (-1.0857, -0.6790, -1.3312, 3.0027, -0.3083, 4.9398, 0.4729)
# For readings that took the likeliest token at every step; they have no rivals and answer no expectation.
GREEDY_INTERCEPT = -0.712
GREEDY_WEIGHTS = (-1.0636, -1.0233, -1.1572, 0.0, -0.2092, 0.0, 0.5256)

_DOUBTFUL, _VERY_DOUBTFUL = -0.3, -0.7
_CLEAR_MARGIN = 0.5
_LONG_WORD = 6
STRETCH_S = 5.0
"""A greedy reading is judged by stretches of this length: a first tier asks where a second reading pays, and a word in
doubt makes little of a minute."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for and against a text.

    Attributes:
        log_p: log-probabilities of its tokens, float32 [n], ends included.
        duration_s: of the audio, without padding.
        margin: by how much its mean log-probability beats the best reading with other words.
        expected: it was read as the answer that was expected.
        words: its words, at least one.
        searched: it was searched for; a greedy reading has no margin and expects nothing.
    """

    log_p: npt.NDArray[np.float32]
    duration_s: float
    margin: float
    expected: bool
    words: tuple[str, ...]
    searched: bool = True

    def features(self) -> npt.NDArray[np.float64]:
        """The regression's inputs, float64 [7], in the order of `FEATURES`; bounded, so that none runs away."""
        return np.array(
            [
                np.log1p(np.count_nonzero(self.log_p < _VERY_DOUBTFUL)),
                np.log1p(np.count_nonzero(self.log_p < _DOUBTFUL)),
                np.log(0.005 - float(self.log_p.mean())),
                min(self.margin, _CLEAR_MARGIN),
                min(len(self.log_p) / max(self.duration_s, 0.1), 15.0),
                # Expecting helps a short answer most: a long one has more places in which to be wrong.
                self.expected / len(self.words),
                # "A." and "T." are what unclear sounds are written as.
                min(_LONG_WORD, *(sum(c.isalnum() for c in word) for word in self.words)),
            ],
            np.float64,
        )


def confidence(evidence: Evidence) -> float:
    """Probability in [0, 1] that the text is exact; of a greedy reading, that five seconds of it are."""
    intercept, weights = (INTERCEPT, WEIGHTS) if evidence.searched else (GREEDY_INTERCEPT, GREEDY_WEIGHTS)
    logit = intercept + float(evidence.features() @ np.array(weights))
    exact = float(1 / (1 + np.exp(-logit)))
    return exact if evidence.searched else float(exact ** min(1.0, STRETCH_S / max(evidence.duration_s, 0.1)))
