"""What the English and the German grammar of times are made of."""

import re
from dataclasses import dataclass, field

from antiphon.language.parts import Bound, Part


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as its words give it, before it is known which half of the day is meant.

    Attributes:
        minutes: since midnight; below 12 hours where the half of the day is open.
        certain: the words leave no doubt about the half of the day.
        sure: how sure it is that these words are a time.
        alone: the words need nothing around them to be a time ("half past ten", unlike "ten").
    """

    minutes: int
    certain: bool = False
    sure: float = 1.0
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Atom:
    """One way to say a time: a pattern over canonical text, with groups `h`, `m` and `rel` as far as it needs them.

    Attributes:
        source: the pattern; `{H}` is an hour.
        sure: how sure a match is a time.
        alone: whether it is one without any words around it.
        shift: minutes from the hour that the words name ("half ten" in German: -30).
        at: fixed minutes since midnight ("noon").
    """

    source: str
    sure: float = 1.0
    alone: bool = True
    shift: int = 0
    at: int | None = None


@dataclass(frozen=True, slots=True)
class TimeGrammar:
    """A language's words for times.

    Attributes:
        hour: pattern of an hour, 0 to 24.
        atoms: ways to say a time; the first that matches a piece of text decides.
        minutes: words that stand for minutes.
        back: values of `rel` that count back from the hour.
        prefixes: words before a time, and how they limit it; longer ones first.
        parts: words after a time, and the part of the day they name; None only confirms that it is a time.
        followers: words that may follow a bare hour without making it a number of something.
        opens: words that open a span of times.
        joins: words between the ends of a span.
        predicates: words after a bare hour that judge it, which makes it a time ("ten would be best").
        closers: words that end a clause of nothing but an hour and politeness ("… eleven then").
        links: words between times to choose from.
        replaces: words after which a bare hour replaces what was said before.
        polite: words around an hour that is the whole answer.
        units: words after a number that make it no time.
    """

    hour: str
    atoms: tuple[Atom, ...]
    minutes: dict[str, int]
    back: frozenset[str]
    prefixes: tuple[tuple[str, Bound], ...]
    parts: tuple[tuple[str, Part | None], ...]
    followers: str
    opens: str
    joins: str
    predicates: str
    closers: str
    links: str
    replaces: str
    polite: str
    units: str
    patterns: "TimePatterns" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patterns", TimePatterns.of(self))


@dataclass(frozen=True, slots=True)
class TimePatterns:
    """A grammar's regular expressions.

    Attributes:
        atoms: each way to say a time, to be matched in full.
        span: two times with words that make them a span.
        joined: two times with only the words between them that make a span.
        prefixed: a time after words that make even a bare hour one.
        plain: a time.
        judged: a time that the next words judge.
        closing: a time in a clause of its own, with words that close it.
        last: a time that is the last clause after a day.
        replaced: a time after words of correction.
        chained: a time that follows another to choose from.
        earlier: a time before another to choose from.
        answer: a text that is nothing but an hour and politeness.
        follower: what may follow a bare hour.
        unit: what may not follow any time.
    """

    atoms: tuple[tuple[Atom, re.Pattern[str]], ...]
    span: re.Pattern[str]
    joined: re.Pattern[str]
    prefixed: re.Pattern[str]
    plain: re.Pattern[str]
    judged: re.Pattern[str]
    closing: re.Pattern[str]
    last: re.Pattern[str]
    replaced: re.Pattern[str]
    chained: re.Pattern[str]
    earlier: re.Pattern[str]
    answer: re.Pattern[str]
    follower: re.Pattern[str]
    unit: re.Pattern[str]

    @classmethod
    def of(cls, grammar: TimeGrammar) -> "TimePatterns":
        """Compile `grammar`."""
        sources = [atom.source.replace("{H}", f"(?P<h>{grammar.hour})") for atom in grammar.atoms]
        any_time = "|".join(re.sub(r"\(\?P<\w+>", "(?:", source) for source in sources)
        tail = "(?:" + "|".join(f" (?:{words})" for words, _ in grammar.parts) + ")*"
        clock = rf"(?P<clock>{any_time})(?P<tail>{tail})(?= )"
        clock2 = rf"(?P<clock2>{any_time})(?P<tail2>{tail})(?= )"
        prefix = "|".join(words for words, _ in grammar.prefixes)
        return cls(
            atoms=tuple((atom, re.compile(source)) for atom, source in zip(grammar.atoms, sources, strict=True)),
            span=re.compile(rf"(?<= )(?:{grammar.opens}) {clock} (?P<join>{grammar.joins}) {clock2}"),
            joined=re.compile(rf"(?<= ){clock} (?P<join>{grammar.joins}) {clock2}"),
            prefixed=re.compile(rf"(?<= )(?P<prefix>{prefix}) {clock}"),
            plain=re.compile(rf"(?<= ){clock}"),
            judged=re.compile(rf"(?<= ){clock}(?= (?:{grammar.predicates}) )"),
            closing=re.compile(rf" [.,] (?:(?:{grammar.polite}) )*{clock} (?:, )?(?:{grammar.closers})(?= [.,] | $)"),
            last=re.compile(rf"# [^.]*, {clock}(?= (?:. )?$)"),
            replaced=re.compile(rf"(?<= )(?:{grammar.replaces}) (?:[,.] )?{clock}"),
            chained=re.compile(rf" (?:, |(?:, )?(?:{grammar.links}) )(?:(?P<prefix>{prefix}) )?{clock}"),
            earlier=re.compile(rf"(?<= ){clock} (?:{grammar.links}) $"),
            answer=re.compile(rf" (?:(?:[.,]|{grammar.polite}) )*{clock}(?: (?:[.,]|{grammar.polite}))* "),
            follower=re.compile(rf" $| (?:[.,\-]|#+|{grammar.followers}) "),
            unit=re.compile(rf" (?:{grammar.units}) "),
        )
