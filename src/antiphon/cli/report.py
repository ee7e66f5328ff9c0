"""What a call came to: the turns as they happened, and the record that `call.json` holds."""

import json
from typing import Any

from rich.console import Console
from rich.markup import escape

from antiphon.app import App
from antiphon.conversations.records import Action
from antiphon.events.session import AgentTurn, CallerTurn, SessionEvent, TurnDropped
from antiphon.realtime.tape import CallTape


class CallReport:
    """Prints turns as they come and puts the record of the call together."""

    def __init__(self, console: Console | None, tape: CallTape) -> None:
        self._console = console
        self._tape = tape
        if console is not None:
            tape.listener = self._show

    async def record(self, app: App, conversation_id: str) -> dict[str, Any]:
        """The whole call: `conversation_id`, `turns`, `facts`, `actions`, `engines`."""
        snapshot = await app.conversations.snapshot(conversation_id)
        turns = [turn_record(event) for event in settled_turns(self._tape.events)]
        facts = {
            name: {"value": fact.value, "confidence": fact.confidence, "status": str(fact.status), "turn": fact.turn}
            for name, fact in snapshot.facts.items()
        }
        actions = [action_record(action) for action in await app.conversations.actions(conversation_id)]
        record = {
            "conversation_id": conversation_id,
            "turns": turns,
            "facts": facts,
            "actions": actions,
            "engines": app.engines_in_use,
        }
        self._print_outcome(record, delivering=bool(app.stack.conversations.action_endpoint))
        return record

    def _show(self, event: SessionEvent) -> None:
        """Print a turn as it is completed."""
        console = self._console
        if console is None:
            return
        if isinstance(event, TurnDropped):
            console.print("          [dim]… the caller goes on[/]")
        if not isinstance(event, (CallerTurn, AgentTurn)):
            return
        turn = turn_record(event)
        name = "[bold blue]caller[/]" if turn["speaker"] == "caller" else "[bold red]agent [/]"
        sure = f" [dim]({turn['confidence']:.2f})[/]" if turn["speaker"] == "caller" else ""
        cut = " [yellow]— interrupted[/]" if turn["interrupted"] else ""
        console.print(f"[dim]{turn['start_s']:7.2f} s[/] {name} {escape(turn['text'])}{sure}{cut}")
        if turn["speaker"] == "agent" and turn["latency_ms"]:
            parts = ", ".join(f"{part} {value:.0f}" for part, value in turn["latency_ms"].items())
            console.print(f"          [dim]answered after (ms): {parts}[/]")

    def _print_outcome(self, record: dict[str, Any], *, delivering: bool) -> None:
        console = self._console
        if console is None:
            return
        for name, fact in record["facts"].items():
            sure = f"[dim]({fact['status']}, {fact['confidence']:.2f})[/]"
            console.print(f"fact      {name} = {escape(str(fact['value']))} {sure}")
        for action in record["actions"]:
            after = f"after {action['attempts']} attempts" if delivering else "as no action_endpoint is set"
            state = f"{action['state']} {after}"
            console.print(f"action    {action['type']} {action['id']}: {state}")
        for port, engine in record["engines"].items():
            console.print(f"[dim]engine    {port}: {engine['why']}[/]")


def settled_turns(events: list[SessionEvent]) -> list[CallerTurn | AgentTurn]:
    """The turns that count, by their start: a caller's turn that was reopened is not one."""
    turns: list[CallerTurn | AgentTurn] = []
    for event in events:
        if isinstance(event, TurnDropped):
            last = max(i for i, turn in enumerate(turns) if isinstance(turn, CallerTurn))
            del turns[last]
        elif isinstance(event, (CallerTurn, AgentTurn)):
            turns.append(event)
    return sorted(turns, key=lambda turn: turn.start_s)


def turn_record(event: CallerTurn | AgentTurn) -> dict[str, Any]:
    """A turn as `call.json` has it."""
    caller = isinstance(event, CallerTurn)
    return {
        "speaker": "caller" if caller else "agent",
        "text": event.transcript.text if isinstance(event, CallerTurn) else event.text,
        "start_s": round(event.start_s, 3),
        "end_s": round(event.end_s, 3),
        "confidence": round(event.transcript.confidence, 3) if isinstance(event, CallerTurn) else 1.0,
        "interrupted": False if isinstance(event, CallerTurn) else event.interrupted,
        "latency_ms": {part: round(value, 1) for part, value in event.latency_ms.items()},
    }


def action_record(action: Action) -> dict[str, Any]:
    """An action as `call.json` has it: the body that is posted, and how far its delivery is."""
    return {**json.loads(action.body), "state": str(action.state), "attempts": action.attempts}
