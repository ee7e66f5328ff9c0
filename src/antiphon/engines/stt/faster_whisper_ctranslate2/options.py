"""What an operator may decide about Whisper."""

from dataclasses import dataclass

from antiphon.settings import setting


@dataclass(frozen=True, slots=True)
class Options:
    """How it runs."""

    model: str = setting("", "folder of a converted model; empty for one that the hub cache holds")
    download: str = setting("", "name of a model to fetch from the hub (`small`, `owner/name`); empty never fetches")
    device: str = setting("auto", "where it computes", choices=("auto", "cpu", "cuda"))
    device_index: int = setting(0, "which GPU, if there are several", low=0, high=63)
    compute_type: str = setting("auto", "number format; auto is int8 on a CPU, float16 on a GPU")
    workers: int = setting(0, "batches decoded at once; 0 for one a core on a CPU, one on a GPU", low=0, high=256)
    threads: int = setting(1, "threads of each worker on a CPU", low=1, high=256)
    max_batch: int = setting(8, "most windows of sound decoded together", low=1, high=256)
    beam_size: int = setting(5, "beams of the search", low=1, high=20)
    temperatures: tuple[str, ...] = setting(
        ("0",), "decoding is tried at one after the other until its result is sound; above 0 words are drawn at random"
    )
    frames: str = setting(
        "full",
        "sound the encoder computes: 30 s as it was trained for, at least 10 s, or no more than the clip",
        choices=("full", "floor", "clip"),
    )
    terms: str = setting("", "file of terms to expect in every recording, one a line, UTF-8, at most 200")
    max_audio_s: float = setting(7200.0, "longest recording taken, in seconds", low=1, high=86400)
