"""What a receptionist knows of the place it answers for; comes from the stack file."""

from dataclasses import dataclass, field
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of one weekday (Monday is 0), local time."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Service:
    """Something one can book.

    Attributes:
        name: stable name, such as `checkup`.
        words: words and phrases by language that callers use for it; the first is what the agent says.
        minutes: how long it takes.
        price: what the agent says about its price, by language; empty when it has no fixed price.
    """

    name: str
    words: dict[str, tuple[str, ...]]
    minutes: int = 30
    price: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question the practice is often asked.

    Attributes:
        name: such as `parking`.
        cues: words and phrases by language that point to the question.
        text: the answer by language.
    """

    name: str
    cues: dict[str, tuple[str, ...]]
    text: dict[str, str]


@dataclass(frozen=True, slots=True)
class Practice:
    """A place that takes calls; `closed` lists whole days off, such as public holidays."""

    name: str
    timezone: str
    phone_region: str
    languages: tuple[str, ...]
    hours: tuple[Hours, ...]
    services: tuple[Service, ...]
    answers: tuple[Answer, ...] = ()
    staff: tuple[str, ...] = ()
    emergency_number: str = "144"
    greeting: dict[str, str] = field(default_factory=dict)
    closed: tuple[date, ...] = ()
