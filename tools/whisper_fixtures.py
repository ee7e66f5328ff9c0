"""Build Whisper models whose answer is known beforehand: no download, no torch, a second for the smallest.

    python tools/whisper_fixtures.py build/whisper-tiny --shape tiny --tokens 30 --seconds 3.6 --logprob -0.25
    python tools/whisper_fixtures.py build/pair --pair

Layers, widths, heads, vocabulary and positions are Whisper's (`micro` is a toy of one layer), so every matrix product
costs what it costs in the real checkpoint, and everything that reads a converted model reads these. What they say is a
script: each token leads to the next one, whatever is heard, with a probability that is chosen. Encoder and
cross-attention are random, so word times are arbitrary, but always the same. Never a model to recognise anything with.

How: the attention and feed-forward branches of the decoder compute but add nothing, so its last state is the layer norm
of the last token's embedding. Each token of the script has a direction of its own there (a row of a cosine transform:
they are orthogonal), and the output matrix maps it to the token that follows.
"""

import argparse
import dataclasses
import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]

_CODES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
)
LANGUAGES = tuple(_CODES.split())
"""Whisper's languages in the order of its tokens."""
TIMES = 1501
"""Timestamp tokens, `<|0.00|>` to `<|30.00|>` in steps of 20 ms."""
PLAIN_TOKENS = 50_257
"""Tokens of text in Whisper's multilingual vocabulary."""
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What is said outside the script: they share the probability that it leaves."""
CLOSING = ".,!?"
"""Marks that follow a word without a space."""
UNLIKELY = -20.0
"""Logit of every token that is neither in the script's course nor a letter."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a model: width, layers and heads of encoder and decoder alike, and tokens of text."""

    width: int
    layers: int
    heads: int
    plain_tokens: int = PLAIN_TOKENS


SHAPES = {
    "micro": Shape(64, 1, 2, plain_tokens=512),
    "tiny": Shape(384, 4, 6),
    "base": Shape(512, 6, 8),
    "small": Shape(768, 12, 12),
    "medium": Shape(1024, 24, 16),
}
"""Source: the table of sizes in OpenAI's Whisper model card; the feed-forward layers are four times as wide."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a model says.

    Attributes:
        text: the words and marks with spaces between, all different; `|` begins a new segment.
        seconds: where the last segment ends; the segments are equally long.
        logprob: mean natural-log probability of the tokens, as faster-whisper computes `avg_logprob`.
        language: what it takes every recording for.
        language_probability: how surely.
        no_speech: how likely it finds that nobody speaks.
        translation: what it says instead when asked to translate; empty for the same.
        loop: begin again after the last word and never end.
        open_end: end on two timestamps, by which Whisper says that speech goes on after the last segment.
    """

    text: str = "hello from a tiny model"
    seconds: float = 2.0
    logprob: float = -0.05
    language: str = "en"
    language_probability: float = 0.95
    no_speech: float = 0.01
    translation: str = ""
    loop: bool = False
    open_end: bool = False

    @property
    def segments(self) -> list[list[str]]:
        """The words of each segment."""
        return [part.split() for part in self.text.split("|")]

    @property
    def words(self) -> list[str]:
        """All words it can say."""
        return [*itertools.chain(*self.segments), *self.translation.split()]

    @property
    def step_logprob(self) -> float:
        """Log-probability of each word, so that the mean over all tokens comes to `logprob`.

        Whisper's timestamp rules leave no choice for timestamps, nor for what follows a single last one.
        """
        words, segments = sum(map(len, self.segments)), len(self.segments)
        return self.logprob * (words + 2 * segments + 1 + self.open_end) / (words + self.open_end)


def made_up(count: int, seed: int = 7) -> str:
    """A text of so many different words that nobody ever said."""
    words = list(itertools.islice(_words(), 4 * count))
    return " ".join(np.random.default_rng(seed).permutation(words)[:count])


