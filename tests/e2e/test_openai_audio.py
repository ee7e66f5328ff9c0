"""OpenAI's own client against `antiphon serve stt`: the embedded engine, and a Whisper that says what it is told."""

import io
import itertools
import json
import os
import re
import subprocess
import sys
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI
from openai.types.audio import (
    TranscriptionTextDeltaEvent,
    TranscriptionTextDoneEvent,
    TranscriptionVerbose,
    TranslationVerbose,
)

from whisper_fixtures import Script, build

PATIENCE_S = 100.0
KEYS = [f"key-{number}" for number in range(40)]
BURST = 20
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    # The client warns of OpenAI's own plans with its API; it is called as long as it can be.
    pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning"),
]

_next_key = itertools.count()


@contextmanager
def serving(**env: str) -> Iterator[str]:
    """`antiphon serve stt` with a limit of 20 calls a key; its address."""
    command = [sys.executable, "-m", "antiphon", "serve", "stt", "--host", "127.0.0.1", "--port", "0", "--json"]
    limits = {"API_KEYS": ",".join(KEYS), "RATE_LIMIT_RPS": "0.01", "RATE_LIMIT_BURST": str(BURST)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | limits | env
    ) as server:
        try:
            assert server.stdout is not None
            url: str = json.loads(server.stdout.readline())["url"]
            ends_s = time.monotonic() + PATIENCE_S
            with httpx2.Client(base_url=url, timeout=PATIENCE_S, trust_env=False) as client:
                while client.get("/v1/ready").status_code != 200:
                    assert time.monotonic() < ends_s, "the server does not become ready"
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def embedded() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed: translation was not tested")
    script = Script("guten morgen | wie geht es ihnen", language="de", translation="good day how are you")
    folder = build(tmp_path_factory.mktemp("models") / "whisper-told", script)
    with serving(CT2_SMALL_PATH=str(folder), CONF_LANGPROB_THRESHOLD="0") as url:
        yield url


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sentence, by our own voice."""
    path = tmp_path_factory.mktemp("spoken") / "turn.wav"
    words = "Good morning, thank you very much for calling."
    command = [sys.executable, "-m", "antiphon", "say", words, "--voice", "m1", "--out", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
    return path.read_bytes()


Connect = Callable[..., AsyncOpenAI]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens clients with a key, and so a limit, of their own; they do not try again."""
    clients: list[AsyncOpenAI] = []

    def opened(url: str, key: str | None = None) -> AsyncOpenAI:
        transport = httpx2.AsyncClient(trust_env=False, timeout=PATIENCE_S)
        client = AsyncOpenAI(
            base_url=f"{url}/v1", api_key=key or KEYS[next(_next_key)], max_retries=0, http_client=transport
        )
        clients.append(client)
        return client

    yield opened
    for client in clients:
        await client.close()


def named(recording: bytes) -> tuple[str, bytes]:
    return "turn.wav", recording


