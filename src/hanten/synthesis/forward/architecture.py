"""The translation model: a pre-norm transformer whose decoder writes or copies.

After Vaswani et al. 2017 (arXiv:1706.03762), with relative positions (Shaw et al. 2018, arXiv:1803.02155) and a
copy path: the next token is either written from the vocabulary or copied from a source position, in one softmax
over both, summed over the ways to make the same token (CopyNet, Gu et al. 2016, doi:10.18653/v1/P16-1154). Biases
learnt per relation (see ``matching``) tell attention and pointer where a copy would go on.

Parameters are a dictionary of tensors and the model is functions of it, so that averaging, saving and comparing
are plain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hanten.errors import ConfigError, did_you_mean
from hanten.synthesis.forward.matching import BEST_SCORE, COVERS, FRONTIER, RELATIONS, SCORES

if TYPE_CHECKING:
    from torch import Generator, Tensor

Parameters = Mapping[str, "Tensor"]
NEVER = -1e9


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of a model.

    Attributes
    ----------
    width : int
        Numbers per token; a multiple of ``heads``.
    heads, encoder_layers, decoder_layers, hidden : int
        Attention heads, layers, and width of the feed-forward layers.
    dropout : float
        Share of values dropped in training.
    reach : int
        Relative positions farther than this are one.
    """

    width: int = 128
    heads: int = 4
    encoder_layers: int = 3
    decoder_layers: int = 2
    hidden: int = 384
    dropout: float = 0.0
    reach: int = 32

    def same_sizes(self, other: ModelConfig) -> bool:
        """Whether weights of one fit the other.

        >>> preset("base").same_sizes(replace(preset("base"), dropout=0.5))
        True
        """
        return replace(other, dropout=self.dropout) == self


#: ``small`` is for minutes to hours on a processor, ``double`` is what it grows into, ``base`` (Molecular Transformer size) for a GPU.
PRESETS = {
    "tiny": ModelConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=64),
    "small": ModelConfig(),
    "double": ModelConfig(width=256, heads=8, hidden=768),
    "medium": ModelConfig(width=256, heads=8, encoder_layers=3, decoder_layers=3, hidden=1024, dropout=0.05),
    "base": ModelConfig(width=256, heads=8, encoder_layers=4, decoder_layers=4, hidden=2048, dropout=0.1),
}


def preset(name: str) -> ModelConfig:
    """The sizes of a named model.

    >>> preset("base").hidden
    2048
    """
    if name not in PRESETS:
        raise ConfigError(f"no preset {name!r}", hint=did_you_mean(name, PRESETS))
    return PRESETS[name]


def initialise(config: ModelConfig, n_tokens: int, generator: Generator) -> dict[str, Tensor]:
    """Parameters of a new model; the copy path begins with a leaning to go on copying."""
    import torch

    d, f, h = config.width, config.hidden, config.heads
    shapes = {"embed": (n_tokens, d), "write.bias": (n_tokens,), "point.query": (d, d), "point.key": (d, d)}
    norms = ["encoder.norm", "decoder.norm"]
    for k in range(config.encoder_layers):
        name = f"encoder.{k}"
        shapes |= {
            f"{name}.qkv": (3 * d, d),
            f"{name}.out": (d, d),
            f"{name}.up": (f, d),
            f"{name}.down": (d, f),
        }
        shapes |= {f"{name}.position": (h, 2 * config.reach + 1), f"{name}.up.bias": (f,)}
        norms += [f"{name}.norm1", f"{name}.norm2"]
    for k in range(config.decoder_layers):
        name = f"decoder.{k}"
        shapes |= {
            f"{name}.qkv": (3 * d, d),
            f"{name}.out": (d, d),
            f"{name}.up": (f, d),
            f"{name}.down": (d, f),
        }
        shapes |= {f"{name}.position": (h, 2 * config.reach + 1), f"{name}.up.bias": (f,)}
        shapes |= {f"{name}.query": (d, d), f"{name}.cross": (2 * d, d), f"{name}.cross_out": (d, d)}
        norms += [f"{name}.norm1", f"{name}.norm2", f"{name}.norm3"]
    made = {}
    for name, shape in shapes.items():
        plain = name.endswith(("bias", "position"))
        scale = 0.0 if plain else shape[-1] ** -0.5
        made[name] = torch.randn(shape, generator=generator) * scale
    made |= {f"{name}.weight": torch.ones(d) for name in norms} | {
        f"{name}.bias": torch.zeros(d) for name in norms
    }
    made["relation"] = _first_leaning(config)
    return made


