"""What every turn end engine must do; a new engine file is found and tested by itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antiphon.engines.discover import engines
from antiphon.events.speech import Expectation, Samples
from antiphon.ports.card import Card, Port
from antiphon.ports.turn import TurnEnd


class FullStop:
    """A fake: a turn ends where its text does."""

    card = Card("full-stop", Port.TURN, "A fake.")

    def finished(self, samples: Samples, text: str, expect: Expectation, language: str) -> float:
        return 0.9 if text.rstrip().endswith((".", "!", "?")) else 0.1


FOUND: list[Any] = [FullStop, *(engine for engine in engines() if engine.card.port is Port.TURN)]


@pytest.fixture(params=FOUND, ids=lambda found: found.card.name, scope="module")
def turn_end(request: pytest.FixtureRequest, load_engine: Callable[[Any], Any]) -> Any:
    return load_engine(request.param)


def hum(seconds: float) -> Samples:
    return np.asarray(np.sin(np.arange(round(seconds * 16_000)) * 0.05) * 0.3, np.float32)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120), st.sampled_from(Expectation), st.sampled_from(["en", "de", "it", ""]))
def test_any_text_gets_a_probability(turn_end: TurnEnd, text: str, expect: Expectation, language: str) -> None:
    assert 0 <= turn_end.finished(hum(0.3), text, expect, language) <= 1


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(100, np.float32), hum(60), hum(1) * np.nan])
def test_any_audio_gets_a_probability(turn_end: TurnEnd, samples: Samples) -> None:
    before = samples.copy()
    assert 0 <= turn_end.finished(samples, "I would like to come on Tuesday.", Expectation.FREE, "en") <= 1
    np.testing.assert_array_equal(samples, before)


def test_the_same_turn_is_judged_alike(turn_end: TurnEnd) -> None:
    odds = {turn_end.finished(hum(1), "on Tuesday", Expectation.DATE, "en") for _ in range(3)}
    assert len(odds) == 1


def test_a_whole_sentence_is_likelier_finished_than_half_of_one(turn_end: TurnEnd) -> None:
    whole = turn_end.finished(hum(2), "I would like to book an appointment.", Expectation.FREE, "en")
    half = turn_end.finished(hum(1), "I would like to", Expectation.FREE, "en")
    assert whole > half + 0.2
