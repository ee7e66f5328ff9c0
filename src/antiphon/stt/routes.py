"""Speech-to-text over HTTP: transcribe, tell how one is, and what one did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from antiphon.clock import SystemClock
from antiphon.stt.account import Account
from antiphon.stt.presence import CallerGone, while_present
from antiphon.stt.requests import FIELDS, RECORDING, read_request
from antiphon.stt.service import SpeechToText
from antiphon.stt.verbose import verbose

PREFIX = "/v1"
TRANSCRIBE_PATH = f"{PREFIX}/transcribe"
SNAPSHOT_PATH = f"{PREFIX}/metrics"
HEALTH_PATHS = frozenset({f"{PREFIX}/health", f"{PREFIX}/ready", f"{PREFIX}/started"})
"""Paths that answer without a key."""

_FIELD_SCHEMAS: dict[str, Any] = {
    "language": {"type": "string", "description": "ISO 639-1; detected when missing"},
    "prompt": {"type": "string", "description": "text that came before"},
    "hotwords": {"type": "string", "description": "words likely to be said, with commas between"},
    "word_timestamps": {"type": "boolean", "default": False},
    "temperature": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
}
_FORM = {
    "type": "object",
    "required": [RECORDING],
    "properties": {RECORDING: {"type": "string", "format": "binary", "description": "wav, flac, mp3, ogg, webm, m4a"}}
    | _FIELD_SCHEMAS,
}
_RAW = {"schema": {"type": "string", "format": "binary"}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            "audio/*": _RAW,
            "audio/pcm;rate=16000;channels=1;encoding=s16": _RAW,
        },
    },
    "parameters": [{"name": name, "in": "query", "schema": _FIELD_SCHEMAS[name]} for name in FIELDS],
}


def _no_keys() -> Mapping[str, str | None]:
    return {}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the service itself does not know and its routes tell.

    Attributes:
        commit: what is deployed.
        keys: when each key was last used, by its id.
    """

    commit: str = ""
    keys: Callable[[], Mapping[str, str | None]] = _no_keys


def router(service: SpeechToText, facts: Facts | None = None) -> APIRouter:
    """The routes of one service."""
    routes = APIRouter(prefix=PREFIX, tags=["speech-to-text"])
    _add_transcribe(routes, service)
    _add_health(routes, service, facts or Facts())
    if service.role != "fallback":
        _add_snapshot(routes, service, facts or Facts())
    return routes


def _add_transcribe(routes: APIRouter, service: SpeechToText) -> None:
    languages = _languages(service)

    @routes.post("/transcribe", summary="Transcribe a recording", openapi_extra=_BODY)
    async def transcribe(request: Request) -> Response:
        """A form with the recording in `audio` (or `file`), or the recording as the body and the fields in the query.

        The headers tell what became of the request: X-Queue-Wait-ms, X-Primary-Infer-ms, X-Fallback-Infer-ms,
        X-Total-ms, X-Fallback-Used, X-Final-Model, X-Conf-Below, X-Conf-Reason, X-Lang-Check-Applicable.
        """
        account: Account = request.state.account
        kind = request.headers.get("content-type", "")
        asked = await read_request(request.stream(), kind, request.query_params, languages, account)
        try:
            heard = await while_present(request.receive, service.hear(asked.recording, asked.hearing, account))
        except CallerGone as gone:
            raise ClientDisconnect from gone
        answer = verbose(heard, account, request.state.request_id, words=asked.hearing.words)
        return Response(msgspec.json.encode(answer), media_type="application/json")


def _add_health(routes: APIRouter, service: SpeechToText, facts: Facts) -> None:
    clock = SystemClock()
    began_s = clock.monotonic_s()

    @routes.get("/health", summary="Whether this process is alive")
    async def health() -> JSONResponse:
        """200 as long as the process answers: what it lacks is no reason to restart it."""
        return JSONResponse(
            {
                "ok": True,
                "state": str(service.readiness.state),
                "role": service.role,
                "commit": facts.commit,
                "model": service.models[0].id if service.models else service.card.name,
                "uptime_s": round(clock.monotonic_s() - began_s, 3),
            }
        )

    @routes.get("/ready", summary="Whether work may be sent")
    async def ready() -> JSONResponse:
        """503 while the model loads, has failed its last self-test, or the process is about to end."""
        return _whether(service.readiness.ready, service)

    @routes.get("/started", summary="Whether the model has answered once")
    async def started() -> JSONResponse:
        """200 from then on."""
        return _whether(service.readiness.started, service)


def _add_snapshot(routes: APIRouter, service: SpeechToText, facts: Facts) -> None:
    @routes.get("/metrics", summary="What this process did so far")
    async def metrics(request: Request) -> Response:
        """Counts since the start, times over the last requests; with a valid key also when each key was last used."""
        told = {**service.metrics.snapshot(), "commit": facts.commit, "role": service.role}
        if getattr(request.state, "key_id", None):
            told["keys"] = dict(facts.keys())
        return Response(msgspec.json.encode(told), media_type="application/json")


def _whether(is_so: bool, service: SpeechToText) -> JSONResponse:
    return JSONResponse({"ok": is_so, "state": str(service.readiness.state)}, 200 if is_so else 503)


def _languages(service: SpeechToText) -> frozenset[str]:
    """What the models can hear; empty where one of them takes any language."""
    told = [set(model.languages) for model in service.models] or [set(service.card.languages)]
    return frozenset().union(*told) if all(told) else frozenset()
