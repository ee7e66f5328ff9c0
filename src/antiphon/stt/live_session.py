"""One live stream: audio in, messages out. It outlives its connection, so that a new one can go on with it.

    take ─ WireAudio ─ Reel, voice activity ─ PauseDetector ─┬─ speech ─ drafts ─ partial
                                                             ├─ pause ─ final decode begins
                                                             └─ silence, length, finalize, stop ─ Finals ─ final, ack

Stream time is counted in samples at 16 kHz; clients are told positions at the rate they declared.
"""

import asyncio
from dataclasses import dataclass, replace
from functools import partial

import structlog

from antiphon.audio.frames import Framer
from antiphon.audio.pcm import RATE_HZ
from antiphon.clock import Clock
from antiphon.errors import AntiphonError, EngineFailed
from antiphon.events import live as wire
from antiphon.events.live import Cause
from antiphon.events.speech import Hearing, Samples, Transcript
from antiphon.ports import stt
from antiphon.ports.vad import WINDOW_SAMPLES
from antiphon.serving.pauses import Change, PauseDetector
from antiphon.serving.voicing import TICK_S, Scheduler
from antiphon.stt.account import Account
from antiphon.stt.finals import Finals, Hearer, Stretch
from antiphon.stt.listen_settings import ListenSettings
from antiphon.stt.live_answers import Answers, Post, seconds
from antiphon.stt.reel import Reel, quietest
from antiphon.stt.wire_audio import WireAudio

