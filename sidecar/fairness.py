"""Who may not decide, and of whom nothing is taken: both are looked up, and told in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.people import key_of
from sidecar.tables.accounts import User
from sidecar.tables.cases import Block
from sidecar.workflow import Refused

# Domains of which many people who have nothing to do with each other have addresses.
SHARED = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
    "icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de",
    "mail.com", "qq.com", "163.com", "yandex.ru", "fastmail.com", "posteo.de", "python.org",
})  # fmt: skip


def domain_of(address: str) -> str:
    """The domain of a mail address.

    >>> domain_of("Ada@Owl.Example")
    'owl.example'
    """
    return key_of(address).rpartition("@")[2]


def own_company(employers: str, email: str, company: str, sender: str, website: str = "") -> str:
    """Why somebody may not decide about a company; empty where nothing is known against it.

    >>> own_company("Owl Ltd", "ada@x.example", "OWL LTD", "jobs@owl.example")
    'Your profile names OWL LTD: somebody else decides.'
    >>> own_company("", "ada@gmail.com", "Owl", "owl@gmail.com")
    ''
    """
    named = {" ".join(key_of(line).split()) for line in employers.replace(",", "\n").split("\n")}
    if company and " ".join(key_of(company).split()) in named - {""}:
        return f"Your profile names {company}: somebody else decides."
    mine, theirs = domain_of(email), {domain_of(sender), host_of(website)}
    if mine and mine not in SHARED and mine in theirs:
        return f"You both write from {mine}: somebody else decides."
    return ""


def host_of(website: str) -> str:
    """The host of an address, without `www.`; empty where it cannot be read."""
    try:
        return (urlsplit(website).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


async def conflict(
    db: AsyncSession, user: int, payload: Mapping[str, Any], sender: str, site: str = "company_url"
) -> str:
    """Why an account may not decide about something; empty where it may.

    `site` is the field that has the website of the company.
    """
    reviewer = await db.get(User, user) if user else None
    if reviewer is None:
        return ""
    company, website = str(payload.get("company", "")), str(payload.get(site, ""))
    return own_company(reviewer.employers, reviewer.email, company, sender, website)


async def refuse_blocked(db: AsyncSession, sender: str) -> None:
    """Raise Refused for an address, or one of a domain, of which nothing is taken."""
    values = (key_of(sender), domain_of(sender))
    if await db.scalar(select(Block.id).where(Block.value.in_(values)).limit(1)):
        raise Refused(
            "Nothing is taken from this address. If you think that is wrong, write to us: “Help and "
            "contact”, at the bottom of each page, says how."
        )
