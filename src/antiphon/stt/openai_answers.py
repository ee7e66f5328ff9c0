"""A transcript in the formats and the events of OpenAI's audio API."""

import json
import math
from collections.abc import Iterator
from typing import Any

from antiphon.events.speech import Transcript
from antiphon.language.sentences import split_sentences
from antiphon.stt.account import Account
from antiphon.stt.openai_request import AudioRequest, Format
from antiphon.stt.placed_text import pieces
from antiphon.stt.subtitles import cues, srt, vtt
from antiphon.stt.verbose import verbose

MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.TEXT: "text/plain; charset=utf-8",
    Format.SRT: "application/x-subrip; charset=utf-8",
    Format.VTT: "text/vtt; charset=utf-8",
    Format.VERBOSE_JSON: "application/json",
}
LEAST_PROBABILITY = 1e-6


def written(asked: AudioRequest, heard: Transcript, account: Account, request_id: str) -> bytes:
    """The whole answer in the format that was asked for."""
    match asked.format:
        case Format.TEXT:
            return f"{heard.text}\n".encode()
        case Format.SRT:
            return srt(cues(heard)).encode()
        case Format.VTT:
            return vtt(cues(heard)).encode()
        case Format.VERBOSE_JSON:
            return as_json(_verbose(asked, heard, account, request_id))
        case _:
            return as_json(_plain(asked, heard))


def events(
    asked: AudioRequest, heard: Transcript, account: Account, request_id: str, *, sent: str = ""
) -> Iterator[dict[str, Any]]:
    """The rest of the answer as events: a delta for each sentence that is not among those `sent`, then all of it.

    The last event tells also what an answer at once would tell, because its headers have long been sent.
    """
    rest = heard.text.removeprefix(sent) if heard.text.startswith(sent) else ""
    yield from map(delta, split_sentences(rest, heard.language))
    known = verbose(heard, account, request_id)
    if asked.format is Format.VERBOSE_JSON:
        known = _verbose(asked, heard, account, request_id)
    else:
        known = {name: value for name, value in known.items() if name not in ("segments", "words")}
        known |= _plain(asked, heard)
    # Of a stream OpenAI's types allow a usage in tokens only, which nobody counts here.
    known.pop("usage", None)
    yield {"type": "transcript.text.done"} | known


def delta(text: str) -> dict[str, Any]:
    """The event for a part of the text."""
    return {"type": "transcript.text.delta", "delta": text}


def as_json(body: dict[str, Any]) -> bytes:
    """JSON as it is sent: UTF-8, on one line."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _plain(asked: AudioRequest, heard: Transcript) -> dict[str, Any]:
    body: dict[str, Any] = {"text": heard.text, "usage": _usage(heard)}
    if heard.language_probability is not None:
        body["languages"] = [{"code": heard.language}]
    if asked.logprobs and (told := _logprobs(heard)) is not None:
        body["logprobs"] = told
    return body


def _verbose(asked: AudioRequest, heard: Transcript, account: Account, request_id: str) -> dict[str, Any]:
    body = verbose(heard, account, request_id, words=asked.words, placed=True)
    body |= {"task": "translate" if asked.hearing.translate else "transcribe", "usage": _usage(heard)}
    body["language"] = heard.language  # a text always, as OpenAI's types have it
    if asked.hearing.translate:
        body |= {"language": "english", "source_language": heard.language}
    if not asked.words:
        body.pop("words", None)
    if not asked.segments:
        body.pop("segments", None)
    return body


def _usage(heard: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(heard.duration_s)}


def _logprobs(heard: Transcript) -> list[dict[str, Any]] | None:
    """How sure the engine is of each word, in OpenAI's shape for tokens; None where it does not tell."""
    known, found = [word.confidence for word in heard.words], pieces(heard)
    if not heard.text:
        return []
    if len(known) != len(found) or any(confidence is None for confidence in known):
        return None
    return [
        {
            "token": piece.text,
            "bytes": list(piece.text.encode()),
            "logprob": round(math.log(max(LEAST_PROBABILITY, confidence or 0.0)), 4),
        }
        for piece, confidence in zip(found, known, strict=True)
    ]
