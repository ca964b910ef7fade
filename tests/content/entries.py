"""A site of a few entries, for what needs neither files nor templates."""

import datetime
import math

from pydotorg_build.content.managers import MANAGERS, Manager
from pydotorg_build.content.release import Release
from pydotorg_build.content.releases import RELEASES
from pydotorg_build.content.series import SERIES, Series
from pydotorg_build.digests import digest
from pydotorg_build.settings import Settings
from pydotorg_build.site import Listed, Listing, Site, seconds

KINDS = {Release: RELEASES, Series: SERIES, Manager: MANAGERS}
NOW = datetime.date(2026, 11, 23)


def site_of(*entries, now=NOW):
    """The real Site, with these entries on it."""
    listed = {kind.name: {} for kind in KINDS.values()}
    found = {}
    for entry in entries:
        kind = KINDS[type(entry)].name
        card = entry.card()
        since, _ = entry.shown
        row = Listed(card, digest(card), digest(entry), "", seconds(since) if since else -math.inf)
        listed[kind][card.id] = row
        found[kind, card.id] = entry
    settings = Settings(name="Python.org", url="https://www.python.org")
    return Site(
        settings,
        KINDS.values(),
        Listing(lambda kind: {}, listed),
        seconds(now),
        fetch=lambda kind, id: found[kind, id],
        file=lambda _: "",
        changed=lambda _: None,
        place=lambda source, _: source,
    )


def release(version, date, **fields):
    """A release of a day."""
    return Release(version=version, date=datetime.date.fromisoformat(date), **fields)


def published(kind, *entries, now=NOW):
    """What a kind publishes of these entries, by address; problems under their text."""
    site = site_of(*entries, now=now)
    things = [thing for entry in site.all(kind.name) for thing in kind.of_one(entry, site)]
    things += kind.of_all(site)
    return {getattr(thing, "url", str(thing)): thing for thing in things}
