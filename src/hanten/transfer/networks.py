"""Many networks in one tensor program (needs torch): one matrix product for all first layers, then batched ones.

The networks of a group read the same columns, so that their first layers stand side by side in one wide matrix;
deeper layers are padded to the widest of the group and multiplied as a batch. A padded unit starts with zero weights
and keeps them: its activation is zero, and so is every gradient that would change it. All networks take the same
mini-batch; what belongs to the validation keys of one of them has weight zero in its loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.transfer.plans import Group, Plan

Array = npt.NDArray[np.float32]
Layers = tuple[tuple[Array, Array], ...]

EVALUATIONS = 20
PATIENCE = 8  # evaluations without a better validation loss
WARM_UP = 0.1
HUBER = 1.5  # standard deviations, from where the loss grows linearly
BETAS = (0.9, 0.98)


@dataclass(frozen=True)
class Schedule:
    """How long and in which batches."""

    steps: int
    batch: int


def schedule(n_rows: int) -> Schedule:
    """About 35 passes over a thousand rows, fewer over more."""
    batch = 64 if n_rows < 600 else 128 if n_rows < 2500 else 192
    return Schedule(int(np.clip(35 * n_rows / batch, 200, 400)), batch)


def train_group(
    X: Array, y: Array, in_training: npt.NDArray[np.bool_], group: Group, seed: int
) -> tuple[list[Layers], npt.NDArray[np.float64]]:
    """Train all networks of a group; each keeps the weights of its best validation loss.

    Parameters
    ----------
    X : ndarray of float32, (n, d)
        The group's columns.
    y : ndarray of float32, (n,)
        Standardised values.
    in_training : ndarray of bool, (m, n)
        Rows each network learns from; on the others it is stopped.
    group : Group
    seed : int
        Of the first weights, the batches and the dropout.

    Returns
    -------
    layers : list of m networks
        As :class:`hanten.transfer.source.SourceModel` takes them.
    losses : ndarray of float, (m,)
        Mean squared validation error of the weights kept, in units of the variance of y.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    program = _Program(group.plans, X.shape[1], generator)
    inputs, targets, training = torch.from_numpy(X), torch.from_numpy(y), torch.from_numpy(in_training)
    plan = schedule(len(y))
    best = np.full(len(group.plans), np.inf)
    kept, waited = program.copy(), np.zeros(len(best), dtype=int)
    order = torch.randperm(len(y), generator=generator)
    at = 0
    for step in range(1, plan.steps + 1):
        if at + plan.batch > len(order):
            order, at = torch.randperm(len(y), generator=generator), 0
        rows = order[at : at + plan.batch]
        at += plan.batch
        program.step(inputs[rows], targets[rows], training[:, rows], _pace(step / plan.steps))
        if step % max(1, plan.steps // EVALUATIONS) == 0 or step == plan.steps:
            losses = program.losses(inputs, targets, ~training)
            better = losses < best
            best[better], waited = losses[better], np.where(better, 0, waited + 1)
            program.keep(kept, better)
            if (waited > PATIENCE).all():
                break
    return program.unpack(kept), best


def _pace(progress: float) -> float:
    """Linear warm-up, then half a cosine down to nothing."""
    if progress < WARM_UP:
        return progress / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP)))


