"""Sentences as callers of a practice say them, sampled from patterns, for the word model to learn."""

import random
import re

from antiphon.language.numbers import number_words, ordinal_words, year_words

_CLASSES = {
    "service": "check-up|checkup|cleaning|filling|consultation|whitening|root canal|crown|extraction|hygiene"
    "|hygiene appointment|dental cleaning|appointment|treatment|visit|wisdom tooth out|tooth pulled",
    "trouble": "toothache|bad toothache|terrible toothache|broken tooth|chipped tooth|loose crown|swollen cheek"
    "|pain in my tooth|bleeding gum|sore tooth|hole in my tooth|lost filling",
    "day": "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "month": "january|february|march|april|may|june|july|august|september|october|november|december",
    "part": "morning|afternoon|evening",
    "soon": "today|tomorrow|the day after tomorrow|this week|next week|as soon as possible|tonight|next month",
    "one": "my daughter|my son|my husband|my wife|my mother|my father|me|a colleague|our guest|a friend",
    "first": "anna|peter|maria|thomas|martin|sarah|daniel|laura|david|julia|michael|emma|stefan|nina|robert|claudia",
    "last": "baker|brooks|fischer|graf|green|hess|hoffman|keller|martin|meyer|miller|roth|schmidt|steiner|turner|weber",
    "hello": "hello|hi|hi there|good morning|good afternoon|good evening|hey|yes hello|excuse me",
    "want": "i need|i'd like|i would like|i want|can i get|could i have|can i book|i'd like to book|i'd like to have"
    "|i would like to book|do you have time for|i'm calling for|i wanted to arrange",
    "change": "cancel|move|change|reschedule|shift|postpone",
    "filler": "well|um|uh|oh|so|let me see|let me think|sorry|yes|okay|of course|sure|let me look",
    "after": "please|thank you|if possible|if that's possible|thanks|if you can|that would be great",
}
_PATTERNS = """
{want} a {service} {when}
{hello}, {want} a {service}
{hello}, {want} a {service} {when} {after}
{hello}, this is {first} {last}, {want} a {service}
{hello}, i have a {trouble}, can i come {when}
{hello}, i've got a {trouble}, could i come in {when}
i have a {trouble}
i've lost a filling
i broke a tooth
i chipped a tooth {soon}
my crown fell out
my tooth hurts a lot, can someone see me {when}
i'm a new patient and {want} a {service}
i'm not a patient yet
i've been to you before
{want} a {service} for {one}
could {one} have a {service} {when}
can i come {when}
could it be {when}
is there anything free {when}
have you got anything {when}
i need to {change} my appointment
i must {change} my appointment on {when}
i'd like to {change} my appointment {when}
can we move it to {when}
can we make it {time}
could you move my appointment from {when} to {when}
{filler}, {when}
{filler}, {when} {after}
{when}
{when} {after}
{when} would be best
{when} would suit me
{when} works for me
how about {when}
let's say {when}
shall we say {when}
i'd prefer {when}
i could do {when}
i can do {when} or {when}
either {when} or {when}
no, {when} instead
{date} {after}
{date}
the {ordinal} or the {ordinal}
{time}
{time} {after}
let's say {time}
{time} would work for me
at {time} in the {part}
in the {part} at {time}
about {time}
around {time}, not later
my number is {phone}
my mobile is {phone}
it's {phone}
{filler}, it's {phone}
{phone}
{phone}
{phone} {after}
you can reach me at {phone}
you can call me on {phone}
my phone number is {phone}
{phone}, no sorry, {pair} {pair}
{phone}, no wait, {pair}
my name is {first} {last}
it's {first} {last}
this is {first} {last} speaking
the name is {last}, {first} {last}
put it in the name of {first} {last}
it's for {first} {last}
i was born on {date} {year}
{date} {year}
she was born on {date} {year}
the {ordinal} of {month} {year}
yes
yes please
yes, that's right
yes, that's correct
no, that's wrong
no, thank you
no, that's all, thank you
that's all
that's everything, thanks
no, i said {when}
how much does a {service} cost
what do you charge for a {service}
are you open on {day}
when are you open
where are you
do you treat children
do i have to pay in advance
can i speak to a person
i'd like to talk to someone
please have someone call me back {when}
i'll be late for my appointment
{want} to have my teeth whitened
{want} to have my wisdom tooth out
is my insurance accepted
"""
_SLOT = re.compile(r"\{(\w+)\}")
_PUNCTUATION = re.compile(r"[,?]")


