"""Letters about what was handed in."""

from __future__ import annotations

from sidecar.letters.base import LINK, SITE, Known, Letter


class CaseConfirm(Letter, frozen=True):
    """To whoever handed something in: is the address theirs?  Nothing of it is repeated."""

    kind: str
    link: str


class CaseReceived(Letter, frozen=True):
    """It is in the queue; the link leads to its own page."""

    kind: str
    title: str
    reference: str
    link: str


class CaseWaiting(Letter, frozen=True):
    """To the team: it waits for a decision; the link shows it, and leads to the desk."""

    kind: str
    one: str
    title: str
    link: str


class CaseDecided(Letter, frozen=True):
    """It was not taken, or is not shown any more, and why."""

    kind: str
    title: str
    reason: str
    link: str


class CaseOvertaken(Letter, frozen=True):
    """To whoever refused it: its author changed it before that was told, so it waits again."""

    kind: str
    title: str
    past: str
    link: str


class CaseLive(Letter, frozen=True):
    """It can be read on the site now.

    `ends` is the day it leaves, empty where it stays.
    """

    kind: str
    title: str
    address: str
    ends: str


class CaseEnds(Letter, frozen=True):
    """It will leave the site soon."""

    kind: str
    title: str
    ends: str
    link: str


class CaseBegins(Letter, frozen=True):
    """What it tells of begins soon: is all of it still right?"""

    kind: str
    title: str
    begins: str
    address: str
    link: str


class CaseLinks(Letter, frozen=True):
    """To an address that asked again for the links to what it handed in: title and link of each."""

    found: tuple[tuple[str, str], ...]


class CaseDraft(Letter, frozen=True):
    """A form is kept that was not handed in, or was put away.  Nothing of it is repeated."""

    kind: str
    one: str
    link: str


TITLE = "Python developer"
DECIDED = CaseDecided(
    kind="job", title=TITLE, reason="It does not say what is done with Python.", link=LINK
)
LETTERS: dict[str, Known] = {
    "case-confirm": Known(CaseConfirm, CaseConfirm(kind="job", link=LINK), is_security=False),
    "case-received": Known(
        CaseReceived,
        CaseReceived(kind="job", title=TITLE, reference="12345678", link=LINK),
        is_security=False,
    ),
    "case-waiting": Known(
        CaseWaiting,
        CaseWaiting(kind="job", one="a job", title=TITLE, link=LINK),
        is_security=False,
    ),
    "case-rejected": Known(CaseDecided, DECIDED, is_security=False),
    "case-refused": Known(CaseDecided, DECIDED, is_security=False),
    "case-taken-down": Known(CaseDecided, DECIDED, is_security=False),
    "case-overtaken": Known(
        CaseOvertaken,
        CaseOvertaken(kind="job", title=TITLE, past="rejected", link=f"{SITE}/admin/cases/12"),
        is_security=False,
    ),
    "case-live": Known(
        CaseLive,
        CaseLive(
            kind="job", title=TITLE, address=f"{SITE}/jobs/12345678/", ends="24 December 2026"
        ),
        is_security=False,
    ),
    "case-ends": Known(
        CaseEnds,
        CaseEnds(kind="job", title=TITLE, ends="24 December 2026", link=LINK),
        is_security=False,
    ),
    "case-links": Known(CaseLinks, CaseLinks(found=((TITLE, LINK),)), is_security=False),
    "draft-kept": Known(
        CaseDraft, CaseDraft(kind="job", one="a job", link=LINK), is_security=False
    ),
    "draft-archived": Known(
        CaseDraft, CaseDraft(kind="job", one="a job", link=LINK), is_security=False
    ),
    "case-begins": Known(
        CaseBegins,
        CaseBegins(
            kind="event",
            title="PyCon Testland",
            begins="24 December 2026",
            address=f"{SITE}/events/python-events/12345678/",
            link=LINK,
        ),
        is_security=False,
    ),
}
