"""``python -m hanten.synthesis.forward.merge``: one run of several that went on from the same checkpoint side by side.

Local stochastic gradient descent (Stich 2019, arXiv:1805.09767): each core trains by itself on batches of its own (``--seed``), and
now and then their weights are averaged. It asks for no communication, so it uses cores that one run cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from hanten.errors import BundleError, HantenError
from hanten.synthesis.forward import checkpoint
from hanten.synthesis.forward.architecture import ModelConfig

if TYPE_CHECKING:
    from torch import Tensor

#: Of all runs together; the rest of the progress is that of the first.
ADDED = ("reactions", "cpu_seconds")
MEANS = ("weights", "average", "first_moment", "second_moment")


@click.command()
@click.argument("origin", type=click.Path(exists=True, dir_okay=False))
@click.argument("runs", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("-o", "--output", required=True, help="The checkpoint to go on from.")
def main(origin: str, runs: tuple[str, ...], output: str) -> None:
    """Average RUNS that went on from the checkpoint ORIGIN.

    Place in the data, random state, clock time and curve are those of the first run.
    """
    try:
        groups, facts = merged(origin, runs)
        checkpoint.save(output, groups, facts)
    except HantenError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{output}: {facts['progress']['reactions']} reactions of {len(runs)} runs")


def merged(origin: str, runs: Sequence[str]) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """The mean of the tensors of runs, and facts that count what each has seen since ``origin``.

    Parameters
    ----------
    origin : path
        The checkpoint that all began from; only its facts are read.
    runs : sequence of path
        One or more checkpoints; weights, their average and the optimizer's moments are averaged.

    Returns
    -------
    groups, facts
        As :func:`~hanten.synthesis.forward.checkpoint.save` takes them.

    Raises
    ------
    BundleError
        If a file is no checkpoint, or a run differs from the first in sizes, tokens or pairs or is no later than the
        origin.
    """
    before = checkpoint.read_facts(origin)
    loaded = [checkpoint.load(path) for path in runs]
    groups, facts = loaded[0]
    for path, (_, other) in zip(runs, loaded, strict=True):
        alike = ModelConfig(**other["model"]).same_sizes(ModelConfig(**before["model"]))
        if not alike or any(other[key] != before[key] for key in ("vocabulary", "rdkit", "pairs")):
            raise BundleError("is not a run that went on from the origin", where=path)
        if other["progress"]["step"] < before["progress"]["step"]:
            raise BundleError("is older than the origin", where=path)
    for group in MEANS:
        for name in groups[group]:
            every = [tensors[group][name].double() for tensors, _ in loaded]
            groups[group][name] = (sum(every[1:], every[0]) / len(every)).to(groups[group][name].dtype)
    for key in ADDED:
        start = before["progress"][key]
        facts["progress"][key] = start + sum(other["progress"][key] - start for _, other in loaded)
    facts.pop("format_version")
    return groups, facts


if __name__ == "__main__":
    main()
