"""The commands of the sidecar: `pydotorg sidecar …`."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import click

from sidecar.cli_database import backup, migrate, release, restore
from sidecar.cli_user import user
from sidecar.settings import Settings, settings_here, unset


@click.group()
def sidecar() -> None:
    """Run and look after the dynamic part of the site."""


for command in (backup, migrate, release, restore, user):
    sidecar.add_command(command)


@sidecar.command()
@click.option("--migrate", is_flag=True, help="Bring an older database up to date first.")
def run(migrate: bool) -> None:
    """Serve, until told to stop; an empty folder is made ready by itself."""
    from sidecar.schema import prepare

    settings = settings_here()
    if said := prepare(settings.database_url, migrate=migrate, copies=settings.backups):
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
    from sidecar.lent import templates
    from sidecar.logs import set_up

    set_up(as_json=settings.log == "json")
    app = create_app(settings, open_database(settings), templates(Path.cwd()))
    server = Server(
        app, address=settings.host, port=settings.port, interface=Interfaces.ASGI,
        websockets=False, log_enabled=False,
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()


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
