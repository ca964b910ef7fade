"""The commands that make the site: build it, show it, go back to the one before, forget it."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pydotorg_build.cli_options import CONFIG, JSON, OUTPUT, moment, open_workshop
from pydotorg_build.problems import Problem, Problems, Source

if TYPE_CHECKING:
    from pydotorg_build.build import Report
    from pydotorg_build.last_build import LastBuild
    from pydotorg_build.workshop import Workshop


@click.command()
@CONFIG
@OUTPUT
@JSON
@click.option("--watch", is_flag=True, help="Stay, and build again whenever something changes.")
@click.option("--clean", is_flag=True, help="Forget the build cache first.")
@click.option("--drafts", is_flag=True, help="Show drafts too.")
@click.option("--noindex", is_flag=True, envvar="PYDOTORG_NOINDEX", help="Keep search engines out.")
@click.option("--no-search", is_flag=True, help="Make no search index.")
@click.option("--hash", "hash_only", is_flag=True, help="Trust no file times, as after a checkout.")
@click.option("--now", help="Build as at this moment, as 2026-11-25T08:00:00Z.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes; as many as processors.")
@click.option("--profile", is_flag=True, help="Say where the time went and why.")
@click.option("--report", type=click.Path(path_type=Path), help="Write what was done, as JSON.")
def build(config: Path, output: Path | None, as_json: bool, **flags: Any) -> None:
    """Build the site, or what of it changed."""
    from pydotorg_build.build import build as build_once
    from pydotorg_build.last_build import look

    if flags["clean"]:
        _forget(config, output, served=False)
    workshop = open_workshop(config, output, **flags)
    if flags["watch"]:
        from pydotorg_build.watch import watch

        watch(workshop, lambda: open_workshop(config, output, **flags), say=click.echo)
        return
    now = moment(flags["now"]) if flags["now"] else time.time()
    try:
        report = build_once(workshop, now)
        site = look(
            workshop.record, now, rendered=report.rendered, written=len(report.written),
            removed=len(report.removed), seconds=report.stages["all"],
        ) if flags["profile"] or flags["report"] else None  # fmt: skip
    finally:
        workshop.close()
    _say_what_was_done(report, site, flags["profile"], as_json=as_json)
    if flags["report"]:
        flags["report"].write_text(json.dumps(as_dict(report, site), indent=1) + "\n")


def _say_what_was_done(
    report: Report, site: LastBuild | None, profile: bool, *, as_json: bool
) -> None:
    for note in report.said:
        click.echo(note, err=True)
    if report.written or report.removed:
        click.echo(f"{len(report.written)} written, {len(report.removed)} removed")
    elif not as_json:
        click.echo("nothing to do: the site is as it should be")
    if not profile or site is None:
        return
    click.echo(site.words)
    for name, seconds in report.stages.items():
        click.echo(f"{seconds * 1000:8.0f} ms  {name}")
    for seconds, url, template in report.slowest:
        click.echo(f"{seconds * 1000:8.1f} ms  {url}  {template}")
    for unit, reason in list(report.planned.items())[:50]:
        click.echo(f"stale: {unit}: {reason}")


def as_dict(report: Report, site: LastBuild | None) -> dict[str, Any]:
    """A build report for programs."""
    counts = {"pages": site.pages, "files": site.files, "bytes": site.bytes,
              "from_cache": site.from_cache} if site else {}  # fmt: skip
    return {
        **counts,
        "written": report.written,
        "removed": report.removed,
        "pages_rendered": report.rendered,
        "files_read": report.read,
        "planned": report.planned,
        "search_bundles": report.bundles,
        "seconds": {name: round(value, 4) for name, value in report.stages.items()},
        "notes": [*report.notes, *report.flawed],
        "left_out": report.left_out,
    }


@click.command()
@CONFIG
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option("--port", default=8000, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--drafts", is_flag=True, help="Show drafts too.")
@click.option("--no-search", is_flag=True, help="Make no search index.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes; as many as processors.")
def serve(config: Path, host: str, port: int, **flags: Any) -> None:
    """Show the site while you work on it: it is built, served and reloaded as you save."""
    from pydotorg_build.watch import serve as serve_site

    output = _shown(config)

    def make() -> Workshop:
        return open_workshop(config, output, dev=True, **flags)

    sys.exit(serve_site(make, host, port, say=click.echo))


def _shown(config: Path) -> Path:
    """The site that `pydotorg serve` builds for itself."""
    return config.resolve().parent / ".pydotorg" / "site"


def _forget(config: Path, output: Path | None, *, served: bool) -> None:
    """Remove what builds of one output remember; with `served`, the output too."""
    import shutil

    from pydotorg_build.settings import read_settings
    from pydotorg_build.write import lock

    root = config.resolve().parent
    folder = (output or root / read_settings(config).output).absolute()
    state = folder.parent / ".pydotorg"
    own = state / folder.name
    if served and output and folder.exists() and not (own / "record.db").exists():
        hint = "remove it by hand, if nothing in it is wanted"
        raise Problems([Problem(Source(str(output)), "no site was built there", hint)])
    with lock(own / "lock", click.echo):
        for path in (own, state / "jinja", *([folder] if served else ())):
            shutil.rmtree(path, ignore_errors=True)
        for path in state.glob("memo.db*"):
            path.unlink(missing_ok=True)
    with suppress(OSError):
        state.rmdir()  # where there are no other outputs, and nothing is known of feeds


@click.command()
@CONFIG
@OUTPUT
def clean(config: Path, output: Path | None) -> None:
    """Remove the built site, the one that `serve` shows, and the build cache; nothing else."""
    if output is None and _shown(config).exists():
        _forget(config, _shown(config), served=True)
    _forget(config, output, served=True)


@click.command()
@CONFIG
@OUTPUT
def rollback(config: Path, output: Path | None) -> None:
    """Serve the build before the last one again, at once; the next build goes forward."""
    workshop = open_workshop(config, output)
    with workshop.locked():
        workshop.roll_back()
    workshop.close()
    click.echo("the build before the last one is served")
