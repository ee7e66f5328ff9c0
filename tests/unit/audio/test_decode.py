import io
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.audio.decode import decode
from antiphon.audio.encode import encode_flac, encode_mp3, encode_opus, encode_wav
from antiphon.audio.pcm import Samples
from antiphon.errors import BadAudio, TooLong

RATE_HZ = 16_000
SPEECH = (np.sin(np.arange(RATE_HZ) / 20) * np.hanning(RATE_HZ) * 0.5).astype(np.float32)


def packed(
    container: str,
    codec: str,
    sound: Samples,
    rate_hz: int = RATE_HZ,
    channels: int = 1,
    options: dict[str, str] | None = None,
) -> bytes:
    layout = "mono" if channels == 1 else "stereo"
    out = io.BytesIO()
    with av.open(out, mode="w", format=container, options=options or {}) as file:
        stream = file.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(sound.reshape(channels, -1), format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
        for converted in av.AudioResampler(format=stream.codec_context.format).resample(frame):
            file.mux(stream.encode(converted))
        file.mux(stream.encode(None))
    return out.getvalue()


FILES = {
    "wav": encode_wav(SPEECH, RATE_HZ),
    "flac": encode_flac(SPEECH, RATE_HZ),
    "ogg": encode_opus(SPEECH, RATE_HZ),
    "mp3": encode_mp3(SPEECH, RATE_HZ),
    "webm": packed("webm", "libopus", SPEECH),
    "mp4": packed("mp4", "aac", SPEECH),
    "aac": packed("adts", "aac", SPEECH),
    "aiff": packed("aiff", "pcm_s16be", SPEECH),
}


@pytest.mark.parametrize("container", FILES)
def test_every_container_is_read(container: str) -> None:
    back = decode(FILES[container])
    assert back.container == container
    assert (back.rate_hz, back.source_channels, back.damaged_packets) == (16_000, 1, 0)
    assert 1.0 <= back.duration_s <= 1.15  # some codecs pad to whole frames where the container has no length
    assert np.corrcoef(np.abs(back.mono[:RATE_HZ]), np.abs(SPEECH))[0, 1] > 0.3


@pytest.mark.parametrize("container", FILES)
def test_every_container_is_cut_off_at_the_limit(container: str) -> None:
    with pytest.raises(TooLong) as refused:
        decode(FILES[container], max_audio_s=0.5)
    assert refused.value.code == "audio_too_long"


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [
        ("webm", "libopus", {"live": "1"}),
        ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
        ("mp4", "alac", {}),
        ("ogg", "flac", {}),
        ("wav", "libmp3lame", {}),
        ("mov", "pcm_s16be", {}),
    ],
)
def test_what_browsers_and_phones_record_is_read(container: str, codec: str, options: dict[str, str]) -> None:
    assert decode(packed(container, codec, SPEECH, options=options)).duration_s == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("codec", ["adpcm_ima_wav", "pcm_s16le"])
@pytest.mark.parametrize("container", ["wav", "w64"])
def test_other_wav_kinds(container: str, codec: str) -> None:
    data = packed(container, codec, SPEECH)
    if container == "w64":
        with pytest.raises(BadAudio):
            decode(data)
    else:
        assert decode(data).duration_s == pytest.approx(1, abs=0.1)


@settings(max_examples=150)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_file_is_a_recording_or_a_typed_error(container: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[container])
    for _ in range(data.draw(st.integers(0, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    try:
        back = decode(bytes(damaged[:end]), max_audio_s=5)
    except (BadAudio, TooLong):
        return
    assert back.samples.ndim == 2
    assert back.samples.size > 0
    assert np.isfinite(back.samples).all()
    assert np.abs(back.samples).max() <= 1


@pytest.mark.parametrize("rate_hz", [11_025, 16_000, 44_100, 48_000])
def test_limit_is_exact_to_the_sample(rate_hz: int) -> None:
    sound = np.zeros(21 * rate_hz, dtype=np.float32)
    assert decode(encode_flac(sound, rate_hz), max_audio_s=21).duration_s == 21
    with pytest.raises(TooLong):
        decode(encode_flac(np.append(sound, np.float32(0)), rate_hz), max_audio_s=21)


def test_half_a_flac_is_half_the_sound() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, 5 * RATE_HZ).astype(np.float32)
    data = encode_flac(noise, RATE_HZ)
    back = decode(data[: len(data) // 2])
    assert 2.0 < back.duration_s < 2.7
    assert np.abs(back.mono[:RATE_HZ] - noise[:RATE_HZ]).max() < 1e-4


def test_sound_whose_rate_changes_on_the_way_keeps_its_pitch_and_length() -> None:
    tripled = np.repeat(SPEECH, 3)
    back = decode(packed("adts", "aac", SPEECH) + packed("adts", "aac", tripled, 3 * RATE_HZ))
    assert back.source_rate_hz == RATE_HZ
    assert back.duration_s == pytest.approx(2, abs=0.2)  # two codec delays
    second = np.abs(np.fft.rfft(back.mono[-RATE_HZ:]))
    assert np.argmax(second) == pytest.approx(RATE_HZ / 20 / 2 / np.pi, abs=3)


def test_recordings_one_after_the_other_are_one() -> None:
    assert decode(FILES["flac"] + FILES["flac"]).duration_s == 2


def test_channels_that_come_later_are_mixed_into_those_at_the_beginning() -> None:
    stereo = packed("adts", "aac", np.concatenate([SPEECH, SPEECH]), channels=2)
    back = decode(packed("adts", "aac", SPEECH) + stereo, mono=False)
    assert back.samples.shape[0] == 1
    assert back.duration_s == pytest.approx(2, abs=0.2)  # two codec delays


def test_stereo_is_mixed_as_pcm_says() -> None:
    antiphase = decode(encode_flac(np.stack([SPEECH, -SPEECH]), RATE_HZ))
    assert antiphase.source_channels == 2
    assert np.abs(antiphase.mono - SPEECH).max() < 1e-4
    alike = decode(encode_flac(np.stack([SPEECH, 0.5 * SPEECH]), RATE_HZ))
    assert np.abs(alike.mono - 0.75 * SPEECH).max() < 1e-4


def test_channels_and_rate_are_kept_on_request() -> None:
    back = decode(encode_flac(np.stack([SPEECH, -SPEECH]), 22_050), rate_hz=None, mono=False)
    assert (back.samples.shape, back.rate_hz) == ((2, RATE_HZ), 22_050)


def test_container_without_sound_is_empty() -> None:
    out = io.BytesIO()
    with av.open(out, mode="w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=25, width=16, height=16)
        file.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        file.mux(stream.encode(None))
    with pytest.raises(BadAudio) as refused:
        decode(out.getvalue())
    assert refused.value.code == "audio_empty"
