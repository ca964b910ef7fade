"""Signing in with an account at GitHub or Google, and connecting one.

Coming back is the one GET that writes: it is the other half of setting off, which the state proves,
and the provider's code works once.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import factors, identities, people, proofs, providers, sessions
from sidecar.answers import Asked, go, page
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.people import Name
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.providers import Failed, Provider, Told
from sidecar.rates import Rate
from sidecar.returns import own_address
from sidecar.sealing import Unreadable, Use, seal, unseal
from sidecar.sessions import cookie, in_cookie
from sidecar.settings import Settings
from sidecar.tables.accounts import User

REGISTER = "/account/register/with"
SECURITY = "/account/security"
JOURNEY = "journey"
NO_ADDRESS = (
    "{} told us no verified address of yours. Verify one there, or make an account here with an "
    "address and a password."
)
CLOSED = "This account may not sign in."
OTHERS = "This account at {} signs in somebody else here already."
AGAIN = "That took too long. Begin again."


class NewName(msgspec.Struct, frozen=True, kw_only=True):
    """The name that somebody chose, and what their provider told, sealed."""

    name: Name
    told: Annotated[str, Meta(max_length=4000)]


def provider_of(state: State, name: str) -> Provider:
    """A provider that is set up; another is not there."""
    found = providers.PROVIDERS.get(name)
    if found is None or found not in providers.offered(state.settings):
        raise NotFoundException
    return found


def journey_cookie(settings: Settings, value: str) -> Cookie:
    """What the browser keeps while it is there; nothing takes it away."""
    return cookie(settings, JOURNEY, value, providers.GOOD_FOR)


@get("/account/with/{name:str}", permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def leave(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Send the browser to a provider.  A link, since a form may not lead to another site."""
    provider = provider_of(state, name)
    then = own_address(request.query_params.get("then", ""), "/account/")
    try:
        departure = await providers.set_off(
            state.settings, provider, then=then, user=actor_of(request).user
        )
    except Failed as failed:
        return show_failure(request, provider, failed)
    kept = journey_cookie(state.settings, departure.cookie)
    return Redirect(departure.address, status_code=303, cookies=[kept])


def show_failure(request: Asked, provider: Provider, failed: Failed) -> Response[str]:
    """What did not work, and the way back."""
    way = SECURITY if actor_of(request).is_known else "/account/sign-in"
    shown = page(request, "sidecar/account/with_failed.html", f"Not signed in with {provider.title}",
                 status=failed.status, words=failed.words, provider=provider, way=way)  # fmt: skip
    shown.cookies = [*shown.cookies, journey_cookie(request.app.state.settings, "")]
    return shown


