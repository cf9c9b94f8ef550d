"""``python -m hanten.design.train_prior``: train the priors of the package, and the index of known structures.

Reads the public data sets graded *train* from the folder that ``HANTEN_DATA_DIR`` names. Every structure is learned
from one canonical writing, a polymer from its canonical PSMILES, along the backbone. The virtual library of SMiPoly is
four fifths copolymers of two vinyl monomers; all other classes are taken whole and of those only a part, so that the
polymers that were made keep their weight. All of them are known structures, learned from or not.
"""

from __future__ import annotations

import argparse
import os
import sys
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rdkit import Chem, rdBase

from hanten.chem import canonical_psmiles
from hanten.design.known import save_known
from hanten.design.ngram import NGramPrior
from hanten.design.prior_file import save_prior, with_card
from hanten.errors import DataError, StructureError, UnknownNameError, did_you_mean

IBM = (
    "polymer_egc",
    "polymer_perm_tg_td",
    "polymer_xc",
    "polymer_eea",
    "polymer_perm_jcim_24",
    "polymer_perm_sciadv_22",
)
FOLDER = Path(__file__).parent / "priors"
N_VINYL, N_MOLECULES, LARGEST_MOLECULE = 60_000, 100_000, 25
MOLECULE_RULES: dict[str, Any] = {
    "n_attachment": 0,
    "least_token_count": 50,
    "minimum": (1, 1, 1, 1, 1, 1, 1, 2),  # of long n-grams only those seen twice: the file stays small
    "trust": 0.3,
}


def read_smipoly(folder: Path) -> tuple[list[str], list[str]]:
    """SMiPoly's library (doi:10.1021/acs.jcim.3c00329): copolymers of two vinyl monomers, and all others."""
    with zipfile.ZipFile(folder / "smipoly/SMiPoly_001_generatedPolymer.csv.zip") as archive:
        table = pd.read_csv(archive.open("SMiPoly_001_generatedPolymer.csv"), dtype=str)
    table = table[table["polym"].str.count(r"\*") == 2]
    pairs = (table["polymer_class"] == "polyolefin") & table["mon2"].notna()
    return list(table["polym"][pairs]), list(table["polym"][~pairs])


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
    return _distinct(texts, canonical_psmiles)


def _distinct(texts: Iterable[str], canonical: Callable[[str], str]) -> list[str]:
    found: dict[str, None] = {}
    with rdBase.BlockLogs():
        for text in texts:
            try:
                found.setdefault(canonical(flat(text)))
            except StructureError:
                continue  # salts, copolymers and ladder units in the public sets: not what could be designed
    return list(found)


def flat(text: str) -> str:
    """A string without marks of stereo, which hardly any of these sets give."""
    return (
        text.translate(_NO_STEREO)
        if "[C@" not in text
        else text.translate(_NO_STEREO).replace("[CH]", "C").replace("[C]", "C")
    )


_NO_STEREO = str.maketrans("", "", "@/\\")


class PolymerTexts(NamedTuple):
    """Distinct canonical PSMILES: measured or computed ones, enumerated ones, and enumerated pairs of vinyl monomers."""

    measured: list[str]
    enumerated: list[str]
    vinyl: list[str]

    def known(self) -> list[str]:
        """All of them."""
        return [*self.measured, *self.enumerated, *self.vinyl]

    def to_learn(self, n_vinyl: int) -> list[str]:
        """All, but of the pairs of vinyl monomers only ``n_vinyl``."""
        return [*self.measured, *self.enumerated, *self.vinyl[:n_vinyl]]


def polymer_texts(folder: Path, seed: int = 0) -> PolymerTexts:
    """The public polymers graded *train*; the pairs of vinyl monomers in random order."""
    pairs, others = read_smipoly(folder)
    measured = dict.fromkeys(canonicals(read_measured(folder)))
    enumerated = [text for text in canonicals(others) if text not in measured]
    seen = measured.keys() | set(enumerated)
    vinyl = np.array([text for text in canonicals(pairs) if text not in seen], dtype=object)
    return PolymerTexts(list(measured), enumerated, np.random.default_rng(seed).permutation(vinyl).tolist())


