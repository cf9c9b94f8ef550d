"""``hanten design``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hanten.cli import options


@click.command()
@click.option(
    "-t",
    "--target",
    "targets",
    multiple=True,
    metavar="REGION",
    help='For example "Tg >= 473 K"; may be repeated.',
)
@click.option("-n", "--count", type=int, help="Distinct novel candidates wanted.  [default: 1000]")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Run folder.  [default: runs/<date>-design]",
)
@click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML to start from.",
)
@click.option("-s", "--seed", type=int, help="Seed of the run.  [default: 0]")
@options.jobs
@options.quiet
@options.verbose
@click.option("--force", is_flag=True, help="Overwrite the run in the folder.")
@click.option("--resume", is_flag=True, help="Go on with the run in the folder.")
@click.option("--show-config", is_flag=True, help="Print the TOML of this run and stop.")
def command(
    targets: tuple[str, ...], count: int | None, output: Path | None, config_path: Path | None, seed: int | None,
    jobs: int, quiet: bool, force: bool, resume: bool, show_config: bool,
) -> None:  # fmt: skip
    """Sample new polymers whose properties lie in target regions.

    \b
    Examples:
      hanten design --target "thermal_conductivity >= 0.4 W/m/K" --target "Tg >= 473 K" -n 1000
      hanten design -t "Tg 450..500 K" -n 200 -o runs/warm
      hanten design -t "density <= 1 g/cm3" --show-config > design.toml
    """
    from dataclasses import replace
    from datetime import UTC, datetime

    from hanten.design import DesignConfig, config_to_toml, read_config
    from hanten.design.sampling import sample

    if resume and config_path is None and output is not None and (output / "config.toml").is_file():
        config_path = output / "config.toml"
    config = DesignConfig() if config_path is None else read_config(config_path)
    given: dict[str, Any] = {"targets": targets or None, "n": count, "seed": seed}
    config = replace(config, **{key: value for key, value in given.items() if value is not None})
    if show_config:
        click.echo(config_to_toml(config), nl=False)
        return
    folder = output or Path("runs") / f"{datetime.now(UTC):%Y-%m-%d}-design"
    progress = None if quiet else _Line()
    try:
        result = sample(
            config=config, run_dir=folder, force=force, resume=resume, n_jobs=jobs, progress=progress
        )
    except KeyboardInterrupt:
        click.echo(f"\nstopped; `hanten design --resume -o {folder}` goes on", err=True)
        raise
    if progress is not None:
        progress.end()
    for check in result.checks:
        if not check.fine:
            click.echo(f"{check.code} not so: {check.title} ({check.text})", err=True)
    click.echo(
        f"{len(result.frame())} candidates, log evidence {result.log_evidence:.2f} -> {folder / 'results.csv'}",
        err=True,
    )


class _Line:
    """One progress line: step, rate, and how far the target is."""

    def __init__(self) -> None:
        from time import monotonic

        self.clock, self.start = monotonic, monotonic()

    def __call__(self, row: Any, found: int) -> None:
        seconds = max(self.clock() - self.start, 1e-9)
        text = (
            f"step {row['step']}  beta {row['beta']:.3f}  ESS {row['ess']:.0f}  in target {row['in_target']:.0%}  "
            f"{found} candidates  {row['calls'] / seconds:.0f} structures/s  {seconds:.0f} s"
        )
        click.echo(f"\r{text:<110}", nl=False, err=True)

    def end(self) -> None:
        click.echo("", err=True)
