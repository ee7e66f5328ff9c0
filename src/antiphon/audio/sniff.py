"""What a file is, told from its first bytes alone: names and declared types are never believed.

Only containers that hold their own sound are known. Playlists, concat scripts, session descriptions and the like
(m3u8, ffconcat, DASH, SDP, ASX) make a decoder open other files and hosts; they are text and match nothing here.
"""

from dataclasses import dataclass

from antiphon.errors import BadAudio


@dataclass(frozen=True, slots=True)
class Container:
    """A container we read.

    Attributes:
        name: what we call it.
        demuxer: the one FFmpeg demuxer that may read it.
    """

    name: str
    demuxer: str


WAV = Container("wav", "wav")
AIFF = Container("aiff", "aiff")
FLAC = Container("flac", "flac")
OGG = Container("ogg", "ogg")
WEBM = Container("webm", "matroska,webm")
MP4 = Container("mp4", "mov,mp4,m4a,3gp,3g2,mj2")
MP3 = Container("mp3", "mp3")
AAC = Container("aac", "aac")

_MAGIC = ((b"fLaC", FLAC), (b"OggS", OGG), (b"\x1a\x45\xdf\xa3", WEBM))
_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_MPEG_SEARCH_BYTES = 8192
"""How far behind the beginning an MPEG frame may begin: streams are often cut at any byte."""

_MP3_KBPS = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Layer III bit rates and sample rates by version bits. Source: ISO/IEC 11172-3, 13818-3."""


def sniff(data: bytes | bytearray | memoryview) -> Container:
    """The container that `data` begins as.

    Raises:
        BadAudio: `audio_empty` for no bytes at all, `audio_unsupported` for anything we do not read.
    """
    if len(data) == 0:
        raise BadAudio("The file is empty; send a recording.", code="audio_empty")
    head = bytes(data[:12])
    for magic, container in _MAGIC:
        if head.startswith(magic):
            return container
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return WAV
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return AIFF
    if head[4:8] in _MP4_BOXES:
        return MP4
    found = _mpeg(data)
    if found is None:
        raise BadAudio(
            "This is no recording we can read; send WAV, FLAC, MP3, Ogg, WebM, MP4/M4A, AAC or AIFF.",
            code="audio_unsupported",
        )
    return found


def _mpeg(data: bytes | bytearray | memoryview) -> Container | None:
    start = _after_id3(bytes(data[:10]))
    if bytes(data[start : start + 4]) == b"fLaC":
        return FLAC
    window = bytes(data[start : start + _MPEG_SEARCH_BYTES])
    at = window.find(0xFF)
    while 0 <= at < len(window) - 7:
        for container, length in ((MP3, _mp3_frame_bytes(window, at)), (AAC, _adts_frame_bytes(window, at))):
            if not length:
                continue
            # One header may be chance; a second one just where the first frame ends is not.
            rest = bytes(data[start + at + length : start + at + length + 8])
            if at == 0 if len(rest) < 8 else _begins_frame(container, rest):
                return container
        at = window.find(0xFF, at + 1)
    return None


def _begins_frame(container: Container, rest: bytes) -> bool:
    return bool(_mp3_frame_bytes(rest, 0) if container is MP3 else _adts_frame_bytes(rest, 0))


def _after_id3(head: bytes) -> int:
    """Where the sound begins behind an ID3v2 tag (its length is 4 bytes of 7 bits, plus a header of 10)."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))


def _mp3_frame_bytes(data: bytes, at: int) -> int:
    """Length of the Layer III frame whose header is at `at`, 0 if it is none."""
    if data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = data[at + 1] >> 3 & 3, data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    kbps = _MP3_KBPS[3 if version == 3 else 2][bitrate]
    samples_by_8 = 144 if version == 3 else 72
    return samples_by_8 * kbps * 1000 // _MP3_HZ[version][rate] + (data[at + 2] >> 1 & 1)


def _adts_frame_bytes(data: bytes, at: int) -> int:
    """Length of the ADTS frame whose header is at `at`, 0 if it is none. Source: ISO/IEC 13818-7."""
    if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or data[at + 2] >> 2 & 15 > 12:
        return 0
    length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    return length if length >= 7 else 0