UNSURE = Script(text="hello from an unsure model", logprob=-1.2, language_probability=0.4)
SURE = Script(text="hello from a sure model", logprob=-0.05, language_probability=0.98)
"""With `UNSURE` a pair for confidence routing: the first falls below the threshold of 0.55, the second does not."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens in Whisper's order.

    Attributes:
        tokens: by id.
        ids: by token.
        special: the marks.
        twins: of each word of the script the word that is said in its place when it is missed, and leads on as it does.
            So the beams of a search go on side by side, as with real speech; without twins all but the best would die
            at every step, and CTranslate2 would copy the encoder's output for each that is born in their place.
    """

    tokens: tuple[str, ...]
    ids: dict[str, int]
    special: tuple[str, ...]
    twins: dict[str, str]

    def __getitem__(self, token: str) -> int:
        return self.ids[token]

    @classmethod
    def of(cls, script: Script, plain_tokens: int, *, multilingual: bool = True) -> "Vocabulary":
        """All bytes, the script's words, made-up words up to the size asked for, marks and timestamps.

        Raises:
            ValueError: a word is said twice, or there are more words than tokens.
        """
        from tokenizers import pre_tokenizers

        if len(set(script.words)) != len(script.words):
            raise ValueError("each word may be said once: a token tells by itself which one follows")
        # The empty token is what tells CTranslate2 that a model is multilingual.
        last = "" if multilingual else "Ġ."
        said = [spoken(word) for word in script.words if word not in CLOSING]
        others = ("Ġ" + word for word in _words() if word not in script.words)
        twins = dict(zip(said, others, strict=False))
        fixed = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *said, *twins.values()]
        free = plain_tokens - len(fixed) - 1
        if free < 0:
            raise ValueError(f"{len(script.words)} words do not fit into {plain_tokens} tokens")
        marks = ["endoftext", "startoftranscript", *LANGUAGES, "translate", "transcribe"]
        marks += ["startoflm", "startofprev", "nospeech", "notimestamps"]
        special = [f"<|{mark}|>" for mark in marks]
        tokens = [*fixed, *itertools.islice(others, free), last, *special, *(time(0.02 * n) for n in range(TIMES))]
        return cls(tuple(tokens), {token: n for n, token in enumerate(tokens)}, tuple(special), twins)

    def save(self, path: Path) -> None:
        """Write it as `tokenizer.json`. Every text can be written with its bytes; nothing is merged."""
        from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

        plain = self.tokens[: self["<|endoftext|>"]]
        tokenizer = Tokenizer(models.BPE(vocab={token: n for n, token in enumerate(plain)}, merges=[]))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in self.special])
        times = self.tokens[self["<|notimestamps|>"] + 1 :]
        tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in times])
        tokenizer.save(str(path))


def spoken(word: str) -> str:
    """The token of a word, written as the vocabulary does: bytes as letters, with the space before it."""
    from tokenizers import pre_tokenizers

    text = word if word in CLOSING else f" {word}"
    pieces = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text)
    return "".join(piece for piece, _ in pieces)


def time(seconds: float) -> str:
    """The token of a time."""
    return f"<|{seconds:.2f}|>"


