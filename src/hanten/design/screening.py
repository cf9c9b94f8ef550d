"""Screening: what a chemist asks of a candidate before making it.

How hard it is (synthetic accessibility), what it is (polymer class, mesogenic fragments), whether a
polymerisation rule makes it from known monomers, which known polymer is nearest, and whether it carries a
group it should not. :func:`screen` answers for a batch, :func:`shortlist` picks a diverse few and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from hanten.chem import Polymer, canonical_psmiles
from hanten.chem.chain import Chain, chain_of
from hanten.design.alerts import alerts
from hanten.design.mesogens import mesogens
from hanten.design.polymer_class import classify
from hanten.design.synthesizability import sa_score
from hanten.errors import DataError, StructureError, UnknownNameError, did_you_mean

COLUMNS = (
    "structure",
    "canonical",
    "error",
    "sa_score",
    "polymer_class",
    "liquid_crystal",
    "mesogens",
    "alerts",
    "synthesizable",
    "rule",
    "monomers",
    "all_known",
    "nearest_known",
    "nearest_similarity",
    "novel",
    "in_domain",
)
RADIUS, BITS = 2, 2048
CHUNK = 64

# canonical PSMILES -> ways to make it, best first; each has .rule, .monomers and .all_known
Routes = Callable[[str], Sequence[Any]]


def chain_fingerprint(chain: Chain) -> Any:
    """Binary Morgan fingerprint (radius 2, 2048 bits) of the periodic chain, one repeat unit of it."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
    return generator.GetFingerprint(chain.mol, fromAtoms=list(chain.middle))


class KnownPolymers:
    """Polymers to compare with, their fingerprints computed once.

    Parameters
    ----------
    structures : iterable of str
        PSMILES; strings that are no repeat unit are left out.

    Examples
    --------
    >>> known = KnownPolymers(["*CC(*)c1ccccc1", "*CC*"])
    >>> known.nearest("*CC(*)c1ccccc1")
    ('*CC(*)c1ccccc1', 1.0)
    """

    def __init__(self, structures: Iterable[str]) -> None:
        self.canonical: list[str] = []
        self.fingerprints: list[Any] = []
        for text in dict.fromkeys(_canonical(text)[0] for text in structures):
            if text is not None:
                self.canonical.append(text)
                self.fingerprints.append(chain_fingerprint(_chain(text)))
        self._members = frozenset(self.canonical)

    def __len__(self) -> int:
        return len(self.canonical)

    def __contains__(self, canonical: str) -> bool:
        return canonical in self._members

    def nearest(self, structure: str | Chain) -> tuple[str | None, float]:
        """The most similar known polymer and its Tanimoto similarity (0-1); (None, NaN) if none is known."""
        if not self.canonical:
            return None, float("nan")
        chain = structure if isinstance(structure, Chain) else _chain(canonical_psmiles(structure))
        similarity = DataStructs.BulkTanimotoSimilarity(chain_fingerprint(chain), self.fingerprints)
        best = int(np.argmax(similarity))
        return self.canonical[best], float(similarity[best])


def _canonical(text: Any) -> tuple[str | None, str | None]:
    """Canonical PSMILES or the reason why there is none."""
    try:
        return (text.psmiles if isinstance(text, Polymer) else canonical_psmiles(text)), None
    except StructureError as error:
        return None, str(error)


def _chain(canonical: str) -> Chain:
    return chain_of(Chem.MolFromSmiles(canonical))


