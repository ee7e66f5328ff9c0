"""The closed word classes that the readers and the speaking side share: number words, weekdays, months."""

from typing import Final


def vocabulary(words: str) -> frozenset[str]:
    """The words of a text as a set; so long lists stay readable."""
    return frozenset(words.split())


UNITS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
}
TEENS: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        *("ten", "eleven", "twelve", "thirteen", "fourteen"),
        *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    ),
    "de": (
        *("zehn", "elf", "zwölf", "dreizehn", "vierzehn"),
        *("fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"),
    ),
}
TENS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
    "de": ("zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"),
}
WEEKDAYS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
MONTHS: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
}
FILLERS: Final[frozenset[str]] = vocabulary(
    "uh uhm um umm uhh er erm eh ehm aeh aehm oeh oehm hm hmm mhm ah oh well äh ähm öh"
)
"""Sounds of hesitation, folded as in `canonical.fold`."""


def known(language: str) -> str:
    """The language whose grammar reads `language` (a code such as `de-CH`): German, or English for all others."""
    return "de" if language[:2].lower() == "de" else "en"
