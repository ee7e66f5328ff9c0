"""When the fallback is asked: as the operator says, or else as the engine's card advises."""

import pytest

from antiphon.app.speech_to_text import policy_of
from antiphon.engines.stt import faster_whisper_ctranslate2 as whisper
from antiphon.engines.stt import moonshine_onnxruntime as moonshine
from antiphon.ports.card import Card
from antiphon.stt.routing import Policy
from antiphon.stt.settings import SttSettings


@pytest.mark.proves("B28", "B30")
def test_whisper_is_doubted_below_the_thresholds_of_the_two_tier_set_up() -> None:
    assert policy_of(SttSettings(), whisper.CARD) == Policy(0.55, 0.70, 3)


def test_a_calibrated_confidence_has_thresholds_of_its_own() -> None:
    assert policy_of(SttSettings(), moonshine.CARD) == Policy(0.342, 0.70, 0)


@pytest.mark.parametrize("card", [whisper.CARD, moonshine.CARD], ids=lambda card: card.name)
def test_what_an_operator_sets_stands(card: Card) -> None:
    chosen = SttSettings(conf_logprob_threshold=0.0, conf_langprob_threshold=0.1, min_words_for_conf=0)
    assert policy_of(chosen, card) == Policy(0.0, 0.1, 0)
