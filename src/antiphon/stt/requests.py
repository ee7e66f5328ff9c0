"""Reading what a client of `/v1/transcribe` sent: a form, or the recording alone with the rest in the query."""

import re
import struct
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from antiphon.audio import wav
from antiphon.errors import BadAudio, BadInput
from antiphon.events.speech import Hearing
from antiphon.serving.forms import missing_file, read_form
from antiphon.stt.account import Account
from antiphon.stt.languages import language_code

FIELDS = ("language", "prompt", "hotwords", "word_timestamps", "temperature")
RECORDING, RECORDING_ALIAS = "audio", "file"
MAX_PROMPT_CHARS = 4_000
MAX_HOTWORDS = 200
MAX_HOTWORD_CHARS = 100

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_ENCODINGS = {"s16": (wav.PCM, 16), "f32": (wav.FLOAT, 32), "mulaw": (wav.MULAW, 8), "alaw": (wav.ALAW, 8)}
_PCM_TYPES = {"audio/pcm": "s16", "audio/l16": "s16", "audio/x-raw": "s16", "audio/basic": "mulaw"}
_TELEPHONE_HZ = 8_000
_NUMBER = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class TranscribeRequest:
    """A request as it can be worked on.

    Attributes:
        recording: the bytes of a file.
        hearing: how it is to be heard.
    """

    recording: memoryview
    hearing: Hearing


async def read_request(
    body: AsyncIterator[bytes],
    content_type: str,
    query: Mapping[str, str],
    languages: frozenset[str],
    account: Account,
) -> TranscribeRequest:
    """The request in a body.

    Args:
        body: in pieces; whoever gives it limits its size.
        content_type: its header.
        query: what the URL says beside the path; of a form it fills in the fields that are missing.
        languages: codes that can be heard here; empty for any.
        account: is told whether a language was named, usable or not.

    Raises:
        BadInput: a form that cannot be read, or a field with a value that cannot be used.
        BadAudio: a body of a type that is no recording.
    """
    kind, parameters = _media_type(content_type)
    if kind == "multipart/form-data":
        form = await read_form(body, content_type, (RECORDING, RECORDING_ALIAS))
        found = {name: _agreed(name, form.text(name), query.get(name)) for name in FIELDS}
        hearing = _hearing(found, languages, account)
        return TranscribeRequest(_one_file(form.files), hearing)
    if not (kind.startswith("audio/") or kind in ("application/octet-stream", "video/mp4", "video/webm")):
        raise BadInput(
            "a recording comes as multipart/form-data, or as a body of type audio/…",
            code="content_type_unsupported",
            param="Content-Type",
        )
    hearing = _hearing({name: query.get(name) for name in FIELDS}, languages, account)
    pieces = [piece async for piece in body]
    if kind in _PCM_TYPES:
        pieces.insert(0, _wav_header(kind, parameters, sum(map(len, pieces))))
    return TranscribeRequest(memoryview(pieces[0] if len(pieces) == 1 else b"".join(pieces)), hearing)


def _agreed(name: str, in_form: str | None, in_query: str | None) -> str | None:
    """What both say of a field, or the one that says anything."""
    if in_form and in_query and in_form != in_query:
        raise BadInput(f"{name} is one thing in the form and another in the URL", code="field_invalid", param=name)
    return in_form or in_query


def _one_file(files: Mapping[str, bytearray]) -> memoryview:
    if len(files) > 1:
        raise BadInput("the form has two recordings", code="form_invalid", param=RECORDING_ALIAS)
    if not files:
        raise missing_file(RECORDING)
    return memoryview(next(iter(files.values())))


def _media_type(header: str) -> tuple[str, dict[str, str]]:
    kind, *rest = header.split(";")
    pairs = (part.partition("=") for part in rest)
    return kind.strip().lower(), {name.strip().lower(): value.strip(' "').lower() for name, _, value in pairs}


def _wav_header(kind: str, parameters: Mapping[str, str], size_bytes: int) -> bytes:
    """The header that turns bare samples into a WAV file, so that they are read, checked and limited like one."""
    encoding = parameters.get("encoding", _PCM_TYPES[kind])
    if encoding not in _ENCODINGS:
        raise BadAudio(f"encoding must be one of {', '.join(_ENCODINGS)}", code="audio_unsupported", param="encoding")
    if kind == "audio/l16":
        raise BadAudio(
            "audio/l16 is big-endian: send audio/pcm, which is little-endian",
            code="audio_unsupported",
            param="encoding",
        )
    usual_hz = _TELEPHONE_HZ if kind == "audio/basic" else 16_000
    rate_hz = _number(parameters, "rate", usual_hz, *wav.RATES_HZ)
    channels = _number(parameters, "channels", 1, 1, wav.MOST_CHANNELS)
    tag, bits = _ENCODINGS[encoding]
    frame_bytes = channels * bits // 8
    if size_bytes < frame_bytes:
        raise BadAudio("There are no samples.", code="audio_empty", param=RECORDING)
    fmt = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, bits)
    room = min(size_bytes, 0xFFFFFFFF - 36)
    return struct.pack("<4sI4s4sI16s4sI", b"RIFF", 36 + room, b"WAVE", b"fmt ", 16, fmt, b"data", room)


def _number(parameters: Mapping[str, str], name: str, usual: int, low: int, high: int) -> int:
    text = parameters.get(name)
    if text is None:
        return usual
    if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
        raise BadInput(f"{name} must be a whole number from {low} to {high}", code="field_invalid", param=name)
    return int(text)


def _hearing(found: Mapping[str, str | None], languages: frozenset[str], account: Account) -> Hearing:
    account.language_checked = not (found["language"] or "").strip()
    prompt = found["prompt"] or ""
    if len(prompt) > MAX_PROMPT_CHARS:
        raise BadInput(f"prompt has more than {MAX_PROMPT_CHARS} characters", code="field_invalid", param="prompt")
    return Hearing(
        language=language_code(found["language"], languages),
        phrases=_hotwords(found["hotwords"] or ""),
        words=_flag("word_timestamps", found["word_timestamps"] or ""),
        prompt=prompt,
        temperature=_temperature(found["temperature"] or ""),
    )


def _temperature(text: str) -> float:
    try:
        temperature = float(text or 0)
    except ValueError:
        temperature = -1.0
    if not 0.0 <= temperature <= 1.0:
        raise BadInput("temperature must be a number from 0 to 1", code="field_invalid", param="temperature")
    return temperature


def _hotwords(text: str) -> tuple[str, ...]:
    words = tuple(word for part in text.split(",") if (word := part.strip()))
    if len(words) > MAX_HOTWORDS or any(len(word) > MAX_HOTWORD_CHARS for word in words):
        raise BadInput(
            f"hotwords are at most {MAX_HOTWORDS} of at most {MAX_HOTWORD_CHARS} characters, with commas between",
            code="field_invalid",
            param="hotwords",
        )
    return words


def _flag(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise BadInput(f"{name} must be true or false", code="field_invalid", param=name)
    return word in _TRUE
