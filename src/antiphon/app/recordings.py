"""A recogniser made fit for whole recordings: words placed exactly, and any length."""

from typing import cast

import structlog

from antiphon.app.loaded import LoadedEngines
from antiphon.errors import EngineUnavailable
from antiphon.ports.card import Port
from antiphon.ports.stt import Aligner, Transcriber
from antiphon.stt.segmented import Segmented
from antiphon.stt.speech_detector import SpeechDetector
from antiphon.stt.windows import Windowed
from antiphon.stt.word_times import WordTimes

log = structlog.get_logger(__name__)


async def for_recordings(
    engines: LoadedEngines, transcriber: Transcriber, detector: SpeechDetector, parallel: int = 1, *, words: bool = True
) -> Transcriber:
    """`transcriber` for recordings of any length, so many parts of one at a time.

    Words that it does not place itself are placed by an aligner, where one is at hand and `words` are wanted; segments
    that it does not tell are made then, too.
    """
    if words and not transcriber.card.segments:
        transcriber = Segmented(transcriber)
    if words and not transcriber.card.words:
        try:
            transcriber = WordTimes(transcriber, cast(Aligner, await engines.of(Port.ALIGN)))
        except EngineUnavailable as missing:
            log.warning("no_word_times", why=missing.message)
    return Windowed(transcriber, detector, parallel)
