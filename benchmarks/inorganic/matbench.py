"""Matbench on compositions: official folds, models chosen inside each training fold only.

Five folds, shuffled with random_state 18012019 (stratified for classification). Inside each training fold every candidate is
fitted on four fifths (steels: cross-validated in five) and scored on the rest; the best is fitted again on the whole fold.
Candidates are single models and averages of two, on the shares of the elements or on shares and element statistics. Whether a
compound is a metal is also asked of the shares of element families, the ordered shares and the balance of charges, by smaller
models and averages of up to three; this was developed inside the training part of the first fold.

    HANTEN_DATA_DIR=... python benchmarks/inorganic/matbench.py [--task steels ...] [--out DIR]
"""

from __future__ import annotations

import argparse
import bz2
import json
import time
from itertools import combinations
from pathlib import Path

import numpy as np
from balance import charge_balance
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from hanten.data.fetching import locate
from hanten.elements import element_table
from hanten.features import CompositionDescriptors
from hanten.features.composition import composition_matrix
from hanten.phases.descriptors import family_matrix

SEED = 18012019
TASKS = {
    "steels": ("yield strength", "MAE MPa", 103.5, 79.9),
    "expt_gap": ("gap expt", "MAE eV", 0.446, 0.33),
    "glass": ("gfa", "ROC-AUC", 0.859, 0.96),
    "expt_is_metal": ("is_metal", "ROC-AUC", 0.917, None),
}
STATISTICS = ("mean", "variance", "max", "min")
CHARGES = {"expt_is_metal"}  # tasks with families, ordered shares and the balance of charges


def read_task(name: str) -> tuple[list[str], np.ndarray]:
    """Compositions and targets in the official order."""
    path = locate("matbench")[f"matbench_{name}.json.bz2"]
    table = json.loads(bz2.decompress(Path(path).read_bytes()))
    order = list(table["mbid"])
    target = table[TASKS[name][0]]
    return [table["composition"][i] for i in order], np.array([target[i] for i in order], dtype=float)


def descriptors(compositions: list[str], *, charges: bool) -> dict[str, np.ndarray]:
    """Shares alone, and all descriptors; columns that do not vary are left out."""
    amounts, bad = composition_matrix(compositions, element_table())
    assert not bad, bad
    shares = amounts.toarray() / np.asarray(amounts.sum(axis=1)).reshape(-1, 1)
    statistics = CompositionDescriptors(statistics=STATISTICS).transform_amounts(shares)
    every = [shares, statistics]
    if charges:
        every += [shares @ family_matrix(), -np.sort(-shares, axis=1)[:, :4], charge_balance(shares)]
    joined = np.hstack(every)
    return {"shares": shares[:, shares.any(axis=0)], "descriptors": joined[:, joined.std(axis=0) > 1e-9]}