async def test_every_format_is_what_the_client_expects(embedded: str, recording: bytes, connect: Connect) -> None:
    audio = connect(embedded).audio.transcriptions
    plain = await audio.create(file=named(recording), model="whisper-1")
    assert "good morning" in plain.text.lower()
    assert plain.usage is not None
    assert plain.usage.type == "duration"
    text = await audio.create(file=named(recording), model="whisper-1", response_format="text")
    assert text == f"{plain.text}\n"
    srt = await audio.create(file=named(recording), model="whisper-1", response_format="srt")
    assert re.match(r"1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n", srt)
    assert "good morning" in srt.lower()
    vtt = await audio.create(file=named(recording), model="whisper-1", response_format="vtt")
    assert re.match(r"WEBVTT\n\n00:00:0\d\.\d{3} --> 00:00:0\d\.\d{3}\n", vtt)
    verbose = await audio.create(
        file=named(recording),
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert isinstance(verbose, TranscriptionVerbose)
    assert verbose.language == "en"
    check_times(verbose)


@pytest.mark.proves("P-5")
async def test_the_embedded_engine_tells_the_same_segments_with_words_and_without(
    embedded: str, recording: bytes
) -> None:
    with wave.open(io.BytesIO(recording)) as once:
        rate_hz, samples = once.getframerate(), once.readframes(once.getnframes())
    twice, key = io.BytesIO(), KEYS[next(_next_key)]
    with wave.open(twice, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((samples + bytes(2 * 2 * rate_hz)) * 6)
    async with httpx2.AsyncClient(base_url=embedded, timeout=PATIENCE_S, trust_env=False) as client:
        bare, timed = [
            (
                await client.post(
                    "/v1/transcribe",
                    headers={"Authorization": f"Bearer {key}"},
                    files={"audio": twice.getvalue()},
                    data={"word_timestamps": words},
                )
            ).json()
            for words in ("false", "true")
        ]
    assert "words" not in bare
    assert len(timed["words"]) == len(timed["text"].split())
    assert bare["segments"] == timed["segments"]
    assert len(bare["segments"]) >= 3
    assert "".join(segment["text"] for segment in bare["segments"]) == bare["text"]
    assert all(segment["end"] - segment["start"] < 13 for segment in bare["segments"])


def check_times(verbose: TranscriptionVerbose) -> None:
    """Words and segments are in order, within the recording, and are the text."""
    assert verbose.words
    assert verbose.segments
    times = [at for word in verbose.words for at in (word.start, word.end)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= verbose.duration
    assert "".join(segment.text for segment in verbose.segments) == verbose.text
    assert re.findall(r"[\w']+", verbose.text) == re.findall(r"[\w']+", " ".join(word.word for word in verbose.words))


async def test_a_stream_is_read_as_events(embedded: str, recording: bytes, connect: Connect) -> None:
    stream = await connect(embedded).audio.transcriptions.create(
        file=named(recording), model="gpt-4o-transcribe", stream=True
    )
    *deltas, done = [event async for event in stream]
    assert isinstance(done, TranscriptionTextDoneEvent)
    assert "good morning" in done.text.lower()
    assert "".join(event.delta for event in deltas if isinstance(event, TranscriptionTextDeltaEvent)) == done.text


async def test_logprobs_are_read(embedded: str, recording: bytes, connect: Connect) -> None:
    heard = await connect(embedded).audio.transcriptions.create(
        file=named(recording), model="whisper-1", include=["logprobs"]
    )
    assert heard.logprobs
    assert "".join(entry.token or "" for entry in heard.logprobs) == heard.text
    assert all(entry.logprob is not None and entry.logprob <= 0 for entry in heard.logprobs)


async def test_headers_say_which_model_it_was(embedded: str, recording: bytes, connect: Connect) -> None:
    answer = await connect(embedded).audio.transcriptions.with_raw_response.create(
        file=named(recording), model="whisper-1"
    )
    assert answer.headers["X-Final-Model"] == "moonshine"
    assert answer.headers["X-Total-ms"].isdigit()
    assert answer.parse().text


async def test_models_are_listed(embedded: str, connect: Connect) -> None:
    client = connect(embedded)
    assert [model.id async for model in client.models.list()] == ["moonshine"]
    assert (await client.models.retrieve("moonshine")).object == "model"
    assert (await client.models.retrieve("whisper-1")).id == "whisper-1"
    with pytest.raises(openai.NotFoundError) as missing:
        await client.models.retrieve("Systran/faster-whisper-small")
    assert missing.value.code == "model_not_found"


def silence(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(b"\x80" * int(seconds * 8_000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": "xml"}, "response_format"),
        ({"temperature": 7.0}, "temperature"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        ({"timestamp_granularities": ["letter"], "response_format": "verbose_json"}, "timestamp_granularities"),
        ({"language": "klingon"}, "language"),
        ({"stream": True, "response_format": "srt"}, "response_format"),
        ({"chunking_strategy": {"type": "ear"}}, "chunking_strategy"),
    ],
    ids=str,
)
async def test_bad_requests_are_typed_and_name_the_parameter(
    embedded: str, recording: bytes, connect: Connect, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await connect(embedded).audio.transcriptions.create(file=named(recording), model="whisper-1", **fields)
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"
    assert refused.value.code


async def test_recordings_that_cannot_be_heard_are_typed(embedded: str, connect: Connect) -> None:
    audio = connect(embedded).audio.transcriptions
    with pytest.raises(openai.BadRequestError) as empty:
        await audio.create(file=("turn.wav", b""), model="whisper-1")
    assert empty.value.code == "audio_empty"
    with pytest.raises(openai.APIStatusError) as letter:
        await audio.create(file=("turn.wav", b"Dear Sir or Madam"), model="whisper-1")
    assert (letter.value.status_code, letter.value.code) == (415, "audio_unsupported")
    with pytest.raises(openai.APIStatusError) as long:
        await audio.create(file=("turn.wav", silence(601)), model="whisper-1")
    assert (long.value.status_code, long.value.code) == (413, "audio_too_long")
    nothing = await audio.create(file=("turn.wav", silence(3)), model="whisper-1")
    assert nothing.text == ""


async def test_an_unknown_model_and_a_wrong_key_are_typed(embedded: str, recording: bytes, connect: Connect) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        await connect(embedded).audio.transcriptions.create(file=named(recording), model="gpt-9")
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.AuthenticationError) as wrong:
        # The client looks for an answer only when it has sent everything.
        await connect(embedded, "wrong").audio.transcriptions.create(file=named(bytes(4 << 20)), model="whisper-1")
    assert wrong.value.code == "unauthorized"
    with pytest.raises(openai.BadRequestError) as cannot:
        await connect(embedded).audio.translations.create(file=named(recording), model="whisper-1")
    assert cannot.value.code == "translation_unsupported"


async def test_too_many_calls_are_typed(embedded: str, connect: Connect) -> None:
    client = connect(embedded)
    for _ in range(BURST):
        await client.models.list()
    with pytest.raises(openai.RateLimitError) as limited:
        await client.models.list()
    assert limited.value.code == "rate_limited"
    assert int(limited.value.response.headers["Retry-After"]) >= 1


async def test_an_engine_that_translates_is_asked_to(whisper: str, recording: bytes, connect: Connect) -> None:
    client = connect(whisper)
    heard = await client.audio.transcriptions.create(
        file=named(recording), model="whisper-1", response_format="verbose_json"
    )
    assert (heard.text, heard.language) == ("guten morgen wie geht es ihnen", "de")
    assert heard.segments is not None
    assert [segment.text.strip() for segment in heard.segments] == ["guten morgen", "wie geht es ihnen"]
    assert all(segment.tokens and segment.avg_logprob < 0 for segment in heard.segments)
    assert (await client.audio.translations.create(file=named(recording), model="whisper-1")).text == (
        "good day how are you"
    )
    verbose = await client.audio.translations.create(
        file=named(recording), model="whisper-1", response_format="verbose_json"
    )
    assert isinstance(verbose, TranslationVerbose)
    assert verbose.language == "english"
    plain = await client.audio.transcriptions.create(file=named(recording), model="whisper-1")
    assert plain.languages is not None
    assert [language.code for language in plain.languages] == ["de"]


async def test_a_doubtful_translation_is_made_again_by_the_fallback(
    whisper: str, recording: bytes, connect: Connect, tmp_path: Path
) -> None:
    folder = build(tmp_path / "whisper-unsure", Script("moin", language="de", translation="no idea"))
    env = {
        "CT2_SMALL_PATH": str(folder),
        "CONF_LOGPROB_THRESHOLD": "1",
        "FALLBACK_URL": whisper,
        "FALLBACK_API_KEY": KEYS[next(_next_key)],
    }
    with serving(**env) as url:
        answer = await connect(url).audio.translations.with_raw_response.create(
            file=named(recording), model="whisper-1", response_format="verbose_json"
        )
    assert answer.headers["X-Fallback-Used"] == "true"
    assert answer.headers["X-Final-Model"] == "whisper-told"
    told = json.loads(answer.content)
    assert (told["text"], told["language"], told["source_language"]) == ("good day how are you", "english", "de")


async def test_a_long_recording_is_streamed_in_parts(whisper: str, recording: bytes, connect: Connect) -> None:
    with wave.open(io.BytesIO(recording)) as file:
        rate_hz, spoken = file.getframerate(), file.readframes(file.getnframes())
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        for _ in range(6):
            file.writeframes(spoken + bytes(2 * 8 * rate_hz))
    stream = await connect(whisper).audio.transcriptions.create(
        file=named(out.getvalue()), model="whisper-1", stream=True
    )
    *deltas, done = [event async for event in stream]
    assert isinstance(done, TranscriptionTextDoneEvent)
    assert len(deltas) > 1
    assert "".join(event.delta for event in deltas if isinstance(event, TranscriptionTextDeltaEvent)) == done.text
