"""Reactions: reactants, product, and what stands over the arrow; the tokens a translation model reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hanten.chem.polymer import Molecule
from hanten.errors import StructureError

#: Atoms in brackets are one token; Br and Cl are one token; ring closures above 9 are one token (``%12``).
#: After Schwaller et al. 2018, doi:10.1039/C8SC02339E.
TOKEN = re.compile(
    r"\[[^\[\]]+\]|Br|Cl|B|N|O|S|P|F|I|C|b|c|n|o|s|p|%\d\d|\d|\(|\)|\.|=|#|-|\+|\\|/|:|~|@|\?|>|\*|\$"
)
_ARROW = ">"


def tokenize(smiles: str) -> list[str]:
    """Tokens of a SMILES, or of several joined by ``.``; joined again they are the text.

    Parameters
    ----------
    smiles : str
        No blanks; reaction SMILES (with ``>``) are cut as well.

    Returns
    -------
    list of str
        A bracket atom, an element, a ring closure, a bond or a parenthesis each.

    Raises
    ------
    StructureError
        Naming the first character that begins no token, and its place (counted from 1).

    Examples
    --------
    >>> tokenize("C[C@H](Cl)Br")
    ['C', '[C@H]', '(', 'Cl', ')', 'Br']
    >>> tokenize("CC!")
    Traceback (most recent call last):
    hanten.errors.StructureError: 'CC!': '!' (character 3) is no part of a SMILES
    """
    if not isinstance(smiles, str):
        raise StructureError(f"{smiles!r} is a {type(smiles).__name__}, not the text of a molecule")
    tokens, end = [], 0
    for match in TOKEN.finditer(smiles):
        if match.start() != end:
            break
        tokens.append(match[0])
        end = match.end()
    if end != len(smiles):
        raise StructureError(f"{smiles!r}: {smiles[end]!r} (character {end + 1}) is no part of a SMILES")
    return tokens


@dataclass(frozen=True, slots=True, order=True, init=False)
class Reaction:
    """One reaction step: a multiset of reactants gives one product.

    Parameters
    ----------
    reactants : str or iterable of str or Molecule
        SMILES joined by ``.``, or one by one. The order does not matter, the number of each does. In one text
        every ``.`` separates, so give a salt that is one reactant as an item of its own.
    product : str or Molecule
        SMILES.
    reaction_class : str, optional
        Name of the class of reaction, where it is known.
    reagents : str or iterable of str or Molecule, optional
        What stands over the arrow and gives no atoms to the product. Not part of the identity.

    Attributes
    ----------
    reactants, reagents : tuple of Molecule
        Sorted by canonical SMILES.
    product : Molecule
        The product. Reactants and product alone decide equality, order and hash.

    Raises
    ------
    StructureError
        If a part cannot be read, there is no reactant, or the product is one of the reactants.

    Examples
    --------
    >>> esterification = Reaction("OCC.CC(=O)O", "CCOC(C)=O", reagents="OS(=O)(=O)O")
    >>> str(esterification)
    'CC(=O)O.CCO>O=S(=O)(O)O>CCOC(C)=O'
    >>> esterification == Reaction("CC(=O)O.CCO", "CCOC(C)=O")
    True
    >>> esterification == Reaction(["CCO", "CCO", "CC(=O)O"], "CCOC(C)=O")
    False
    """

    reactants: tuple[Molecule, ...]
    product: Molecule
    reaction_class: str | None = field(compare=False)
    reagents: tuple[Molecule, ...] = field(compare=False)

    def __init__(
        self,
        reactants: str | Iterable[str | Molecule],
        product: str | Molecule,
        reaction_class: str | None = None,
        reagents: str | Iterable[str | Molecule] = (),
    ) -> None:
        object.__setattr__(self, "reactants", _molecules(reactants))
        object.__setattr__(self, "product", _molecule(product))
        object.__setattr__(self, "reaction_class", reaction_class)
        object.__setattr__(self, "reagents", _molecules(reagents))
        if not self.reactants:
            raise StructureError(f"no reactant gives {self.product}", hint="a reaction has at least one")
        if self.product in self.reactants:
            raise StructureError(f"{self.product}: the product is one of the reactants, so nothing happened")

    @classmethod
    def parse(cls, text: str) -> Reaction:
        """Read a reaction SMILES ``reactants>reagents>product`` (``>>`` where there are no reagents).

        Examples
        --------
        >>> Reaction.parse("CCO.CC(=O)O>>CCOC(C)=O").product
        Molecule('CCOC(C)=O')
        >>> Reaction.parse("CCO.CC(=O)O")
        Traceback (most recent call last):
        hanten.errors.StructureError: 'CCO.CC(=O)O': 0 of the 2 '>' of a reaction (write ...
        """
        parts = text.strip().split(_ARROW) if isinstance(text, str) else []
        if len(parts) != 3:
            raise StructureError(
                f"{text!r}: {max(len(parts) - 1, 0)} of the 2 '>' of a reaction",
                hint="write reactants>reagents>product",
            )
        return cls(parts[0], parts[2], reagents=parts[1])

    @property
    def reactant_smiles(self) -> str:
        """Canonical SMILES of the reactants, joined by ``.``."""
        return ".".join(m.smiles for m in self.reactants)

    def __str__(self) -> str:
        reagents = ".".join(m.smiles for m in self.reagents)
        return f"{self.reactant_smiles}>{reagents}>{self.product}"

    def __repr__(self) -> str:
        return f"Reaction.parse({str(self)!r})"


def _molecule(item: str | Molecule) -> Molecule:
    return item if isinstance(item, Molecule) else Molecule(item)


def _molecules(items: str | Iterable[str | Molecule]) -> tuple[Molecule, ...]:
    if isinstance(items, str):
        items = items.split(".") if items else ()
    return tuple(sorted(_molecule(item) for item in items))
