"""Yes and no."""

import re

from antiphon.language.canonical import Canonical, canonical
from antiphon.language.lexicon import known, vocabulary
from antiphon.language.reading import Reading

_YES = {
    "en": (
        r"yes(?: (?:please|indeed|sir|ma'am|of course|exactly|yes|sure|that's (?:right|correct|fine|me)|it is|i"
        r" (?:do|am|would|have|can|did|was)|thank you|thanks))*|yeah|yep|yup|yea|yeas|yah|ya|yas|aye|uh huh|mhm"
        r"|mm hmm?|of course|absolutely|definitely|certainly|sure(?: thing)?|correct|exactly|right|indeed"
        r"|affirmative|please do|go ahead|sounds (?:good|great|fine|perfect|lovely)"
        r"|(?:that's|that is|that|it's|it is|this is|all)(?: all| absolutely| quite| perfectly)? (?:right|correct"
        r"|fine|good|great|ok|okay|perfect|it|true|me|works?(?: for me)?|will do|suits me|would (?:be (?:good"
        r"|great|fine|perfect|lovely|nice)|work|suit(?: me)?))|perfect|great|fine(?: (?:by|with) me)?|good|ok|okay"
        r"|alright|all right"
        r"|i (?:do|am|would|have|did|agree|confirm|think so|guess so|believe so|suppose so|consent)(?! (?:not|n't"
        r"|like|a|an|in|the|to|have|calling|looking|pain))|why not|no problem|works for me"
        r"|i'd (?:love|like) (?:to|that)|you (?:can|may)|that one|let's do (?:that|it)|very good|lovely|wonderful"
        r"|by all means|gladly|with pleasure|true|confirmed|(?:you're|you are) right|you got it|do it"
        r"|that is my (?:number|name)|(?:it|that) is|it does|they are|he is|she is"
        r"|suits (?:me|him|her|us)|(?:i|he|she|we|they) can (?:do|make|manage) (?:that|it|then)"
        r"|(?:i|we|he|she) can come(?: then)?|go on(?: then)?|do that|please (?:go ahead|do so)|righto|okey dokey"
        r"|(?:that|it|this) (?:should|would|will|might) (?:work|do|be (?:fine|ok|good))|let's go with (?:that|it)"
        r"|(?:i'd be|i would be|i'm|we'd be) (?:happy|fine|ok|okay|good) with (?:that|it)|(?:everything )?as you said"
        r"|you(?:'ve| have) got it|(?:sounds|looks|seems) (?:about |all )?(?:right|good|fine|ok|okay|correct)"
        r"|no (?:changes?|complaints?|objections?|corrections?)|nothing to (?:correct|change|add)|not a problem"
        r"|quite so|just so|quite right|spot on|precisely|noted|agreed|you bet|for sure|totally|cool|awesome|brilliant"
        r"|excellent|splendid|marvellous|super|so be it|as you say|very well|fair enough|go for it|book it|please book"
        r"|that's (?:noted|agreed|the (?:one|1|way)|him|her|us|it exactly|what i (?:want|wanted|said|meant))"
        r"|that is what i want"
        r"|(?:i|we)'ll take (?:it|that)|(?:that|it)'ll (?:do|be fine|work|suit)|that does it|makes sense"
        r"|(?:i am|i'm|we are|we're) happy with (?:that|it)|if you (?:would|could|please|wouldn't mind)"
        r"|(?:that|it) suits (?:me|him|her|us|them)|(?:everything|it all)(?:'s| is) (?:right|correct|fine|good)"
    ),
    "de": (
        r"(?:(?:ja|jo|jaa|jap|jawohl|jawoll|doch|jep|joa|yes)(?: (?:genau|gerne?|bitte|klar|sicher|natuerlich"
        r"|danke|das stimmt|stimmt|richtig|ja|passt|doch|schon))*)|genau|richtig|stimmt|korrekt|exakt|gern(?:e)?"
        r"|klar|sicher|natuerlich|sehr gern(?:e)?|aber sicher|auf jeden fall|unbedingt|selbstverstaendlich"
        r"|einverstanden|in ordnung|passt(?: (?:mir|gut|so|perfekt|super|genau))*"
        r"|(?:das|es|dies)? ?(?:passt|stimmt|geht|ist (?:richtig|korrekt|gut|in ordnung|recht|ok|okay|perfekt"
        r"|super|so)|waere (?:gut|super|perfekt|toll|schoen|recht|ideal))(?: (?:so|mir|gut|genau|super))*|perfekt"
        r"|super|gut|okay|ok|alles klar|prima|wunderbar|ausgezeichnet|bestens|toll|sehr gut|kein problem"
        r"|warum nicht|meinetwegen|ich bestaetige|bestaetigt|bin ich|mach(?:en)? wir(?: so)?|machen sie das"
        r"|bitte ja|so ist es|freilich|logisch|aha ja"
    ),
}
_NO = {
    "en": (
        r"no(?! (?:problem|worries|changes?|complaints?|objections?|corrections?))"
        r"(?: (?:thanks?(?: you)?|please|no|sorry|not|that's (?:not right|wrong"
        r"|incorrect|not correct|all|it|everything|not it|fine)|i (?:don't|do not|am not|haven't|can't|wouldn't"
        r"|didn't)|it (?:isn't|is not|doesn't|wasn't)|way|never|nothing(?: else)?|none))*|nope|nah|nay|naw|noh|non"
        r"|not (?:really|at all|exactly|quite|yet|today|now|necessarily|that|this|right|correct|true|for me|good"
        r"|possible|today thanks|thank you)|never|negative|incorrect|wrong|false|uh uh|i'd rather not|rather not"
        r"|better not|i (?:don't|do not) (?:think so|want|agree|have|know him)|i don't|i do not|i'm not(?! sure)"
        r"|i am not(?! sure)|i haven't|i have not|i can't|i cannot|i wouldn't|i won't|i disagree|absolutely not"
        r"|definitely not|certainly not|of course not"
        r"|(?:that's|that is|it's|it is|this is|that|it)(?: just| completely| absolutely)? (?:not(?: \w+)?|wrong"
        r"|incorrect|false|isn't(?: \w+)?|doesn't (?:work|suit|sound right|fit)(?: for me)?|won't work|wouldn't"
        r" work|no good)|isn't|unfortunately not|i'm afraid not|afraid not|sorry no|please don't|don't|do not"
        r"|hell no|(?:that|this) (?:doesn't|does not|won't|will not|isn't|is not)\b(?: \w+){0,3}|neither"
        r"|nothing(?! to (?:correct|change|add))(?: else)?|none|doesn't work|does not work"
    ),
    "de": (
        r"(?:nein|nee|noe|ne|naa|nei|na(?= $| [.,])|no)(?: (?:danke|leider|nicht|nein|das (?:stimmt nicht|ist"
        r" falsch|ist nicht (?:richtig|korrekt)|passt nicht|geht nicht)|bitte|im gegenteil|nee|gar nicht|lieber"
        r" nicht|leider nicht|auf keinen fall|stimmt nicht|falsch))*|lieber nicht|eher nicht|auf keinen fall"
        r"|keinesfalls|keineswegs"
        r"|nicht (?:wirklich|unbedingt|richtig|ganz|gut|so gut|korrekt|noetig|heute|jetzt|mehr)|gar nicht"
        r"|ueberhaupt nicht|leider (?:nicht|nein)|falsch|niemals|nie"
        r"|(?:das |es )?(?:stimmt|passt|geht|ist|klappt|ginge|waere)(?: \w+){0,2}? (?:nicht|falsch|schlecht"
        r"|unguenstig|unmoeglich)(?: (?:richtig|korrekt|so|gut|moeglich|ganz))*"
        r"|ich (?:moechte|will|kann|habe|glaube|denke|bin)(?: \w+){0,2}? nicht|nichts|keine?n?(?! ahnung)"
        r"|natuerlich nicht|sicher nicht|bestimmt nicht|auf gar keinen fall|besser nicht|bitte nicht|nicht"
        r"|danke nein|weder noch|noch nicht"
    ),
}
_LEAD = {
    "en": r"(?:[.,\-]|uh|um|er|erm|mm|mmm|as far as i (?:can tell|know)"
    r"|oh|well|ah|hm|hmm|so|and|i think|i guess|i'd say|actually|sorry|hello|hi"
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
        r"(?<! why) (?:not|isn't|don't|doesn't|wrong|no good|nicht|falsch)(?= )",
        form.text[match.end() : match.end() + 40],
    ):
        return 0.4
    paused = form.text[match.end() :].startswith((" ,", " ."))
    strong = (not agrees and words[:2] in ("no", "ne")) or bool(_STRONG_YES.match(words))
    return 0.95 if strong else (0.8 if paused else 0.5)
