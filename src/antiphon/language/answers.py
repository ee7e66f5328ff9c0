"""Yes and no."""

import re

from antiphon.language.canonical import Canonical, canonical
from antiphon.language.lexicon import known, vocabulary
from antiphon.language.reading import Reading

_YES = {
    "en": (
        r"yes(?: (?:please|indeed|sir|ma'am|of course|exactly|yes|sure|that's (?:right|correct|fine|me)|it is|i"
        r" (?:do|am|would"
        r"|have|can|did|was)|thank you|thanks))*|yeah|yep|yup|yea|yeas|yah|ya|yas|aye|uh huh|mhm|mm hm|of"
        r" course|absolutely"
        r"|definitely|certainly|sure(?: thing)?|correct|exactly|right|indeed|affirmative|please do|go ahead"
        r"|sounds (?:good"
        r"|great|fine|perfect|lovely)|(?:that's|that is|that|it's|it is|this is|all)(?: all| absolutely| quite|"
        r" perfectly)?"
        r" (?:right|correct|fine|good|great|ok|okay|perfect|it|true|me|works?(?: for me)?|will do|suits me|would (?:be"
        r" (?:good|great|fine|perfect|lovely|nice)|work|suit(?: me)?))|perfect|great|fine|good|ok|okay|alright"
        r"|all right"
        r"|i (?:do|am|would|have|did|agree|confirm|think so|guess so|believe so|suppose so|consent)(?! (?:not"
        r"|n't|like|a|an|in"
        r"|the|to|have|calling|looking|pain))|why not|no problem|works for me|i'd (?:love|like) (?:to|that)|you"
        r" (?:can|may)"
        r"|that one|let's do (?:that|it)|very good|lovely|wonderful|by all means|gladly|with pleasure|true"
        r"|confirmed|(?:it|that) is|it does|they are|he is|she is"
    ),
    "de": (
        r"(?:(?:ja|jo|jaa|jap|jawohl|jawoll|doch|jep|joa|yes)(?: (?:genau|gerne?|bitte|klar|sicher|natuerlich"
        r"|danke|das stimmt"
        r"|stimmt|richtig|ja|passt|doch|schon))*)|genau|richtig|stimmt|korrekt|exakt|gern(?:e)?|klar|sicher"
        r"|natuerlich|sehr"
        r" gern(?:e)?|aber sicher|auf jeden fall|unbedingt|selbstverstaendlich|einverstanden|in ordnung"
        r"|passt(?: (?:mir|gut|so"
        r"|perfekt|super|genau))*|(?:das|es|dies)? ?(?:passt|stimmt|geht|ist (?:richtig|korrekt|gut|in ordnung"
        r"|recht|ok|okay"
        r"|perfekt|super|so)|waere (?:gut|super|perfekt|toll|schoen|recht|ideal))(?: (?:so|mir|gut|genau"
        r"|super))*|perfekt|super"
        r"|gut|okay|ok|alles klar|prima|wunderbar|ausgezeichnet|bestens|toll|sehr gut|kein problem|warum nicht"
        r"|meinetwegen"
        r"|ich bestaetige|bestaetigt|bin ich|mach(?:en)? wir(?: so)?|machen sie das|bitte ja|so ist es|freilich"
        r"|logisch|aha ja"
    ),
}
_NO = {
    "en": (
        r"no(?! (?:problem|worries))(?: (?:thanks?(?: you)?|please|no|sorry|not|that's (?:not right|wrong"
        r"|incorrect|not correct|all|it|everything|not it"
        r"|fine)|i (?:don't|do not|am not|haven't|can't|wouldn't|didn't)|it (?:isn't|is not|doesn't|wasn't)|way"
        r"|never|nothing"
        r"(?: else)?|none))*|nope|nah|nay|naw|noh|non|not (?:really|at all|exactly|quite|yet|today|now"
        r"|necessarily|that|this"
        r"|right|correct|true|for me|good|possible|today thanks|thank you)|never|negative|incorrect|wrong|false"
        r"|uh uh|i'd"
        r" rather not|rather not|better not|i (?:don't|do not) (?:think so|want|agree|have|know him)|i don't|i"
        r" do not|i'm not"
        r"|i am not|i haven't|i have not|i can't|i cannot|i wouldn't|i won't|i disagree|absolutely not|definitely not"
        r"|certainly not|of course not|(?:that's|that is|it's|it is|this is|that|it)(?: just| completely| absolutely)?"
        r" (?:not(?: \w+)?|wrong|incorrect|false|isn't(?: \w+)?|doesn't (?:work|suit|sound right|fit)(?: for"
        r" me)?|won't work"
        r"|wouldn't work|no good)|isn't|unfortunately not|i'm afraid not|afraid not|sorry no|please don't|don't"
        r"|do not|hell no"
        r"|(?:that|this) (?:doesn't|does not|won't|will not|isn't|is not)\b(?: \w+){0,3}|neither|nothing(?: else)?|none"
        r"|doesn't work|does not work"
    ),
    "de": (
        r"(?:nein|nee|noe|ne|naa|nei|na|no)(?: (?:danke|leider|nicht|nein|das (?:stimmt nicht|ist falsch|ist"
        r" nicht (?:richtig"
        r"|korrekt)|passt nicht|geht nicht)|bitte|im gegenteil|nee|gar nicht|lieber nicht|leider nicht|auf"
        r" keinen fall|stimmt"
        r" nicht|falsch))*|lieber nicht|eher nicht|auf keinen fall|keinesfalls|keineswegs|nicht (?:wirklich"
        r"|unbedingt|richtig"
        r"|ganz|gut|so gut|korrekt|noetig|heute|jetzt|mehr)|gar nicht|ueberhaupt nicht|leider (?:nicht|nein)"
        r"|falsch|niemals|nie"
        r"|(?:das |es )?(?:stimmt|passt|geht|ist|klappt|ginge|waere)(?: \w+){0,2}? (?:nicht|falsch|schlecht"
        r"|unguenstig|unmoeglich)"
        r"(?: (?:richtig|korrekt|so|gut|moeglich|ganz))*|ich (?:moechte|will|kann|habe|glaube|denke|bin)(?:"
        r" \w+){0,2}? nicht"
        r"|nichts|keine?n?|natuerlich nicht|sicher nicht|bestimmt nicht|auf gar keinen fall|besser nicht|bitte"
        r" nicht|nicht"
        r"|danke nein|weder noch|noch nicht"
    ),
}
_LEAD = {
    "en": r"(?:[.,\-]|uh|um|er|erm|oh|well|ah|hm|hmm|so|and|i think|i guess|i'd say|actually|sorry|hello|hi"
    r"|then|let me see"
    r"|thank you|thanks|you know|like|honestly|but|alright then|ok so|okay so|right so|now)",
    "de": r"(?:[.,\-]|aeh|aehm|oeh|oh|ah|hm|hmm|also|na|nun|und|eigentlich|ich glaube|ich denke|ach|tja|hallo|danke|gut"
    r"|okay|ok|aber|naja|na ja|dann|sorry|entschuldigung|moment|mal)",
}  # fmt: skip
_STRONG_YES = re.compile(r"(?:yes|yeah|yep|yup|ja|jawohl|genau|correct|richtig|stimmt|exactly)\b")
_ADJECTIVES = vocabulary("good right great fine perfect true lovely wonderful gut super toll prima perfekt klar")
"""Words of agreement that begin something else when they go on without a pause ("good morning", "right now")."""
_MISHEARD = {
    "en": ({"yet": True, "jess": True, "yous": True, "guess": True, "know": False, "nowe": False, "note": False}),
    "de": ({"jahr": True, "jar": True, "yeah": True, "nine": False, "neun": False, "9": False}),
}
"""What small recognisers write for a lone "yes" or "no"."""
_PATTERNS = {
    language: re.compile(rf"^(?: {_LEAD[language]})*? (?:(?P<no>{_NO[language]})|(?P<yes>{_YES[language]}))(?= )")
    for language in _YES
}
_BACK = {
    "en": re.compile(
        r"(?: (?:[.,]|no|wait|sorry|actually|i mean|well|hold on))* (?:no|actually no|wait no|not)(?= [,.]| $| wait)"
    ),
    "de": re.compile(r"(?: (?:[.,]|moment|sorry|aeh|doch|ach|eigentlich))* (?:nein|doch nicht)(?= [,.]| $| doch)"),
}


