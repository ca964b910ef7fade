"""The job board: each job a page while it is open, and lists and feeds of those that are.

A job that was handed in is a row of the snapshot, and its number its address; one that editors
write is a file, content/jobs/<name>.md.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Beside, Data, Item, Page, Poster, Redirect
from pydotorg_build.content import sponsors
from pydotorg_build.content.base import (
    Card,
    ContentType,
    Crumb,
    Entry,
    Fault,
    Meta,
    Published,
    named_poster,
    newest_first,
    row_digest,
)
from pydotorg_build.content.fields import Line, MailAddress, Title, WebAddress
from pydotorg_build.content.lists import TAKEN, feed_links, feeds, list_pages, slug
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/jobs/"
TELECOMMUTE = "/jobs/location/telecommute/"
ENDED = "/jobs/ended/"
OPEN = "/jobs/open.json"
# Where the form leads: no page, since a host lets a file win over a rule.
FIND = "/jobs/find/"
SIZE = 25
# How many featured ones stand above the list of all.
FEATURED = 5
# How long an ended job's address says that it has ended.
REMEMBERED = datetime.timedelta(days=365)
RESERVED = TAKEN | {
    "categories", "category", "create", "ended", "location", "locations", "mine", "type", "types",
    "open.json", "terms.json",
}  # fmt: skip
PER = {"hour": "HOUR", "day": "DAY", "month": "MONTH", "year": "YEAR"}
EMPLOYMENT = {"full-time": "FULL_TIME", "part-time": "PART_TIME", "contract": "CONTRACTOR",
              "freelance": "CONTRACTOR", "internship": "INTERN", "temporary": "TEMPORARY",
              "volunteer": "VOLUNTEER"}  # fmt: skip


class JobCard(Card, frozen=True, kw_only=True):
    """A job in a list; `ends` is the moment from which it is in none."""

    company: str
    place: str
    country: str = ""
    remote: bool = False
    category: str = ""
    types: tuple[str, ...] = ()
    pay: str = ""
    featured: bool = False
    sample: bool = False
    ends: datetime.datetime


class Job(Entry, frozen=True, kw_only=True):
    """A job: its body says what is to be done and what is asked for.

    `category` and `types` are slugs of content/job_terms.yaml.  Pay is in whole units of
    `currency`; `remote_from` says from where one may work.  It is open from `date` until `ends`.
    """

    title: Title
    company: Title
    company_text: Annotated[str, Limits(max_length=2000)] = ""
    company_url: WebAddress = ""
    logo: str = ""
    category: Annotated[str, Limits(min_length=1)]
    types: tuple[str, ...] = ()
    other_type: Line = ""
    city: Line = ""
    region: Line = ""
    country: Line = ""
    remote: bool = False
    remote_from: Line = ""
    pay_from: Annotated[int, Limits(ge=0, le=10**9)] = 0
    pay_to: Annotated[int, Limits(ge=0, le=10**9)] = 0
    currency: Annotated[str, Limits(pattern=r"^([A-Z]{3})?$", examples=["EUR"])] = ""
    per: Literal["hour", "day", "month", "year"] = "year"
    agencies: bool = True
    contact: Line = ""
    email: MailAddress = ""
    apply_url: WebAddress = ""
    date: datetime.date
    ends: datetime.datetime
    featured: bool = False
    sample: bool = False

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        begin = datetime.datetime.combine(self.date, datetime.time(), datetime.UTC)
        return begin, self.ends + REMEMBERED

    @property
    def place(self) -> str:
        """Where it is, as one line."""
        parts = ", ".join(part for part in (self.city, self.region, self.country) if part)
        if not self.remote:
            return parts
        remote = f"Remote ({self.remote_from})" if self.remote_from else "Remote"
        return f"{parts} or {remote[0].lower()}{remote[1:]}" if parts else remote

    @property
    def pay(self) -> str:
        """What is paid, as one line; empty where nothing is said.

        >>> at = {"date": datetime.date(2026, 11, 1), "ends": datetime.datetime(2027, 1, 1)}
        >>> Job(title="A", company="B", category="web", pay_from=60000, pay_to=80000,
        ...     currency="EUR", **at).pay
        'EUR 60,000 to 80,000 a year'
        """
        amounts = [f"{amount:,}" for amount in (self.pay_from, self.pay_to) if amount]
        money = f"{self.currency} {' to '.join(dict.fromkeys(amounts))}".strip()
        return f"{money} {'an' if self.per == 'hour' else 'a'} {self.per}" if amounts else ""

    @property
    def location(self) -> str:
        """The last part of the address of its place's list; empty where it has no place."""
        parts = " ".join(part for part in (self.city, self.region, self.country) if part)
        return slug(parts) if parts else ""

    def card(self) -> JobCard:
        groups = ["open", f"category:{self.category}", *(f"type:{name}" for name in self.types)]
        if self.location:
            groups.append(f"location:{self.location}")
        if self.remote:
            groups.append("location:telecommute")
        return JobCard(
            id=self.id,
            title=self.title,
            url=self.url,
            date=self.date,
            company=self.company,
            place=self.place,
            country=self.country,
            remote=self.remote,
            category=self.category,
            types=self.types,
            pay=self.pay,
            featured=self.featured,
            sample=self.sample,
            ends=self.ends,
            groups=tuple(groups),
        )


