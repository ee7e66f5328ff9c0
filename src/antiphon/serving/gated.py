"""A recogniser behind a gate: no more at once than it can do, no more waiting than can be done in time."""

from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber
from antiphon.serving.gate import Gate


class Gated:
    """A `Transcriber` that takes a slot for every utterance; a cancelled call gives its slot back at once."""

    def __init__(self, transcriber: Transcriber, gate: Gate) -> None:
        self.card = transcriber.card
        self._transcriber = transcriber
        self._gate = gate

    async def transcribe(self, samples: Samples, hearing: Hearing) -> Transcript:
        """Recognise one utterance.

        Raises:
            AtCapacity: too many wait already (`queue_full`), or this one waited too long (`queue_timeout`).
            EngineFailed: the engine broke.
        """
        async with self._gate.slot():
            return await self._transcriber.transcribe(samples, hearing)

    async def draft(self, samples: Samples, hearing: Hearing) -> str:
        """A quick reading, in a slot as well.

        Raises:
            AtCapacity: see `transcribe`.
        """
        async with self._gate.slot():
            return await self._transcriber.draft(samples, hearing)
