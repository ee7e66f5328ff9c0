"""One conversation as the realtime session and the REST service hold it: satisfies `ports.dialogue.Dialogue`."""

from antiphon.events.speech import Transcript
from antiphon.ports.dialogue import Reply


class ConversationDialogue:
    """A conversation that is kept in the store; make one by `ConversationService.open_dialogue`."""

    @property
    def id(self) -> str:
        """The conversation's id."""
        raise NotImplementedError

    def greet(self) -> Reply:
        """The opening words."""
        raise NotImplementedError

    def answer(self, transcript: Transcript, *, start_s: float = 0.0, end_s: float = 0.0) -> Reply:
        """The reply to a caller's turn that lay at these stream times."""
        raise NotImplementedError

    def nudge(self) -> Reply:
        """What to say when the caller has said nothing for a while."""
        raise NotImplementedError

    async def end(self, reason: str) -> None:
        """The conversation is over."""
        raise NotImplementedError
