"""One file that holds a training run: weights, their average, optimizer, random state, and where it stands.

The file is safetensors (no pickle); everything that is not a tensor is JSON in its header.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rdkit import rdBase

from hanten.errors import BundleError
from hanten.runs import atomic_write
from hanten.synthesis.forward.architecture import ModelConfig
from hanten.synthesis.forward.decoding import Translator
from hanten.synthesis.forward.vocabulary import Vocabulary

if TYPE_CHECKING:
    from torch import Tensor

FORMAT_VERSION = 1
KEY = "hanten.forward"
GROUPS = ("weights", "average", "first_moment", "second_moment", "random")


@dataclass
class Progress:
    """Where a run stands.

    Attributes
    ----------
    step, epoch, batch : int
        Optimizer steps so far; the epoch and the batch in it that come next.
    reactions : int
        Training pairs seen.
    seconds, cpu_seconds : float
        Time spent training, on the clock and by the processor.
    curve : list of dict
        One entry per validation.
    began_from : dict, optional
        Progress of the run whose weights were taken over.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    reactions: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    curve: list[dict[str, Any]] = field(default_factory=list)
    began_from: dict[str, Any] | None = None


def save(path: str | Path, groups: Mapping[str, Mapping[str, Tensor]], facts: Mapping[str, Any]) -> None:
    """Write a checkpoint, whole or not at all.

    Parameters
    ----------
    path : path
        ``*.safetensors``.
    groups : mapping of mappings of tensors
        By the names in ``GROUPS``.
    facts : mapping
        JSON: model, vocabulary, settings, progress.
    """
    from safetensors.torch import save as to_bytes

    tensors = {
        f"{group}/{name}": tensor.detach().cpu().contiguous()
        for group, members in groups.items()
        for name, tensor in members.items()
    }
    head = {"format_version": FORMAT_VERSION, "rdkit": rdBase.rdkitVersion, **facts}
    with atomic_write(path, "wb") as handle:
        handle.write(to_bytes(tensors, {KEY: json.dumps(head)}))


def load(path: str | Path) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """Groups of tensors and facts of a checkpoint; errors as of :func:`read_facts`."""
    from safetensors.torch import load_file

    facts = read_facts(path)
    groups: dict[str, dict[str, Tensor]] = {group: {} for group in GROUPS}
    for key, tensor in load_file(str(path)).items():
        group, _, name = key.partition("/")
        groups.setdefault(group, {})[name] = tensor
    return groups, facts


def read_facts(path: str | Path) -> dict[str, Any]:
    """What a checkpoint says besides its tensors: sizes, vocabulary, settings, progress.

    Raises
    ------
    BundleError
        If the file is not one, or of a newer format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as archive:
            facts: dict[str, Any] | None = json.loads((archive.metadata() or {}).get(KEY, "null"))
    except (OSError, SafetensorError) as error:
        raise BundleError(f"no checkpoint: {error}", where=str(path)) from error
    if facts is None:
        raise BundleError("no forward reaction model in this file", where=str(path))
    if facts["format_version"] > FORMAT_VERSION:
        raise BundleError(
            f"format {facts['format_version']} is newer than {FORMAT_VERSION}",
            where=str(path),
            hint="update hanten",
        )
    return facts


def shrink(path: str | Path, smaller: str | Path) -> None:
    """Write a checkpoint anew in half the size: weights in float16, the optimizer's moments in bfloat16.

    A run that goes on from it is not the same to the bit as one that goes on from the original.
    """
    import torch

    kinds = {"weights": torch.float16, "average": torch.float16}
    kinds |= {"first_moment": torch.bfloat16, "second_moment": torch.bfloat16}
    groups, head = load(path)
    for group, kind in kinds.items():
        groups[group] = {name: tensor.to(kind) for name, tensor in groups[group].items()}
    head.pop("format_version")
    save(smaller, groups, head)


def load_translator(path: str | Path, device: str = "cpu") -> Translator:
    """The model of a checkpoint, with averaged weights, in single precision.

    Raises
    ------
    BundleError
        If the file is no checkpoint, or was trained on SMILES of another RDKit release.
    """
    groups, head = load(path)
    if head["rdkit"] != rdBase.rdkitVersion:
        raise BundleError(
            f"trained on canonical SMILES of RDKit {head['rdkit']}, here is {rdBase.rdkitVersion}",
            where=str(path),
            hint=f"install rdkit=={head['rdkit']}",
        )
    chosen = groups["average"] or groups["weights"]
    weights = {name: tensor.float().to(device) for name, tensor in chosen.items()}
    return Translator(weights, ModelConfig(**head["model"]), Vocabulary(tuple(head["vocabulary"])))
