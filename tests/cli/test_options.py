"""Options that every command shares."""

import click
import pytest
from click.testing import CliRunner

from hanten.cli import options


@click.command()
@options.jobs
def command(jobs):
    click.echo(jobs)


@pytest.mark.parametrize("given", ["1", "4", "-1"])
def test_a_number_of_workers(given):
    assert CliRunner().invoke(command, ["-j", given]).output == f"{given}\n"


@pytest.mark.parametrize("given", ["0", "-2"])
def test_no_worker_is_refused(given):
    found = CliRunner().invoke(command, ["-j", given])
    assert found.exit_code == 2
    assert "-1 for all cores" in found.output
