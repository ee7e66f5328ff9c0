"""Live streams over fakes: the service, a client that says its audio to the end, and a figure."""

from collections.abc import Sequence
from typing import Any

from antiphon.clock import Clock
from antiphon.events import live as wire
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live import Live
from antiphon.testing import Phrasebook
from antiphon.testing.hearing import PhrasebookService
from antiphon.testing.listening import ListenClient

BOOK = Phrasebook()
SAID = ("good morning", "book me for thursday", "at ten please")
START = wire.Start(language="en")


def live(service: PhrasebookService | None = None, clock: Clock | None = None, **chosen: Any) -> Live:
    """The service with settings as chosen."""
    return Live(service or PhrasebookService(BOOK), ListenSettings(**chosen), clock=clock)


async def whole(client: ListenClient, audio: Sequence[bytes]) -> list[str]:
    """Say all of it and stop; the texts of all finals."""
    for frame in audio:
        await client.say(frame)
    await client.say(wire.Stop())
    await client.served
    return [final.text for final in client.of(wire.Final)]


def gauge(service: Live, state: str) -> float:
    """How many streams are `connected`, or `lost`."""
    live_sessions = next(iter(service.collect()))
    return next(sample.value for sample in live_sessions.samples if sample.labels["state"] == state)
