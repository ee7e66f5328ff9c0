"""What stands before and after a name, says which part of it one is, or tells how it is written."""

import re
from typing import Final

from antiphon.language.lexicon import known

CUES: Final = {
    # The surest first; `weak` ones open a name only where the words behind them look like one.
    "en": (
        (r"(?:my|the|his|her|our|patient[’']?s?|full|a)? ?(?:full |first |last |family |sur)?name(?:[’']?s| is|"
         r" was| would be|,? which (?:is|would be))"
        r"(?: actually| again| just)?", 1.0),
        (r"(?:my|the|his|her) name (?:to|on|you|that|it)(?: (?!is\b)[a-z]+){0,4} (?:is|would be)", 0.9),
        (r"(?:my )?(?:surname|last name|first name|family name|name)(?:[,:])?(?: is)?", 0.9),
        (r"(?:(?:\w+[’']?[sm]|am|is|are|was) called|calls? me|i call myself|here (?:speaks|is)"
        r"|it[’']?s under(?: the name)?|under(?: the name(?: of)?)?"
        r"|in the name of|the name of|on behalf of|for (?=(?:mr|mrs|ms|dr|miss)\b)"
        r"|you(?:[’']?re| are) (?:speaking|talking) (?:to|with))", 0.9),
        (r"(?:(?:have|got|put|write) (?:me|it|us|him|her|them) (?:down )?(?:as|under)|(?:put|write|note) down"
         r"|(?:just|please) (?:put|write|note)|i go by|goes by|answers to"
         r"|(?:the|my|our) (?:patient|child|girl|boy|lady|gentleman) is"
         r"|(?:it|card|passport|file|record|there|that)(?: will| should| may| might| does|[’']ll)? (?:says?|reads?)"
         r"|(?:registered|known|listed|saved|system|file|records?|books?|down) (?:as|under))", 0.0),
        (r"(?:this is|this side(?: is)?|i[’']?m|i am|it[’']?s|it is|its|here is|speaking is|that[’']?s|that is|im"
         r"|(?:it|that|this)(?: would|[’']?d|[’']?ll| will) be)"
         r"(?: probably| officially| actually| really| now| still| formally| in fact)?", 0.0),
    ),
    "de": (
        (r"(?:(?:mein|der|unser|ihr|sein) )?(?:name|nachname|familienname|vorname)(?: ist| war| wäre| lautet|:)", 1.0),
        (r"(?:ich (?:heisse|heiße|heise|heis)|heisse ich|heiße ich|auf den namen|unter dem namen|auf den name"
         r"|sie sprechen mit|nennen sie mich|sie können mich)",
        1.0),
        (r"(?:(?:mein )?(?:nachname|familienname|vorname|name))", 0.8),
        (r"(?:hier ist(?: die| der)?|hier spricht|da ist(?: die| der)?|hier(?= (?:frau|herr)\b)|am apparat ist)", 0.9),
        (r"(?:ich bin(?: die| der)?|das ist|hier|es ist|das wäre)", 0.0),
    ),
}  # fmt: skip
AFTER: Final = {
    "en": (
        r"(?:speaking|here|calling|on the (?:line|phone)|(?:is )?(?:my|the) name|is what it says)"
        r"(?! (?:about|because|to|for|is))",
        0.9,
    ),
    "de": (r"(?:am apparat|am telefon|hier|ist mein name|mein name|heisse ich|heiße ich|ist der name)", 0.9),
}
PARTS: Final = {
    "en": (r"(?:first|given|christian|fore)[ \-]?name[ds]?", r"(?:last|family|sur|sir,?|second)[ \-]?name[ds]?"),
    "de": (r"(?:vor|ruf)name", r"(?:nach|familien)name"),
}
"""Words for a given and a family name; "named" and "sir name" are what recognisers make of them."""
LETTER_HINT: Final = re.compile(
    r",?\s*\b(?:as in|wie in) (?:the )?(?-i:[a-z])\w+|"
    r",?\s*\b(?:with(?:out)?|mit|ohne)\s+"
    r"(?:(?:an?|one|two|the|no|double|just one|only one|capital|ein(?:em)?|zwei|doppel)\s+)*"
    r"(?-i:[B-Z]|(?:eff|if|ess|em|en|ell?|tee|tea|bee|dee|pee|kay|zed)(?=\W*$)"
    r"|A(?= (?:and|und|at|in)\b|\W*$))[’']?s?\b(?!(?:\s+(?-i:[A-Z])\b){2})"
    r"(?:(?:,|\s+(?:and|then|und|not|nicht))*\s+(?:(?:an?|double|ein(?:em)?)\s+)*(?-i:[A-Z])[’']?s?\b(?!\s+(?-i:[A-Z])\b))*"
    r"(?:\s+(?:at|in|am|im)\s+(?:the\s+)?(?:begin\w*|end|start|front|middle|anfang|ende|schluss|mitte))?",
    re.IGNORECASE,
)
"""How a name is written, said beside it ("with a K", "with E I", "without an H", "with Y at the end")."""


def named_part(text: str, language: str) -> str:
    """Which part of a name `text` speaks of last: `given`, `family`, or neither (the empty string)."""
    ends = {
        part: max((match.end() for match in re.finditer(rf"(?i)(?<!\w){source}(?!\w)", text)), default=0)
        for part, source in zip(("given", "family"), PARTS[known(language)], strict=True)
    }
    return max(ends, key=lambda part: ends[part]) if any(ends.values()) else ""
