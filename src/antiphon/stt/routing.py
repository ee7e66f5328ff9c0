"""When the fallback tier is asked: a pure policy over what the primary tier answered."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from antiphon.events.speech import Segment, Transcript
from antiphon.stt.account import Reason

NO_SPEECH_PROB = 0.6
"""Segments above it hold no speech; the threshold Whisper's authors use."""
CHARACTER_LANGUAGES = frozenset(("zh", "ja", "th", "lo", "km", "my"))
"""Written without spaces: their characters count as words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy makes of an answer.

    Attributes:
        below: the answer is doubtful; the fallback should be asked.
        reason: why it is, or that nobody spoke.
        language_checked: whether the language gate applied.
    """

    below: bool
    reason: Reason
    language_checked: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds, and the rules that use them.

    Attributes:
        conf_logprob_threshold: least confidence: geometric mean probability of the tokens, in [0, 1].
        conf_langprob_threshold: least probability of a detected language, in [0, 1].
        min_words_for_conf: fewest words whose confidence means something.
    """

    conf_logprob_threshold: float = 0.55
    conf_langprob_threshold: float = 0.70
    min_words_for_conf: int = 3

    def judge(self, transcript: Transcript, *, language_forced: bool) -> Verdict:
        """Judge an answer; `language_forced` where the caller named the language, so that it was not detected.

        The first rule that finds the answer wanting names the reason: confidence (P-1), language (P-3), words (P-2).
        """
        language_p = None if language_forced else transcript.language_probability
        checked = language_p is not None
        if nobody_speaks(transcript):
            return Verdict(below=False, reason=Reason.NO_SPEECH, language_checked=checked)
        if probability(transcript.confidence) < self.conf_logprob_threshold:
            reason = Reason.LOGPROB
        elif language_p is not None and probability(language_p) < self.conf_langprob_threshold:
            reason = Reason.LANGPROB
        elif count_words(transcript.text, transcript.language) < self.min_words_for_conf:
            reason = Reason.MIN_WORDS
        else:
            reason = Reason.NONE
        return Verdict(below=reason is not Reason.NONE, reason=reason, language_checked=checked)


def nobody_speaks(transcript: Transcript) -> bool:
    """Whether the engine heard no speech: it says so, or every segment is more likely empty than not."""
    segments = transcript.segments
    return transcript.no_speech or (bool(segments) and all(s.no_speech_prob > NO_SPEECH_PROB for s in segments))


def count_words(text: str, language: str) -> int:
    """Words of a text, those with a letter or digit; its characters where the language is written without spaces."""
    if language.lower() in CHARACTER_LANGUAGES:
        return sum(character.isalnum() for character in text)
    return sum(any(character.isalnum() for character in word) for word in text.split())


def probability(value: float) -> float:
    """A value as an engine gave it, as a probability: NaN is 0."""
    return 0.0 if math.isnan(value) else min(1.0, max(0.0, value))


def mean_probability(segments: Iterable[Segment]) -> float | None:
    """Geometric mean probability of all tokens of `segments` (P-1), None where none of them tells its tokens."""
    told = [(len(s.tokens), s.avg_logprob) for s in segments if s.tokens]
    if not told:
        return None
    mean = sum(n * log_p for n, log_p in told) / sum(n for n, _ in told)
    return 0.0 if math.isnan(mean) else math.exp(min(0.0, mean))
