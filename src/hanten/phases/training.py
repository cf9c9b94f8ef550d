"""From the table of known phases to a calibrated model with a domain: one function, one command."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.phases.descriptors import describe
from hanten.phases.evaluation import SCHEMES, OutOfFold, cross_validate
from hanten.phases.forests import TwoForests, best_threshold, calibrate, combine, fit_forests
from hanten.phases.model import KnownCompounds, PhaseModel
from hanten.phases.rules import as_records, rules_in_words
from hanten.phases.table import PhaseTable, read_phase_table

SOURCE = "C. Liu et al., Adv. Mater. 33, 2102507 (2021), doi:10.1002/adma.202102507; others from the Materials Project, CC BY 4.0"
RECALL = 0.8


def train_phase_model(table: PhaseTable | None = None, *, seed: int = 0) -> PhaseModel:
    """Train, calibrate on whole systems held out, find the domain, read out the rules.

    Parameters
    ----------
    table : PhaseTable, optional
        The public table without it.
    seed : int
        Of folds and forests.

    Raises
    ------
    DataError
        If the data are not on this machine, or too few.
    """
    public = table is None
    table = read_phase_table() if table is None else table
    X = describe(table.fractions)
    scored = {scheme: cross_validate(table, scheme, seed=seed, X=X) for scheme in ("random", "system")}
    held_out = scored["system"]
    scored["metallic"] = held_out.restrict(table.metallic, SCHEMES["metallic"])
    lines = calibrate(*held_out.answers, held_out.labels)
    found = 1 - combine(*held_out.answers, lines)[:, 2]
    bare = fit_forests(X, table.labels, seed)
    forests = TwoForests(bare.detect, bare.sort, lines)
    limit = domain_threshold(held_out)
    known = KnownCompounds(table.formulas, table.fractions, table.labels, limit)
    card = {
        "model": "two questions: quasicrystal or approximant at all (extremely randomised trees on element statistics and families), and which of the two (random forest and extremely randomised trees on shares)",
        "data": SOURCE if public else "your own table",
        "licence": "BSD-3-Clause; part CC BY 4.0" if public else "",
        "rows": table.report,
        "scores": {scheme: done.scores() for scheme, done in scored.items()},
        "calibration": "straight line in the log odds, from whole chemical systems held out",
        "domain": f"all elements known, and the system known or similarity to the nearest known composition at least {limit:g}",
        "known_biases": [
            "158 quasicrystals and approximants, most of them of aluminium, zinc, cadmium, gold and silver",
            "'other' means a crystal in a database: it may hide approximants nobody has labelled",
            "composition only: preparation and temperature decide as well",
        ],
        "rules": as_records(rules_in_words(table, X, forests)),
        "digest": hashlib.sha256(repr((table.formulas, table.labels.tolist())).encode()).hexdigest(),
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        "train_again": "python -m hanten.phases.build",
    }
    return PhaseModel(forests, known, best_threshold(found, table.labels < 2), card)


def domain_threshold(held_out: OutOfFold, recall: float = RECALL) -> float:
    """Least similarity at which held-out quasicrystals and approximants are still found.

    Sorted by similarity to the nearest training composition, the share of them that is found is smoothed as a
    non-decreasing function (isotonic regression); the threshold is the least similarity at which it reaches ``recall``,
    and never below the 5 % quantile: what is less like anything known than 19 in 20 held-out systems is outside.
    """
    from sklearn.isotonic import IsotonicRegression

    rows = held_out.labels < 2
    similarity = held_out.similarity[rows]
    found = (held_out.decided[rows] < 2).astype(float)
    smooth = IsotonicRegression().fit(similarity, found).predict(similarity)
    good: npt.NDArray[np.float64] = similarity[smooth >= recall]
    floor = float(np.quantile(similarity, 0.05))
    return round(float(max(good.min() if len(good) else similarity.max(), floor)), 3)


def summary(model: PhaseModel) -> str:
    """What a person wants to know after training."""
    lines = []
    for name, scores in model.card["scores"].items():
        lines.append(
            f"{name:9s} macro-F1 {scores['macro_f1']:.3f}  quasicrystal AP {scores['quasicrystal_ap']:.3f}  "
            f"both: recall {scores['merged_recall']:.3f} precision {scores['merged_precision']:.3f}"
        )
    return "\n".join(
        [*lines, f"threshold {model.threshold:g}, domain from similarity {model.known.threshold:g}"]
    )


def report_lines(report: dict[str, Any]) -> list[str]:
    """Duplicates and contradictions of the training table as sentences."""
    lines = [
        f"{report['rows']} rows, {report['duplicate_rows']} of them repeat a composition; {report['used']} used: "
        + ", ".join(f"{count} {name}" for name, count in report["classes"].items())
    ]
    for found in report["contradictions"]:
        phases = " and ".join(f"{name} ({count})" for name, count in found["phases"].items())
        lines.append(f"{found['composition']} is {phases}: kept {found['kept'] or 'neither'}")
    return [*lines, report["rule"]]
