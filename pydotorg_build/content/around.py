"""What a site has besides its content: search page, not-found page, robots, OpenSearch, an index.

The index, /api/v3/pages.json, is the pages API: what each page is called and where it is.  Their
text is in the pages themselves, and as Markdown in the repository.
"""

from __future__ import annotations

import datetime
from html import escape
from typing import TYPE_CHECKING

from pydotorg_build.artifacts import Data, Page
from pydotorg_build.content.api_v3_records import PageRecord, Pages, schema_url
from pydotorg_build.content.base import HOME, ContentType, Crumb, Entry, Meta, Published

if TYPE_CHECKING:
    from pydotorg_build.site import Site

# What search tells apart: the word that pages bear, and what people read.
KINDS = (
    *(("page", "Pages"), ("release", "Releases"), ("job", "Jobs"), ("blog", "Blogs")),
    *(("event", "Events"), ("story", "Stories"), ("minutes", "Minutes")),
)
# On which Python was first published: a day to show how days are shown.
VERSIONS = ("v1", "v2", "v3")
FIRST_DAY = datetime.date(1991, 2, 20)


def of_all(site: Site) -> Published:
    """Publish them all."""
    yield from _search(site)
    yield from _not_found(site)
    yield from _robots(site)
    yield Data(url="/opensearch.xml", content=_opensearch(site))
    yield from _index(site)
    yield from _no_such_api()
    if site.settings.dev:
        yield from _style_guide()


def _search(site: Site) -> Published:
    meta = Meta(
        title="Search",
        url="/search/",
        description=f"Search {site.settings.name}.",
        crumbs=(HOME, Crumb("Search", "/search/")),
    )
    yield Page(url="/search/", template="search/index.html", data={"meta": meta, "kinds": KINDS})


def _not_found(site: Site) -> Published:
    """The page for what is not there; of what people often look for, it names what this site has."""
    meta = Meta(title="Page not found", url="/404.html", noindex=True)
    data = {
        "meta": meta,
        "has_downloads": "releases" in site.settings.nouns,
        "has_first_steps": site.card("pages", "/about/gettingstarted/") is not None,
        "has_community": site.card("pages", "/community/") is not None,
    }
    yield Page(url="/404.html", template="errors/404.html", data=data, listed=False)


def _style_guide() -> Published:
    """Every component on one page, for those who work on the site."""
    meta = Meta(title="Style guide", url="/styleguide/", noindex=True)
    data = {"meta": meta, "day": FIRST_DAY}
    yield Page(url="/styleguide/", template="styleguide/index.html", data=data, listed=False)


def _robots(site: Site) -> Published:
    """Everybody may read everything, except a preview, which nobody should find."""
    lines = [
        "User-agent: *",
        "Disallow:" if not site.settings.noindex else "Disallow: /",
        "",
        f"Sitemap: {site.settings.url}/sitemap.xml",
        "",
    ]
    yield Data(url="/robots.txt", content="\n".join(lines))


def _opensearch(site: Site) -> str:
    settings = site.settings
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>{escape(settings.name[:16])}</ShortName>
<Description>{escape(f"Search {settings.name}")}</Description>
<InputEncoding>UTF-8</InputEncoding>
<Url type="text/html" template="{settings.url}/search/?q={{searchTerms}}"/>
</OpenSearchDescription>
"""


def _index(site: Site) -> Published:
    pages = tuple(
        PageRecord(
            title=card.title,
            url=site.settings.url + card.url,
            description=card.description,
            date=card.date,
            tags=card.tags,
        )
        for card in sorted(site.cards("pages"), key=lambda card: card.url)
    )
    content = Pages(schema_url=schema_url(site.settings.url), pages=pages)
    yield Data(url="/api/v3/pages.json", content=content)


def _no_such_api() -> Published:
    """What a program is told at an address of an interface that is not there."""
    message = f"There is nothing at this address. Versions of the interface: {', '.join(VERSIONS)}."
    content = {"error": {"status": 404, "message": message, "fields": {}}}
    yield Data(url="/api/404.json", content=content)


AROUND = ContentType("around", Entry, of_all=of_all)
