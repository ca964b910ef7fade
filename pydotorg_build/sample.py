"""Invented entries, so that the site can be seen whole without a sidecar: `pydotorg sample`.

They are made from a number and a day, and so are the same for everybody who gives the same ones;
people and companies do not exist, and every entry says that it is a sample.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.snapshot import Row, Snapshots, add_rows, writing

COMPANIES = (
    *("Tidewater Maps", "Ostler & Finch", "Brightmoor Energy", "Kelp Robotics", "Nordlys Health"),
    *("Papaya Logistics", "Quiet Harbour", "Saltmarsh Weather", "Lanterna Cinema", "Umbra Optics"),
    *("Verdant Rail", "Zephyr Bikes", "Ibis Telescopes", "Marrow Street Bank", "Oxbow Water"),
)
# Invented companies in real places: a list by place needs places that one can look up.
PLACES = (
    ("Lisbon", "", "Portugal"), ("Nairobi", "", "Kenya"), ("Pune", "Maharashtra", "India"),
    ("Berlin", "", "Germany"), ("Bogotá", "", "Colombia"), ("Osaka", "", "Japan"),
    ("Montreal", "Quebec", "Canada"), ("Leeds", "", "United Kingdom"), ("Tallinn", "", "Estonia"),
    ("Austin", "Texas", "United States"), ("Wellington", "", "New Zealand"),
    ("São Paulo", "", "Brazil"),
)  # fmt: skip
CURRENCIES = {"India": "INR", "Japan": "JPY", "Canada": "CAD", "United Kingdom": "GBP",
              "United States": "USD", "New Zealand": "NZD", "Brazil": "BRL"}  # fmt: skip
ROLES = {
    "web-development": ("Django developer", "Backend engineer", "API engineer"),
    "data-science": ("Data analyst", "Data scientist", "Data engineer"),
    "machine-learning": ("Machine learning engineer", "Research engineer, vision"),
    "devops": ("Site reliability engineer", "Platform engineer", "Automation engineer"),
    "scientific-computing": ("Scientific programmer", "Simulation engineer"),
    "testing": ("Test engineer", "Quality engineer"),
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
COUNT = 240
FIRST = 7001


def jobs(chance: random.Random, today: datetime.date) -> Iterator[Row]:
    """Open jobs of the last ninety days, in all categories, places and ways of being paid."""
    every = [
        (category, title, company, place)
        for category, titles in ROLES.items()
        for title in titles
        for company in COMPANIES
        for place in PLACES
    ]
    for number, chosen in enumerate(chance.sample(every, COUNT), FIRST):
        category, title, company, (city, region, country) = chosen
        is_remote = chance.random() < 0.4
        date = today - datetime.timedelta(days=chance.randrange(90))
        least = chance.randrange(35, 90) * 1000
        duties = "\n".join(f"- {duty}" for duty in chance.sample(DUTIES, 3))
        skills = "\n".join(f"- {skill}" for skill in chance.sample(SKILLS, 3))
        paid = {"pay_from": least, "pay_to": least + chance.randrange(5, 30) * 1000,
                "currency": CURRENCIES.get(country, "EUR")}  # fmt: skip
        data = {
            "title": title,
            "company": company,
            "company_text": f"{company} is an invented company with {chance.randrange(5, 400)}"
            " people who do not exist.",
            "category": category,
            "types": [chance.choices(("full-time", "part-time", "contract"), (8, 1, 2))[0]],
            "city": city,
            "region": region,
            "country": country,
            "remote": is_remote,
            "remote_from": chance.choice(("anywhere", country, "Europe")) if is_remote else "",
            "agencies": chance.random() < 0.3,
            "email": f"jobs@{company.split()[0].lower()}.example",
            "date": date.isoformat(),
            "ends": (today + datetime.timedelta(days=chance.randrange(5, 90))).isoformat(),
            "featured": chance.random() < 0.03,
            "sample": True,
            "body": f"## What you do\n\nYou\n\n{duties}\n\n## What we look for\n\n{skills}\n",
        }
        yield Row("jobs", str(number), data | (paid if chance.random() < 0.7 else {}))


# The clocks of these places.
ZONES = {
    "Lisbon": "Europe/Lisbon", "Nairobi": "Africa/Nairobi", "Pune": "Asia/Kolkata",
    "Berlin": "Europe/Berlin", "Bogotá": "America/Bogota", "Osaka": "Asia/Tokyo",
    "Montreal": "America/Toronto", "Leeds": "Europe/London", "Tallinn": "Europe/Tallinn",
    "Austin": "America/Chicago", "Wellington": "Pacific/Auckland",
    "São Paulo": "America/Sao_Paulo",
}  # fmt: skip
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def events(chance: random.Random, today: datetime.date) -> Iterator[Row]:
    """Meetups of invented groups, each by a rule, and a sprint that is on."""
    for number, (city, _, country) in enumerate(PLACES, FIRST):
        first = today - datetime.timedelta(days=chance.randrange(30, 90))
        day, week = WEEKDAYS[first.weekday()], (first.day - 1) // 7 + 1
        every = "FREQ=WEEKLY;INTERVAL=2" if week == 5 else f"FREQ=MONTHLY;BYDAY={week}{day}"
        hour = chance.choice((18, 19))
        yield Row("events", str(number), {
            "title": f"Invented Python group, {city}",
            "calendar": "python-user-group",
            "kind": "meetup",
            "venue": {"name": chance.choice(COMPANIES), "city": city, "country": country},
            "online": chance.random() < 0.3,
            "zone": ZONES[city],
            "start": f"{first} {hour}:30",
            "end": f"{first} {hour + 2}:00",
            "rule": every,
            "updated": first.isoformat(),
            "sample": True,
            "body": "Two talks, then time to talk.",
        })  # fmt: skip
    yield Row("events", str(FIRST + len(PLACES)), {
        "title": "Invented sprint",
        "calendar": "python-events",
        "kind": "sprint",
        "online": True,
        "start": (today - datetime.timedelta(days=1)).isoformat(),
        "end": (today + datetime.timedelta(days=1)).isoformat(),
        "updated": (today - datetime.timedelta(days=20)).isoformat(),
        "sample": True,
    })  # fmt: skip


SAMPLES: dict[str, Callable[[random.Random, datetime.date], Iterator[Row]]] = {
    "jobs": jobs,
    "events": events,
}


def rows(seed: int, today: datetime.date) -> Iterator[Row]:
    """All samples; each kind has chances of its own, so that one more kind changes no other."""
    for kind, make in SAMPLES.items():
        yield from make(random.Random(f"{seed} {kind}"), today)  # noqa: S311 - guards nothing


def write_sample(root: Path, name: str, seed: int, today: datetime.date) -> int:
    """Write the samples as a snapshot; return how many.  A real snapshot is never overwritten."""
    _must_be_a_sample(root, name)
    made = list(rows(seed, today))
    with writing(root / name, is_sample="1", seed=str(seed), day=today.isoformat()) as db:
        add_rows(db, made)
    return len(made)


def remove_sample(root: Path, name: str) -> None:
    """Take a snapshot of samples away; a real one is refused."""
    _must_be_a_sample(root, name)
    (root / name).unlink(missing_ok=True)


def _must_be_a_sample(root: Path, name: str) -> None:
    snapshots = Snapshots(root, [name])
    meta = snapshots.meta(name)
    snapshots.close()
    if meta and not meta.get("is_sample"):
        hint = "move it away first, if it is not wanted any more"
        raise Problems([Problem(Source(name), "is a snapshot of a sidecar, not a sample", hint)])
