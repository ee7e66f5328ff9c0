"""One ASGI application over all services."""

from dataclasses import dataclass

from fastapi import FastAPI

from antiphon.conversations.service import ConversationService
from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What an operator can set about the front door."""

    api_keys: tuple[str, ...] = setting((), "bearer keys that may call the API", secret=True)
    auth_disabled: bool = setting(False, "take calls without keys from beyond this machine")
    max_upload_mb: float = setting(16.0, "largest request body in MiB", low=0.001, high=1024)


@dataclass(frozen=True, slots=True)
class Services:
    """The services this process offers; the application opens and closes them with its lifespan."""

    conversations: ConversationService


def build(services: Services, settings: GatewaySettings | None = None) -> FastAPI:
    """The application: routes of all services, docs at /docs."""
    raise NotImplementedError
