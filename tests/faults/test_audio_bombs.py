"""Recordings that are meant to harm: bombs, playlists, damage (S1, S3, S4, S11)."""

import asyncio
import io
import os
import signal
import struct
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from antiphon.audio.encode import encode_flac, encode_wav
from antiphon.errors import BadAudio, EngineFailed, TooLong
from antiphon.serving.decoder import Decoder

CHILD_LIMIT_MIB = 512
PARENT_GROWTH_LIMIT_MIB = 20

# Files that are small and unfold to hours, made on the fly. --------------------------------------------------------


def silent(
    container: str,
    codec: str,
    seconds: float,
    sample_format: str,
    *,
    rate_hz: int = 16_000,
    bit_rate: int = 0,
    options: dict[str, str] | None = None,
    layout: str = "mono",
) -> bytes:
    """`seconds` of silence."""
    out = io.BytesIO()
    with av.open(out, mode="w", format=container) as file:
        stream = file.add_stream(codec, rate=rate_hz, layout=layout, options=options or {})
        assert isinstance(stream, av.AudioStream)
        stream.format = sample_format
        if bit_rate:
            stream.bit_rate = bit_rate
        file.start_encoding()
        block = rate_hz * 10
        shape = (1, block * len(stream.layout.channels))
        zeros = np.zeros(shape, dtype="i2" if sample_format == "s16" else "f4")
        for start in range(0, int(seconds * rate_hz), block):
            frame = av.AudioFrame.from_ndarray(zeros, format=sample_format, layout=layout)
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), start
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def flac_hour() -> bytes:
    """An hour of silence in a few kilobytes: the longest blocks that FLAC knows."""
    return silent("flac", "flac", 3600, "s16", options={"frame_size": "65535"})