def _first_leaning(config: ModelConfig) -> Tensor:
    """Biases per relation: column 0 for the pointer, then heads of each decoder layer; half of the heads lean."""
    import torch

    number = torch.arange(RELATIONS)
    score = (number // COVERS % SCORES).float() / BEST_SCORE
    lean = 5.0 * score + 1.0 * (number % COVERS == FRONTIER)
    table = torch.zeros(RELATIONS, 1 + config.decoder_layers * config.heads)
    table[:, 0] = lean
    for k in range(config.decoder_layers):
        first = 1 + k * config.heads
        table[:, first : first + config.heads // 2] = lean[:, None]
    return table


def in_halves(p: Parameters) -> dict[str, Tensor]:
    """The parameters with every matrix in bfloat16, through which gradients flow back to those given.

    What is added up stays in single precision: the residual stream, layer normalisation, biases, logits.
    """
    matrix = ("embed", "qkv", "out", "up", "down", "query", "cross", "cross_out", "key")
    return {name: w.bfloat16() if name.rpartition(".")[2] in matrix else w for name, w in p.items()}


@dataclass(frozen=True)
class Encoded:
    """Sources as the decoder sees them, computed once per reactant set.

    Attributes
    ----------
    source : int tensor (n, S)
        Token numbers.
    mask : tensor (n, 1, 1, S)
        0, or very negative at padding.
    keys : tensor (n, S, width)
        For the pointer.
    cross : list of (tensor, tensor)
        Keys and values (n, heads, S, width / heads) of each decoder layer.
    """

    source: Tensor
    mask: Tensor
    keys: Tensor
    cross: list[tuple[Tensor, Tensor]]

    def select(self, rows: Tensor) -> Encoded:
        """The sources of some rows."""
        cross = [(k[rows], v[rows]) for k, v in self.cross]
        return Encoded(self.source[rows], self.mask[rows], self.keys[rows], cross)


@dataclass
class Cache:
    """Keys and values of the target tokens so far, per decoder layer, for decoding step by step."""

    layers: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    def select(self, rows: Tensor) -> Cache:
        """The targets of some rows."""
        return Cache([(k[rows], v[rows]) for k, v in self.layers])


def encode(p: Parameters, config: ModelConfig, source: Tensor, *, training: bool = False) -> Encoded:
    """Read sources (n, S); 0 is padding."""
    mask = ((source == 0).float() * NEVER)[:, None, None, :]
    x = _embed(p, config, source, training)
    near = _relative(source.shape[1], source.shape[1], config.reach, source.device)
    for k in range(config.encoder_layers):
        name = f"encoder.{k}"
        q, key, value = _split(_linear(p, f"{name}.qkv", _norm(p, f"{name}.norm1", x)), 3, config.heads)
        mixed = _attend(q, key, value, p[f"{name}.position"][:, near][None] + mask)
        x = x + _drop(_linear(p, f"{name}.out", mixed), config, training)
        x = x + _feed_forward(p, name, _norm(p, f"{name}.norm2", x), config, training)
    x = _norm(p, "encoder.norm", x)
    cross = []
    for k in range(config.decoder_layers):
        key, value = _split(_linear(p, f"decoder.{k}.cross", x), 2, config.heads)
        cross.append((key, value))
    return Encoded(source, mask, _linear(p, "point.key", x), cross)


def decode(
    p: Parameters,
    config: ModelConfig,
    encoded: Encoded,
    target: Tensor,
    relation: Tensor,
    *,
    cache: Cache | None = None,
    training: bool = False,
) -> tuple[Tensor, Tensor]:
    """Logits of writing and of copying after each target token.

    Parameters
    ----------
    p, config, encoded
        Model and sources.
    target : int tensor (n, T)
        Tokens so far (teacher forcing), or only the newest one with a ``cache``.
    relation : int tensor (n, T, S)
        From :func:`~hanten.synthesis.forward.matching.relations`.
    cache : Cache, optional
        Of the tokens before; is extended.
    training : bool
        With dropout.

    Returns
    -------
    (n, T, tokens) and (n, T, S) tensors
        Not normalised; the softmax is over both together.
    """
    import torch.nn.functional as F  # noqa: N812

    x = _embed(p, config, target, training)
    past = cache.layers[0][0].shape[2] if cache and cache.layers else 0
    near = _relative(target.shape[1], past + target.shape[1], config.reach, target.device)
    future = _future(target.shape[1], past + target.shape[1], target.device)
    leanings = p["relation"].split([1] + [config.heads] * config.decoder_layers, dim=1)
    for k in range(config.decoder_layers):
        name = f"decoder.{k}"
        q, key, value = _split(_linear(p, f"{name}.qkv", _norm(p, f"{name}.norm1", x)), 3, config.heads)
        key, value = _extend(cache, k, key, value)
        mixed = _attend(q, key, value, p[f"{name}.position"][:, near][None] + future)
        x = x + _drop(_linear(p, f"{name}.out", mixed), config, training)
        q = _split(_linear(p, f"{name}.query", _norm(p, f"{name}.norm2", x)), 1, config.heads)[0]
        leaning = F.embedding(relation, leanings[1 + k]).permute(0, 3, 1, 2)
        mixed = _attend(q, *encoded.cross[k], leaning + encoded.mask)
        x = x + _drop(_linear(p, f"{name}.cross_out", mixed), config, training)
        x = x + _feed_forward(p, name, _norm(p, f"{name}.norm3", x), config, training)
    x = _norm(p, "decoder.norm", x)
    write = _linear(p, "embed", x).float() + p["write.bias"]
    point = _linear(p, "point.query", x) @ encoded.keys.transpose(1, 2) / math.sqrt(config.width)
    leaning = F.embedding(relation, leanings[0])[..., 0]
    return write, point.float() + leaning + encoded.mask[:, 0]


def log_probabilities(write: Tensor, point: Tensor, source: Tensor) -> Tensor:
    """Log-probabilities of the next token (n, T, tokens), summed over writing and every copy of it."""
    import torch

    together = torch.softmax(torch.cat([write, point], dim=-1), dim=-1)
    tokens, copies = together[..., : write.shape[-1]], together[..., write.shape[-1] :]
    where = source[:, None, :].expand_as(copies)
    return tokens.scatter_add(-1, where, copies).clamp_min(1e-30).log()


def target_log_probabilities(write: Tensor, point: Tensor, source: Tensor, wanted: Tensor) -> Tensor:
    """Log-probability of each wanted token (n, T): as above without the tokens nobody asked for."""
    import torch

    total = torch.logsumexp(torch.cat([write, point], dim=-1), dim=-1)
    same = source[:, None, :] == wanted[:, :, None]
    copied = point.masked_fill(~same, NEVER)
    written = write.gather(-1, wanted[:, :, None])
    return torch.logsumexp(torch.cat([written, copied], dim=-1), dim=-1) - total


def _embed(p: Parameters, config: ModelConfig, tokens: Tensor, training: bool) -> Tensor:
    import torch.nn.functional as F  # noqa: N812

    return _drop(F.embedding(tokens, p["embed"]).float() * math.sqrt(config.width), config, training)


def _linear(p: Parameters, name: str, x: Tensor) -> Tensor:
    import torch.nn.functional as F  # noqa: N812

    return F.linear(x.to(p[name].dtype), p[name])


def _norm(p: Parameters, name: str, x: Tensor) -> Tensor:
    import torch.nn.functional as F  # noqa: N812

    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"])


def _feed_forward(p: Parameters, name: str, x: Tensor, config: ModelConfig, training: bool) -> Tensor:
    import torch.nn.functional as F  # noqa: N812

    up = p[f"{name}.up"]
    hidden = F.relu(F.linear(x.to(up.dtype), up, p[f"{name}.up.bias"].to(up.dtype)), inplace=True)
    return _drop(_linear(p, f"{name}.down", hidden), config, training)


def _drop(x: Tensor, config: ModelConfig, training: bool) -> Tensor:
    import torch.nn.functional as F  # noqa: N812

    return F.dropout(x, config.dropout, training=training) if config.dropout and training else x


def _split(x: Tensor, parts: int, heads: int) -> tuple[Tensor, ...]:
    """(n, T, parts * width) to ``parts`` tensors (n, heads, T, width / heads)."""
    n, t, _ = x.shape
    return tuple(x.view(n, t, parts, heads, -1).permute(2, 0, 3, 1, 4))


def _attend(q: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
    """Softmax attention. Written out: the biases are learnt, and torch's fused one is slower then."""
    scores = ((q / math.sqrt(q.shape[-1])) @ key.transpose(-2, -1)).float() + bias
    return (scores.softmax(dim=-1).to(value.dtype) @ value).transpose(1, 2).flatten(2)


def _extend(cache: Cache | None, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    import torch

    if cache is None:
        return key, value
    if layer < len(cache.layers):
        before = cache.layers[layer]
        key, value = torch.cat([before[0], key], dim=2), torch.cat([before[1], value], dim=2)
        cache.layers[layer] = (key, value)
    else:
        cache.layers.append((key, value))
    return key, value


def _relative(rows: int, columns: int, reach: int, device: object) -> Tensor:
    """Relative position of each column as seen from the last ``rows`` of as many, as an index."""
    import torch

    at = torch.arange(columns, device=device)
    return (at[None, :] - at[columns - rows :, None]).clamp(-reach, reach) + reach


def _future(rows: int, columns: int, device: object) -> Tensor:
    """Very negative where a column is later than its row."""
    import torch

    at = torch.arange(columns, device=device)
    return (at[None, :] > at[columns - rows :, None]).float() * NEVER
