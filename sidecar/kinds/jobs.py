"""A job that is handed in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, structs

from pydotorg_build.content.base import Card
from pydotorg_build.content.fields import WebAddress
from pydotorg_build.content.job_lists import item_of
from pydotorg_build.content.jobs import JOBS, Job, poster_of
from sidecar.kinds.base import HERE, Handed, Kind, Look, Needed, PictureName, Short, Terms, Text
from sidecar.permissions import Permission


class JobForm(Handed, frozen=True, kw_only=True):
    """A job, as it is asked for."""

    title: Needed
    company: Needed
    company_text: Annotated[str, Meta(max_length=2000)] = ""
    company_url: WebAddress = ""
    logo: PictureName = ""
    category: Needed
    types: tuple[str, ...] = ()
    city: Short = ""
    country: Short = ""
    remote: bool = False
    remote_from: Short = ""
    pay_from: Annotated[int, Meta(ge=0, le=10**9)] = 0
    pay_to: Annotated[int, Meta(ge=0, le=10**9)] = 0
    currency: Annotated[
        str, Meta(pattern=r"^([A-Z]{3})?$", examples=["EUR"], extra={"is_upper": True})
    ] = ""
    per: Literal["hour", "day", "month", "year"] = "year"
    text: Text
    email: Annotated[str, Meta(max_length=254)] = ""
    apply_url: WebAddress = ""
    contact: Short = ""
    agencies: bool = False
    days: Literal["30", "60", "90"] = "60"


def shown_job(job: Job, terms: Terms) -> dict[str, Any]:
    """What the template of a job is given, for a preview."""
    titles = {
        term["slug"]: term["title"] for of in ("category", "type") for term in terms.get(of, [])
    }

    def term(slug: str) -> Card:
        return Card(id=slug, title=titles.get(slug, slug), url="")

    return {
        "job": job, "place": job.place, "pay": job.pay, "category": term(job.category),
        "types": tuple(map(term, job.types)), "newer": None, "older": None,
    }  # fmt: skip


def look_of(job: Job, terms: Terms, name: str) -> Look:
    """A job in the list of all, in its feed, and where somebody links to it."""
    card = structs.replace(job.card(), url=HERE)
    found = {
        f"{of}:{term['slug']}": Card(id=f"{of}:{term['slug']}", title=term["title"], url="")
        for of, some in terms.items() for term in some
    }  # fmt: skip
    return Look(card, item_of(card), poster_of(job, name), found)


JOB = Kind(
    "job", JobForm, JOBS, Permission.JOBS_MODERATE, "job",
    "Jobs are free of charge, and a person of the team reads each. You need no account.",
    "sidecar/submit/job.html", "jobs/job.html", shown_job, "jobs/terms.json", "/jobs/",
    settled="filled", look=look_of, looks="sidecar/submit/job_looks.html",
)  # fmt: skip
