"""The commands for after a deploy: is what was built served, and what shall caches forget?"""

from __future__ import annotations

from pathlib import Path

import click

from pydotorg_build.cli_options import CONFIG, JSON, OUTPUT


def folder_of(config: Path, output: Path | None) -> Path:
    """The built folder."""
    from pydotorg_build.settings import read_settings

    return output or config.resolve().parent / read_settings(config).output


@click.command()
@click.argument("url")
@click.option("--pages", default=20, show_default=True, help="How many files to ask for.")
@click.option("--seed", default=0, help="Another number chooses other pages.")
@CONFIG
@OUTPUT
@JSON
def smoke(
    url: str, pages: int, seed: int, config: Path, output: Path | None, as_json: bool
) -> None:
    """Compare what URL serves with what was built: /build.json and some pages, byte by byte."""
    from pydotorg_build.problems import Problems
    from pydotorg_build.smoke import chosen, differing, refuse_work

    folder = folder_of(config, output)
    names = chosen(folder, pages, seed)
    refuse_work(url)
    if found := list(differing(url, folder, names)):
        raise Problems(found)
    click.echo(f"{url} serves what was built: {len(names)} files were compared")


@click.command()
@click.argument("report", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--origin", required=True, help="Where the site is served past the cache.")
@click.option("--by", type=click.Choice(("section", "page")), default="section", show_default=True,
              help="The keys that your host sends.")  # fmt: skip
@click.option("--wait", default=300.0, show_default=True, help="How many seconds to wait for it.")
@click.option("--manifest", type=click.Path(path_type=Path), help="Write the keys of all files.")
@CONFIG
@OUTPUT
@JSON
def purge(
    report: Path, origin: str, by: str, wait: float, manifest: Path | None, config: Path,
    output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Let caches forget what a build changed, once ORIGIN serves it.

    REPORT is what `pydotorg build --report` wrote. Caches are named in the environment: see
    docs/deploying.md. Where none is, this only waits and tells.
    """
    import json
    import os

    from pydotorg_build import purging
    from pydotorg_build.problems import Problem, Problems, Source
    from pydotorg_build.smoke import wait_until_served

    every, folder = purging.caches(os.environ), folder_of(config, output)
    try:
        told = json.loads(report.read_text(encoding="utf-8"))
        paths = purging.changed(told)
    except (ValueError, AttributeError, TypeError):
        hint = "write one with `pydotorg build --report FILE`"
        raise Problems([Problem(Source(str(report)), "is no report of a build", hint)]) from None
    if manifest:
        files = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        manifest.write_text(json.dumps(purging.manifest(files), indent=1) + "\n")
    wait_until_served(origin, folder, paths, wait)
    keys = purging.keys_for(paths, "page" if by == "page" else "section")
    purging.purge(every, keys)
    names = ", ".join(type(cache).__name__ for cache in every) or "no cache is named"
    click.echo(f"{len(paths)} files changed, {len(keys)} keys purged: {names}")
