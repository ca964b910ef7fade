"""The commands of the sidecar: `pydotorg sidecar …`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import click

from sidecar.cli_database import backup, migrate, release, restore, sample
from sidecar.cli_mail import returned
from sidecar.cli_user import user
from sidecar.settings import Settings, settings_here, unset, variable


@click.group()
def sidecar() -> None:
    """Run and look after the dynamic part of the site."""


for command in (backup, migrate, release, restore, returned, sample, user):
    sidecar.add_command(command)


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What and where is logged; set in the environment, so that processes begun here do the same."""
    levels = click.Choice(["debug", "info", "warning", "error"])

    def note(context: click.Context, option: click.Parameter, value: str | None) -> None:
        if value is not None:
            os.environ[variable(str(option.name))] = value

    for name, kind, about in (
        ("--log-file", click.Path(dir_okay=False), "Write the log into this file."),
        ("--log-level", levels, "Leave out of the log what matters less."),
    ):
        command = click.option(name, type=kind, callback=note, expose_value=False, help=about)(
            command
        )
    return command


@sidecar.command()
@click.option("--migrate", is_flag=True, help="Bring an older database up to date first.")
@click.option("--no-worker", is_flag=True, help="Serve only; a worker runs elsewhere.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True,
              help="In how many processes to serve.")  # fmt: skip
@log_options
def run(migrate: bool, no_worker: bool, workers: int) -> None:
    """Serve, and do what is queued, until told to stop; an empty folder is made ready by itself."""
    from pydotorg_build.serve import check_address
    from sidecar.schema import prepare

    settings = settings_here()
    # The server would share the port with another sidecar, and say so of no other program.
    check_address(settings.host, settings.port, ("PYDOTORG_HOST", "PYDOTORG_PORT="))
    if said := prepare(settings.database_url, migrate=migrate, copies=settings.backups):
        click.echo(said)
    for line in (*unset(settings), *crowded(settings, workers)):
        click.echo(line)
    click.echo(f"listening on http://{in_address(settings.host)}:{settings.port}/")
    if workers == 1:
        asyncio.run(serve(settings, has_worker=not no_worker))
        leave()
    else:
        serve_many(settings, workers, has_worker=not no_worker)


def in_address(host: str) -> str:
    """An address of a machine, as it stands in one of a page."""
    return f"[{host}]" if ":" in host else host


def leave() -> None:
    """End without what Python does at its end: a thread of the server that still ends aborts then."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def crowded(settings: Settings, workers: int) -> Iterator[str]:
    """What several processes mean for one file."""
    if workers > 1 and settings.database_url.startswith("sqlite"):
        yield "several processes write to one file of SQLite in turn: PostgreSQL is made for them"


def serve_many(settings: Settings, workers: int, *, has_worker: bool) -> None:
    """Serve in several processes; the worker is tended by a thread, since the server has this one."""
    from sidecar.served import serve_in

    loop = asyncio.new_event_loop()
    tending = loop.create_task(keep_worker()) if has_worker else None
    thread = threading.Thread(target=lambda: tending and loop.run_until_complete(settled(tending)))
    thread.start()
    try:
        serve_in(settings, workers)
    finally:
        if tending:
            loop.call_soon_threadsafe(tending.cancel)
        thread.join()


async def settled(tending: asyncio.Task[None]) -> None:
    """Wait until something is over, however it ended."""
    await asyncio.wait([tending])


async def keep_worker() -> None:
    """A worker in a process of its own; one that ends is followed by another."""
    command = ("-m", "pydotorg_build", "sidecar", "worker", "--with", str(os.getpid()))
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, start_new_session=True
        )
        try:
            await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        await asyncio.sleep(2)


@sidecar.command()
@click.option("--with", "parent", type=int, hidden=True)
@log_options
def worker(parent: int | None) -> None:
    """Send mail and do what else is queued and scheduled, until told to stop."""
    settings = settings_here()
    asyncio.run(work(settings, parent))


async def work(settings: Settings, parent: int | None) -> None:
    """Work; SIGTERM and Ctrl-C let what is being done come to its end, and so does a parent's."""
    from sidecar.database import open_database
    from sidecar.logs import set_up
    from sidecar.worker import Worker

    set_up(settings)
    db = open_database(settings)
    worker = Worker(db, settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    watching = asyncio.create_task(_watch(parent, worker.stop))
    await worker.run()
    watching.cancel()
    await db.close()


async def _watch(parent: int | None, stop: Callable[[], None]) -> None:
    """A worker that was begun by a server ends with it, also when that was killed."""
    while parent is not None and os.getppid() == parent:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(1)
    if parent is not None:
        stop()


async def serve(settings: Settings, *, has_worker: bool) -> None:
    """Serve the application; SIGTERM and Ctrl-C let what runs come to its end."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from sidecar.served import application

    server = Server(
        application(), address=settings.host, port=settings.port, interface=Interfaces.ASGI,
        websockets=False, log_enabled=False,
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    worker = asyncio.create_task(keep_worker()) if has_worker else None
    try:
        await server.serve()
    finally:
        if worker:
            worker.cancel()
            await asyncio.wait([worker])


@sidecar.command()
def healthy() -> None:
    """Ask the sidecar of these settings whether it can do its work; end with 1 if not."""
    from sidecar.wellness import is_ready

    sys.exit(0 if is_ready(settings_here()) else 1)


@sidecar.command()
def permissions() -> None:
    """Print who may do what, as the table of docs/permissions.md."""
    from sidecar.app import ROUTES
    from sidecar.matrix import table

    click.echo(table(ROUTES), nl=False)


@sidecar.command()
def model() -> None:
    """Print what is kept: kinds of content and tables with their fields, as docs/model.md."""
    from sidecar.model import document

    click.echo(document(), nl=False)


@sidecar.command()
def settings() -> None:
    """Say what is set, and what is not; secrets are not shown."""
    found = settings_here()
    for name in ("env", "url", "host", "port", "data", "site"):
        click.echo(f"{name}: {getattr(found, name)}")
    click.echo(f"log: {'json' if found.logs_json else 'text'}, {found.level}")
    for line in unset(found):
        click.echo(line)


def main(*arguments: Any) -> None:
    """For `python -m sidecar.cli`."""
    sys.exit(sidecar(arguments or None))
