"""What several commands have in common: options, how problems are told, and the workshop."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pydotorg_build.problems import Problem, Problems, Source

if TYPE_CHECKING:
    from pydotorg_build.settings import Settings
    from pydotorg_build.workshop import Workshop

CONFIG = click.option(
    "--config", default="build.toml", type=click.Path(path_type=Path), help="The site's settings."
)
OUTPUT = click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The folder to build, instead of build.toml's.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print problems as JSON.")


def tell(problems: list[Problem], *, as_json: bool) -> None:
    """Print problems: to people on the error stream, to programs on the output."""
    if as_json:
        click.echo(msgspec.json.encode({"problems": problems}).decode())
        return
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"{len(problems)} problem{'s' * (len(problems) != 1)}", err=True)


def moment(text: str) -> float:
    """A moment on the command line, as seconds since 1970; a day begins at 00:00 UTC."""
    import datetime

    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        hint = "write it as 2026-11-25 or 2026-11-25T08:00:00Z"
        raise Problems([Problem(Source("--now"), f"{text!r} is not a moment", hint)]) from None
    return found.replace(tzinfo=found.tzinfo or datetime.UTC).timestamp()


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
