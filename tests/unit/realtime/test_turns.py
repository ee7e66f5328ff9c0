import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.realtime.settings import RealtimeSettings
from antiphon.realtime.turns import silence_needed_ms
from antiphon.serving.pauses import Change, PauseDetector

SETTINGS = RealtimeSettings()


def follow(pattern: str) -> list[tuple[int, Change]]:
    """Changes with their window, for a pattern of s(peech), n(othing) and u(nsure) windows."""
    detector = PauseDetector(SETTINGS)
    levels = {"s": 0.9, "n": 0.1, "u": 0.42}
    changes = [(index, detector.window(levels[window])) for index, window in enumerate(pattern)]
    return [change for change in changes if change[1] is not Change.SAME]


@pytest.mark.parametrize(
    ("pattern", "changes"),
    [
        ("nnnn", []),
        ("nnsn", []),  # a click
        ("ssn", []),
        ("sss", [(2, Change.STARTED)]),
        ("ssssnnnn", [(2, Change.STARTED), (7, Change.PAUSED)]),
        ("ssssnnnnss", [(2, Change.STARTED), (7, Change.PAUSED), (9, Change.RESUMED)]),
        ("ssssnnnnsnn", [(2, Change.STARTED), (7, Change.PAUSED)]),  # a click in the pause
        ("ssssnsnsnsns", [(2, Change.STARTED)]),  # stop consonants are no pauses
        ("ssssuuuuuuuu", [(2, Change.STARTED)]),  # between the thresholds speech goes on
        ("uuuuuu", []),
    ],
)
def test_changes(pattern: str, changes: list[tuple[int, Change]]) -> None:
    assert follow(pattern) == changes


def test_silence_is_counted_from_the_last_speech() -> None:
    detector = PauseDetector(SETTINGS)
    for _ in range(10):
        detector.window(0.9)
    for _ in range(20):
        detector.window(0.1)
    assert detector.silence_ms == 20 * 32
    assert detector.voiced_ms == 10 * 32


def test_a_reset_detector_waits_for_a_new_utterance() -> None:
    detector = PauseDetector(SETTINGS)
    for _ in range(10):
        detector.window(0.9)
    detector.reset()
    assert (detector.speaking, detector.paused, detector.silence_ms) == (False, False, 0)
    assert [detector.window(0.9) for _ in range(3)][-1] is Change.STARTED


@given(st.lists(st.floats(0, 1), max_size=300))
def test_changes_alternate(probabilities: list[float]) -> None:
    detector = PauseDetector(SETTINGS)
    changes = [c for p in probabilities if (c := detector.window(p)) is not Change.SAME]
    expected = [Change.STARTED, *[Change.PAUSED, Change.RESUMED] * len(changes)]
    assert changes == expected[: len(changes)]


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_surer_the_end_the_shorter_the_wait(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert silence_needed_ms(SETTINGS, high) <= silence_needed_ms(SETTINGS, low)
    assert SETTINGS.min_silence_ms <= silence_needed_ms(SETTINGS, a) <= SETTINGS.max_silence_ms
