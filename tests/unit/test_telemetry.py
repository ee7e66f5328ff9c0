"""Log lines, the metrics registry and the watch over the event loop."""

import asyncio
import errno
import io
import json
import logging
import threading
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest

from antiphon.telemetry import LOST_LINES, LogSettings, LoopWatch, configure_logging, drop_pii, new_registry

CANARY = "canary-Q7xw-0791234567"


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _configured(**settings: Any) -> io.StringIO:
    stream = io.StringIO()
    configure_logging(LogSettings(**settings), stream)
    return stream


def test_a_line_holds_its_event_its_facts_and_the_bound_ids() -> None:
    stream = _configured(format="json")
    with structlog.contextvars.bound_contextvars(conversation_id="c1"):
        structlog.get_logger().info("turn_ended", words=3)
    (line,) = _lines(stream)
    assert (line["event"], line["words"], line["conversation_id"], line["level"]) == ("turn_ended", 3, "c1", "info")
    assert line["timestamp"].endswith("Z")


def test_lines_below_the_level_are_not_written() -> None:
    stream = _configured(format="json", level="warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in _lines(stream)] == ["loud"]


class _FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("closed", [False, True])
def test_a_line_that_cannot_be_written_is_counted_and_harms_nobody(closed: bool) -> None:
    stream = _FullDisk()
    if closed:
        stream.close()
    configure_logging(LogSettings(format="json"), stream)
    before = LOST_LINES._value.get()
    structlog.get_logger().info("turn_ended", words=3)
    structlog.get_logger().exception("engine_failed")
    assert LOST_LINES._value.get() == before + 2
    assert f"log_lines_lost_total {before + 2}".encode() in generate_latest(new_registry())


def test_libraries_that_log_by_the_standard_module_share_the_format() -> None:
    stream = _configured(format="json")
    logging.getLogger("some.library").warning("disk %s", "slow")
    (line,) = _lines(stream)
    assert (line["event"], line["level"]) == ("disk slow", "warning")


keys = st.text(alphabet="abcdefgh_", min_size=1, max_size=8).map("k_".__add__)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def events_with_a_canary(draw: st.DrawFn) -> dict[str, Any]:
    """Log facts with the canary under a `pii.` key somewhere, at any depth."""
    planted: Any = {f"pii.{draw(keys)}": draw(st.sampled_from([CANARY, [CANARY], {"text": CANARY}]))}
    for _ in range(draw(st.integers(0, 3))):
        siblings = draw(st.dictionaries(keys, values, max_size=2))
        planted = draw(st.sampled_from([{"inner": planted}, {"inner": [planted]}, {"inner": (1, planted)}])) | siblings
    facts: dict[str, Any] = draw(st.dictionaries(keys, values, max_size=3)) | planted
    return facts


@pytest.mark.proves("S21")
@settings(max_examples=200)
@given(facts=events_with_a_canary(), form=st.sampled_from(["json", "console"]))
def test_what_a_caller_said_never_reaches_the_log(facts: dict[str, Any], form: str) -> None:
    stream = _configured(format=form)
    with structlog.contextvars.bound_contextvars(**{"pii.caller": CANARY}):
        structlog.get_logger().info("turn_ended", **facts)
    assert "turn_ended" in stream.getvalue()
    assert CANARY not in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_locals(form: str) -> None:
    stream = _configured(format=form)

    def fail(heard: str) -> None:
        raise ValueError(len(heard))

    try:
        fail(CANARY)
    except ValueError:
        structlog.get_logger().exception("turn_failed")
    assert "ValueError" in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_the_operator_can_turn_callers_words_on() -> None:
    stream = _configured(format="json", pii=True)
    structlog.get_logger().info("turn_ended", **{"pii.text": CANARY})
    assert _lines(stream)[0]["pii.text"] == CANARY


@given(facts=st.dictionaries(keys, values, max_size=4))
def test_facts_without_pii_keys_are_kept_as_they_are(facts: dict[str, Any]) -> None:
    assert drop_pii(None, "info", dict(facts)) == facts


@pytest.mark.parametrize("form", ["json", "console"])
@given(value=st.text())
def test_a_value_cannot_forge_a_line_or_drive_a_terminal(form: str, value: str) -> None:
    stream = _configured(format=form)
    structlog.get_logger().info("file_refused", name=value)
    written = stream.getvalue()
    assert written.endswith("\n")
    assert written[:-1].isprintable()


def test_registries_do_not_share_metrics() -> None:
    first, second = new_registry(), new_registry()
    LoopWatch(first)
    LoopWatch(second)
    assert b"process_resident_memory_bytes" in generate_latest(first)
    assert first.get_sample_value("event_loop_lag_seconds") == 0.0


async def test_a_blocked_loop_is_counted_and_its_task_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    reported = threading.Event()
    lines: list[dict[str, Any]] = []

    class Log:
        def error(self, event: str, **facts: Any) -> None:
            lines.append({"event": event, **facts})
            reported.set()

    monkeypatch.setattr("antiphon.telemetry.log", Log())
    registry = new_registry()

    async def greedy() -> None:
        reported.wait()  # stands still until the watch has noticed, however long that takes

    async with LoopWatch(registry, beat_s=0.01, blocked_s=0.05):
        await asyncio.create_task(greedy(), name="greedy-task")
    assert lines[0]["event"] == "event_loop_blocked"
    assert lines[0]["task"] == "greedy-task"
    assert any("greedy" in frame for frame in lines[0]["where"])
    assert registry.get_sample_value("event_loop_blocked_total") == len(lines)


async def test_the_lag_of_a_late_beat_is_measured() -> None:
    measured = asyncio.Event()
    main_thread = threading.get_ident()

    class Late:
        """Jumps a second between any two readings of the loop."""

        reading_s = 0.0

        def now(self) -> Any:
            raise NotImplementedError

        def monotonic_s(self) -> float:
            if threading.get_ident() == main_thread:
                self.reading_s += 1.0
                if self.reading_s > 4:  # made, entered, due, beaten: the next reading comes after the gauge was set
                    measured.set()
            return self.reading_s

    registry = new_registry()
    async with LoopWatch(registry, beat_s=0.001, blocked_s=1e9, clock=Late()):
        await measured.wait()
    assert registry.get_sample_value("event_loop_lag_seconds") == pytest.approx(0.999)
