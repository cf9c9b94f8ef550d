# %% [markdown]
# # Thermal conductivity from 28 polymers
#
# In 2019, Wu et al. (doi:10.1038/s41524-019-0203-2) had 28 measured thermal conductivities and thousands of values of other
# properties. This notebook has the same shape, on data that anyone can fetch: 28 random polymers of PI1070 (RadonPy molecular
# dynamics), and as source the conductivities of another group's simulations, **without a single polymer of PI1070**.
# The other 1,033 polymers tell whether transfer really helped.
#
#     hanten data fetch radonpy-pi1070 polymon-kaggle

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from hanten.data import load_dataset
from hanten.models import evaluate, train
from hanten.models.hygiene import clean_table
from hanten.properties import get_property
from hanten.report.transfer import transfer_figure
from hanten.transfer import transfer

KAPPA = "thermal_conductivity"


def table_of(dataset):
    """One row per polymer: canonical string, key without stereo, value."""
    rows = load_dataset(dataset, KAPPA)
    return clean_table(rows[rows["error"].isna()], "canonical", "value", get_property(KAPPA))


target, other = table_of("radonpy-pi1070"), table_of("polymon-kaggle")
print(len(target.y), "polymers in PI1070,", len(other.y), "in the source")

# %% [markdown]
# ## The source
# A Gaussian process on the other group's conductivities; polymers of PI1070 are left out by canonical key.

# %%
known = set(target.keys)
rows = [(s, v) for s, k, v in zip(other.structures, other.keys, other.y, strict=True) if k not in known]
source_table = pd.DataFrame(rows, columns=["psmiles", KAPPA])
source = train(source_table, "psmiles", KAPPA, model="gp", log=True, card={"method": "MD, Notre Dame"}).model
file = source.save(Path(tempfile.mkdtemp()) / "source.hanten")
print(len(source_table), "polymers; the source alone, on PI1070:")
said = source.predict(list(target.structures), canonical=True)
print("r =", round(float(np.corrcoef(said, target.y)[0, 1]), 3))

# %% [markdown]
# ## 28 points, with and without the source
# `transfer` runs the same learner in both arms on the same folds.

# %%
rng = np.random.default_rng(2019)
chosen = rng.permutation(len(target.y))[:28]
few = pd.DataFrame({"psmiles": [target.structures[i] for i in chosen], KAPPA: target.y[chosen]})
study = transfer(
    few, "psmiles", KAPPA, sources=[str(file)], n_draws=6, card={"method": "RadonPy MD, amorphous, 300 K"}
)
print(study.frame().round(4).to_string(index=False))
print(study.summary())

# %%
fig = transfer_figure(study.comparison, "W/(m K)", "28 polymers, 6 x 5-fold")

# %% [markdown]
# ## The truth: the polymers that were not used

# %%
rest = np.setdiff1d(np.arange(len(target.y)), chosen)
structures, values = [target.structures[i] for i in rest], target.y[rest]
for name, arm in (("no transfer", study.baseline), ("transfer", study.transfer)):
    done = evaluate(arm.model, structures, values)
    scores = done.metrics()
    print(
        f"{name:12s} MAE {scores['mae']:.4f} W/(m K)  R² {scores['r2']:.3f}  the 90 % interval holds {scores['coverage']['0.9']:.0%}"
    )

# %% [markdown]
# One draw proves little: `benchmarks/transfer` repeats this twenty times, and also reports what does *not* help.
