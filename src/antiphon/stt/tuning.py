"""Which thresholds a cascade should have: pure arithmetic over what two tiers made of recordings with known words.

A threshold on the primary tier's confidence decides which recordings go to the fallback tier. Each threshold is one
point: the share that goes, the word error rate of what the cascade answers, and what it costs.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

MARGIN = 0.003
"""How far the cascade's word error rate may lie above the fallback tier's: 0.3 points."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording as both tiers heard it.

    Attributes:
        id: its name.
        speaker: who speaks; thresholds are not judged on speakers whom they were chosen on.
        condition: its kind.
        words: words that were said.
        primary_errors: words that the primary tier got wrong.
        fallback_errors: words that the fallback tier got wrong.
        primary_cpu_s: processor time of the primary tier.
        fallback_cpu_s: processor time of the fallback tier.
        confidence: the primary tier's, in [0, 1].
        heard_words: words in the primary tier's answer.
        no_speech: the primary tier heard nobody; then the fallback tier is not asked.
    """

    id: str
    speaker: str
    condition: str
    words: int
    primary_errors: int
    fallback_errors: int
    primary_cpu_s: float
    fallback_cpu_s: float
    confidence: float
    heard_words: int
    no_speech: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When the fallback tier is asked: below this confidence, or for fewer words than these."""

    confidence: float
    min_words: int = 0

    def route(self, clip: Clip) -> bool:
        """Whether a recording goes to the fallback tier."""
        return not clip.no_speech and (clip.confidence < self.confidence or clip.heard_words < self.min_words)


