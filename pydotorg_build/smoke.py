"""Whether an address serves what was built: asked after a deploy, and before a cache is purged.

What is served is compared with the built folder byte by byte: /build.json, which says from which
snapshot the site was built, and some pages.  A host must not rewrite what it is given.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pydotorg_build import __version__
from pydotorg_build.links import NO_LINK
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.visits import REDIRECTS, Limits, NoAnswer, Visitor

ALWAYS = ("build.json", "index.html", "404.html", "sitemap.xml", "frame.json")
AGENT = f"pydotorg/{__version__} (smoke)"
LIMITS = Limits(most=50_000_000, redirects=0, allow_private=True)
RELOADING = f'<script src="{NO_LINK[0]}'.encode()
PAUSE = 2.0
# A host that is behind by so many files is not asked for every one of them.
MOST = 50
# How an address is answered whose file was taken away: it moved, or is not there any more.
GONE = (*REDIRECTS, 404, 410)


def chosen(folder: Path, count: int, seed: int = 0) -> list[str]:
    """Some files of a built folder: those that matter most, and pages by chance."""
    pages = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("index.html"))
    if not pages:
        hint = "build it first, or name it with --output"
        raise Problems([Problem(Source(str(folder)), "there is no built site", hint)])
    first = [name for name in ALWAYS if (folder / name).is_file()]
    others = [page for page in pages if page not in first]
    random.Random(seed).shuffle(others)  # noqa: S311 - guards nothing
    return [*first, *others][: max(count, 1)]


def refuse_work(base: str) -> None:
    """Raise Problems where `pydotorg serve` answers: what it shows is built for work."""
    try:
        body = Visitor(AGENT, LIMITS).ask(f"{base.rstrip('/')}/").body
    except NoAnswer:
        return  # which is told of each file
    if RELOADING in body:
        message = "this is `pydotorg serve`, whose pages reload, and differ from what was built"
        hint = "ask the host that serves the built folder; before a deploy there is nothing to ask"
        raise Problems([Problem(Source(base), message, hint)])


def differing(base: str, folder: Path, names: Iterable[str]) -> Iterator[Problem]:
    """What an address does not serve as it stands in a built folder; what is gone must be gone."""
    visitor = Visitor(AGENT, LIMITS)
    for name in names:
        url = f"{base.rstrip('/')}/{address_of(name)}"
        if why := _difference(visitor, url, folder / name):
            yield Problem(Source(url), why)


def address_of(name: str) -> str:
    """The address of a file of the built folder.

    >>> address_of("about/index.html"), address_of("feed.rss"), address_of("index.html")
    ('about/', 'feed.rss', '')
    """
    return name.removesuffix("index.html") if f"/{name}".endswith("/index.html") else name


def _difference(visitor: Visitor, url: str, file: Path) -> str:
    try:
        answer = visitor.ask(url)
    except NoAnswer as error:
        return "" if not file.exists() and error.status in GONE else str(error)
    if not file.exists():
        is_gone = answer.status in GONE
        return "" if is_gone else "it is still served, and the build has it no more"
    same = answer.body == file.read_bytes()
    return "" if same else "it is another than what was built"


def wait_until_served(
    base: str, folder: Path, names: Iterable[str], seconds: float,
    rest: Callable[[float], None] = time.sleep,
) -> None:  # fmt: skip
    """Wait until an address serves what was built; raise Problems where that takes too long."""
    every = sorted(names)
    left = random.Random(0).sample(every, min(MOST, len(every)))  # noqa: S311 - guards nothing
    end = time.monotonic() + seconds
    while problems := list(differing(base, folder, left)):
        if time.monotonic() >= end:
            raise Problems(problems)
        late = {problem.source.path for problem in problems}
        left = [name for name in left if f"{base.rstrip('/')}/{address_of(name)}" in late]
        rest(PAUSE)
