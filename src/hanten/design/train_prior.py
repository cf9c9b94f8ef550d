"""``python -m hanten.design.train_prior``: train the priors of the package, and the index of known structures.

Reads the public data sets graded *train* from the folder that ``HANTEN_DATA_DIR`` names. Every structure is learned
from its canonical PSMILES: one writing of a polymer, along the backbone. The virtual library of SMiPoly is nine tenths
copolymers of two vinyl monomers; all other classes are taken whole and of those only a part, so that the rare
classes keep their weight.
"""

from __future__ import annotations

import argparse
import os
import sys
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from hanten.chem import canonical_psmiles
from hanten.design.known import save_known
from hanten.design.ngram import NGramPrior
from hanten.design.prior_file import save_prior, with_card
from hanten.errors import DataError, StructureError

IBM = (
    "polymer_egc",
    "polymer_perm_tg_td",
    "polymer_xc",
    "polymer_eea",
    "polymer_perm_jcim_24",
    "polymer_perm_sciadv_22",
)
FOLDER = Path(__file__).parent / "priors"


def read_smipoly(folder: Path, n_vinyl: int, rng: np.random.Generator) -> list[str]:
    """SMiPoly's library (doi:10.1021/acs.jcim.3c00329): all classes whole, of the polyolefins ``n_vinyl``."""
    with zipfile.ZipFile(folder / "smipoly/SMiPoly_001_generatedPolymer.csv.zip") as archive:
        table = pd.read_csv(archive.open("SMiPoly_001_generatedPolymer.csv"), dtype=str)
    table = table[table["polym"].str.count(r"\*") == 2]
    vinyl = table["polymer_class"] == "polyolefin"
    single = vinyl & table["mon2"].isna()
    pairs = np.flatnonzero((vinyl & ~single).to_numpy())
    taken = rng.choice(pairs, size=min(n_vinyl, pairs.size), replace=False)
    return [*table["polym"][~vinyl | single], *table["polym"].iloc[np.sort(taken)]]


def read_measured(folder: Path) -> list[str]:
    """Repeat units of the measured and computed sets graded *train*."""
    out = list(pd.read_csv(folder / "radonpy_pi1070/PI1070.csv")["smiles"])
    out += list(pd.read_csv(folder / "polymon_kaggle/kaggle.csv")["SMILES"])
    out += list(pd.read_csv(folder / "highT_initial_smiles/highTdata.csv")["smis.uni"])
    out += list(pd.read_csv(folder / "torchmolecule_gas/polymer100.csv")["smiles"])
    for name in IBM:
        texts = pd.read_csv(folder / f"ibm_polymer/{name}.csv")["POLYMER SMILES"]
        out += list(texts.str.replace("<polymer_spg>", "").str.split(";").str[0])
    return out


def canonicals(texts: Iterable[str]) -> list[str]:
    """Distinct canonical PSMILES without stereo, of the texts that are repeat units, in order."""
    found: dict[str, None] = {}
    for text in texts:
        try:
            found.setdefault(canonical_psmiles(flat(text)))
        except StructureError:
            continue  # salts, copolymers and ladder units in the public sets: not a polymer that could be designed
    return list(found)


def flat(text: str) -> str:
    """A string without marks of stereo, which hardly any of these sets give."""
    return (
        text.translate(_NO_STEREO)
        if "[C@" not in text
        else text.translate(_NO_STEREO).replace("[CH]", "C").replace("[C]", "C")
    )


_NO_STEREO = str.maketrans("", "", "@/\\")


def polymer_texts(folder: Path, n_vinyl: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Canonical PSMILES to learn from, and those of them that were measured or computed (not just enumerated)."""
    measured = canonicals(read_measured(folder))
    virtual = canonicals(read_smipoly(folder, n_vinyl, np.random.default_rng(seed)))
    return list(dict.fromkeys([*measured, *virtual])), measured


def main(arguments: list[str] | None = None) -> None:
    """Train and write ``polymer.prior.npz`` and ``known.npz``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("HANTEN_DATA_DIR"))
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument(
        "--vinyl", type=int, default=300_000, help="polyolefins taken from the virtual library"
    )
    parser.add_argument("--order", type=int, default=10)
    options = parser.parse_args(arguments)
    if options.data is None or not Path(options.data, "polymers").is_dir():
        raise DataError("no data folder", hint="set HANTEN_DATA_DIR or give --data")
    texts, measured = polymer_texts(Path(options.data, "polymers"), options.vinyl)
    prior = NGramPrior.fit(texts, order=options.order, least_token_count=10)
    card = {
        "name": "polymer",
        "data": "SMiPoly virtual library, PI1070, Open Polymer 2025, IBM polymer sets, seeds of the 2019 study, gas permeability",
        "licence": "weights: BSD-3-Clause; data: BSD-3-Clause, MIT, Apache-2.0",
        "structures": len(texts),
        "measured": len(measured),
        "order": prior.order,
        "trained": datetime.now(UTC).date().isoformat(),
        "command": "python -m hanten.design.train_prior",
    }
    save_prior(with_card(prior, **card), options.output / "polymer.prior.npz")
    save_known(texts, options.output / "known.npz")
    sys.stderr.write(
        f"{len(texts)} repeat units, {prior.order}-gram, {sum(len(x.token) for x in prior.levels)} entries\n"
    )


if __name__ == "__main__":
    main()
