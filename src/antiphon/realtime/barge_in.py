"""Is this an interruption? A pure policy over what is heard while the agent speaks."""

from dataclasses import dataclass
from enum import Enum, auto

from antiphon.events.speech import Expectation
from antiphon.language.answers import read_yes_no
from antiphon.language.backchannels import is_backchannel
from antiphon.realtime.settings import RealtimeSettings


class Overlap(Enum):
    """What to do about speech over the agent's voice."""

    IGNORE = auto()
    HOLD = auto()
    JUDGE = auto()


class Judgement(Enum):
    """What speech over the agent's voice turned out to be."""

    INTERRUPTION = auto()
    BACKCHANNEL = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Overlapping:
    """Speech over the agent's voice, as far as it has gone.

    Attributes:
        voiced_ms: how much the caller has spoken since it was last judged.
        remaining_ms: how much of the reply is still to be heard.
        held: the agent has already fallen silent for it.
        cleared: it has been judged harmless once, so the agent speaks on while it is judged again.
        complete: the whole reply is known, so that `remaining_ms` is all there is.
    """

    voiced_ms: float
    remaining_ms: float
    held: bool
    cleared: bool
    complete: bool


def overlap(settings: RealtimeSettings, now: Overlapping) -> Overlap:
    """Whether to go on, to fall silent, or to look at the words.

    The last moments of a reply are never held: people answer a little early, and stopping there sounds broken.
    """
    if not settings.barge_in:
        return Overlap.IGNORE
    if now.held or now.cleared:
        return Overlap.JUDGE if now.voiced_ms >= settings.decide_ms else Overlap.IGNORE
    if now.complete and now.remaining_ms <= settings.tail_ms:
        return Overlap.IGNORE
    return Overlap.HOLD if now.voiced_ms >= settings.hold_ms else Overlap.IGNORE


def judge(text: str, language: str, *, asked: Expectation, last_sentence: bool) -> Judgement:
    """What the words spoken over the agent were.

    A "yes" while the agent is asking its yes-or-no question is an answer; anywhere else it is a nod.
    """
    if not any(character.isalnum() for character in text):
        return Judgement.NOTHING
    if asked is Expectation.YES_NO and last_sentence and read_yes_no(text, language) is not None:
        return Judgement.INTERRUPTION
    return Judgement.BACKCHANNEL if is_backchannel(text, language) else Judgement.INTERRUPTION
