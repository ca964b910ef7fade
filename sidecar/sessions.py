"""Who is signed in with a browser: a cookie holds a token, the database its digest.

What an account may do is read with the session at each request, so a role taken away, an account
disabled or a session ended counts at once.  Under /api/ cookies count for nothing: programs have keys.

    token = await start(tx, user.id, browser, has_factor=False)
    response.set_cookie(cookie_of(settings, token))
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.database import Database
from sidecar.flags import look_along
from sidecar.memberships import is_higher
from sidecar.permissions import Actor, Role, permissions_of
from sidecar.settings import Settings
from sidecar.tables.accounts import Given, Membership, Session, User
from sidecar.tokens import digest_of, new_token

IDLE = datetime.timedelta(days=14)
STAFF_IDLE = datetime.timedelta(hours=12)
LONGEST = datetime.timedelta(days=90)
# How exactly `seen` is kept; writing it at every request would make reading cost a write.
SEEN_EVERY = datetime.timedelta(minutes=10)
STEP_UP = datetime.timedelta(minutes=15)
LONGEST_BROWSER = 300
# A session with its owner, a row for each role.  Made once, since every request of a browser asks so:
# of a statement that is made anew SQLAlchemy has to find out first whether it knows it.
BY_TOKEN = (
    select(Session.id, Session.user_id, Session.created, Session.seen, Session.factor_at,
           Session.stepped_up_at, User.name, Membership.kind, Given.role)
    .join(User, User.id == Session.user_id)
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(Given, Given.user_id == User.id)
    .where(Session.token == bindparam("token"), Session.expires > bindparam("at"))
    .where(User.is_active, User.deleted_at.is_(None))
)  # fmt: skip
log = structlog.get_logger()


def cookie_name(settings: Settings, name: str) -> str:
    """The name of a cookie; the prefix lets no other host of the domain set it."""
    return f"__Host-{name}" if settings.is_secure else name


def cookie(
    settings: Settings, name: str, value: str, lasts: datetime.timedelta | None = None
) -> Cookie:
    """Each cookie of ours is made here; an empty value takes it away, without `lasts` the browser
    forgets it when it ends.
    """
    seconds = int(lasts.total_seconds()) if lasts else None
    return Cookie(
        key=cookie_name(settings, name), value=value, path="/", httponly=True,
        secure=settings.is_secure, samesite="lax", max_age=seconds if value else 0,
    )  # fmt: skip


def in_cookie(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    """What a browser gave in one of our cookies."""
    return connection.cookies.get(cookie_name(connection.app.state.settings, name), "")


def cookie_of(settings: Settings, token: str) -> Cookie:
    """The cookie of a session."""
    return cookie(settings, "session", token, LONGEST)


async def start(tx: AsyncSession, user: int, browser: str, *, has_factor: bool) -> str:
    """Sign somebody in who has proven who they are; the token is for their cookie."""
    token, at = new_token(), now()
    tx.add(Session(
        token=digest_of(token), user_id=user, created=at, seen=at, expires=at + IDLE,
        stepped_up_at=at, factor_at=at if has_factor else None, browser=browser[:LONGEST_BROWSER],
    ))  # fmt: skip
    await tx.execute(update(User).where(User.id == user).values(last_sign_in=at))
    return token


async def step_up(tx: AsyncSession, session: int, *, has_factor: bool) -> None:
    """Note that somebody has just proven again who they are."""
    values: dict[str, Any] = {"stepped_up_at": now()}
    if has_factor:
        values["factor_at"] = now()
    await tx.execute(update(Session).where(Session.id == session).values(**values))


async def end(tx: AsyncSession, session: int) -> None:
    """Sign out."""
    await tx.execute(delete(Session).where(Session.id == session))


def find(db: Connection, token: str) -> tuple[Actor, Row[*tuple[Any, ...]]] | None:
    """Whoever has a token of a session that still counts, and the row of that."""
    rows = db.execute(BY_TOKEN, {"token": digest_of(token), "at": now()}).all()
    if not rows:
        return None
    session = rows[0]
    roles = frozenset(Role(row.role) for row in rows if row.role)
    if roles and now() - session.seen > STAFF_IDLE:
        return None
    return _actor(session, roles), session


def _actor(session: Row[*tuple[Any, ...]], roles: frozenset[Role]) -> Actor:
    """What a session lets its owner do now."""
    has_factor = session.factor_at is not None
    stepped_up = session.stepped_up_at is not None and now() - session.stepped_up_at < STEP_UP
    return Actor(
        user=session.user_id, name=session.name, session=session.id, roles=roles,
        is_member=session.kind is not None, is_higher_member=is_higher(session.kind),
        has_factor=has_factor, stepped_up=stepped_up,
        permissions=permissions_of(roles, has_factor=has_factor),
    )  # fmt: skip


async def meet(
    connection: ASGIConnection[Any, Any, Any, State],
) -> Callable[[], Awaitable[None]] | None:
    """Look the cookie up, if there is one; return what notes that its owner was here, now and then."""
    state = connection.app.state
    token = in_cookie(connection, "session")
    if not token:
        return None

    def look(db: Connection) -> tuple[Actor, Row[*tuple[Any, ...]]] | None:
        look_along(connection, db)
        return find(db, token)

    found = await state.db.look(look)
    if not found:
        return None
    actor, session = found
    connection.scope["state"]["actor"] = actor
    return partial(touch, state.db, session) if now() - session.seen > SEEN_EVERY else None


async def touch(db: Database, session: Row[*tuple[Any, ...]]) -> None:
    """Note that a session is in use, so that it goes on."""
    expires = min(now() + IDLE, session.created + LONGEST)
    try:
        await db.put(
            update(Session).where(Session.id == session.id).values(seen=now(), expires=expires)
        )
    except DBAPIError as error:
        log.warning("a session was not noted as seen", exc_info=error)
