"""The translation model in NumPy: the same functions as ``architecture``, for use without torch.

``architecture`` is what is trained and explains the model; a test holds both to the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hanten.synthesis.forward.architecture import NEVER, ModelConfig

Array: TypeAlias = npt.NDArray[Any]  # float32 throughout
Whole: TypeAlias = npt.NDArray[np.int64]
Parameters: TypeAlias = Mapping[str, Array]
_EPSILON = np.float32(1e-5)  # torch's, of layer normalisation


@dataclass(frozen=True)
class Encoded:
    """Sources as the decoder sees them.

    Attributes
    ----------
    source : int array (n, S)
        Token numbers; 0 is padding.
    mask : array (n, 1, 1, S)
        0, or very negative at padding.
    keys : array (n, S, width)
        For the pointer.
    cross : list of (array, array)
        Keys (n, heads, width / heads, S) and values (n, heads, S, width / heads) of each decoder layer.
    """

    source: Whole
    mask: Array
    keys: Array
    cross: list[tuple[Array, Array]]

    def select(self, rows: npt.NDArray[np.intp]) -> Encoded:
        """The sources of some rows."""
        cross = [(key[rows], value[rows]) for key, value in self.cross]
        return Encoded(self.source[rows], self.mask[rows], self.keys[rows], cross)


@dataclass
class Cache:
    """Keys and values of the target tokens so far, per decoder layer: (n, heads, T, width / heads)."""

    layers: list[tuple[Array, Array]] = field(default_factory=list)

    def select(self, rows: npt.NDArray[np.intp]) -> Cache:
        """The targets of some rows."""
        return Cache([(key[rows], value[rows]) for key, value in self.layers])

    def extend(self, layer: int, key: Array, value: Array) -> tuple[Array, Array]:
        """Add what is new, and give all."""
        if layer == len(self.layers):
            self.layers.append((key, value))
        else:
            before = self.layers[layer]
            joined = np.concatenate([before[0], key], axis=2), np.concatenate([before[1], value], axis=2)
            self.layers[layer] = joined
        return self.layers[layer]


def states(p: Parameters, config: ModelConfig, source: Whole) -> Array:
    """What the encoder makes of sources (n, S): (n, S, width)."""
    mask = _mask(source)
    x = p["embed"][source] * np.float32(math.sqrt(config.width))
    near = _relative(source.shape[1], source.shape[1], config.reach)
    for k in range(config.encoder_layers):
        name = f"encoder.{k}"
        q, key, value = _split(_linear(p, f"{name}.qkv", _norm(p, f"{name}.norm1", x)), 3, config.heads)
        mixed = _attend(q, key.swapaxes(2, 3), value, p[f"{name}.position"][:, near][None] + mask)
        x = x + _linear(p, f"{name}.out", mixed)
        x = x + _feed_forward(p, name, _norm(p, f"{name}.norm2", x))
    return _norm(p, "encoder.norm", x)


def prepare(p: Parameters, config: ModelConfig, source: Whole, x: Array) -> Encoded:
    """Keys and values of the decoder, from the encoder's states."""
    cross = []
    for k in range(config.decoder_layers):
        key, value = _split(_linear(p, f"decoder.{k}.cross", x), 2, config.heads)
        cross.append((np.ascontiguousarray(key.swapaxes(2, 3)), value))
    return Encoded(source, _mask(source), _linear(p, "point.key", x), cross)


def decode(
    p: Parameters,
    config: ModelConfig,
    encoded: Encoded,
    target: Whole,
    relation: npt.NDArray[np.int16],
    *,
    cache: Cache | None = None,
) -> tuple[Array, Array]:
    """Logits of writing (n, T, tokens) and of copying (n, T, S) after each target token.

    ``target`` (n, T) holds the tokens so far, or only the newest with a ``cache``; ``relation`` (n, T, S) comes from
    ``relations``. The softmax is over both together.
    """
    x = p["embed"][target] * np.float32(math.sqrt(config.width))
    past = cache.layers[0][0].shape[2] if cache and cache.layers else 0
    near = _relative(target.shape[1], past + target.shape[1], config.reach)
    future = _future(target.shape[1], past + target.shape[1])
    table, where = np.ascontiguousarray(p["relation"].T), relation.astype(np.intp)
    for k in range(config.decoder_layers):
        name = f"decoder.{k}"
        q, key, value = _split(_linear(p, f"{name}.qkv", _norm(p, f"{name}.norm1", x)), 3, config.heads)
        if cache is not None:
            key, value = cache.extend(k, key, value)
        mixed = _attend(q, key.swapaxes(2, 3), value, p[f"{name}.position"][:, near][None] + future)
        x = x + _linear(p, f"{name}.out", mixed)
        q = _split(_linear(p, f"{name}.query", _norm(p, f"{name}.norm2", x)), 1, config.heads)[0]
        leaning = np.empty((*q.shape[:3], where.shape[2]), dtype=np.float32)
        for h in range(config.heads):
            leaning[:, h] = table[1 + k * config.heads + h].take(where)
        mixed = _attend(q, *encoded.cross[k], leaning + encoded.mask)
        x = x + _linear(p, f"{name}.cross_out", mixed)
        x = x + _feed_forward(p, name, _norm(p, f"{name}.norm3", x))
    x = _norm(p, "decoder.norm", x)
    write = _linear(p, "embed", x) + p["write.bias"]
    point = _linear(p, "point.query", x) @ encoded.keys.swapaxes(1, 2) / np.float32(math.sqrt(config.width))
    return write, point + table[0].take(where) + encoded.mask[:, 0]