def read_yes_no(text: str, language: str) -> Reading[bool] | None:
    """Whether `text` agrees or refuses; None when it does neither.

    The span covers only the words of the answer, so that the rest can be read on ("no, Thursday").
    """
    form = canonical(text, language)
    spoken = known(language)
    lone = [token.form for token in form.tokens if token.form.isalnum()]
    if len(lone) == 1 and lone[0] in _MISHEARD[spoken]:
        return Reading(_MISHEARD[spoken][lone[0]], *form.span(1, len(form.text) - 1)[:2], 0.5)
    match = _longest(form.text, spoken)
    if match is None:
        return None
    agrees = match["yes"] is not None
    if match["yes"] in _ADJECTIVES and re.match(r" [^ .,]", form.text[match.end() :]):
        return None
    start, end, _ = form.span(match.start("yes" if agrees else "no"), match.end())
    taken_back = _BACK[spoken].match(form.text, match.end()) if agrees else None
    if taken_back:
        return Reading(False, start, form.span(match.start(), taken_back.end())[1], 0.7)
    return Reading(agrees, start, end, _confidence(form, match, agrees))


def _longest(text: str, language: str) -> re.Match[str] | None:
    """The answer at the start of the text; a refusal that is longer than an agreement wins ("sicher nicht")."""
    first = _PATTERNS[language].match(text)
    if first is None:
        return None
    start = first.start("no") if first["no"] else first.start("yes")
    longest = first
    for end in _ends(text, first.end()):
        whole = _PATTERNS[language].fullmatch(text, 0, end)
        if whole and max(whole.start("no"), whole.start("yes")) == start:
            longest = whole
    return longest


def _ends(text: str, start: int) -> list[int]:
    """Ends of the next few words."""
    return [match.start() for match in re.finditer(r" ", text[: start + 60]) if match.start() > start][:6]


def _confidence(form: Canonical, match: re.Match[str], agrees: bool) -> float:
    rest = form.text[match.end() :].strip(" .,")
    if not rest:
        return 1.0
    words = match["yes"] if agrees else match["no"]
    if agrees and re.search(
        r" (?:not|isn't|don't|doesn't|wrong|nicht|falsch)(?= )", form.text[match.end() : match.end() + 40]
    ):
        return 0.4
    paused = form.text[match.end() :].startswith((" ,", " ."))
    strong = (not agrees and words[:2] in ("no", "ne")) or bool(_STRONG_YES.match(words))
    return 0.95 if strong else (0.8 if paused else 0.5)