def molecule_texts(folder: Path, n: int, seed: int = 0) -> list[str]:
    """Canonical SMILES of ``n`` molecules of patents (CC0) and PubChem (doi:10.1007/s10822-016-0008-z), without stereo.

    Fewer where two are the same without stereo, or one is a salt or has more than 25 heavy atoms.
    """
    columns = ["reactants", "product"]
    reactions = pd.read_csv(folder / "reactions/uspto_train.tsv.gz", sep="\t", usecols=columns, dtype=str)
    patents = pd.concat([reactions["product"], reactions["reactants"].str.split(".").explode()])
    pubchem = pd.read_csv(folder / "molecules/pubchem_iqspr/qspr_data.csv")["smiles"]
    texts = pd.concat([patents, pubchem]).dropna().drop_duplicates()
    chosen = np.random.default_rng(seed).permutation(texts.to_numpy(dtype=object))[:n]
    return _distinct((text for text in chosen if "." not in text), _small_molecule)


def _small_molecule(text: str) -> str:
    mol = Chem.MolFromSmiles(text)
    if mol is None or not 1 < mol.GetNumAtoms() <= LARGEST_MOLECULE:
        raise StructureError("no molecule of ordinary size", where=repr(text))
    return str(Chem.MolToSmiles(mol))


def train_polymers(folder: Path, output: Path, n_vinyl: int, order: int) -> NGramPrior:
    """Write ``polymer.prior.npz`` and ``known.npz``."""
    texts = polymer_texts(folder / "polymers")
    learned = texts.to_learn(n_vinyl)
    prior = with_card(
        NGramPrior.fit(learned, order=order, least_token_count=10),
        name="polymer",
        data="SMiPoly virtual library, PI1070, Open Polymer 2025, IBM polymer sets, seeds of the 2019 study, gas permeability",
        licence="weights: BSD-3-Clause; data: BSD-3-Clause, MIT, Apache-2.0",
        structures=len(learned),
        measured=len(texts.measured),
        order=order,
        trained=datetime.now(UTC).date().isoformat(),
        command="python -m hanten.design.train_prior polymer",
    )
    save_prior(prior, output / "polymer.prior.npz")
    save_known(texts.known(), output / "known.npz")
    return prior


def train_molecules(folder: Path, output: Path, n: int, order: int) -> NGramPrior:
    """Write ``molecules.prior.npz``."""
    learned = molecule_texts(folder, n)
    prior = with_card(
        NGramPrior.fit(learned, order=order, **MOLECULE_RULES),
        name="molecules",
        data="reactants and products of US patents (USPTO training set); PubChem molecules of the 2017 study",
        licence="weights: BSD-3-Clause; data: CC0, MIT",
        structures=len(learned),
        order=order,
        trained=datetime.now(UTC).date().isoformat(),
        command="python -m hanten.design.train_prior molecules",
    )
    save_prior(prior, output / "molecules.prior.npz")
    return prior


def main(arguments: list[str] | None = None) -> None:
    """Train the priors that are named, both if none is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="polymer, molecules")
    parser.add_argument("--data", type=Path, default=os.environ.get("HANTEN_DATA_DIR"))
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument(
        "--vinyl", type=int, default=N_VINYL, help="pairs of vinyl monomers that are learned from"
    )
    parser.add_argument("--molecules", type=int, default=N_MOLECULES, help="molecules that are learned from")
    parser.add_argument("--order", type=int, default=10)
    options = parser.parse_args(arguments)
    if options.data is None or not Path(options.data, "polymers").is_dir():
        raise DataError("no data folder", hint="set HANTEN_DATA_DIR or give --data")
    folder, output = Path(options.data), options.output
    for name in options.names or ["polymer", "molecules"]:
        if name == "polymer":
            prior = train_polymers(folder, output, options.vinyl, options.order)
        elif name == "molecules":
            prior = train_molecules(folder, output, options.molecules, options.order)
        else:
            raise UnknownNameError(
                f"no prior is called {name!r}", hint=did_you_mean(name, ["polymer", "molecules"])
            )
        entries = sum(len(level.token) for level in prior.levels)
        sys.stderr.write(
            f"{name}: {prior.card['structures']} structures, {prior.order}-gram, {entries} entries\n"
        )


if __name__ == "__main__":
    main()
