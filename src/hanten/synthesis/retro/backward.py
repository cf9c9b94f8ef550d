"""The backward model: reactants that a product may have been made from. It proposes, and judges nothing.

Trained by the same program as the forward model, with source and target exchanged. What it proposes enters the reference
distribution of a run beside what templates propose; the posterior does not know who proposed a state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from hanten.errors import BundleError
from hanten.synthesis.forward.bundled import LIBRARY, load_forward
from hanten.synthesis.forward.model import ForwardTransformer

#: A reactant set (canonical SMILES, sorted) and its probability.
Guess: TypeAlias = tuple[tuple[str, ...], float]
BUNDLED = LIBRARY / "backward.safetensors"
GUESSES = 10


class Backward(Protocol):
    """What is needed of a backward model."""

    def reactant_sets(self, products: Sequence[str], n: int = GUESSES) -> list[list[Guess]]:
        """Up to ``n`` reactant sets of each product, likeliest first."""
        ...


@dataclass(frozen=True, eq=False)
class BackwardTransformer:
    """A translation model from products to reactants.

    Attributes
    ----------
    model : ForwardTransformer
        Trained with ``--direction backward``.

    Examples
    --------
    >>> (guesses,) = load_backward().reactant_sets(["CCNC(=O)c1ccccc1"], n=5)
    >>> len(guesses) <= 5, all(0 < probability <= 1 for _, probability in guesses)
    (True, True)
    """

    model: ForwardTransformer

    def reactant_sets(self, products: Sequence[str], n: int = GUESSES) -> list[list[Guess]]:
        """Up to ``n`` reactant sets of each product, likeliest first; none where it cannot read the product.

        Parameters
        ----------
        products : sequence of str
            SMILES.
        n : int
            Most sets per product; also the width of the beam.

        Returns
        -------
        list of lists of (tuple of str, float)
            Canonical SMILES, sorted, and probability. A set that contains the product is left out.
        """
        readable = [k for k, product in enumerate(products) if self.model.why_not([product]) is None]
        answers = self.model.predict([[products[k]] for k in readable], n, beam=n)
        found: list[list[Guess]] = [[] for _ in products]
        for k, answer in zip(readable, answers, strict=True):
            sets = [(tuple(sorted(text.split("."))), probability) for text, probability in answer]
            found[k] = [one for one in sets if products[k] not in one[0]]
        return found


def load_backward(path: str | Path | None = None) -> BackwardTransformer:
    """The bundled backward model, or that of a file written by ``python -m hanten.synthesis.forward.bundle``.

    Raises
    ------
    BundleError
        If the file is none, holds a forward model, or was trained on the canonical SMILES of another RDKit release.
    """
    model = load_forward(path or BUNDLED)
    if model.card.get("pairs", {}).get("settings", {}).get("direction") != "backward":
        raise BundleError(
            "holds no backward model",
            where=str(path),
            hint="train one with --direction backward, and bundle it",
        )
    return BackwardTransformer(model)
