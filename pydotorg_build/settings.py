"""build.toml, read once: what a site is called and how it is built."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec

from pydotorg_build.content import NAMES
from pydotorg_build.content.base import Entry, Fault
from pydotorg_build.content.read import read
from pydotorg_build.content.release_files import COUNTED
from pydotorg_build.content.switches import PARTS, PLACES, with_parts
from pydotorg_build.problems import Problem, Problems, Source, meant

RENAMED: dict[str, str] = {
    "search.enabled": "search",
    "sidecar.url": "sidecar",
    "sidecar.prefixes": "prefixes",
    "sidecar.counts": "counts",
}
URL = msgspec.Meta(pattern=r"^https?://[^/\s]+$", examples=["https://www.python.org"])
LOOK = ("templates", "static")
NEEDED = ("name", "url")
FOLDERS = ("content", "templates", "static", "output")
FOLDER = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*")
COUNT = msgspec.Meta(ge=1, le=1000)


class Settings(Entry, frozen=True, kw_only=True):
    """The settings of a site.  Folders are taken from the folder of build.toml.

    Kinds of content that are `off`, and their parts, are taken from `nouns`.
    `whole` publishes by exchanging two folders, so that what is served is always one whole build;
    switch it off where the host deploys a folder at once by itself.  `kept_days` is how long an old
    asset stays reachable after no page names it any more.  With `counts`, links to downloads lead
    through the sidecar, which counts them.  The last three are never in build.toml:
    they are flags of the command line.
    """

    title: str = ""
    name: str
    url: Annotated[str, URL]
    description: str = ""
    language: str = "en"
    package_index: Annotated[str, URL] = "https://packaging.python.org"
    repository: str = ""
    branch: str = "main"
    nouns: tuple[str, ...] = ("pages", "around")
    off: tuple[str, ...] = ()
    content: str = "content"
    templates: str = "templates"
    static: str = "static"
    output: str = "dist"
    snapshots: tuple[str, ...] = ()
    styles: tuple[str, ...] = ("css/site.css",)
    page_size: Annotated[int, COUNT] = 20
    strict_headings: bool = True
    git_dates: bool = True
    kept_days: int = 30
    whole: bool = True
    search: bool = True
    prefixes: tuple[str, ...] = ()
    sidecar: str = ""
    counts: bool = False
    drafts: bool = False
    noindex: bool = False
    dev: bool = False


TABLES = {
    "site": ("name", "url", "description", "language", "package_index", "repository", "branch"),
    "build": (
        *("nouns", "off", "content", "templates", "static", "output", "snapshots", "styles"),
        *("page_size", "strict_headings", "git_dates", "kept_days", "whole"),
    ),
    "search": ("enabled",),
    "sidecar": ("url", "prefixes", "counts"),
}


def read_settings(path: Path) -> Settings:
    """Read build.toml, or tell every fault in it."""
    name = path.name
    try:
        text = _decode(path.read_bytes(), name)
        tables = tomllib.loads(text)
    except FileNotFoundError:
        hint = "run the command in the folder of build.toml, or name it with --config"
        raise Problems([Problem(Source(str(path)), "there is no such file", hint)]) from None
    except OSError as error:
        raise Problems([Problem(Source(str(path)), f"cannot be read: {error.strerror}")]) from None
    except tomllib.TOMLDecodeError as error:
        raise Problems([_not_toml(name, str(error))]) from None
    flat, faults = _flatten(tables)
    missing = [key for key in NEEDED if key not in flat]
    faults += [_missing(key) for key in missing]
    settings, found = read(Settings, flat, **dict.fromkeys(missing, ""))
    faults += found or (list(_check(settings)) if settings else [])
    if settings is None or faults:
        raise Problems(_problem(name, text, fault) for fault in faults)
    off = with_parts(settings.off)
    left = tuple(noun for noun in settings.nouns if noun not in off)
    return msgspec.structs.replace(settings, nouns=left, off=off)


def with_our_look(settings: Settings, root: Path) -> Settings:
    """Where a project has no templates or static files of its own, those that come with us.

    An installed package has them beside its code, and a checkout beside the package.
    """
    package = Path(__file__).parent
    ours = package / "default" if (package / "default").is_dir() else package.parent
    missing = [name for name in LOOK if not (root / getattr(settings, name)).is_dir()]
    return msgspec.structs.replace(settings, **{name: str(ours / name) for name in missing})


def _decode(raw: bytes, name: str) -> str:
    if raw.isascii():
        return raw.decode()
    from pydotorg_build.front_matter import Mistake, decode  # brings YAML, which takes a while

    try:
        return decode(raw)
    except Mistake as mistake:
        raise Problems([mistake.problem(name)]) from None


def _check(settings: Settings) -> Iterator[Fault]:
    """Tell what cannot be built: kinds that are not, folders outside or within each other."""
    for noun in settings.nouns:
        if noun not in NAMES:
            hint = meant(noun, NAMES, f"there are {', '.join(NAMES)}")
            yield Fault("nouns", f"`{noun}` is no kind of content", hint)
    for noun in settings.off:
        whole = next((kind for kind, parts in PARTS.items() if noun in parts), "")
        if whole:
            yield Fault("off", f"`{noun}` is a part of `{whole}`", f"switch `{whole}` off")
        elif noun not in PLACES:
            hint = meant(noun, PLACES, f"these can be: {', '.join(PLACES)}")
            yield Fault("off", f"`{noun}` cannot be switched off", hint)
    inside: dict[str, str] = {}
    for key in FOLDERS:
        folder = getattr(settings, key)
        if not FOLDER.fullmatch(folder):
            hint = "name a folder below that of build.toml, as `content`"
            yield Fault(key, f"`{key}` may not be {folder!r}", hint)
        for other, taken in inside.items():
            if f"{folder}/".startswith(f"{taken}/") or f"{taken}/".startswith(f"{folder}/"):
                message = f"`{key}` and `{other}` lie within each other: {folder!r} and {taken!r}"
                yield Fault(key, message, "give each a folder of its own")
        inside[key] = folder
    if settings.counts and COUNTED not in settings.prefixes:
        hint = f'add "{COUNTED}" to `prefixes`, or leave `counts` out'
        yield Fault("counts", f"`counts` needs a sidecar that answers {COUNTED}", hint)
    for number, name in enumerate(settings.snapshots):
        if not FOLDER.fullmatch(name) or name.startswith(
            tuple(f"{one}/" for one in inside.values())
        ):
            hint = "name a file below the folder of build.toml, outside of the others"
            yield Fault(f"snapshots[{number}]", f"`snapshots` may not have {name!r}", hint)


def _flatten(tables: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    flat: dict[str, Any] = {}
    faults = []
    for table, values in tables.items():
        known = TABLES.get(table)
        if known is None or not isinstance(values, dict):
            known_tables = [f"[{name}]" for name in TABLES]
            hint = meant(f"[{table}]", known_tables, f"it may have: {', '.join(known_tables)}")
            faults.append(Fault(table, f"`{table}` is not a table of build.toml", hint))
            continue
        for key, value in values.items():
            if key in known:
                flat[RENAMED.get(f"{table}.{key}", str(key))] = value
            else:
                hint = meant(key, known, f"it may have: {', '.join(known)}")
                faults.append(Fault(key, f"`{key}` is not a key of [{table}]", hint))
    return flat, faults


def _missing(key: str) -> Fault:
    return Fault("site", f"`{key}` is missing", f'add a line `{key} = "…"` below [site]')


def _not_toml(name: str, error: str) -> Problem:
    place = re.search(r"\(at line (\d+), column (\d+)\)", error)
    source = Source(name, int(place[1]), int(place[2])) if place else Source(name, 1)
    what = error.partition(" (at ")[0]
    return Problem(
        source, f"this is not TOML: {what}", 'write text as `name = "…"`; see https://toml.io'
    )


def _problem(name: str, text: str, fault: Fault) -> Problem:
    key = fault.name.partition("[")[0].partition(".")[0]
    written = {field: key.rpartition(".")[2] for key, field in RENAMED.items()}.get(key, key)
    found = re.search(rf"^(\s*\[?\s*)({re.escape(written)})\b", text, re.MULTILINE)
    if not found:
        return Problem(Source(name, 1, 1), fault.message, fault.hint)
    line = text.count("\n", 0, found.start(2)) + 1
    column = found.start(2) - text.rfind("\n", 0, found.start(2))
    return Problem(Source(name, line, column), fault.message, fault.hint)
