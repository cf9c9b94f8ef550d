"""A wider model that computes what a narrower one does, to go on training from.

Every unit is there twice (Chen et al. 2016, arXiv:1511.05641), so that the inputs of each matrix come in equal pairs.
Adding noise to the weights of one of a pair and taking it from the other leaves the function as it was, and lets the
two drift apart in training.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from hanten.errors import ConfigError
from hanten.synthesis.forward.architecture import ModelConfig, Parameters

if TYPE_CHECKING:
    from torch import Generator, Tensor

#: Layer normalisations: one number for each unit.
_NORMS = ("norm", "norm1", "norm2", "norm3")


def doubled(config: ModelConfig) -> ModelConfig:
    """The sizes with twice the width, heads and hidden units.

    >>> doubled(ModelConfig(width=128, heads=4, hidden=384)).width
    256
    """
    return replace(config, width=2 * config.width, heads=2 * config.heads, hidden=2 * config.hidden)


def grow(p: Parameters, config: ModelConfig, wanted: ModelConfig, generator: Generator) -> dict[str, Tensor]:
    """Parameters of ``wanted`` sizes, for the same function.

    Parameters
    ----------
    p, config
        The narrower model.
    wanted : ModelConfig
        ``doubled(config)``, apart from dropout.
    generator : Generator
        Of the noise.

    Raises
    ------
    ConfigError
        If the sizes are others.
    """
    if replace(doubled(config), dropout=wanted.dropout) != wanted:
        raise ConfigError(
            f"a model of {config} cannot grow into {wanted}",
            hint="width, heads and hidden units double, and the rest stays",
        )
    return {name: _grown(name, w, config, generator) for name, w in p.items()}


def _grown(name: str, w: Tensor, config: ModelConfig, generator: Generator) -> Tensor:
    import torch

    *_, owner, kind = ("", *name.split("."))
    if name == "write.bias":
        return w.clone()
    if name == "embed":  # looked up times sqrt(width)
        return torch.cat([w, w], dim=1) / math.sqrt(2)
    if name == "relation":
        heads = w[:, 1:].view(len(w), config.decoder_layers, 1, config.heads)
        return torch.cat([w[:, :1], heads.repeat(1, 1, 2, 1).flatten(1)], dim=1)
    if owner in _NORMS or kind in {"position", "bias"}:
        # Logits are a product over twice as many units, and the embeddings above took sqrt(2) of it.
        scale = 1 / math.sqrt(2) if name.startswith("decoder.norm.") else 1.0
        return torch.cat([w, w]) * scale
    parts = {"qkv": 3, "cross": 2}.get(kind, 1)
    twice = w.view(parts, -1, w.shape[1]).repeat(1, 2, 1).flatten(0, 1) / 2
    noise = torch.randn(twice.shape, generator=generator) * twice.std()
    return torch.cat([twice + noise, twice - noise], dim=1)
