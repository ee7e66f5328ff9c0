"""The shapes that the conversations API answers with, for its OpenAPI page and as a check on every answer."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from antiphon.conversations.facts import VALUES, fact_schema

ID = "06a8f3c1v9k2m4n6p8q0r2s4t6"


class ConversationBody(BaseModel):
    """A conversation's head."""

    id: str = Field(examples=[ID])
    channel: str = Field(examples=["api"])
    language: str = Field(examples=["en"])
    status: Literal["open", "ended"]
    created_at: str = Field(examples=["2026-11-23T08:15:30.123Z"])
    ended_at: str | None = None
    end_reason: str | None = None


class TurnBody(BaseModel):
    """What one of the two said; an agent's text is what was heard of it."""

    index: int
    speaker: Literal["caller", "agent"]
    text: str = Field(examples=["I'd like an appointment on Thursday at ten."])
    start_s: float
    end_s: float
    confidence: float
    interrupted: bool
    latency_ms: dict[str, float]
    created_at: str


class FactBody(BaseModel):
    """One thing learnt, with its source."""

    value: Any = Field(examples=["+41791234567"])
    confidence: float = Field(ge=0, le=1)
    status: Literal["stated", "inferred", "confirmed"]
    turn: int
    span: str


class ActionBody(BaseModel):
    """An action as it is posted to the endpoint, with the state of its delivery."""

    id: str = Field(examples=[ID])
    type: str = Field(examples=["book_appointment"])
    version: int = 1
    conversation_id: str
    created_at: str
    locale: str = Field(examples=["en-CH"])
    facts: dict[str, Any]
    confidence: float
    requires_confirmation: bool
    state: Literal["pending", "delivered", "dead"]
    attempts: int
    turn: int
    error: str | None = None


class AnswerBody(BaseModel):
    """The answer to a turn.

    `facts` and `actions` are those of this turn; `expect` is the kind of answer that the reply asks for.
    """

    conversation_id: str
    turn: TurnBody | None
    reply: TurnBody | None
    facts: dict[str, FactBody]
    actions: list[ActionBody]
    language: str
    expect: str = Field(examples=["free", "yes_no", "phone"])
    understood: bool
    hang_up: bool
    transfer: bool
    latency_ms: dict[str, float]


class StartedBody(BaseModel):
    """A conversation that has begun, with the words it was opened with."""

    conversation: ConversationBody
    greeting: str
    answer: AnswerBody


class ConversationPage(BaseModel):
    """Conversations, the newest first; `next` is the `before` of the following page."""

    conversations: list[ConversationBody]
    next: str | None


class TurnPage(BaseModel):
    """Turns in their order; `next` is the `after` of the following page."""

    turns: list[TurnBody]
    next: int | None


class FactsBody(BaseModel):
    """What is known, by name."""

    facts: dict[str, FactBody] = Field(json_schema_extra={"properties": {name: fact_schema(name) for name in VALUES}})


class ActionsBody(BaseModel):
    """The actions of a conversation, oldest first."""

    actions: list[ActionBody]


class BacklogBody(BaseModel):
    """How many actions wait for delivery, and how many were given up."""

    pending: int
    dead: int


class HealthBody(BaseModel):
    """Liveness is the status code alone; `ready` and `reason` tell more and never restart anything."""

    ok: bool = True
    ready: bool
    reason: str | None = Field(default=None, examples=["storage_full"])
    delivering: bool = Field(description="whether an endpoint for actions is set")
    actions: BacklogBody


class ErrorDetail(BaseModel):
    """What went wrong."""

    type: str = Field(examples=["invalid_request_error"])
    code: str = Field(examples=["audio_too_long"])
    message: str
    param: str | None
    request_id: str
    retry_after_s: float | None = None


class ErrorBody(BaseModel):
    """The body of every error."""

    model_config = ConfigDict(title="Error")

    error: ErrorDetail
