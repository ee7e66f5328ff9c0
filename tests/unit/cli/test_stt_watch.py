"""What counts as a leak, and what does not; and how a service's figures are read."""

import os
from pathlib import Path

import numpy as np
import pytest

from antiphon.cli.stt_watch import (
    RSS,
    THREADS,
    TREE_RSS,
    Growth,
    Sample,
    growth,
    read_metrics,
    read_process,
    temporary_files,
)
from antiphon.errors import EngineFailed

MB = 2.0**20


def watched(levels_mb: "np.ndarray[tuple[int], np.dtype[np.float64]]", warm_up_s: float = 0.0) -> Growth:
    samples = [Sample(5.0 * n, {RSS: level * MB}) for n, level in enumerate(levels_mb)]
    found = growth(samples, RSS, warm_up_s, 10 * MB)
    assert found is not None
    return found


def noise(count: int, mb: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.random.default_rng(0).normal(0, mb, count)


@pytest.mark.proves("B104")
def test_a_steady_leak_is_found_under_noise() -> None:
    found = watched(300 + np.linspace(0, 25, 240) + noise(240, 5))
    assert not found.ok
    assert found.per_hour == pytest.approx(25 * MB * 3, rel=0.3)


def test_noise_alone_is_none() -> None:
    assert watched(300 + noise(240, 8)).ok


def test_memory_that_is_given_back_is_none() -> None:
    assert watched(300 + 30 * (np.arange(240) % 40) / 40).ok


def test_growth_while_warming_up_does_not_count() -> None:
    levels = 300 + np.minimum(np.arange(240), 60.0)
    assert not watched(levels[:70]).ok
    assert watched(levels, warm_up_s=5 * 60).ok


def test_one_spike_at_the_end_is_none() -> None:
    levels = np.full(240, 300.0)
    levels[-4:] = 500
    assert watched(levels).ok


def test_a_slow_leak_within_the_limit_is_told_but_passes() -> None:
    found = watched(300 + np.linspace(0, 8, 240))
    assert found.ok
    assert found.last - found.first == pytest.approx(8 * MB, rel=0.2)


def test_hours_of_looking_cost_no_hours_of_reckoning() -> None:
    assert not watched(300 + np.linspace(0, 100, 20_000)).ok


def test_what_was_hardly_seen_is_not_judged() -> None:
    assert growth([Sample(0, {RSS: 1.0}), Sample(1, {RSS: 2.0})], RSS, 0, 1) is None
    assert growth([Sample(n, {}) for n in range(9)], RSS, 0, 1) is None


def test_gauges_are_summed_over_their_labels() -> None:
    page = (
        "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 2.5e8\n"
        "# TYPE process_open_fds gauge\nprocess_open_fds 14.0\n"
        '# TYPE calls_waiting gauge\ncalls_waiting{gate="a"} 1.0\ncalls_waiting{gate="b"} 2.0\n'
        "# TYPE stt_in_flight gauge\nstt_in_flight 3.0\n"
    )
    values = read_metrics(page)
    assert values == {RSS: 2.5e8, "open_files": 14.0, "calls_waiting": 3.0, "stt_in_flight": 3.0}
    with pytest.raises(EngineFailed):
        read_metrics("# TYPE up gauge\nup 1\n")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this machine has no /proc: nothing was read")
def test_a_process_is_read_with_its_children() -> None:
    values = read_process(os.getpid())
    assert values[TREE_RSS] > 10 * MB
    assert values[THREADS] >= 1
    assert read_process(2**22 + 1) == {}


def test_temporary_files_are_counted_in_all_folders(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("x", "a/y", "a/b/z"):
        (tmp_path / name).write_text("")
    assert temporary_files(tmp_path) == 3
