"""Words around days and times that turn a wish round: refusals, corrections, an appointment that is to be moved."""

import re

_REFUSED_BEFORE = {
    "en": re.compile(
        r"\b(?:not|isn[’']?t|except|anything but|instead of|(?:rather|better|easier|nicer) than|can[’']?t|cannot"
        r"|won[’']?t|don[’']?t"
        r"|doesn[’']?t"
        r"|unable|unavailable|busy|away|apart from|other than|couldn[’']?t|neither|nor)\b(?:(?!\bbut\b"
        r"|\bso\b)[^.,;:!?])*$",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"\b(?:nicht|außer|ausser|statt|anstatt|anstelle|keine?n?|keinesfalls|weder|noch am)\b[^.,;:!?]*$",
        re.IGNORECASE,
    ),
}
_NO_REFUSAL = {
    "en": re.compile(
        r"\b(?:except(?: for)? the (?:time|day|date|hour)|(?:only|just|could|can) (?:\w+ )?get away"
        r"|(?:not|no) (?:before|after|earlier|later|until|till|sure|only)|why not|(?:don|can|couldn|won|isn"
        r"|doesn)[’']?t"
        r" (?:you|i|we|there|mind|know|care|forget)|if not|do you not|what about|have you|how about|else"
        r"|(?:don|doesn)[’']?t (?:\w+ ){0,2}matter)\b[^.,;:!?]*$",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"\b(?:nicht (?:vor|nach|später|spaeter|früher|frueher|nur|wahr|schlimm|so|mehr)|(?:warum|wieso|weshalb) nicht"
        r"|(?:^|[.,;:!?]\s*)(?:haben|hätten|haetten|könnten?|koennten?|kann|können|koennen|ginge|geht|gibt|wäre|waere)"
        r" (?:sie|es|ich|wir|da|er|man|das)\b[^.,;:!?]*\bnicht|(?:wenn|falls) nicht)\b[^.,;:!?]*$",
        re.IGNORECASE,
    ),
}
_REFUSED_AFTER = {
    "en": re.compile(
        r"^ (?:no good|no use|not (?:possible|great|ideal|good)|impossible|tricky|difficult|out(?=[,.;]|$))\b"
        r"|^[^.;:!?]{0,12}?\b(?:does(?:n[’']?t| not)|do(?:n[’']?t| not)|is(?:n[’']?t| not)|won[’']?t"
        r"|would(?:n[’']?t| not)"
        r"|is (?:no good|bad|impossible|out|taken|difficult|too (?:early|late|soon))|(?:are|would be) (?:too"
        r"|difficult|bad)"
        r"|i (?:can[’']?t|cannot)(?! (?:sleep|wait|bear|stand|take|eat|chew|stop|go on|cope|hold|sit|even"
        r"|think|believe|work|drink|brush|bite|concentrate|open|remember|recall|afford|thank))"
        r"|i[’']?m (?:busy|away|working|not)|i am (?:busy|away|not)|not (?:possible|good"
        r"|so good)|too late"
        r"|too early|i have to work)\b",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"^ (?:leider |aber )?nicht\b(?! (?:vor|nach|nur|später|spaeter|früher|frueher))"
        r"|^[^.;:!?]{0,12}?\b(?:geht|passt|klappt|kann|könnte|habe|hab|bin|ist|wäre|gehts|passts|schaffe|wird"
        r"|da)\b[^.,;:!?]*"
        r"\b(?:nicht|schlecht|ungünstig|unguenstig|unmöglich|unmoeglich|keine zeit|zu spät|zu spaet|zu früh|zu"
        r" frueh|weg"
        r"|besetzt|schwierig|verhindert)\b",
        re.IGNORECASE,
    ),
}
_OPEN_END = re.compile(r"(?: come| make it| do| get there)? ?")
_CONDITION = re.compile(r"\b(?:if|unless|falls|wenn|whether|ob)\b", re.IGNORECASE)
_CANNOT = {
    "en": re.compile(
        r"\b(?:can[’']?t|cannot|can not|couldn[’']?t|won[’']?t|not able|unable|don[’']?t)\b[^.,;:!?]*$", re.I
    ),
    "de": re.compile(
        r"\b(?:kann|könnte|koennte|schaffe|geht|passt|möchte|will)\b[^.,;:!?]*\bnicht(?! ?$)[^.,;:!?]*$", re.I
    ),
}
_REPLACES = {
    "en": re.compile(
        r"\b(?:no(?! (?:problem|pain|idea|matter|worries|one|need|thank|longer|other|preference|hurry|chance))|sorry"
        r"|i mean(?:t)?|actually|rather"
        r"|make (?:that|it)|wait|hang on|hold on|instead|correction|pardon|scratch that|better|oh dear|silly me"
        r"|what am i saying|my mistake|forget (?:that|it)|or no|i take that back)\b",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"\b(?:nein|nee|nö|sorry|entschuldigung|pardon|ich meine?|ich meinte|quatsch|moment|lieber|vielmehr|korrektur"
        r"|stattdessen|beziehungsweise|falsch)\b",
        re.IGNORECASE,
    ),
}
_LINKS = {
    "en": re.compile(r"\b(?:or|o['’]er|and|either|alternatively|else|also|maybe|otherwise|then|but)\b", re.IGNORECASE),
    "de": re.compile(
        r"\b(?:oder|und|beziehungsweise|sonst|alternativ|auch|vielleicht|ansonsten|aber)\b", re.IGNORECASE
    ),
}
_JOINS_REFUSED = {
    "en": re.compile(r"or|and|nor|or on|and on"),
    "de": re.compile(r"oder|und|noch|oder am|und am|noch am"),
}
_SPANS = re.compile(r"(?:to|through|thru|until|till|bis|-|–)(?: |$)", re.IGNORECASE)
_RESTARTS = {
    "en": re.compile(r"\b(?:so|therefore|that[’']s why|which means)\b", re.IGNORECASE),
    "de": re.compile(r"\b(?:deshalb|darum|drum|deswegen|daher|somit)\b", re.IGNORECASE),
}
_ASKS = {
    "en": re.compile(
        r"(?:^|[.,;:?!-])\s*(?:(?:so|and|but|then|please|i wonder(?: if)?|do you think|is it possible that) )*"
        r"(?:(?:can|could|would|may|might|shall|will) (?:(?:it|that|we|i|you|he|she|they|my|the)\b)"
        r"|how about|what about|let[’']?s|is there|do you have|have you got|i[’']?d (?:like|prefer|take|go|say|love)"
        r"|i would (?:like|prefer)"
        r"|i[’']?ll take|give (?:me|us|him|her)|put (?:me|us|him|her)|take|make it|book)\b",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"(?:^|[.,;:?!-])\s*(?:(?:also|und|aber|dann|bitte) )*"
        r"(?:(?:kann|könnte|koennte|darf|dürfte|ginge|geht|wäre|waere"
        r"|hätten|haetten|haben|können|koennen|könnten|koennten|passt|würde|wuerde) |wie wäre|nehmen wir"
        r"|ich (?:möchte|hätte|nehme|würde)|sagen wir)",
        re.IGNORECASE,
    ),
}
_OR = re.compile(
    r"\b(?:or|oder|either|otherwise|alternatively|failing that|if not|if that|else|sonst)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.?!]\s")
