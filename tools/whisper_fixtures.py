"""Build Whisper models whose answer is known beforehand: no download, no torch, a second for the smallest.

    python tools/whisper_fixtures.py build/whisper-tiny --shape tiny --tokens 30 --seconds 3.6 --logprob -0.25
    python tools/whisper_fixtures.py build/pair --pair

Layers, widths, heads, vocabulary and positions are Whisper's (`micro` is a toy of one layer), so every matrix product
costs what it costs in the real checkpoint, and everything that reads a converted model reads these. What they say is a
script: each token leads to the next one, whatever is heard, with a probability that is chosen. Encoder and
cross-attention are random, so word times are arbitrary, but always the same. Never a model to recognise anything with.
"""

import argparse
import json
from pathlib import Path

from whisper_script import LANGUAGES, SURE, UNSURE, Script, Vocabulary, made_up
from whisper_weights import SHAPES, model_of

__all__ = ["SHAPES", "SURE", "UNSURE", "Script", "build", "cache", "made_up"]


def build(
    folder: Path,
    script: Script | None = None,
    *,
    shape: str = "micro",
    mels: int = 80,
    multilingual: bool = True,
    quantization: str | None = "int8",
) -> Path:
    """Write a model folder that CTranslate2 and faster-whisper load.

    Args:
        folder: where to; made if it is not there.
        script: what it says.
        shape: a name of `SHAPES`.
        mels: bands of the spectrogram; the large models take 128.
        multilingual: False for a model of English only, which knows neither languages nor tasks.
        quantization: number format of the stored weights; None for float32.

    Raises:
        ValueError: the script cannot be told apart step by step, or is too long for the shape.
    """
    script, size = script or Script(), SHAPES[shape]
    vocabulary = Vocabulary.of(script, size.plain_tokens, multilingual=multilingual)
    spec = model_of(script, vocabulary, size, mels=mels, multilingual=multilingual)
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    vocabulary.save(folder / "tokenizer.json")
    features = {"feature_size": mels, "hop_length": 160, "n_fft": 400, "sampling_rate": 16_000, "chunk_length": 30}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    return folder


def cache(model: Path, hub: Path, repository: str) -> Path:
    """Lay a model out in a folder as the hub's client would keep `repository` (`owner/name`) there; its snapshot."""
    root, revision = hub / f"models--{repository.replace('/', '--')}", "0" * 40
    snapshot = root / "snapshots" / revision
    snapshot.mkdir(parents=True, exist_ok=True)
    (root / "refs").mkdir(exist_ok=True)
    (root / "refs" / "main").write_text(revision)
    for file in model.iterdir():
        target = snapshot / file.name
        target.unlink(missing_ok=True)
        target.hardlink_to(file)
    return snapshot


def _parser() -> argparse.ArgumentParser:
    script = Script()
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("folder", type=Path, help="where to write it")
    add("--shape", choices=SHAPES, default="micro", help="whose size it has")
    add("--text", default=script.text, help="what it says; | begins a new segment")
    add("--tokens", type=int, help="say so many made-up words instead of --text")
    add("--translation", default="", help="what it says when asked to translate")
    add("--seconds", type=float, default=script.seconds, help="where what it says ends")
    add("--logprob", type=float, default=script.logprob, help="mean log-probability of the tokens")
    add("--language", choices=LANGUAGES, default=script.language, help="what it detects", metavar="CODE")
    add("--language-probability", type=float, default=script.language_probability, help="how surely")
    add("--no-speech", type=float, default=script.no_speech, help="probability that nobody speaks")
    add("--loop", action="store_true", help="repeat the words and never end")
    add("--open-end", action="store_true", help="end on two timestamps: speech goes on")
    add("--english-only", action="store_true", help="knows no languages and no tasks")
    add("--mels", type=int, default=80, choices=(80, 128), help="bands of the spectrogram")
    add("--quantization", default="int8", choices=("int8", "float16", "float32"), help="number format of the weights")
    add("--pair", action="store_true", help="build FOLDER/primary, which is unsure, and FOLDER/fallback, which is sure")
    add("--hub-cache", type=Path, help="also lay it out in this folder as the hub's client does")
    add("--repository", default="Systran/faster-whisper-tiny", help="by which name, there")
    return parser


def main() -> None:
    """Build the model that the command line describes."""
    given = _parser().parse_args()
    script = Script(
        made_up(given.tokens) if given.tokens else given.text,
        given.seconds,
        given.logprob,
        given.language,
        given.language_probability,
        given.no_speech,
        given.translation,
        given.loop,
        given.open_end,
    )
    wanted = (
        {given.folder / "primary": UNSURE, given.folder / "fallback": SURE} if given.pair else {given.folder: script}
    )
    for folder, said in wanted.items():
        quantization = None if given.quantization == "float32" else given.quantization
        build(
            folder,
            said,
            shape=given.shape,
            mels=given.mels,
            multilingual=not given.english_only,
            quantization=quantization,
        )
        print(folder, f"{sum(file.stat().st_size for file in folder.iterdir()) / 1e6:.1f} MB")
        if given.hub_cache:
            print(cache(folder, given.hub_cache, given.repository))


if __name__ == "__main__":
    main()
