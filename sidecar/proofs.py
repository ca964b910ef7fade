"""Proving who one is, in steps: a password or another account first, then a second factor.

Between the two there is no session yet, only a token in a cookie that knows who was half let in:
whoever has a factor is nobody until it is proven.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import factors, passkeys, sessions, tokens
from sidecar.clients import Asked
from sidecar.clock import HOUR
from sidecar.returns import own_address
from sidecar.sessions import cookie, in_cookie
from sidecar.settings import Settings
from sidecar.tables.accounts import Factor, FactorKind, Purpose, Token, User

HALF = "half-signed-in"
# Six figures are soon guessed by whoever may try often.
MOST_TRIES, TRIES_IN = 10, HOUR


class LetIn(NamedTuple):
    """Where somebody goes who has proven the first thing, with the cookies that remember it."""

    address: str
    cookies: tuple[Cookie, ...]


async def let_in(tx: AsyncSession, request: Asked, user: User, then: str) -> LetIn:
    """Sign somebody in whose first proof was right; whoever has a factor is asked for it first."""
    settings: Settings = request.app.state.settings
    if await factors.factors_of(tx, user.id):
        token = await tokens.make(tx, Purpose.SIGN_IN, user.id, {"then": then})
        return LetIn("/account/sign-in/factor", (half_cookie(settings, token),))
    token = await sessions.start(tx, user.id, browser_of(request), has_factor=False)
    return LetIn(own_address(then, "/account/"), (sessions.cookie_of(settings, token),))


def browser_of(request: Asked) -> str:
    """What a browser calls itself, for the list of sessions."""
    text = request.headers.get("user-agent", "")
    return "".join(sign for sign in text if sign.isprintable())


def half_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie of whoever has proven the first thing."""
    return cookie(settings, HALF, token, tokens.LASTS[Purpose.SIGN_IN])


async def half_let_in(db: AsyncSession, request: Asked) -> Token | None:
    """Whoever has proven the first thing a moment ago."""
    given = in_cookie(request, HALF)
    return await tokens.look(db, Purpose.SIGN_IN, given) if given else None


async def finish(tx: AsyncSession, request: Asked) -> LetIn | None:
    """Sign somebody in who has proven both; none, where the first proof is used or too old."""
    settings: Settings = request.app.state.settings
    given = in_cookie(request, HALF)
    spent = await tokens.spend(tx, Purpose.SIGN_IN, given)
    if spent is None or spent.user_id is None:
        return None
    token = await sessions.start(tx, spent.user_id, browser_of(request), has_factor=True)
    return LetIn(own_address(spent.data["then"], "/account/"),
                 (sessions.cookie_of(settings, token), half_cookie(settings, "")))  # fmt: skip


def has_passkey(known: Sequence[Factor]) -> bool:
    """Is there a passkey among somebody's factors?"""
    return any(factor.kind == FactorKind.PASSKEY.value for factor in known)


async def prove(
    tx: AsyncSession, settings: Settings, user: int, code: str, proof: passkeys.Proof | None
) -> bool:
    """Accept a second proof: a code of an app, a recovery code, or a passkey that was checked."""
    if proof is not None:
        return await passkeys.note_use(tx, proof)
    if await factors.use_app(tx, settings, user, code):
        return True
    return await factors.use_code(tx, user, code)


async def read_passkey(request: Asked, place: str, user: int, answer: str) -> passkeys.Proof | None:
    """Check the answer of a passkey of somebody; raise `Refused` where it proves nothing."""
    if not answer:
        return None
    async with request.app.state.db.read() as tx:
        factor = await passkeys.find(tx, answer)
    if factor is None or factor.user_id != user:
        raise passkeys.Refused
    return await asyncio.to_thread(
        passkeys.read_proof, request.app.state.settings, place, factor, answer
    )
