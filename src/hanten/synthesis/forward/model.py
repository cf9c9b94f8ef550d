"""The trained forward reaction model, without torch: products of reactants, and log p(product | reactants).

>>> from hanten.synthesis.forward import load_forward
>>> model = load_forward()
>>> model.log_prob([["CCO", "CC(=O)Cl"]], ["CCOC(C)=O"]).shape
(1,)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase

from hanten.errors import StructureError
from hanten.synthesis.forward import network as net
from hanten.synthesis.forward import relations
from hanten.synthesis.forward.alignment import source_order
from hanten.synthesis.forward.architecture import NEVER, ModelConfig
from hanten.synthesis.forward.mapping import aligned
from hanten.synthesis.forward.texts import Source, begun_elsewhere, canonical, token_count, token_numbers
from hanten.synthesis.forward.vocabulary import BEGIN, END, PAD, Vocabulary

ReactantSet: TypeAlias = str | Iterable[str]
#: Tokens of a batch, both sides; larger ones are no faster and need more memory.
BUDGET = 6000
_REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class ForwardTransformer:
    """A trained model: satisfies the forward model's two methods, ``predict`` and ``log_prob``.

    Attributes
    ----------
    parameters : mapping of float32 arrays
        Weights by name.
    config : ModelConfig
        Sizes.
    vocabulary : Vocabulary
        Tokens that it knows.
    longest : int
        Most tokens of the reactants, and of a product.
    texts : int
        Texts of the reactants that a prediction is averaged over: the canonical one, and others that begin at other
        atoms (test-time augmentation; Tetko et al. 2020, doi:10.1038/s41467-020-19266-y). 1 or more; more are slower.
    card : mapping
        What it was trained on, and its scores.
    """

    parameters: Mapping[str, net.Array] = field(repr=False)
    config: ModelConfig
    vocabulary: Vocabulary = field(repr=False)
    longest: int = 160
    texts: int = 1
    card: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _kinds: npt.NDArray[np.int16] = field(init=False, repr=False)
    _states: dict[Source, net.Array] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kinds", np.array(self.vocabulary.kinds, dtype=np.int16))

    def read(self, reactants: ReactantSet) -> Source:
        """A reactant set as the model reads it: canonical SMILES of its molecules, the longest first.

        Parameters
        ----------
        reactants : str or iterable of str
            SMILES joined by ``.``, or one by one.

        Raises
        ------
        StructureError
            If a molecule cannot be parsed, holds a token that the model never saw (which, and where), or the
            set is longer than the model reads.
        """
        texts = reactants.split(".") if isinstance(reactants, str) else list(reactants)
        parts = [part for text in texts for part in canonical(text).split(".")]
        if not parts:
            raise StructureError("no reactants", hint="give at least one molecule")
        source = tuple(sorted(parts, key=source_order))
        self._numbers(".".join(source))
        return source

    def why_not(self, reactants: ReactantSet) -> str | None:
        """The reason why a reactant set cannot be read, or None if it can."""
        try:
            self.read(reactants)
        except StructureError as error:
            return str(error)
        return None

    def predict(
        self, reactant_sets: Sequence[ReactantSet], n_best: int = 1, *, beam: int | None = None
    ) -> list[list[tuple[str, float]]]:
        """Products of reactant sets, the most probable first.

        Parameters
        ----------
        reactant_sets : sequence of (str or iterable of str)
            SMILES, joined by ``.`` or one by one.
        n_best : int
            Most products per set.
        beam : int, optional
            Texts kept in the search: at least 5, or ``n_best``.

        Returns
        -------
        list of lists of (str, float)
            Canonical SMILES and probability, summed over the texts of the beam that mean the molecule: a lower bound
            of its probability; with several texts of the reactants the mean over these. Texts that are no molecule
            are left out, so a list may be short or empty.

        Raises
        ------
        StructureError
            As :meth:`read`, naming the set.
        """
        found: list[dict[str, float]] = [{} for _ in reactant_sets]
        asked = [
            (row, text, 1 / len(texts))
            for row, texts in enumerate(map(self._rewritten, self._read_all(reactant_sets)))
            for text in texts
        ]
        width = beam or max(5, n_best)
        for part in self._batches([token_count(text) for _, text, _ in asked], per_row=2 * width):
            for k, texts in zip(part, self._search([asked[k][1] for k in part], width), strict=True):
                row, _, share = asked[k]
                for product, probability in _products(texts):
                    found[row][product] = found[row].get(product, 0.0) + share * probability
        return [sorted(one.items(), key=lambda item: -item[1])[:n_best] for one in found]

    def log_prob(
        self,
        reactant_sets: Sequence[ReactantSet],
        products: Sequence[str],
        *,
        errors: str = "raise",
    ) -> npt.NDArray[np.float64]:
        """Log-probability of each product given its reactants, teacher-forced.

        A translation model gives probabilities to *texts*, and a molecule has many. Scored is the one text that
        follows the reactants' atoms, as in training, by :func:`~hanten.synthesis.forward.mapping.aligned`: a
        deterministic function of reactants and product, so that it does not matter how either is written. So this is
        exact for that text, and a lower bound of the log-probability of the molecule; the rest lies mostly on texts
        that begin at an equivalent atom. With several ``texts`` of the reactants it is the logarithm of their mean.

        Parameters
        ----------
        reactant_sets : sequence of (str or iterable of str)
            SMILES, joined by ``.`` or one by one.
        products : sequence of str
            One SMILES per set.
        errors : {"raise", "impossible"}
            What to do with a set or product that the model cannot read; the second gives it ``-inf``.

        Returns
        -------
        array, shape (n,)
            Natural logarithms.

        Raises
        ------
        StructureError
            As :meth:`read`, naming the row.
        """
        if len(reactant_sets) != len(products):
            raise StructureError(f"{len(reactant_sets)} reactant sets, {len(products)} products")
        values = np.full(len(products), -np.inf)
        rows, pairs = [], []
        for k, (reactants, product) in enumerate(zip(reactant_sets, products, strict=True)):
            try:
                texts = self._written(self.read(reactants), product)
                pairs += texts
                rows += [k] * len(texts)
            except StructureError as error:
                if errors == "raise":
                    raise StructureError(error.message, where=f"row {k + 1}", hint=error.hint) from error
        np.logaddexp.at(values, rows, self.log_prob_texts(pairs))
        return values - np.log(np.maximum(np.bincount(rows, minlength=len(values)), 1))

    def write(self, source: Source, product: str) -> str:
        """The text of a product that follows a reactant set as :meth:`read` gives it."""
        known = _molecule(canonical(product))
        try:
            text = aligned(source, *known)
        except RuntimeError as error:
            raise StructureError(f"{product!r} cannot be written in the order of its reactants") from error
        self._numbers(text)
        return text

    def log_prob_texts(self, pairs: Sequence[tuple[Source, str]]) -> npt.NDArray[np.float64]:
        """Log-probability of each product *text* given its reactants, exact; reactants as :meth:`read` gives them."""
        targets = [[BEGIN, *self._numbers(text), END] for _, text in pairs]
        values = np.empty(len(pairs))
        lengths = [
            (token_count(source), len(target)) for (source, _), target in zip(pairs, targets, strict=True)
        ]
        for rows in self._batches(lengths):
            encoded = self._encoded([pairs[r][0] for r in rows])
            target = net.padded([targets[r] for r in rows])
            kinds = self._kinds[encoded.source], self._kinds[target[:, :-1]]
            logits = net.decode(
                self.parameters, self.config, encoded, target[:, :-1], relations.relations(*kinds)
            )
            each = net.target_log_probabilities(*logits, encoded.source, target[:, 1:])
            values[rows] = np.where(target[:, 1:] != PAD, each, 0).sum(axis=1, dtype=np.float64)
        return values

    def _read_all(self, reactant_sets: Sequence[ReactantSet]) -> list[Source]:
        sources = []
        for k, reactants in enumerate(reactant_sets):
            try:
                sources.append(self.read(reactants))
            except StructureError as error:
                raise StructureError(error.message, where=f"reactant set {k + 1}", hint=error.hint) from error
        return sources

    def _rewritten(self, source: Source) -> list[Source]:
        """A reactant set as it is read, and up to ``texts - 1`` others of it that begin at other atoms."""
        others = dict.fromkeys(begun_elsewhere(source, k, self.texts) for k in range(1, self.texts))
        return [source, *(text for text in others if text != source and self._readable(".".join(text)))]

    def _written(self, source: Source, product: str) -> list[tuple[Source, str]]:
        """Each text of a reactant set with the product's text that follows it."""
        first, *others = self._rewritten(source)
        pairs = [(first, self.write(first, product))]
        for text in others:
            with suppress(StructureError):
                pairs.append((text, self.write(text, product)))
        return pairs

    def _readable(self, text: str) -> bool:
        try:
            self._numbers(text)
        except StructureError:
            return False
        return True

    def _numbers(self, text: str) -> list[int]:
        return token_numbers(self.vocabulary, self.longest, text)

    def _encoded(self, sources: Sequence[Source]) -> net.Encoded:
        """Sources as the decoder sees them; the encoder's states of each reactant set are remembered."""
        texts = [[BEGIN, *self._numbers(".".join(source)), END] for source in sources]
        source = net.padded(texts)
        fresh = [k for k, name in enumerate(sources) if name not in self._states]
        if len(self._states) + len(fresh) > _REMEMBERED:
            kept = {name: self._states[name] for name in sources if name in self._states}
            self._states.clear()
            self._states.update(kept)
        if fresh:
            short = source[fresh][:, : max(len(texts[k]) for k in fresh)]
            for k, x in zip(fresh, net.states(self.parameters, self.config, short), strict=True):
                self._states[sources[k]] = x[: len(texts[k])].copy()
        x = np.zeros((*source.shape, self.config.width), dtype=np.float32)
        for k, name in enumerate(sources):
            x[k, : len(texts[k])] = self._states[name]
        return net.prepare(self.parameters, self.config, source, x)

    def _batches(self, lengths: Sequence[Any], per_row: int = 1) -> list[list[int]]:
        """Rows of nearly equal lengths together, in the order of length."""
        order = sorted(range(len(lengths)), key=lambda k: (lengths[k], k))
        batches: list[list[int]] = []
        for k in order:
            size = int(np.sum(lengths[k])) * per_row
            if batches and size * (len(batches[-1]) + 1) <= BUDGET * (4 if per_row > 1 else 1):
                batches[-1].append(k)
            else:
                batches.append([k])
        return batches

    def _search(self, sources: Sequence[Source], beam: int) -> list[list[tuple[str, float]]]:
        """Up to ``beam`` finished texts per source, and their log-probabilities, best first."""
        rows = np.repeat(np.arange(len(sources)), beam)
        encoded = self._encoded(sources).select(rows)
        kind = self._kinds[encoded.source]
        match, cache = relations.begin(kind), net.Cache()
        tokens = np.full((len(rows), 1), BEGIN)
        # All beams begin equal: only the first counts until they differ.
        total = np.where(np.arange(len(rows)) % beam == 0, 0.0, NEVER)
        done = np.zeros(len(rows), dtype=bool)
        for _ in range(self.longest):
            match = relations.advance(match, kind, self._kinds[tokens[:, -1]])
            write, point = net.decode(
                self.parameters, self.config, encoded, tokens[:, -1:], match.relation()[:, None], cache=cache
            )
            step = net.log_probabilities(write[:, 0], point[:, 0], encoded.source)
            keep, token, total = _best(total, step, done, beam)
            tokens = np.concatenate([tokens[keep], token[:, None]], axis=1)
            match, cache, done = match.select(keep), cache.select(keep), done[keep] | (token == END)
            if done.all():
                break
        texts = [self.vocabulary.decode(row) for row in tokens.tolist()]
        return [
            [(texts[k], float(total[k])) for k in range(s, s + beam) if done[k] and total[k] > NEVER / 2]
            for s in range(0, len(rows), beam)
        ]


