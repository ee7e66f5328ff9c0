"""OpenAI's audio API: transcriptions, translations, models. Any client written for it can be pointed here."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from antiphon.errors import AntiphonError, BadInput
from antiphon.events.speech import Transcript
from antiphon.serving.forms import read_form
from antiphon.stt.account import Account
from antiphon.stt.openai_answers import MEDIA_TYPES, as_json, delta, events, written
from antiphon.stt.openai_request import AudioRequest, Format, audio_request, find_model, names_language
from antiphon.stt.presence import CallerGone, settled, while_present
from antiphon.stt.progress import Followed
from antiphon.stt.service import Model, SpeechToText

PREFIX = "/v1"
AUDIO_PATHS = frozenset({f"{PREFIX}/audio/transcriptions", f"{PREFIX}/audio/translations"})
KEEP_ALIVE_S = 10.0
KEEP_ALIVE = b": keep-alive\n\n"
"""A comment in a stream of events, which clients skip and proxies take for life."""


def router(service: SpeechToText, *, keep_alive_s: float = KEEP_ALIVE_S) -> APIRouter:
    """The routes of one service; while a streamed answer is worked on, its caller hears of it every `keep_alive_s`."""
    routes = APIRouter(prefix=PREFIX, tags=["openai"])
    _add_audio(routes, _Desk(service, keep_alive_s))
    _add_models(routes, service)
    return routes


def _add_audio(routes: APIRouter, desk: "_Desk") -> None:
    @routes.post("/audio/transcriptions", summary="Transcribe a recording", openapi_extra=_takes())
    async def transcriptions(request: Request) -> Response:
        """As OpenAI's: json, text, srt, vtt or verbose_json, at once or as events."""
        return await desk.answer(request, translate=False)

    @routes.post("/audio/translations", summary="Translate a recording into English", openapi_extra=_takes())
    async def translations(request: Request) -> Response:
        """As OpenAI's; `translation_unsupported` where the engine cannot."""
        return await desk.answer(request, translate=True)


def _add_models(routes: APIRouter, service: SpeechToText) -> None:
    @routes.get("/models", summary="List the models")
    async def models() -> dict[str, Any]:
        """Those that are here; the names of OpenAI's models are taken for the first of them."""
        return {"object": "list", "data": [_model_view(model) for model in service.models]}

    @routes.get("/models/{model_id:path}", summary="Look at a model")
    async def model(model_id: str) -> dict[str, Any]:
        """By its own name, or by one of OpenAI's that is taken for it: then `root` is its own."""
        found = find_model(model_id, service.models)
        return _model_view(found) | ({"id": model_id, "root": found.id} if model_id != found.id else {})


class _Desk:
    """Takes requests for recordings, has them heard, and writes the answers."""

    def __init__(self, service: SpeechToText, keep_alive_s: float) -> None:
        self._service, self._keep_alive_s = service, keep_alive_s

    async def answer(self, request: Request, *, translate: bool) -> Response:
        account: Account = request.state.account
        kind = request.headers.get("content-type", "")
        if kind.split(";")[0].strip().lower() != "multipart/form-data":
            raise BadInput("it takes a multipart form", code="content_type_unsupported", param="Content-Type")
        form = await read_form(request.stream(), kind, ("file",))
        account.language_checked = not names_language(form)
        asked = audio_request(form, self._service.card, self._service.models, translate=translate)
        ignored = tuple(dict.fromkeys((*asked.unknown, *request.query_params)))
        headers = {"X-Ignored-Fields": _printable(ignored)} if ignored else {}
        try:
            if asked.stream:
                return await self._streamed(request, asked, account, headers)
            heard = await while_present(request.receive, self._hear(asked, account))
        except CallerGone:
            raise ClientDisconnect from None
        whole = partial(written, asked, heard, account, request.state.request_id)
        # Cues of an hour take a while to cut.
        body = whole() if asked.format in (Format.JSON, Format.TEXT) else await asyncio.to_thread(whole)
        return Response(body, media_type=MEDIA_TYPES[asked.format], headers=headers)

    async def _hear(self, asked: AudioRequest, account: Account) -> Transcript:
        return await self._service.hear(memoryview(asked.recording), asked.hearing, account)

    async def _streamed(
        self, request: Request, asked: AudioRequest, account: Account, headers: dict[str, str]
    ) -> Response:
        """What fails at once still fails with its own status; the first event or comment settles on 200."""
        along = self._service.can_be_read_along
        work = Followed(self._hear(asked, account), along=along)
        try:
            await settled(request.receive, work.news, patience_s=self._keep_alive_s)
            if work.task.done():
                work.task.result()
        except BaseException:
            await work.give_up()
            raise
        if not work.task.done():
            # What has not happened yet cannot be told in headers: the last event tells it.
            request.state.answer_headers = lambda: _model_header(account) if along else {}
        return _EventStream(self._events(request, asked, work, account), headers)

    async def _events(
        self, request: Request, asked: AudioRequest, work: Followed[Transcript], account: Account
    ) -> AsyncGenerator[bytes]:
        sent = ""
        try:
            while (part := await work.next_part(self._keep_alive_s)) is not None:
                sent += part
                yield _event(delta(part)) if part else KEEP_ALIVE
            heard = work.task.result()
            known = events(asked, heard, account, request.state.request_id, sent=sent)
            for event in await asyncio.to_thread(list, known):
                yield _event(event)
        except AntiphonError as error:
            yield b"event: error\n" + _event(request.state.error_body(error))
        finally:
            await work.give_up()


class _EventStream(StreamingResponse):
    """A stream of events whose source is closed with it, however it ends: what was worked on is given up at once."""

    media_type = "text/event-stream"

    def __init__(self, source: AsyncGenerator[bytes], headers: dict[str, str]) -> None:
        super().__init__(source, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"} | headers)
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._source.aclose()


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + as_json(data) + b"\n\n"


def _model_header(account: Account) -> dict[str, str]:
    return {name: value for name, value in account.headers().items() if name == "X-Final-Model"}


def _model_view(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "languages": list(model.languages),
    }


def _printable(names: tuple[str, ...]) -> str:
    """Names that a client made up, as a header may hold them."""
    return ", ".join("".join(c if " " < c < "\x7f" else "?" for c in name[:40]) for name in names[:16])


def _takes() -> dict[str, Any]:
    """The form for the OpenAPI page; it is read by hand, so that every error is ours."""
    words = {"type": "string"}
    form = {
        "type": "object",
        "required": ["file", "model"],
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "wav, flac, mp3, ogg, webm, m4a"},
            "model": words | {"description": "a name of GET /v1/models, or one of OpenAI's"},
            "language": words | {"description": "ISO 639-1; detected where it is missing"},
            "prompt": words,
            "response_format": words | {"enum": list(Format), "default": "json"},
            "temperature": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
            "timestamp_granularities[]": {"type": "array", "items": words | {"enum": ["word", "segment"]}},
            "include[]": {"type": "array", "items": words | {"enum": ["logprobs"]}},
            "keywords[]": {"type": "array", "items": words, "description": "terms to listen for"},
            "hotwords": words | {"description": "the same with commas between them"},
            "stream": {"type": "boolean", "default": False},
            "chunking_strategy": words,
        },
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}
