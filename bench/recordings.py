"""The evaluation recordings beside the repository: what has a transcript, as 16 kHz mono, and the scorer's rules."""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from antiphon.audio.pcm import mono
from antiphon.audio.resample import resample
from antiphon.events.speech import Samples

DATA = Path(__file__).parents[2] / "shared" / "data"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One recording: the manifest's line, its samples (float32 [n], 16 kHz), and what the scorer counts."""

    line: dict[str, Any]
    samples: Samples
    scorer: Any

    @property
    def id(self) -> str:
        """Its name in the manifest."""
        return str(self.line["id"])

    @property
    def condition(self) -> str:
        """Its kind of recording."""
        return str(self.line["condition"])

    @property
    def speaker(self) -> str:
        """Who speaks."""
        return str(self.line["speaker"])

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / 16_000

    def errors(self, text: str) -> tuple[int, int]:
        """Words of the reference, and wrong words of `text`, after the scorer's normalisation."""
        sequence = "digit-sequence" in (self.line.get("tags") or [])
        reference = self.scorer.normalize(self.line["transcript"], "en", sequence)
        words, wrong, *_ = self.scorer.counts(reference, self.scorer.normalize(text, "en", sequence))
        return int(words), int(wrong)


def scorer(data: Path = DATA) -> Any:
    """The scorer that comes with the recordings, as a module."""
    spec = importlib.util.spec_from_file_location("score", data / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{data / 'score.py'} is missing: the recordings lie beside the repository, in shared/data.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def english(data: Path = DATA) -> Iterator[Item]:
    """All English recordings that have a transcript and that libsndfile reads."""
    score = scorer(data)
    for raw in (data / "speech" / "manifest.jsonl").read_text().splitlines():
        line = json.loads(raw)
        if line["language"] != "en" or not line.get("transcript"):
            continue
        try:
            channels, rate_hz = soundfile.read(data / "speech" / line["file"], dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            continue
        yield Item(line, resample(np.ascontiguousarray(mono(channels.T)), rate_hz, 16_000), score)
