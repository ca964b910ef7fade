"""The letters there are: what each is given, and whether staff may word it otherwise.

A letter is a class here, a line in LETTERS and a file `mails/<name>.txt`: its first line is the
subject, the rest the text.  An address on a line of its own becomes a button in the HTML, so both
forms of a letter say the same.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a letter is given.  Nothing typed by a stranger goes to an address nobody confirmed."""


class Confirm(Letter, frozen=True):
    """To a new account: is the address theirs?"""

    name: str
    link: str


class AddressTaken(Letter, frozen=True):
    """To the owner of an address that somebody tried to register again."""

    name: str
    sign_in: str
    reset: str


class ConfirmedAlready(Letter, frozen=True):
    """To the owner of a confirmed address who asked for the link that confirms it."""

    name: str
    sign_in: str
    reset: str


class Reset(Letter, frozen=True):
    """To somebody who forgot the password."""

    name: str
    link: str


class NoAccount(Letter, frozen=True):
    """To an address that asked for a link and has no account."""

    register: str


class PasswordChanged(Letter, frozen=True):
    """To an account whose password is another now."""

    name: str
    reset: str


class ChangeEmail(Letter, frozen=True):
    """To the new address of an account: is it theirs?"""

    name: str
    link: str


class EmailChanged(Letter, frozen=True):
    """To the address that an account had until now."""

    name: str
    address: str
    contact: str


class FactorChanged(Letter, frozen=True):
    """To an account to which a second factor came, or from which one went."""

    name: str
    what: str
    security: str


class Deleted(Letter, frozen=True):
    """The last one to an account that its owner deleted."""

    name: str
    contact: str


class Linked(Letter, frozen=True):
    """To an account that an account elsewhere signs in to now."""

    name: str
    provider: str
    security: str


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


class CaseDecided(Letter, frozen=True):
    """It was not taken, or is not shown any more, and why."""

    kind: str
    title: str
    reason: str
    link: str


class CaseLive(Letter, frozen=True):
    """It can be read on the site now; `ends` is the day it leaves, empty where it stays."""

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


class News(Letter, frozen=True):
    """To many at once, in words of staff; whoever wants no more of them follows the last link."""

    subject: str
    text: str
    unsubscribe: str


class CaseBegins(Letter, frozen=True):
    """What it tells of begins soon: is all of it still right?"""

    kind: str
    title: str
    begins: str
    address: str
    link: str


class Test(Letter, frozen=True):
    """From staff to an address: does mail arrive, and do its links lead here?"""

    name: str
    site: str


class Known(NamedTuple):
    """A letter: what it is given, and an example of that.

    One of `is_security` is about the safety of an account: it always goes, and always says what
    its file does.  One of `is_bulk` goes to many at once.
    """

    given: type[Letter]
    sample: Letter
    is_security: bool = True
    is_bulk: bool = False


SITE = "https://www.python.org"
LINK = f"{SITE}/account/token/ExampleExampleExample"
TITLE = "Python developer"
DECIDED = CaseDecided(
    kind="job", title=TITLE, reason="It does not say what is done with Python.", link=LINK
)
LETTERS: dict[str, Known] = {
    "confirm": Known(Confirm, Confirm(name="ada", link=LINK)),
    "address-taken": Known(
        AddressTaken,
        AddressTaken(
            name="ada", sign_in=f"{SITE}/account/sign-in", reset=f"{SITE}/account/forgotten"
        ),
    ),
    "confirmed-already": Known(
        ConfirmedAlready,
        ConfirmedAlready(
            name="ada", sign_in=f"{SITE}/account/sign-in", reset=f"{SITE}/account/forgotten"
        ),
    ),
    "reset": Known(Reset, Reset(name="ada", link=LINK)),
    "no-account": Known(NoAccount, NoAccount(register=f"{SITE}/account/register")),
    "password-changed": Known(
        PasswordChanged, PasswordChanged(name="ada", reset=f"{SITE}/account/forgotten")
    ),
    "change-email": Known(ChangeEmail, ChangeEmail(name="ada", link=LINK)),
    "email-changed": Known(
        EmailChanged,
        EmailChanged(name="ada", address="ada@new.example", contact="webmaster@python.org"),
    ),
    "factor-changed": Known(
        FactorChanged,
        FactorChanged(name="ada", what="A passkey was added", security=f"{SITE}/account/security"),
    ),
    "deleted": Known(Deleted, Deleted(name="ada", contact="webmaster@python.org")),
    "linked": Known(
        Linked, Linked(name="ada", provider="GitHub", security=f"{SITE}/account/security")
    ),
    "case-confirm": Known(CaseConfirm, CaseConfirm(kind="job", link=LINK), is_security=False),
    "case-received": Known(
        CaseReceived,
        CaseReceived(kind="job", title=TITLE, reference="12345678", link=LINK),
        is_security=False,
    ),
    "case-rejected": Known(CaseDecided, DECIDED, is_security=False),
    "case-refused": Known(CaseDecided, DECIDED, is_security=False),
    "case-taken-down": Known(CaseDecided, DECIDED, is_security=False),
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
    "news": Known(
        News,
        News(
            subject="The board election begins",
            text="Members can vote until the end of June.",
            unsubscribe=f"{SITE}/account/unsubscribe/ExampleExampleExample",
        ),
        is_security=False,
        is_bulk=True,
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
    "test": Known(Test, Test(name="ada", site=f"{SITE}/"), is_security=False),
}
