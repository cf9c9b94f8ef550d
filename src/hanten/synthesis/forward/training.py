"""The training loop: batches of equal length, warm-up, averaged weights, resumable to the bit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanten.errors import BundleError
from hanten.synthesis.forward import architecture as net
from hanten.synthesis.forward import checkpoint, matching
from hanten.synthesis.forward.decoding import Translator
from hanten.synthesis.forward.evaluation import exact_match, teacher_forced
from hanten.synthesis.forward.growing import grow
from hanten.synthesis.forward.pairs import Pairs, PairSettings, batches, padded
from hanten.synthesis.forward.vocabulary import PAD

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


#: Seconds between checkpoints.
SAVE_EVERY = 180.0


@dataclass(frozen=True)
class TrainSettings:
    """How to train.

    Attributes
    ----------
    budget : int
        Tokens of a batch, both sides.
    peak : float
        Learning rate, reached after ``warmup`` steps and held until the cool-down.
    warmup : int
        Steps of linear increase.
    cooldown : float
        Last share of a run's time in which the rate falls linearly towards zero. A run that goes on later
        begins again at ``peak``.
    smoothing : float
        Share of probability that label smoothing spreads over the vocabulary. None by default: what is wanted is a
        likelihood, and two percent a token take half of the probability of a product of 40 tokens (see also Schwaller
        et al. 2019, doi:10.1021/acscentsci.9b00576).
    averaging : float
        Decay of the exponential moving average of the weights; shorter at the beginning.
    clip : float
        Largest norm of the gradient.
    decay : float
        Weight decay of AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101).
    validation : int
        Held-out reactions to check.
    seed : int
        Of weights, batches and dropout.
    """

    budget: int = 3000
    peak: float = 1.5e-3
    warmup: int = 300
    cooldown: float = 0.3
    smoothing: float = 0.0
    averaging: float = 0.998
    clip: float = 1.0
    decay: float = 0.01
    validation: int = 200
    seed: int = 0

    def rate(self, step: int, spent: float = 0.0) -> float:
        """Learning rate of a step, counted from 1, when a share of the run's time is spent.

        Warm-up, constant, cool-down (Hägele et al. 2024, arXiv:2405.18392): unlike a rate that falls from the
        beginning, it leaves the end of training open.

        >>> settings = TrainSettings(peak=1.0, warmup=100, cooldown=0.2)
        >>> settings.rate(50), settings.rate(400), round(settings.rate(400, spent=0.9), 6)
        (0.5, 1.0, 0.5)
        """
        left = (1.0 - min(spent, 1.0)) / self.cooldown if self.cooldown else 1.0
        return float(self.peak * min(step / self.warmup, 1.0, max(left, 0.02)))


class Trainer:
    """A training run: make it new or from a checkpoint, then :meth:`run` it for some minutes.

    Parameters
    ----------
    pairs : Pairs
        What to learn from.
    config : ModelConfig
        Sizes of the model.
    settings : TrainSettings
        How to train.
    device : str
        ``cpu`` or ``cuda``; on the latter with bfloat16 where it is safe.
    """

    def __init__(
        self, pairs: Pairs, config: net.ModelConfig, settings: TrainSettings, device: str = "cpu"
    ) -> None:
        import torch

        self.pairs, self.config, self.settings, self.device = pairs, config, settings, device
        self.halves = device == "cuda" or halves_help()
        self.progress = checkpoint.Progress()
        self.spent = 0.0
        self.kinds = torch.tensor(pairs.vocabulary.kinds)
        torch.manual_seed(settings.seed)
        first = net.initialise(config, len(pairs.vocabulary), torch.Generator().manual_seed(settings.seed))
        self.weights = {name: tensor.to(device).requires_grad_() for name, tensor in first.items()}
        self.average = {name: tensor.detach().clone() for name, tensor in self.weights.items()}
        self.optimizer = torch.optim.AdamW(
            self.weights.values(), lr=settings.peak, betas=(0.9, 0.98), eps=1e-9, weight_decay=settings.decay
        )

    @classmethod
    def resume(
        cls,
        path: str | Path,
        pairs: Pairs,
        device: str = "cpu",
        *,
        dropout: float | None = None,
        **other: float | None,
    ) -> Trainer:
        """Go on with the run of a checkpoint, with another dropout or ``other`` settings where they are given (and not None).

        Raises
        ------
        BundleError
            If the checkpoint was trained on other pairs.
        """
        import torch

        groups, head = checkpoint.load(path)
        head["pairs"]["settings"] = asdict(
            PairSettings(**head["pairs"]["settings"])
        )  # what an older file leaves out
        if head["pairs"] != _pairs_facts(pairs) or head["vocabulary"] != list(pairs.vocabulary.tokens):
            raise BundleError(
                "was trained on other pairs", where=str(path), hint="give the same data and options"
            )
        if not groups["first_moment"]:
            raise BundleError("holds weights only and cannot be resumed", where=str(path))
        told = {name: value for name, value in other.items() if value is not None}
        settings = TrainSettings(**head["settings"] | told)
        config = net.ModelConfig(**head["model"])
        if dropout is not None:
            config = replace(config, dropout=dropout)
        trainer = cls(pairs, config, settings, device)
        trainer.progress = checkpoint.Progress(**head["progress"])
        step = torch.tensor(float(trainer.progress.step))
        for name, weight in trainer.weights.items():
            weight.data.copy_(groups["weights"][name])
            trainer.average[name].copy_(groups["average"][name])
            moments = {"exp_avg": groups["first_moment"][name], "exp_avg_sq": groups["second_moment"][name]}
            trainer.optimizer.state[weight] = {"step": step.clone()} | {
                key: moment.float().to(device) for key, moment in moments.items()
            }
        torch.set_rng_state(groups["random"]["cpu"])
        if "cuda" in groups["random"] and device == "cuda":
            torch.cuda.set_rng_state(groups["random"]["cuda"])
        return trainer

    def start_from(self, path: str | Path) -> None:
        """Take the averaged weights of another run of the same or half the sizes; tokens it did not know begin as they are."""
        import torch

        groups, head = checkpoint.load(path)
        found = {name: tensor.float() for name, tensor in groups["average"].items()}
        config = net.ModelConfig(**head["model"])
        if not config.same_sizes(self.config):
            found = grow(found, config, self.config, torch.Generator().manual_seed(self.settings.seed))
        numbers = [self.pairs.vocabulary.numbers.get(token) for token in head["vocabulary"]]
        known = [k for k, number in enumerate(numbers) if number is not None]
        rows = torch.tensor([numbers[k] for k in known])
        self.progress.began_from = head["progress"]
        with torch.no_grad():
            for name, weight in self.weights.items():
                taken = found[name].to(weight)
                if name in {"embed", "write.bias"}:
                    weight[rows] = taken[known]
                else:
                    weight.copy_(taken)
                self.average[name].copy_(weight)

    def save(self, path: str | Path) -> None:
        """Write the checkpoint."""
        import torch

        state = self.optimizer.state
        moments = {
            group: {name: state[w][key] for name, w in self.weights.items() if w in state}
            for group, key in (("first_moment", "exp_avg"), ("second_moment", "exp_avg_sq"))
        }
        random = {"cpu": torch.get_rng_state()}
        if self.device == "cuda":
            random["cuda"] = torch.cuda.get_rng_state()
        groups = {"weights": self.weights, "average": self.average, "random": random, **moments}
        facts = {
            "model": asdict(self.config),
            "settings": asdict(self.settings),
            "vocabulary": list(self.pairs.vocabulary.tokens),
            "pairs": _pairs_facts(self.pairs),
            "progress": asdict(self.progress),
        }
        checkpoint.save(path, groups, facts)

    def steps(self) -> Iterator[float]:
        """Train without end; each step gives its loss, nats a token."""
        while True:
            plan = batches(self.pairs, self.settings.budget, self.progress.epoch, self.settings.seed)
            for rows, batch in _ahead(self._batch, plan[self.progress.batch :]):
                clock, processor = time.perf_counter(), time.process_time()
                loss = self._step(*batch)
                self.progress.step += 1
                self.progress.batch += 1
                self.progress.reactions += len(rows)
                self.progress.seconds += time.perf_counter() - clock
                self.progress.cpu_seconds += time.process_time() - processor
                if self.progress.batch == len(plan):
                    self.progress.epoch, self.progress.batch = self.progress.epoch + 1, 0
                yield loss

    def _batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """Source, target, and their relations."""
        import torch

        source = torch.from_numpy(padded(self.pairs.sources[k] for k in rows))
        target = torch.from_numpy(padded(self.pairs.targets[k] for k in rows))
        relation = matching.relations(self.kinds[source], self.kinds[target[:, :-1]])
        return source.to(self.device), target.to(self.device), relation.to(self.device)

    def _step(self, source: Tensor, target: Tensor, relation: Tensor) -> float:
        import torch

        rate = self.settings.rate(self.progress.step + 1, self.spent)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, plain = self._loss(source, target, relation)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights.values(), self.settings.clip)
        self.optimizer.step()
        step = self.progress.step + 1
        decay = min(self.settings.averaging, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, weight in self.weights.items():
                self.average[name].lerp_(weight, 1 - decay)
        return float(plain)

    def _loss(self, source: Tensor, target: Tensor, relation: Tensor) -> tuple[Tensor, Tensor]:
        """Loss with label smoothing, and without: means over tokens."""
        import torch

        weights = net.in_halves(self.weights) if self.halves else self.weights
        encoded = net.encode(weights, self.config, source, training=True)
        write, point = net.decode(weights, self.config, encoded, target[:, :-1], relation, training=True)
        wanted = target[:, 1:]
        counts = (wanted != PAD).float() / (wanted != PAD).sum()
        right = net.target_log_probabilities(write, point, source, wanted)
        plain = -(right * counts).sum()
        if not self.settings.smoothing:
            return plain, plain.detach()
        total = torch.logsumexp(torch.cat([write, point], dim=-1), dim=-1)
        spread = -((write.mean(dim=-1) - total) * counts).sum()
        return plain + self.settings.smoothing * (spread - plain), plain.detach()

    def validate(self) -> dict[str, Any]:
        """Loss and token accuracy (teacher-forced) and greedy exact match on held-out reactions."""
        held_out = self.pairs.held_out[: self.settings.validation]
        model = Translator(self.average, self.config, self.pairs.vocabulary)
        found: dict[str, Any] = {"step": self.progress.step, "reactions": self.progress.reactions}
        found |= {"seconds": round(self.progress.seconds), "cpu_seconds": round(self.progress.cpu_seconds)}
        found |= teacher_forced(model, held_out) | {
            "exact": exact_match(model, held_out),
            "of": len(held_out),
        }
        self.progress.curve.append(found)
        return found

    def run(
        self,
        minutes: float,
        path: str | Path,
        *,
        say: Callable[[str], None],
        report: float = 60.0,
        validate: float = 600.0,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train for some minutes of clock time; say, save and validate now and then, and at the end.

        Parameters
        ----------
        minutes : float
            When to stop.
        path : path
            The checkpoint; written at each validation and at most every three minutes between.
        say : callable
            Takes a line of progress.
        report, validate : float
            Seconds between lines, and between validations.
        stopped : callable
            Asked after each step; true stops as at the end of the time.
        """
        begin, losses, seen = time.monotonic(), [], self.progress.reactions
        line, check, save = _Every(report), _Every(validate), _Every(SAVE_EVERY)
        for loss in self.steps():
            losses.append(loss)
            spent = (time.monotonic() - begin) / 60
            self.spent = spent / minutes if minutes > 0 else 1.0
            if line.due():
                say(self._line(losses, (self.progress.reactions - seen) / report, spent, minutes))
                losses, seen = [], self.progress.reactions
            over = spent >= minutes or stopped()
            if over or check.due():
                say("  validation " + ", ".join(f"{k} {v:.4g}" for k, v in self.validate().items()))
                self.save(path)
            elif save.due():
                self.save(path)
            if over:
                return

    def _line(self, losses: Sequence[float], rate: float, spent: float, minutes: float) -> str:
        state = self.progress
        plan = state.reactions / len(self.pairs)
        return (
            f"step {state.step}  epoch {plan:.2f}  loss {sum(losses) / len(losses):.4f}  "
            f"rate {self.settings.rate(state.step, self.spent):.2e}  {rate:.0f} reactions/s  {spent:.1f} of {minutes:g} min"
        )


def halves_help() -> bool:
    """Whether this processor multiplies matrices in bfloat16 (else it is far slower than single precision)."""
    import torch

    ask = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(bool(one and one()) for one in ask)


class _Every:
    """Says when some seconds have passed since it last said so."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.last = seconds, time.monotonic()

    def due(self) -> bool:
        now = time.monotonic()
        if now - self.last < self.seconds:
            return False
        self.last = now
        return True


def _pairs_facts(pairs: Pairs) -> dict[str, Any]:
    return {"digest": pairs.digest, "count": len(pairs), "settings": asdict(pairs.settings)}


def _ahead(make: Callable[[Any], Any], items: Sequence[Any], depth: int = 4) -> Iterator[tuple[Any, Any]]:
    """Make things in the background, a few ahead, in order."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        waiting = [pool.submit(make, item) for item in items[:depth]]
        for k, item in enumerate(items):
            if k + depth < len(items):
                waiting.append(pool.submit(make, items[k + depth]))
            yield item, waiting[k].result()
            waiting[k] = None  # type: ignore[call-overload]
