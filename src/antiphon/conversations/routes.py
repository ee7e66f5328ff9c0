"""The conversations API: parse, call, answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from antiphon.conversations import requests, schemas
from antiphon.conversations.service import ConversationService
from antiphon.conversations.views import action_view, conversation_view, facts_view, turn_view
from antiphon.errors import BadInput
from antiphon.events.dialogue import Json
from antiphon.serving.forms import file_field

PREFIX = "/api/conversations"
HEALTH_PATHS = frozenset({f"{PREFIX}/health", f"{PREFIX}/ready"})
"""Paths that answer without a key."""

BEGIN_BODY = {
    "type": "object",
    "properties": {
        "language": {"type": "string", "description": "ISO 639-1; the first of the practice when missing"},
        "channel": {"type": "string", "default": "api"},
    },
}
TEXT_BODY = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
AUDIO_BODY = {
    "type": "object",
    "required": ["audio"],
    "properties": {"audio": {"type": "string", "format": "binary", "description": "wav, flac, mp3, ogg, webm, m4a"}},
}
END_BODY = {"type": "object", "properties": {"reason": {"type": "string", "maxLength": 64}}}

KeyHeader = Annotated[
    str | None, Header(alias="Idempotency-Key", description="the same key gets the same answer again")
]


def router(service: ConversationService) -> APIRouter:
    """The routes of one service."""
    routes = APIRouter(prefix=PREFIX, tags=["conversations"])
    _add_health(routes, service)
    _add_beginning(routes, service)
    _add_turns(routes, service)
    _add_ending(routes, service)
    _add_reading(routes, service)
    return routes


def _add_health(routes: APIRouter, service: ConversationService) -> None:
    @routes.get("/health", response_model=schemas.HealthBody, summary="Whether this process is alive")
    async def health() -> dict[str, Any]:
        """200 as long as the process answers; a full disk or a dead endpoint is no reason to restart it."""
        return await _health(service)

    @routes.get("/ready", response_model=schemas.HealthBody, summary="Whether conversations can be held now")
    async def ready(response: Response) -> dict[str, Any]:
        """503 with the reason when they cannot."""
        body = await _health(service)
        response.status_code = 200 if body["ready"] else 503
        return body


def _add_beginning(routes: APIRouter, service: ConversationService) -> None:
    @routes.post(
        "",
        status_code=201,
        response_model=schemas.StartedBody,
        summary="Begin a conversation",
        openapi_extra=_takes({"application/json": (BEGIN_BODY, {"language": "en"})}, required=False),
    )
    async def begin(request: Request) -> JSONResponse:
        """The answer holds the agent's opening words."""
        body = await _json(request, "language", "channel")
        channel = requests.channel(requests.words(body, "channel"))
        conversation, answer = await service.post.begin(requests.words(body, "language"), channel)
        reply = answer["reply"]
        greeting = reply["text"] if isinstance(reply, dict) else ""
        started = {"conversation": conversation_view(conversation), "greeting": greeting, "answer": answer}
        return _answer(schemas.StartedBody, started, 201, location=f"{PREFIX}/{conversation.id}")


def _add_turns(routes: APIRouter, service: ConversationService) -> None:
    @routes.post(
        "/{conversation_id}/turns",
        response_model=schemas.AnswerBody,
        summary="Post a turn, typed or recorded",
        openapi_extra=_takes(
            {
                "application/json": (TEXT_BODY, {"text": "I'd like an appointment on Thursday at ten."}),
                "multipart/form-data": (AUDIO_BODY, None),
            }
        ),
    )
    async def post_turn(conversation_id: str, request: Request, idempotency_key: KeyHeader = None) -> JSONResponse:
        """JSON with `text`, or a multipart form with a recording in `audio`."""
        key = requests.idempotency_key(idempotency_key)
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind == "multipart/form-data":
            recording = bytes(await file_field(request.stream(), request.headers["content-type"], "audio"))
            answer = await service.post.recording(conversation_id, recording, key)
        elif kind in ("application/json", ""):
            text = requests.words(await _json(request, "text"), "text")
            answer = await service.post.text(conversation_id, text or "", key)
        else:
            raise BadInput("a turn is JSON or a multipart form", code="content_type_unsupported", param="Content-Type")
        return _answer(schemas.AnswerBody, answer)