_MOVES = {
    "en": re.compile(
        r"\b(?:mov(?:e|ed|ing)|displac\w*|chang(?:e|ing)|re-?schedul\w*|re-?book\w*|shift\w*|switch\w*|postpon\w*|push\w*"
        r"|swap)\b",
        re.I,
    ),
    "de": re.compile(r"(?:verschieb|verschob|verleg|umbuch|änder|aender|tausch|vorverleg)", re.IGNORECASE),
}
_OLD_ONE = re.compile(
    r"\b(?:appointment|booking|visit|slot|booked|termin|from|vom|von|my|mein\w*)\b[^.;!?]*$", re.IGNORECASE
)

_NEW_ONE = re.compile(r"(?i)\b(?:to|auf)\W+(?:(?:either|the|den|entweder)\W+)*$")


def refused(before: str, after: str, language: str, *, more: bool = False) -> bool:
    """Whether the words before or after a day or time, up to its neighbours, rule it out; `more` if one follows."""
    if _REFUSED_BEFORE[language].search(before) and not _NO_REFUSAL[language].search(before):
        return True
    match = _REFUSED_AFTER[language].search(after)
    if match is None or _CONDITION.search(after[: match.end()]):
        return False
    # "Tuesday, but I can't come" rules out what follows, not Tuesday.
    return not (more and _OPEN_END.fullmatch(after, match.end()))


def reverses_bound(before: str, language: str) -> bool:
    """Whether what follows is what the caller cannot do ("I can't come …")."""
    return bool(_CANNOT[language].search(before)) and not _NO_REFUSAL[language].search(before)


def joins_refused(between: str, language: str) -> bool:
    """Whether these words after a refused day carry the refusal on ("not Monday or Tuesday")."""
    return _JOINS_REFUSED[language].fullmatch(between.strip().lower()) is not None


def spans(between: str, words: str) -> bool:
    """Whether these words and the day behind them end a span of days ("Monday to Wednesday")."""
    return _SPANS.match(f"{between.strip()} {words}".strip()) is not None


def restarts(between: str, language: str) -> bool:
    """Whether what came before these words was only the reason for what follows ("I work until five, so …")."""
    return bool(_RESTARTS[language].search(between))


def replaces(between: str, language: str) -> bool:
    """Whether these words between two wishes take the first one back."""
    return bool(_REPLACES[language].search(between))


def links(between: str, language: str) -> bool:
    """Whether these words join alternatives."""
    return bool(_LINKS[language].search(between))


def asks(before: str, language: str) -> bool:
    """Whether these words begin a request, so that what stood before them only told why."""
    return bool(_ASKS[language].search(before)) and not _OR.search(before)


def ends_sentence(between: str) -> bool:
    """Whether a sentence ends within these words."""
    return bool(_SENTENCE.search(between))


def moves_appointment(text: str, language: str) -> bool:
    """Whether the text asks to move an appointment."""
    return bool(_MOVES[language].search(text))


def names_old_one(before: str, language: str) -> bool:
    """Whether the day after these words is the one of the appointment that exists."""
    return bool(_OLD_ONE.search(before)) and not _NEW_ONE.search(before)
