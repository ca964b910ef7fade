"""The commands for editors: begin a file, and let an editor's program complete it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from pydotorg_build.cli_options import CONFIG, JSON, moment


class OfNouns(click.Command):
    """Its help ends with the nouns there are."""

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Asked for only where this help is shown: nothing else needs the nouns so early."""
        from pydotorg_build.beginnings import BEGINNINGS

        with formatter.section("Nouns"):
            formatter.write_text(", ".join(sorted(BEGINNINGS)))


@click.command(cls=OfNouns)
@click.argument("noun")
@click.argument("title", default="")
@click.option("--under", default="", metavar="PATH", help="Of a page: its section, as about/.")
@click.option("--now", help="As if it were this day, as 2026-11-25.")
@CONFIG
@JSON
def new(noun: str, title: str, under: str, now: str | None, config: Path, as_json: bool) -> None:
    """Begin a new entry of NOUN, and say in which file.

    The file has what must stand in it, and is never written over another.  Of redirects the TITLE
    is the old address, of releases and series the version, of snippets the name of the slot.
    """
    import datetime

    from pydotorg_build.new import begin, shown
    from pydotorg_build.settings import read_settings

    content = config.resolve().parent / read_settings(config).content
    seconds = moment(now) if now else time.time()
    today = datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    path, line = begin(content, noun, title, under, today)
    click.echo(f"{shown(path)}:{line}" if line > 1 else shown(path))


@click.command(cls=OfNouns)
@click.argument("noun", default="")
@click.option(
    "--all", "folder", type=click.Path(path_type=Path), metavar="DIR",
    help="Write those of every kind into DIR (.vscode), with settings that use them.",
)  # fmt: skip
@CONFIG
@JSON
def schema(noun: str, folder: Path | None, config: Path, as_json: bool) -> None:
    """Print the JSON Schema of NOUN: what its files may say, and what each field means."""
    import json

    from pydotorg_build.new import shown
    from pydotorg_build.schemas import schema_of, write_all
    from pydotorg_build.settings import read_settings

    if bool(noun) is bool(folder):
        raise click.UsageError("Name one kind of content, or `--all DIR`.")
    if folder:
        for path in write_all(folder.absolute(), read_settings(config).content):
            click.echo(shown(path))
        return
    click.echo(json.dumps(schema_of(noun), indent=2, ensure_ascii=False))


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Write nothing; show the difference.")
@click.option("--overwrite", is_flag=True, help="Write over what was changed or written by hand.")
@click.option("--calendar", default="python-events", help="Of events: the calendar they belong to.")
@CONFIG
@JSON
def import_(
    files: tuple[Path, ...],
    dry_run: bool,
    overwrite: bool,
    calendar: str,
    config: Path,
    as_json: bool,
) -> None:
    """Take today's data from FILES: fixtures of Django, answers of its API, calendars.

    Releases with their files, pages, redirects and events (.ics) become content. A second time changes nothing.
    """
    from pydotorg_build.importing import plan, told, write
    from pydotorg_build.problems import Problems
    from pydotorg_build.settings import read_settings

    root = config.resolve().parent
    place = read_settings(config).content
    found = plan(root, place, list(files), calendar=calendar, overwrite=overwrite)
    if dry_run:
        click.echo("".join(change.diff() for change in found.changes), nl=False)
    else:
        write(root, found.changes)
        for line in told(found):
            click.echo(line)
    if found.problems:
        raise Problems(found.problems)
