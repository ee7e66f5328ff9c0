"""Where the knee of a service is: up to there more callers mean more answers, beyond it only more waiting."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a step: callers at once, good answers a second, and the time that 95 of 100 took at most."""

    concurrency: int
    goodput_per_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class Knee:
    """Where the knee is.

    Attributes:
        concurrency: callers at once at the knee.
        found: whether it is one: at the last step the curve may still rise beyond.
        peak_per_s: most good answers a second of any step.
        twice_share: good answers a second at twice the knee, or the nearest step beyond, as a share of that peak; None
            where no such step was made.
    """

    concurrency: int
    found: bool
    peak_per_s: float
    twice_share: float | None


def find_knee(steps: Sequence[Load]) -> Knee | None:
    """The step with the most power: good answers a second over the time they take. None where nothing was answered.

    Below the knee answers grow with the callers and take equally long, so power grows; beyond it the answers stay as
    many and take longer, so it falls. It has no parameter, and as steps double the load, power halves or doubles from
    one to the next: noise of a few percent moves it by one step at most.
    Source: Kleinrock, "Power and Deterministic Rules of Thumb for Probabilistic Problems in Computer
    Communications", 1979.
    """
    ranked = sorted((step for step in steps if step.goodput_per_s > 0 and step.p95_s > 0), key=lambda s: s.concurrency)
    if not ranked:
        return None
    best = max(ranked, key=lambda step: step.goodput_per_s / step.p95_s)
    peak_per_s = max(step.goodput_per_s for step in ranked)
    beyond = min((s for s in steps if s.concurrency >= 2 * best.concurrency), key=lambda s: s.concurrency, default=None)
    return Knee(
        concurrency=best.concurrency,
        found=best.concurrency < max(step.concurrency for step in steps),
        peak_per_s=peak_per_s,
        twice_share=None if beyond is None else beyond.goodput_per_s / peak_per_s,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to bear so many requests a second.

    Attributes:
        rate_per_s: those.
        at_once: how many of them are in the service at once on average.
        replicas: services that are enough, each loaded up to its knee.
    """

    rate_per_s: float
    at_once: float
    replicas: int


def plan(rate_per_s: float, mean_s: float, knee_concurrency: int) -> Plan:
    """What `rate_per_s` takes where a request lasts `mean_s` with `knee_concurrency` of them at once.

    Source: Little, "A Proof for the Queuing Formula: L = λW", 1961.
    """
    at_once = rate_per_s * mean_s
    return Plan(rate_per_s, at_once, max(1, ceil(at_once / knee_concurrency)))
