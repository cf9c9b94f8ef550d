"""Many reactant sets at once: same length, same order, and a reason where there is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanten.synthesis.forward.model import ForwardTransformer

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Answer:
    """What became of one reactant set.

    Attributes
    ----------
    reactants : str
        As given.
    products : tuple of (str, float)
        Canonical SMILES and probability, best first.
    error : str or None
        Why there are none.
    """

    reactants: str
    products: tuple[tuple[str, float], ...]
    error: str | None

    def record(self) -> dict[str, Any]:
        """For JSON."""
        products = [{"product": product, "probability": value} for product, value in self.products]
        return {"reactants": self.reactants, "products": products, "error": self.error}


def predict_rows(model: ForwardTransformer, reactants: Sequence[str], n_best: int = 5) -> list[Answer]:
    """Products of reactant sets given as text; a set that cannot be read is a row with a reason.

    Examples
    --------
    >>> from hanten.synthesis.forward import load_forward
    >>> answers = predict_rows(load_forward(), ["CCO.CC(=O)Cl", "CC("])
    >>> len(answers[0].products) > 0, answers[1].error
    (True, "'CC(' cannot be read as a molecule")
    """
    errors = [model.why_not(text) for text in reactants]
    readable = [k for k, error in enumerate(errors) if error is None]
    found = dict(zip(readable, model.predict([reactants[k] for k in readable], n_best), strict=True))
    nothing = "no text that the model writes is a molecule"
    return [
        Answer(str(text), tuple(found.get(k, ())), error or (None if found[k] else nothing))
        for k, (text, error) in enumerate(zip(reactants, errors, strict=True))
    ]


def as_frame(answers: Sequence[Answer]) -> pd.DataFrame:
    """One row per product, and one per set without any."""
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for answer in answers:
        for rank, (product, value) in enumerate(answer.products, 1):
            rows.append((answer.reactants, rank, product, value, None))
        if not answer.products:
            rows.append((answer.reactants, None, None, None, answer.error))
    table = pd.DataFrame(rows, columns=["reactants", "rank", "product", "probability", "error"])
    return table.astype({"rank": "Int64", "probability": "float64"})
