"""What tests of sponsors begin with: terms of the site, an application, and who looks after it."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from sqlalchemy import select

from sidecar.tables.sponsors import Sponsorship
from sidecar.tables.work import Mail

FORM = "/submit/sponsor"
LEVELS = [
    {"slug": "visionary", "title": "Visionary", "amount": 150_000, "places": ["sponsors"],
     "benefits": ["A mention"],
     "needs": [{"slug": "post", "title": "A text for our blog", "days": 20},
               {"slug": "white", "title": "A white logo", "kind": "picture", "days": 30}]},
    {"slug": "partner", "title": "Partner", "amount": 10_000},
    {"slug": "quiet", "title": "Quiet", "amount": 5, "advertised": False},
]  # fmt: skip
ADDONS = [
    {"slug": "lunch", "title": "Lunch", "amount": 4_000, "capacity": 1, "conflicts": ["sprint"]},
    {"slug": "sprint", "title": "Sprint", "amount": 8_000},
    {"slug": "grants", "title": "Grants", "amount": 15_000, "levels": ["visionary"]},
    {"slug": "index", "title": "Index", "amount": 2_000, "standalone": True},
]
CLAUSES = [
    {"slug": "who", "title": "Who agrees", "text": "The **Foundation** and the Sponsor."},
    {"slug": "lunch", "title": "Lunch", "text": "- warm\n- for all", "addons": ["lunch"]},
]
GOOD = {
    "company": "Ada & Sons", "website": "https://ada.example/", "description": "They bake.",
    "level": "visionary", "addons": ["lunch"], "contact_name": "Ada", "sender": "ada@ada.example",
    "phone": "+351 1", "accounting_name": "Bo", "accounting_email": "bo@ada.example",
    "address": "Rua 1", "city": "Lisbon", "postal_code": "1000", "country": "Portugal",
    "incorporated_in": "Portugal", "message": "Soon, please.",
}  # fmt: skip
LINK = re.compile(r"http://test\.example(/submit/sponsor/open\?token=\S+)")
TEAM = "sponsors@python.org"


def offer(service, **other):
    """Let the built site tell what may be chosen."""
    file = Path(service.settings.site) / "psf/sponsors/terms.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    terms = {"levels": LEVELS, "addons": ADDONS, "clauses": CLAUSES}
    file.write_bytes(msgspec.json.encode({**terms, **other}))
    (Path(service.settings.site) / "frame.json").touch()  # it is a site


def mails(service, to="ada@ada.example"):
    return service.rows(select(Mail).where(Mail.recipient == to).order_by(Mail.id))


def link_in(mail):
    return LINK.search(mail.text)[1]


def newest(service):
    return service.rows(select(Sponsorship).order_by(Sponsorship.id.desc()))[0]


def applied(service, **typed):
    """Apply and open the link of the mail; the browser of the sponsor, on its page."""
    offer(service)
    sponsor = service.browser()
    given = {**GOOD, **typed}
    answer = sponsor.send(FORM, **given)
    assert answer.headers.get("location") == f"{FORM}/sent", answer.text
    return opened(service, sponsor, given["sender"])


def opened(service, sponsor, to="ada@ada.example"):
    """Open the newest link of a mail."""
    link = link_in(mails(service, to)[-1])
    answer = sponsor.send(link, f"{FORM}/open")
    sponsor.page = answer.headers["location"]
    return sponsor


def desk(service):
    return service.signed_in(role="sponsors team")


def page_of(row):
    return f"/admin/sponsors/{row.id}"


def take(staff, service, step, row=None, **typed):
    """Press a button of a sponsorship at the desk; it is not held, unless that is wanted."""
    page = page_of(row or newest(service))
    return staff.send(page, f"{page}/step", step=step, **{"at_once": "on", **typed})


def approve(staff, service, row=None, **typed):
    """Approve it for a year; it is not held, unless that is wanted."""
    page = page_of(row or newest(service))
    year = {"start": "2026-12-01", "end": "2027-11-30", "price": "150000",
            "at_once": "on"}  # fmt: skip
    return staff.send(page, f"{page}/approve", **{**year, **typed})
