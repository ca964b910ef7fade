"""The command line: a verb each; exit 1 with the problems when something is wrong.

Nothing slow is imported here: each command imports what it needs.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from pydotorg_build import __version__
from pydotorg_build.cli_building import build, clean, rollback, serve
from pydotorg_build.cli_checking import check, verify, why
from pydotorg_build.cli_deploying import purge, smoke
from pydotorg_build.cli_editors import import_, new, schema
from pydotorg_build.cli_fetching import fetch, pull, sample
from pydotorg_build.cli_options import tell
from pydotorg_build.problems import Problem, Problems, Source, of_the_system

COMMANDS = (
    *(build, clean, rollback, serve, check, verify, why),
    *(purge, smoke, import_, new, schema, fetch, pull, sample),
)


class Commands(click.Group):
    """Prints problems instead of tracebacks, and ends with 1; others may add commands."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _from_elsewhere(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problems as problems:
            tell(problems.problems, as_json="--json" in sys.argv)
            ctx.exit(1)
        except BrokenPipeError:
            ctx.exit(1)
        except OSError as error:
            tell([of_the_system(error)], as_json="--json" in sys.argv)
            ctx.exit(1)


def _from_elsewhere(name: str) -> click.Command | None:
    """A command that another package brings, such as `sidecar`: the builder imports none."""
    from importlib.metadata import entry_points

    for found in entry_points(group="pydotorg.commands", name=name):
        try:
            command: click.Command = found.load()
        except ImportError as error:
            hint = f"pip install 'pydotorg[{name}]', or what requirements/{name}.txt names"
            raise Problems([Problem(Source(f"({name})"), str(error), hint)]) from None
        return command
    return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pydotorg")
def main() -> None:
    """Build python.org: content in, a folder of files out."""


for command in COMMANDS:
    main.add_command(command)