def check(job: Job) -> Iterator[Fault]:
    """Tell what the types cannot."""
    is_file = job.source.path.endswith(".md")
    if job.id in RESERVED:
        yield Fault("", f"the name {job.id!r} is used by the job board", "rename the file")
    if is_file and job.id.isdecimal():
        yield Fault("", "numbers are for jobs that were handed in", "give the file a name of words")
    if not (job.city or job.country or job.remote):
        hint = "give `city` and `country`, or `remote: true`"
        yield Fault("city", "it is not said where the job is", hint)
    if not (job.email or job.apply_url):
        yield Fault("email", "it is not said how to apply", "give `email` or `apply_url`")
    if job.pay_from and job.pay_to and job.pay_from > job.pay_to:
        yield Fault("pay_to", "`pay_to` is less than `pay_from`")
    if (job.pay_from or job.pay_to) and not job.currency:
        yield Fault("currency", "`currency` is missing", "write it as EUR or USD")
    if job.ends.date() <= job.date:
        yield Fault("ends", "`ends` must come after `date`")


def open_jobs(site: Site, group: str = "open") -> tuple[JobCard, ...]:
    """The open jobs of a group, the newest first."""
    # Each list counts those of all others.
    return site.made_of(_open, "jobs", group)


def _open(site: Site, cards: tuple[JobCard, ...]) -> tuple[JobCard, ...]:
    # Many end on one day.
    over = {ends: site.reached(ends) for ends in dict.fromkeys(card.ends for card in cards)}
    return tuple(card for card in cards if not over[card.ends])


def of_one(job: Job, site: Site) -> Published:
    """The page of an open job; of one that has ended, that it has."""
    if site.reached(job.ends):
        yield Redirect(url=job.url, target=ENDED, status=410, source=job.source)
        return
    category = _term(site, f"category:{job.category}", job)
    types = [_term(site, f"type:{name}", job) for name in job.types]
    previous, following = site.beside("jobs", "open", job.id)
    yield Page(
        url=job.url,
        template="jobs/job.html",
        data={
            "meta": meta_of(job, site),
            "job": job,
            "place": job.place,
            "pay": job.pay,
            "category": category,
            "types": tuple(types),
            "newer": _if_open(previous, site),
            "older": _if_open(following, site),
        },
        bodies={"body": job.body},
        pictures={"logo": Beside(job.logo, job.source)} if job.logo else {},
        source=job.source,
        bundle="jobs",
        updated=job.date,
    )


def _if_open(card: Any, site: Site) -> JobCard | None:
    return None if card is None or site.reached(card.ends) else card


def _term(site: Site, id: str, job: Job) -> Card:
    """A category or type of a job, also one that is not in the list any more."""
    known = site.card("job_terms", id)
    return known or Card(id=id, title=id.partition(":")[2].replace("-", " "), url="")


