"""The commands that look after the database: its schema, backups, and making it of one again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sidecar.settings import settings_here


@click.group(invoke_without_command=True)
@click.pass_context
def migrate(context: click.Context) -> None:
    """Bring the database up to date; a copy is made first.

    There is no way back by a migration: `pydotorg sidecar restore` brings back that copy.
    """
    if context.invoked_subcommand is None:
        context.invoke(upgrade)


@migrate.command()
def upgrade() -> None:
    """Bring the database up to date; a copy is made first."""
    from sidecar.schema import prepare

    settings = settings_here()
    said = prepare(settings.database_url, migrate=True, copies=settings.backups)
    click.echo(said or "the database is up to date")


@migrate.command(name="current")
def show_current() -> None:
    """Say which schema the database has, and which one this version wants."""
    from sidecar.schema import connected, current, head

    with connected(settings_here().database_url) as connection:
        click.echo(f"the database has {current(connection) or 'no schema'}; wanted is {head()}")


@migrate.command(name="history")
def show_history() -> None:
    """List the schemas there are, and what ran on this database and when."""
    from sidecar.schema import connected, current, deploys, history

    with connected(settings_here().database_url) as connection:
        has = current(connection)
        for revision, what in history():
            click.echo(f"{'*' if revision == has else ' '} {revision}  {what}")
        for row in deploys(connection) if has else ():
            click.echo(f"  {row.at:%Y-%m-%d %H:%M} UTC  {row.version}  {row.schema}  {row.what}")


@migrate.command()
def check() -> None:
    """End with 1 unless the database has our schema, table by table."""
    from sidecar.schema import connected, current, differences, head

    with connected(settings_here().database_url) as connection:
        has, wanted = current(connection), head()
        found = differences(connection) if has == wanted else []
    if has != wanted:
        found = [f"the database has {has or 'no schema'}, and this version wants {wanted}"]
    for each in found:
        click.echo(each, err=True)
    sys.exit(1 if found else 0)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--keep", type=click.IntRange(min=1), help="Remove all but so many, the newest.")
def backup(folder: Path | None, keep: int | None) -> None:
    """Take a backup into FOLDER, while the sidecar serves; else into `backups` of the data."""
    from sidecar.backup import prune, take
    from sidecar.clock import now

    settings = settings_here()
    target = folder or settings.backups
    click.echo(take(settings, target, now()))
    for name in prune(target, keep) if keep else ():
        click.echo(f"removed {name}")


@click.command()
@click.argument("backup", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Also where the database is not empty.")
def restore(backup: Path, replace: bool) -> None:
    """Make the database of a BACKUP again, of SQLite or PostgreSQL, whichever the settings name.

    Stop the sidecar first.  Everybody is signed out, and mail and work that waited are held until
    `pydotorg sidecar release`.
    """
    from sidecar.restore import restore as restore_from

    done = restore_from(settings_here(), backup, replace=replace)
    click.echo(f"restored {done.rows} rows; everybody is signed out")
    if done.erased:
        click.echo(f"{done.erased} accounts that were deleted since were deleted again")
    if done.held_mails or done.held_tasks:
        click.echo(f"held: {done.held_mails} mails and {done.held_tasks} tasks; look at them, then "
                   "`pydotorg sidecar release`")  # fmt: skip
    for line in done.notes:
        click.echo(line)


@click.command()
def release() -> None:
    """Let mail and work go on that a restore held."""
    from sidecar.restore import release as release_held

    mails, tasks = release_held(settings_here())
    click.echo(f"{mails} mails and {tasks} tasks go on")


@click.command()
@click.option("--replace", is_flag=True, help="Also where the database is not empty.")
def sample(replace: bool) -> None:
    """Bring the database into the sample state: an account for each role, with known passwords."""
    from sidecar.samples import CODES, PASSWORD, SAMPLES, bring

    if kept := bring(settings_here(), replaces=replace):
        click.echo(f"what was there is kept in {kept}")
    click.echo(f"accounts: {', '.join(sample.name for sample in SAMPLES)}")
    click.echo(f"the password of all: {PASSWORD}")
    click.echo(f"the secret of all apps for codes: {CODES}")
