"""A caller's turn while it is being heard."""

import asyncio
from dataclasses import dataclass, field

from antiphon.events.speech import Partial, Samples, Transcript
from antiphon.ports.stt import Utterance


@dataclass(slots=True)
class Turn:
    """What is known of the turn so far.

    Attributes:
        utterance: the recogniser's side of it.
        start: sample of the stream at which its audio begins (before the first speech, by the pre-roll).
        audio: its audio, float32 mono at 16 kHz, in pieces.
        final: the decode begun at the last silence; its result is None where the recogniser failed.
        glance: a quick reading begun to judge speech over the agent.
        paused_at: sample at which the caller last fell silent.
        silence_needed_ms: how long that silence must be to end the turn; None until the words are known.
        cleared: speech over the agent was judged harmless, up to `judged_ms` of it.
    """

    utterance: Utterance
    start: int
    audio: list[Samples]
    final: asyncio.Task[Transcript | None] | None = None
    glance: asyncio.Task[str] | None = None
    paused_at: int = 0
    silence_needed_ms: float | None = None
    cleared: bool = False
    judged_ms: int = 0
    partial: Partial = field(default_factory=lambda: Partial("", ""))

    @property
    def working(self) -> bool:
        """A decode is under way that decides how the session goes on."""
        return any(task is not None and not task.done() for task in (self.final, self.glance))

    @property
    def transcript(self) -> Transcript | None:
        """The final transcript, once the decode is done; None also where it failed."""
        return self.final.result() if self.final is not None and self.final.done() else None

    @property
    def text(self) -> str:
        """The words of the final transcript; empty while there is none."""
        transcript = self.transcript
        return transcript.text.strip() if transcript is not None else ""

    def resume(self) -> None:
        """The caller went on: the final decode was for nothing."""
        if self.final is not None:
            self.final.cancel()
            self.final = None
        self.silence_needed_ms = None
        self.utterance.resume()

    def close(self) -> None:
        """Give up everything begun for this turn."""
        for task in (self.final, self.glance):
            if task is not None:
                task.cancel()
        self.utterance.close()
