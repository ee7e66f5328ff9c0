"""The weights that engines ask for by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that an installed distribution carries.

    Attributes:
        name: what a card's `model` says.
        package: the import package whose folder holds them; it is never imported.
        folder: where in the package they lie.
        files: SHA-256 of each file, in hexadecimal.
        licence: of the weights.
        source: where they come from.
        requirement: the distribution that brings them, as pip is told.
    """

    name: str
    package: str
    folder: str
    files: Mapping[str, str] = field(hash=False)
    licence: str
    source: str
    requirement: str


@dataclass(frozen=True, slots=True)
class HubWeights:
    """Weights of one kind that the model hub's cache may hold, in the order in which they are preferred.

    Attributes:
        name: what a card's `model` says.
        repositories: `owner/name`, best first.
        files: what a snapshot must hold to be usable.
        hint: how to come by one.
    """

    name: str
    repositories: tuple[str, ...]
    files: tuple[str, ...]
    hint: str


_ALL: tuple[Weights | HubWeights, ...] = (
    HubWeights(
        name="whisper",
        # The best that is at hand; an operator who keeps several and wants another names it in the stack file.
        repositories=(
            "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
            "Systran/faster-whisper-large-v3",
            "Systran/faster-distil-whisper-large-v3",
            "Systran/faster-whisper-large-v2",
            "Systran/faster-whisper-medium",
            "Systran/faster-whisper-small",
            "Systran/faster-whisper-base",
            "Systran/faster-whisper-tiny",
        ),
        files=("model.bin", "config.json", "tokenizer.json"),
        hint="name a converted model's folder as `model`, or allow fetching one with `download`",
    ),
    Weights(
        name="moonshine-tiny-en",
        package="moonshine_voice",
        folder="assets/tiny-en",
        files=MappingProxyType(
            {
                "encoder_model.ort": "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
                "decoder_model_merged.ort": "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
                "tokenizer.bin": "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
            }
        ),
        licence="MIT",
        source="Moonshine tiny-en, Useful Sensors",
        requirement="moonshine-voice==0.0.73",
    ),
    Weights(
        name="silero-vad-v6",
        package="faster_whisper",
        folder="assets",
        files=MappingProxyType(
            {"silero_vad_v6.onnx": "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"}
        ),
        licence="MIT",
        source="Silero VAD v6, Silero Team",
        requirement="faster-whisper>=1.2",
    ),
)

MANIFEST: Mapping[str, Weights | HubWeights] = MappingProxyType({w.name: w for w in _ALL})
"""All weights by name."""
