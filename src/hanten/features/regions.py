"""Which atoms of a repeat unit are backbone, and which are side chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdkit import Chem

from hanten.errors import StructureError

if TYPE_CHECKING:
    from hanten.features.structure import Structure

REGIONS = ("all", "backbone", "side chain")


def backbone(structure: Structure) -> frozenset[int]:
    """Atoms on the paths between the attachment points, in the numbering without attachment points.

    That is the shortest path and every ring it passes through: a ring that shares two atoms with the backbone
    belongs to it, one that hangs on a bond or shares a single (spiro) atom does not. The fluorene of a
    9,9-linked unit is a side group; that of a 2,7-linked unit is backbone.

    Raises
    ------
    StructureError
        For a molecule, which has none.

    Examples
    --------
    >>> from hanten.features.structure import Structure
    >>> sorted(backbone(Structure.read("*CC(*)c1ccccc1")))
    [0, 1]
    >>> len(backbone(Structure.read("*c1ccc(*)cc1")))
    6
    """
    ends = structure.ends
    if ends is None:
        raise StructureError(
            f"{structure.text!r} is a molecule and has no backbone", hint="a polymer has two '*'"
        )
    found = {ends.head} if ends.head == ends.tail else set(shortest_path(structure))
    rings = [set(ring) for ring in Chem.GetSymmSSSR(structure.mol)]
    while passed := [ring for ring in rings if len(ring & found) > 1 and not ring <= found]:
        found = found.union(*passed)
    return frozenset(i - sum(point < i for point in ends.points) for i in found)


def shortest_path(structure: Structure) -> tuple[int, ...]:
    """Atoms from head to tail along the shortest path, in the numbering with attachment points."""
    assert structure.ends is not None
    if structure.ends.head == structure.ends.tail:
        return (structure.ends.head,)
    path: tuple[int, ...] = Chem.GetShortestPath(structure.mol, structure.ends.head, structure.ends.tail)
    return path


def region_atoms(structure: Structure, region: str) -> list[int]:
    """Atoms of one of :data:`REGIONS`, in order, in the numbering without attachment points.

    Examples
    --------
    >>> from hanten.features.structure import Structure
    >>> region_atoms(Structure.read("*CC(*)C"), "side chain")
    [2]
    """
    everything = range(structure.mol.GetNumAtoms() - 2 * structure.is_polymer)
    if region == "all":
        return list(everything)
    main = backbone(structure)
    return [i for i in everything if (i in main) == (region == "backbone")]
