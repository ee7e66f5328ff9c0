"""OpenAI's audio API: what cannot be used is refused by name."""

from typing import Any

import pytest

from openai_scenes import PATH, RECORDING, TRANSLATE, Ears, ask, client_of, error_of


@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"model": None}, 400, "missing_required_parameter", "model"),
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"model": "gpt-4o-transcribe-diarize"}, 404, "model_not_found", "model"),
        ({"response_format": "xml"}, 400, "invalid_value", "response_format"),
        ({"response_format": "diarized_json"}, 400, "unsupported_value", "response_format"),
        ({"temperature": "1.1"}, 400, "invalid_value", "temperature"),
        ({"temperature": "-0.1"}, 400, "invalid_value", "temperature"),
        ({"temperature": "nan"}, 400, "invalid_value", "temperature"),
        ({"temperature": "warm"}, 400, "invalid_value", "temperature"),
        ({"timestamp_granularities_": "word"}, 400, "invalid_value", "timestamp_granularities"),
        ({"timestamp_granularities": "segment"}, 400, "invalid_value", "timestamp_granularities"),
        (
            {"timestamp_granularities_": "phoneme", "response_format": "verbose_json"},
            400,
            "invalid_value",
            "timestamp_granularities",
        ),
        ({"stream": "perhaps"}, 400, "invalid_value", "stream"),
        ({"stream": "true", "response_format": "srt"}, 400, "unsupported_value", "response_format"),
        ({"include_": "moods"}, 400, "invalid_value", "include"),
        ({"include_": "logprobs", "response_format": "text"}, 400, "unsupported_value", "include"),
        ({"language": "english"}, 400, "language_invalid", "language"),
        ({"language": "fr"}, 400, "language_unsupported", "language"),
        ({"languages_": ["xx", "de"]}, 400, "language_invalid", "languages"),
        ({"known_speaker_names_": "Anna"}, 400, "unsupported_value", "known_speaker_names"),
        ({"chunking_strategy": "sometimes"}, 400, "invalid_value", "chunking_strategy"),
        ({"chunking_strategy": '{"type": "server_vad", "threshold": 2}'}, 400, "invalid_value", "chunking_strategy"),
        ({"hotwords": ",".join("ab" for _ in range(201))}, 400, "invalid_value", "hotwords"),
        ({"keywords_": "a" * 101}, 400, "invalid_value", "keywords"),
    ],
    ids=str,
)
async def test_what_cannot_be_used_is_refused_by_name(
    fields: dict[str, Any], status: int, code: str, param: str
) -> None:
    ears = Ears()
    answer = await ask(ears, **fields)
    assert error_of(answer) == (status, code, param)
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert ears.hearings == []


@pytest.mark.parametrize(
    ("recording", "status", "code"),
    [(b"", 400, "audio_empty"), (b"x" * 101, 413, "audio_too_long"), (b"text", 415, "audio_unsupported")],
)
async def test_recordings_that_cannot_be_heard_are_typed_errors(recording: bytes, status: int, code: str) -> None:
    for stream in (None, "true"):
        answer = await ask(recording=recording, stream=stream)
        assert error_of(answer)[:2] == (status, code)


async def test_a_form_without_a_file_names_it() -> None:
    async with client_of(Ears()) as client:
        answer = await client.post(PATH, data={"model": "fixed-1"}, files={"sound": RECORDING})
        assert error_of(answer) == (400, "missing_required_parameter", "file")
        answer = await client.post(PATH, json={"model": "fixed-1"})
        assert error_of(answer) == (415, "content_type_unsupported", "Content-Type")


async def test_fields_of_other_servers_are_ignored_and_named() -> None:
    answer = await ask(None, vad_filter="true", söund="x")
    assert answer.status_code == 200
    assert answer.headers["X-Ignored-Fields"] == "vad_filter, s?und"
    async with client_of(Ears()) as client:
        files = {"file": ("a.wav", RECORDING)}
        answer = await client.post(PATH, data={"model": "fixed-1"}, files=files, params={"language": "zz"})
    assert (answer.status_code, answer.headers["X-Ignored-Fields"]) == (200, "language")


async def test_an_engine_that_cannot_translate_says_so() -> None:
    assert error_of(await ask(path=TRANSLATE)) == (400, "translation_unsupported", "model")
