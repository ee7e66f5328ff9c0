"""Whatever a client writes into the fields: a request that can be worked on, or an error that names a field."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import BadInput, NotFound
from antiphon.ports.card import Card, Port
from antiphon.serving.forms import Form
from antiphon.stt.openai_request import ALIASES, AudioRequest, Format, audio_request
from antiphon.stt.service import Model

CARD = Card("fixed", Port.STT, "hears one thing", translates=True)
MODELS = (Model("fixed-1"), Model("fixed-2", languages=("en",)))
NAMES = (
    *("model", "language", "languages[]", "prompt", "response_format", "temperature", "stream", "include[]"),
    *("timestamp_granularities[]", "timestamp_granularities", "chunking_strategy", "chunking_strategy[type]"),
    *("chunking_strategy[threshold]", "chunking_strategy[", "hotwords", "keywords[]", "known_speaker_names[]", "other"),
)
VALUES = (
    *("fixed-1", "whisper-1", "en", "json", "srt", "verbose_json", "word", "segment", "true", "false", "0.5", "1e-3"),
    *("auto", "server_vad", '{"type": "server_vad"}', "[]", "{", "null", "1", "logprobs", "inf", "-1", "a, b", ""),
)


def attempt(*fields: tuple[str, str], translate: bool = False) -> AudioRequest | BadInput | NotFound:
    try:
        return audio_request(Form({"file": bytearray(b"RIFF")}, fields), CARD, MODELS, translate=translate)
    except (BadInput, NotFound) as refused:
        return refused


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=20))), st.booleans())
def test_fields_make_a_request_or_an_error_that_names_one(fields: list[tuple[str, str]], translate: bool) -> None:
    made = attempt(("model", "fixed-1"), *fields, translate=translate)
    if isinstance(made, AudioRequest):
        assert 0 <= made.hearing.temperature <= 1
        assert made.hearing.translate is translate
        assert made.format in Format
        assert made.words or made.segments
        assert set(made.unknown) <= {"other", "chunking_strategy["}
    else:
        assert made.param
        assert made.param == "model" or any(name.startswith(made.param) for name, _ in fields)


@given(st.text(max_size=40) | st.sampled_from(["fixed-1", "fixed-2", *ALIASES]))
def test_only_names_that_are_known_find_a_model(name: str) -> None:
    made = attempt(("model", name))
    assert isinstance(made, AudioRequest) is (name in {"fixed-1", "fixed-2", *ALIASES})
    assert isinstance(made, AudioRequest) or made.param == "model"


def test_a_strategy_nested_without_end_is_no_strategy() -> None:
    made = attempt(("model", "fixed-1"), ("chunking_strategy", "[" * 60_000))
    assert isinstance(made, BadInput)
    assert made.param == "chunking_strategy"
