"""A new account: its form, and the mail that asks whether the address is theirs.

Whether an address has an account is told to its owner alone, by mail.  Names are public.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.response import Redirect
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import people, tokens
from sidecar.answers import Asked, go, page
from sidecar.clients import asking
from sidecar.database import Database
from sidecar.forms import Form, Secret, all_of, read_form
from sidecar.limits import count_mail
from sidecar.mail import post as post_mail
from sidecar.passwords import SHOWN, broken_rules
from sidecar.people import EmailAddress, Name, key_of
from sidecar.permissions import Permission, actor_of
from sidecar.rates import Rate
from sidecar.settings import Settings
from sidecar.tables.accounts import Purpose, User

URL = "/account/register"
SENT = f"{URL}/sent"
CONFIRM = "/account/confirm"
SIGN_IN = "/account/sign-in"
TAKEN = "Somebody else has this name. Choose another one."


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What an account begins with.  `website` is filled in by machines only."""

    name: Name
    email: EmailAddress
    password: Secret
    website: Annotated[str, Meta(max_length=500)] = ""


@get(URL, permission=Permission.PUBLIC)
async def register_page(request: Asked) -> Response[Any]:
    """Show the form; whoever is signed in has an account."""
    if actor_of(request).is_known:
        return Redirect("/account/", status_code=303)
    return show_registration(request, Form())


def show_registration(request: Asked, form: Form[Registration]) -> Response[str]:
    """The form, with the rules that are checked."""
    return page(request, "sidecar/account/register.html", "Make an account", form=form,
                rules=SHOWN)  # fmt: skip


@post(URL, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def register(request: Asked, state: State) -> Response[Any]:
    """Take the form; whatever the address is, the answer is the same, and the rest goes by mail."""
    form = await read_form(request, Registration)
    given = form.value
    if given is None:
        return show_registration(request, form)
    if found := faults_of(given):
        return show_registration(request, form.but(*found))
    if given.website:
        return go(request, SENT)
    await count_mail(state.db, given.email, asking(request))
    hashed = await state.passwords.hashed(given.password)
    if not await entered(state.db, state.settings, given, hashed):
        return show_registration(request, form.but(Fault("name", TAKEN)))
    return go(request, SENT)


def faults_of(given: Registration) -> list[Fault]:
    """What is wrong that the types do not say."""
    broken = broken_rules(given.password, (given.name, given.email))
    return [*people.faults_of_name(given.name), *all_of(broken, "password")]


async def entered(db: Database, settings: Settings, given: Registration, hashed: str) -> bool:
    """Add an account; where another took the name or the address just now, look once more."""
    try:
        async with db.write() as tx:
            return await enter(tx, settings, given, hashed)
    except IntegrityError:
        async with db.write() as tx:
            return await enter(tx, settings, given, hashed)


async def enter(tx: AsyncSession, settings: Settings, given: Registration, hashed: str) -> bool:
    """Add an account, or write to who has the address; False where the name is somebody else's."""
    key = key_of(given.email)
    known = await tx.scalar(select(User).where(User.email_key == key))
    clashes = await people.taken(tx, name=given.name, but=known.id if known else 0)
    if clashes or (known and known.confirmed_at and known.name_key == key_of(given.name)):
        return False
    if known is None or known.confirmed_at is None:
        await ask_to_confirm(tx, settings, await begin(tx, known, given, hashed))
    elif known.is_active:
        links = {"sign_in": settings.url + SIGN_IN, "reset": f"{settings.url}/account/forgotten"}
        await post_mail(tx, "address-taken", known.email, {"name": known.name, **links})
    return True


async def begin(tx: AsyncSession, known: User | None, given: Registration, hashed: str) -> User:
    """The account that waits to be confirmed; an address that was not confirmed is nobody's yet."""
    user = known or User(email=given.email, email_key=key_of(given.email))
    user.name, user.name_key, user.password = given.name, key_of(given.name), hashed
    user.email = given.email
    tx.add(user)
    await tx.flush()
    await tokens.forget(tx, Purpose.CONFIRM, user.id)
    return user


async def ask_to_confirm(tx: AsyncSession, settings: Settings, user: User) -> None:
    """Send the link that leads to the button."""
    token = await tokens.make(tx, Purpose.CONFIRM, user.id)
    link = f"{settings.url}{CONFIRM}?token={token}"
    await post_mail(tx, "confirm", user.email, {"name": user.name, "link": link})


@get(SENT, permission=Permission.PUBLIC)
async def sent_page(request: Asked) -> Response[str]:
    """Say what happens next, and what to do when nothing does."""
    return page(request, "sidecar/account/sent.html", "Look into your mail")


ROUTES = (register_page, register, sent_page)