def flac_16_mib() -> bytes:
    """16 MiB of silent FLAC frames, days of it, with a header that claims a second."""
    minute = silent("flac", "flac", 60, "s16")
    begin = minute.index(b"\xff\xf8")
    head, frames = minute[:begin], minute[begin:]
    claimed = bytearray(head)
    claimed[21] &= 0xF0
    claimed[22:26] = struct.pack(">I", 16_000)
    return bytes(claimed) + frames * ((16 << 20) // len(frames))


def opus_dtx() -> bytes:
    """An hour of Opus that transmits nothing: packets of two bytes that last 60 ms each."""
    out = io.BytesIO()
    with av.open(out, mode="w", format="ogg") as file:
        stream = file.add_stream("libopus", rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        file.start_encoding()
        for number in range(60_000):
            packet = av.Packet(b"\x18\x00")
            packet.stream, packet.time_base = stream, Fraction(1, 48_000)
            packet.pts = packet.dts = number * 2880
            packet.duration = 2880
            file.mux(packet)
    return out.getvalue()


def mp3_8_kbps() -> bytes:
    """Half an hour of MP3 at 8 kb/s."""
    return silent("mp3", "libmp3lame", 1800, "fltp", rate_hz=8000, bit_rate=8000)


def mp4_absurd_timescale() -> bytes:
    """An MP4 whose packets last as long as its timescale of 1 Hz says: a thousand seconds each."""
    return _with_timescale(silent("mp4", "aac", 30, "fltp"), 1)


def mp4_hidden_hour() -> bytes:
    """An MP4 that claims to last milliseconds, so that only decoding tells."""
    return _with_timescale(silent("mp4", "aac", 1200, "fltp"), 1_000_000_000)


def _with_timescale(mp4: bytes, timescale_hz: int) -> bytes:
    data = bytearray(mp4)
    at = data.index(b"mdhd")
    data[at + 16 : at + 20] = struct.pack(">I", timescale_hz)
    return bytes(data)


def wav_hour() -> bytes:
    """16 MiB of samples at 2 kHz: over an hour."""
    return encode_wav(np.zeros(8 << 20, dtype=np.float32), 2000)


BOMBS = {
    "flac_hour": flac_hour,
    "flac_16_mib": flac_16_mib,
    "opus_dtx": opus_dtx,
    "mp3_8_kbps": mp3_8_kbps,
    "mp4_absurd_timescale": mp4_absurd_timescale,
    "mp4_hidden_hour": mp4_hidden_hour,
    "wav_hour": wav_hour,
}


# What becomes of them. -----------------------------------------------------------------------------------------------


def mib(pid: int | str, field: str) -> float:
    """A memory field of `/proc/PID/status`: VmRSS now, VmHWM at its peak."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def forget_peak() -> None:
    """Let VmHWM of this process count from here. Source: proc(5), clear_refs."""
    Path("/proc/self/clear_refs").write_text("5")


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    decoder = Decoder(max_audio_s=600)
    await decoder.start()
    yield decoder
    await decoder.close()


@pytest.fixture
def sound() -> bytes:
    return encode_flac(np.zeros(16_000, dtype=np.float32), 16_000)


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.proves("S1")
async def test_bomb_is_refused_within_bounded_memory(decoder: Decoder, name: str) -> None:
    bomb = BOMBS[name]()
    (child,) = decoder.pool.pids
    forget_peak()
    before = mib("self", "VmRSS")
    with pytest.raises(TooLong) as refused:
        await decoder.decode(bomb)
    assert refused.value.code == "audio_too_long"
    assert mib("self", "VmHWM") - before < PARENT_GROWTH_LIMIT_MIB
    assert decoder.pool.pids == (child,), "the bomb was refused, it did not kill the process"
    assert mib(child, "VmHWM") < CHILD_LIMIT_MIB


async def test_wav_that_claims_4_gb_is_what_it_holds(decoder: Decoder) -> None:
    data = bytearray(encode_wav(np.zeros(16_000, dtype=np.float32), 16_000))
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    assert (await decoder.decode(bytes(data))).duration_s == 1


@pytest.mark.long
async def test_longest_recording_with_most_channels_fits(decoder: Decoder) -> None:
    data = silent("flac", "flac", 600, "s16", layout="7.1")
    (child,) = decoder.pool.pids
    recording = await decoder.decode(data)
    assert (recording.source_channels, recording.duration_s) == (8, 600)
    assert mib(child, "VmHWM") < CHILD_LIMIT_MIB


@pytest.mark.parametrize(
    "script",
    [
        "ffconcat version 1.0\nfile secret.wav\n",
        "ffconcat version 1.0\nfile {folder}/secret.wav\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{folder}/secret.wav\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/secret.wav\n#EXT-X-ENDLIST\n",
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT1S"><Period>'
        "<AdaptationSet><Representation id='0'><BaseURL>http://127.0.0.1:{port}/</BaseURL></Representation>"
        "</AdaptationSet></Period></MPD>",
        "<asx version='3.0'><entry><ref href='http://127.0.0.1:{port}/'/></entry></asx>",
    ],
)
@pytest.mark.proves("S3")
@pytest.mark.proves("S4")
async def test_playlists_open_neither_files_nor_connections(
    decoder: Decoder, script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.wav").write_bytes(encode_wav(np.ones(16_000, dtype=np.float32), 16_000))
    monkeypatch.chdir(tmp_path)
    connections = list[Any]()
    server = await asyncio.start_server(lambda reader, _writer: connections.append(reader), "127.0.0.1", 0)
    async with server:
        data = script.format(folder=tmp_path, port=server.sockets[0].getsockname()[1]).encode()
        with pytest.raises(BadAudio) as refused:
            await decoder.decode(data)
    assert refused.value.code == "audio_unsupported"
    assert not connections


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def stop(pid: int) -> None:
    """Stop a process, and wait until it takes no processor time any more."""
    os.kill(pid, signal.SIGSTOP)
    while not stopped(pid):  # noqa: ASYNC110 - there is nothing to await
        await asyncio.sleep(0.002)


@pytest.mark.parametrize(
    ("work", "lost"), [("endless", {"hung": 2}), ("dying", {"crashed": 2}), ("buggy", {})], ids=str
)
async def test_file_that_is_too_much_for_two_decoders_is_damaged(
    monkeypatch: pytest.MonkeyPatch, sound: bytes, work: str, lost: dict[str, int]
) -> None:
    monkeypatch.setattr("antiphon.serving.decoder._WORK", f"fault_work:make_{work}")
    decoder = Decoder(timeout_s=0.3)
    with pytest.raises(BadAudio) as refused:
        await decoder.decode(sound)
    assert refused.value.code == "audio_damaged"
    assert decoder.pool.lost == lost
    await decoder.close()


@pytest.mark.proves("F2")
@pytest.mark.parametrize("stall_s", [0.5, 60.0], ids=["stands still", "takes too long"])
async def test_file_that_met_a_stopped_decoder_is_decoded_by_another(
    monkeypatch: pytest.MonkeyPatch, sound: bytes, stall_s: float
) -> None:
    monkeypatch.setattr("antiphon.serving.decoder._STALL_S", stall_s)
    decoder = Decoder(timeout_s=3)
    await decoder.start()
    await stop(decoder.pool.pids[0])
    assert (await decoder.decode(sound)).duration_s == 1
    assert decoder.pool.lost == {"hung": 1}
    await decoder.close()


async def test_decoder_that_was_lost_not_for_the_file_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, sound: bytes
) -> None:
    monkeypatch.setattr("antiphon.serving.decoder._STALL_S", 0.5)
    monkeypatch.setattr("antiphon.serving.decoder._WORK", "fault_work:make_dying")
    decoder = Decoder()
    await decoder.start()
    await stop(decoder.pool.pids[0])
    with pytest.raises(EngineFailed) as lost:
        await decoder.decode(sound)
    assert (lost.value.code, lost.value.retryable) == ("worker_lost", True)
    assert decoder.pool.lost == {"hung": 1, "crashed": 1}
    await decoder.close()


async def test_process_that_dies_at_work_costs_nothing(decoder: Decoder, sound: bytes) -> None:
    (child,) = decoder.pool.pids
    os.kill(child, signal.SIGSTOP)
    call = asyncio.create_task(decoder.decode(sound))
    while not decoder.pool.gate.in_flight:  # noqa: ASYNC110 - there is nothing to await
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    assert (await call).duration_s == 1
    assert decoder.pool.lost.total() == 1


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(1, dtype=np.float32),
        np.zeros(160, dtype=np.float32),
        np.full(8000, 0.5, dtype=np.float32),
        np.where(np.sin(np.arange(16_000) / 9) > 0, 1, -1).astype(np.float32),
        np.random.default_rng(6).normal(0, 0.3, 16_000).astype(np.float32),
    ],
    ids=["one_sample", "10_ms", "dc", "clipped", "noise"],
)
@pytest.mark.proves("S11")
async def test_odd_sounds_are_still_recordings(decoder: Decoder, samples: np.ndarray) -> None:
    for encode in (encode_wav, encode_flac):
        recording = await decoder.decode(encode(samples, 16_000))
        assert recording.mono.shape == samples.shape


@pytest.mark.parametrize("data", [b"", encode_wav(np.zeros(0, dtype=np.float32), 16_000)])
async def test_nothing_is_empty(decoder: Decoder, data: bytes) -> None:
    with pytest.raises(BadAudio) as refused:
        await decoder.decode(data)
    assert refused.value.code == "audio_empty"


async def test_call_may_lower_the_limit_but_not_raise_it() -> None:
    decoder = Decoder(max_audio_s=1)
    data = encode_wav(np.zeros(24_000, dtype=np.float32), 16_000)
    with pytest.raises(TooLong):
        await decoder.decode(data, max_audio_s=10)
    with pytest.raises(TooLong):
        await decoder.decode(data[:20_000], max_audio_s=0.5)
    assert (await decoder.decode_mono(data[:20_000], 8_000)).shape == (4989,)
    await decoder.close()


@pytest.mark.shared
async def test_every_hard_recording_ends_as_expected(decoder: Decoder, speech: list[dict[str, Any]]) -> None:
    wrong: list[tuple[Any, ...]] = []
    for item in (item for item in speech if item["condition"].startswith("hard-")):
        try:
            recording = await decoder.decode(item["path"].read_bytes())
            outcome = "decoded"
            assert np.isfinite(recording.samples).all()
            if item["duration_s"] is not None and abs(recording.duration_s - item["duration_s"]) > 0.1:
                wrong.append((item["id"], recording.duration_s, item["duration_s"]))
        except (BadAudio, TooLong) as error:
            outcome = error.code
        expected = item.get("expect", "any")
        if (
            (expected == "reject") == (outcome == "decoded")
            and not expected.endswith("-or-reject")
            and expected != "any"
        ):
            wrong.append((item["id"], outcome, expected))
    assert not wrong
    assert not decoder.pool.lost
