"""Options that several commands of the command line have."""

from __future__ import annotations

from pathlib import Path

import click

CONFIG = click.option(
    "--config", default="build.toml", type=click.Path(path_type=Path), help="The site's settings."
)
OUTPUT = click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The folder to build, instead of build.toml's.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print problems as JSON.")
