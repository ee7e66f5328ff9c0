"""What an expected answer can be made of. Names can be made of anything: common ones are no more than a guess."""

from dataclasses import dataclass
from functools import cache

from antiphon.engines.stt.moonshine_onnxruntime.lexicon import Lexicon
from antiphon.engines.stt.moonshine_onnxruntime.surnames import SURNAMES
from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary
from antiphon.events.speech import Expectation
from antiphon.language.given_names import GIVEN_NAMES

PENALTY = 8.0
"""Nats taken from tokens that the expected answer cannot contain; 6 and 12 give the same texts."""

GUESS_PENALTY, FIGURE_COST = 2.0, 4.0
"""The same where a second look only guesses: most names are in no list, most numbers come with other words. Figures
cost more then: they leave out or make up what "double" and "oh" stood for."""

_DIGITS = "zero one two three four five six seven eight nine"
_NUMBERS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety"
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
_MONTHS = "january february march april may june july august september october november december"
_DAY_TIMES = "morning afternoon evening noon midday midnight night lunchtime"
_SMALL_TALK = (
    "yes yeah yep no um uh er well ok okay please it's it is that's that the a so and i'm sorry thanks thank you"
)
_ASKING = (
    "could can i do would like works for me best would be prefer rather maybe but not how about what any either or"
)
_WISHING = (
    "i'd i'll i've i can't let's it'd you we have if that's possible possibly chance good great fine perfect nice "
    "lovely ideal sounds suit suits work say take make come get hoping was were then there free available got any "
    "anything something around about just really ideally preferably either sorry actually hmm with us here see"
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an answer is about, what joins that, what surrounds it, and what a word of the last costs in nats.

    Where the answer is a word or two, surrounding words are what short sounds are mistaken for, so they cost more.
    """

    core: str
    joints: str
    carriers: str
    carrier_cost: float


_ANSWERS = {
    Expectation.YES_NO: _Answer(
        "yes no yeah yep yup nope sure okay ok correct right exactly absolutely definitely",
        "",
        f"{_SMALL_TALK} {_ASKING} nah certainly course don't did didn't can't wouldn't will won't have haven't am fine "
        "great perfect good wrong true false never mind think guess way at all wait actually go ahead let's we're set "
        "done sounds indeed alright",
        1.5,
    ),
    Expectation.DIGITS: _Answer(
        _DIGITS,
        "oh double triple",
        f"{_SMALL_TALK} {_NUMBERS} hundred thousand plus my number phone mobile cell home work can reach me on at call "
        "area code extension dash",
        4.5,
    ),
    Expectation.DATE: _Answer(
        f"{_DIGITS} {_NUMBERS} {_ORDINALS} {_WEEKDAYS} {_MONTHS} today tomorrow",
        "oh of the on next this st nd rd th",
        f"{_SMALL_TALK} {_ASKING} {_WISHING} {_DAY_TIMES} in at coming following last week weeks month months year "
        "day days after before from now between until till by early late beginning end middle as soon possible "
        "earliest weekend born my birthday date birth was half past quarter to am pm o'clock",
        1.5,
    ),
    Expectation.TIME: _Answer(
        f"{_DIGITS} {_NUMBERS} {_DAY_TIMES}",
        "oh o'clock half past quarter to at in the am pm AM PM a.m p.m",
        f"{_SMALL_TALK} {_ASKING} {_WISHING} {_WEEKDAYS} till til around about after before between from by "
        "early late later earlier as soon first thing last possible time anytime today tomorrow tonight minutes hour "
        "hours better exactly sharp on of next this week",
        1.5,
    ),
}


_LONG_ANSWERS = {
    # Telephone numbers, where "seventy-nine" is as likely as "seven nine".
    Expectation.DIGITS: _Answer(
        f"{_DIGITS} {_NUMBERS} hundred",
        "oh double triple treble plus and",
        f"{_ANSWERS[Expectation.DIGITS].carriers} sure best would be number's you it'll mobile's wife's husband's call",
        1.5,
    ),
    # What is read back gets corrected: "no, Friday at nine".
    Expectation.YES_NO: _Answer(
        _ANSWERS[Expectation.YES_NO].core,
        "",
        f"{_ANSWERS[Expectation.YES_NO].carriers} {_WISHING} {_DIGITS} {_NUMBERS} {_ORDINALS} {_WEEKDAYS} {_MONTHS} "
        f"{_DAY_TIMES} oh double today tomorrow next week half past quarter to o'clock am pm at on in of instead "
        "change last first two digits digit ends number phone name date day time said meant better later earlier than",
        1.5,
    ),
}
"""What answers of more than a word or two are made of, where that differs."""


_NAME_CARRIERS = (
    "my name is it's it the name's i'm i am this that would be put under in of for mrs mr ms miss doctor dr yes no "
    "sure course please speaking first last second full surname family and but just will do everyone calls me you "
    "have probably got down as that's with spelled spelt double letter letters like at end begin not an sorry oh um "
    "uh well so wait mean new patient son daughter husband wife mother father son's daughter's husband's wife's "
    "thank thanks okay hello hi good morning afternoon should by a b c d e f g h i j k l m n o p q r s t u v w x y "
    "z"
)
_NAME_CARRIER_COST = 0.3


_LOOSE = (Expectation.DATE, Expectation.TIME)


class Expectations:
    """The lexicon of each kind of answer, made when it is first asked for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.lexicon = cache(self._make)
        self.names = cache(self._make_names)
        self.spoken_numbers = cache(self._make_spoken_numbers)
        self.loose = cache(self._make_loose)

    def _make(self, expect: Expectation, long: bool) -> Lexicon | None:
        answer = (_LONG_ANSWERS.get(expect) if long else None) or _ANSWERS.get(expect)
        if answer is None:
            return None
        return Lexicon(
            self._vocabulary,
            answer.core.split(),
            answer.joints.split(),
            answer.carriers.split(),
            carrier_cost=answer.carrier_cost,
            penalty=PENALTY,
        )

    def _make_names(self) -> Lexicon:
        """Common names, and the words around them."""
        return Lexicon(
            self._vocabulary,
            [*sorted(GIVEN_NAMES), *SURNAMES],
            (),
            _NAME_CARRIERS.split(),
            carrier_cost=_NAME_CARRIER_COST,
            penalty=GUESS_PENALTY,
        )

    def _make_loose(self, expect: Expectation) -> Lexicon | None:
        """What a day or a time is told in, among other words."""
        if expect not in _LOOSE:
            return None
        answers = [_ANSWERS[one] for one in _LOOSE]
        return Lexicon(
            self._vocabulary,
            " ".join(answer.core for answer in answers).split(),
            " ".join(answer.joints for answer in answers).split(),
            " ".join(answer.carriers for answer in answers).split(),
            carrier_cost=0.0,
            penalty=GUESS_PENALTY,
        )

    def _make_spoken_numbers(self) -> Lexicon:
        """What telephone numbers are made of, in words."""
        answer = _LONG_ANSWERS[Expectation.DIGITS]
        return Lexicon(
            self._vocabulary,
            answer.core.split(),
            answer.joints.split(),
            answer.carriers.split(),
            carrier_cost=0.0,
            penalty=GUESS_PENALTY,
            figure_cost=FIGURE_COST,
        )
