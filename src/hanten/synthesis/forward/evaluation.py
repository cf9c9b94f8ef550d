"""How good a model is: loss and accuracy on true texts, exact match of what it writes, and rank of the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hanten.errors import StructureError
from hanten.synthesis.forward import architecture as net
from hanten.synthesis.forward import matching
from hanten.synthesis.forward.decoding import Translator, canonical_or_none, predict, search
from hanten.synthesis.forward.vocabulary import PAD


def teacher_forced(model: Translator, pairs: Sequence[tuple[str, str]], size: int = 50) -> dict[str, float]:
    """Mean loss per token, and the share of tokens that are the most probable, given the true ones before."""
    import torch

    loss = right = count = 0.0
    with torch.inference_mode():
        for k in range(0, len(pairs), size):
            source, target = (model.tensor([p[side] for p in pairs[k : k + size]]) for side in (0, 1))
            relation = matching.relations(model.kinds[source], model.kinds[target[:, :-1]])
            encoded = net.encode(model.parameters, model.config, source)
            logits = net.decode(model.parameters, model.config, encoded, target[:, :-1], relation)
            each = net.log_probabilities(*logits, source)
            real = target[:, 1:] != PAD
            wanted = target[:, 1:, None]
            loss -= (each.gather(-1, wanted)[..., 0] * real).sum().item()
            right += ((each.argmax(-1) == target[:, 1:]) & real).sum().item()
            count += real.sum().item()
    return {"loss": loss / count, "token_accuracy": right / count}


def exact_match(model: Translator, pairs: Sequence[tuple[str, str]], size: int = 100) -> int:
    """How many greedy answers are the right molecule."""
    hits = 0
    for k in range(0, len(pairs), size):
        part = pairs[k : k + size]
        for (_, target), texts in zip(part, search(model, [s for s, _ in part], beam=1), strict=True):
            wanted = canonical_or_none(target)
            hits += bool(texts) and wanted is not None and canonical_or_none(texts[0][0]) == wanted
    return hits


def ranks(
    model: Translator, reactions: Sequence[tuple[Sequence[str], str]], beam: int = 5, size: int = 50
) -> list[int | None]:
    """Rank of the true product among the predicted ones.

    Parameters
    ----------
    model : Translator
        Trained weights.
    reactions : sequence of (reactants, product)
        Canonical SMILES.
    beam : int
        Texts kept in the search, and the most products ranked.
    size : int
        Reactions in a batch.

    Returns
    -------
    list of int or None
        1 is the first; None where the truth is not among them, or the model cannot read the reactants.
    """
    found: list[int | None] = [None] * len(reactions)
    readable = [k for k, (reactants, _) in enumerate(reactions) if _can_read(model, reactants)]
    readable.sort(key=lambda k: sum(map(len, reactions[k][0])))
    for start in range(0, len(readable), size):
        rows = readable[start : start + size]
        for k, answer in zip(rows, predict(model, [reactions[r][0] for r in rows], beam, beam), strict=True):
            wanted = canonical_or_none(reactions[k][1])
            products = [product for product, _ in answer]
            found[k] = products.index(wanted) + 1 if wanted in products else None
    return found


def _can_read(model: Translator, reactants: Sequence[str]) -> bool:
    try:
        return not any(model.vocabulary.unknown(text) for text in reactants)
    except StructureError:
        return False


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Confidence interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    >>> low, high = wilson(50, 100)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    share, scale = hits / n, 1 + z**2 / n
    centre = (share + z**2 / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return centre - half, centre + half
