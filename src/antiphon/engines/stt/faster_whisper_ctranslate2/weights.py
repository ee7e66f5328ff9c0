"""Finding a converted model and loading it onto a device."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.engines.stt.faster_whisper_ctranslate2.options import Options
from antiphon.errors import EngineUnavailable

FILES = ("model.bin", "config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready.

    Attributes:
        model: `ctranslate2.models.Whisper`.
        folder: where its files lie.
        device: `cpu` or `cuda`.
        workers: how many batches it can decode at once.
    """

    model: Any
    folder: Path
    device: str
    workers: int


def load_model(options: Options) -> Loaded:
    """Load what the options name: blocking, seconds.

    Raises:
        EngineUnavailable: a module or a file is missing, or the device cannot compute so.
    """
    # Read when OpenMP starts: its threads would otherwise spin between steps, which costs a busy machine ten times the
    # time. A user's own choice counts.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import ctranslate2
        import faster_whisper  # noqa: F401 - its tokenizer and spectrogram are used later
    except ImportError as missing:
        raise EngineUnavailable(
            f"faster-whisper cannot be imported ({missing}): pip install 'antiphon[embedded]'.", code="module_missing"
        ) from missing
    device = _device(ctranslate2, options.device)
    workers = options.workers or (max(1, cores() // options.threads) if device == "cpu" else 1)
    folder = _folder(options)
    try:
        model = ctranslate2.models.Whisper(
            str(folder),
            device=device,
            device_index=options.device_index,
            compute_type=_compute_type(ctranslate2, device, options),
            inter_threads=workers,
            intra_threads=options.threads,
        )
    except (RuntimeError, ValueError) as refused:
        raise EngineUnavailable(f"faster-whisper cannot load its model: {refused}", code="model_missing") from refused
    return Loaded(model, folder, device, workers)


def _device(ctranslate2: Any, wanted: str) -> str:
    try:
        there = ctranslate2.get_cuda_device_count() > 0
    except RuntimeError:
        there = False
    if wanted == "cuda" and not there:
        raise EngineUnavailable("`device` is cuda, but no GPU can be used here.", code="device_missing", param="device")
    return "cuda" if there and wanted != "cpu" else "cpu"


def _compute_type(ctranslate2: Any, device: str, options: Options) -> str:
    """The number format: what the options say, if the device can compute it."""
    wanted = options.compute_type
    if wanted == "auto":
        wanted = "int8" if device == "cpu" else "float16"
    try:
        allowed = ctranslate2.get_supported_compute_types(device, options.device_index if device == "cuda" else 0)
    except (RuntimeError, ValueError) as refused:
        raise EngineUnavailable(
            f"{device} {options.device_index} cannot be used: {refused}", code="device_missing", param="device_index"
        ) from refused
    if wanted not in allowed:
        raise EngineUnavailable(
            f"compute_type {wanted!r} cannot be used on {device}; one of {', '.join(sorted(allowed))} can.",
            code="compute_type_unsupported",
            param="compute_type",
        )
    return str(wanted)


def _folder(options: Options) -> Path:
    """The folder that holds all files; fetched only where `download` names a model."""
    model = options.model
    if options.download:
        from faster_whisper.utils import download_model

        try:
            model = download_model(options.download)
        except (OSError, ValueError, RuntimeError) as refused:
            raise EngineUnavailable(
                f"the model {options.download!r} cannot be fetched: {refused}", code="model_missing", param="download"
            ) from refused
    missing = [name for name in FILES if not model or not (Path(model) / name).is_file()]
    if missing:
        raise EngineUnavailable(
            f"faster-whisper needs {', '.join(missing)} in {model or 'a folder named by `model`'}; or set `download`.",
            code="model_missing",
            param="model",
        )
    return Path(model)


def cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
