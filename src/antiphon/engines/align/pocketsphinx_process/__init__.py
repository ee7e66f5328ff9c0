"""Word times by pocketsphinx: forced alignment of recognised words, in processes of its own as it holds the GIL."""

from dataclasses import dataclass

from antiphon.audio.pcm import RATE_HZ
from antiphon.engines.align.pocketsphinx_process.spelling import between
from antiphon.errors import EngineUnavailable
from antiphon.events.speech import Samples
from antiphon.ports.card import Card, Isolation, Port
from antiphon.serving.worker import WorkerPool
from antiphon.settings import setting

CARD = Card(
    name="pocketsphinx",
    port=Port.ALIGN,
    summary="Forced alignment of known English words; unknown ones by phones guessed from their letters.",
    languages=("en",),
    isolation=Isolation.PROCESS,
    weights_licence="BSD-2-Clause",
    requires=("pocketsphinx",),
    extra="embedded",
)


@dataclass(frozen=True, slots=True)
class Options:
    """How it runs."""

    processes: int = setting(1, "alignments done at once, one core each", low=1, high=64)
    timeout_s: float = setting(30.0, "time an alignment may take", low=1, high=600)


class PocketsphinxAligner:
    """Finds words in recordings (port `Aligner`).

    Attributes:
        pool: its processes, for their counts.
    """

    card = CARD

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool

    async def align(self, samples: Samples, text: str) -> tuple[tuple[float, float] | None, ...]:
        """Start and end in seconds of each word of `text` in `samples`, float32 [n] at 16 kHz.

        All are None where the words do not fit the recording; single ones that are never spoken share the time between
        their neighbours.

        Raises:
            EngineFailed: the process broke twice.
            TimedOut: it took too long.
        """
        answer = await self.pool.call(text, samples.astype("float32", copy=False).tobytes(), retries=1)
        times = [None if t is None else (float(t[0]), float(t[1])) for t in answer.value]
        return between(times, len(samples) / RATE_HZ)

    async def close(self) -> None:
        """End its processes."""
        await self.pool.close()


def load(options: Options) -> PocketsphinxAligner:
    """An aligner; its processes start with the first call.

    Raises:
        EngineUnavailable: pocketsphinx is not installed.
    """
    from importlib.util import find_spec

    if find_spec("pocketsphinx") is None:
        raise EngineUnavailable(
            "Word times need pocketsphinx: pip install 'antiphon[embedded]'.", code="module_missing"
        )
    pool = WorkerPool(
        "antiphon.engines.align.pocketsphinx_process.work:work",
        size=options.processes,
        call_timeout_s=options.timeout_s,
    )
    return PocketsphinxAligner(pool)