class Trees:
    """Extremely randomised trees; answers are the mean or the median over trees."""

    def __init__(self, columns: str, share: float, n_trees: int, seed: int) -> None:
        self.columns, self.share, self.n_trees, self.seed = columns, share, n_trees, seed

    def fit(self, X: dict[str, np.ndarray], y: np.ndarray) -> Trees:
        """Grow."""
        self.model = ExtraTreesRegressor(self.n_trees, max_features=self.share, random_state=self.seed)
        self.model.fit(X[self.columns], y)
        return self

    def answers(self, X: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Predictions by kind."""
        part = X[self.columns].astype(np.float32)
        every = np.array([tree.predict(part) for tree in self.model.estimators_])
        return {"mean": every.mean(axis=0), "median": np.median(every, axis=0)}


class Boosting:
    """Histogram gradient boosting; ``loss`` is that of scikit-learn, log_loss for classes."""

    def __init__(self, columns: str, loss: str, steps: int, seed: int, members: int = 2) -> None:
        self.columns, self.loss, self.steps, self.seed, self.members = columns, loss, steps, seed, members

    def fit(self, X: dict[str, np.ndarray], y: np.ndarray) -> Boosting:
        """Boost."""
        kind = HistGradientBoostingClassifier if self.loss == "log_loss" else HistGradientBoostingRegressor
        self.models = [
            kind(
                loss=self.loss, max_iter=self.steps, learning_rate=0.06, max_leaf_nodes=24, max_features=0.15,
                min_samples_leaf=8, l2_regularization=1.0, random_state=self.seed + k,
            ).fit(X[self.columns], y)
            for k in range(self.members)
        ]  # fmt: skip
        return self

    def answers(self, X: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Predictions by kind."""
        part = X[self.columns]
        if self.loss == "log_loss":
            return {"mean": np.mean([model.predict_proba(part)[:, 1] for model in self.models], axis=0)}
        return {"mean": np.mean([model.predict(part) for model in self.models], axis=0)}


def candidates(task: str, seed: int) -> dict[str, object]:
    if task in CHARGES:
        return {
            "trees": Trees("descriptors", 0.15, 80, seed),
            "boosting": Boosting("descriptors", "squared_error", 200, seed, members=1),
            "log-loss boosting": Boosting("descriptors", "log_loss", 200, seed, members=1),
        }
    small = task == "steels"
    trees, steps = (300, 250) if small else (120, 350)
    out: dict[str, object] = {
        "trees, shares": Trees("shares", 1.0 if small else 0.3, trees, seed),
        "trees, descriptors": Trees("descriptors", 0.3 if small else 0.15, trees, seed),
        "boosting": Boosting("descriptors", "squared_error", steps, seed),
    }
    if task == "expt_gap":
        out["median boosting"] = Boosting("descriptors", "absolute_error", steps, seed)
    return out


def spread(models: dict, X: dict, together: int) -> dict[str, np.ndarray]:
    """Answers of all candidates and of the averages of up to ``together``."""
    single = {
        f"{name} ({how})": values
        for name, model in models.items()
        for how, values in model.answers(X).items()
    }
    return {
        " + ".join(group): np.mean([single[name] for name in group], axis=0)
        for size in range(1, together + 1)
        for group in combinations(sorted(single), size)
    }


def most(task: str) -> int:
    """How many candidates may be averaged."""
    return 3 if task in CHARGES else 2


def error(task: str, y: np.ndarray, p: np.ndarray) -> float:
    """What is made small: mean absolute error, or one minus the area under the curve."""
    return float(np.abs(p - y).mean()) if TASKS[task][1].startswith("MAE") else 1 - roc_auc_score(y, p)


def inner(task: str, X: dict, y: np.ndarray, rows: np.ndarray) -> str:
    """The best candidate, seen from the training fold."""
    rng_rows = np.arange(len(rows))
    if task == "steels":
        splits = list(KFold(5, shuffle=True, random_state=1).split(rows))
    else:
        stratify = y[rows] if TASKS[task][1] == "ROC-AUC" else None
        splits = [train_test_split(rng_rows, test_size=0.2, random_state=1, stratify=stratify)]
    out: dict[str, list] = {}
    truth = []
    for fit, held in splits:
        models = candidates(task, 1)
        for model in models.values():
            model.fit(pick(X, rows[fit]), y[rows[fit]])
        for name, p in spread(models, pick(X, rows[held]), most(task)).items():
            out.setdefault(name, []).append(p)
        truth.append(y[rows[held]])
    held_y = np.concatenate(truth)
    joined = {name: np.concatenate(parts) for name, parts in out.items()}
    return min(joined, key=lambda name: error(task, held_y, joined[name]))


def pick(X: dict, rows: np.ndarray) -> dict:
    return {name: part[rows] for name, part in X.items()}


def run(task: str, out: Path) -> None:
    compositions, y = read_task(task)
    X = descriptors(compositions, charges=task in CHARGES)
    classes = TASKS[task][1] == "ROC-AUC"
    folds = (StratifiedKFold if classes else KFold)(5, shuffle=True, random_state=SEED).split(y, y)
    for k, (train, test) in enumerate(folds):
        path = out / f"{task}-{k}.json"
        if path.exists():
            continue
        started = time.process_time()
        chosen = inner(task, X, y, train)
        models = candidates(task, 0)
        names = {part.rsplit(" (", 1)[0] for part in chosen.split(" + ")}
        needed = {name: models[name] for name in names}
        for model in needed.values():
            model.fit(pick(X, train), y[train])
        p = spread(needed, pick(X, test), most(task))[chosen]
        scores = {"fold": k, "chosen": chosen, "cpu_s": round(time.process_time() - started)}
        if classes:
            # The Bayes rule of balanced accuracy: more probable than in the training fold as a whole.
            hard = (p >= y[train].mean()).astype(float)
            scores |= {"probability": roc_auc_score(y[test], p), "hard": roc_auc_score(y[test], hard)}
        else:
            scores["mae"] = float(np.abs(p - y[test]).mean())
        path.write_text(json.dumps(scores))
        print(task, scores, flush=True)


def show(task: str, out: Path) -> None:
    done = [json.loads(path.read_text()) for path in sorted(out.glob(f"{task}-*.json"))]
    _, label, forest, best = TASKS[task]
    for key in ("mae", "hard", "probability"):
        values = [scores[key] for scores in done if key in scores]
        if values:
            how = "" if key == "mae" else f" ({key} labels)" if key == "hard" else " (probabilities)"
            print(
                f"| {task}, {label}{how} | {forest} | {best or '–'} | {np.mean(values):.4g} ± {np.std(values):.2g} | {len(values)} folds |"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--task", nargs="*", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--out", type=Path, default=Path("matbench-folds"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.task:
        run(name, arguments.out)
    print("| task | forest (leaderboard) | best composition-only | hanten | |\n|---|---|---|---|---|")
    for name in arguments.task:
        show(name, arguments.out)
