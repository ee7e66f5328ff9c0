"""Choosing thresholds: the curve is what measuring each point would give, and the choice is the best point there is."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.stt.tuning import (
    Clip,
    Thresholds,
    by_condition,
    choose,
    curve,
    fallback_wer,
    held_out,
    measure,
    primary_wer,
    rounded,
)

CONFIDENCES = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1))


@st.composite
def clips_of(draw: st.DrawFn, most: int = 25) -> list[Clip]:
    count = draw(st.integers(1, most))
    return [
        Clip(
            id=str(n),
            speaker=draw(st.sampled_from("abcd")),
            condition=draw(st.sampled_from(["quiet", "noisy"])),
            words=draw(st.integers(1, 9)),
            primary_errors=draw(st.integers(0, 9)),
            fallback_errors=draw(st.integers(0, 9)),
            primary_cpu_s=draw(st.floats(0.01, 2)),
            fallback_cpu_s=draw(st.floats(0.01, 2)),
            confidence=draw(CONFIDENCES),
            heard_words=draw(st.integers(0, 6)),
            no_speech=draw(st.booleans()),
        )
        for n in range(count)
    ]


def clip(number: int, confidence: float, primary_errors: int, fallback_errors: int, speaker: str = "a") -> Clip:
    return Clip(str(number), speaker, "quiet", 10, primary_errors, fallback_errors, 1.0, 2.0, confidence, 10)


@given(clips_of(), st.integers(0, 4))
def test_each_point_of_the_curve_is_what_its_thresholds_do(clips: list[Clip], min_words: int) -> None:
    points = curve(clips, min_words)
    for point in points:
        measured = measure(clips, point.thresholds)
        assert point.fallback_rate == pytest.approx(measured.fallback_rate)
        assert point.wer == pytest.approx(measured.wer)
        assert point.cpu_share == pytest.approx(measured.cpu_share)


@given(clips_of(), st.integers(0, 4))
def test_the_curve_goes_from_never_to_always_by_all_that_differs(clips: list[Clip], min_words: int) -> None:
    points = curve(clips, min_words)
    assert points[0].thresholds == Thresholds(0.0, min_words)
    assert all(a.fallback_rate < b.fallback_rate for a, b in pairwise(points))
    assert all(a.thresholds.confidence < b.thresholds.confidence for a, b in pairwise(points))
    speaking = [c for c in clips if not c.no_speech]
    assert points[-1].fallback_rate == pytest.approx(len(speaking) / len(clips))
    ways = {
        frozenset(c.id for c in clips if Thresholds(t, min_words).route(c))
        for t in [0.0, 2.0, *(x for c in speaking for x in (c.confidence, math.nextafter(c.confidence, 2.0)))]
    }
    rates = sorted({len(way) / len(clips) for way in ways})
    assert [p.fallback_rate for p in points] == pytest.approx(rates)


@given(clips_of(), st.floats(0, 0.5))
def test_no_smaller_fallback_rate_would_do(clips: list[Clip], margin: float) -> None:
    chosen = choose(clips, margin, (0, 2))
    aim = fallback_wer(clips) + margin + 1e-9
    points = curve(clips, 0) + curve(clips, 2)
    if any(point.wer <= aim for point in points):
        assert chosen.wer <= aim
        assert all(point.wer > aim - 2e-9 for point in points if point.fallback_rate < chosen.fallback_rate)
    else:
        assert chosen.fallback_rate == max(point.fallback_rate for point in points)


@given(clips_of())
def test_what_is_written_into_a_file_routes_the_same(clips: list[Clip]) -> None:
    for point in curve(clips):
        short = rounded(point, clips)
        assert [short.thresholds.route(c) for c in clips] == [point.thresholds.route(c) for c in clips]
        assert (short.wer, short.fallback_rate) == (point.wer, point.fallback_rate)


def test_a_telling_confidence_sends_only_what_gains() -> None:
    clips = [clip(n, 0.1 * n, primary_errors=5 if n < 3 else 0, fallback_errors=0) for n in range(10)]
    chosen = rounded(choose(clips), clips)
    assert chosen.thresholds == Thresholds(0.3)
    assert (chosen.fallback_rate, chosen.wer) == (0.3, 0.0)
    assert chosen.cpu_share == pytest.approx((10 + 3 * 2) / 20)


def test_a_fallback_that_is_no_better_is_never_asked() -> None:
    clips = [clip(n, 0.1 * n, primary_errors=1, fallback_errors=1) for n in range(10)]
    assert choose(clips).fallback_rate == 0.0


def test_who_heard_nobody_is_not_sent_on_and_short_answers_are() -> None:
    silent = Clip("s", "a", "quiet", 3, 3, 0, 1.0, 2.0, 0.0, 0, no_speech=True)
    short = Clip("k", "a", "quiet", 1, 1, 0, 1.0, 2.0, 0.99, 1)
    assert not Thresholds(1.0, 3).route(silent)
    assert Thresholds(0.5, 3).route(short)
    assert not Thresholds(0.5, 1).route(short)


def test_held_out_speakers_show_what_was_only_luck() -> None:
    # The confidence tells for each speaker where errors are, but on another scale: no threshold fits all.
    clips = [
        clip(10 * s + n, 0.08 * n * (s + 1) / 8, primary_errors=5 if n < 3 else 0, fallback_errors=0, speaker=str(s))
        for s in range(8)
        for n in range(10)
    ]
    judged = held_out(clips, divisions=20)
    assert judged.fallback_wer == 0.0
    assert 0.0 < judged.within_margin < 1.0
    same = [clip(n, 0.1 * (n % 10), 5 if n % 10 < 3 else 0, 0, speaker=str(n // 10)) for n in range(80)]
    fair = held_out(same, divisions=20)
    assert (fair.within_margin, fair.wer) == (1.0, 0.0)
    assert fair.fallback_rate == pytest.approx(0.3)


def test_one_speaker_cannot_be_held_out() -> None:
    with pytest.raises(ValueError, match="two"):
        held_out([clip(0, 0.5, 0, 0)])


@given(clips_of())
def test_conditions_add_up_to_all(clips: list[Clip]) -> None:
    parts = by_condition(clips, Thresholds(0.5))
    words = {name: sum(c.words for c in clips if c.condition == name) for name in parts}
    assert sum(count for count, *_ in parts.values()) == len(clips)
    assert sum(words[n] * wer for n, (_, wer, _, _) in parts.items()) == pytest.approx(
        primary_wer(clips) * sum(words.values())
    )