def course(script: Script, *, multilingual: bool = True) -> Iterator[tuple[list[str], str]]:
    """Which token follows which others, for every step of the script after the language."""
    first, last = script.segments[0][0], script.segments[-1][-1]
    yield (
        (["<|transcribe|>"] if multilingual else ["<|startoftranscript|>"])
        + (["<|translate|>"] if multilingual and not script.translation else []),
        time(0.0),
    )
    yield [time(0.0), "<|notimestamps|>"], spoken(first)
    each_s = script.seconds / len(script.segments)
    for n, words in enumerate(script.segments):
        end, after = time((n + 1) * each_s), time((n + 1) * each_s + 0.02)
        for now, then in itertools.pairwise(words):
            yield [spoken(now)], spoken(then)
        if n + 1 < len(script.segments):
            yield [spoken(words[-1])], end
            yield [end], after
            yield [after], spoken(script.segments[n + 1][0])
        elif script.loop:
            yield [spoken(last)], spoken(first)
        elif script.open_end:
            yield [spoken(last)], end
            yield [end], after
            yield [after], "<|endoftext|>"
        else:
            yield [spoken(last)], end
            yield [end], "<|endoftext|>"
    if words := script.translation.split():
        # Another first timestamp than the transcript's: it is all that is left to tell the two apart.
        yield ["<|translate|>"], time(0.02)
        yield [time(0.02)], spoken(words[0])
        for now, then in itertools.pairwise(words):
            yield [spoken(now)], spoken(then)
        yield [spoken(words[-1])], time(script.seconds + 0.06)
        yield [time(script.seconds + 0.06)], "<|endoftext|>"


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
    from ctranslate2.specs import whisper_spec

    script, size = script or Script(), SHAPES[shape]
    vocabulary = Vocabulary.of(script, size.plain_tokens, multilingual=multilingual)
    spec = whisper_spec.WhisperSpec(size.layers, size.heads, size.layers, size.heads)
    weights = _Weights(size.width)
    _fill_encoder(spec.encoder, weights, mels)
    _fill_decoder(spec.decoder, weights, _Output.of(script, vocabulary, size.width, multilingual=multilingual))
    spec.register_vocabulary(list(vocabulary.tokens))
    _configure(spec.config, vocabulary, size)
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


@dataclass(frozen=True, slots=True)
class _Output:
    """Embedding of every token, and the output matrix that reads the next one from it."""

    embeddings: Floats
    projection: Floats

    @classmethod
    def of(cls, script: Script, vocabulary: Vocabulary, width: int, *, multilingual: bool) -> "_Output":
        place = np.pi * (np.arange(width) + 0.5) / width
        # Orthogonal, of zero mean and unit variance: a layer norm leaves the sum of two over the root of two as it is.
        directions = iter(np.sqrt(2) * np.cos(k * place).astype(np.float32) for k in range(1, width))
        # One direction is in every embedding, and gives each token the logit it has where the script leads elsewhere:
        # what a bias would do, which Whisper has none of.
        always, lost = next(directions), next(directions)
        elsewhere = np.full(len(vocabulary.tokens), UNLIKELY, np.float32)
        doubt = math.exp(-script.step_logprob) - 1.0
        twin_share = min(0.5, 0.5 * doubt)
        elsewhere[[vocabulary[letter] for letter in LETTERS]] = math.log((doubt - twin_share) / len(LETTERS))
        per_logit = np.float32(np.sqrt(2) / width)
        projection = np.outer(elsewhere, always * per_logit)
        # Tokens outside the script lead to letters for ever: a beam that has left it can never end before it.
        embeddings = np.tile((always + lost) / np.float32(np.sqrt(2)), (len(vocabulary.tokens), 1))

        def lead(before: list[str], after: dict[str, float]) -> None:
            """After any of `before`, give each token of `after` its logit."""
            if (direction := next(directions, None)) is None:
                raise ValueError(f"a width of {width} holds fewer steps than this script has")
            twins = [twin for token in before if (twin := vocabulary.twins.get(token))]
            embeddings[[vocabulary[token] for token in before + twins]] = (always + direction) / np.float32(np.sqrt(2))
            for token, logit in after.items():
                projection[vocabulary[token]] += direction * per_logit * np.float32(logit - UNLIKELY)

        for before, after in course(script, multilingual=multilingual):
            twin = vocabulary.twins.get(after)
            lead(before, {after: 0.0} | ({twin: math.log(twin_share)} if twin else {}))
        if multilingual:
            lead(["<|startoftranscript|>"], _languages(script, doubt - twin_share))
        return cls(embeddings, projection)


def _languages(script: Script, letters: float) -> dict[str, float]:
    """Logits at the start, where the letters weigh `letters`: of the language, all others, and that nobody speaks."""
    sure = script.language_probability
    each = (1.0 - sure) / (len(LANGUAGES) - 1)
    logits = {f"<|{code}|>": math.log(sure if code == script.language else each) for code in LANGUAGES}
    # The languages together weigh 1.
    return logits | {"<|nospeech|>": math.log(script.no_speech / (1.0 - script.no_speech) * (1.0 + letters))}


