"""What success stories are sorted by: the categories in content/story_categories.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydotorg_build.artifacts import Data
from pydotorg_build.content import stories
from pydotorg_build.content.base import ContentType, Entry, Published
from pydotorg_build.content.fields import Slug, Title
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site


class StoryCategory(Entry, frozen=True, kw_only=True):
    """One category."""

    title: Title
    slug: Slug

    @property
    def id(self) -> str:
        return self.slug

    @property
    def url(self) -> str:
        return f"{stories.URL}category/{self.slug}/"


def of_one(category: StoryCategory, site: Site) -> Published:
    """The list of its stories, also while there is none: an address that people keep stays."""
    yield from stories.list_of(site, category.card(), category.source)


def of_all(site: Site) -> Published:
    """What a new story may be sorted by, for the form of the sidecar."""
    found = site.cards("story_categories")
    content = {"category": [{"slug": card.id, "title": card.title} for card in found]}
    source = Source("content/story_categories.yaml")
    yield Data(url=f"{stories.URL}terms.json", content=content, source=source)


STORY_CATEGORIES = ContentType(
    "story_categories", StoryCategory, files="story_categories.yaml", of_one=of_one, of_all=of_all
)
