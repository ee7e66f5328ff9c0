"""The probability that a text is exact, by logistic regression on what the search knows of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEATURES = ("doubtful", "very_doubtful", "mean_log_p", "margin", "close_call", "tokens_per_s", "expected")

# Fitted by bench/calibrate_confidence.py on people's recordings; its report says how good they are out of fold.
INTERCEPT = 1.684
WEIGHTS = (-1.3971, -0.9766, -0.6007, -0.3088, 5.6413, -0.4077, 3.5413)

_DOUBTFUL, _VERY_DOUBTFUL = -0.3, -0.7
_CLOSE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for and against a text.

    Attributes:
        log_p: log-probabilities of its tokens, float32 [n], ends included.
        duration_s: of the audio, without padding.
        margin: by how much its mean log-probability beats the best reading with other words.
        expected: it was read as the answer that was expected.
    """

    log_p: npt.NDArray[np.float32]
    duration_s: float
    margin: float
    expected: bool

    def features(self) -> npt.NDArray[np.float64]:
        """The regression's inputs, float64 [7], in the order of `FEATURES`; bounded, so that none runs away."""
        return np.array(
            [
                np.log1p(np.count_nonzero(self.log_p < _DOUBTFUL)),
                np.log1p(np.count_nonzero(self.log_p < _VERY_DOUBTFUL)),
                np.log(0.005 - float(self.log_p.mean())),
                min(self.margin, 3.0),
                min(self.margin, _CLOSE),
                min(len(self.log_p) / max(self.duration_s, 0.1), 15.0),
                self.expected,
            ],
            np.float64,
        )


def confidence(evidence: Evidence) -> float:
    """Probability in [0, 1] that the text is exact."""
    logit = INTERCEPT + float(evidence.features() @ np.array(WEIGHTS))
    return float(1 / (1 + np.exp(-logit)))
