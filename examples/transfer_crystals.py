# %% [markdown]
# # Lattice thermal conductivity of 45 crystals
#
# Ju et al. (doi:10.1103/PhysRevMaterials.5.053801) learned the lattice thermal conductivity from 45 crystals with the help of a
# property that is cheap to compute. Here the help is the conductivity of AFLOW (quasi-harmonic Debye model) for 2,000
# compositions, **with the 45 formulas removed**. The 45 values are for evaluation only: nothing trained here is kept.
#
#     hanten data fetch affinetl-ltc crabnet

# %%
import os
from pathlib import Path

import numpy as np
import pandas as pd

from hanten.chem import Composition
from hanten.data import grouped_folds
from hanten.features import CompositionDescriptors
from hanten.models import GaussianProcess
from hanten.report.transfer import transfer_figure
from hanten.transfer import MultiFidelity, TauRho, compare_folds

folder = Path(os.environ["HANTEN_DATA_DIR"]) / "inorganic"
table = pd.read_csv(folder / "affinetl_ltc" / "ltc_sps.csv").dropna(subset=["TC (W/mK)"])
formulas = [Composition(text).formula for text in table["formula"]]
y = np.log10(table["TC (W/mK)"].to_numpy())
featurizer = CompositionDescriptors(statistics=["mean", "variance", "max", "min"])
X = np.asarray(featurizer.fit_transform(formulas), dtype=float)
print(len(y), "crystals,", X.shape[1], "descriptors")

# %% [markdown]
# ## The source

# %%
aflow = pd.read_csv(folder / "crabnet_benchmark" / "aflow__agl_thermal_conductivity_300K__train.csv")
aflow["formula"] = [Composition(text).formula for text in aflow["formula"]]
aflow = aflow[~aflow["formula"].isin(formulas) & (aflow["target"] > 0)].drop_duplicates("formula")
aflow = aflow.sample(2000, random_state=0)
S = np.asarray(featurizer.transform(list(aflow["formula"])), dtype=float)
source = GaussianProcess(blocks=[("rbf", 0, S.shape[1])]).fit(S, np.log10(aflow["target"].to_numpy()))
said = source.predict(X)
print("the source alone: r =", round(float(np.corrcoef(said, y)[0, 1]), 3))

# %% [markdown]
# ## Both arms on the same folds
# The head is one Gaussian process; the last column of the second arm is what the source says.

# %%
head = GaussianProcess(blocks=[("rbf", 0, X.shape[1])])
arms = {
    "no transfer": (X, head),
    "(τ, ρ) by inner cross-validation": (np.column_stack([X, said]), TauRho(head)),
    "multi-fidelity": (np.column_stack([X, said]), MultiFidelity([("rbf", 0, X.shape[1])])),
}
folds, errors = list(grouped_folds(formulas, 5, 4, seed=0)), {}
for name, (F, model) in arms.items():
    errors[name] = np.array([np.abs(model.fit(F[a], y[a]).predict(F[b]) - y[b]).mean() for a, b in folds])
    found = compare_folds(errors["no transfer"], errors[name], 5)
    print(
        f"{name:34s} MAE {errors[name].mean():.3f} (log10)", "" if name == "no transfer" else found.sentence()
    )

# %%
fig = transfer_figure(
    compare_folds(errors["no transfer"], errors["(τ, ρ) by inner cross-validation"], 5), "log10 W/(m K)"
)

# %% [markdown]
# With 9 crystals in a test fold the interval is wide, and it says so. `benchmarks/transfer/lattice.py` runs ten repeats with six
# sources.
