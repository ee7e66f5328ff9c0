"""Whether a pause ends the turn, told from the words before it and the silence so far.

People pause in the middle of numbers, dates, spelled names and before the noun they look for; there the text shows that
something is missing. The weights below are hand-set odds; the order of the cues is what matters, and the tests are the
table of what was meant.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from textwrap import dedent
from types import MappingProxyType

import numpy as np

from antiphon.audio.pcm import RATE_HZ
from antiphon.events.speech import Expectation, Samples
from antiphon.language.answers import read_yes_no
from antiphon.language.dates import read_dates
from antiphon.language.numbers import read_digits
from antiphon.language.times import read_times
from antiphon.ports.card import Card, Port
from antiphon.settings import setting

CARD = Card(
    name="cues",
    port=Port.TURN,
    summary="Silence and the last words; knows English and German, hears no intonation.",
    confidence="hand-set odds",
)


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the text cues."""

    phone_digits: int = setting(10, "digits of a whole telephone number in its national form", low=3, high=15)
    trust_silence_s: float = setting(1.2, "silence after which words that look unfinished count half", low=0.2, high=10)


class TextCues:
    """An opinion from text and silence; pure, and cheap enough (under a millisecond) to be asked on the event loop."""

    card = CARD

    def __init__(self, options: Options) -> None:
        self._options = options

    def finished(self, samples: Samples, text: str, expect: Expectation, language: str) -> float:
        """Probability in [0, 1] that the caller has finished.

        `samples` is the turn's audio (float32 [n], 16 kHz), `text` what was understood of it so far.
        """
        from_text = self._from_text(text, expect, language)
        doubt = (1.0 - from_text) * math.exp2(-trailing_silence_s(samples) / self._options.trust_silence_s)
        return 1.0 - doubt

    def close(self) -> None:
        """Nothing is held."""

    def _from_text(self, text: str, expect: Expectation, language: str) -> float:
        cues = _CUES.get(language.partition("-")[0], _NO_CUES)
        written = text.rstrip()
        bare = written.rstrip(" .!?,;:…–—-").lower().replace("’", "'")
        if not bare:
            return 0.5
        digits = "".join(reading.value for reading in read_digits(text, language))
        if expect is Expectation.DIGITS and digits and not cues.dangling.search(bare):
            return self._digits(digits)
        if cues.searching.search(bare):
            return 0.06
        if written.endswith("?") or cues.complete.search(bare):
            return 0.95
        if written.endswith((",", ";", ":", "-", "–", "—", "…", "...")) or cues.dangling.search(bare):
            return 0.06
        if _PART_OF_PHONE.search(bare) and digits[:1] == "0":
            return self._digits(digits)
        if (spelled := _SPELLED.search(bare)) and not _SUCH_A_LETTER.search(bare):
            return _spelling(spelled[0], bare[: spelled.start()])
        answered = _answered(text, expect, language)
        return answered if answered is not None else self._free(text, bare, cues)

    def _digits(self, digits: str) -> float:
        """How complete a telephone number is."""
        country = len(digits) - len(digits.removeprefix("00"))  # 0041 44 …: two more for the country itself
        missing = self._options.phone_digits + 2 * bool(country) - len(digits)
        if missing <= 0:
            return 0.95
        # Numbers without an area code, and answers that are no telephone number at all, are whole with less.
        return 0.5 if len(digits) == 7 else 0.3 if missing == 1 else 0.1

    def _free(self, text: str, bare: str, cues: "_Cues") -> float:
        if cues.question.search(bare):
            return 0.85
        if len(bare.split()) == 1:
            return 0.6
        return 0.8 if text.rstrip().endswith((".", "!")) else 0.65


