"""Articles as schema.org describes them: what search engines are told of stories, posts, minutes."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pydotorg_build.content.base import Meta
    from pydotorg_build.site import Site

PUBLISHER = {
    "@type": "Organization",
    "name": "Python Software Foundation",
    "url": "https://www.python.org/psf/",
}


def as_article(
    meta: Meta, site: Site, day: datetime.date, *, person: str = "", company: str = ""
) -> Meta:
    """Tell that a page is an article of a day, by a person or a company, else by the publisher."""
    base = site.settings.url
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": meta.title,
        "description": meta.description,
        "url": base + meta.url,
        "mainEntityOfPage": base + meta.url,
        "datePublished": day.isoformat(),
        "author": _author(person, company),
        "publisher": PUBLISHER,
    }
    if meta.changed and meta.changed >= day:
        found["dateModified"] = meta.changed.isoformat()
    if meta.poster:
        found["image"] = base + meta.poster.url
    return msgspec.structs.replace(meta, json_ld=(*meta.json_ld, found))


def _author(person: str, company: str) -> dict[str, str]:
    if person:
        return {"@type": "Person", "name": person}
    return {"@type": "Organization", "name": company} if company else PUBLISHER