@lru_cache(maxsize=4096)
def _molecule(smiles: str) -> tuple[Chem.Mol, Any]:
    from hanten.synthesis.forward.mapping import profile

    return Chem.MolFromSmiles(smiles), profile(smiles)


def _best(
    total: npt.NDArray[Any], step: net.Array, done: npt.NDArray[np.bool_], beam: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[Any]]:
    """Of all continuations the best ``beam`` per source: rows they come from, tokens, log-probabilities."""
    step[:, [PAD, BEGIN]] = NEVER
    step[done] = NEVER
    step[done, PAD] = 0.0
    each = (total[:, None] + step).reshape(-1, beam * step.shape[1])
    top = np.argpartition(-each, beam - 1, axis=1)[:, :beam]
    top.sort(axis=1)  # ties fall as they stand, whatever the partition did
    values = np.take_along_axis(each, top, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    top, values = np.take_along_axis(top, order, axis=1), np.take_along_axis(values, order, axis=1)
    rows = np.arange(len(each))[:, None] * beam + top // step.shape[1]
    return rows.ravel(), (top % step.shape[1]).ravel(), values.ravel()


def _products(texts: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Molecules of texts with summed probabilities, best first."""
    found: dict[str, float] = {}
    for text, value in texts:
        with rdBase.BlockLogs():
            mol = Chem.MolFromSmiles(text) if text else None
        if mol is not None:
            product = str(Chem.MolToSmiles(mol))
            found[product] = found.get(product, 0.0) + math.exp(value)
    return sorted(found.items(), key=lambda item: -item[1])
