"""Small real models: a Whisper that always says the same, built in a second without torch or a download."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

CODES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt "
    "la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc "
    "ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su "
)
"""Whisper's languages, in the order of its tokens."""
SCRIPT = ("hello", "from", "a", "tiny", "model")
WIDTH = 32


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a one-layer multilingual Whisper that hears "hello from a tiny model" in English, whatever is said."""
    pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed: the Whisper engine was not tested")
    folder = tmp_path_factory.mktemp("whisper")
    _write(folder)
    return folder


def _write(folder: Path) -> None:
    from ctranslate2.specs import whisper_spec
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    # The empty token is what tells CTranslate2 that a model is multilingual.
    plain = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *("Ġ" + word for word in SCRIPT), ""]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(plain)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = ["endoftext", "startoftranscript", *CODES.split(), "translate", "transcribe"]
    marks += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    special = [f"<|{mark}|>" for mark in marks]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokens = [*plain, *special, *(f"<|{n * 0.02:.2f}|>" for n in range(1501))]
    index = {token: i for i, token in enumerate(tokens)}

    spec = whisper_spec.WhisperSpec(1, 2, 1, 2)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, index)
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [index["<|endoftext|>"]]
    spec.config.lang_ids = [index[f"<|{code}|>"] for code in CODES.split()]
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    features = {"feature_size": 80, "hop_length": 160, "n_fft": 400, "sampling_rate": 16_000, "chunk_length": 30}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))


def _random(*shape: int, scale: float = 0.3) -> npt.NDArray[np.float32]:
    return np.random.default_rng(sum(shape)).normal(0, scale, shape).astype(np.float32)


def _linear(layer: object, rows: int, columns: int, *, silent: bool = False) -> None:
    layer.weight = np.zeros((rows, columns), np.float32) if silent else _random(rows, columns)  # type: ignore[attr-defined]
    layer.bias = np.zeros(rows, np.float32)  # type: ignore[attr-defined]


def _norm(layer: object) -> None:
    layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)  # type: ignore[attr-defined]


def _fill_block(layer: object, *, silent: bool) -> None:
    """Self-attention and feed-forward; `silent` branches add nothing to what passes them."""
    attention, forward = layer.self_attention, layer.ffn  # type: ignore[attr-defined]
    _norm(attention.layer_norm)
    _linear(attention.linear[0], 3 * WIDTH, WIDTH)
    _linear(attention.linear[1], WIDTH, WIDTH, silent=silent)
    _norm(forward.layer_norm)
    _linear(forward.linear_0, 4 * WIDTH, WIDTH)
    _linear(forward.linear_1, WIDTH, 4 * WIDTH, silent=silent)


def _fill_encoder(encoder: object) -> None:
    encoder.conv1.weight, encoder.conv1.bias = _random(WIDTH, 80, 3), np.zeros(WIDTH, np.float32)  # type: ignore[attr-defined]
    encoder.conv2.weight, encoder.conv2.bias = _random(WIDTH, WIDTH, 3), np.zeros(WIDTH, np.float32)  # type: ignore[attr-defined]
    encoder.position_encodings.encodings = _random(1500, WIDTH)  # type: ignore[attr-defined]
    _norm(encoder.layer_norm)  # type: ignore[attr-defined]
    _fill_block(encoder.layer[0], silent=False)  # type: ignore[attr-defined]


def _fill_decoder(decoder: object, index: dict[str, int]) -> None:
    """A decoder whose last state is the previous token alone, and an output matrix that knows what follows it."""
    layer = decoder.layer[0]  # type: ignore[attr-defined]
    _fill_block(layer, silent=True)
    _norm(layer.attention.layer_norm)
    _linear(layer.attention.linear[0], WIDTH, WIDTH)
    _linear(layer.attention.linear[1], 2 * WIDTH, WIDTH)
    _linear(layer.attention.linear[2], WIDTH, WIDTH, silent=True)
    _norm(decoder.layer_norm)  # type: ignore[attr-defined]
    decoder.position_encodings.encodings = np.zeros((448, WIDTH), np.float32)  # type: ignore[attr-defined]
    embeddings, projection, bias = _chain(index)
    decoder.embeddings.weight = embeddings  # type: ignore[attr-defined]
    decoder.projection.weight, decoder.projection.bias = projection, bias  # type: ignore[attr-defined]


def _chain(index: dict[str, int]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Each token of the script gets a direction of its own, all others one that only leads to letters.

    So no side beam can end before the script does.
    """
    place = np.pi * (np.arange(WIDTH) + 0.5) / WIDTH
    directions = iter(np.sqrt(2) * np.cos(k * place).astype(np.float32) for k in range(1, WIDTH))
    lost = next(directions)
    embeddings = np.tile(lost, (len(index), 1))
    projection, bias = np.zeros_like(embeddings), np.zeros(len(index), np.float32)
    for letter in "abcdefgh":
        projection[index[letter]] = lost * 12 / WIDTH
        bias[index[letter]] = 2.0
    words = ["Ġ" + word for word in SCRIPT]
    steps = [
        (["<|startoftranscript|>"], ["<|en|>"]),
        (["<|transcribe|>", "<|translate|>"], ["<|0.00|>"]),
        (["<|0.00|>", "<|notimestamps|>"], words[:1]),
        *(([now], [then]) for now, then in pairwise(words)),
        (words[-1:], ["<|2.00|>", "<|endoftext|>"]),
        (["<|2.00|>"], ["<|endoftext|>"]),
    ]
    for before, after in steps:
        direction = next(directions)
        embeddings[[index[token] for token in before]] = direction
        for rank, token in enumerate(after):
            projection[index[token]] += direction * (12 - 2 * rank) / WIDTH
    return embeddings, projection, bias
