"""Words that an expected answer is made of, as a trie of tokens with a cost at every step off it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import END, Vocabulary
from antiphon.events.speech import Samples

_SIGNS = frozenset("▁.,-?!'/+:")


@dataclass(slots=True, eq=False)
class Node:
    """A place inside a word: the tokens that lead on, and whether a word may end here."""

    next: dict[int, "Node"] = field(default_factory=dict)
    complete: bool = True
    weights: Samples | None = None


class Lexicon:
    """Weights to add to log-probabilities, depending on the word a beam is in.

    A word of the core costs nothing, a carrier ("my number is") `carrier_cost` once, anything else `penalty` a token:
    soft, so that what the caller really said can still win. A trie rather than a set of tokens, because the parts of
    allowed words ("N", "ine") spell disallowed ones too.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        core: Iterable[str] = (),
        carriers: Iterable[str] = (),
        *,
        carrier_cost: float,
        penalty: float,
    ) -> None:
        self._vocabulary, self._penalty = vocabulary, penalty
        self.root = Node()
        self._starts = np.full(len(vocabulary), -penalty, np.float32)
        for word in carriers:
            self._add(word, -carrier_cost)
        for word in core:
            self._add(word, 0.0)
        self._starts[[i for i, piece in enumerate(vocabulary.pieces) if i > END and _of_signs(piece)]] = 0.0
        self._starts[END] = 0.0
        self.root.weights = self._starts

    def weights(self, node: Node) -> Samples:
        """What to add to the next token's log-probabilities: float32 [vocabulary]."""
        if node.weights is None:
            weights = self._starts.copy() if node.complete else np.full_like(self._starts, -self._penalty)
            weights[list(node.next)] = 0.0
            node.weights = weights
        return node.weights

    def after(self, node: Node, token: int) -> Node:
        """The place after `token`."""
        return node.next.get(token) or self.root.next.get(token, self.root)

    def _add(self, word: str, weight: float) -> None:
        for spelling in (word, word.capitalize()):
            ids = self._vocabulary.encode(spelling)
            self._starts[ids[0]] = weight
            node = self.root
            for token in ids:
                node = node.next.setdefault(token, Node(complete=False))
            node.complete = True


class NoNumerals(Lexicon):
    """Anything may be said but numerals: a name can be made of any letters."""

    def __init__(self, vocabulary: Vocabulary, *, penalty: float) -> None:
        super().__init__(vocabulary, carrier_cost=0.0, penalty=0.0)
        self._starts[[i for i, piece in enumerate(vocabulary.pieces) if any(c.isdigit() for c in piece)]] = -penalty


def _of_signs(piece: str) -> bool:
    """Whether a token is made of the digits and signs that numbers, dates and times are written with."""
    return piece != "" and all(c in _SIGNS or c in "0123456789" for c in piece)
