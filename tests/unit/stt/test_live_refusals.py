"""Live streams over fakes: messages and starts that cannot be used."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.events import live as wire
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import ListenClient, stream
from live_streams import BOOK, START, gauge, live, whole


@pytest.mark.parametrize(
    ("sent", "code", "closed"),
    [
        (b"\0\0\0", "audio_length_invalid", 1003),
        (b"\0" * 65_538, "frame_too_large", 1009),
        ("x" * 65_538, "frame_too_large", 1009),
        ("no json", "message_invalid", 1003),
        ("[" * 60_000, "message_invalid", 1003),
        ('{"type":"start"}', "message_invalid", 1003),
        ('{"type":"sing"}', "message_invalid", 1003),
        ('{"type":"stop","now":true}', "start_invalid", 4400),
    ],
)
@pytest.mark.proves("S10")
async def test_what_cannot_be_used_ends_the_stream_with_a_reason(sent: str | bytes, code: str, closed: int) -> None:
    client = ListenClient(live(), START)
    await client.until(lambda c: c.of(wire.Started))
    await client.say(sent)
    await client.served
    assert client.of(wire.Error)[0].code == code
    assert client.closed == (closed, code)


@pytest.mark.proves("S10")
async def test_samples_that_are_no_numbers_are_silence_until_they_are_too_many() -> None:
    client = ListenClient(live(), wire.Start(language="en", encoding=wire.Encoding.F32LE))
    audio = stream(BOOK, "at ten please")
    audio[100:110] = [np.nan, np.inf, -np.inf, 1e38, -1e38] * 2
    for at in range(0, len(audio), 320):
        await client.say(audio[at : at + 320].tobytes())
    await client.say(b"")
    await client.say(wire.Finalize())
    await client.until(lambda c: c.of(wire.Final))
    assert client.of(wire.Final)[-1].text == "at ten please"
    for _ in range(20):
        await client.say(np.full(320, np.nan, np.float32).tobytes())
    await client.served
    assert client.closed == (1007, "audio_damaged")


@settings(max_examples=60)
@given(
    st.lists(
        st.binary(max_size=700)
        | st.text(max_size=40)
        | st.sampled_from([wire.encode(m) for m in (wire.Start(), wire.Finalize(), wire.KeepAlive(), wire.Stop())])
        | st.sampled_from(['{"type":"finalize","x":1}', '{"type":', "null", '{"type":"start","resume":{}}']),
        max_size=8,
    ),
    st.sampled_from(list(wire.Encoding)),
    st.booleans(),
)
def test_whatever_is_sent_is_heard_or_refused_in_words(
    sent: list[str | bytes], encoding: wire.Encoding, begun: bool
) -> None:
    async def send() -> None:
        service = live()
        client = ListenClient(service, wire.Start(encoding=encoding) if begun else None)
        for message in sent:
            await client.say(message)
        await client.drop(1000)
        errors = client.of(wire.Error)
        assert all(error.fatal and error.code in wire.CLOSE_CODES for error in errors)
        assert len(errors) <= 1
        assert gauge(service, "connected") == gauge(service, "lost") == 0

    asyncio.run(send())


@pytest.mark.parametrize(
    ("start", "code", "param"),
    [
        ('{"type":"start","sample_rate":7999}', "start_invalid", "sample_rate"),
        ('{"type":"start","encoding":"mp3"}', "start_invalid", "encoding"),
        ('{"type":"start","hotword":["x"]}', "start_invalid", "hotword"),
        ('{"type":"start","language":"english"}', "language_invalid", "language"),
        ('{"type":"start","language":"^[a-z]{2,3}$"}', "language_invalid", "language"),
        ('{"type":"start","language":7}', "start_invalid", "language"),
        ('{"type":"start","language":"fr"}', "language_unsupported", "language"),
        ('{"type":"start","language":"FR"}', "language_unsupported", "language"),
        ('{"type":"start","version":2}', "start_invalid", "version"),
        ('{"type":"start","encoding":"opus","sample_rate":16000}', "start_invalid", "sample_rate"),
        ('{"type":"start","resume":{"session":"x"}}', "start_invalid", "resume"),
        (b"\0\0", "message_invalid", None),
        ('{"type":"keep_alive"}', "message_invalid", None),
    ],
)
async def test_a_start_that_cannot_be_used_names_what_is_wrong(
    start: str | bytes, code: str, param: str | None
) -> None:
    client = ListenClient(live())
    await client.say(start)
    await client.served
    error = client.of(wire.Error)[0]
    assert (error.code, error.fatal) == (code, True)
    assert param is None or (error.param or "").startswith(param)
    assert client.closed == (wire.CLOSE_CODES[code], code)


@pytest.mark.parametrize(("written", "language"), [("EN", "en"), (" en ", "en"), ("", None), (None, None)])
async def test_a_language_is_written_as_over_http(written: str | None, language: str | None) -> None:
    service, audio = PhrasebookService(BOOK), stream(BOOK, "at ten please")
    client = ListenClient(live(service), wire.Start(encoding=wire.Encoding.F32LE, language=written))
    await client.until(lambda c: c.of(wire.Started))
    texts = await whole(client, [audio[at : at + 320].tobytes() for at in range(0, len(audio), 320)])
    assert texts == ["at ten please"]
    assert {hearing.language for hearing in service.hearings} == {language}
