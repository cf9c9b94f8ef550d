"""The two arms of a transfer study: featurizers and regressor with the sources, and the same head without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hanten.errors import ConfigError, did_you_mean
from hanten.models.base import Regressor
from hanten.models.forest import RandomForest
from hanten.models.gaussian_process import GaussianProcess
from hanten.models.linear import BayesianLinear
from hanten.models.property_model import PropertyModel
from hanten.models.vectorize import View, kernel_blocks
from hanten.transfer.affine import AffineTransfer
from hanten.transfer.fine_tuning import FineTuned
from hanten.transfer.multi_fidelity import MultiFidelity
from hanten.transfer.shotgun import Shotgun
from hanten.transfer.source_features import SourceFeatures
from hanten.transfer.tau_rho import TauRho

HEADS = ("gp", "linear", "forest")


@dataclass(frozen=True)
class Arms:
    """Both arms.

    Parameters
    ----------
    baseline, transfer : (views, regressor)
    words : str
        What the difference between them is, for a report.
    """

    baseline: tuple[tuple[View, ...], Regressor]
    transfer: tuple[tuple[View, ...], Regressor]
    words: str


@dataclass(frozen=True)
class _Task:
    views: tuple[View, ...]
    sources: Sequence[Any]
    head: str
    logarithms: tuple[str, ...]
    seed: int

    @property
    def width(self) -> int:
        return kernel_blocks(self.views)[-1][2]

    def regressor(self) -> Regressor:
        choices: dict[str, Callable[[], Regressor]] = {
            "gp": lambda: GaussianProcess(blocks=kernel_blocks(self.views)),
            "linear": self.linear,
            "forest": lambda: RandomForest(random_state=self.seed),
        }
        if self.head not in choices:
            raise ConfigError(f"no head is called {self.head!r}", hint=did_you_mean(self.head, choices))
        return choices[self.head]()

    def linear(self) -> BayesianLinear:
        """Element features have a unit each and need a scale; counts and chain descriptors need none."""
        return BayesianLinear(scale=self.views[0].featurizer.kind == "composition")

    def with_sources(self, what: str, kernel: str) -> tuple[View, ...]:
        featurizer = SourceFeatures(self.sources, what=what, logarithms=self.logarithms)
        return (*self.views, View(featurizer, kernel, log=False))


def make_arms(
    method: str,
    views: tuple[View, ...],
    sources: Sequence[Any],
    *,
    head: str = "gp",
    logarithms: tuple[str, ...] = (),
    seed: int = 0,
) -> Arms:
    """Both arms of ``method``.

    Parameters
    ----------
    method : str
        One of :data:`METHODS`.
    views : tuple of View
        Descriptors of the target; the source's columns come behind them.
    sources : sequence of SourceModel or PropertyModel
    head : {"gp", "linear", "forest"}
        The learner in both arms; ``multi-fidelity``, ``affine`` and ``frozen`` are about Gaussian kernels and take ``"gp"``,
        ``shotgun`` takes ``"linear"``.
    logarithms : tuple of str
        See :class:`~hanten.transfer.SourceFeatures`.

    Raises
    ------
    ConfigError
        If the method is not known or cannot use the head or the sources.
    """
    if method not in METHODS:
        raise ConfigError(f"no transfer method is called {method!r}", hint=did_you_mean(method, METHODS))
    if not len(sources):
        raise ConfigError(
            "there are no sources to learn from", hint="`hanten library list` shows what there is"
        )
    if method in {"shotgun", "fine-tuning", "frozen"} and any(isinstance(s, PropertyModel) for s in sources):
        raise ConfigError(
            f"{method} needs networks, and a property model has no hidden layers", hint="use tau-rho"
        )
    if method in {"multi-fidelity", "affine", "frozen"} and head != "gp":
        raise ConfigError(f"{method} is made of kernels and has no {head} head", hint="--head gp, or tau-rho")
    return METHODS[method](_Task(views, sources, head, logarithms, seed))


def _tau_rho(task: _Task) -> Arms:
    views = task.with_sources("prediction", "linear")
    columns = list(range(task.width, kernel_blocks(views)[-1][2]))
    regressor = TauRho(task.regressor(), source=columns, random_state=task.seed)
    return Arms(
        (task.views, task.regressor()),
        (views, regressor),
        "fit of (y - τ f_s)/(1 - τ), blended with the source by ρ",
    )


def _multi_fidelity(task: _Task) -> Arms:
    views = task.with_sources("prediction", "linear")
    columns = list(range(task.width, kernel_blocks(views)[-1][2]))
    regressor = MultiFidelity(kernel_blocks(task.views), source=columns)
    return Arms(
        (task.views, task.regressor()), (views, regressor), "the sources as mean function with learned scales"
    )


def _affine(task: _Task) -> Arms:
    views = task.with_sources("prediction", "linear")
    columns = list(range(task.width, kernel_blocks(views)[-1][2]))
    regressor = AffineTransfer(source=columns, blocks=kernel_blocks(task.views), random_state=task.seed)
    return Arms(
        (task.views, task.regressor()),
        (views, regressor),
        "g1(f_s) + g2(f_s) g3(x), with the baseline's kernels",
    )


def _frozen(task: _Task) -> Arms:
    views = task.with_sources("hidden", "rbf")
    regressor = GaussianProcess(blocks=kernel_blocks(views))
    return Arms((task.views, task.regressor()), (views, regressor), "frozen features as one more kernel")


def _shotgun(task: _Task) -> Arms:
    views = task.with_sources("hidden", "rbf")
    offset = task.width
    featurizer = views[-1].featurizer
    columns = [(offset + start, offset + stop) for start, stop in featurizer.blocks()]
    head = task.linear()
    regressor = Shotgun(head, columns, own=(0, offset), random_state=task.seed)
    return Arms((task.views, task.linear()), (views, regressor), "frozen features beside the descriptors")


def _fine_tuning(task: _Task) -> Arms:
    source = task.sources[0]
    views = (View(SourceFeatures([source], what="inputs"), "rbf", log=False),)
    tuned, scratch = (
        FineTuned(source, freeze=1, from_scratch=new, random_state=task.seed) for new in (False, True)
    )
    return Arms((views, scratch), (views, tuned), f"{source.name} trained on, against random weights")


METHODS: dict[str, Callable[[_Task], Arms]] = {
    "tau-rho": _tau_rho,
    "multi-fidelity": _multi_fidelity,
    "affine": _affine,
    "frozen": _frozen,
    "shotgun": _shotgun,
    "fine-tuning": _fine_tuning,
}
