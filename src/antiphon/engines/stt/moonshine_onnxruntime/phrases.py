"""A bonus for terms that are likely now: names of a list, services."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import Vocabulary
from antiphon.events.speech import Samples

MANY_TERMS = 30
"""Lists up to this long get the full bonus."""


@dataclass(slots=True)
class _Node:
    next: dict[int, "_Node"] = field(default_factory=dict)
    complete: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a beam stands: the term it is in, and the bonus it has been lent for it."""

    node: _Node | None = None
    lent: float = 0.0


NOWHERE = Place()


class Phrases:
    """A trie of terms. Each token that leads on in a term earns `boost`; a term left incomplete gives it all back."""

    def __init__(self, vocabulary: Vocabulary, terms: Iterable[str], boost: float) -> None:
        terms = {term.strip() for term in terms} - {""}
        # The more terms, the more of them resemble what was said instead: long lists must be weaker.
        self._root, self._boost = _Node(), boost * min(1.0, MANY_TERMS / max(1, len(terms)))
        for term in sorted(terms):
            for spelling in sorted({term, term.lower(), term.capitalize()}):
                self._add(vocabulary.encode(spelling))

    def weigh(self, place: Place, log_p: Samples) -> Samples:
        """The log-probabilities with the bonuses of this place: float32 [vocabulary]."""
        weighed = log_p - place.lent if place.lent else log_p.copy()
        for token in self._root.next:
            weighed[token] += self._boost
        if place.node is not None:
            for token in place.node.next:
                weighed[token] = log_p[token] + self._boost
        return weighed

    def after(self, place: Place, token: int) -> Place:
        """The place after `token`."""
        node = place.node.next.get(token) if place.node is not None else None
        lent = place.lent
        if node is None:
            node, lent = self._root.next.get(token), 0.0
        if node is None:
            return NOWHERE
        return Place(node, 0.0 if node.complete else lent + self._boost)

    def _add(self, ids: list[int]) -> None:
        node = self._root
        for token in ids:
            node = node.next.setdefault(token, _Node())
        node.complete = bool(ids)
