"""``hanten report``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(file_okay=False, path_type=Path))
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def command(run: Path, open_page: bool) -> None:
    """Tell a finished discovery again: rebuild report.html from the files of its run folder.

    \b
    Examples:
      hanten report runs/small
      hanten report runs/small --open
    """
    from hanten.discover import open_discovery
    from hanten.discover.workflow import write
    from hanten.runs import RunFolder

    write(open_discovery(run), RunFolder(run, resume=True))
    page = run / "report.html"
    click.echo(page)
    if open_page:
        click.launch(str(page.resolve()))
