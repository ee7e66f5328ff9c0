"""The main job in one go: an action receiver, a whole recorded call, the facts, and the action that arrived.

Leaves build/demo/{call.json,call.flac,timeline.png}. Run it with `make demo`.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
OUT = Path("build/demo")
NOW = "2026-11-23T09:00"
EXPECTED_FACTS = {
    "caller_name": "Susan Miller",
    "phone_e164": "+41792234456",
    "reason": "cleaning",
    "preferred_slots": ["2026-11-25T10:30+01:00"],
}
"""What a careful receptionist would have written down."""


def main() -> int:
    """Hold the call and check what came of it; 0 when everything arrived."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    secret, port = secrets.token_hex(16), _free_port()
    received = OUT / "received.jsonl"
    antiphon = [sys.executable, "-m", "antiphon"]
    receiver = subprocess.Popen(
        [*antiphon, "receiver", "--port", str(port), "--secret", secret, "--out", str(received)],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        environment = os.environ | {
            "ANTIPHON_CONVERSATIONS__ACTION_ENDPOINT": f"http://127.0.0.1:{port}/actions",
            "ANTIPHON_CONVERSATIONS__ACTION_SECRET": secret,
            "ANTIPHON_CONVERSATIONS__DATA_DIR": str(OUT / "data"),
            "ANTIPHON_LOG__LEVEL": "warning",
        }
        script = str(HERE / "booking.toml")
        call = [*antiphon, "call", "--script", script, "--fast", "--now", NOW, "--out", str(OUT)]
        subprocess.run(call, env=environment, check=True)
    finally:
        receiver.terminate()
        receiver.wait()
    return _report(json.loads((OUT / "call.json").read_text("utf-8")), received)


def _report(record: dict, received: Path) -> int:  # type: ignore[type-arg]
    facts = {name: fact["value"] for name, fact in record["facts"].items()}
    wrong = {name: facts.get(name) for name, value in EXPECTED_FACTS.items() if facts.get(name) != value}
    bodies = [json.loads(line) for line in received.read_text("utf-8").splitlines()] if received.exists() else []
    states = [(action["type"], action["state"]) for action in record["actions"]]
    print(f"\nfacts as expected: {'yes' if not wrong else f'no: {wrong}'}")
    print(f"actions: {states}; received and verified: {len(bodies)}")
    print(f"listen to {OUT / 'call.flac'}, look at {OUT / 'timeline.png'}, read {OUT / 'call.json'}")
    return int(bool(wrong) or states != [("book_appointment", "delivered")] or len(bodies) != 1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, patience_s: float = 30.0) -> None:
    until = time.monotonic() + patience_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
