"""Jobs: each a page while it is open; `job_lists` has the board's lists and feeds.

A job that was handed in is a row of the snapshot, and its number its address; one that editors
write is a file, content/jobs/<name>.md.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Beside, Page, Poster, Redirect
from pydotorg_build.content import countries, job_lists
from pydotorg_build.content.bars import grouped
from pydotorg_build.content.base import (
    Card,
    ContentType,
    Crumb,
    Draftable,
    Fault,
    Meta,
    Published,
    last_day_of,
    named_poster,
    newest_first,
    row_digest,
    unlisted,
)
from pydotorg_build.content.fields import Line, MailAddress, Title, WebAddress
from pydotorg_build.content.job_lists import ENDED, URL, JobCard
from pydotorg_build.content.lists import TAKEN, slug
from pydotorg_build.content.place import Place, said_once

if TYPE_CHECKING:
    from pydotorg_build.site import Site

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


class Job(Draftable, frozen=True, kw_only=True):
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
    def begins(self) -> datetime.datetime:
        """The moment from which it is shown."""
        return datetime.datetime.combine(self.date, datetime.time(), datetime.UTC)

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        return self.begins, self.ends + REMEMBERED

    @property
    def last_day(self) -> datetime.date:
        return last_day_of(self.ends)

    @property
    def place(self) -> Place:
        """Where it is, as one line."""
        parts = said_once(self.city, self.region, self.country)
        if not self.remote:
            return Place(parts)
        whence = f" ({self.remote_from})" if self.remote_from else ""
        return Place(parts, f" or remote{whence}" if parts else f"Remote{whence}")

    @property
    def pay(self) -> str:
        """What is paid, as one line; empty where nothing is said.

        >>> at = {"date": datetime.date(2026, 11, 1), "ends": datetime.datetime(2027, 1, 1)}
        >>> Job(title="A", company="B", category="web", pay_from=60000, pay_to=80000,
        ...     currency="EUR", **at).pay
        'EUR 60,000 to 80,000 a year'
        """
        amounts = [grouped(amount) for amount in (self.pay_from, self.pay_to) if amount]
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
        yield Fault("pay_to", "`pay_to` is less than what is paid at least")
    if (job.pay_from or job.pay_to) and not job.currency:
        yield Fault("currency", "`currency` is missing", "write it as EUR or USD")
    if job.ends <= job.begins:
        yield Fault("ends", "`ends` must come after `date`")


def of_one(job: Job, site: Site) -> Published:
    """The page of an open job; of one that has ended, that it has."""
    if site.reached(job.ends):
        yield Redirect(url=job.url, target=ENDED, status=410, source=job.source)
        return
    yield from unlisted(job, site, "category", "job_terms", "category", "category:")
    yield from unlisted(job, site, "type", "job_terms", "types", "type:")
    yield from countries.unknown(site, "jobs", [job.card()], "country") if job.is_file else ()
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
    where = job.place
    place = (
        f" in {countries.within(site, *where.parts)}{where.beside}"
        if where.parts
        else f", {str(where).lower()}"
    )
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


JOBS = ContentType(
    "jobs",
    Job,
    files="jobs/*.md",
    rows=True,
    card=JobCard,
    check=check,
    order=newest_first,
    of_one=of_one,
    of_group=job_lists.of_group,
    of_all=job_lists.of_all,
)
