"""A made-up site of any number of pages, the same at every run and for every generator.

The bodies have the same bytes everywhere; what stands above them is what each generator reads.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import prose

SEED = 20_261_125
SECTIONS, TAGS, TAGS_A_PAGE, WORDS = 40, 200, 3, 3_000
MEDIAN, SPREAD, LONGEST = 2_600, 0.8, 60_000
FIRST_DAY, DAYS = datetime.date(2005, 1, 1), 7_300
AFTER_ALL = FIRST_DAY + datetime.timedelta(days=DAYS)
NAME, DESCRIPTION = "Bench", "A made-up site of many pages."


@dataclass(frozen=True)
class Section:
    """A folder of pages."""

    slug: str
    title: str
    description: str

    @property
    def url(self) -> str:
        return f"/{self.slug}/"


@dataclass(frozen=True)
class Page:
    """All of a page but its body."""

    number: int
    section: Section
    slug: str
    title: str
    description: str
    date: datetime.date
    tags: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/{self.section.slug}/{self.slug}/"

    @property
    def path(self) -> str:
        """Where its file lies below the folder of the pages."""
        return f"{self.section.slug}/{self.slug}.md"


class Corpus:
    """The sections, pages and texts of a made-up site."""

    def __init__(self, count: int) -> None:
        random = Random(SEED)
        self._words = prose.vocabulary(random, WORDS)
        self._weights = prose.weights(WORDS)
        writer = prose.Writer(random, self._words, self._weights, ("/",))
        self.sections = _sections(writer, self._words)
        self.tags = self._words[SECTIONS : SECTIONS + TAGS]
        self.pages = tuple(_pages(writer, count, self.sections, self.tags))

    @cached_property
    def _targets(self) -> tuple[str, ...]:
        return tuple(page.url for page in self.pages)

    def body(self, page: Page) -> str:
        """The text of a page; it depends on the seed, the page's number and nothing before it."""
        random = Random(SEED + 1 + page.number)
        size = MEDIAN * math.exp(random.gauss(0, SPREAD))
        writer = prose.Writer(random, self._words, self._weights, self._targets)
        return writer.body(min(LONGEST, int(size)))


def _sections(writer: prose.Writer, words: tuple[str, ...]) -> tuple[Section, ...]:
    slugs = words[:SECTIONS]
    return tuple(Section(slug, slug.capitalize(), writer.phrase(6, 12) + ".") for slug in slugs)


def _pages(
    writer: prose.Writer, count: int, sections: tuple[Section, ...], tags: tuple[str, ...]
) -> Iterator[Page]:
    taken: set[str] = set()
    while len(taken) < count:
        title = writer.phrase(3, 5)
        if title in taken:
            continue
        taken.add(title)
        yield Page(
            number=len(taken) - 1,
            section=writer.random.choice(sections),
            slug=title.lower().replace(" ", "-"),
            title=title,
            description=writer.phrase(6, 14) + ".",
            date=FIRST_DAY + datetime.timedelta(days=writer.random.randrange(DAYS)),
            tags=tuple(writer.random.sample(tags, TAGS_A_PAGE)),
        )


# -- what stands above a body


def yaml_head(page: Page) -> str:
    """Front matter as Hugo and we read it."""
    return (
        f"---\ntitle: {page.title}\ndescription: {page.description}\n"
        f"date: {page.date}\ntags: [{', '.join(page.tags)}]\n---\n\n"
    )


def pelican_head(page: Page) -> str:
    """The same as Pelican reads it."""
    return (
        f"---\ntitle: {page.title}\ndescription: {page.description}\nsummary: {page.description}\n"
        f"date: {page.date}\ntags: {', '.join(page.tags)}\nslug: {page.slug}\n---\n\n"
    )


Head = Callable[[Page], str]


# -- files


def write(corpus: Corpus, folder: Path, head: Head) -> None:
    """Write the pages below a folder."""
    for section in corpus.sections:
        (folder / section.slug).mkdir(parents=True, exist_ok=True)
    for page in corpus.pages:
        text = head(page) + corpus.body(page)
        (folder / page.path).write_text(text, encoding="utf-8")


def write_indexes(corpus: Corpus, folder: Path, name: str, home: str = "") -> None:
    """Write a file for each section and one for the home page; `home` are fields of the latter."""
    top = f"---\ntitle: {NAME}\ndescription: {DESCRIPTION}\n{home}---\n\n{DESCRIPTION}\n"
    (folder / name).write_text(top, encoding="utf-8")
    for section in corpus.sections:
        text = f"---\ntitle: {section.title}\ndescription: {section.description}\n---\n\n"
        text += section.description + "\n"
        (folder / section.slug / name).write_text(text, encoding="utf-8")


def menu(corpus: Corpus) -> str:
    """The sections as a file of titles and addresses; JSON, which is YAML too."""
    lines = [json.dumps({"title": one.title, "url": one.url}) for one in corpus.sections]
    return "[\n  " + ",\n  ".join(lines) + "\n]\n"


def sections_by_slug(corpus: Corpus) -> str:
    """The sections as Pelican's settings read them."""
    found = {
        one.slug: {"title": one.title, "url": one.url, "description": one.description}
        for one in corpus.sections
    }
    return json.dumps(found, indent=1) + "\n"


def digest(folder: Path) -> str:
    """The digest of all files below a folder: their paths and their bytes."""
    found = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def sizes(folder: Path) -> dict[str, int]:
    """How many pages there are and how long they are, in bytes."""
    found = sorted(p.stat().st_size for p in folder.glob("*/*.md") if "index" not in p.name)
    return {
        "pages": len(found), "median": found[len(found) // 2], "mean": sum(found) // len(found),
        "ninety_percent": found[len(found) * 9 // 10], "longest": found[-1], "all": sum(found),
    }  # fmt: skip
