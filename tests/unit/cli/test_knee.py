"""The knee of curves that are known: ideal, noisy, flat, without any, and those of a service that collapses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.cli.knee import Knee, Load, Plan, find_knee, plan

STEPS = (1, 2, 4, 8, 16, 32, 64)


def closed_loop(servers: int, alone_s: float, steps: tuple[int, ...] = STEPS) -> list[Load]:
    """An ideal service with so many servers: answers grow with the callers until all are busy, then times do."""
    loads = []
    for callers in steps:
        rate = min(callers, servers) / alone_s
        loads.append(Load(callers, rate, callers / rate))
    return loads


def knee_of(loads: list[Load]) -> Knee:
    knee = find_knee(loads)
    assert knee is not None
    return knee


@pytest.mark.proves("B106")
@given(st.sampled_from(STEPS[:-1]), st.floats(0.001, 10))
def test_the_knee_of_an_ideal_service_is_where_all_servers_are_busy(servers: int, alone_s: float) -> None:
    knee = knee_of(closed_loop(servers, alone_s))
    assert (knee.concurrency, knee.found) == (servers, True)
    assert knee.peak_per_s == pytest.approx(servers / alone_s)
    assert knee.twice_share == pytest.approx(1.0)


@given(st.sampled_from(STEPS[:-1]), st.integers(0, 2**32 - 1))
def test_noise_moves_it_by_one_step_at_most(servers: int, seed: int) -> None:
    noise = np.random.default_rng(seed)
    loads = [
        Load(x.concurrency, x.goodput_per_s * noise.uniform(0.85, 1.15), x.p95_s * noise.uniform(0.85, 1.15))
        for x in closed_loop(servers, 0.2)
    ]
    at = STEPS.index(knee_of(loads).concurrency)
    assert abs(at - STEPS.index(servers)) <= 1


def test_a_service_that_does_one_thing_at_a_time_has_its_knee_at_one() -> None:
    assert knee_of(closed_loop(1, 0.5)).concurrency == 1


def test_a_curve_that_still_rises_has_none_yet() -> None:
    knee = knee_of(closed_loop(1000, 0.2))
    assert (knee.concurrency, knee.found, knee.twice_share) == (64, False, None)


def test_a_soft_knee_is_found_before_the_queue_doubles_the_wait() -> None:
    loads = [Load(c, 40 * c / (c + 3), (c + 3) / 40) for c in STEPS]
    assert knee_of(loads).concurrency in (2, 4)


def test_a_service_that_collapses_is_told_by_its_goodput_at_twice_the_knee() -> None:
    loads = [Load(1, 10, 0.1), Load(2, 20, 0.1), Load(4, 40, 0.1), Load(8, 10, 0.8), Load(16, 1, 9.0)]
    knee = knee_of(loads)
    assert (knee.concurrency, knee.twice_share) == (4, 0.25)


def test_steps_need_not_double_nor_be_in_order() -> None:
    loads = closed_loop(6, 0.1, (12, 3, 9, 6, 1))
    knee = knee_of(loads)
    assert knee.concurrency == 6
    assert knee.twice_share == pytest.approx(1.0)


def test_where_nothing_was_answered_there_is_no_knee() -> None:
    assert find_knee([]) is None
    assert find_knee([Load(1, 0.0, 0.0), Load(2, 0.0, 0.0)]) is None


def test_a_step_beyond_the_knee_that_answered_nothing_counts_as_nothing() -> None:
    assert knee_of([Load(1, 10, 0.1), Load(2, 0.0, 0.0)]).twice_share == 0.0


@pytest.mark.proves("B84")
@pytest.mark.parametrize(
    ("rate_per_s", "mean_s", "knee", "expected"),
    [
        (20.0, 0.25, 2, Plan(20.0, 5.0, 3)),
        (4.0, 0.5, 2, Plan(4.0, 2.0, 1)),
        (0.25, 0.5, 8, Plan(0.25, 0.125, 1)),
    ],
)
def test_a_plan_is_littles_law(rate_per_s: float, mean_s: float, knee: int, expected: Plan) -> None:
    assert plan(rate_per_s, mean_s, knee) == expected