@dataclass(frozen=True, slots=True)
class Point:
    """What a cascade is like with some thresholds.

    Attributes:
        thresholds: those.
        fallback_rate: share of the recordings that go to the fallback tier.
        wer: word error rate of the answers.
        cpu_share: processor time of both tiers, as a share of what asking the fallback tier always would cost.
    """

    thresholds: Thresholds
    fallback_rate: float
    wer: float
    cpu_share: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Thresholds chosen on some speakers, judged on the others: means over many ways to divide them.

    Attributes:
        divisions: how many ways.
        fallback_rate: of the cascade.
        wer: of the cascade.
        fallback_wer: of the fallback tier alone on the same recordings.
        cpu_share: of the cascade.
        within_margin: share of the divisions in which the cascade was as good as it was meant to be.
    """

    divisions: int
    fallback_rate: float
    wer: float
    fallback_wer: float
    cpu_share: float
    within_margin: float


def measure(clips: Sequence[Clip], thresholds: Thresholds) -> Point:
    """What a cascade with `thresholds` does on `clips`."""
    routed = [thresholds.route(clip) for clip in clips]
    wrong = sum(c.fallback_errors if r else c.primary_errors for c, r in zip(clips, routed, strict=True))
    cpu_s = sum(c.primary_cpu_s + r * c.fallback_cpu_s for c, r in zip(clips, routed, strict=True))
    return Point(
        thresholds=thresholds,
        fallback_rate=sum(routed) / max(1, len(clips)),
        wer=wrong / max(1, sum(c.words for c in clips)),
        cpu_share=cpu_s / max(1e-9, sum(c.fallback_cpu_s for c in clips)),
    )


def primary_wer(clips: Sequence[Clip]) -> float:
    """The primary tier alone."""
    return sum(c.primary_errors for c in clips) / max(1, sum(c.words for c in clips))


def fallback_wer(clips: Sequence[Clip]) -> float:
    """The fallback tier alone."""
    return sum(c.fallback_errors for c in clips) / max(1, sum(c.words for c in clips))


def curve(clips: Sequence[Clip], min_words: int = 0) -> list[Point]:
    """A point for each threshold that routes otherwise than the one before, from never to always."""
    order = sorted((clip for clip in clips if not clip.no_speech), key=lambda clip: clip.confidence)
    words, all_cpu_s = max(1, sum(c.words for c in clips)), max(1e-9, sum(c.fallback_cpu_s for c in clips))
    # One pass: each step routes a few clips more, so nothing is summed twice.
    base = measure(clips, Thresholds(0.0, min_words))
    routed, wrong, cpu_s = base.fallback_rate * len(clips), base.wer * words, base.cpu_share * all_cpu_s
    points = [base]
    for clip in order:
        step = _above(clip.confidence)
        if clip.heard_words >= min_words:
            routed, cpu_s = routed + 1, cpu_s + clip.fallback_cpu_s
            wrong += clip.fallback_errors - clip.primary_errors
        point = Point(Thresholds(step, min_words), routed / max(1, len(clips)), wrong / words, cpu_s / all_cpu_s)
        if points[-1].thresholds.confidence == step:
            points[-1] = point
        elif point.fallback_rate > points[-1].fallback_rate:
            points.append(point)
    return points


def choose(clips: Sequence[Clip], margin: float = MARGIN, min_words: Iterable[int] = (0,)) -> Point:
    """The point with the smallest fallback rate whose word error rate is within `margin` of the fallback tier's.

    The fallback tier asked always is such a point, but for recordings in which the primary tier hears nobody; if even
    that is not good enough, it is the answer all the same.
    """
    aim = fallback_wer(clips) + margin + 1e-12
    points = [point for fewest in min_words for point in curve(clips, fewest)]
    good = [point for point in points if point.wer <= aim]
    return min(good or [points[-1]], key=lambda point: (point.fallback_rate, point.cpu_share, point.wer))


def held_out(
    clips: Sequence[Clip], margin: float = MARGIN, min_words: Sequence[int] = (0,), divisions: int = 50
) -> HeldOut:
    """Choose on half of the speakers and judge on the other half, `divisions` times, both ways.

    Raises:
        ValueError: there are fewer than two speakers.
    """
    judged: list[tuple[Point, float]] = []
    for one, other in _halves(clips, divisions):
        for chosen_on, judged_on in ((one, other), (other, one)):
            thresholds = choose(chosen_on, margin, min_words).thresholds
            judged.append((measure(judged_on, thresholds), fallback_wer(judged_on)))
    points = [point for point, _ in judged]
    return HeldOut(
        divisions=divisions,
        fallback_rate=_mean(p.fallback_rate for p in points),
        wer=_mean(p.wer for p in points),
        fallback_wer=_mean(wer for _, wer in judged),
        cpu_share=_mean(p.cpu_share for p in points),
        within_margin=_mean(float(p.wer <= wer + margin + 1e-12) for p, wer in judged),
    )


def by_condition(clips: Sequence[Clip], thresholds: Thresholds) -> dict[str, tuple[int, float, Point, float]]:
    """Of each condition: recordings, word error rate of the primary tier, the cascade's point, the fallback tier's."""
    groups: dict[str, list[Clip]] = {}
    for clip in clips:
        groups.setdefault(clip.condition, []).append(clip)
    return {
        name: (len(some), primary_wer(some), measure(some, thresholds), fallback_wer(some))
        for name, some in sorted(groups.items())
    }


def rounded(point: Point, clips: Sequence[Clip]) -> Point:
    """The point with its threshold in as few digits as route the same recordings: what one writes into a file."""
    exact = [point.thresholds.route(clip) for clip in clips]
    for digits in range(1, 12):
        shorter = replace(point.thresholds, confidence=_up(point.thresholds.confidence, digits))
        if [shorter.route(clip) for clip in clips] == exact:
            return replace(point, thresholds=shorter)
    return point


def _above(confidence: float) -> float:
    """The least threshold that routes this confidence."""
    return math.nextafter(confidence, 2.0)


def _up(value: float, digits: int) -> float:
    return math.ceil(value * 10.0**digits) / 10.0**digits


def _halves(clips: Sequence[Clip], divisions: int) -> Iterator[tuple[list[Clip], list[Clip]]]:
    speakers = sorted({clip.speaker for clip in clips})
    if len(speakers) < 2:
        raise ValueError("choosing on some speakers and judging on others takes at least two")
    random = np.random.default_rng(0)
    for _ in range(divisions):
        first = {speakers[n] for n in random.permutation(len(speakers))[: len(speakers) // 2]}
        yield [c for c in clips if c.speaker in first], [c for c in clips if c.speaker not in first]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
