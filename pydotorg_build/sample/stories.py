"""Invented success stories, in all categories, with and without a picture."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

from pydotorg_build.sample.drawn import Drawn, scene
from pydotorg_build.sample.words import COMPANIES, FIRST, host, person
from pydotorg_build.snapshot import Row

COUNT = 120
CATEGORIES = {
    "arts": "lights a stage",
    "business": "sends its bills",
    "education": "teaches a whole school",
    "engineering": "tests its machines",
    "government": "answers letters in a day",
    "scientific": "counts birds from photographs",
    "software-development": "builds everything it ships",
}
BEFORE = (
    "spreadsheets that nobody dared to touch",
    "a program whose author had retired",
    "paper, and a great deal of patience",
    "five scripts in five languages",
)
GAINS = (
    "what took a week is done before lunch",
    "newcomers change the program on their first day",
    "the night shift sleeps again",
    "mistakes are found by tests, and no longer by customers",
)


def stories(chance: random.Random, today: datetime.date) -> Iterator[Row | Drawn]:
    """Stories of the last three years."""
    for number, company in enumerate(chance.sample(COMPANIES, COUNT), FIRST):
        category, does = chance.choice(list(CATEGORIES.items()))
        before, gain, who = chance.choice(BEFORE), chance.choice(GAINS), person(chance)
        picture = scene(chance, f"story-{number}") if chance.random() < 0.5 else None
        if picture:
            yield picture
        data = {
            "title": f"How {company} {does}",
            "description": f"{company} replaced {before} by Python.",
            "company": company,
            "company_url": host(company),
            "author": who,
            "category": category,
            "date": (today - datetime.timedelta(days=chance.randrange(1100))).isoformat(),
            "image": picture.name if picture else "",
            "image_text": "Drawn hills below a drawn sun" if picture else "",
            "featured": chance.random() < 0.03,
            "sample": True,
            "body": f"## Before\n\nIt began with {before}.\n\n## After\n\nThe first version in Python"
            f" had {chance.randrange(80, 900)} lines. Today {gain}.\n",
        }
        quote = {"quote": f"The best of it: {gain}.", "quote_by": f"{who}, {company}"}
        yield Row("stories", str(number), data | (quote if chance.random() < 0.5 else {}))
