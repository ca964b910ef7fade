"""Letters about nominations."""

from __future__ import annotations

from sidecar.letters.base import LINK, SITE, Known, Letter


class NominationAsked(Letter, frozen=True):
    """To somebody who was nominated: do they stand?  Of what was typed nothing is repeated.

    `by` is the name of an account, which has letters, digits and few signs.
    """

    election: str
    by: str
    closes: str
    link: str


class NominationReceived(Letter, frozen=True):
    """To whoever nominated somebody else."""

    election: str
    who: str
    closes: str
    link: str


class NominationAnswered(Letter, frozen=True):
    """To whoever nominated somebody: they accepted, or declined."""

    election: str
    who: str
    answer: str
    link: str


class NominationStands(Letter, frozen=True):
    """To a nominee who accepted.

    `address` is the page of the election.
    """

    election: str
    closes: str
    link: str
    address: str


class NominationOpen(Letter, frozen=True):
    """To a nominee who declined, or has not answered and has three days left."""

    election: str
    closes: str
    link: str


class NominationWithdrawn(Letter, frozen=True):
    """To a nominee and all who nominated them: staff have withdrawn it, and why."""

    election: str
    who: str
    reason: str


class NominationRestored(Letter, frozen=True):
    """To a nominee and all who nominated them: it counts again."""

    election: str
    who: str


TITLE, CLOSES = "2027 board election", "15 June 2027, 12:00 UTC"
WHO = "Ada Lovelace"
PAGE = f"{SITE}/nominate/2027-board/12345678"
LETTERS: dict[str, Known] = {
    "nomination-asked": Known(
        NominationAsked,
        NominationAsked(election=TITLE, by="grace", closes=CLOSES, link=LINK),
        is_security=False,
    ),
    "nomination-received": Known(
        NominationReceived,
        NominationReceived(election=TITLE, who=WHO, closes=CLOSES, link=PAGE),
        is_security=False,
    ),
    "nomination-answered": Known(
        NominationAnswered,
        NominationAnswered(election=TITLE, who=WHO, answer="accepted", link=PAGE),
        is_security=False,
    ),
    "nomination-stands": Known(
        NominationStands,
        NominationStands(
            election=TITLE,
            closes=CLOSES,
            link=LINK,
            address=f"{SITE}/nominations/elections/2027-board/",
        ),
        is_security=False,
    ),
    "nomination-declined": Known(
        NominationOpen,
        NominationOpen(election=TITLE, closes=CLOSES, link=LINK),
        is_security=False,
    ),
    "nomination-ends": Known(
        NominationOpen,
        NominationOpen(election=TITLE, closes=CLOSES, link=LINK),
        is_security=False,
    ),
    "nomination-withdrawn": Known(
        NominationWithdrawn,
        NominationWithdrawn(election=TITLE, who=WHO, reason="They asked us to."),
        is_security=False,
    ),
    "nomination-restored": Known(
        NominationRestored, NominationRestored(election=TITLE, who=WHO), is_security=False
    ),
}
