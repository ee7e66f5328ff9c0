"""Recordings decoded by FFmpeg: one demuxer, chosen by us, and sound decoders only.

Memory is bounded by the longest audio taken, not by what a file claims or unfolds to: first its packets are counted
without decoding them, then it is decoded piece by piece, each piece resampled at once.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import av
import av.container
import numpy as np
import numpy.typing as npt

from antiphon.audio import wav
from antiphon.audio.pcm import Samples, finite, loudest_instead_of_mean
from antiphon.audio.recording import Recording, too_long
from antiphon.audio.resample import Resampler
from antiphon.audio.sniff import Container, sniff
from antiphon.errors import BadAudio

MOST_CHANNELS = wav.MOST_CHANNELS
PIECE_S = 1.0
"""How much is decoded before it is resampled; frames of 20 ms one by one would cost more in calls than in filters."""

_CODECS = (
    "aac,aac_latm,adpcm_ima_wav,adpcm_ms,alac,flac,gsm_ms,libopus,mp3,mp3float,mp2,mp2float,opus,vorbis,libvorbis,"
    "wavpack,pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be"
)
"""The only decoders that may run: sound, no pictures, no subtitles."""
_SAMPLE_FORMATS = ("u8", "s16", "s32", "flt", "dbl")
"""What they may give, planar or packed."""


def decode_container(
    data: bytes | bytearray | memoryview, *, rate_hz: int | None, mono: bool, max_audio_s: float
) -> Recording:
    """`decode` by FFmpeg's demuxers and decoders, one of each, chosen here."""
    container = sniff(memoryview(data))
    try:
        _refuse_too_long(data, container, max_audio_s)
        collected = _decode_packets(data, container, rate_hz, max_audio_s)
    except av.FFmpegError as error:
        raise _damaged() from error
    if not collected.pieces:
        raise _damaged() if collected.damaged_packets else BadAudio("This recording is empty.", code="audio_empty")
    return Recording(
        collected.mixed() if mono else collected.joined(),
        rate_hz or collected.source_rate_hz,
        container.name,
        collected.source_rate_hz,
        collected.channels,
        collected.damaged_packets,
    )


def _damaged() -> BadAudio:
    return BadAudio("This recording is damaged and nothing in it can be heard; send it again.", code="audio_damaged")


@dataclass(slots=True)
class _Collected:
    """Resampled pieces of one recording, and what is needed to mix them once all are there."""

    source_rate_hz: int = 0
    channels: int = 0
    damaged_packets: int = 0
    pieces: list[Samples] = field(default_factory=list)
    energies: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    mean_energy: float = 0.0

    def add(self, piece: Samples) -> None:
        if piece.shape[1] == 0:
            return
        if not self.pieces:
            self.energies = np.zeros(self.channels)
        np.clip(piece, -1, 1, out=piece)
        mean = piece.mean(axis=0, dtype=np.float32)
        self.energies += np.einsum("ci,ci->c", piece, piece, dtype=np.float64)
        self.mean_energy += float(np.dot(mean, mean))
        self.pieces.append(piece)

    def joined(self) -> Samples:
        return np.concatenate(self.pieces, axis=1)

    def mixed(self) -> Samples:
        """The mono mix, float32 [1, n]; empties `pieces` on the way, so that it never needs twice the memory."""
        out = np.empty((1, sum(piece.shape[1] for piece in self.pieces)), dtype=np.float32)
        channel = loudest_instead_of_mean(self.energies, self.mean_energy)
        at = 0
        for index, piece in enumerate(self.pieces):
            end = at + piece.shape[1]
            out[0, at:end] = piece.mean(axis=0) if channel is None else piece[channel]
            self.pieces[index] = piece[:, :0]
            at = end
        return out


def _open(data: bytes | bytearray | memoryview, container: Container) -> av.container.InputContainer:
    return av.open(
        io.BytesIO(data),
        mode="r",
        metadata_errors="replace",
        format=container.demuxer,
        options={
            # Nothing but these bytes may be read: no file, no host, no second demuxer inside the first.
            "protocol_whitelist": "none",
            "format_whitelist": container.demuxer,
            "codec_whitelist": _CODECS,
            "max_streams": "16",
        },
    )


