"""`antiphon serve stt` as live streams see it: keys before the handshake, and a goodbye before the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from antiphon.errors import NotAllowed
from antiphon.events import live as wire
from antiphon.sdk.streams import ListenStream, Start

pytestmark = [pytest.mark.e2e, pytest.mark.models]
KEY = "live-key-1"


@contextmanager
def served() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A primary tier of its own process, with a key."""
    command = [sys.executable, "-m", "antiphon", "serve", "stt", "--role", "primary", "--port", "0", "--json"]
    environment = {**os.environ, "API_KEYS": KEY, "HOST": "127.0.0.1"}
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], process
    finally:
        process.kill()
        process.communicate()


async def test_keys_are_asked_for_before_the_handshake_and_streams_are_told_of_the_end() -> None:
    with served() as (url, process):
        with pytest.raises(InvalidStatus) as refusal:
            await connect(url.replace("http", "ws") + "/v1/listen")
        assert refusal.value.response.status_code == 401
        with pytest.raises(NotAllowed):
            async with ListenStream(url, "another key"):
                pass
        headers = {"Authorization": f"Bearer {KEY}"}
        async with connect(url.replace("http", "ws") + "/v1/listen", additional_headers=headers, proxy=None) as socket:
            await socket.send(wire.encode(Start(language="en")))
            assert isinstance(wire.decode_server(await socket.recv()), wire.Started)
            await socket.send(np.zeros(16_000, "<i2").tobytes())
            process.send_signal(signal.SIGTERM)
            got = [wire.decode_server(text) async for text in socket]
        assert socket.close_code == 1001
        closing = [message for message in got if isinstance(message, wire.Closing)]
        assert {message.reason for message in closing} == {"going_away"}
        assert process.wait() == 0
