"""Callers' voices from other people's synthesizers: Debian's flite and festival, so no engine of ours hears itself."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

from antiphon.events.speech import Samples

RATE_HZ = 16_000
CACHE = Path(__file__).resolve().parents[1] / "build" / "voices"
FESTIVAL_VOICES = Path("/usr/share/festival/voices")
PACKAGES = "apt-get install flite festival festvox-us-slt-hts"
VOICES = ("flite-rms", "flite-slt", "flite-awb", "festival-slt-hts")


class VoiceMissing(RuntimeError):
    """A synthesizer or its voice is not installed."""


def speak(text: str, voice: str) -> Samples:
    """`text` as `voice` (one of `VOICES`) says it, mono float32 at 16 kHz; kept under build/voices.

    Raises:
        VoiceMissing: the synthesizer or the voice is not installed, or it failed.
    """
    kept = CACHE / voice / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npy"
    if kept.exists():
        return np.asarray(np.load(kept), dtype=np.float32)
    samples = _synthesize(text, voice)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part.npy")  # renamed when whole: two runs at once must not read half a file
    np.save(part, samples)
    part.replace(kept)
    return samples


def check(voices: tuple[str, ...]) -> None:
    """Make sure that `voices` can speak before an evaluation begins.

    Raises:
        VoiceMissing: one of them cannot.
    """
    for voice in voices:
        speak("Hello.", voice)


def _synthesize(text: str, voice: str) -> Samples:
    if voice not in VOICES:
        raise VoiceMissing(f"no voice {voice!r}; there are {', '.join(VOICES)}")
    synthesizer, _, name = voice.partition("-")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        if synthesizer == "flite":
            _flite(text, name, wav)
        else:
            _festival(text, wav)
        samples, rate_hz = soundfile.read(wav, dtype="float32")
    if not samples.size:
        raise VoiceMissing(f"{voice} gave no sound for {text!r}")
    if rate_hz != RATE_HZ:
        samples = soxr.resample(samples, rate_hz, RATE_HZ)
    return np.asarray(samples, dtype=np.float32)


def _flite(text: str, name: str, wav: Path) -> None:
    # An unknown voice name is no error to flite: it would quietly speak with its default.
    if name not in _run(["flite", "-lv"]).split():
        raise VoiceMissing(f"flite has no voice {name!r}: {PACKAGES}")
    _run(["flite", "-voice", name, "-t", text, "-o", str(wav)])


def _festival(text: str, wav: Path) -> None:
    if not any(FESTIVAL_VOICES.glob("*/cmu_us_slt_arctic_hts")):
        raise VoiceMissing(f"festival's voice cmu_us_slt_arctic_hts is not installed: {PACKAGES}")
    _run(["text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", str(wav)], text)


def _run(command: list[str], given: str = "") -> str:
    if shutil.which(command[0]) is None:
        raise VoiceMissing(f"{command[0]} is not installed: {PACKAGES}")
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise VoiceMissing(f"{command[0]} failed: {done.stderr[-200:]}")
    return done.stdout
