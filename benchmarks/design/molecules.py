"""Quality of the molecule language model on held-out molecules.

HANTEN_DATA_DIR=... OMP_NUM_THREADS=1 python benchmarks/design/molecules.py
"""

import os
import time
from pathlib import Path

import numpy as np
from rdkit import Chem, rdBase

from hanten.design.ngram import NGramPrior
from hanten.design.tokens import split
from hanten.design.train_prior import MOLECULE_RULES, N_MOLECULES, molecule_texts


def canonical(text):
    mol = Chem.MolFromSmiles(text)
    return None if mol is None else Chem.MolToSmiles(mol)


def main():
    start = time.process_time()
    texts = molecule_texts(Path(os.environ["HANTEN_DATA_DIR"]), N_MOLECULES)  # in random order
    held, learned = texts[:5000], texts[5000:]
    print(f"canonical forms: {time.process_time() - start:.0f} CPU-s, {len(texts)} molecules", flush=True)
    start = time.process_time()
    prior = NGramPrior.fit(learned, **MOLECULE_RULES)
    print(f"trained on {len(learned)}: {len(learned) / (time.process_time() - start):.0f} per CPU-second")
    log_prob = prior.log_prob(held)
    ok = np.isfinite(log_prob)
    lengths = np.array([len(split(text)) + 1 for text in held])
    bits = -log_prob[ok].sum() / np.log(2) / lengths[ok].sum()
    print(f"held out: {ok.mean():.4f} can be written; {bits:.4f} bits per token", flush=True)
    start = time.process_time()
    drawn = prior.sample(10_000, np.random.default_rng(1))
    rate = 10_000 / (time.process_time() - start)
    with rdBase.BlockLogs():
        valid = [c for c in map(canonical, drawn) if c is not None]
    distinct = set(valid)
    print(
        f"sampling: {rate:.0f} strings per CPU-second; valid {len(valid) / len(drawn):.3f}  "
        f"unique {len(distinct) / len(valid):.3f}  novel {len(distinct - set(learned)) / len(distinct):.3f}"
    )


if __name__ == "__main__":
    main()
