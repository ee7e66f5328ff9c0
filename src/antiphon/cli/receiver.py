"""`antiphon receiver`: takes actions and checks their signatures; for demonstrations and for trying an endpoint."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from antiphon.cli.listening import address, listen, serve_until_told
from antiphon.conversations.actions import verify

TOLERANCE_S = 300.0
"""A signature older than this may be a recording of an earlier one."""


@dataclass(slots=True)
class Ledger:
    """The actions received, each once by its idempotency key, also over restarts.

    Attributes:
        out: JSON lines file that every new action is appended to; None keeps them in memory only.
        known: keys of the actions received.
    """

    out: Path | None = None
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.out and self.out.exists():
            for line in self.out.read_text("utf-8").splitlines():
                self.known.add(json.loads(line)["id"])

    def take(self, key: str, body: dict[str, Any]) -> bool:
        """Keep an action; False when it was already here."""
        if key in self.known:
            return False
        self.known.add(key)
        if self.out:
            with self.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(body, ensure_ascii=False) + "\n")
        return True


def build_receiver(secret: str, ledger: Ledger, *, fail: int = 0) -> FastAPI:
    """A receiver of signed actions.

    Args:
        secret: what they are signed with.
        ledger: where they are kept.
        fail: how many posts are answered with 503 before the first is taken.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    failures = iter(range(fail))

    @app.post("/{path:path}")
    async def receive(request: Request) -> JSONResponse:
        if next(failures, None) is not None:
            return _answer(503, "told_to_fail")
        body = await request.body()
        refusal = _refusal(request, body, secret)
        if refusal:
            return _answer(401, refusal)
        action = _action(body)
        key = request.headers.get("Idempotency-Key", "")
        if not key or action.get("id") != key:
            return _answer(400, "key_is_not_id")
        new = ledger.take(key, action)
        typer.echo(json.dumps({"received": "new" if new else "again"} | action, ensure_ascii=False))
        return _answer(201 if new else 200, "taken")

    return app


def _action(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, or an empty one."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _refusal(request: Request, body: bytes, secret: str) -> str:
    """Why a post is not believed; empty when it is."""
    timestamp = request.headers.get("X-Timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return "timestamp_out_of_range"
    if not verify(secret, timestamp, body, request.headers.get("X-Signature", "")):
        return "signature_wrong"
    return ""


def _answer(status: int, outcome: str) -> JSONResponse:
    return JSONResponse({"outcome": outcome}, status)


def receiver(
    secret: Annotated[str, typer.Option(envvar="ANTIPHON_ACTION_SECRET", help="what actions are signed with")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one")] = 9090,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    out: Annotated[Path | None, typer.Option(help="JSON lines file for the actions received")] = None,
    fail: Annotated[int, typer.Option(min=0, help="answer the first N posts with 503")] = 0,
) -> None:
    """Receive actions, check their signatures, print each of them once.

    Example: antiphon receiver --port 9090 --secret demo --out actions.jsonl
    """
    listener = listen(host, port)
    typer.echo(f"receiving actions on {address(listener)}/", err=True)
    app = build_receiver(secret, Ledger(out), fail=fail)
    asyncio.run(serve_until_told(app, listener, drain_s=1))
