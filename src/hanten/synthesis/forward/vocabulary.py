"""The tokens a model knows, and the refusal of those it does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hanten.chem.reaction import tokenize
from hanten.errors import StructureError

PAD, BEGIN, END = 0, 1, 2
SPECIAL = ("<pad>", "<begin>", "<end>")
_ELEMENT = re.compile(r"\[\d*(?P<element>se|as|[A-Z][a-z]?|[a-z])")


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by number; the first three are padding, begin and end.

    Examples
    --------
    >>> vocabulary = Vocabulary.of(["CCO", "CC(C)=O"])
    >>> vocabulary.encode("CO")
    [1, 6, 7, 2]
    >>> vocabulary.decode([1, 6, 7, 2])
    'CO'
    >>> vocabulary.encode("CCl")
    Traceback (most recent call last):
    hanten.errors.StructureError: 'CCl': tokens the model never saw: Cl
    """

    tokens: tuple[str, ...]
    numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.tokens[:3] != SPECIAL:
            raise ValueError(f"the first tokens are {SPECIAL}, not {self.tokens[:3]}")
        object.__setattr__(self, "numbers", {token: k for k, token in enumerate(self.tokens)})

    @classmethod
    def of(cls, texts: Iterable[str], least: int = 1) -> Vocabulary:
        """The tokens that occur at least ``least`` times in the texts, sorted."""
        counts = Counter(token for text in texts for token in tokenize(text))
        return cls(SPECIAL + tuple(sorted(token for token, n in counts.items() if n >= least)))

    def __len__(self) -> int:
        return len(self.tokens)

    def unknown(self, text: str) -> list[str]:
        """The distinct tokens of a text that are not in the vocabulary."""
        return sorted({token for token in tokenize(text) if token not in self.numbers})

    @property
    def kinds(self) -> list[int]:
        """For each token the first of its kind: ring closures are one kind, and so is an element in all its brackets.

        >>> Vocabulary((*SPECIAL, "1", "2", "C", "[C@H]", "[nH]", "n")).kinds
        [0, 1, 2, 3, 3, 5, 5, 7, 7]
        """
        first: dict[str, int] = {}
        return [first.setdefault(_kind(token), number) for number, token in enumerate(self.tokens)]

    def encode(self, text: str) -> list[int]:
        """Numbers of a text, between begin and end.

        Raises
        ------
        StructureError
            Naming the tokens that the model never saw.
        """
        if unknown := self.unknown(text):
            raise StructureError(f"{text!r}: tokens the model never saw: {' '.join(unknown)}")
        return [BEGIN, *(self.numbers[token] for token in tokenize(text)), END]

    def decode(self, numbers: Sequence[int]) -> str:
        """The text of numbers, up to the first end."""
        text = []
        for number in numbers:
            if number == END:
                break
            if number > END:
                text.append(self.tokens[number])
        return "".join(text)


def _kind(token: str) -> str:
    if token[0] == "%" or token.isdigit():
        return "1"
    if token in {"/", "\\"}:
        return "/"
    found = _ELEMENT.match(token)
    return found["element"] if found else token
