"""What the transfer benchmarks share: the data, sources that never saw the target's polymers, paired tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from hanten.data import load_dataset
from hanten.models import GaussianProcess
from hanten.models.hygiene import clean_table
from hanten.models.vectorize import default_views, features, kernel_blocks, read_structures
from hanten.properties import get_property
from hanten.transfer.comparison import compare_draws

PI1070, KAGGLE, IBM = "radonpy-pi1070", "polymon-kaggle", "ibm-polymer"
TARGET = "thermal_conductivity"
CONDUCTIVITY = "thermal_conductivity (Notre Dame)"
STRICT = {
    CONDUCTIVITY: (KAGGLE, TARGET),
    "density (Notre Dame)": (KAGGLE, "density"),
    "radius_of_gyration (Notre Dame)": (KAGGLE, "radius_of_gyration"),
    "Tg": (KAGGLE, "Tg"),
    "fractional_free_volume": (KAGGLE, "fractional_free_volume"),
    **{
        name: (IBM, name)
        for name in (
            "band_gap_chain", "band_gap_bulk", "electron_affinity", "ionization_energy", "crystal_refractive_index",
            "dielectric_constant", "crystallization_tendency",
        )
    },
}  # fmt: skip
REALISTIC = {
    f"{name} (PI1070)": (PI1070, name)
    for name in (
        "density", "Cp", "Cv", "refractive_index", "bulk_modulus", "linear_expansion", "radius_of_gyration",
        "static_dielectric_constant",
    )
}  # fmt: skip
MOST = 1500  # rows of a source


def read(dataset, name):
    """One value per material, in registry units."""
    frame = load_dataset(dataset, name)
    frame = frame[frame["error"].isna()]
    table = frame[["canonical", "value"]].reset_index(drop=True)
    return clean_table(table, "canonical", "value", get_property(name))


def pi1070_keys():
    """Every polymer of the PI1070 file, stereo aside."""
    names = (TARGET, "density", "Cp", "refractive_index")
    return {key for name in names for key in read(PI1070, name).keys}


def describe(structures):
    """Descriptors of the baseline and the kernels on them."""
    views = default_views()
    return features(views, read_structures(structures, canonical=True).good), kernel_blocks(views)


def source_predictions(tasks, structures, exclude, say=print):
    """What Gaussian processes trained on the tasks, without the excluded keys, say of the structures, (n, tasks)."""
    X, blocks = describe(structures)
    columns = []
    for label, (dataset, name) in tasks.items():
        clean = read(dataset, name)
        kept = np.flatnonzero([key not in exclude for key in clean.keys])
        if len(kept) > MOST:
            kept = np.sort(np.random.default_rng(0).choice(kept, MOST, replace=False))
        own, _ = describe([clean.structures[i] for i in kept])
        y = np.log(clean.y[kept]) if name == TARGET else clean.y[kept]
        columns.append(GaussianProcess(blocks=blocks).fit(own, y).predict(X))
        say(f"source {label}: {len(kept)} materials, {len(clean.y) - len(kept)} left out")
    return np.column_stack(columns)


def with_columns(X, *columns):
    """Descriptors and source columns side by side."""
    return sparse.csr_array(sparse.hstack([X, *(sparse.csr_array(c) for c in columns)]))


def scores(predicted, y):
    """MAE, R² and Pearson's r."""
    residual = predicted - y
    r2 = 1 - (residual**2).sum() / ((y - y.mean()) ** 2).sum()
    return {"mae": np.abs(residual).mean(), "r2": r2, "r": np.corrcoef(predicted, y)[0, 1]}


def paired_table(results, baseline, test_over_train=0.0):
    """One row per arm: means over the draws, the paired gain in MAE with its 95 % interval, draws on which it hurt.

    ``test_over_train`` is 0 for small training sets, which hardly overlap, and the ratio of sizes where they do.
    """
    table = pd.DataFrame(results)
    base = table[table["arm"] == baseline].sort_values("draw")["mae"].to_numpy()
    rows = []
    for arm, part in table.groupby("arm", sort=False):
        mae = part.sort_values("draw")["mae"].to_numpy()
        gain = compare_draws(base, mae, test_over_train)
        paired = (
            ""
            if arm == baseline
            else f"{gain.gain:+.4f} ({gain.low:+.4f} to {gain.high:+.4f}) | {gain.hurt} of {len(mae)}"
        )
        rows.append(
            f"| {arm} | {mae.mean():.4f} ({mae.std(ddof=1):.4f}) | {part['r2'].mean():.3f} ({part['r2'].std(ddof=1):.3f}) "
            f"| {part['r'].mean():.3f} | {paired or ' | '} |"
        )
    head = "| arm | MAE (sd over draws) | R² (sd) | r | paired gain in MAE, 95 % interval | hurt on |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows])
