"""The commands that look and change nothing: at the content, at a page, at a downloaded file."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pydotorg_build.cli_options import CONFIG, JSON, OUTPUT, moment, open_workshop, tell
from pydotorg_build.problems import Problem, Problems

if TYPE_CHECKING:
    from pydotorg_build.inspection import Findings
    from pydotorg_build.publishing import Reader
    from pydotorg_build.workshop import Workshop


@click.command()
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
    be read again, which do not.  Where a file cannot be read, the others are checked all the same,
    but for what they may want of that one; invariants and notices wait until it is mended.
    """
    from pydotorg_build.build import check as check_all
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
        report = check_all(workshop, now, look)
        of_rows = (*report.flawed, *report.left_out)
        found.add(Findings(notices=[Problem.parse(line) for line in of_rows]))
    finally:
        workshop.close()
    _tell_findings(found, as_json=as_json)
    if not (found.problems or as_json or flags["addresses"]):
        count = len(found.notices)
        notices = f", but for {count} notice{'s' * (count != 1)}" if count else ""
        click.echo(f"nothing is wrong{notices}")


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
    if found.problems:
        sys.exit(1)


@click.command()
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


@click.command()
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
