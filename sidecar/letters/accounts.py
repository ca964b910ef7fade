"""Letters about an account, news to those who want them, and a test of whether mail arrives."""

from __future__ import annotations

from sidecar.letters.base import LINK, SITE, Known, Letter


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


class News(Letter, frozen=True):
    """To many at once, in words of staff; whoever wants no more of them follows the last link."""

    subject: str
    text: str
    unsubscribe: str


class Test(Letter, frozen=True):
    """From staff to an address: does mail arrive, and do its links lead here?"""

    name: str
    site: str


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
    "test": Known(Test, Test(name="ada", site=f"{SITE}/"), is_security=False),
}
