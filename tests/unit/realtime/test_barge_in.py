import pytest

from antiphon.events.speech import Expectation
from antiphon.realtime.barge_in import Judgement, Overlap, Overlapping, judge, overlap
from antiphon.realtime.settings import RealtimeSettings

SETTINGS = RealtimeSettings(hold_ms=256, decide_ms=640, tail_ms=500)


@pytest.mark.parametrize(
    ("voiced_ms", "remaining_ms", "held", "cleared", "complete", "decision"),
    [
        (100, 3000, False, False, True, Overlap.IGNORE),
        (256, 3000, False, False, True, Overlap.HOLD),
        (256, 400, False, False, True, Overlap.IGNORE),  # the last moments are never held
        (256, 400, False, False, False, Overlap.HOLD),  # more is coming: these are not the last moments
        (300, 3000, True, False, True, Overlap.IGNORE),
        (640, 3000, True, False, True, Overlap.JUDGE),
        (300, 3000, False, True, True, Overlap.IGNORE),  # judged harmless: the agent speaks on
        (640, 3000, False, True, True, Overlap.JUDGE),
    ],
)
def test_overlap(
    voiced_ms: float, remaining_ms: float, held: bool, cleared: bool, complete: bool, decision: Overlap
) -> None:
    assert overlap(SETTINGS, Overlapping(voiced_ms, remaining_ms, held, cleared, complete)) is decision


def test_without_barge_in_nothing_is_held() -> None:
    calm = RealtimeSettings(barge_in=False)
    assert overlap(calm, Overlapping(5000, 5000, False, False, True)) is Overlap.IGNORE


@pytest.mark.parametrize(
    ("text", "language", "asked", "last", "judgement"),
    [
        ("", "en", Expectation.FREE, False, Judgement.NOTHING),
        ("...", "en", Expectation.FREE, False, Judgement.NOTHING),
        ("Mhm.", "en", Expectation.FREE, False, Judgement.BACKCHANNEL),
        ("ja genau", "de", Expectation.FREE, False, Judgement.BACKCHANNEL),
        ("No, Thursday.", "en", Expectation.FREE, False, Judgement.INTERRUPTION),
        ("stop", "en", Expectation.FREE, False, Judgement.INTERRUPTION),
        ("Yes.", "en", Expectation.YES_NO, True, Judgement.INTERRUPTION),
        ("Yes.", "en", Expectation.YES_NO, False, Judgement.BACKCHANNEL),
        ("nein", "de", Expectation.YES_NO, True, Judgement.INTERRUPTION),
        ("warten Sie bitte", "de", Expectation.FREE, False, Judgement.INTERRUPTION),
    ],
)
def test_judge(text: str, language: str, asked: Expectation, last: bool, judgement: Judgement) -> None:
    assert judge(text, language, asked=asked, last_sentence=last) is judgement
