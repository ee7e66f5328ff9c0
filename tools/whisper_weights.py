"""Weights that make a Whisper say its script, whatever is heard.

The attention and feed-forward branches of the decoder compute but add nothing, so its last state is the layer norm
of the last token's embedding. Each token of the script has a direction of its own there (a row of a cosine transform:
they are orthogonal), and the output matrix maps it to the token that follows.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from whisper_script import LANGUAGES, LETTERS, PLAIN_TOKENS, Script, Vocabulary, course

Floats: TypeAlias = npt.NDArray[np.float32]
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


def model_of(script: Script, vocabulary: Vocabulary, size: Shape, *, mels: int, multilingual: bool) -> Any:
    """The whole model, as CTranslate2's converters describe one.

    Raises:
        ValueError: the script has more steps than fit into the shape.
    """
    from ctranslate2.specs import whisper_spec

    spec = whisper_spec.WhisperSpec(size.layers, size.heads, size.layers, size.heads)
    weights = _Weights(size.width)
    _fill_encoder(spec.encoder, weights, mels)
    _fill_decoder(spec.decoder, weights, _Output.of(script, vocabulary, size.width, multilingual=multilingual))
    spec.register_vocabulary(list(vocabulary.tokens))
    _configure(spec.config, vocabulary, size)
    return spec


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