def trailing_silence_s(samples: Samples) -> float:
    """Seconds at the end of float32 [n] at 16 kHz that are 26 dB or more below the loudest 20 ms of the last 5 s."""
    frame = RATE_HZ // 50
    count = min(len(samples) // frame, 250)
    if not count:
        return 0.0
    frames = np.nan_to_num(samples[len(samples) - count * frame :].reshape(count, frame).astype(np.float64))
    level = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(level > max(0.05 * float(level.max()), 1e-4))
    return (count - 1 - int(loud[-1])) * 0.02 if len(loud) else count * 0.02


def _answered(text: str, expect: Expectation, language: str) -> float | None:
    """How finished a text is as an answer to what was asked; None where it says nothing about that."""
    words = len(text.split())
    match expect:
        case Expectation.YES_NO:
            return 0.95 if read_yes_no(text, language) else None
        case Expectation.DATE:
            return 0.92 if read_dates(text, language, _ANY_DAY) else None
        case Expectation.TIME:
            return 0.92 if read_times(text, language) else None
        case Expectation.NAME:
            return 0.88 if 2 <= words <= 8 else 0.6 if words == 1 else None
        case _:
            return None


def _spelling(letters: str, before: str) -> float:
    """How finished a spelled name is: surely when it spells a word that was said before it, hardly within that word."""
    doubled = re.sub(r"(?:double|doppel)[ -](\w)", r"\1\1", letters)
    spelled = re.sub(r"[\W_]", "", doubled)
    said = re.findall(r"[^\W\d_]+", before)
    if spelled in said:
        return 0.92
    return 0.1 if any(word.startswith(spelled) for word in said) else 0.3


_ANY_DAY = date(2026, 1, 1)  # only whether a date can be read matters, not which

_PART_OF_PHONE = re.compile(r"(?:\d[ ./-]?){3,}$")
_SPELLED = re.compile(r"(?:\b(?:(?:double|doppel)[ -])?[^\W\d_]\b[\s.,-]*){2,}$")
_SUCH_A_LETTER = re.compile(r"\b(?:with|mit) (?:an? |einem? )?[^\W\d_]$")  # "Cooper with a C"


@dataclass(frozen=True, slots=True)
class _Cues:
    """Patterns of a language, all applied to lower-case text without its final punctuation.

    Attributes:
        complete: answers, thanks and farewells that nothing follows, whatever their last word.
        dangling: last words that something must follow.
        searching: sounds and phrases of somebody who is still looking for words.
        question: beginnings of questions.
    """

    complete: re.Pattern[str]
    dangling: re.Pattern[str]
    searching: re.Pattern[str]
    question: re.Pattern[str]


def _ending(phrases: str) -> re.Pattern[str]:
    """A pattern for texts that end in one of the phrases, which are patterns parted by ` | ` or line breaks."""
    return re.compile(r"(?:^|(?<=\W))(?:" + _alternatives(phrases) + r")$")


def _beginning(fillers: str, phrases: str) -> re.Pattern[str]:
    """A pattern for texts that begin with one of the phrases, after any fillers."""
    return re.compile(rf"^(?:(?:{_alternatives(fillers)}),? )*(?:{_alternatives(phrases)})\b")


def _alternatives(phrases: str) -> str:
    lines = dedent(phrases).replace("\n    ", " ")  # an indented line goes on with the phrase before it
    return "|".join(phrase for phrase in re.split(r"\n| \| ", lines) if phrase)


_NEVER = re.compile(r"(?!)")
_NO_CUES = _Cues(_NEVER, _NEVER, _NEVER, _NEVER)

_ENGLISH = _Cues(
    complete=_ending(
        r"""
        good ?bye | bye(-bye)? | see you( then| soon| \w+)? | (have a )?(nice|good) day
        thank you( very much| so much)? | thanks( a lot)? | that's (all|it|everything) | nothing else | never ?mind
        (that's|that is|you're|it's) (right|correct|fine|wrong) | sounds good | (think|hope|guess|believe|said) so
        (yes|yeah|yep|no|nope),? (please|thank you|thanks) | (?<!you )please
        (yes|yeah|no|nope),? (i|it|that|we|he|she|they|you)
            (is|am|are|was|do|does|did|would|will|can|could|have|has)( not)?
        (what|where|when|who|how|which|\w+ever|if|as|wish|course|sure|than) (\w+ )*(i|it|you|we|he|she|they)
            (am|is|are|was|were|do|did|have|had|can|could|will|would|should)
        (what|who|where|which|how)\b.* (for|about|with|to|from|at|of|in|on)
        (don't|didn't) (want|need|have|like) to | (love|not|supposed|used) to | looking for | waiting for | asking for
        (come|came|coming|check|drop|get|fit|squeeze|bring|pop|hang|hold|book|move|put|go|going|pick|back|give|call|sign)
            ((\w+ )*(me|you|him|her|us|it|them|this|that|one|\w+) )?(in|on|off|over|by|up|down|out|back|through)
        """
    ),
    dangling=_ending(
        r"""
        a | an | the | and | or | but | nor | because | since | although | though | while | if | unless | whether
        than | as
        at | by | for | from | into | of | on | in | onto | to | toward | with | without | about | around | between
        until
        till | after | during | per | via | plus | my | your | his | our | their | its | every | each | another | next
        last | which | whose | i | we | they | he | she | i'm | i'd | i'll | i've | we're | we'd | we'll | we've | it's
        he's | she's | they're | there's | is | are | am | was | were | be | been | has | have | had | do | does | did
        will | would | can | could | should | may | might | must | very | really | just | also | even
        (?<!a )half | (?<!a )quarter | past | double | triple | mr | mrs | ms | dr
        (would|i'd|we'd|also) like | (i|we) (want|need|think|guess|mean|wanted) | as in | so | the \w+ of
        (so|think|know|said|say|hope|sure|is) that | you please | (january|february|march|april|may|june|july) the
        (august|september|october|november|december) the
        """
    ),
    searching=_ending(
        r"""
        u+h+m* | u+m+ | e+r+m* | h+m+ | ^(oh |yes,? |no,? )?well | (and|but),? well | you know | how do you say
        let me (see|think|check|look)( \w+){0,3} | (just )?(one|a) (moment|second|minute|sec)( please)?
        wait( a (moment|second|minute))? | hold on | i'm (just )?(looking|checking|thinking) | what was it
        what's it called
        """
    ),
    question=_beginning(
        r"and | so | well | okay | ok | hi | hello | um | uh | sorry | excuse me",
        r"""
        what | when | where | who | why | how | which | do you | does | did | is there | are there | are you | is it
        is the
        can i | can you | could i | could you | would you | will | may i | should i | have you
        """,
    ),
)

_GERMAN = _Cues(
    complete=_ending(
        r"""
        tschüss? | tschau | ciao | ade | adieu | auf wieder(hören|sehen|luege) | bis (dann|bald|morgen|später)
        (vielen |besten |herzlichen )?danke?( schön| sehr| vielmals)? | merci( vielmal)? | schönen tag( noch)?
        das (war|wär|wäre)'?s?( alles)? | (das )?(stimmt|passt|geht)( so)? | (das ist )?(richtig|korrekt|gut so|alles)
        (ja|nein|gerne?),? (bitte|danke|gerne?) | (ich )?glaube (schon|ja|nicht) | (bin|war|hier) ich | ich (nicht|auch)
        (weil|dass|daß|ob|wenn|damit|obwohl|falls|was|wie|wann|wo|warum|die|den)( \w+)+
            (bin|ist|sind|war|habe|hab|haben|hatte|hätte|wird|würde|kann|können|könnte|soll|sollte|muss|müsste|will|möchte|darf)
        (möchte|will|kann|könn|würde|soll|muss|darf|werde|wird|wollte)\w*\b.* (haben|sein|werden|können|müssen|dürfen)
        (ruf|fang|nehm|nimm|seh|sieh|meld|hör|geb|gib|biet|bring|pass)\w*\b.* an
        (sag|hol|leg|lehn|geb|gib|brech|nehm|nimm)\w*\b.* ab | (komm|nehm|nimm|bring|teil|mach|geh)\w*\b.* mit
        (stell|hab|zieh|komm|les|schlag)\w*\b.* vor | (mach|hör|leg|steh|pass|nehm|schreib)\w*\b.* auf
        (füll|seh|sieh|such|mach|reich|fall|fäll)\w*\b.* aus | (sag|mach|hör|stimm|schick)\w*\b.* zu
        (trag|fall|fäll|richt|lad|plan|steig)\w*\b.* ein
        """
    ),
    dangling=_ending(
        r"""
        und | oder | aber | sondern | denn | weil | da | dass | daß | ob | wenn | als | bevor | nachdem | damit | obwohl
        während | falls | wie | sowie | bis | am | an | im | in | ins | auf | aus | bei | beim | mit | nach | seit | um
        unter | über | vom | von | vor | zu | zum | zur | für | gegen | ohne | durch | zwischen | wegen | ab
        der | die | den | dem | des | eine?[mnrs]? | meine?[mnrs]? | unsere?[mnrs]? | seine[mnrs]? | ihre?[mnrs]?
        keine?[mnrs]? | diese[mnrs]? | jede[mnrs]? | nächste[mnrs]? | letzte[mnrs]? | welche[mnrs]? | ich | wir | er
        man
        bin | ist | sind | war | habe? | haben | hatte | hätten? | werde | wird | würden? | möchten? | will | wollten?
        kann | können | könnten? | sollte? | muss | müsste | darf | dürfte | sehr | ganz | etwa | ungefähr | circa | nur
        halb | viertel | doppel | frau | herr | doktor | dr | heiße | heisse | lautet | namens
        (hätte|möchte|würde) gerne? | ich (brauche|glaube|denke|meine|wollte|suche|rufe) | könn(te|t)en sie
        kann (ich|man)
        haben sie | es geht um | (es|das) ist | das heißt | so dass | und zwar
        """
    ),
    searching=_ending(
        r"""
        ä+h+m* | eh+m* | hm+ | öh+m* | also | na ja | naja | tja | halt | sagen wir( mal)? | wie sagt man
        wie heißt das
        (einen |ein )?(kleinen )?moment( bitte)? | (eine )?sekunde( bitte)? | warten sie( mal)? | warte( mal)?
        (lassen sie mich|ich muss)( \w+)* (überlegen|schauen|nachsehen|nachschauen) | mal (sehen|schauen|überlegen)
        """
    ),
    question=_beginning(
        r"und | also | äh | ähm | ja | hallo | entschuldigung | guten tag | grüezi",
        r"""
        was | wann | wo | wer | warum | wieso | weshalb | wie | welche[rsn]? | wohin | woher | haben sie | hätten sie
        können sie | könnten sie | würden sie | kann ich | könnte ich | kann man | darf ich | gibt es | ist das | ist es
        sind sie | muss ich | soll ich | geht das
        """,
    ),
)

_CUES: Mapping[str, _Cues] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN})


def load(options: Options) -> TextCues:
    """Ready at once."""
    return TextCues(options)
