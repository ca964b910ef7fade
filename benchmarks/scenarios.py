"""What is done to our site before it is built again, and how the result is checked: a row each.

Nothing here is measured: run.py measures the build between `prepare` and `check`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from gzip import decompress
from pathlib import Path

import corpus
from contenders import OURS, OUTPUT
from corpus import Corpus, Page

PLACE_IN_SECTION = 10  # of the page that is edited: on the first page of its list, and in its feed
LISTS = ("feed.rss", "feed.atom", "feed.json")


class Wrong(Exception):
    """A build that ended well and yet did not make what it should have."""


@dataclass
class Bench:
    """Our site and the corpus it was made of."""

    site: Path
    corpus: Corpus

    @property
    def output(self) -> Path:
        return self.site / OUTPUT

    def source(self, page: Page) -> Path:
        return self.site / "content" / "pages" / page.path

    def made(self, url: str) -> str:
        """What was made for an address."""
        name = f"{url.strip('/')}/index.html" if url.endswith("/") else url.strip("/")
        return (self.output / name).read_text(encoding="utf-8")

    def lists_of(self, url: str) -> list[Path]:
        """All pages of a list."""
        folder = self.output / url.strip("/")
        return [folder / "index.html", *folder.glob("page/*/index.html")]

    @cached_property
    def newest(self) -> tuple[tuple[Page, ...], ...]:
        """The pages of each section, newest first."""
        by_date = sorted(self.corpus.pages, key=lambda page: page.date, reverse=True)
        return tuple(
            tuple(page for page in by_date if page.section == section)
            for section in self.corpus.sections
        )

    def page(self, number: int) -> Page:
        """A page to edit: each number has one in another section."""
        return self.newest[number % len(self.newest)][PLACE_IN_SECTION]


@dataclass
class Change:
    """What was done: the page, a word that stands nowhere else, and how to take it back."""

    page: Page
    word: str
    before: dict[Path, bytes | None] = field(default_factory=dict)
    seen: Mapping[str, object] = field(default_factory=dict)

    def write(self, path: Path, text: str) -> None:
        """Change a file, or make one."""
        self.before[path] = path.read_bytes() if path.exists() else None
        path.write_text(text, encoding="utf-8")

    def undo(self) -> None:
        for path, content in self.before.items():
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)


@dataclass(frozen=True)
class Scenario:
    """One thing that happens to a site; `checked` says in words what `check` makes sure of."""

    name: str
    does: str
    checked: str
    prepare: Callable[[Bench, Change], None]
    check: Callable[[Bench, Change], None]
    flags: tuple[str, ...] = ()


def change(bench: Bench, number: int) -> Change:
    """A new change; no two share a page or a word, so nothing is remembered of the one before."""
    return Change(bench.page(number), f"Zykqua{number}x")


def want(found: bool, what: str) -> None:
    if not found:
        raise Wrong(what)


# -- what is done


def nothing(bench: Bench, change: Change) -> None:
    change.seen = stamps(bench.output)


def edit_body(bench: Bench, change: Change) -> None:
    path = bench.source(change.page)
    change.write(path, f"{path.read_text(encoding='utf-8')}\n{change.word} ends this page.\n")


def edit_title(bench: Bench, change: Change) -> None:
    path, title = bench.source(change.page), f"title: {change.page.title}"
    text = path.read_text(encoding="utf-8")
    change.write(path, text.replace(title, f"title: {change.word} renamed", 1))


def edit_template(bench: Bench, change: Change) -> None:
    path = bench.site / "templates" / "base.html"
    text = path.read_text(encoding="utf-8")
    change.write(path, text.replace("<footer>", f"<footer>\n<p>{change.word}</p>"))


def add_page(bench: Bench, change: Change) -> None:
    slug = change.word.lower()
    page = replace(change.page, slug=slug, title=f"{change.word} added", date=corpus.AFTER_ALL)
    text = corpus.yaml_head(page) + bench.corpus.body(change.page)
    change.page = page
    change.write(bench.source(page), text)


def clear(bench: Bench, _: Change) -> None:
    OURS.clear(bench.site)


def restore_cache(bench: Bench, change: Change) -> None:
    """As on a host that keeps the cache and checks the sources out anew."""
    change.seen = {"digest": corpus.digest(bench.output)}
    (state,) = (bench.site / name for name in OURS.state)
    kept = state.with_name("kept")
    shutil.copytree(state, kept)
    OURS.clear(bench.site)
    kept.rename(state)
    for name in ("content", "templates", "static"):
        for path in (bench.site / name).rglob("*"):
            os.utime(path)


# -- whether it is there


def stamps(output: Path) -> dict[str, object]:
    """When each file was written, and which file it is."""
    found = ((path, path.stat()) for path in output.rglob("*"))
    return {str(path): (seen.st_mtime_ns, seen.st_ino) for path, seen in found}


def is_untouched(bench: Bench, change: Change) -> None:
    want(stamps(bench.output) == change.seen, "a file was written though nothing changed")


def is_complete(bench: Bench, _: Change) -> None:
    missing = [page.url for page in bench.corpus.pages if page.title not in bench.made(page.url)]
    want(not missing, f"these pages are not there: {missing[:5]}")


def body_is_there(bench: Bench, change: Change) -> None:
    want(change.word in bench.made(change.page.url), "the page does not show the edit")


def title_is_everywhere(bench: Bench, change: Change) -> None:
    """The new title in the page, its section, its tags and its feeds; the old one nowhere there."""
    page = change.page
    want(change.word in bench.made(page.url), "the page does not show its new title")
    for list_url in (page.section.url, *(f"/tags/{tag}/" for tag in page.tags)):
        texts = [path.read_text(encoding="utf-8") for path in bench.lists_of(list_url)]
        naming = [text for text in texts if f'href="{page.url}"' in text]
        want(len(naming) == 1, f"{list_url} names the page {len(naming)} times")
        want(change.word in naming[0], f"{list_url} does not show the new title")
    for name in LISTS:
        want(change.word in bench.made(page.section.url + name), f"{name} has not the new title")
    old = f">{page.title}<"
    want(old not in bench.made(page.section.url), "the section still shows the old title")


def added_is_first(bench: Bench, change: Change) -> None:
    """The new page is there, and the first in its section, its tags, its feeds; the sitemap has it."""
    page = change.page
    want(page.title in bench.made(page.url), "the page is not there")
    for list_url in (page.section.url, *(f"/tags/{tag}/" for tag in page.tags)):
        _, _, cards = bench.made(list_url).partition('class="cards"')
        first = cards.partition("</a>")[0]
        want(page.title in first, f"{list_url} does not begin with the new page")
    _, _, items = bench.made(page.section.url + "feed.rss").partition("<item>")
    first = items.partition("</item>")[0]
    want(page.title in first, "the feed does not begin with the new page")
    for name in (*(page.section.url + name for name in LISTS), "/sitemap.xml"):
        want(page.url in bench.made(name), f"{name} has not the new page")


def footer_is_everywhere(bench: Bench, change: Change) -> None:
    pages = list(bench.output.rglob("*.html"))
    old = [path for path in pages if change.word not in path.read_text(encoding="utf-8")]
    want(len(pages) > len(bench.corpus.pages), "there are too few pages")
    want(not old, f"{len(old)} pages still have the old footer")


def is_as_before(bench: Bench, change: Change) -> None:
    same = corpus.digest(bench.output) == change.seen["digest"]
    want(same, "the site differs from the one before")


def is_found(bench: Bench, change: Change) -> None:
    """The edited page's text is in the search index that browsers are led to."""
    body_is_there(bench, change)
    listed = json.loads(bench.made("/pagefind/bundles.json"))["bundles"]
    word = change.word.encode()
    fragments = (
        path
        for bundle in listed
        for path in (bench.output / bundle["path"].strip("/")).rglob("*.pf_fragment")
    )
    found = any(word in decompress(path.read_bytes()) for path in fragments)
    want(found, "search does not find the edit")


