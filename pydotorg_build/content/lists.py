"""What the lists of all kinds have in common: pages of so many entries, and feeds of the newest."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from pydotorg_build.artifacts import Beside, Body, Feed, Item, Page
from pydotorg_build.content.base import Card, Crumb, FeedLink, Meta
from pydotorg_build.problems import Source

FEED_SIZE = 20
FEED_TYPES = (
    ("rss", "application/rss+xml"),
    ("atom", "application/atom+xml"),
    ("json", "application/feed+json"),
)
# What a list has below its address, so that nothing else there is called so.
TAKEN = frozenset({"page", *(f"feed.{ending}" for ending, _ in FEED_TYPES)})


class Paging(msgspec.Struct, frozen=True):
    """Where in a list of several pages one is: addresses, empty where there is none."""

    number: int
    count: int
    first: str = ""
    last: str = ""
    previous: str = ""
    next: str = ""
    numbers: tuple[Crumb, ...] = ()


class Choices(msgspec.Struct, frozen=True):
    """Lists of one kind that one may choose from, and what the kind is called."""

    words: str
    choices: tuple[Card, ...]


def shown_as(title: str, is_sample: bool) -> str:
    """The title of an entry in a feed, where nothing else says that it is invented."""
    return f"{title} (invented)" if is_sample else title


def list_pages(
    meta: Meta,
    template: str,
    cards: Sequence[Card],
    size: int,
    data: Mapping[str, Any],
    *,
    source: Source,
    body: Body | None = None,
    bundle: str = "",
    updated: datetime.date | None = None,
    pictures: Mapping[str, Beside] | None = None,
) -> Iterator[Page]:
    """The pages of a list, `size` cards on each; an empty list has one page, that says so.

    A template is given `meta`, `cards`, `pages` (a `Paging`) and `data`; the body and what search
    finds belong to the first page.
    """
    count = max(1, -(-len(cards) // size))
    for number in range(1, count + 1):
        here = numbered(meta, number)
        yield Page(
            url=here.url,
            template=template,
            data={
                "meta": here,
                "cards": tuple(cards[(number - 1) * size : number * size]),
                "pages": paging_of(meta.url, number, count),
                **data,
            },
            bodies={"body": body if body and number == 1 else Body()},
            source=source,
            bundle=bundle if number == 1 else "",
            updated=updated,
            pictures=pictures or {},
            listed=not meta.noindex,
        )


def numbered(meta: Meta, number: int) -> Meta:
    """The head of one page of a list: from the second on, it says which it is."""
    if number == 1:
        return meta
    return msgspec.structs.replace(
        meta,
        title=f"{meta.title}, page {number}",
        url=f"{meta.url}page/{number}/",
        description=f"{meta.description} Page {number}.".strip(),
    )


def feeds(
    url: str, title: str, items: Sequence[Item], description: str, source: Source
) -> Iterator[Feed]:
    """The newest of a list (they come newest first) as RSS, Atom and JSON Feed."""
    for suffix, _ in FEED_TYPES:
        yield Feed(
            url=f"{url}feed.{suffix}",
            title=title,
            home=url,
            items=tuple(items[:FEED_SIZE]),
            description=description,
            source=source,
        )


def feed_links(url: str, title: str) -> tuple[FeedLink, ...]:
    """What a page says of the feeds of its list."""
    return tuple(FeedLink(title, f"{url}feed.{suffix}", kind) for suffix, kind in FEED_TYPES)


def dividing(flags: Mapping[str, Callable[[Any], bool]], cards: Iterable[Any]) -> tuple[str, ...]:
    """The flags that narrow a list: some of it has them, and some has not."""
    found = {name: {test(card) for card in cards} for name, test in flags.items()}
    return tuple(name for name, answers in found.items() if len(answers) == 2)


def by_heading(choices: Sequence[Card], headings: Mapping[str, str]) -> tuple[Choices, ...]:
    """Choices by what they begin their groups with, each heading that has some."""
    found = (
        Choices(words, tuple(choice for choice in choices if choice.groups[0] == of))
        for of, words in headings.items()
    )
    return tuple(one for one in found if one.choices)


@lru_cache(maxsize=4096)  # the same few tags stand on most pages
def slug(text: str) -> str:
    """A text as part of an address.

    >>> slug("Web & Internet")
    'web-internet'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "tag-" + text.encode().hex()


def paging_of(url: str, number: int, count: int) -> Paging:
    """First, previous, numbers near, next, last."""

    def at(n: int) -> str:
        return url if n == 1 else f"{url}page/{n}/"

    near = range(max(1, number - 2), min(count, number + 2) + 1)
    return Paging(
        number=number,
        count=count,
        first=at(1) if number > 1 else "",
        last=at(count) if number < count else "",
        previous=at(number - 1) if number > 1 else "",
        next=at(number + 1) if number < count else "",
        numbers=tuple(Crumb(str(n), at(n)) for n in near),
    )
