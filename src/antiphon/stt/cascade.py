"""Two tiers: the quick one hears everything, the thorough one what the quick one is unsure of."""

from dataclasses import replace

import structlog

from antiphon.clock import Clock, SystemClock
from antiphon.errors import AntiphonError, EngineFailed, EngineUnavailable, FallbackFailed, TimedOut
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports.stt import Transcriber
from antiphon.serving.breaker import BreakerOpen
from antiphon.stt.account import Account, Reason, Routing
from antiphon.stt.routing import Policy, nobody_speaks, probability
from antiphon.stt.tier import Tier

log = structlog.get_logger(__name__)

UNTRANSLATED = "translation_unsupported"
"""Code of those who cannot translate: theirs is no second opinion on a translation."""


class Cascade:
    """A primary tier and, where there is one, its fallback.

    The primary's slot is free again before the fallback is asked: a fallback that hangs costs the primary nothing.

    Attributes:
        primary: the tier that hears everything.
    """

    def __init__(
        self,
        primary: Tier,
        fallback: Transcriber | None = None,
        policy: Policy | None = None,
        *,
        fallback_model: str = "",
        clock: Clock | None = None,
    ) -> None:
        """Put two tiers together.

        Args:
            primary: hears everything.
            fallback: hears what `policy` doubts.
            policy: None for a service that does no routing: its answers are the primary's as they are.
            fallback_model: name of the fallback's model; empty where its transcripts name it (`engine`).
            clock: where time comes from.
        """
        self.primary = primary
        self._fallback, self._fallback_model = fallback, fallback_model
        self._policy = policy
        self._clock = clock or SystemClock()

    def change(self, fallback: Transcriber | None, policy: Policy) -> None:
        """From the next question on, ask this fallback by this policy."""
        self._fallback, self._policy = fallback, policy

    @property
    def first_answer_stands(self) -> bool:
        """Whether what the primary says is the answer, because nobody can be asked for a second opinion."""
        return self._policy is None or self._fallback is None

    async def transcribe(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript:
        """The answer of the tier that can be trusted with it.

        Raises:
            FallbackFailed: the fallback was asked and failed.
            AtCapacity: the primary has no slot; nothing was asked.
            AntiphonError: the primary failed and there is no fallback that could be asked.
        """
        account.language_checked = hearing.language is None
        account.model = self.primary.model
        try:
            heard = _sane(await self.primary.transcribe(samples, hearing, account))
        except (EngineFailed, EngineUnavailable, TimedOut) as broken:
            if self._policy is None:
                raise
            account.below, account.reason = True, Reason.PRIMARY_ERROR
            log.warning("primary_failed", code=broken.code)
            answer = await self._second_opinion(samples, hearing, account)
            if answer is None:
                raise
            return answer
        if self._policy is None:
            return heard
        verdict = self._policy.judge(heard, language_forced=hearing.language is not None)
        account.below, account.reason = verdict.below, verdict.reason
        account.language_checked = verdict.language_checked
        if not verdict.below:
            account.routing = Routing.SKIPPED
            return heard
        try:
            return await self._second_opinion(samples, hearing, account) or heard
        except FallbackFailed as failed:
            failed.doubtful = heard
            raise

    async def _second_opinion(self, samples: Samples, hearing: Hearing, account: Account) -> Transcript | None:
        """What the fallback says; None where it cannot be asked."""
        # Until the fallback has been asked, and for whoever goes away before it has answered.
        account.routing = Routing.SKIPPED
        if self._fallback is None:
            return None
        if hearing.translate and not self._fallback.card.translates:
            account.fallback_error = UNTRANSLATED
            return None
        began_s = self._clock.monotonic_s()
        asked = True
        try:
            answer = _sane(await self._fallback.transcribe(samples, hearing))
        except BreakerOpen as resting:
            asked, account.fallback_error = False, resting.code
            return None
        except AntiphonError as error:
            account.fallback_error = error.code
            if error.code == UNTRANSLATED:
                # A service says only when it is asked whether it can.
                return None
            account.routing = Routing.FAILED
            log.warning("fallback_failed", code=error.code)
            raise FallbackFailed(f"The fallback was asked and failed: {error.message}") from error
        except Exception as error:
            # Engines are other people's code; see `Tier`.
            account.routing, account.fallback_error = Routing.FAILED, EngineFailed.code
            log.exception("fallback_broke")
            raise FallbackFailed("The fallback was asked and broke; the log says how.") from error
        finally:
            account.fallback_s = self._clock.monotonic_s() - began_s if asked else None
        account.routing, account.model = Routing.USED, self._fallback_model or answer.engine
        return answer


def _sane(transcript: Transcript) -> Transcript:
    """An answer with a confidence in [0, 1], and without the words that recognisers invent where nobody speaks."""
    confidence = probability(transcript.confidence)
    if nobody_speaks(transcript) and (transcript.text or not transcript.no_speech):
        return replace(
            transcript, text="", confidence=confidence, words=(), segments=(), alternatives=(), no_speech=True
        )
    return transcript if confidence == transcript.confidence else replace(transcript, confidence=confidence)
