"""What a form of OpenAI's audio API asks for, checked.

Fields that mean nothing here are refused where leaving them out would change the answer, and told in a header where
they are only unknown: a client written for another server must not fail because of a field it likes to send.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from antiphon.errors import BadInput, NotFound
from antiphon.events.speech import Hearing
from antiphon.ports.card import Card
from antiphon.serving.forms import Form
from antiphon.stt.languages import language_code
from antiphon.stt.openai_fields import (
    boolean,
    check_chunking,
    invalid,
    missing,
    one_of,
    temperature,
    texts,
    unsupported,
)
from antiphon.stt.service import Model

ALIASES = frozenset(
    (
        "whisper-1",
        "gpt-transcribe",
        "gpt-4o-transcribe",
        "gpt-4o-mini-transcribe",
        "gpt-4o-mini-transcribe-2025-12-15",
    )
)
"""Names that clients of OpenAI ask for; they mean the model that is here. One that tells speakers apart is not."""
MOST_TERMS, LONGEST_TERM = 200, 100
_LISTS = ("timestamp_granularities", "include", "keywords", "languages")
_SINGLE = (
    "model",
    "language",
    "prompt",
    "response_format",
    "temperature",
    "stream",
    "chunking_strategy",
    "hotwords",
)
_NOT_OFFERED = ("known_speaker_names", "known_speaker_references")


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    TEXT = "text"
    SRT = "srt"
    VTT = "vtt"
    VERBOSE_JSON = "verbose_json"


@dataclass(frozen=True, slots=True)
class AudioRequest:
    """What a caller wants to know of a recording.

    Attributes:
        recording: the bytes of the file.
        model: the name that was asked for.
        hearing: how it is to be recognised.
        format: how the answer is to be written.
        words: whether word times are to be told.
        segments: whether segments are to be told.
        logprobs: whether log-probabilities are to be told.
        stream: whether the answer is to come as events.
        unknown: fields that were ignored because nobody knows them.
    """

    recording: bytearray
    model: str
    hearing: Hearing
    format: Format = Format.JSON
    words: bool = False
    segments: bool = True
    logprobs: bool = False
    stream: bool = False
    unknown: tuple[str, ...] = ()


def audio_request(form: Form, card: Card, models: Sequence[Model], *, translate: bool) -> AudioRequest:
    """The request in a form.

    Args:
        form: what was sent, with the file in `file`.
        card: of the engine that will hear it.
        models: what is offered by name.
        translate: whether English is wanted, whatever language is spoken.

    Raises:
        NotFound: `model_not_found`.
        BadInput: a field is missing or holds what cannot be used; `param` names it.
    """
    _check_offered(form, card, models, translate=translate)
    written = _format(form.text("response_format"))
    granularities = _granularities(form, written)
    stream = _stream(form, written)
    logprobs = _logprobs(form, written)
    check_chunking(form)
    words = "word" in granularities
    # Subtitles and made segments need to know when each word is said; a translation's words were never said.
    timed = written in (Format.SRT, Format.VTT) or (written is Format.VERBOSE_JSON and not card.segments)
    return AudioRequest(
        recording=form.files["file"],
        model=form.text("model") or "",
        hearing=_hearing(
            form, _languages(models), words=words or logprobs or (timed and not translate), translate=translate
        ),
        format=written,
        words=words,
        segments="segment" in granularities,
        logprobs=logprobs,
        stream=stream,
        unknown=_unknown(form),
    )


def names_language(form: Form) -> bool:
    """Whether the form says what language is spoken, usable or not: of several possible ones it is detected."""
    return any(name == "language" and text.strip() for name, text in form.fields) or len(texts(form, "languages")) == 1


def find_model(name: str, models: Iterable[Model]) -> Model:
    """The model of a name or an alias.

    Raises:
        NotFound: `model_not_found`.
    """
    offered = {model.id: model for model in models}
    if name in offered:
        return offered[name]
    if name in ALIASES and offered:
        return next(iter(offered.values()))
    there = ", ".join(offered)
    raise NotFound(
        f"The model {name[:100]!r} does not exist here; there is: {there}.", code="model_not_found", param="model"
    )


def _check_offered(form: Form, card: Card, models: Sequence[Model], *, translate: bool) -> None:
    """There is a recording, and what is wanted of it can be done here at all."""
    if "file" not in form.files:
        raise missing("file", "a file")
    model = form.text("model")
    if not model:
        raise missing("model")
    find_model(model, models)
    if translate and not card.translates:
        raise BadInput(
            f"`{card.name}` cannot translate; /v1/audio/transcriptions writes what is said.",
            code="translation_unsupported",
            param="model",
        )
    for name in _NOT_OFFERED:
        if texts(form, name):
            raise unsupported(name, "speakers are not told apart here")


def _hearing(form: Form, known: frozenset[str], *, words: bool, translate: bool) -> Hearing:
    return Hearing(
        language=_language(form, known),
        phrases=_terms(form),
        words=words,
        prompt=form.text("prompt") or "",
        translate=translate,
        temperature=temperature(form),
    )


def _language(form: Form, known: frozenset[str]) -> str | None:
    """The language that was named; of several possible ones none, so that it is detected."""
    named = language_code(form.text("language"), known)
    possible = texts(form, "languages")
    try:
        codes = [language_code(code, known if len(possible) == 1 else ()) for code in possible]
    except BadInput as error:
        raise BadInput(error.message, code=error.code, param="languages") from None
    return named or (codes[0] if len(codes) == 1 else None)


def _languages(models: Sequence[Model]) -> frozenset[str]:
    """What can be heard here; empty where a model takes any language."""
    told = [frozenset(model.languages) for model in models]
    return frozenset().union(*told) if all(told) else frozenset()


def _terms(form: Form) -> tuple[str, ...]:
    """Words to listen for: OpenAI's `keywords`, and `hotwords` with commas between them."""
    hotwords = re.split(r"[,;\n]", form.text("hotwords") or "")
    terms = [term.strip() for term in (*texts(form, "keywords"), *hotwords) if term.strip()]
    param = "keywords" if texts(form, "keywords") else "hotwords"
    if len(terms) > MOST_TERMS:
        raise invalid(param, f"has at most {MOST_TERMS} terms")
    if any(len(term) > LONGEST_TERM for term in terms):
        raise invalid(param, f"has a term of more than {LONGEST_TERM} characters")
    return tuple(terms)