def screen(
    structures: Sequence[Any],
    *,
    known: Iterable[str] | KnownPolymers = (),
    routes: Routes | None = None,
    in_domain: ArrayLike | None = None,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Screen candidate polymers.

    Parameters
    ----------
    structures : sequence of str or Polymer, n
        Candidates.
    known : iterable of str, or KnownPolymers
        Polymers that exist; the nearest one is named.
    routes : callable, optional
        ``canonical PSMILES -> ways to make it``, for example
        ``hanten.synthesis.polymerisation.backward``. Without it the columns about synthesis stay empty.
    in_domain : array of bool, shape (n,), optional
        Verdict of the property models, copied through.
    n_jobs : int
        joblib workers; the result is the same for any number.

    Returns
    -------
    pandas.DataFrame
        ``n`` rows in the order given, columns ``COLUMNS``. A string that is no repeat unit has its reason
        in ``error`` and missing values elsewhere. ``sa_score`` runs from 1 (easy) to 10 (hard);
        ``mesogens``, ``alerts`` and ``monomers`` are joined by "; ", "; " and " + ".

    Raises
    ------
    DataError
        If ``in_domain`` has another length.

    Examples
    --------
    >>> frame = screen(["*OCCOC(=O)c1ccc(C(*)=O)cc1", "CC"], known=["*CC*"])
    >>> frame.polymer_class[0], frame.mesogens[0], frame.error.notna().tolist()
    ('polyester', 'p-aroyl; phenylene diacyl', [False, True])
    """
    library = known if isinstance(known, KnownPolymers) else KnownPolymers(known)
    domain = None if in_domain is None else np.asarray(in_domain)
    if domain is not None and domain.shape != (len(structures),):
        raise DataError(f"in_domain has shape {domain.shape}, not ({len(structures)},)")
    chunks = [structures[i : i + CHUNK] for i in range(0, len(structures), CHUNK)]
    rows = Parallel(n_jobs=n_jobs)(delayed(_screen_chunk)(chunk, library, routes) for chunk in chunks)
    frame = pd.DataFrame([row for chunk in rows for row in chunk], columns=list(COLUMNS))
    for name in ("liquid_crystal", "synthesizable", "all_known", "novel"):
        frame[name] = frame[name].astype("boolean")
    frame["in_domain"] = pd.array(domain if domain is not None else [None] * len(frame), dtype="boolean")
    return frame


def _screen_chunk(
    structures: Sequence[Any], library: KnownPolymers, routes: Routes | None
) -> list[dict[str, Any]]:
    return [_screen_one(structure, library, routes) for structure in structures]


def _screen_one(structure: Any, library: KnownPolymers, routes: Routes | None) -> dict[str, Any]:
    """One row."""
    canonical, error = _canonical(structure)
    row: dict[str, Any] = {"structure": str(structure), "canonical": canonical, "error": error}
    if canonical is None:
        return row
    chain = _chain(canonical)
    rods = mesogens(chain.mol)
    nearest, similarity = library.nearest(chain)
    row |= {
        "sa_score": float(sa_score([canonical])[0]),
        "polymer_class": classify(chain),
        "liquid_crystal": bool(rods),
        "mesogens": "; ".join(rods),
        "alerts": "; ".join(alerts(chain.mol, among=chain.middle)),
        "nearest_known": nearest,
        "nearest_similarity": similarity,
        "novel": canonical not in library,
    }
    return row | (_synthesis(routes(canonical)) if routes else {})


def _synthesis(ways: Sequence[Any]) -> dict[str, Any]:
    """The columns about synthesis, from the best way."""
    if not ways:
        return {"synthesizable": False, "rule": "", "monomers": "", "all_known": False}
    best = ways[0]
    return {
        "synthesizable": True,
        "rule": best.rule,
        "monomers": " + ".join(best.monomers),
        "all_known": bool(best.all_known),
    }


# ------------------------------------------------------------------------------------------------ shortlist


def shortlist(
    frame: pd.DataFrame,
    k: int = 24,
    *,
    by: str = "probability",
    diversity: float = 0.5,
    require: Sequence[str] = (),
) -> pd.DataFrame:
    """A diverse few of the best candidates, ranked, with a reason for each.

    The first is the best; each next one maximises ``(1 - diversity) * rank + diversity * distance``, where
    rank is the fraction of candidates it beats by ``by`` and distance is one minus the largest Tanimoto
    similarity to those already chosen (maximal marginal relevance; Carbonell and Goldstein, SIGIR 1998,
    doi:10.1145/290941.291025). Candidates with an error or an alert are passed over.

    Parameters
    ----------
    frame : DataFrame
        From :func:`screen`, with a column ``by``.
    k : int
        How many; fewer come back if fewer qualify.
    by : str
        Column to rank by, larger is better: a probability of the target region, or a log-weight.
    diversity : float
        0: the best by ``by`` alone; 1: the most different.
    require : sequence of str
        Boolean columns that must be true, such as ``synthesizable`` or ``in_domain``.

    Returns
    -------
    pandas.DataFrame
        At most ``k`` rows of ``frame`` (its index kept), in rank order, with columns ``rank`` (from 1) and
        ``reason``.

    Raises
    ------
    UnknownNameError
        If ``by`` or a required column is missing.

    Examples
    --------
    >>> frame = screen(["*CC*", "*CC(*)C", "*CCO*"]).assign(probability=[0.9, 0.8, 0.1])
    >>> shortlist(frame, 2)[["canonical", "reason"]].iloc[0].tolist()
    ['*C*', 'P(target) 0.90, polyolefin, SA 1.8']
    """
    for name in (by, *require):
        if name not in frame.columns:
            raise UnknownNameError(f"no column is called {name!r}", hint=did_you_mean(name, frame.columns))
    if not 0 <= diversity <= 1:
        raise DataError(f"diversity is {diversity}", hint="a number from 0 to 1")
    pool = _eligible(frame, by, require)
    chosen = _greedy(pool, k, pool[by].rank(pct=True).to_numpy(), diversity)
    short = pool.iloc[chosen].copy()
    reasons = [_reason(row, by) for _, row in short.iterrows()]
    return short.assign(
        rank=np.arange(1, len(short) + 1), reason=pd.Series(reasons, index=short.index, dtype=object)
    )


def _eligible(frame: pd.DataFrame, by: str, require: Sequence[str]) -> pd.DataFrame:
    """Distinct candidates without error or alert, with a finite rank and all that is required, best first."""
    keep = (
        frame["canonical"].notna() & np.isfinite(frame[by].astype(float)) & frame["alerts"].fillna("").eq("")
    )
    for name in require:
        keep &= frame[name].fillna(value=False).astype(bool)
    return frame[keep].sort_values(by, ascending=False, kind="stable").drop_duplicates("canonical")


def _greedy(pool: pd.DataFrame, k: int, rank: NDArray[Any], diversity: float) -> list[int]:
    """Positions of the chosen rows."""
    if not len(pool):
        return []
    fingerprints = [chain_fingerprint(_chain(text)) for text in pool["canonical"]]
    closest = np.zeros(len(pool))
    chosen: list[int] = []
    for _ in range(min(k, len(pool))):
        value = (1 - diversity) * rank + diversity * (1 - closest)
        value[chosen] = -np.inf
        best = int(np.argmax(value)) if chosen else 0
        chosen.append(best)
        closest = np.maximum(closest, DataStructs.BulkTanimotoSimilarity(fingerprints[best], fingerprints))
    return chosen


def _reason(row: pd.Series, by: str) -> str:
    """One line in plain words."""
    value = float(row[by])
    parts = [
        f"P(target) {value:.2f}"
        if "prob" in by or by.startswith("p_")
        else f"{by.replace('_', ' ')} {value:.2f}"
    ]
    kind = str(row["polymer_class"])
    if row.get("synthesizable") is not None and pd.notna(row.get("synthesizable")) and row["synthesizable"]:
        source = "known monomers" if row["all_known"] else "monomers not in the index"
        kind += f" from {source} ({row['rule']})"
    elif pd.notna(row.get("synthesizable")):
        kind += ", no rule makes it"
    parts += [kind, f"SA {row['sa_score']:.1f}"]
    if row["mesogens"]:
        parts.append(f"mesogen: {row['mesogens'].split('; ')[-1]}")
    if pd.notna(row["nearest_similarity"]):
        parts.append(f"nearest known {row['nearest_similarity']:.2f}")
    if pd.notna(row.get("in_domain")) and not row["in_domain"]:
        parts.append("out of domain")
    return ", ".join(parts)
