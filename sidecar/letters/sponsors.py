"""Letters to sponsors, and to the team that looks after them.

Staff may word each otherwise.  What is between the staff and a sponsor names the sponsor only once
its address was confirmed, or a person has looked at it.
"""

from __future__ import annotations

from sidecar.letters.base import SITE, Known, Letter


class SponsorReceived(Letter, frozen=True):
    """To whoever applied: is the address theirs?  Nothing that was typed is repeated."""

    link: str


class SponsorNew(Letter, frozen=True):
    """To the team: somebody applied."""

    company: str
    level: str
    price: str
    link: str


class SponsorStep(Letter, frozen=True):
    """To a sponsor or to the team: a step was taken, and why, where a reason was asked for."""

    company: str
    level: str
    reason: str
    link: str


class SponsorApproved(SponsorStep, frozen=True):
    """To a sponsor: what was agreed on."""

    start: str
    end: str
    price: str


class SponsorDue(Letter, frozen=True):
    """To a sponsor: what is missing, each on a line with its day."""

    company: str
    missing: tuple[str, ...]
    link: str


LINK = f"{SITE}/submit/sponsor/open?token=ExampleExampleExample"
DESK = f"{SITE}/admin/sponsors/1"
STEP = SponsorStep(
    company="Ada & Sons", level="Supporting", reason="The logo is somebody else's.", link=LINK
)
TOLD = SponsorStep(company="Ada & Sons", level="Supporting", reason="", link=DESK)
LETTERS: dict[str, Known] = {
    "sponsor-received": Known(SponsorReceived, SponsorReceived(link=LINK), is_security=False),
    "sponsor-new": Known(
        SponsorNew,
        SponsorNew(company="Ada & Sons", level="Supporting", price="15,000", link=DESK),
        is_security=False,
    ),
    "sponsor-approved": Known(
        SponsorApproved,
        SponsorApproved(
            company="Ada & Sons", level="Supporting", reason="", link=LINK, price="15,000",
            start="1 January 2027", end="31 December 2027",
        ),
        is_security=False,
    ),
    "sponsor-rejected": Known(SponsorStep, STEP, is_security=False),
    "sponsor-rolled-back": Known(SponsorStep, STEP, is_security=False),
    "sponsor-withdrawn": Known(SponsorStep, TOLD, is_security=False),
    "sponsor-contract": Known(SponsorStep, STEP, is_security=False),
    "sponsor-signed": Known(SponsorStep, TOLD, is_security=False),
    "sponsor-finalized": Known(SponsorStep, STEP, is_security=False),
    "sponsor-nullified": Known(SponsorStep, STEP, is_security=False),
    "sponsor-due": Known(
        SponsorDue,
        SponsorDue(
            company="Ada & Sons", missing=("24 December 2026: your logo for dark backgrounds",),
            link=LINK,
        ),
        is_security=False,
    ),
}  # fmt: skip