def _add_ending(routes: APIRouter, service: ConversationService) -> None:
    @routes.post(
        "/{conversation_id}/end",
        response_model=schemas.ConversationBody,
        summary="End a conversation",
        openapi_extra=_takes({"application/json": (END_BODY, {"reason": "ended"})}, required=False),
    )
    async def end(conversation_id: str, request: Request) -> dict[str, Json]:
        """Ending it again changes nothing."""
        reason = requests.words(await _json(request, "reason"), "reason")
        return conversation_view(await service.end(conversation_id, (reason or "ended")[:64]))


def _add_reading(routes: APIRouter, service: ConversationService) -> None:
    @routes.get("", response_model=schemas.ConversationPage, summary="List conversations")
    async def conversations(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[str | None, Query(pattern=r"^[0-9a-z]{26}$")] = None,
    ) -> dict[str, Any]:
        """The newest first."""
        found = await service.conversations(limit, before)
        following = found[-1].id if len(found) == limit else None
        return {"conversations": [conversation_view(item) for item in found], "next": following}

    @routes.get("/{conversation_id}", response_model=schemas.ConversationBody, summary="Read a conversation")
    async def conversation(conversation_id: str) -> dict[str, Json]:
        """Its head."""
        return conversation_view((await service.snapshot(conversation_id)).conversation)

    @routes.get("/{conversation_id}/turns", response_model=schemas.TurnPage, summary="Read its turns")
    async def turns(
        conversation_id: str,
        after: Annotated[int, Query(ge=-1, le=1_000_000)] = -1,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        """In their order."""
        found = await service.turns(conversation_id, after=after, limit=limit)
        following = found[-1].index if len(found) == limit else None
        return {"turns": [turn_view(turn) for turn in found], "next": following}

    @routes.get("/{conversation_id}/facts", response_model=schemas.FactsBody, summary="Read its facts")
    async def facts(conversation_id: str) -> dict[str, Any]:
        """What is known now, by name."""
        return {"facts": facts_view((await service.snapshot(conversation_id)).facts.values())}

    @routes.get("/{conversation_id}/actions", response_model=schemas.ActionsBody, summary="Read its actions")
    async def actions(conversation_id: str) -> dict[str, Any]:
        """With the state of their delivery."""
        return {"actions": [action_view(action) for action in await service.actions(conversation_id)]}


async def _health(service: ConversationService) -> dict[str, Any]:
    state = await service.readiness()
    backlog = {"pending": state.backlog.pending, "dead": state.backlog.dead}
    return {
        "ok": True,
        "ready": state.ready,
        "reason": state.reason or None,
        "delivering": state.delivering,
        "actions": backlog,
    }


async def _json(request: Request, *names: str) -> dict[str, Json]:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > requests.MAX_JSON_BYTES:
            break  # refused below, without reading the rest
    body = requests.json_object(bytes(data))
    requests.only(body, *names)
    return body


def _answer(
    model: type[BaseModel], content: dict[str, Any], status: int = 200, location: str | None = None
) -> JSONResponse:
    checked = model.model_validate(content)
    headers = {"Location": location} if location else None
    return JSONResponse(checked.model_dump(mode="json"), status, headers=headers)


def _takes(kinds: dict[str, tuple[dict[str, Any], Any]], *, required: bool = True) -> dict[str, Any]:
    """The request body for the OpenAPI page; bodies are read by hand, so that every error is ours."""
    content = {
        kind: {"schema": schema} | ({"example": example} if example else {})
        for kind, (schema, example) in kinds.items()
    }
    return {"requestBody": {"required": required, "content": content}}
