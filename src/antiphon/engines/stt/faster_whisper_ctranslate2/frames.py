"""How much sound the encoder computes, and when a result of less than 30 s is not to be believed.

Whisper was trained on windows of exactly 30 s; a clip of 4 s is padded with 26 s of nothing, and the encoder, which
takes most of the time, computes all of it. It runs on fewer frames as well, several times faster, but that is outside
its training: the decoder may then repeat itself or stop early. So shortened windows are for recordings that fit into
one, their tokens are bounded by what can be said in the time, and whatever looks odd is decoded again with 30 s.
"""

from dataclasses import dataclass

FRAMES_PER_S = 100
FULL = 3000
"""Frames of the window that Whisper was trained on."""
_FLOOR, _FLOOR_MARGIN, _CLIP_MARGIN = 1000, 200, 50
_TOKENS_PER_S, _TOKENS_AT_LEAST = 20, 16
DOUBTFUL_LOGPROB = -0.6
"""Mean log-probability below which a shortened window is decoded again: just under confidence 0.55, where routing
would ask a larger model."""
REPETITIVE = 2.4
"""Compression ratio above which a text repeats itself. Source: OpenAI's whisper/transcribe.py."""


@dataclass(slots=True)
class FrameCounts:
    """Windows since the engine was loaded.

    Attributes:
        shortened: answered from fewer frames than 30 s.
        retried: were doubtful and decoded again with 30 s.
        full: were decoded with 30 s from the beginning.
    """

    shortened: int = 0
    retried: int = 0
    full: int = 0


def frames_for(choice: str, content: int) -> int:
    """Frames to compute for `content` frames of sound, all that the recording has, by the option `frames`.

    Few different lengths, so that clips of about the same length share a batch. Never 160 nor 256: CTranslate2 takes
    an encoder output whose length equals the number of mel bands (80, 128) for features, and encodes it again.
    """
    if choice == "full":
        return FULL
    wanted = max(_FLOOR, content + _FLOOR_MARGIN) if choice == "floor" else content + _CLIP_MARGIN
    step = 50 if wanted <= 600 else 200
    return min(FULL, -(-wanted // step) * step)


def most_tokens(frames: int) -> int | None:
    """Tokens that can be said in a shortened window, in any language; None for no bound but the decoder's own."""
    return None if frames == FULL else frames * _TOKENS_PER_S // FRAMES_PER_S + _TOKENS_AT_LEAST


def is_doubtful(tokens: int, avg_logprob: float, compression_ratio: float, bound: int | None) -> bool:
    """Whether a shortened window should be decoded again with 30 s."""
    return avg_logprob < DOUBTFUL_LOGPROB or compression_ratio > REPETITIVE or (bound is not None and tokens >= bound)