class _Program:
    """Weights of all networks of a group, their Adam moments, one step."""

    def __init__(self, plans: tuple[Plan, ...], n_inputs: int, generator: Any) -> None:
        import torch

        self.plans, self.width, self.generator = plans, max(p.widths[0] for p in plans), generator
        m, w, depth = len(plans), self.width, len(plans[0].widths)
        sizes = [(n_inputs, w), *[(w, w)] * (depth - 1), (w, 1)]
        self.weights = [torch.zeros(m, a, b) for a, b in sizes]
        self.biases = [torch.zeros(m, 1, b) for _, b in sizes]
        for i, plan in enumerate(plans):
            below = n_inputs
            for layer, units in enumerate((*plan.widths, 1)):
                scale = math.sqrt(2 / below) if units > 1 else 0.3 / math.sqrt(below)
                self.weights[layer][i, :below, :units] = scale * torch.randn(
                    below, units, generator=generator
                )
                below = units
        # (inputs, networks * width): one product gives all first layers
        self.weights[0] = self.weights[0].permute(1, 0, 2).reshape(n_inputs, m * w).contiguous()
        self.parameters = [*self.weights, *self.biases]
        for parameter in self.parameters:
            parameter.requires_grad_(True)
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p) for p in self.parameters]
        self.rates = torch.tensor([p.rate for p in plans])
        self.decays = torch.tensor([p.decay for p in plans])
        self.dropouts = torch.tensor([p.dropout for p in plans]).view(-1, 1, 1)
        self.count = 0

    def _per_network(self, values: Any, parameter: Any) -> Any:
        """One number per network, shaped to multiply ``parameter``."""
        if parameter is self.parameters[0]:
            return values.repeat_interleave(self.width)
        return values.view(-1, 1, 1)

    def forward(self, inputs: Any, *, drop: bool = False) -> Any:
        """Predictions (m, rows)."""
        import torch

        m, w = len(self.plans), self.width
        hidden = (inputs @ self.weights[0]).view(-1, m, w).transpose(0, 1) + self.biases[0]
        for layer in range(1, len(self.weights)):
            hidden = torch.relu(hidden)
            if drop:
                alive = torch.rand(hidden.shape, generator=self.generator) >= self.dropouts
                hidden = hidden * (alive / (1 - self.dropouts))
            hidden = torch.baddbmm(self.biases[layer], hidden, self.weights[layer])
        return hidden[:, :, 0]

    def step(self, inputs: Any, targets: Any, training: Any, pace: float) -> None:
        """One step of Adam with decoupled decay, doi:10.48550/arXiv.1711.05101."""
        import torch

        errors = self.forward(inputs, drop=True) - targets
        huber = torch.nn.functional.huber_loss(
            errors, torch.zeros_like(errors), reduction="none", delta=HUBER
        )
        loss = ((huber * training).sum(1) / training.sum(1).clamp(min=1)).sum()
        gradients = torch.autograd.grad(loss, self.parameters)
        self.count += 1
        b1, b2 = BETAS
        c1, c2 = 1 - b1**self.count, 1 - b2**self.count
        with torch.no_grad():
            for p, g, m, v in zip(self.parameters, gradients, self.first, self.second, strict=True):
                m.lerp_(g, 1 - b1)
                v.mul_(b2).addcmul_(g, g, value=1 - b2)
                change = m / v.div(c2).sqrt_().add_(1e-8)
                rate = self._per_network(self.rates * pace, p)
                if not any(p is b for b in self.biases):
                    p.mul_(1 - rate * self._per_network(self.decays, p))
                p.sub_(change.mul_(rate / c1))

    def losses(self, inputs: Any, targets: Any, validation: Any) -> npt.NDArray[np.float64]:
        """Mean squared error of each network on its validation rows."""
        import torch

        with torch.no_grad():
            squares = (self.forward(inputs) - targets).square()
            found = (squares * validation).sum(1) / validation.sum(1).clamp(min=1)
        losses: npt.NDArray[np.float64] = np.nan_to_num(found.numpy().astype(float), nan=np.inf)
        return losses

    def copy(self) -> list[Any]:
        """The weights as they are."""
        return [p.detach().clone() for p in self.parameters]

    def keep(self, kept: list[Any], better: npt.NDArray[np.bool_]) -> None:
        """Overwrite the kept weights of the networks that are better now."""
        import torch

        mask = torch.from_numpy(better)
        for old, new in zip(kept, self.parameters, strict=True):
            chosen = self._per_network(mask, new).bool()
            old.copy_(torch.where(chosen, new.detach(), old))

    def unpack(self, kept: list[Any]) -> list[Layers]:
        """Each network's own layers without padding."""
        n = len(self.weights)
        weights, biases = kept[:n], kept[n:]
        m, w = len(self.plans), self.width
        weights[0] = weights[0].view(-1, m, w).transpose(0, 1)
        networks = []
        for i, plan in enumerate(self.plans):
            sizes = [weights[0].shape[1], *plan.widths, 1]
            networks.append(
                tuple(
                    (
                        weights[k][i, : sizes[k], : sizes[k + 1]].contiguous().numpy(),
                        biases[k][i, 0, : sizes[k + 1]].contiguous().numpy(),
                    )
                    for k in range(n)
                )
            )
        return networks
