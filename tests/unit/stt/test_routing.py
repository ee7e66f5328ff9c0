"""Every branch of the routing policy, as a table; and what no transcript may break."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.events.speech import Segment, Transcript
from antiphon.stt.account import Reason
from antiphon.stt.routing import CHARACTER_LANGUAGES, Policy, Verdict, count_words, mean_probability

POLICY = Policy(conf_logprob_threshold=0.55, conf_langprob_threshold=0.70, min_words_for_conf=3)
NAN = math.nan


def said(
    text: str = "three plain words",
    confidence: float = 0.9,
    language_p: float | None = 0.9,
    language: str = "en",
    no_speech: bool = False,
    no_speech_probs: tuple[float, ...] = (),
) -> Transcript:
    segments = tuple(Segment(text, 0, 1, no_speech_prob=p) for p in no_speech_probs)
    return Transcript(
        text, confidence, language, 1.0, "x", no_speech=no_speech, segments=segments, language_probability=language_p
    )


TABLE = [
    # transcript, forced, below, reason, checked
    ("all is well", said(), False, False, Reason.NONE, True),
    ("exactly the thresholds", said(confidence=0.55, language_p=0.70), False, False, Reason.NONE, True),
    ("forced: language gate is off", said(language_p=0.1), True, False, Reason.NONE, False),
    ("forced: confidence still counts", said(confidence=0.54, language_p=1.0), True, True, Reason.LOGPROB, False),
    ("forced: words still count", said("two words"), True, True, Reason.MIN_WORDS, False),
    ("the engine knows one language only", said(language_p=None), False, False, Reason.NONE, False),
    ("confidence too low", said(confidence=0.5499), False, True, Reason.LOGPROB, True),
    ("confidence is no number", said(confidence=NAN), False, True, Reason.LOGPROB, True),
    ("language unsure", said(language_p=0.6999), False, True, Reason.LANGPROB, True),
    ("language probability is no number", said(language_p=NAN), False, True, Reason.LANGPROB, True),
    ("too few words", said("yes, please"), False, True, Reason.MIN_WORDS, True),
    ("marks are no words", said("well - yes ..."), False, True, Reason.MIN_WORDS, True),
    ("digits are words", said("1 2 3"), False, False, Reason.NONE, True),
    ("nothing was understood of speech", said(""), False, True, Reason.MIN_WORDS, True),
    ("confidence before language before words", said("no", 0.1, 0.1), False, True, Reason.LOGPROB, True),
    ("language before words", said("no", 0.9, 0.1), False, True, Reason.LANGPROB, True),
    ("the engine heard nobody", said("", 0.1, 0.1, no_speech=True), False, False, Reason.NO_SPEECH, True),
    ("nobody, forced", said("", 0.1, 0.1, no_speech=True), True, False, Reason.NO_SPEECH, False),
    ("all segments empty", said("Thanks.", 0.1, no_speech_probs=(0.61, 0.9)), False, False, Reason.NO_SPEECH, True),
    ("at 0.6 a segment is not empty", said("Thanks.", no_speech_probs=(0.6,)), False, True, Reason.MIN_WORDS, True),
    ("one segment with speech", said(confidence=0.1, no_speech_probs=(0.9, 0.2)), False, True, Reason.LOGPROB, True),
    ("no segments are not all empty", said(confidence=0.1), False, True, Reason.LOGPROB, True),
    ("characters count in Japanese", said("はい", language="ja"), False, True, Reason.MIN_WORDS, True),
    ("enough characters in Thai", said("สวัส", language="th"), False, False, Reason.NONE, True),
]


@pytest.mark.proves("P-1", "P-2", "P-3", "B14", "B15", "B28", "B29", "B30")
@pytest.mark.parametrize(
    ("transcript", "forced", "below", "reason", "checked"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_each_branch(transcript: Transcript, forced: bool, below: bool, reason: Reason, checked: bool) -> None:
    assert POLICY.judge(transcript, language_forced=forced) == Verdict(below, reason, checked)


@pytest.mark.proves("B87", "B96")
def test_lower_thresholds_ask_less() -> None:
    doubtful = said("two words", confidence=0.5)
    assert POLICY.judge(doubtful, language_forced=False).reason is Reason.LOGPROB
    assert Policy(0.45, 0.7, 3).judge(doubtful, language_forced=False).reason is Reason.MIN_WORDS
    assert not Policy(0.45, 0.7, 2).judge(doubtful, language_forced=False).below


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("", "en", 0),
        ("  \n ", "en", 0),
        ("Grüezi, wie geht's?", "de", 3),
        ("… — !", "en", 0),
        ("42 %", "en", 1),
        ("你好，世界。", "zh", 4),
        ("hello there", "ja", 10),
        ("한국어 문장", "ko", 2),
    ],
)
def test_words_are_counted(text: str, language: str, words: int) -> None:
    assert count_words(text, language) == words


@pytest.mark.proves("P-1")
def test_confidence_is_the_geometric_mean_of_all_tokens() -> None:
    segments = [
        Segment("a", 0, 1, tokens=(1, 2, 3), avg_logprob=math.log(0.5)),
        Segment("b", 1, 2, tokens=(4,), avg_logprob=math.log(0.8)),
    ]
    assert mean_probability(segments) == pytest.approx((0.5**3 * 0.8) ** 0.25)
    assert mean_probability([Segment("a", 0, 1, tokens=(1,), avg_logprob=NAN)]) == 0.0
    assert mean_probability([Segment("a", 0, 1)]) is None


PROBABILITIES = st.none() | st.floats(allow_nan=True, allow_infinity=True)
TRANSCRIPTS = st.builds(
    said,
    text=st.text(max_size=30),
    confidence=st.floats(allow_nan=True, allow_infinity=True),
    language_p=PROBABILITIES,
    language=st.sampled_from(["en", "de", *sorted(CHARACTER_LANGUAGES)]),
    no_speech=st.booleans(),
    no_speech_probs=st.lists(st.floats(allow_nan=True), max_size=3).map(tuple),
)
POLICIES = st.builds(Policy, st.floats(0, 1), st.floats(0, 1), st.integers(0, 10))


@given(TRANSCRIPTS, POLICIES, st.booleans())
def test_a_reason_stands_for_every_doubt(transcript: Transcript, policy: Policy, forced: bool) -> None:
    verdict = policy.judge(transcript, language_forced=forced)
    assert verdict.below is (verdict.reason not in (Reason.NONE, Reason.NO_SPEECH))
    assert verdict.language_checked is (not forced and transcript.language_probability is not None)
    if forced:
        assert verdict.reason is not Reason.LANGPROB


@given(TRANSCRIPTS, POLICIES, st.booleans())
def test_stricter_thresholds_never_trust_more(transcript: Transcript, policy: Policy, forced: bool) -> None:
    stricter = Policy(
        min(1.0, policy.conf_logprob_threshold + 0.1),
        min(1.0, policy.conf_langprob_threshold + 0.1),
        policy.min_words_for_conf + 1,
    )
    assert (
        stricter.judge(transcript, language_forced=forced).below
        >= policy.judge(transcript, language_forced=forced).below
    )


@given(st.text(), st.sampled_from(["en", "zh"]))
def test_there_are_never_more_words_than_letters_and_digits(text: str, language: str) -> None:
    assert 0 <= count_words(text, language) <= sum(map(str.isalnum, text))
