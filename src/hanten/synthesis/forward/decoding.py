"""From reactants to products: beam search, and the log-probability of a given product text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdkit import Chem, rdBase

from hanten.synthesis.forward import architecture as net
from hanten.synthesis.forward import matching
from hanten.synthesis.forward.alignment import in_source_order
from hanten.synthesis.forward.pairs import padded
from hanten.synthesis.forward.vocabulary import BEGIN, END, PAD, Vocabulary

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Translator:
    """A model ready for use.

    Attributes
    ----------
    parameters : dict of tensors
        Weights.
    config : ModelConfig
        Sizes.
    vocabulary : Vocabulary
        Tokens.
    """

    parameters: net.Parameters
    config: net.ModelConfig
    vocabulary: Vocabulary

    @property
    def device(self) -> object:
        """Where the weights are."""
        return self.parameters["embed"].device

    @property
    def kinds(self) -> Tensor:
        """Kind of each token, for ``matching``."""
        import torch

        return torch.tensor(self.vocabulary.kinds, device=self.device)

    def tensor(self, texts: Sequence[str]) -> Tensor:
        """Token numbers of texts, padded; StructureError for tokens the model never saw."""
        import torch

        return torch.from_numpy(padded(self.vocabulary.encode(text) for text in texts)).to(self.device)


def predict(
    model: Translator,
    reactant_sets: Sequence[Sequence[str]],
    n_best: int = 1,
    beam: int = 5,
    longest: int = 160,
) -> list[list[tuple[str, float]]]:
    """Products of reactant sets, most probable first.

    Parameters
    ----------
    model : Translator
        Trained weights.
    reactant_sets : sequence of sequences of str
        Canonical SMILES of the reactants.
    n_best : int
        Most products per set.
    beam : int
        Texts kept at each step of the search.
    longest : int
        Most tokens of a product.

    Returns
    -------
    list of lists of (str, float)
        Canonical product and probability, summed over the texts of the beam that mean it; texts that RDKit
        cannot read are left out, so that a list may be shorter than ``n_best`` or empty.
    """
    sources = [in_source_order(reactants) for reactants in reactant_sets]
    answers = []
    for texts in search(model, sources, beam, longest):
        products: dict[str, float] = {}
        for text, log_probability in texts:
            product = canonical_or_none(text)
            if product:
                products[product] = products.get(product, 0.0) + math.exp(log_probability)
        answers.append(sorted(products.items(), key=lambda item: -item[1])[:n_best])
    return answers


def canonical_or_none(text: str) -> str | None:
    """Canonical SMILES of a written product, or None if it is not one."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(text) if text else None
        return None if mol is None else Chem.MolToSmiles(mol)


def log_probability(model: Translator, sources: Sequence[str], targets: Sequence[str]) -> list[float]:
    """Log-probability of each target *text* given its source text, teacher-forced, in one batch."""
    import torch

    source, target = model.tensor(sources), model.tensor(targets)
    with torch.inference_mode():
        each = _teacher_forced(model, source, target)
        return [float(value) for value in (each * (target[:, 1:] != PAD)).sum(dim=1)]


def _teacher_forced(model: Translator, source: Tensor, target: Tensor) -> Tensor:
    relation = matching.relations(model.kinds[source], model.kinds[target[:, :-1]])
    encoded = net.encode(model.parameters, model.config, source)
    write, point = net.decode(model.parameters, model.config, encoded, target[:, :-1], relation)
    return net.target_log_probabilities(write, point, source, target[:, 1:])


def search(
    model: Translator, sources: Sequence[str], beam: int = 5, longest: int = 160
) -> list[list[tuple[str, float]]]:
    """Beam search over target texts.

    Returns
    -------
    list of lists of (str, float)
        Per source up to ``beam`` finished texts and their log-probabilities, best first. ``beam=1`` is greedy.
    """
    import torch

    with torch.inference_mode():
        source = model.tensor(sources)
        n, rows = len(sources), torch.arange(len(sources), device=source.device).repeat_interleave(beam)
        encoded = net.encode(model.parameters, model.config, source).select(rows)
        kinds = model.kinds
        kind = kinds[encoded.source]
        match, cache = matching.begin(kind), net.Cache()
        tokens = torch.full((n * beam, 1), BEGIN, device=source.device)
        # All beams begin equal: only the first counts until they differ.
        total = torch.full((n, beam), net.NEVER, device=source.device)
        total[:, 0] = 0.0
        total = total.flatten()
        done = torch.zeros(n * beam, dtype=torch.bool, device=source.device)
        for _ in range(longest):
            match = matching.advance(match, kind, kinds[tokens[:, -1]])
            relation = match.relation()[:, None]
            logits = net.decode(
                model.parameters, model.config, encoded, tokens[:, -1:], relation, cache=cache
            )
            step = net.log_probabilities(*logits, encoded.source)[:, 0]
            keep, token, total = _best(total, step, done, beam)
            tokens = torch.cat([tokens[keep], token[:, None]], dim=1)
            match, cache, done = match.select(keep), cache.select(keep), done[keep] | (token == END)
            if done.all():
                break
    return _texts(model.vocabulary, tokens, total, done, beam)


def _best(total: Tensor, step: Tensor, done: Tensor, beam: int) -> tuple[Tensor, Tensor, Tensor]:
    """Of all continuations the best ``beam`` per source: rows they come from, tokens, log-probabilities."""
    import torch

    step = step.clone()
    step[:, [PAD, BEGIN]] = net.NEVER
    step[done] = net.NEVER
    step[done, PAD] = 0.0
    each = (total[:, None] + step).view(-1, beam * step.shape[1])
    best = each.topk(beam, dim=1)
    first = torch.arange(len(each), device=total.device)[:, None] * beam
    rows = first + best.indices.div(step.shape[1], rounding_mode="floor")
    return rows.flatten(), (best.indices % step.shape[1]).flatten(), best.values.flatten()


def _texts(
    vocabulary: Vocabulary, tokens: Tensor, total: Tensor, done: Tensor, beam: int
) -> list[list[tuple[str, float]]]:
    rows = [
        (vocabulary.decode(row), value) for row, value in zip(tokens.tolist(), total.tolist(), strict=True)
    ]
    finished = done.tolist()
    return [
        [rows[k] for k in range(start, start + beam) if finished[k] and rows[k][1] > net.NEVER / 2]
        for start in range(0, len(rows), beam)
    ]
