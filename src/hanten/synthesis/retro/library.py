"""The templates that the package carries: cores of known reactions with how often they occur."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from rdkit import Chem

from hanten.errors import BundleError
from hanten.runs import atomic_write
from hanten.synthesis.retro.transform import Side, Transform, sides_of
from hanten.synthesis.retro.undo import pattern, undo

FORMAT_VERSION = 1
TEMPLATES = Path(__file__).parent / "templates.json.xz"
#: The ten classes of Schneider, Lowe, Sayle & Landrum 2015 (doi:10.1021/ci5006614), as USPTO-50K numbers them.
CLASSES = (
    "heteroatom alkylation or arylation",
    "acylation",
    "C-C bond formation",
    "heterocycle formation",
    "protection",
    "deprotection",
    "reduction",
    "oxidation",
    "functional group interconversion",
    "functional group addition",
)


@dataclass(frozen=True)
class Template:
    """A core, how often it was seen, and how often it could have been.

    Attributes
    ----------
    transform : Transform
    radius : int
    count : int
        Training reactions with this core.
    chance : float
        Share of the training products that contain its product side which were made by it.
    classes : tuple of float
        Probability of each of ``CLASSES``.
    """

    transform: Transform
    radius: int
    count: int
    chance: float
    classes: tuple[float, ...]

    @cached_property
    def _query(self) -> tuple[Chem.Mol, list[int]]:
        return pattern(self.transform)

    @cached_property
    def _needs(self) -> frozenset[Side]:
        return frozenset(node.product for node in self.transform.nodes if node.product is not None)

    def fits(self, product: Chem.Mol, has: frozenset[Side] | None = None) -> bool:
        """Whether its product side occurs in a molecule; ``has`` is :func:`sides_of` the molecule, to be asked first."""
        needed = self._needs <= (sides_of(product) if has is None else has)
        return needed and bool(product.HasSubstructMatch(self._query[0]))

    def undo(self, product: Chem.Mol) -> Iterator[tuple[str, ...]]:
        """Reactant sets it may have made a molecule from."""
        return undo(self.transform, *self._query, product)


@dataclass(frozen=True, eq=False)
class Templates:
    """All of them.

    Examples
    --------
    >>> templates = load_templates()
    >>> amide = Chem.MolFromSmiles("CCNC(=O)c1ccccc1")
    >>> found = templates.undo(amide)
    >>> ("CCN", "O=C(O)c1ccccc1") in found
    True
    """

    members: tuple[Template, ...]

    @cached_property
    def by_text(self) -> dict[tuple[int, str], Template]:
        """By radius and text of the core."""
        return {(one.radius, one.transform.to_text()): one for one in self.members}

    def undo(self, product: Chem.Mol, most: int = 100_000) -> dict[tuple[str, ...], tuple[float, Template]]:
        """Reactant sets of a product, each with its weight and the best template that gives it.

        Parameters
        ----------
        product : Mol
        most : int
            Templates that are applied; of those that fit, the likeliest.

        Returns
        -------
        dict
            Set of canonical SMILES -> (sum of the templates' chances, template), likeliest first.
        """
        has = sides_of(product)
        fitting = sorted((one for one in self.members if one.fits(product, has)), key=lambda one: -one.chance)
        found: dict[tuple[str, ...], tuple[float, Template]] = {}
        for template in fitting[:most]:
            for reactants in template.undo(product):
                weight, best = found.get(reactants, (0.0, template))
                found[reactants] = (weight + template.chance, best)
        return dict(sorted(found.items(), key=lambda item: (-item[1][0], item[0])))


def save_templates(
    path: str | Path, rows: Sequence[tuple[str, int, int, int, Sequence[int]]], facts: dict[str, object]
) -> None:
    """Write templates: core, radius, count, matched sample products, counts by class."""
    text = json.dumps({"format_version": FORMAT_VERSION, **facts, "templates": rows}, separators=(",", ":"))
    with atomic_write(path, "wb") as handle:
        handle.write(lzma.compress(text.encode(), preset=9))


def load_templates(path: str | Path | None = None) -> Templates:
    """The templates of the package, or of a file.

    Raises
    ------
    BundleError
        If the file is none, or of a newer format.
    """
    return _load(str(path or TEMPLATES))


@lru_cache(maxsize=4)
def _load(path: str) -> Templates:
    try:
        content = json.loads(lzma.decompress(Path(path).read_bytes()))
        version, reactions, sample = content["format_version"], content["reactions"], content["sample"]
    except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"no templates: {error}", where=path) from error
    if version > FORMAT_VERSION:
        raise BundleError(
            f"format {version} is newer than {FORMAT_VERSION}", where=path, hint="update hanten"
        )
    prior = content["classes"]
    members = []
    for text, radius, count, matched, classes in content["templates"]:
        # Laplace's rule on either side keeps rare ones from certainty.
        chance = min(1.0, (count / reactions) / ((matched + 1) / (sample + 1)))
        total = sum(classes) + 1.0
        shares = tuple((n + p) / total for n, p in zip(classes, prior, strict=True))
        members.append(Template(Transform.from_text(text), radius, count, chance, shares))
    return Templates(tuple(members))
