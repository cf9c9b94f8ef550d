"""Vector -> predictive distribution: regressors, calibration, applicability domain, evaluation, bundles.

Examples
--------
>>> from hanten.models import load_model
>>> frame = load_model("Tg").predict_frame(["*CC(*)c1ccccc1", "not a polymer"])
>>> frame["error"].isna().tolist()
[True, False]
"""

from __future__ import annotations

from hanten._lazy import lazy_exports

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "ApplicabilityDomain": "domain",
    "AutoRegressor": "combine",
    "Average": "combine",
    "BayesianLinear": "linear",
    "Evaluation": "evaluation",
    "GaussianProcess": "gaussian_process",
    "GradientBoosting": "forest",
    "PropertyModel": "property_model",
    "RandomForest": "forest",
    "Regressor": "base",
    "Trained": "training",
    "View": "vectorize",
    "evaluate": "evaluation",
    "list_bundled": "bundled",
    "load_model": "bundled",
    "train": "training",
    "train_model": "training",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