@get("/account/with/{name:str}/back", permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def arrive(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Take whoever comes back from a provider where they belong."""
    provider = provider_of(state, name)
    kept = in_cookie(request, JOURNEY)
    try:
        told = await providers.come_back(state.settings, provider, kept, request.query_params)
        answer = await (own if told.user else stranger)(request, state, told)
    except Failed as failed:
        return show_failure(request, provider, failed)
    answer.cookies = [*answer.cookies, journey_cookie(state.settings, "")]
    return answer


async def stranger(request: Asked, state: State, told: Told) -> Response[Any]:
    """Sign somebody in, or let them choose a name where they have no account."""
    async with state.db.write() as tx:
        user = await identities.owner_of(tx, told)
        if user is None and (user := await identities.owner_of_address(tx, told)):
            check_open(user)
            await identities.connect(tx, state.settings, user, told)
        way = await admitted(tx, request, user, told) if user else None
    if way:
        return go(request, way.address, "", *way.cookies)
    if not told.email:
        raise Failed(NO_ADDRESS.format(providers.PROVIDERS[told.provider].title))
    return show_name(request, state, told, filled({"name": told.name}))


async def admitted(tx: AsyncSession, request: Asked, user: User, told: Told) -> proofs.LetIn:
    """Let somebody in, or on to their second factor."""
    check_open(user)
    return await proofs.let_in(tx, request, user, told.then)


def check_open(user: User) -> None:
    """Refuse an account that was disabled or deleted."""
    if not user.is_active or user.deleted_at:
        raise Failed(CLOSED)


async def own(request: Asked, state: State, told: Told) -> Response[Any]:
    """Connect an account elsewhere to the one that is signed in, or take it as a proof."""
    actor = actor_of(request)
    if actor.user != told.user:
        raise Failed(AGAIN)
    async with state.db.write() as tx:
        user = await tx.get_one(User, actor.user)
        owner = await identities.owner_of(tx, told)
        if owner is None and not actor.stepped_up:
            return go(request, f"/account/step-up?then={SECURITY}")
        if owner is None:
            await identities.connect(tx, state.settings, user, told)
        elif owner.id != user.id:
            raise Failed(OTHERS.format(providers.PROVIDERS[told.provider].title))
        else:
            await prove_by_it(tx, actor)
    return go(request, own_address(told.then, SECURITY),
              "" if owner else f"{providers.PROVIDERS[told.provider].title} signs you in now.")  # fmt: skip


async def prove_by_it(tx: AsyncSession, actor: Actor) -> None:
    """Whoever has no second factor has proven again who they are; whoever has one must use it."""
    if not await factors.factors_of(tx, actor.user):
        await sessions.step_up(tx, actor.session, has_factor=False)


def show_name(request: Asked, state: State, told: Told, form: Form[NewName]) -> Response[str]:
    """The form for a name; what the provider told lies in it, sealed."""
    provider = providers.PROVIDERS[told.provider]
    sealed = seal(state.settings.secret, Use.PROVIDERS, "new account",
                  msgspec.json.encode(told).decode())  # fmt: skip
    return page(request, "sidecar/account/with_name.html", "Choose a user name", form=form,
                provider=provider, email=told.email, told=sealed, act=f"{REGISTER}/{provider.name}")  # fmt: skip


@post(f"{REGISTER}/{{name:str}}", permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def register(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Begin an account with the name that was chosen, and sign in."""
    provider = provider_of(state, name)
    form = await read_form(request, NewName)
    try:
        told = told_of(state, form.typed("told"), provider)
        if form.value is None or (faults := list(people.faults_of_name(form.value.name))):
            return show_name(
                request, state, told, form if form.value is None else form.but(*faults)
            )
        way = await begun(request, state, told, form.value.name)
    except Failed as failed:
        return show_failure(request, provider, failed)
    if way is None:
        taken = Fault("name", "Somebody else has this name. Choose another one.")
        return show_name(request, state, told, form.but(taken))
    return go(request, way.address, "Welcome to Python.org.", *way.cookies)


def told_of(state: State, sealed: str, provider: Provider) -> Told:
    """What a provider told a moment ago, as it comes back with the form."""
    try:
        text = unseal(state.settings.secret, Use.PROVIDERS, "new account", sealed)
        told = msgspec.json.decode(text, type=Told)
    except (Unreadable, msgspec.DecodeError):
        raise Failed(AGAIN) from None
    if told.provider != provider.name:
        raise Failed(AGAIN)
    return told


async def begun(request: Asked, state: State, told: Told, name: str) -> proofs.LetIn | None:
    """Begin the account; nothing where somebody has the name."""
    try:
        async with state.db.write() as tx:
            if await identities.owner_of(tx, told) or await identities.owner_of_address(tx, told):
                raise Failed(AGAIN)
            if await people.taken(tx, name=name):
                return None
            user = await identities.begin(tx, told, name)
            return await proofs.let_in(tx, request, user, told.then)
    except IntegrityError:  # another took the name a moment before
        return None


@post("/account/with/{name:str}/unlink", permission=Permission.ACCOUNT, step_up=True)
async def unlink(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Let an account elsewhere sign in no more."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, SECURITY, form.errors[0][1])
    if name not in providers.PROVIDERS:
        raise NotFoundException
    try:
        async with state.db.write() as tx:
            user = await tx.get_one(User, actor_of(request).user)
            await identities.disconnect(tx, user, name)
    except people.Impossible as impossible:
        return go(request, SECURITY, f"{providers.PROVIDERS[name].title} stays: {impossible}.")
    return go(request, SECURITY, f"{providers.PROVIDERS[name].title} signs you in no more.")


ROUTES = (leave, arrive, register, unlink)
