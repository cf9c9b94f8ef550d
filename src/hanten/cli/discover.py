"""``hanten discover``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options


@click.command()
@click.argument(
    "config_path", metavar="[CONFIG.toml]", required=False, type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("-n", "--count", type=int, help="Distinct novel candidates wanted.  [default: 1000]")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Run folder.  [default: runs/<date>-<name>]",
)
@click.option("-s", "--seed", type=int, help="Seed of the run.  [default: 0]")
@click.option(
    "-j",
    "--jobs",
    type=int,
    default=-1,
    show_default=True,
    help="Worker processes; -1 takes all cores. The result does not depend on it.",
)
@options.quiet
@options.verbose
@click.option("--force", is_flag=True, help="Overwrite the run in the folder.")
@click.option("--resume", is_flag=True, help="Go on with the run in the folder.")
@click.option("--show-config", is_flag=True, help="Print the TOML of this run and stop.")
def command(
    config_path: Path | None, count: int | None, output: Path | None, seed: int | None, jobs: int,
    quiet: bool, force: bool, resume: bool, show_config: bool,
) -> None:  # fmt: skip
    """From property records to an explained library of candidate polymers.

    Without CONFIG.toml it looks for polymers with high thermal conductivity and a high glass transition temperature,
    on the models and data of the package. With one, on your own records: see --show-config.

    \b
    Examples:
      hanten discover
      hanten discover -n 50 -o runs/small
      hanten discover --show-config > wish.toml
      hanten discover heat-resistant-optical.toml -n 100
    """
    from hanten.cli.progress import ProgressLine
    from hanten.design import config_to_toml
    from hanten.discover import discover
    from hanten.discover.config import choose_config
    from hanten.discover.workflow import default_folder

    config = choose_config(config_path, output if resume else None, n=count, seed=seed)
    if show_config:
        click.echo(config_to_toml(config), nl=False)
        return
    folder = output or default_folder(config.name)
    progress = None if quiet else ProgressLine(config.design.n)
    try:
        found = discover(config, folder, force=force, resume=resume, n_jobs=jobs, progress=progress)
    except KeyboardInterrupt:
        click.echo(f"\nstopped; `hanten discover --resume -o {folder}` goes on", err=True)
        raise
    if progress:
        progress.end()
    for check in found.checks:
        if check.status == "issue":
            click.echo(f"{check.code} {check.title}: not so. {check.text}", err=True)
    click.echo(
        f"{len(found.library)} candidates in {found.summary['seconds']:.0f} s -> {folder / 'report.html'}",
        err=True,
    )
