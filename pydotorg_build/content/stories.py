"""Success stories: what organizations tell of how they use Python.

One that was handed in is a row of the snapshot; one that editors write is content/stories/<name>.md.
Where we have no text that we may show, the story is our own note about it and says so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.artifacts import Beside, Item, Page, Poster, Redirect
from pydotorg_build.content.articles import as_article
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Draftable,
    Fault,
    Meta,
    Published,
    named_poster,
    newest_first,
    row_digest,
    unlisted,
)
from pydotorg_build.content.fields import Line, Slug, Title, WebAddress
from pydotorg_build.content.lists import TAKEN, feed_links, feeds, list_pages, shown_as
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/success-stories/"
NAME = "Success stories"
CRUMBS = (HOME, Crumb(NAME, URL))
HOWTO = "/community/submit-success-story/"
SIZE = 20
# How many stories of a category stand on the first page, and how many featured ones anywhere.
FEW = 5
FEATURED = 3
RESERVED = TAKEN | {"category", "create", "terms.json"}


class StoryCard(Card, frozen=True, kw_only=True):
    """A story in a list."""

    company: str = ""
    category: str = ""
    sample: bool = False


class Story(Draftable, frozen=True, kw_only=True):
    """A success story: `company` tells it, `author` wrote it.

    `category` is a slug of content/story_categories.yaml, and `date` the day it came onto this
    site.  With `note` the body is ours, and `original` says where the story itself is.
    """

    title: Title
    description: Line
    company: Line = ""
    company_url: WebAddress = ""
    author: Line = ""
    category: Slug
    date: datetime.date
    quote: Annotated[str, Limits(max_length=600)] = ""
    quote_by: Line = ""
    image: str = ""
    image_text: Line = ""
    featured: bool = False
    note: bool = False
    original: WebAddress = ""
    sample: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    def card(self) -> StoryCard:
        groups = (f"category:{self.category}", *(["featured"] if self.featured else []))
        return StoryCard(
            id=self.id,
            title=self.title,
            url=self.url,
            date=self.date,
            description=self.description,
            company=self.company,
            category=self.category,
            sample=self.sample,
            groups=groups,
        )


class Shelf(msgspec.Struct, frozen=True):
    """A category with its newest stories and how many it has."""

    category: Card
    cards: tuple[StoryCard, ...]
    count: int


def check(story: Story) -> Iterator[Fault]:
    """Tell what the types cannot."""
    if story.id in RESERVED:
        yield Fault("", f"the name {story.id!r} is used by lists of stories", "rename the file")
    if story.source.path.endswith(".md") and story.id.isdecimal():
        yield Fault("", "numbers are for stories that were handed in",
                    "give the file a name of words")  # fmt: skip
    if story.image and not story.image_text:
        yield Fault("image", "it is not said what the picture shows", "give `image_text`")
    if story.quote_by and not story.quote:
        yield Fault("quote_by", "there is no `quote` that somebody said")


def of_one(story: Story, site: Site) -> Published:
    """The page of a story, and what leads to it."""
    yield from unlisted(story, site, "category", "story_categories", "category")
    for alias in story.aliases:
        yield Redirect(url=alias, target=story.url, source=story.source)
    newer, older = site.beside("stories", "", story.id)
    yield Page(
        url=story.url,
        template="stories/story.html",
        data={
            "meta": meta_of(story, site),
            "story": story,
            "category": category_of(story, site),
            "newer": newer,
            "older": older,
        },
        bodies={"body": story.body},
        pictures={"image": Beside(story.image, story.source)} if story.image else {},
        source=story.source,
        bundle="community",
        updated=story.date,
    )


def category_of(story: Story, site: Site) -> Card:
    """The category of a story, also one that is not in the list any more."""
    known = site.card("story_categories", story.category)
    return known or Card(id=story.category, title=story.category.replace("-", " "), url="")


def meta_of(story: Story, site: Site) -> Meta:
    """What base.html shows of a story."""
    path = story.source.path
    meta = Meta(
        title=story.title,
        url=story.url,
        description=story.description,
        type="article",
        poster=poster_of(story, site.settings.name),
        crumbs=(*CRUMBS, Crumb(story.title, story.url)),
        edit=path if path.endswith(".md") else "",
        changed=site.changed(path),
        record=row_digest(story, site),
    )
    if story.sample:
        return meta
    # A note is ours, whoever wrote the story itself.
    author = {} if story.note else {"person": story.author, "company": story.company}
    return as_article(meta, site, story.date, **author)


def poster_of(story: Story, name: str) -> Poster:
    """What other sites show of a story, on the site of this name."""
    return named_poster(name, story.title, "Success story", story.company)


def list_of(site: Site, category: Card, source: Source) -> Published:
    """The stories of a category with their feeds."""
    cards = site.cards("stories", f"category:{category.id}")
    title = f"{NAME}: {category.title}"
    meta = Meta(
        title=title,
        url=category.url,
        description=f"How organizations use Python: {category.title}.",
        crumbs=(*CRUMBS, Crumb(category.title, category.url)),
        feeds=feed_links(category.url, title),
    )
    data = {"category": category, "categories": site.cards("story_categories")}
    yield from list_pages(meta, "stories/category.html", cards, SIZE, data, source=source)
    yield from feeds(category.url, title, items_of(cards), meta.description, source)


def items_of(cards: Sequence[Any]) -> list[Item]:
    """Stories in a feed."""
    return [
        Item(
            title=shown_as(
                f"{card.title} ({card.company})" if card.company else card.title, card.sample
            ),
            url=card.url,
            updated=datetime.datetime.combine(card.date, datetime.time(), datetime.UTC),
            summary=card.description,
            tags=(card.category,),
        )
        for card in cards
    ]


def of_all(site: Site) -> Published:
    """The first page of the stories, the feeds of all, and today's address of the form."""
    source = Source("(stories)")
    description = "How companies, researchers and public bodies use Python."
    meta = Meta(title=NAME, url=URL, description=description, crumbs=CRUMBS,
                feeds=feed_links(URL, NAME))  # fmt: skip
    data = {
        "meta": meta,
        "featured": featured(site),
        "shelves": tuple(shelves(site)),
        "howto": HOWTO,
    }
    yield Page(url=URL, template="stories/index.html", data=data, source=source, bundle="community")
    yield from feeds(URL, NAME, items_of(site.cards("stories")), description, source)
    yield Redirect(url=f"{URL}create/", target=HOWTO, status=302, source=source)


def shelves(site: Site) -> Iterator[Shelf]:
    """The categories that have stories, each with its newest."""
    for category in site.cards("story_categories"):
        cards: tuple[Any, ...] = site.cards("stories", f"category:{category.id}")
        if cards:
            yield Shelf(category, cards[:FEW], len(cards))


def featured(site: Site) -> tuple[Any, ...]:
    """The newest stories that editors feature."""
    return site.cards("stories", "featured")[:FEATURED]


STORIES = ContentType(
    "stories",
    Story,
    files="stories/*.md",
    rows=True,
    card=StoryCard,
    check=check,
    order=newest_first,
    of_one=of_one,
    of_all=of_all,
)
