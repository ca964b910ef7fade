"""The commands that bring what nobody writes here: the entries of blogs, and invented samples."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pydotorg_build.cli_options import CONFIG, JSON, moment
from pydotorg_build.problems import Problem, Problems, Source

if TYPE_CHECKING:
    from pydotorg_build.settings import Settings


@click.command()
@CONFIG
@JSON
@click.option("--only", multiple=True, metavar="SLUG", help="Ask this blog only; may be repeated.")
@click.option(
    "--stale-hours",
    type=click.FloatRange(0, 8760),
    default=0,
    metavar="HOURS",
    help="Ask only blogs that were not asked for so long.",
)
@click.option("--now", help="Fetch as at this moment, as 2026-11-25T08:00:00Z.")
@click.option("--allow-private", is_flag=True, help="Ask also what is on this machine's networks.")
def fetch(config: Path, as_json: bool, only: tuple[str, ...], **flags: Any) -> None:
    """Bring what the active blogs wrote into data/fetched.sqlite, for the next build.

    A blog that fails is told, stops no other, and keeps its entries.  Ends with 0 when at least one
    blog answered, or none was to be asked; with 1 when none did.
    """
    import datetime
    from importlib.util import find_spec

    from pydotorg_build.fetch import fetch as fetch_all
    from pydotorg_build.fetch_report import as_dict as report_as_dict
    from pydotorg_build.fetch_report import lines, summary
    from pydotorg_build.settings import read_settings
    from pydotorg_build.visits import Limits

    if find_spec("feedparser") is None:
        hint = "pip install 'pydotorg[fetch]', or what requirements/fetch.txt names"
        raise Problems([Problem(Source("(fetch)"), "feedparser is not installed", hint)])
    seconds = moment(flags["now"]) if flags["now"] else time.time()
    now = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    limits = Limits(allow_private=flags["allow_private"])
    stale = datetime.timedelta(hours=flags["stale_hours"])
    report = fetch_all(config.resolve().parent, read_settings(config), now, limits, only, stale)
    if as_json:
        click.echo(json.dumps(report_as_dict(report), indent=1))
    else:
        for line in lines(report):
            click.echo(line, err=True)
        click.echo(summary(report))
    sys.exit(0 if report.is_well else 1)


@click.command()
@CONFIG
@click.option(
    "--from", "url", metavar="URL", help="Where the sidecar answers; else as build.toml has it."
)
@click.option("--key", envvar="SNAPSHOT_KEY", help="A key that may read it; else $SNAPSHOT_KEY.")
def pull(config: Path, url: str | None, key: str | None) -> None:
    """Bring the snapshot of a sidecar that runs elsewhere, for the next build.

    It takes the place of the first of `snapshots` in build.toml, all at once. What cannot be
    brought ends with 1 and changes nothing.
    """
    from pydotorg_build.pulling import pull as bring
    from pydotorg_build.settings import read_settings

    settings = read_settings(config)
    if not (address := (url or settings.sidecar).rstrip("/")):
        hint = (
            "say where it answers, `--from https://…`, or set `url` under `[sidecar]` in build.toml"
        )
        raise Problems([Problem(Source("(pull)"), "no sidecar is named", hint)])
    key = (key or "").strip()
    if not key or not (key.isascii() and key.isprintable()):
        fault = "is no key" if key else "is not set"
        hint = "make one at /account/keys that may read the snapshot"
        raise Problems([Problem(Source("(pull)"), f"SNAPSHOT_KEY {fault}", hint)])
    name = _snapshot_in(settings)
    version = bring(config.resolve().parent / name, address, key)
    click.echo(f"{name} is the snapshot {version}" if version else f"{name} is the newest already")


@click.command()
@CONFIG
@click.option("--seed", default=1, help="Another number makes other samples.")
@click.option("--now", help="As if it were this day, as 2026-11-25.")
@click.option("--remove", is_flag=True, help="Take the samples away again.")
def sample(config: Path, seed: int, now: str | None, remove: bool) -> None:
    """Invent jobs and the like, to see the whole site without a sidecar.

    They are written to the first of `snapshots` in build.toml; a snapshot of a sidecar that is
    there is left as it is.
    """
    import datetime

    from pydotorg_build.sample import remove_sample, write_sample
    from pydotorg_build.settings import read_settings

    name = _snapshot_in(read_settings(config))
    root = config.resolve().parent
    if remove:
        remove_sample(root, name)
        return
    seconds = moment(now) if now else time.time()
    today = datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    click.echo(f"{write_sample(root, name, seed, today)} invented entries in {name}")


def _snapshot_in(settings: Settings) -> str:
    """The snapshot that is written: the first that a build reads."""
    if settings.snapshots:
        return settings.snapshots[0]
    hint = 'name one, as `snapshots = ["data/snapshot.sqlite"]`'
    raise Problems([Problem(Source("build.toml"), "no snapshot is read by a build", hint)])