def _packets(opened: av.container.InputContainer) -> "Iterator[av.Packet[av.AudioStream]]":
    """The packets of the first audio stream, up to where the file cannot be read any further."""
    if not opened.streams.audio:
        raise BadAudio("There is no sound in this file.", code="audio_empty")
    try:
        yield from opened.demux(opened.streams.audio[0])
    except av.FFmpegError:
        return


def _refuse_too_long(data: bytes | bytearray | memoryview, container: Container, max_audio_s: float) -> None:
    """Add up what the packets say they last: cheap, and enough for most bombs, but not to be relied on."""
    total_s = 0.0
    with _open(data, container) as opened:
        for packet in _packets(opened):
            if packet.duration and packet.time_base:
                total_s += packet.duration * float(packet.time_base)
                if total_s > max_audio_s + PIECE_S:
                    raise too_long(max_audio_s)


def _decode_packets(
    data: bytes | bytearray | memoryview, container: Container, rate_hz: int | None, max_audio_s: float
) -> _Collected:
    collected = _Collected()
    resampler: Resampler | None = None
    decoded_s = 0.0
    with _open(data, container) as opened:
        for sound, sound_hz in _pieces(opened, collected):
            if resampler is None:
                collected.source_rate_hz, collected.channels = sound_hz, len(sound)
            elif resampler.from_hz != sound_hz:
                collected.add(resampler.flush())
                resampler = None
            if resampler is None:
                resampler = Resampler(sound_hz, rate_hz or collected.source_rate_hz, collected.channels)
            decoded_s += sound.shape[1] / sound_hz
            if decoded_s > max_audio_s + 0.5 / sound_hz:  # a sum of fractions is not exact to the last bit
                raise too_long(max_audio_s)
            collected.add(resampler.feed(_with_channels(sound, collected.channels)))
    if resampler is not None:
        collected.add(resampler.flush())
    return collected


def _pieces(opened: av.container.InputContainer, collected: _Collected) -> Iterator[tuple[Samples, int]]:
    """Decoded sound, float32 [channels, n], about `PIECE_S` at a time, with its rate."""
    waiting: list[Samples] = []
    waiting_samples, rate_hz = 0, 0
    for frame in _frames(opened, collected):
        sound = _floats(frame)
        changed = bool(waiting) and (frame.sample_rate != rate_hz or len(sound) != len(waiting[0]))
        if changed or waiting_samples > PIECE_S * rate_hz > 0:
            yield np.concatenate(waiting, axis=1), rate_hz
            waiting, waiting_samples = [], 0
        rate_hz = frame.sample_rate
        waiting.append(sound)
        waiting_samples += sound.shape[1]
    if waiting:
        yield np.concatenate(waiting, axis=1), rate_hz


def _frames(opened: av.container.InputContainer, collected: _Collected) -> Iterator[av.AudioFrame]:
    for packet in _packets(opened):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            # A damaged packet costs its own few milliseconds, not the recording.
            collected.damaged_packets += 1
            continue
        for frame in frames:
            _refuse_absurd(frame)
            if frame.samples:
                yield frame


def _refuse_absurd(frame: av.AudioFrame) -> None:
    low_hz, high_hz = wav.RATES_HZ
    sound = 1 <= len(frame.layout.channels) <= MOST_CHANNELS and low_hz <= frame.sample_rate <= high_hz
    if not sound or frame.format.packed.name not in _SAMPLE_FORMATS:
        raise BadAudio("This recording has an absurd format.", code="audio_damaged")


def _floats(frame: av.AudioFrame) -> Samples:
    """A frame's samples, float32 [channels, n], finite."""
    values = frame.to_ndarray()
    if not frame.format.is_planar:
        values = values.reshape(-1, len(frame.layout.channels)).T
    if values.dtype == np.uint8:
        return (values.astype(np.float32) - np.float32(128)) / np.float32(128)
    scale = np.float32(0.5 ** (8 * values.itemsize - 1)) if values.dtype.kind == "i" else np.float32(1)
    with np.errstate(over="ignore"):
        return finite(np.multiply(values, scale, dtype=np.float32, casting="unsafe"))[0]


def _with_channels(sound: Samples, channels: int) -> Samples:
    """`sound` with as many channels as the recording began with."""
    if len(sound) == channels:
        return sound
    return np.repeat(sound.mean(axis=0, dtype=np.float32)[None], channels, axis=0)
