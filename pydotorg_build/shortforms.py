"""Short forms of addresses that python.org writes all day: `pep:8`, `cve:2024-0001`, `gh:123`."""

import re
from collections.abc import Callable
from typing import NamedTuple

from pydotorg_build.markdown import MarkdownSettings

SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
# Links that lead where they say; all others are refused.
PLAIN_SCHEMES = frozenset({"http", "https", "mailto", "tel", "irc", "ircs"})


class Target(NamedTuple):
    """Where a short form leads, and what it is called where it stands alone."""

    url: str
    label: str


class ShortForm(NamedTuple):
    """One scheme: what comes after the colon, and what is made of it."""

    pattern: re.Pattern[str]
    target: Callable[[re.Match[str], MarkdownSettings], Target]
    example: str


def _pep(found: re.Match[str], settings: MarkdownSettings) -> Target:
    number, part = int(found[1]), found[2] or ""
    return Target(f"https://peps.python.org/pep-{number:04}/{part}", f"PEP {number}")


def _cve(found: re.Match[str], settings: MarkdownSettings) -> Target:
    name = f"CVE-{found[1]}"
    return Target(f"https://www.cve.org/CVERecord?id={name}", name)


def _docs(found: re.Match[str], settings: MarkdownSettings) -> Target:
    version, page, part = found[1] or "3", found[2], found[3] or ""
    label = part[1:] or page.removeprefix("library/")
    return Target(f"https://docs.python.org/{version}/{page}.html{part}", label)


def _package(found: re.Match[str], settings: MarkdownSettings) -> Target:
    name = re.sub(r"[-_.]+", "-", found[1]).lower()
    return Target(f"{settings.package_index}/project/{name}/", found[1])


def _issue(found: re.Match[str], settings: MarkdownSettings) -> Target:
    place, number, part = found[1], found[2], found[3] or ""
    if place is None:
        return Target(f"{settings.repository}/issues/{number}{part}", f"gh-{number}")
    return Target(f"https://github.com/{place}/issues/{number}{part}", f"{place}#{number}")


_PART = r"(\#[\w.:-]+)?"
SHORT_FORMS = {
    "pep": ShortForm(re.compile(rf"0*(\d{{1,4}}){_PART}", re.ASCII), _pep, "pep:8"),
    "cve": ShortForm(re.compile(r"(?:CVE-)?(\d{4}-\d{4,})", re.ASCII), _cve, "cve:2024-0001"),
    "docs": ShortForm(
        re.compile(rf"(?:(\d\.\d+|dev)/)?([a-z][\w-]*(?:/[\w.-]*\w)*){_PART}", re.ASCII),
        _docs,
        "docs:library/json",
    ),
    "pypi": ShortForm(
        re.compile(r"([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)", re.ASCII | re.IGNORECASE),
        _package,
        "pypi:requests",
    ),
    "gh": ShortForm(
        re.compile(rf"(?:([\w-]+/[\w.-]+)\#)?(\d+){_PART}", re.ASCII),
        _issue,
        "gh:python/peps#12",
    ),
}


def expand(scheme: str, target: str, settings: MarkdownSettings) -> Target | None:
    """What the short form `target` stands for; None when it is malformed."""
    form = SHORT_FORMS[scheme]
    found = form.pattern.fullmatch(target, len(scheme) + 1)
    return form.target(found, settings) if found else None