def meta_of(job: Job, site: Site) -> Meta:
    """What base.html shows of a job."""
    place = f" in {job.place}" if job.city or job.country else f", {job.place.lower()}"
    return Meta(
        title=f"{job.title}, {job.company}, {job.city or job.country or 'remote'}",
        url=job.url,
        description=f"{job.company} is looking for: {job.title}{place}. {job.pay}".strip(),
        type="article",
        poster=poster_of(job, site.settings.name),
        crumbs=(Crumb("Home", "/"), Crumb("Jobs", URL), Crumb(job.title, job.url)),
        edit=job.source.path if job.source.path.endswith(".md") else "",
        json_ld=() if job.sample else (posting(job, site.settings.url),),
        record=row_digest(job, site),
    )


def poster_of(job: Job, name: str) -> Poster:
    """What other sites show of a job, on the site of this name."""
    return named_poster(name, job.title, "Job", f"{job.company} · {job.place}")


def posting(job: Job, base: str) -> dict[str, Any]:
    """A job as schema.org describes it (JobPosting)."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": job.title,
        "url": base + job.url,
        "description": job.company_text or f"{job.title} at {job.company}: {base}{job.url}",
        "datePosted": job.date.isoformat(),
        "validThrough": job.ends.isoformat(),
        "hiringOrganization": {"@type": "Organization", "name": job.company},
        "employmentType": sorted({EMPLOYMENT.get(name, "OTHER") for name in job.types}) or "OTHER",
    }
    if job.company_url:
        found["hiringOrganization"]["sameAs"] = job.company_url
    if job.city or job.country:
        address = {"@type": "PostalAddress", "addressLocality": job.city,
                   "addressRegion": job.region, "addressCountry": job.country}  # fmt: skip
        found["jobLocation"] = {
            "@type": "Place",
            "address": {name: value for name, value in address.items() if value},
        }
    if job.remote:
        found["jobLocationType"] = "TELECOMMUTE"
        where = job.remote_from or job.country
        if where:
            found["applicantLocationRequirements"] = {"@type": "Country", "name": where}
    if job.pay:
        amounts = {"minValue": job.pay_from, "maxValue": job.pay_to}
        value = {"@type": "QuantitativeValue", "unitText": PER[job.per],
                 **{name: amount for name, amount in amounts.items() if amount}}  # fmt: skip
        found["baseSalary"] = {"@type": "MonetaryAmount", "currency": job.currency, "value": value}
    return found


# -- lists


def list_of(
    site: Site, *, url: str, title: str, group: str, description: str, source: Source
) -> Published:
    """A list of open jobs with its feeds."""
    cards = open_jobs(site, group)
    above = () if url == URL else (Crumb(title, url),)
    meta = Meta(
        title=title,
        url=url,
        description=description,
        crumbs=(Crumb("Home", "/"), Crumb("Jobs", URL), *above),
        feeds=feed_links(url, title),
    )
    data = {
        "featured": tuple(card for card in cards if card.featured)[:FEATURED] if url == URL else (),
        "terms": {card.id: card for card in site.cards("job_terms")},
        "total": len(cards),
        "filters": filters(site),
        "decisions": next((c.url for c in site.cards("decisions")), "") if url == URL else "",
    }
    thanked = sponsors.placed("jobs", site) if url == URL else ()
    yield from list_pages(
        meta, "jobs/list.html", cards, SIZE, {**data, "sponsors": thanked}, source=source,
        bundle="pages" if url == URL else "", pictures=sponsors.logos(thanked),
    )  # fmt: skip
    yield from feeds(url, title, [item_of(card) for card in cards], description, source)


def filters(site: Site) -> tuple[Card, ...]:
    """The lists that one may choose from, none of them empty; each says how many jobs it has."""
    found = []
    for term in site.cards("job_terms"):
        if count := len(open_jobs(site, term.id)):
            found.append(_choice(term.id, term.title, term.url, count))
    for group in site.groups("jobs", "location:"):
        if cards := open_jobs(site, group):
            name = _place_name(group, cards)
            found.append(_choice(group, name, location_url(group), len(cards)))
    return tuple(found)


def _choice(group: str, title: str, url: str, count: int) -> Card:
    of = group.partition(":")[0]
    id = group.replace(":", ".")  # as a form sends it
    return Card(id=id, title=f"{title} ({count})", url=url, groups=(of,))


def location_url(group: str) -> str:
    """The address of a place's list."""
    return f"/jobs/{group.replace(':', '/')}/"


