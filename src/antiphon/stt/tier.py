"""One tier of recognition: an engine behind its gate, with an account of both waits."""

import structlog

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError, EngineFailed
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber
from antiphon.serving.gate import Gate
from antiphon.stt.account import Account

log = structlog.get_logger(__name__)


class Tier:
    """An engine that hears only what its gate lets in.

    Attributes:
        card: of the engine.
        gate: in front of it, for its counts.
        model: name of its model, as answers and headers tell it.
    """

    def __init__(self, transcriber: Transcriber, gate: Gate, model: str = "", clock: Clock | None = None) -> None:
        self.card = transcriber.card
        self.gate = gate
        self.model = model or transcriber.card.name
        self._transcriber = transcriber
        self._clock = clock or SystemClock()

    async def transcribe(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
        """Recognise one recording in a slot of the gate; the slot is free again when this returns.

        Raises:
            AtCapacity: too many wait already (`queue_full`), or this one waited too long (`queue_timeout`).
            EngineFailed: the engine broke, in whatever way.
            AntiphonError: what else the engine says of the recording.
        """
        asked_s = entered_s = self._clock.monotonic_s()
        inside = False
        try:
            async with self.gate.slot():
                entered_s, inside = self._clock.monotonic_s(), True
                return await self._transcribe(samples, hearing)
        finally:
            now_s = self._clock.monotonic_s()
            account.queue_wait_s = (entered_s if inside else now_s) - asked_s
            account.primary_s = now_s - entered_s if inside else None

    async def _transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        try:
            return await self._transcriber.transcribe(samples, hearing)
        except AntiphonError:
            raise
        except Exception as error:
            # Engines are other people's code: whatever one raises, the request goes on to the next tier.
            log.exception("engine_broke", engine=self.card.name)
            raise EngineFailed("The engine broke; the log says how.") from error
