"""The parts of the SDK that need no network: latencies, pauses, refusals, the choice of a server."""

import threading
from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import AntiphonError, AtCapacity, EngineFailed, EngineUnavailable
from antiphon.sdk.client import Client
from antiphon.sdk.latency import Latency, percentile
from antiphon.sdk.refusals import refusal
from antiphon.sdk.retries import Retries
from antiphon.sdk.servers import PoolSettings, Server, choose

SETTINGS = PoolSettings(failures=3, ejected_s=5, longest_ejected_s=60)


@cache
def client(number: int) -> Client:
    return Client(f"http://server-{number}")


def servers(count: int) -> list[Server]:
    return [Server(client(n), SETTINGS) for n in range(count)]


@given(st.lists(st.floats(0, 1e3), min_size=1), st.floats(0.001, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], p: float) -> None:
    ranked = sorted(values)
    found = percentile(ranked, p)
    assert found in ranked
    assert sum(value <= found for value in ranked) >= len(ranked) * p / 100 - 1e-9
    assert sum(value < found for value in ranked) < len(ranked) * p / 100 + 1e-9


@given(st.lists(st.floats(0, 100), max_size=50), st.integers(1, 20))
def test_latency_forgets_what_is_old_but_not_how_much_there_was(seconds: list[float], window: int) -> None:
    latency = Latency(window)
    for one in seconds:
        latency.answered(one)
    figures = latency.snapshot()
    recent = sorted(seconds[-window:])
    assert (figures.calls, figures.window) == (len(seconds), len(recent))
    assert (figures.p50_s, figures.p99_s) == (percentile(recent, 50), percentile(recent, 99))
    assert figures.mean_s is None if not seconds else figures.mean_s == pytest.approx(sum(seconds) / len(seconds))


def test_latency_loses_nothing_between_threads() -> None:
    latency = Latency()

    def call() -> None:
        for _ in range(1000):
            latency.answered(0.1)
            latency.failed()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        figures = latency.snapshot()
        assert figures.window == min(figures.calls, 1000)
    for thread in threads:
        thread.join()
    assert (latency.snapshot().calls, latency.snapshot().failures) == (8000, 8000)


@given(st.integers(1, 40), st.floats(0, 100))
def test_pauses_grow_are_bounded_and_honour_the_server(failures: int, asked_s: float) -> None:
    retries = Retries(jitter_s=(0.05, 0.15), growth=2, longest_s=3)
    own_s = retries.pause_s(failures, EngineFailed("broken"))
    assert min(3, 0.05 * 2 ** (failures - 1)) <= own_s <= min(3, 0.15 * 2 ** (failures - 1))
    assert asked_s <= retries.pause_s(failures, AtCapacity("full", retry_after_s=asked_s)) <= asked_s + 3


@given(st.integers(201, 599), st.binary(), st.text())
def test_whatever_is_answered_becomes_an_error_of_ours(status: int, body: bytes, retry_after: str) -> None:
    error = refusal(status, {"retry-after": retry_after, "x-req-id": "r"}, body)
    assert isinstance(error, AntiphonError)
    assert error.request_id == "r"
    if isinstance(error, AtCapacity):
        assert 0 <= error.retry_after_s < float("inf")


def test_unavailable_is_told_from_full() -> None:
    body = b'{"error":{"type":"engine_error","code":"model_missing","message":"m","param":"model"}}'
    error = refusal(503, {}, body)
    assert type(error) is EngineUnavailable
    assert (error.code, error.param) == ("model_missing", "model")


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=6))
def test_the_least_loaded_that_was_not_tried_is_chosen(states: list[tuple[int, bool]]) -> None:
    pool = servers(len(states))
    for server, (calls, _) in zip(pool, states, strict=True):
        server.in_flight = calls
    tried = [server for server, (_, was_tried) in zip(pool, states, strict=True) if was_tried]
    chosen = choose(pool, tried, 0.0)
    fresh = [server for server in pool if server not in tried] or pool
    assert chosen in fresh
    assert chosen.in_flight == min(server.in_flight for server in fresh)


def test_among_equally_loaded_ones_the_quicker_gets_more_and_the_slowest_none() -> None:
    pool = servers(3)
    for server, seconds in zip(pool, (0.1, 0.2, 0.4), strict=True):
        server.succeeded(0.0, seconds)
    counts = Counter(pool.index(choose(pool, [], 0.0)) for _ in range(3000))
    assert counts[0] / 3000 == pytest.approx(2 / 3, abs=0.05)
    assert counts[1] / 3000 == pytest.approx(1 / 3, abs=0.05)
    assert counts[2] == 0
    pool[0].succeeded(300.0, 0.1)
    pool[1].succeeded(300.0, 0.2)
    assert pool[2].cost(300.0) < pool[0].cost(300.0), "what was long ago is forgotten"


def test_ejections_double_up_to_a_limit_and_success_shortens_the_next() -> None:
    (server,) = servers(1)
    lengths, now_s = [], 0.0
    for _ in range(3):
        server.failed(now_s)
    for _ in range(6):
        lengths.append(server.snapshot(now_s).ejected_for_s)
        now_s += lengths[-1]
        server.failed(now_s)
    assert lengths == [5, 10, 20, 40, 60, 60]
    now_s += server.snapshot(now_s).ejected_for_s
    server.succeeded(now_s, 0.1)
    for _ in range(3):
        assert server.usable(now_s)
        server.failed(now_s)
    assert not server.usable(now_s)


def test_failures_of_calls_sent_before_the_ejection_do_not_lengthen_it() -> None:
    (server,) = servers(1)
    for _ in range(50):
        server.failed(0.0)
    assert server.snapshot(0.0).ejected_for_s == 5


def test_a_restart_is_a_new_beginning_and_readiness_alone_is_none() -> None:
    (server,) = servers(1)
    for _ in range(3):
        server.failed(0.0)
    server.checked(ready=True)
    assert not server.usable(1.0), "it said that it was ready all along, and failed"
    server.checked(ready=False)
    assert not server.usable(100.0)
    server.checked(ready=True)
    assert server.usable(1.0)


def test_a_deadline_blames_only_who_had_time() -> None:
    (server,) = servers(1)
    assert not server.had_time(0.1)
    assert server.had_time(1.0)
    server.succeeded(0.0, 2.0)
    assert not server.had_time(5.0)
    assert server.had_time(10.0)
