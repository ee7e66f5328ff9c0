"""What a made-up Whisper says, the tokens that it says it with, and which of them follows which."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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


def _words() -> Iterator[str]:
    """Words that can be spoken and that nobody knows, such as "kalu"."""
    syllables = ["".join(pair) for pair in itertools.product("kmtlrsvnbdfghjpwxzcq", "aeiou")]
    for length in itertools.count(2):
        yield from map("".join, itertools.product(syllables, repeat=length))
