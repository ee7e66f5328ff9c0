"""The circuit breaker, and the retry budget beside it; both on a clock that stands still."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import BadInput, EngineFailed
from antiphon.serving.breaker import Breaker, BreakerOpen
from antiphon.serving.retry_budget import RetryBudget
from antiphon.testing.clock import ManualClock


def call(breaker: Breaker, error: BaseException | None = None) -> None:
    with contextlib.suppress(EngineFailed, BadInput, asyncio.CancelledError), breaker.call(EngineFailed):
        if error is not None:
            raise error


def opened(clock: ManualClock) -> Breaker:
    breaker = Breaker(clock=clock)
    for _ in range(5):
        call(breaker, EngineFailed("x"))
    return breaker


@pytest.mark.proves("P-11")
def test_five_failures_in_a_row_open_it_for_ten_seconds() -> None:
    clock = ManualClock()
    breaker = Breaker(clock=clock)
    for _ in range(4):
        call(breaker, EngineFailed("x"))
    assert breaker.state == "closed"
    call(breaker, EngineFailed("x"))
    assert breaker.state == "open"
    clock.advance(9.9)
    with pytest.raises(BreakerOpen):
        call(breaker)
    clock.advance(0.1)
    assert breaker.state == "half_open"
    call(breaker)
    assert breaker.state == "closed"


def test_an_answer_between_failures_begins_the_count_anew() -> None:
    breaker = Breaker(clock=ManualClock())
    for _ in range(4):
        call(breaker, EngineFailed("x"))
    call(breaker, BadInput("an answer as well: the peer is alive"))
    for _ in range(4):
        call(breaker, EngineFailed("x"))
    assert breaker.state == "closed"


@pytest.mark.proves("P-11")
def test_one_probe_decides() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(10)
    with contextlib.suppress(EngineFailed), breaker.call(EngineFailed):
        with pytest.raises(BreakerOpen):
            call(breaker)  # the probe is still under way
        raise EngineFailed("still broken")
    assert breaker.state == "open"
    clock.advance(9.9)
    with pytest.raises(BreakerOpen):
        call(breaker)
    clock.advance(0.1)
    call(breaker)
    assert breaker.state == "closed"


def test_a_probe_that_is_given_up_lets_the_next_one_through() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(10)
    call(breaker, asyncio.CancelledError())
    assert breaker.state == "half_open"
    call(breaker)
    assert breaker.state == "closed"


def test_waiters_who_lose_patience_count_as_failures_and_others_do_not() -> None:
    clock = ManualClock()
    breaker = Breaker(clock=clock, patience_s=30)
    for waited_s in (1.0, 1.0, 1.0, 1.0, 1.0, 31.0, 31.0, 31.0, 31.0):
        with contextlib.suppress(asyncio.CancelledError), breaker.call(EngineFailed):
            clock.advance(waited_s)
            raise asyncio.CancelledError
    assert breaker.state == "closed"
    call(breaker, EngineFailed("x"))
    assert breaker.state == "open"


def test_late_news_of_calls_made_before_it_opened_changes_nothing() -> None:
    clock = ManualClock()
    breaker = Breaker(clock=clock)
    with breaker.call(EngineFailed):
        for _ in range(5):
            call(breaker, EngineFailed("x"))
    assert breaker.state == "open"


@given(st.lists(st.sampled_from(["ok", "fail", "cancel", "wait"]), max_size=60))
def test_it_is_open_only_after_five_failures_and_never_for_good(steps: list[str]) -> None:
    clock = ManualClock()
    breaker = Breaker(clock=clock)
    errors = {"ok": None, "fail": EngineFailed("x"), "cancel": asyncio.CancelledError()}
    failed = 0
    for step in steps:
        if step == "wait":
            clock.advance(4)
            continue
        with contextlib.suppress(BreakerOpen):
            call(breaker, errors[step])
            failed += step == "fail"
        assert breaker.state == "closed" or failed >= 5
    clock.advance(10)
    call(breaker)
    assert breaker.state == "closed"


@pytest.mark.proves("P-11", "F10")
@given(st.integers(0, 200))
def test_retries_are_a_fifth_of_the_calls_in_a_storm(calls: int) -> None:
    budget = RetryBudget(clock=ManualClock())
    granted = 0
    for _ in range(calls):
        budget.called()
        granted += budget.take()
    assert granted <= max(6, 0.2 * calls)
    assert granted >= min(calls, 6)


def test_old_calls_and_retries_are_forgotten() -> None:
    clock = ManualClock()
    budget = RetryBudget(at_least=1, window_s=60, clock=clock)
    assert budget.take()
    assert not budget.take()
    clock.advance(61)
    assert budget.take()
    for _ in range(100):
        budget.called()
    clock.advance(61)
    assert budget.take()
    assert not budget.take()