def sentences(count: int, seed: int = 0) -> list[str]:
    """`count` sentences in lower case without signs; the same for the same seed."""
    return _Speaker(random.Random(seed)).sentences(count)


class _Speaker:
    """Fills patterns."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._patterns = _PATTERNS.strip().splitlines()
        self._classes = {name: words.split("|") for name, words in _CLASSES.items()}
        self._made = {
            "when": self._when,
            "date": self._date,
            "time": self._time,
            "phone": self._phone,
            "pair": self._pair,
            "ordinal": self._ordinal,
            "year": self._year,
        }

    def sentences(self, count: int) -> list[str]:
        """As many sentences."""
        return [self._filled(self._chance.choice(self._patterns)) for _ in range(count)]

    def _filled(self, pattern: str) -> str:
        filled = _SLOT.sub(lambda slot: self._filler(slot[1]), pattern)
        return " ".join(_PUNCTUATION.sub(" ", filled).replace("-", " ").split())

    def _filler(self, name: str) -> str:
        return self._made[name]() if name in self._made else self._chance.choice(self._classes[name])

    def _when(self) -> str:
        day = self._chance.choice(
            ("{day}", "{day}", "next {day}", "this {day}", "{soon}", "tomorrow", "{date}", "{day} week", "{day} {part}")
        )
        return self._filled(self._chance.choice((day, f"{day} at {{time}}", f"{day} at {{time}}", f"on {day}")))

    def _date(self) -> str:
        return self._filled(
            self._chance.choice(
                (
                    "the {ordinal} of {month}",
                    "{month} {ordinal}",
                    "{day} the {ordinal}",
                    "{day} the {ordinal} of {month}",
                )
            )
        )

    def _ordinal(self) -> str:
        return ordinal_words(self._chance.randrange(1, 32), "en")

    def _year(self) -> str:
        return year_words(self._chance.randrange(1935, 2022), "en")

    def _time(self) -> str:
        hour = number_words(self._chance.randrange(1, 13), "en")
        minutes = number_words(self._chance.choice((10, 15, 20, 30, 30, 40, 45, 50)), "en")
        return self._filled(
            self._chance.choice(
                (
                    hour, hour, f"{hour} o'clock", f"half past {hour}", f"quarter past {hour}", f"quarter to {hour}",
                    f"{hour} {minutes}", f"ten past {hour}", f"twenty to {hour}", f"{hour} in the {{part}}", "noon",
                    f"{hour} sharp", f"{hour} p. m.", f"{hour} a. m.",
                )
            )
        )  # fmt: skip

    def _pair(self) -> str:
        return number_words(self._chance.randrange(10, 100), "en") if self._chance.random() < 0.5 else self._digits(2)

    def _digits(self, count: int) -> str:
        said = [self._chance.choice("0123456789") for _ in range(count)]
        if count > 1 and self._chance.random() < 0.15:
            return " ".join(("double", self._digits(1), *map(self._named, said[2:])))
        return " ".join(map(self._named, said))

    def _named(self, digit: str) -> str:
        return self._chance.choice(("zero", "zero", "oh")) if digit == "0" else number_words(int(digit), "en")

    def _phone(self) -> str:
        area = self._chance.choice(
            ("{zero} seven {last}", "{zero} four four", "plus four one seven {last}", "{zero} three one")
        )
        area = area.replace("{zero}", self._chance.choice(("zero", "zero", "oh"))).replace(
            "{last}", self._chance.choice(("six", "seven", "eight", "nine"))
        )
        return " ".join((area, self._digits(3), self._pair(), self._pair()))