DELAY_S = WINDOW_SAMPLES / RATE_HZ + TICK_S
CUT_SAMPLES = int(0.16 * RATE_HZ)
"""How long a stretch must be quiet to cut there: shorter are the closures inside of words."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ears:
    """What all streams of a process share.

    Attributes:
        hearer: makes finals.
        streaming: makes partials; finals as well where its engine takes audio as it comes.
        scheduler: voice activity.
        settings: thresholds and times.
        clock: where wall time comes from.
        max_utterance_s: the settings', or less where the engine hears less at once.
    """

    hearer: Hearer
    streaming: stt.StreamingTranscriber
    scheduler: Scheduler
    settings: ListenSettings
    clock: Clock
    max_utterance_s: float


class LiveSession:
    """One stream.

    Attributes:
        name: for `resume`.
        start: what the client asked for.
        key_id: of the key it was opened with; no other key's holder can go on with it.
        audio: turns its frames into sound.
        room: clear while the client is too far ahead of what has been heard; whoever reads its frames waits then.
        broken: why the stream cannot go on; whoever carries it closes then.
        left_at_s: when the connection was lost; None while there is one.
    """

    def __init__(self, name: str, start: wire.Start, ears: Ears, key_id: str | None = None) -> None:
        """Begin a stream.

        Raises:
            BadInput: the encoding does not go with the rate.
            EngineUnavailable: the encoding cannot be decoded here.
        """
        self.name, self.start, self.key_id = name, start, key_id
        self.audio = WireAudio(start.encoding, start.rate_hz, start.channels)
        self.room = asyncio.Event()
        self.room.set()
        self.broken: EngineFailed | None = None
        self.left_at_s: float | None = None
        self._ears, settings = ears, ears.settings
        self._hearing = Hearing(start.language, start.expect, start.hotwords, start.words, start.prompt)
        pause_ms = min(settings.pause_ms, start.endpointing_ms or settings.pause_ms)
        self._detector = PauseDetector(replace(settings, pause_ms=pause_ms))
        self._keep_samples = (settings.preroll_ms + settings.speech_ms) * RATE_HZ // 1000
        self._reel, self._framer = Reel(), Framer(WINDOW_SAMPLES)
        self._answers = Answers(self.audio, ears.clock)
        self._finals = Finals(self._deliver)
        self._listener = ears.scheduler.join(self._supervise)
        self._caught_up = asyncio.Event()
        self._caught_up.set()
        self._stretch: Stretch | None = None
        self._judged = self._free = 0
        self._told: object = None

    # ── what the connection does ────────────────────────────────────────────────────────────────────────────────

    @property
    def quiet(self) -> bool:
        """Nobody speaks and nothing is pending."""
        return self._stretch is None and not self._finals.pending and self._caught_up.is_set()

    @property
    def acked(self) -> int:
        """Audio before this sample is done with."""
        return self._answers.acked

    @property
    def connected(self) -> Post | None:
        """Where messages go; None while there is no connection."""
        return self._answers.to

    def attach(self, post: Post, sample: int | None = None) -> wire.Started:
        """A connection takes the stream over; what comes next begins at `sample`, or where the stream is.

        Messages that its client cannot have had are posted again by `repeat`, after the `started` that is returned.

        Raises:
            BadInput: `resume_impossible`: there would be a gap, or what was said since is no longer kept.
        """
        at = self.audio.position if sample is None else sample
        self._answers.go_on(post, at)
        self.audio.rewind(at)
        self.left_at_s = self._told = None
        return wire.Started(
            session=self.name,
            engine=self._ears.streaming.card.name,
            sample_rate=self.start.rate_hz,
            sample=at,
            delay_s=DELAY_S,
            resume_s=self._ears.settings.grace_s,
            max_utterance_s=self._ears.max_utterance_s,
            encoding=self.start.encoding,
            channels=self.start.channels,
        )

    def repeat(self) -> None:
        """Post what a client that resumed cannot have had."""
        self._answers.repeat()

    def detach(self) -> None:
        """The connection is lost; what was sent is heard all the same."""
        self._answers.to, self.left_at_s = None, self._ears.clock.monotonic_s()

    def take(self, data: bytes) -> None:
        """Take a binary frame; returns at once.

        Raises:
            BadInput: see `WireAudio.take`.
        """
        self._receive(self.audio.take(data))

    async def finalize(self) -> None:
        """End the utterance that is being spoken, and wait until everything said has been delivered."""
        await self._end_all(Cause.FINALIZE)
        self._answers.post(wire.Ack(self.acked, flushed=True))

    async def stop(self) -> None:
        """The stream is over: wait until everything said has been delivered."""
        self._receive(self.audio.flush())
        if (rest := self._framer.flush()) is not None:
            self._submit(rest)
        await self._end_all(Cause.STOP)
        self._settle(self._reel.end, always=True)

    def close(self) -> None:
        """Give up the stream and all work begun for it."""
        self._answers.to = None
        self._listener.close()
        if self._stretch is not None:
            self._stretch.close()
            self._stretch = None
        self._finals.close()
        self._caught_up.set()
        self.room.set()

    # ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _receive(self, samples: Samples) -> None:
        self._reel.append(samples)
        for window in self._framer.push(samples):
            self._submit(window)
        self._make_room()

    def _submit(self, window: Samples) -> None:
        self._caught_up.clear()
        self._listener.submit(window)

    def _supervise(self, probability: float) -> None:
        """Judge a window. Whatever breaks here breaks this stream alone: the batch it is judged in is everybody's."""
        if self.broken is not None:
            return
        try:
            self._judge(probability)
        except Exception:
            log.exception("listen_stream_broke")
            self.broken = EngineFailed("Something broke here; the log says what.", code="internal")
            self._caught_up.set()
            self.room.set()

    def _judge(self, probability: float) -> None:
        """Take the speech probability of the next window."""
        self._judged = min(self._judged + WINDOW_SAMPLES, self._reel.end)
        change = self._detector.window(probability)
        if self._stretch is not None:
            self._follow(self._stretch, change)
        elif change is Change.STARTED:
            self._begin(max(self._free, self._judged - self._keep_samples))
            self._answers.post(wire.SpeechStarted(seconds(self._judged - self._spoken_samples)))
        else:
            self._settle(self._judged - self._keep_samples)
        if not self._listener.windows:
            self._caught_up.set()
        self._make_room()

    @property
    def _spoken_samples(self) -> int:
        return self._detector.speech_run_ms * RATE_HZ // 1000

    def _begin(self, start: int) -> None:
        """An utterance begins, a little before its first speech was noticed."""
        start = max(start, self._reel.start)
        wanted = self.start.interim or self._native
        draft = self._ears.streaming.open(self._hearing) if wanted else None
        self._stretch = Stretch(start, self._judged, self._ears.clock.monotonic_s(), draft, fed=start)
        self._feed(self._stretch, self._judged)

    def _follow(self, stretch: Stretch, change: Change) -> None:
        """The utterance goes on, pauses or ends."""
        if change is Change.RESUMED:
            self._resume(stretch)
        if self._detector.silence_ms == 0:
            stretch.voiced, stretch.voiced_at_s = self._judged, self._ears.clock.monotonic_s()
        if not self._detector.paused:
            self._feed(stretch, self._judged)
        if change is Change.PAUSED:
            self._decode(stretch, self._judged)
        silence_ms, enough_ms = self._detector.silence_ms, self.start.endpointing_ms
        if enough_ms and self._detector.paused and silence_ms >= enough_ms:
            self._end(stretch, Cause.ENDPOINT)
        elif self._judged - stretch.start >= self._ears.max_utterance_s * RATE_HZ:
            self._cut(stretch)
        self._tell(stretch)

    def _feed(self, stretch: Stretch, end: int) -> None:
        if stretch.draft is not None and stretch.fed < end:
            stretch.draft.feed(self._reel.cut(stretch.fed, end))
        stretch.fed = max(stretch.fed, end)

    def _resume(self, stretch: Stretch) -> None:
        stretch.give_up()
        if self._native and stretch.draft is not None:
            stretch.draft.resume()

    def _tell(self, stretch: Stretch) -> None:
        """Post the partial transcript where it has changed."""
        if stretch is not self._stretch or stretch.draft is None or not self.start.interim:
            return
        found = stretch.draft.partial
        if found.text and (stretch.start, found) != self._told:
            self._told = (stretch.start, found)
            self._answers.post(wire.Partial(found.text, found.stable, seconds(stretch.start), seconds(stretch.fed)))

    # ── utterances that end ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def _native(self) -> bool:
        """The engine takes audio as it comes, and has its finals half done when an utterance ends."""
        return self._ears.streaming.card.streaming

    def _decode(self, stretch: Stretch, end: int) -> None:
        stretch.end = end
        if self._native and stretch.draft is not None:
            stretch.draft.pause()
            self._finals.begin(stretch, partial(_finish, stretch.draft))
        else:
            samples = self._reel.cut(stretch.start, end)
            self._finals.begin(stretch, lambda account: self._hear(samples, account))

    async def _hear(self, samples: Samples, account: Account) -> Transcript:
        return await self._ears.hearer.hear_samples(samples, self._hearing, account)

    def _end(self, stretch: Stretch, cause: Cause, end: int | None = None) -> None:
        """The utterance is over."""
        if stretch.decode is None:
            end = self._judged if end is None else end
            self._feed(stretch, end)
            self._decode(stretch, end)
        self._answers.post(wire.SpeechEnded(seconds(stretch.voiced)))
        self._detector.reset()
        self._put(stretch, cause)

    def _cut(self, stretch: Stretch) -> None:
        """The utterance is too long: end it where the speaker is most nearly silent, and go on there."""
        if self._detector.paused:
            return self._end(stretch, Cause.LENGTH)
        at = self._judged
        if not self._native:
            half = (stretch.start + self._judged) // 2
            at = half + quietest(self._reel.cut(half, self._judged), CUT_SAMPLES)
        self._decode(stretch, at)
        stretch.voiced = min(stretch.voiced, at)
        self._put(stretch, Cause.LENGTH)
        self._begin(at)
        return None

    def _put(self, stretch: Stretch, cause: Cause) -> None:
        stretch.cause, self._stretch, self._free = cause, None, stretch.end
        if stretch.draft is not None and not self._native:
            stretch.draft.close()
        self._finals.put(stretch)

    async def _end_all(self, cause: Cause) -> None:
        await self._caught_up.wait()
        if self._stretch is not None:
            self._end(self._stretch, cause, self._reel.end)
        await self._finals.idle.wait()

    # ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _deliver(self, stretch: Stretch, outcome: Transcript | AntiphonError) -> None:
        if stretch.draft is not None:
            stretch.draft.close()
        self._answers.deliver(stretch, outcome)
        self._settle(stretch.end, always=True)
        self._make_room()

    def _settle(self, position: int, *, always: bool = False) -> None:
        """Audio before `position` is done with, unless an utterance before it is still pending."""
        unheard = self._finals.pending[0] if self._finals.pending else self._stretch
        done = position if unheard is None else min(position, unheard.start)
        self._reel.forget(done)
        self._answers.settle(done, always=always)

    def _make_room(self) -> None:
        oldest = self._finals.pending[0].start if self._finals.pending else self._judged
        if self._reel.end - oldest <= self._ears.settings.max_ahead_s * RATE_HZ:
            self.room.set()
        else:
            self.room.clear()


async def _finish(draft: stt.Utterance, account: Account) -> Transcript:
    """The final of an engine that has heard the utterance already."""
    return await draft.finish()
