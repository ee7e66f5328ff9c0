"""Words that an expected answer is made of, as a trie of tokens with a cost at every step off it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from antiphon.engines.stt.moonshine_onnxruntime.vocabulary import END, Vocabulary
from antiphon.events.speech import Samples

_SIGNS = frozenset("▁.,-?!'/+:")
_WORDS = re.compile(r"\d+|[^\W\d_]+(?:['’.][^\W\d_]+)*")


@dataclass(slots=True, eq=False)
class Node:
    """A place inside a word: the tokens that lead on, and whether another word may follow."""

    next: dict[int, "Node"] = field(default_factory=dict)
    complete: bool = True
    weights: Samples | None = None


class Lexicon:
    """Weights to add to log-probabilities, depending on the word a beam is in.

    A word of the core ("seven", "May") or a joint ("oh", "of the") costs nothing, a carrier ("my number is")
    `carrier_cost` once, anything else `penalty` a token: soft, so that what the caller really said can still win. A
    trie rather than a set of tokens, because the parts of allowed words ("N", "ine") spell
    disallowed ones too.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        core: Collection[str],
        joints: Collection[str],
        carriers: Collection[str],
        *,
        carrier_cost: float,
        penalty: float,
        figure_cost: float = 0.0,
    ) -> None:
        self._vocabulary, self._penalty = vocabulary, penalty
        self._core = frozenset(w.lower() for w in core)
        self._words = self._core.union(w.lower() for w in (*joints, *carriers))
        self.root = Node()
        self._starts = np.full(len(vocabulary), -penalty, np.float32)
        for word in carriers:
            self._add(word, -carrier_cost)
        for word in (*joints, *core):
            self._add(word, 0.0)
        self._starts[[i for i, piece in enumerate(vocabulary.pieces) if i > END and _of_signs(piece)]] = 0.0
        self._starts[[i for i, piece in enumerate(vocabulary.pieces) if i > END and _has_figures(piece)]] = -figure_cost
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

    def answers(self, text: str) -> bool:
        """Whether `text` has expected words and numerals only, at least one of the core among them."""
        return self.told(text) > 0

    def told(self, text: str) -> int:
        """How many words of the core and numerals `text` has; 0 where it has any word that was not expected."""
        words = _WORDS.findall(text.lower())
        expected = all(w in self._words or w.isdigit() for w in words)
        return sum(w in self._core or w.isdigit() for w in words) if expected else 0

    def cost(self, ids: Sequence[int]) -> float:
        """The sum of the weights of a reading, its end included."""
        node, total = self.root, 0.0
        for token in (*ids, END):
            total += float(self.weights(node)[token])
            node = self.after(node, token)
        return total

    def _add(self, word: str, weight: float) -> None:
        for spelling in (word, word.capitalize()):
            ids = self._vocabulary.encode(spelling)
            self._starts[ids[0]] = weight
            node = self.root
            for token in ids:
                node = node.next.setdefault(token, Node(complete=_of_signs(self._vocabulary.pieces[token])))
            node.complete = True


def _has_figures(piece: str) -> bool:
    """Whether a token is a number in figures, or a part of one."""
    return _of_signs(piece) and any(c.isdigit() for c in piece)


def _of_signs(piece: str) -> bool:
    """Whether a token is made of the digits and signs that numbers, dates and times are written with."""
    return piece != "" and all(c in _SIGNS or c in "0123456789" for c in piece)