def _place_name(group: str, cards: Sequence[JobCard]) -> str:
    if group == "location:telecommute":
        return "Remote"
    return cards[0].place.partition(" or remote")[0]


def item_of(card: JobCard) -> Item:
    """A job in a feed."""
    day = card.date or datetime.date.min
    return Item(
        title=f"{card.title}, {card.company}",
        url=card.url,
        updated=datetime.datetime.combine(day, datetime.time(), datetime.UTC),
        summary=". ".join(part for part in (card.place, card.pay) if part),
        tags=(card.category, *card.types),
    )


def record_of(card: JobCard) -> dict[str, Any]:
    """An open job for what narrows the list in the browser."""
    places = (group for group in card.groups if group.startswith("location:"))
    return {
        "title": card.title,
        "url": card.url,
        "company": card.company,
        "category": card.category,
        "types": card.types,
        "place": card.place,
        "location": next(places, "").partition(":")[2],
        "remote": card.remote,
        "pay": card.pay,
        "date": card.date,
        "featured": card.featured,
        "sample": card.sample,
    }


def of_group(group: str, site: Site) -> Published:
    """The list of a place that has open jobs."""
    kind, _, name = group.partition(":")
    if kind != "location" or not (cards := open_jobs(site, group)):
        return
    place = _place_name(group, cards)
    title = "Remote Python jobs" if name == "telecommute" else f"Python jobs in {place}"
    yield from list_of(
        site,
        url=location_url(group),
        title=title,
        group=group,
        description=f"Open {title}.",
        source=Source(f"(jobs, {group})"),
    )


def of_all(site: Site) -> Published:
    """The job board, its overviews, its data, and what leads to them."""
    source = Source("(jobs)")
    yield from list_of(
        site,
        url=URL,
        title="Python jobs",
        group="open",
        description="Jobs for people who write Python, checked by volunteers.",
        source=source,
    )
    yield from _overviews(site, source)
    records = [record_of(card) for card in open_jobs(site)]
    yield Data(url=OPEN, content={"jobs": records}, source=source)
    yield Redirect(url="/jobs/feed/rss/", target="/jobs/feed.rss", source=source)
    yield Redirect(url=FIND, target=URL, status=302, source=source)
    for choice in filters(site):
        query = {"show": choice.id}
        yield Redirect(url=FIND, target=choice.url, query=query, status=302, source=source)


def _overviews(site: Site, source: Source) -> Published:
    choices = filters(site)
    quiet = [term for term in site.cards("job_terms") if not open_jobs(site, term.id)]
    for of, name, title in (
        ("category", "categories", "Categories of jobs"),
        ("type", "types", "Types of jobs"),
        ("location", "locations", "Where jobs are"),
    ):
        url = f"/jobs/{name}/"
        meta = Meta(
            title=title,
            url=url,
            description=f"{title} on the Python job board.",
            crumbs=(Crumb("Home", "/"), Crumb("Jobs", URL), Crumb(title, url)),
        )
        data = {
            "meta": meta,
            "choices": tuple(c for c in choices if of in c.groups),
            "quiet": tuple(term for term in quiet if term.id.startswith(f"{of}:")),
        }
        yield Page(url=url, template="jobs/choices.html", data=data, source=source)
    meta = Meta(
        title="This job has ended",
        url=ENDED,
        noindex=True,
        description="A job that ended.",
        crumbs=(Crumb("Home", "/"), Crumb("Jobs", URL), Crumb("This job has ended", ENDED)),
    )
    data = {"meta": meta}
    yield Page(url=ENDED, template="jobs/ended.html", data=data, source=source, listed=False)


JOBS = ContentType(
    "jobs",
    Job,
    files="jobs/*.md",
    rows=True,
    card=JobCard,
    check=check,
    order=newest_first,
    of_one=of_one,
    of_group=of_group,
    of_all=of_all,
)
