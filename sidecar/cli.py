"""The commands of the sidecar: `pydotorg sidecar …`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from sidecar.cli_user import user
from sidecar.settings import Settings, read_settings, unset


@click.group()
def sidecar() -> None:
    """Run and look after the dynamic part of the site."""


sidecar.add_command(user)


def settings_here() -> Settings:
    """The settings of the environment; folders begin where the command is run."""
    return read_settings(os.environ, Path.cwd())


@sidecar.command()
@click.option("--migrate", is_flag=True, help="Bring an older database up to date first.")
def run(migrate: bool) -> None:
    """Serve, until told to stop; an empty folder is made ready by itself."""
    from sidecar.schema import prepare

    settings = settings_here()
    if said := prepare(settings.database_url, migrate=migrate):
        click.echo(said)
    for line in unset(settings):
        click.echo(line)
    click.echo(f"listening on http://{settings.host}:{settings.port}/")
    asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Serve the application; SIGTERM and Ctrl-C let what runs come to its end."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from sidecar.app import create_app
    from sidecar.database import open_database
    from sidecar.logs import set_up

    set_up(as_json=settings.log == "json")
    app = create_app(settings, open_database(settings), templates())
    server = Server(
        app, address=settings.host, port=settings.port, interface=Interfaces.ASGI,
        websockets=False, log_enabled=False,
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()


def templates() -> Path:
    """The templates of the project; else those that came with the program."""
    ours = Path.cwd() / "templates"
    beside = Path(__file__).parents[1]
    places = (ours, beside / "templates", beside / "pydotorg_build" / "default" / "templates")
    return next(place for place in places if (place / "sidecar").is_dir())


@sidecar.command()
def migrate() -> None:
    """Bring the database up to date; on SQLite a copy is put beside it first."""
    from sidecar.schema import prepare

    said = prepare(settings_here().database_url, migrate=True)
    click.echo(said or "the database is up to date")


@sidecar.command()
def settings() -> None:
    """Say what is set, and what is not; secrets are not shown."""
    found = settings_here()
    for name in ("env", "url", "host", "port", "data", "site", "log"):
        click.echo(f"{name}: {getattr(found, name)}")
    for line in unset(found):
        click.echo(line)


def main(*arguments: Any) -> None:
    """For `python -m sidecar.cli`."""
    sys.exit(sidecar(arguments or None))
