import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio import sniff as sniffing
from antiphon.audio.encode import encode_flac, encode_mp3, encode_opus, encode_wav
from antiphon.audio.sniff import sniff
from antiphon.errors import BadAudio

SOUND = np.random.default_rng(3).normal(0, 0.1, 16_000).astype(np.float32)
ID3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)

# Everything here makes some demuxer of FFmpeg open another file or host, or is no sound at all.
REFUSED = {
    "ffconcat": b"ffconcat version 1.0\nfile secret.wav\n",
    "concat with mark": b"\xef\xbb\xbfffconcat version 1.0\nfile 'http://127.0.0.1/x'\n",
    "m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n",
    "dash": b"<?xml version='1.0'?><MPD><Period><BaseURL>http://127.0.0.1/</BaseURL></Period></MPD>",
    "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
    "asx": b"<asx version='3.0'><entry><ref href='http://127.0.0.1/'/></entry></asx>",
    "pls": b"[playlist]\nFile1=http://127.0.0.1/\n",
    "rtsp redirect": b"RTSPtextRTSP://127.0.0.1/x",
    "imf": b"<AssetMap xmlns='http://www.smpte-ra.org/schemas/429-9/2007/AM'/>",
    "ogg skeleton in text": b"text OggS",
    "html": b"<!doctype html><title>404</title>",
    "pdf": b"%PDF-1.7\n",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "avi": b"RIFF\x00\x00\x01\x00AVI LIST",
    "zip": b"PK\x03\x04" + bytes(100),
    "zeros": bytes(5000),
    "one sync word": b"\xff\xfb\x90\x00" + bytes(2000),
}


def adts(payload: bytes) -> bytes:
    length = len(payload) + 7
    return bytes([0xFF, 0xF1, 0x50, 0x80 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC]) + payload


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(BadAudio) as refused:
        sniff(REFUSED[name])
    assert refused.value.code == "audio_unsupported"


def test_nothing_is_empty() -> None:
    with pytest.raises(BadAudio) as refused:
        sniff(b"")
    assert refused.value.code == "audio_empty"


@pytest.mark.parametrize(
    ("data", "container"),
    [
        (encode_wav(SOUND, 16_000), sniffing.WAV),
        (b"RF64\xff\xff\xff\xffWAVEds64", sniffing.WAV),
        (b"FORM\x00\x00\x10\x00AIFC", sniffing.AIFF),
        (encode_flac(SOUND, 16_000), sniffing.FLAC),
        (ID3 + encode_flac(SOUND, 16_000), sniffing.FLAC),
        (encode_opus(SOUND, 16_000), sniffing.OGG),
        (encode_mp3(SOUND, 16_000), sniffing.MP3),
        (encode_mp3(SOUND, 16_000)[700:], sniffing.MP3),
        (ID3 + encode_mp3(SOUND, 44_100), sniffing.MP3),
        (adts(bytes(100)) + adts(bytes(50)), sniffing.AAC),
        (ID3 + adts(bytes(100)) + adts(bytes(50)), sniffing.AAC),
        (b"\x1a\x45\xdf\xa3" + bytes(20), sniffing.WEBM),
        (struct.pack(">I", 24) + b"ftypM4A " + bytes(16), sniffing.MP4),
    ],
)
def test_containers_are_told_by_their_bytes(data: bytes, container: sniffing.Container) -> None:
    assert sniff(data) is container
    assert sniff(memoryview(data)) is container


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    try:
        found = sniff(data)
    except BadAudio:
        return
    assert found.demuxer


@given(st.text(alphabet=st.characters(codec="ascii"), min_size=1, max_size=300))
def test_text_is_never_sound(text: str) -> None:
    if text[:4] in {"fLaC", "OggS"} or text[4:8] in {"ftyp", "moov", "mdat", "wide", "free", "skip"}:
        return
    with pytest.raises(BadAudio):
        sniff(text.encode())
