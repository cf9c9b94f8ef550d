"""Prior × likelihood → posterior, for states of any kind.

This room knows no chemistry. It samples ``p(state | Y) ∝ p(Y | state) p(state)`` by adaptive tempered
sequential Monte Carlo, exactly in the limit of many particles, and says how well it went: evidence, effective
sample size, acceptance. Plug in a :class:`Prior`, a :class:`Likelihood` and one or more :class:`Proposal`:
the docstring of each holds a complete example.

Reading order: ``protocols``, ``weights``, ``resampling``, ``tempering``, ``moves``, ``smc``.
"""

from hanten.inference.checkpoint import load_checkpoint, save_checkpoint
from hanten.inference.mapping import Mapper, parallel, serial
from hanten.inference.population import Population
from hanten.inference.posterior import Posterior, pool
from hanten.inference.proposals import FreshDraw, Mixture, with_prior
from hanten.inference.protocols import Likelihood, Prior, Proposal, State
from hanten.inference.settings import Settings
from hanten.inference.smc import run, smc
from hanten.inference.steps import Step
from hanten.inference.weights import effective_sample_size, log_mean_exp, log_sum_exp, normalise

__all__ = [
    "FreshDraw",
    "Likelihood",
    "Mapper",
    "Mixture",
    "Population",
    "Posterior",
    "Prior",
    "Proposal",
    "Settings",
    "State",
    "Step",
    "effective_sample_size",
    "load_checkpoint",
    "log_mean_exp",
    "log_sum_exp",
    "normalise",
    "parallel",
    "pool",
    "run",
    "save_checkpoint",
    "serial",
    "smc",
    "with_prior",
]
