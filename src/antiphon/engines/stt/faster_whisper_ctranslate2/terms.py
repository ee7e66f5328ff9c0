"""An operator's list of terms that are expected in every recording."""

from collections.abc import Callable, Sequence
from pathlib import Path

from antiphon.errors import BadConfiguration

MOST_TERMS = 200
MOST_TOKENS = 224
"""Half of the decoder's 448 positions: what Whisper leaves to the text that came before.

Source: `n_text_ctx // 2` in OpenAI's whisper/decoding.py."""


def joined(terms: Sequence[str]) -> str:
    """Terms as the model is told them: a list in the text that came before."""
    return " " + ", ".join(terms)


def read_terms(path: str, encode: Callable[[str], Sequence[int]]) -> tuple[str, ...]:
    """The terms of a file, one a line; blank lines are skipped.

    Raises:
        BadConfiguration: it cannot be read, is not UTF-8, or holds more than the model can be told.
    """
    try:
        lines = Path(path).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(f"cannot be read: {error}") from error
    terms = tuple(term for line in lines if (term := " ".join(line.split())))
    if len(terms) > MOST_TERMS:
        raise _refused(f"holds {len(terms)} terms; the limit is {MOST_TERMS}")
    tokens = len(encode(joined(terms))) if terms else 0
    if tokens > MOST_TOKENS:
        raise _refused(f"makes {tokens} tokens; the limit is {MOST_TOKENS}: leave out the terms that matter least")
    return terms


def _refused(why: str) -> BadConfiguration:
    return BadConfiguration(f"the list of terms `engines.faster-whisper.terms` {why}", param="terms")
