"""The command line: a verb each, quiet when well; exit 1 with the problems when not.

Nothing slow is imported here: each command imports what it needs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pydotorg_build import __version__
from pydotorg_build.cli_deploying import purge, smoke
from pydotorg_build.cli_editors import import_, new, schema
from pydotorg_build.cli_options import CONFIG, JSON, OUTPUT
from pydotorg_build.problems import Problem, Problems, Source

if TYPE_CHECKING:
    from pydotorg_build.build import Report
    from pydotorg_build.inspection import Findings
    from pydotorg_build.last_build import LastBuild
    from pydotorg_build.publishing import Reader
    from pydotorg_build.settings import Settings
    from pydotorg_build.workshop import Workshop


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
            tell([_of_the_system(error)], as_json="--json" in sys.argv)
            ctx.exit(1)


def _of_the_system(error: OSError) -> Problem:
    """A file or folder that could not be used, or a full disk."""
    hint = "see whether it is there, whether you may use it, and whether the disk is full"
    return Problem(Source(str(error.filename or "(system)")), f"{error.strerror or error}", hint)


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


def tell(problems: list[Problem], *, as_json: bool) -> None:
    """Print problems: to people on the error stream, to programs on the output."""
    if as_json:
        click.echo(msgspec.json.encode({"problems": problems}).decode())
        return
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"{len(problems)} problem{'s' * (len(problems) != 1)}", err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pydotorg")
def main() -> None:
    """Build python.org: content in, a folder of files out."""


for command in (new, schema, import_, purge, smoke):
    main.add_command(command)


@main.command()
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
    from pydotorg_build.build import moment
    from pydotorg_build.last_build import look

    if flags["clean"]:
        _clean(config, output, served=False)
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
    _say_what_was_done(report, site, flags["profile"])
    if flags["report"]:
        flags["report"].write_text(json.dumps(as_dict(report, site), indent=1) + "\n")


def open_workshop(
    config: Path,
    output: Path | None,
    *,
    settings: Settings | None = None,
    jobs: int | None = None,
    hash_only: bool = False,
    no_search: bool = False,
    drafts: bool = False,
    noindex: bool = False,
    dev: bool = False,
    **_: Any,
) -> Workshop:
    """Read the settings and open the stores."""
    from pydotorg_build.parallel import processors
    from pydotorg_build.settings import read_settings, with_our_look
    from pydotorg_build.workshop import Options, Workshop

    root = config.resolve().parent
    settings = msgspec.structs.replace(
        settings or with_our_look(read_settings(config), root),
        drafts=drafts, noindex=noindex, dev=dev,
    )  # fmt: skip
    options = Options(
        jobs=jobs or processors(),
        hash_only=hash_only,
        search=not no_search,
        say=lambda text: click.echo(text, err=True),
        progress=_progress() if sys.stderr.isatty() else lambda *_: None,
    )
    return Workshop(root, settings, options, (output or root / settings.output).absolute())


def _progress() -> Callable[[str, int, int], None]:
    """A bar on a terminal, for what takes long."""
    shown = {"at": 0.0}

    def progress(what: str, done: int, count: int) -> None:
        now = time.monotonic()
        if count > 100 and (done == count or now - shown["at"] > 0.1):
            shown["at"] = now
            width = 30 * done // count
            bar = f"{what:10}[{'#' * width}{'.' * (30 - width)}] {done}/{count}"
            click.echo(f"\r{bar}" + ("\r\x1b[K" if done == count else ""), nl=False, err=True)

    return progress


def _say_what_was_done(report: Report, site: LastBuild | None, profile: bool) -> None:
    for note in (*report.notes, *(f"left out: {line}" for line in report.left_out)):
        click.echo(note, err=True)
    if report.written or report.removed:
        click.echo(f"{len(report.written)} written, {len(report.removed)} removed")
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
        "notes": report.notes,
        "left_out": report.left_out,
    }


def _clean(config: Path, output: Path | None, *, served: bool) -> None:
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


@main.command()
@CONFIG
@OUTPUT
def clean(config: Path, output: Path | None) -> None:
    """Remove the built site and the build cache, and nothing else."""
    _clean(config, output, served=True)


@main.command()
@CONFIG
@OUTPUT
def rollback(config: Path, output: Path | None) -> None:
    """Serve the build before the last one again, at once; the next build goes forward."""
    workshop = open_workshop(config, output)
    with workshop.locked():
        workshop.roll_back()
    workshop.close()
    click.echo("the build before the last one is served")


@main.command()
@click.argument("url")
@CONFIG
@OUTPUT
@JSON
def why(url: str, config: Path, output: Path | None, as_json: bool) -> None:
    """Say what the page at URL is made of, and what else depends on that."""
    from pydotorg_build.why import why as explain

    workshop = open_workshop(config, output)
    try:
        found = explain(workshop, url)
    finally:
        workshop.close()
    click.echo(json.dumps(found, indent=1) if as_json else found["text"])


@main.command()
@CONFIG
@OUTPUT
@JSON
@click.option("--now", help="Check as at this moment.")
@click.option("--drafts", is_flag=True, help="Check drafts too.")
@click.option("--ledger", is_flag=True, help="Then write content/ledger.txt anew.")
@click.option(
    "--addresses", type=click.Path(path_type=Path), metavar="FILE",
    help="Look only whether the addresses in FILE are answered, and report how.",
)  # fmt: skip
def check(config: Path, output: Path | None, as_json: bool, **flags: Any) -> None:
    """Check content, links, anchors and invariants, and publish nothing.

    Problems are told first, and end it with 1; then notices on what could be said better or should
    be read again, which do not.
    """
    from pydotorg_build.build import check as check_all
    from pydotorg_build.build import moment
    from pydotorg_build.inspection import Findings, inspect, write_ledger
    from pydotorg_build.settings import read_settings

    now = moment(flags["now"]) if flags["now"] else time.time()
    found = Findings()
    # The ledger holds what is in files; what snapshots bring comes and goes.
    files_only = flags["ledger"] and msgspec.structs.replace(read_settings(config), snapshots=())
    workshop = open_workshop(config, output, settings=files_only or None, drafts=flags["drafts"])

    def look(read: Reader) -> None:
        if flags["ledger"]:
            write_ledger(workshop)
        elif flags["addresses"]:
            found.problems += _look_up(workshop, flags["addresses"], read)
        else:
            found.add(inspect(workshop, read, now))

    try:
        check_all(workshop, now, look)
    finally:
        workshop.close()
    _tell_findings(found, as_json=as_json)


def _look_up(workshop: Workshop, path: Path, read: Reader) -> list[Problem]:
    """Report how the addresses of a list are answered; those that are not are problems."""
    from pydotorg_build.addresses import Addresses, read_list, report, unanswered

    wanted = read_list(path)
    redirects = read("_redirects").decode()
    known = Addresses(workshop.record, redirects, workshop.settings.prefixes)
    answers = [known.answer(one) for one in wanted]
    for line in report(answers):
        click.echo(line)
    return list(unanswered(answers, path))


def _tell_findings(found: Findings, *, as_json: bool) -> None:
    """Tell problems and notices; end with 1 when there is a problem."""
    if as_json:
        told = {"problems": found.problems, "notices": found.notices}
        click.echo(msgspec.json.encode(told).decode())
    else:
        for notice in found.notices:
            click.echo(f"notice: {notice}", err=True)
        if found.problems:
            tell(found.problems, as_json=False)
    sys.exit(1 if found.problems else 0)


@main.command()
@CONFIG
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option("--port", default=8000, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--drafts", is_flag=True, help="Show drafts too.")
@click.option("--no-search", is_flag=True, help="Make no search index.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes; as many as processors.")
def serve(config: Path, host: str, port: int, **flags: Any) -> None:
    """Show the site while you work on it: it is built, served and reloaded as you save."""
    from pydotorg_build.watch import serve as serve_site

    output = config.resolve().parent / ".pydotorg" / "site"

    def make() -> Workshop:
        return open_workshop(config, output, dev=True, **flags)

    sys.exit(serve_site(make, host, port, say=click.echo))


@main.command()
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

    from pydotorg_build.build import moment
    from pydotorg_build.fetch import as_dict as report_as_dict
    from pydotorg_build.fetch import fetch as fetch_all
    from pydotorg_build.fetch import lines, summary
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


@main.command()
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

    from pydotorg_build.build import moment
    from pydotorg_build.sample import remove_sample, write_sample
    from pydotorg_build.settings import read_settings

    name = next(iter(read_settings(config).snapshots), "data/snapshot.sqlite")
    root = config.resolve().parent
    if remove:
        remove_sample(root, name)
        return
    seconds = moment(now) if now else time.time()
    today = datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    click.echo(f"{write_sample(root, name, seed, today)} invented entries in {name}")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@CONFIG
@click.option(
    "--bundle", type=click.Path(path_type=Path), help="The Sigstore bundle; FILE.sigstore."
)
@click.option("--signature", type=click.Path(path_type=Path), help="The OpenPGP one; FILE.asc.")
@click.option("--key", "keys", multiple=True, type=click.Path(path_type=Path),
              help="A file with the release manager's OpenPGP key.")  # fmt: skip
@click.option("--trust-root", type=click.Path(path_type=Path),
              help="Sigstore's root of trust, where the library's is too old.")  # fmt: skip
def verify(files: tuple[Path, ...], config: Path, **given: Any) -> None:
    """Check downloaded FILES: size, checksum and signatures, without the network.

    Ends with 0 only when the checksum is right and nothing is wrong, with 1 when a file is not what
    was published, with 2 when it cannot tell.
    """
    from pydotorg_build.settings import read_settings
    from pydotorg_build.signatures import Proofs
    from pydotorg_build.verify import is_genuine
    from pydotorg_build.verify import verify as check_file

    if len(files) > 1 and (given["bundle"] or given["signature"]):
        raise click.UsageError("--bundle and --signature belong to one FILE.")
    genuine = True
    try:
        content = config.resolve().parent / read_settings(config).content
        for file in files:
            found = check_file(file, content, Proofs(**given))
            for finding in found:
                click.echo(f"{file}: {finding.check}: {finding.outcome}: {finding.words}")
            if not is_genuine(found):
                genuine = False
                click.echo(f"{file}: do not run it: it is not shown to be genuine", err=True)
    except Problems as problems:
        tell(problems.problems, as_json=False)
        sys.exit(2)
    sys.exit(0 if genuine else 1)