@dataclass(slots=True)
class _Weights:
    """Layers of a width, random or silent."""

    width: int
    random: np.random.Generator = dataclasses.field(default_factory=lambda: np.random.default_rng(7))

    def noise(self, *shape: int, scale: float = 0.02) -> Floats:
        return self.random.standard_normal(shape, dtype=np.float32) * np.float32(scale)

    def linear(self, layer: Any, rows: int, columns: int, *, silent: bool = False) -> None:
        layer.weight = np.zeros((rows, columns), np.float32) if silent else self.noise(rows, columns, scale=0.05)
        layer.bias = np.zeros(rows, np.float32)

    def norm(self, layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(self.width, np.float32), np.zeros(self.width, np.float32)

    def block(self, layer: Any, *, silent: bool) -> None:
        """Self-attention and feed-forward; `silent` ones compute and add nothing to what passes them."""
        width = self.width
        self.norm(layer.self_attention.layer_norm)
        self.linear(layer.self_attention.linear[0], 3 * width, width)
        self.linear(layer.self_attention.linear[1], width, width, silent=silent)
        self.norm(layer.ffn.layer_norm)
        self.linear(layer.ffn.linear_0, 4 * width, width)
        self.linear(layer.ffn.linear_1, width, 4 * width, silent=silent)


def _fill_encoder(encoder: Any, weights: _Weights, mels: int) -> None:
    width = weights.width
    encoder.conv1.weight, encoder.conv1.bias = weights.noise(width, mels, 3, scale=0.05), np.zeros(width, np.float32)
    encoder.conv2.weight, encoder.conv2.bias = weights.noise(width, width, 3, scale=0.05), np.zeros(width, np.float32)
    encoder.position_encodings.encodings = _sinusoids(1500, width)
    weights.norm(encoder.layer_norm)
    for layer in encoder.layer:
        weights.block(layer, silent=False)


def _fill_decoder(decoder: Any, weights: _Weights, output: _Output) -> None:
    width = weights.width
    for layer in decoder.layer:
        weights.block(layer, silent=True)
        weights.norm(layer.attention.layer_norm)
        weights.linear(layer.attention.linear[0], width, width)
        weights.linear(layer.attention.linear[1], 2 * width, width)
        weights.linear(layer.attention.linear[2], width, width, silent=True)
    weights.norm(decoder.layer_norm)
    decoder.scale_embeddings = False
    decoder.position_encodings.encodings = np.zeros((448, width), np.float32)
    decoder.embeddings.weight = output.embeddings
    decoder.projection.weight = output.projection


def _configure(config: Any, vocabulary: Vocabulary, size: Shape) -> None:
    """What a converted model says of its own tokens and of the heads that know times."""
    never = ("startoftranscript", "translate", "transcribe", "startoflm", "startofprev", "nospeech")
    config.suppress_ids = [vocabulary[f"<|{mark}|>"] for mark in never]
    config.suppress_ids_begin = [vocabulary["Ġ"], vocabulary["<|endoftext|>"]]
    config.lang_ids = [vocabulary[f"<|{code}|>"] for code in LANGUAGES]
    layers, heads = range(size.layers // 2, size.layers), range(size.heads)
    config.alignment_heads = [(layer, head) for layer in layers for head in heads]


def _sinusoids(length: int, width: int) -> Floats:
    """Whisper's fixed position encoding of the encoder."""
    rates = np.exp(-np.log(10_000) * np.arange(width // 2) / (width // 2 - 1))
    angles = np.arange(length)[:, None] * rates[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def _words() -> Iterator[str]:
    """Words that can be spoken and that nobody knows, such as "kalu"."""
    syllables = ["".join(pair) for pair in itertools.product("kmtlrsvnbdfghjpwxzcq", "aeiou")]
    for length in itertools.count(2):
        yield from map("".join, itertools.product(syllables, repeat=length))


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
