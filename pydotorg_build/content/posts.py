"""What the community shows: texts, photos, videos and links, the newest first.

One that was handed in is a row of the snapshot; one that editors write is content/posts/<name>.md.
A video is a file of this site, below static/root/: nothing is taken in from other hosts.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.artifacts import Beside, Item, Page, Redirect
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
    newest_first,
    poster,
)
from pydotorg_build.content.fields import Line, Title, WebAddress
from pydotorg_build.content.lists import TAKEN, feed_links, feeds, list_pages, shown_as
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/community/posts/"
NAME = "Community posts"
CRUMBS = (HOME, Crumb("Community", "/community/"), Crumb(NAME, URL))
SIZE = 20
# What a post of a kind must have.
WANTED = {"photo": "image", "video": "video", "link": "link"}


class PostCard(Card, frozen=True, kw_only=True):
    """A post in a list."""

    kind: str
    author: str = ""
    image: Beside | None = None
    sample: bool = False


class Post(Draftable, frozen=True, kw_only=True):
    """A post; its body says what is to be said, `description` the same in a sentence.

    `video` is an address on this site such as /media/sprint.webm; `link` leads elsewhere.
    """

    title: Title
    description: Line
    kind: Literal["text", "photo", "video", "link"] = "text"
    date: datetime.date
    author: Line = ""
    image: str = ""
    image_text: Line = ""
    caption: Line = ""
    video: Annotated[
        str, Limits(pattern=r"^(/[\w./-]+\.(webm|mp4))?$", examples=["/media/a.webm"])
    ] = ""
    link: WebAddress = ""
    sample: bool = False

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    def card(self) -> PostCard:
        return PostCard(
            id=self.id,
            title=self.title,
            url=self.url,
            date=self.date,
            description=self.description,
            kind=self.kind,
            author=self.author,
            image=Beside(self.image, Source(self.source.path)) if self.image else None,
            sample=self.sample,
        )


def check(post: Post) -> Iterator[Fault]:
    """Tell what the types cannot."""
    if post.id in TAKEN:
        yield Fault("", f"the name {post.id!r} is used by the list of posts", "rename the file")
    if post.source.path.endswith(".md") and post.id.isdecimal():
        yield Fault("", "numbers are for posts that were handed in",
                    "give the file a name of words")  # fmt: skip
    wanted = WANTED.get(post.kind, "title")
    if not getattr(post, wanted):
        yield Fault("kind", f"a {post.kind} needs `{wanted}`")
    if post.image and not post.image_text:
        yield Fault("image", "it is not said what the picture shows", "give `image_text`")


def of_one(post: Post, site: Site) -> Published:
    """The page of a post; one with a number keeps today's address."""
    place = f"{site.settings.static}/root{post.video}"
    if post.video and not site.file(place):
        where = site.place(post.source, "video")
        yield Problem(where, f"there is no video {post.video}", f"put it at {place}")
        return
    if post.id.isdecimal():
        yield Redirect(url=f"/community/{post.id}/", target=post.url, source=post.source)
    newer, older = site.beside("posts", "", post.id)
    path = post.source.path
    meta = Meta(
        title=post.title,
        url=post.url,
        description=post.description,
        type="article",
        poster=poster(site, f"Community {post.kind}", post.title, post.author),
        crumbs=(*CRUMBS, Crumb(post.title, post.url)),
        edit=path if path.endswith(".md") else "",
        changed=site.changed(path),
    )
    if post.kind == "text" and not post.sample:
        meta = as_article(meta, site, post.date, person=post.author)
    yield Page(
        url=post.url,
        template="posts/post.html",
        data={"meta": meta, "post": post, "newer": newer, "older": older},
        bodies={"body": post.body},
        pictures={"image": Beside(post.image, post.source)} if post.image else {},
        source=post.source,
        bundle="community",
        updated=post.date,
    )


def of_all(site: Site) -> Published:
    """The list of posts and its feeds."""
    source = Source("(posts)")
    cards: tuple[Any, ...] = site.cards("posts")
    description = "Texts, photos, videos and links from the Python community, the newest first."
    meta = Meta(title=NAME, url=URL, description=description, crumbs=CRUMBS,
                feeds=feed_links(URL, NAME))  # fmt: skip
    for page in list_pages(meta, "posts/index.html", cards, SIZE, {}, source=source):
        pictures = {card.id: card.image for card in page.data["cards"] if card.image}
        yield msgspec.structs.replace(page, pictures=pictures)
    items = [
        Item(
            title=shown_as(card.title, card.sample),
            url=card.url,
            updated=datetime.datetime.combine(card.date, datetime.time(), datetime.UTC),
            summary=card.description,
            author=card.author,
            tags=(card.kind,),
        )
        for card in cards
    ]
    yield from feeds(URL, NAME, items, description, source)


POSTS = ContentType(
    "posts",
    Post,
    files="posts/*.md",
    rows=True,
    card=PostCard,
    check=check,
    order=newest_first,
    of_one=of_one,
    of_all=of_all,
)
