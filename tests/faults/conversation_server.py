"""A server to be killed: the real service, store, outbox and gateway over a model that answers by fixed rules.

Run as `python conversation_server.py DATA_DIR PORT ENDPOINT SECRET`; without an endpoint actions stay pending.
"""

import asyncio
import sys

from antiphon.cli.listening import listen, serve_until_told
from antiphon.conversations.service import ConversationEngines, ConversationService
from antiphon.conversations.settings import ConversationSettings
from antiphon.events.dialogue import (
    ActionAsked,
    ActionRequest,
    ActionType,
    Fact,
    FactLearnt,
    FactStatus,
    ReplyDone,
    ReplyPart,
    ReplyRequest,
    TextDelta,
)
from antiphon.gateway.asgi import Services, build
from antiphon.telemetry import configure_logging
from antiphon.testing.engines import ScriptedModel, WordGuard


def answer(request: ReplyRequest) -> list[ReplyPart]:
    """Takes every turn for a name, counts the turns, and asks for a callback every second time."""
    if not request.text:
        return [TextDelta("Hello. Who is speaking?"), ReplyDone(state={"turns": 0})]
    counted = request.state.get("turns")
    turns = (counted if isinstance(counted, int) else 0) + 1
    name = Fact("caller_name", request.text, 1.0, FactStatus.STATED, request.turn, request.text)
    asked = ActionAsked(ActionRequest(ActionType.CALLBACK, {"caller_name": request.text}))
    actions: list[ReplyPart] = [asked] if turns % 2 else []
    return [FactLearnt(name), *actions, TextDelta(f"Thank you. That was {turns}."), ReplyDone(state={"turns": turns})]


async def main(data_dir: str, port: str, endpoint: str = "", secret: str = "") -> None:
    """Serve until told to end, or killed."""
    settings = ConversationSettings(
        data_dir=data_dir, action_endpoint=endpoint, action_secret=secret, action_timeout_s=1.0
    )
    listener = listen("127.0.0.1", int(port))
    engines = ConversationEngines(ScriptedModel(answer), WordGuard())
    async with ConversationService(engines, settings).running() as service:
        print("ready", listener.getsockname()[1], flush=True)
        await serve_until_told(build(Services(service)), listener, drain_s=10)


if __name__ == "__main__":
    configure_logging()
    asyncio.run(main(*sys.argv[1:]))