COLD = Scenario(
    "cold", "no cache, no output", "every page is there with its title", clear, is_complete
)
BODY = Scenario(
    "body", "a sentence more in one page", "the page shows it", edit_body, body_is_there
)
FIRST = Scenario(
    "first", "a sentence more in one page, the first edit after a cold build", "the page shows it",
    edit_body, body_is_there,
)  # fmt: skip
SEARCH = Scenario(
    "search", "a sentence more in one page, search on", "the page shows it and the index has it",
    edit_body, is_found,
)  # fmt: skip
EDITS = (
    Scenario("nothing", "nothing changed", "no file was written", nothing, is_untouched),
    FIRST,
    BODY,
    Scenario(
        "title", "another title for one page",
        "page, section list, all its tag lists and three feeds show it, and no list the old one",
        edit_title, title_is_everywhere,
    ),
    Scenario(
        "added", "a new page, the newest of its section and tags",
        "it is there, first in section, tags and feeds, and in the sitemap",
        add_page, added_is_first,
    ),
    Scenario(
        "first_template", "a line more in base.html, the first such edit after a cold build",
        "every page shows it", edit_template, footer_is_everywhere,
    ),
    Scenario(
        "template", "a line more in base.html", "every page shows it",
        edit_template, footer_is_everywhere,
    ),
    Scenario(
        "added_after", "a new page, in the build after one that wrote every page",
        "as for `added`", add_page, added_is_first,
    ),
    Scenario(
        "restored", "cache kept, output gone, every source with a new date",
        "the site is byte for byte as before", restore_cache, is_as_before, ("--hash",),
    ),
)  # fmt: skip
