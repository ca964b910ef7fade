"""Invented jobs: open ones of the last ninety days, in all categories and places."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

from pydotorg_build.content.lists import slug
from pydotorg_build.sample.drawn import Drawn, logo
from pydotorg_build.sample.words import COMPANIES, FIRST, PLACES, Place, host, some
from pydotorg_build.snapshot import Row

COUNT = 240
CURRENCIES = {"India": "INR", "Japan": "JPY", "Canada": "CAD", "United Kingdom": "GBP",
              "United States": "USD", "New Zealand": "NZD", "Brazil": "BRL"}  # fmt: skip
ROLES = {
    "web-development": ("Django developer", "Backend engineer", "API engineer"),
    "data-science": ("Data analyst", "Data scientist", "Data engineer"),
    "machine-learning": ("Machine learning engineer", "Research engineer, vision"),
    "devops": ("Site reliability engineer", "Platform engineer", "Automation engineer"),
    "scientific-computing": ("Scientific programmer", "Simulation engineer"),
    "testing": ("Test engineer", "Softwarequalitätssicherungsbeauftragte"),
    "security": ("Security engineer", "Incident response engineer"),
    "embedded": ("Embedded engineer, MicroPython", "Robotics engineer"),
    "education": ("Python trainer", "Curriculum developer"),
    "management": ("Engineering manager", "Head of data"),
}
DUTIES = (
    "write and review Python every day",
    "keep services that many people depend on calm and quick",
    "turn notebooks into programs that run by themselves",
    "talk with the people who use what you make",
    "bring an old code base to a supported version of Python",
    "teach colleagues what you have found out",
)
SKILLS = (
    "You have written Python for some years, at work or outside it.",
    "You test what you write, and know why a test failed.",
    "You explain a trade-off in plain words.",
    "You have read more than one traceback to its end.",
    "You like documentation, and mend it when it is wrong.",
)


def jobs(chance: random.Random, today: datetime.date) -> Iterator[Row | Drawn]:
    """Open jobs, a fifth of them with a logo."""
    every = [(category, title) for category, titles in ROLES.items() for title in titles]
    seen = set()
    for number in range(FIRST, FIRST + COUNT):
        category, title = chance.choice(every)
        company, place = chance.choice(COMPANIES), chance.choice(PLACES)
        while (title, company, place) in seen:
            company = chance.choice(COMPANIES)
        seen.add((title, company, place))
        picture = logo(chance, f"job-{number}", company) if chance.random() < 0.2 else None
        if picture:
            yield picture
        data = {
            "title": title,
            "company": company,
            "company_text": f"{company} is an invented company with {chance.randrange(5, 400)}"
            " people who do not exist.",
            "company_url": host(company) if chance.random() < 0.5 else "",
            "logo": picture.name if picture else "",
            "category": category,
            "types": [chance.choices(("full-time", "part-time", "contract"), (8, 1, 2))[0]],
            "agencies": chance.random() < 0.3,
            "email": f"jobs@{slug(company)}.example",
            "date": (today - datetime.timedelta(days=chance.randrange(90))).isoformat(),
            "ends": (today + datetime.timedelta(days=chance.randrange(5, 90))).isoformat(),
            "featured": chance.random() < 0.03,
            "sample": True,
            "body": f"## What you do\n\nYou\n\n{some(chance, DUTIES, 3)}\n\n"
            f"## What we look for\n\n{some(chance, SKILLS, 3)}\n",
        }
        yield Row("jobs", str(number), data | _place(chance, place) | _pay(chance, place))


def _place(chance: random.Random, place: Place) -> dict[str, Any]:
    where = {"city": place.city, "region": place.region, "country": place.country}
    if chance.random() < 0.6:
        return where
    around = chance.choice(("anywhere", place.country, "Europe"))
    # Some are nowhere but at home.
    return ({} if chance.random() < 0.3 else where) | {"remote": True, "remote_from": around}


def _pay(chance: random.Random, place: Place) -> dict[str, Any]:
    if chance.random() < 0.3:
        return {}
    least = chance.randrange(35, 90) * 1000
    most = least + chance.randrange(5, 30) * 1000
    return {"pay_from": least, "pay_to": most, "currency": CURRENCIES.get(place.country, "EUR")}