def _format(given: str | None) -> Format:
    if given == "diarized_json":
        raise unsupported("response_format", "speakers are not told apart here; verbose_json is the fullest answer")
    try:
        return Format(given or Format.JSON)
    except ValueError:
        raise one_of("response_format", given or "", Format) from None


def _granularities(form: Form, written: Format) -> tuple[str, ...]:
    asked = texts(form, "timestamp_granularities")
    for one in asked:
        if one not in ("word", "segment"):
            raise one_of("timestamp_granularities", one, ("word", "segment"))
    if asked and written is not Format.VERBOSE_JSON:
        raise invalid("timestamp_granularities", "need `response_format` to be `verbose_json`")
    return asked or ("segment",)


def _stream(form: Form, written: Format) -> bool:
    stream = boolean(form, "stream")
    if stream and written in (Format.SRT, Format.VTT):
        raise unsupported("response_format", f"{written} cannot be streamed; leave out `stream`, or take json")
    return stream


def _logprobs(form: Form, written: Format) -> bool:
    asked = texts(form, "include")
    for one in asked:
        if one != "logprobs":
            raise one_of("include", one, ("logprobs",))
    if asked and written is not Format.JSON:
        raise unsupported("include", "`logprobs` are told only where `response_format` is json")
    return bool(asked)


def _unknown(form: Form) -> tuple[str, ...]:
    known = {*_SINGLE, *_LISTS, *(f"{name}[]" for name in _LISTS)}
    names = dict.fromkeys(name for name, _ in form.fields)
    return tuple(name for name in names if name not in known and not name.startswith("chunking_strategy["))
