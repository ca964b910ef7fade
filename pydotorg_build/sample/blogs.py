"""Invented blogs and what they write: entries are never put into the mouth of a blog that exists."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

from pydotorg_build.content.blog_entries import row_key
from pydotorg_build.content.lists import slug
from pydotorg_build.sample.words import COMPANIES, OWNERS, host, person
from pydotorg_build.snapshot import Row

COUNT = 300
FEATURED = 2
BLOGS = 12
SUBJECTS = ("a parser", "our test suite", "a small web service", "type hints", "a queue",
            "one hundred notebooks", "the release process", "a bot", "old documentation"
            )  # fmt: skip
DEEDS = ("What we learnt from", "A second look at", "Ten lines about", "How we halved", "Against",
         "In praise of", "Notes on")  # fmt: skip


def blogs(chance: random.Random, today: datetime.date) -> Iterator[Row]:
    """Blogs, each with an author, and their entries of the last year; staff featured some."""
    noon = datetime.datetime.combine(today, datetime.time(12), datetime.UTC)
    authors = {}
    for owner in chance.sample(OWNERS, BLOGS):
        key = f"invented-{slug(owner)}"
        authors[key] = person(chance)
        yield Row("blog_feeds", key, {
            "title": f"{owner} writes Python",
            "slug": key,
            "feed": f"{host(key)}feed.xml",
            "site": host(key),
            "language": "en",
            "sample": True,
        })  # fmt: skip
    for number in range(1, COUNT + 1):
        key, author = chance.choice(list(authors.items()))
        url = f"{host(key)}{number}/"
        if number <= FEATURED:
            of = row_key(key, url)
            yield Row("blog_marks", f"featured.{of}", {"mark": "featured", "of": of})
        yield Row("blog_entries", row_key(key, url), {
            "title": f"{chance.choice(DEEDS)} {chance.choice(SUBJECTS)}, part {number}",
            "feed": key,
            "url": url,
            "published": (noon - datetime.timedelta(hours=chance.randrange(1, 8000))).isoformat(),
            "author": author,
            "summary": f"Written for nobody, by nobody, at {chance.choice(COMPANIES)}."
            if chance.random() < 0.8 else "",
            "guid": url,
            "sample": True,
        })  # fmt: skip
