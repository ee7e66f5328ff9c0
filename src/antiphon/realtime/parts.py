"""What a session is made of."""

from dataclasses import dataclass, field

from antiphon.clock import Clock, SystemClock
from antiphon.events.speech import Voicing
from antiphon.ports.stt import StreamingTranscriber
from antiphon.ports.tts import Voice
from antiphon.ports.turn import TurnEnd
from antiphon.realtime.settings import RealtimeSettings
from antiphon.serving.voicing import Scheduler


@dataclass(frozen=True, slots=True)
class Parts:
    """The ports that all sessions of a process share, and how those sessions behave."""

    ears: StreamingTranscriber
    voice: Voice
    turn_end: TurnEnd
    scheduler: Scheduler
    settings: RealtimeSettings = field(default_factory=RealtimeSettings)
    voicing: Voicing = field(default_factory=Voicing)
    clock: Clock = field(default_factory=SystemClock)
