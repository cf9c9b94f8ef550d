"""``hanten``: the group of commands, in flow order, loaded lazily."""

from __future__ import annotations

import logging
import sys
from importlib import import_module

import click

from hanten._version import __version__
from hanten.errors import HantenError, did_you_mean

# name -> (module, one line); in the order in which a user's work flows.
COMMANDS = {
    "discover": ("discover", "From property records to an explained library of candidates."),
    "data": ("data", "The property database and the public data sets."),
    "canonical": ("canonical", "One canonical string per polymer, however it is written."),
    "draw": ("draw", "Draw repeat units or molecules as SVG."),
    "properties": ("properties", "The properties hanten knows, with units and ranges."),
    "elements": ("elements", "The element table, and periodic tables made from it."),
    "phases": ("phases", "Quasicrystal, approximant or other, from composition."),
    "crystals": ("crystals", "Lattice thermal conductivity of crystals; screening of formulas."),
    "predict": ("predict", "Property -> mean and standard deviation for each structure."),
    "train": ("train", "Train a calibrated property model on a table."),
    "library": ("library", "Source models trained on public data: list, search, train, fetch."),
    "transfer": ("transfer", "Learn from few rows with the help of source models."),
    "evaluate": ("evaluate", "Score a model bundle on a table it has not seen."),
    "design": ("design", "Sample candidates in a target region."),
    "forward": ("forward", "Reactants -> products, each with its probability."),
    "stock": ("stock", "What can be bought: build, look up, nearest members."),
    "synth": ("synth", "Routes to a molecule or a polymer from what can be bought."),
    "report": ("report", "Rebuild the HTML report of a run."),
}

INTRO = """Bayesian inverse design of polymers and materials.

\b
Examples:
  hanten discover
  hanten predict "*CC(*)c1ccccc1"
  hanten design --target "thermal_conductivity >= 0.4 W/m/K" -n 1000

Standard deviation and an in-domain flag come with every prediction. Exit status: 0 done, 1 error,
2 wrong usage, 3 done but some rows failed.
"""


class LazyGroup(click.Group):
    """A group that imports a command's file only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Flow order, not the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import ``hanten.cli.<module>`` and return its ``command``."""
        if cmd_name not in COMMANDS:
            hint = did_you_mean(cmd_name, COMMANDS) or "`hanten --help` lists all"
            ctx.fail(f"no command is called {cmd_name!r} ({hint})")
        return import_module(f"hanten.cli.{COMMANDS[cmd_name][0]}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table of commands, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    help=INTRO,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="hanten")
@click.pass_context
def hanten(ctx: click.Context) -> None:
    """The root command; without a subcommand it explains itself."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(args: list[str] | None = None) -> None:
    """Run the command line; print an error as one paragraph, a traceback only with ``-vv``."""
    words = sys.argv[1:] if args is None else args
    verbose = any(word in {"-vv", "-vvv"} for word in words)
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING, format="%(levelname)s: %(message)s"
    )
    try:
        status = hanten.main(args=words, prog_name="hanten", standalone_mode=False)
    except HantenError as error:
        _stop(str(error), error, verbose=verbose)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as error:
        _stop("interrupted", error, verbose=verbose, status=130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _stop(f"{error.filename or 'the system'}: {error.strerror or error}", error, verbose=verbose)
    sys.exit(status if isinstance(status, int) else 0)


def _stop(message: str, error: BaseException, *, verbose: bool, status: int = 1) -> None:
    if verbose:
        raise error
    click.echo(f"hanten: {message}", err=True)
    sys.exit(status)
