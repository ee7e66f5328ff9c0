"""What a call came to: the turns as they happened, and the record that `call.json` holds."""

from typing import Any

from rich.console import Console

from antiphon.app import App
from antiphon.events.session import AgentTurn, CallerTurn, SessionEvent, TurnDropped
from antiphon.realtime.calls import CallTape


class CallReport:
    """Prints turns as they come and puts the record of the call together."""

    def __init__(self, console: Console | None, tape: CallTape) -> None:
        self._console = console
        self._tape = tape

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
        if self._console is not None:
            self._print(record)
        return record

    def _print(self, record: dict[str, Any]) -> None:
        console = self._console
        if console is None:
            return
        for turn in record["turns"]:
            name = "[bold blue]caller[/]" if turn["speaker"] == "caller" else "[bold red]agent [/]"
            sure = f" [dim]({turn['confidence']:.2f})[/]" if turn["speaker"] == "caller" else ""
            cut = " [yellow]— interrupted[/]" if turn["interrupted"] else ""
            console.print(f"[dim]{turn['start_s']:7.2f} s[/] {name} {turn['text']}{sure}{cut}")
            if turn["speaker"] == "agent" and turn["latency_ms"]:
                parts = ", ".join(f"{part} {value:.0f}" for part, value in turn["latency_ms"].items())
                console.print(f"          [dim]answered after (ms): {parts}[/]")
        for name, fact in record["facts"].items():
            console.print(f"fact    {name} = {fact['value']} [dim]({fact['status']}, {fact['confidence']:.2f})[/]")
        for action in record["actions"]:
            console.print(
                f"action  {action['type']} {action['id']}: {action['state']} after {action['attempts']} attempts"
            )


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


def action_record(action: Any) -> dict[str, Any]:
    """An action as `call.json` has it: the body that is posted, and how far its delivery is."""
    import json

    return {**json.loads(action.body), "state": str(action.state), "attempts": action.attempts}
