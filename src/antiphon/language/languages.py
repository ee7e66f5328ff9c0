"""Which language a short text is in, judged by its commonest words."""

import re

from antiphon.language.canonical import fold
from antiphon.language.lexicon import vocabulary
from antiphon.language.reading import Reading

_WORDS = {
    "en": vocabulary(
        "the a an and or but i i'm i'd i've you he she it we they my your his her our is are was were be been"
        " have has had do does did can could would should will shall may might must not don't can't to of in"
        " on at for from with about this that these those there here what when where who which how why yes no"
        " please thank thanks hello hi good morning afternoon evening appointment like want need would"
        " tomorrow today next week monday tuesday wednesday thursday friday saturday sunday o'clock half past"
        " quarter name is it's that's what's sorry okay me him them as if by so any some day time call calling"
        " phone number tooth teeth pain hurts book cancel make am up out great sure one two three four five"
        " six seven eight nine ten zero"
    ),
    "de": vocabulary(
        "der die das den dem des ein eine einen einem einer und oder aber ich du er sie es wir ihr mein meine"
        " meinen meinem dein sein seine ihre ihren ist sind war waren bin bist habe hab hat haben hatte kann"
        " koennte koennen wuerde moechte will wollen soll muss darf nicht kein keine zu von im am an auf fuer"
        " mit ueber bei nach vor um bis ab dieser diese dieses was wann wo wer wie warum ja nein bitte danke"
        " hallo guten tag morgen abend termin gerne gern heute uebermorgen naechste naechsten woche montag"
        " dienstag mittwoch donnerstag freitag samstag sonntag uhr halb viertel name heisse mich mir sich uns"
        " auch noch schon nur doch mal dann wenn weil dass als so sehr gut zahn zaehne schmerzen tut weh"
        " gruezi gruessgott merci ade tschuess wiedersehen zwei drei vier fuenf sechs sieben acht neun zehn"
        " eins null zwo geht passt genau hier"
    ),
}
_BOTH = _WORDS["en"] & _WORDS["de"]
_UMLAUT = re.compile(r"[äöüß]", re.IGNORECASE)


def read_language(text: str, languages: tuple[str, ...] = ("en", "de")) -> Reading[str] | None:
    """The language of `text` among `languages`; None when nothing in it tells. The span is the whole text.

    The confidence is the share of telling words that speak for it, lower where there are few of them.
    """
    said = [fold(word) for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)]
    votes = {language: 0.0 for language in languages if language in _WORDS}
    for language in votes:
        votes[language] = float(sum(word in _WORDS[language] and word not in _BOTH for word in said))
    if "de" in votes:
        votes["de"] += len(_UMLAUT.findall(text))
    total = sum(votes.values())
    if not total:
        return None
    best = max(votes, key=lambda language: votes[language])
    if list(votes.values()).count(votes[best]) > 1:
        return None
    return Reading(best, 0, len(text), votes[best] / (total + 1))
