"""A success story that is handed in."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, structs

from pydotorg_build.content.base import Card
from pydotorg_build.content.fields import WebAddress
from pydotorg_build.content.stories import STORIES, Story, items_of, poster_of
from sidecar.kinds.base import HERE, Handed, Kind, Look, Needed, PictureName, Short, Terms, Text
from sidecar.permissions import Permission


class StoryForm(Handed, frozen=True, kw_only=True):
    """A success story, as it is asked for."""

    title: Needed
    description: Needed
    category: Needed
    company: Needed
    company_url: WebAddress = ""
    author: Needed
    text: Text
    quote: Annotated[str, Meta(max_length=600)] = ""
    quote_by: Short = ""
    image: PictureName = ""
    image_text: Short = ""
    original: WebAddress = ""


def shown_story(story: Story, terms: Terms) -> dict[str, Any]:
    """What the template of a success story is given, for a preview."""
    titles = {term["slug"]: term["title"] for term in terms.get("category", [])}
    category = Card(id=story.category, title=titles.get(story.category, story.category), url="")
    return {"story": story, "category": category, "newer": None, "older": None}


def look_of(story: Story, _terms: Terms, name: str) -> Look:
    """A story in the list of its category, in the feed, and where somebody links to it."""
    card = structs.replace(story.card(), url=HERE)
    return Look(card, items_of([card])[0], poster_of(story, name))


STORY = Kind(
    "story", StoryForm, STORIES, Permission.STORIES_MODERATE, "success story",
    "Tell how Python is used for something that matters. A person of the team reads it.",
    "sidecar/submit/story.html", "stories/story.html", shown_story,
    "success-stories/terms.json", "/success-stories/",
    look=look_of, looks="sidecar/submit/story_looks.html",
)  # fmt: skip
