"""The English grammar of times."""

from antiphon.language.clock import Atom, TimeGrammar
from antiphon.language.parts import Bound, Part

_PAST = r"(?P<rel>past|after|to|before|till|until|of)"
_OPEN = r"(?:(?:an?|open|free|available) )?"

GRAMMAR = TimeGrammar(
    hour=r"(?:2[0-4]|1[0-9]|0?[0-9])",
    atoms=(
        Atom(rf"(?:a )?(?P<m>quarter) {_PAST} (?:{{H}}|(?P<word>noon|midnight))"),
        Atom(r"(?P<m>half) (?:an hour )?(?P<rel>past|after|passed) (?:{H}|(?P<word>noon|midnight))"),
        Atom(r"{H} (?:(?:hours?|o'clock) )?(?P<rel>less|minus) (?:(?:a|the) )?(?P<m>quarter|5|10|20)"),
        Atom(rf"(?P<m>[1-5]?[0-9]) minutes {_PAST} (?:{{H}}|(?P<word>noon|midnight))"),
        Atom(r"(?P<m>5|10|15|20|25) (?P<rel>past|after) {H}"),
        Atom(r"(?P<m>5|10|15|20|25) (?P<rel>to|till|before) {H}", sure=0.7),
        Atom(r"(?P<m>5|10|20|25) (?P<rel>of) {H}(?= (?:o'clock|a\.m\.|p\.m\.|in (?:the|an?)|on #|[,.])|$)", sure=0.6),
        # British "half seven" is half past seven, but German speakers of English mean half past six.
        Atom(r"half {H}", sure=0.6, shift=30),
        Atom(r"12 noon|noon(?! hour)", at=720),
        Atom(r"(?:12 )?midnight", at=0),
        Atom(r"{H} o'clock (?P<m>30|15|45)"),
        Atom(r"{H} (?:(?:o|oh|a|of) )?(?:o'clock|00(?= ))"),
        Atom(r"{H}[:.](?P<m>[0-5][0-9])(?::[0-5][0-9])?"),
        Atom(r"{H} (?:h|hours) (?P<m>[0-5][0-9])"),
        Atom(r"{H} (?:and )?(?:a )?(?P<m>half|quarter)(?= (?:past )?$| [,.])", sure=0.6, alone=False),
        Atom(r"{H} (?:(?:oh|o|0|zero) (?P<m>[1-9])|(?P<mm>[1-5][0-9]|0[1-9]))(?! [0-9])", sure=0.9),
        Atom(r"{H} - (?P<m>[1-5][05])", sure=0.7),
        Atom(r"{H} , (?P<m>15|30|45)(?! [0-9])", sure=0.7),
        Atom(r"{H} (?:, )?(?P<m>4 , 2 , 5|4 2 5)", sure=0.6),  # what recognisers make of "forty-five"
        Atom(r"{H}(?P<m>[0-5][0-9])(?: hours)?", sure=0.9, alone=False),
        Atom(r"{H}", alone=False),
    ),
    minutes={"quarter": 15, "half": 30, "4 , 2 , 5": 45, "4 2 5": 45},
    back=frozenset(("to", "before", "till", "until", "of", "less", "minus")),
    prefixes=(
        (
            r"(?:shortly|just|right|any ?time|sometime|a (?:bit|little)) (?:after|past)|(?:no|not) earlier than"
            r"|(?:not|never) before|(?:no|not) sooner than"
            r"|earliest(?: at)?|at the earliest|as of|starting(?: at| from)?|(?:from|after)(?: about| around)?"
            r"|later than",
            Bound.AFTER,
        ),
        (
            r"(?:shortly|just|right|any ?time|sometime|a (?:bit|little)) before|(?:no|not) later than|latest(?:"
            r" at| by)?"
            r"|up to|(?:before|by|until|till)(?: about| around)?|earlier than",
            Bound.BEFORE,
        ),
        (
            r"(?:at |for |say )?(?:somewhere |sometime |some time )?(?:around|about|roughly|approximately|circa|approx)"
            r"(?: about)?|more or less|close to|near(?:ly)?",
            Bound.AROUND,
        ),
        (
            r"(?:for |like |say |exactly |precisely |promptly )?(?:at|@)(?: exactly| precisely| maybe| say|"
            r" like| possibly)?"
            r"|let's say|either(?: at)?|make (?:it|that)(?: at)?"
            r"|how about(?: at)?|what about(?: at)?|prefer(?: at)?|exactly|precisely"
            r"|(?:the )?time is|let us say|for|come(?: in)? at|(?:later|earlier) (?:, )?(?:like|say|maybe)|say"
            r"|(?:can|could) (?:you|we|i) do|(?:can|could|would) it be(?: at)?"
            r"|(?:be there|be in|make it|get there|come) (?:by|for)",
            Bound.AT,
        ),
    ),
    parts=(
        (r"(?:[,] )?(?:o'clock )?(?:a\.m\.|am)", Part.MORNING),
        (r"(?:[,] )?(?:o'clock )?(?:p\.m\.|pm)", Part.AFTERNOON),
        (r"(?:[,] )?(?:in |on |of )?(?:the |a )?(?:early )?morning", Part.MORNING),
        (r"(?:[,] )?(?:in |on |of )?(?:the |a )?(?:early |late )?afternoon", Part.AFTERNOON),
        (r"(?:[,] )?(?:in |at |of )?(?:the |an? )?(?:early |late )?(?:evening|night)|(?:[,] )?tonight", Part.EVENING),
        (r"o'clock|sharp|ish|or so|or thereabouts|on the dot|exactly|hours", None),
    ),
    followers=(
        "on|at|in|or|and|but|please|if|would|is|was|works?|for|then|though|sounds|that|i|we|it|this|next|tomorrow|today"
        "|tonight|with|the|when|because|as|will|could|can|should|may|might|suits|best|maybe|not|no|sorry|actually|wait"
        "|works|fine|good|thanks|thank|instead|onwards?|okay|ok|perfect|great|to|until|till|earliest|latest|of|so|also"
        "|ideally|preferably|wise|any|every|from|by|before|after|works|either|my|yes|yeah|does|do|monday"
        "|tuesday|wednesday"
        "|thursday|friday|saturday|sunday|you|be|too|better|perfect|great|ideal|lovely"
    ),
    opens="from|between|anywhere between|any ?time between|sometime between|somewhere between",
    joins="to|and|until|till|through|-|up to",
    predicates=(
        "(?:would be|would|might be|should be|is|'s|be|will be|will|sounds|seems|looks)"
        " (?:(?:just|much|far|more|a (?:bit|little|lot)|probably|really|quite|absolutely|about) )*"
        "(?:best|better|good|great|fine|ideal|perfect|lovely|ok|okay|nice|easier|doable|possible|convenient|all right"
        "|alright|brilliant|suit|work|do)|(?:works|suits) (?:best|better|well|fine|for me|me|us)"
        "|(?:much |far )?(?:better|best|fine|perfect|great|ideal|lovely)(?= [.,]| $)"
    ),
    closers="then|instead|rather|please|for example|for instance|if (?:that's )?possible|at (?:the )?earliest",
    links="or|o'er|and|or maybe|or perhaps|or even|or else|either",
    replaces=(
        "no|sorry|actually|rather|i mean|make (?:it|that)|wait|better|instead|pardon|correction|or rather|let's say"
        "|i meant|maybe|perhaps|well|prefer|no no|so|not (?:at )?[0-9:]+(?: but| , but)?"
    ),
    polite=(
        "dunno|guess|suppose|reckon|probably|possibly|just|erm|ah|hi|hello|right|sure|whatever|don't|know|don't know"
        "|please|uh|um|er|at|maybe|perhaps|thanks|thank|you|yes|yeah|okay|ok|the|one|would|be|is|good|great|fine|perfect"
        "|then|let's|say|i|think|prefer|i'd|like|take|i'll|works|for|me|around|about|how|what|about|oh|well|so|it|that"
        "|make|best|better|if|possible|rather|just|hmm|hm|that's|sounds|go|with|we|can|could"
    ),
    units=(
        "francs?|dollars?|euros?|pounds?|percent|kilos?|kg|degrees?|years?|days?|weeks?|months?|people|persons?"
        "|minutes?"
        "|hours?(?! on| please)|times|per|chf|teeth|tooth|children|kids|years-old|street|avenue|road|th|hundred"
        "|thousand"
        "|out of|more|other|patients?|appointments?|of (?:us|them|my)|or [0-9]+ (?:days|weeks|months|years"
        "|people|minutes)"
    ),
)  # fmt: skip