def log_probabilities(write: Array, point: Array, source: Whole) -> Array:
    """Log-probabilities of the next token (n, tokens), summed over writing and every copy; one step only."""
    total = _log_sum_exp(np.concatenate([write, point], axis=-1))
    tokens = np.exp(write - total[:, None])
    rows = np.repeat(np.arange(len(source)), source.shape[1])
    np.add.at(tokens, (rows, source.ravel()), np.exp(point - total[:, None]).ravel())
    logs: Array = np.log(np.maximum(tokens, np.float32(1e-30)))
    return logs


def target_log_probabilities(write: Array, point: Array, source: Whole, wanted: Whole) -> Array:
    """Log-probability of each wanted token (n, T)."""
    total = _log_sum_exp(np.concatenate([write, point], axis=-1))
    copied = np.where(source[:, None, :] == wanted[:, :, None], point, np.float32(NEVER))
    written = np.take_along_axis(write, wanted[:, :, None], axis=-1)
    return _log_sum_exp(np.concatenate([written, copied], axis=-1)) - total


def padded(rows: Sequence[Sequence[int]]) -> Whole:
    """Rows of token numbers as one array, filled up with padding (0)."""
    filled = np.zeros((len(rows), max(len(row) for row in rows)), dtype=np.int64)
    for k, row in enumerate(rows):
        filled[k, : len(row)] = row
    return filled


def _mask(source: Whole) -> Array:
    mask: Array = ((source == 0).astype(np.float32) * np.float32(NEVER))[:, None, None, :]
    return mask


def _log_sum_exp(x: Array) -> Array:
    top = x.max(axis=-1)
    total: Array = top + np.log(np.exp(x - top[..., None]).sum(axis=-1))
    return total


def _linear(p: Parameters, name: str, x: Array) -> Array:
    """One large product instead of one per row."""
    weight = p[name]
    made: Array = (x.reshape(-1, weight.shape[1]) @ weight.T).reshape(*x.shape[:-1], weight.shape[0])
    return made


def _norm(p: Parameters, name: str, x: Array) -> Array:
    x = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + _EPSILON)
    scaled: Array = x * scale * p[f"{name}.weight"] + p[f"{name}.bias"]
    return scaled


def _feed_forward(p: Parameters, name: str, x: Array) -> Array:
    hidden = _linear(p, f"{name}.up", x)
    hidden += p[f"{name}.up.bias"]
    hidden = np.maximum(hidden, 0, out=hidden)
    return _linear(p, f"{name}.down", hidden)


def _split(x: Array, parts: int, heads: int) -> Sequence[Array]:
    """(n, T, parts * width) to ``parts`` arrays (n, heads, T, width / heads)."""
    n, t, _ = x.shape
    return list(np.ascontiguousarray(x.reshape(n, t, parts, heads, -1).transpose(2, 0, 3, 1, 4)))


def _attend(q: Array, key: Array, value: Array, bias: Array) -> Array:
    """Mix values; ``key`` is transposed: (n, heads, width / heads, S)."""
    score = (q * np.float32(q.shape[-1] ** -0.5)) @ key
    score += bias
    score -= score.max(axis=-1, keepdims=True)
    np.exp(score, out=score)
    score /= score.sum(axis=-1, keepdims=True)
    mixed = (score @ value).swapaxes(1, 2)
    return mixed.reshape(*mixed.shape[:2], -1)


def _relative(rows: int, columns: int, reach: int) -> Whole:
    at = np.arange(columns)
    places: Whole = np.clip(at[None, :] - at[columns - rows :, None], -reach, reach) + reach
    return places


def _future(rows: int, columns: int) -> Array:
    at = np.arange(columns)
    later: Array = (at[None, :] > at[columns - rows :, None]).astype(np.float32) * np.float32(NEVER)
    return later
