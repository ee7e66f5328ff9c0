"""OpenAI's audio API: what is answered, in every format."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from antiphon.errors import BadInput
from antiphon.events.speech import Hearing, Segment, Transcript
from antiphon.ports.card import Card, Port
from antiphon.serving.gate import Gate
from antiphon.stt.cascade import Cascade
from antiphon.stt.openai_request import ALIASES
from antiphon.stt.routing import Policy
from antiphon.stt.tier import Tier
from openai_scenes import HEARD, PATH, RECORDING, TEXT, TRANSLATE, Ears, app_of, ask, client_of, error_of, service_of

CANNOT_TRANSLATE = BadInput("It answered 400.", code="translation_unsupported")


async def test_json_is_the_text_and_the_length_that_was_heard() -> None:
    answer = await ask()
    assert answer.json() == {"text": TEXT, "usage": {"type": "duration", "seconds": 5}}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["X-Final-Model"] == "fixed-1"
    assert answer.headers["X-Total-ms"].isdigit()


async def test_text_is_plain() -> None:
    answer = await ask(response_format="text")
    assert answer.text == f"{TEXT}\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_subtitles_have_the_times_of_words() -> None:
    ears = Ears()
    answer = await ask(ears, response_format="srt")
    assert answer.text == (
        "1\n00:00:00,200 --> 00:00:01,200\nGood morning.\n\n2\n00:00:02,000 --> 00:00:03,200\nIs Thursday possible?\n\n"
    )
    assert ears.hearings[0].words
    answer = await ask(response_format="vtt")
    assert answer.text.startswith("WEBVTT\n\n00:00:00.200 --> 00:00:01.200\nGood morning.\n\n")
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"


async def test_verbose_json_tells_segments_unless_words_are_asked_for() -> None:
    body = (await ask(response_format="verbose_json")).json()
    assert [(s["start"], s["end"], s["text"]) for s in body["segments"]] == [
        (0.2, 1.0, "Good morning."),
        (2.0, 3.2, " Is Thursday possible?"),
    ]
    assert "words" not in body
    assert (body["task"], body["language"], body["duration"]) == ("transcribe", "en", 4.2)
    assert body["usage"] == {"type": "duration", "seconds": 5}
    body = (await ask(response_format="verbose_json", timestamp_granularities_="word")).json()
    assert "segments" not in body
    assert body["words"][3] == {"word": "Thursday", "start": 2.4, "end": 2.8, "confidence": 0.5}
    body = (await ask(response_format="verbose_json", timestamp_granularities_=["word", "segment"])).json()
    assert len(body["words"]) == 5
    assert len(body["segments"]) == 2


async def test_silence_in_no_language_is_told_as_a_text() -> None:
    nothing = Transcript("", 1.0, "", 4.0, "fixed", no_speech=True)
    body = (await ask(Ears(heard=nothing), response_format="verbose_json")).json()
    assert (body["text"], body["language"], body["segments"]) == ("", "", [])


async def test_an_engine_with_segments_of_its_own_is_not_asked_for_words() -> None:
    own = replace(HEARD, segments=(Segment(TEXT, 0.0, 4.0, (1, 2, 3), -0.2),))
    ears = Ears(Card("fixed", Port.STT, "hears one thing", segments=True), own)
    body = (await ask(ears, response_format="verbose_json")).json()
    assert [(s["tokens"], s["avg_logprob"]) for s in body["segments"]] == [([1, 2, 3], -0.2)]
    assert not ears.hearings[0].words


async def test_everything_that_was_asked_for_reaches_the_engine() -> None:
    ears = Ears()
    fields: dict[str, Any] = {
        "language": "DE",
        "prompt": "Praxis",
        "temperature": "0.4",
        "hotwords": "Keller, Miller",
        "keywords_": "Zahn",
    }
    assert (await ask(ears, **fields)).status_code == 200
    assert ears.hearings == [
        Hearing("de", prompt="Praxis", temperature=0.4, phrases=("Zahn", "Keller", "Miller"), words=False)
    ]


async def test_as_many_keywords_as_are_allowed_can_be_sent_one_by_one() -> None:
    ears, terms = Ears(), [f"term {number}" for number in range(200)]
    assert (await ask(ears, keywords_=terms)).status_code == 200
    assert ears.hearings[0].phrases == tuple(terms)


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"languages_": "de"}, "de"),
        ({"languages_": ["de", "en"]}, None),
        ({"language": "en", "languages_": ["de", "en"]}, "en"),
        ({"language": ""}, None),
    ],
)
async def test_one_possible_language_is_the_language(fields: dict[str, Any], language: str | None) -> None:
    ears = Ears()
    assert (await ask(ears, **fields)).status_code == 200
    assert ears.hearings[0].language == language


async def test_a_detected_language_is_told() -> None:
    body = (await ask(Ears(heard=replace(HEARD, language="de", language_probability=0.9)))).json()
    assert body["languages"] == [{"code": "de"}]


async def test_logprobs_are_those_of_words() -> None:
    body = (await ask(include_="logprobs")).json()
    assert "".join(entry["token"] for entry in body["logprobs"]) == TEXT
    assert {entry["logprob"] for entry in body["logprobs"]} == {-0.6931}
    assert bytes(body["logprobs"][0]["bytes"]).decode() == "Good"


@pytest.mark.parametrize("name", sorted(ALIASES))
async def test_names_of_openai_mean_the_model_that_is_here(name: str) -> None:
    answer = await ask(model=name)
    assert answer.json()["text"] == TEXT
    assert answer.headers["X-Final-Model"] == "fixed-1"


@pytest.mark.parametrize("strategy", [{"chunking_strategy": "auto"}, {"chunking_strategy": '{"type":"server_vad"}'}])
async def test_a_chunking_strategy_of_openai_is_taken(strategy: dict[str, Any]) -> None:
    assert (await ask(**strategy)).status_code == 200
    async with client_of(Ears()) as client:
        data = {"model": "fixed-1", "chunking_strategy[type]": "server_vad", "chunking_strategy[threshold]": "0.4"}
        answer = await client.post(PATH, data=data, files={"file": RECORDING})
    assert answer.status_code == 200
    assert "X-Ignored-Fields" not in answer.headers


async def test_a_translation_is_english_and_names_its_source() -> None:
    german = replace(HEARD, language="de", language_probability=0.9)
    ears = Ears(Card("fixed", Port.STT, "hears one thing", translates=True), german)
    body = (await ask(ears, path=TRANSLATE, response_format="verbose_json")).json()
    assert (body["task"], body["language"], body["source_language"]) == ("translate", "english", "de")
    assert ears.hearings[0].translate
    assert not ears.hearings[0].words


async def test_a_tier_that_cannot_translate_has_no_say_in_a_translation() -> None:
    doubtful = replace(HEARD, confidence=0.1)
    first = Ears(Card("fixed", Port.STT, "hears one thing", translates=True), doubtful)
    for second in (Ears(), Ears(Card("remote", Port.STT, "", translates=True), fails=CANNOT_TRANSLATE)):
        cascade = Cascade(Tier(first, Gate(1), model="fixed-1"), second, Policy())
        async with client_of(first, service_of(first, cascade=cascade)) as client:
            answer = await client.post(TRANSLATE, data={"model": "fixed-1"}, files={"file": RECORDING})
        assert answer.json()["text"] == TEXT
        assert answer.headers["X-Fallback-Error"] == "translation_unsupported"
        assert answer.headers["X-Fallback-Used"] == "false"


async def test_models_are_listed_and_found_by_their_name_or_one_of_openai() -> None:
    async with client_of(Ears()) as client:
        listed = (await client.get("/v1/models")).json()
        own = (await client.get("/v1/models/fixed-1")).json()
        alias = (await client.get("/v1/models/whisper-1")).json()
        missing = await client.get("/v1/models/Systran/none")
    assert listed == {"object": "list", "data": [own]}
    assert own | {"languages": []} == {
        "id": "fixed-1",
        "object": "model",
        "created": 1_700_000_000,
        "owned_by": "antiphon",
        "languages": [],
    }
    assert (alias["id"], alias["root"]) == ("whisper-1", "fixed-1")
    assert error_of(missing) == (404, "model_not_found", "model")


async def test_every_request_is_counted_once_also_where_it_is_refused() -> None:
    registry = CollectorRegistry()
    transport = httpx2.ASGITransport(app_of(service_of(Ears(), registry=registry)), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
        for model in ("fixed-1", "gpt-9"):
            await client.post(PATH, data={"model": model}, files={"file": RECORDING})
    samples = [s for metric in registry.collect() for s in metric.samples if s.name == "stt_requests_total"]
    assert {(s.labels["endpoint"], s.value) for s in samples} == {(PATH, 1.0)}
    assert len(samples) == 2
