"""Who may do what.  One table of roles; one guard, which closes what names no permission."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler


class Permission(StrEnum):
    """Named `what:action`.  PUBLIC is for everybody, ACCOUNT for whoever is signed in.

    MEMBER is for members of the Foundation, HIGHER_MEMBER for those of a kind that votes.
    """

    PUBLIC = "public"
    ACCOUNT = "account"
    MEMBER = "member"
    HIGHER_MEMBER = "higher member"
    # What programs do with somebody's own things: each is a scope of a key.
    ACCOUNT_READ = "account:read"
    KEYS_CHANGE = "keys:change"
    SUBMISSIONS_READ = "submissions:read"
    SUBMISSIONS_CHANGE = "submissions:change"
    ADMIN = "admin:see"
    AUDIT_SEE = "audit:see"
    BLOGS_CHANGE = "blogs:change"
    DATABASE = "database:mend"
    DOWNLOADS_SEE = "downloads:see"
    EVENTS_MODERATE = "events:moderate"
    JOBS_MODERATE = "jobs:moderate"
    MAIL_SEE = "mail:see"
    MAIL_CHANGE = "mail:change"
    SETTINGS_CHANGE = "settings:change"
    SNAPSHOT_READ = "snapshot:read"
    SPONSORS_MODERATE = "sponsors:moderate"
    STORIES_MODERATE = "stories:moderate"
    ELECTIONS_RUN = "elections:run"
    USERS_SEE = "users:see"
    USERS_CHANGE = "users:change"
    WORK_SEE = "work:see"
    WORK_CHANGE = "work:change"


class Role(StrEnum):
    """What an account may be given; somebody may have several."""

    JOBS_TEAM = "jobs team"
    EVENTS_TEAM = "events team"
    STORIES_TEAM = "stories team"
    SPONSORS_TEAM = "sponsors team"
    STAFF = "staff"
    SUPERUSER = "superuser"


P = Permission
OWN = frozenset(
    {P.ACCOUNT, P.ACCOUNT_READ, P.KEYS_CHANGE, P.SUBMISSIONS_READ, P.SUBMISSIONS_CHANGE}
)
DESK = {P.ADMIN}
ROLES: dict[Role, frozenset[Permission]] = {
    Role.JOBS_TEAM: frozenset(DESK | {P.JOBS_MODERATE}),
    Role.EVENTS_TEAM: frozenset(DESK | {P.EVENTS_MODERATE}),
    Role.STORIES_TEAM: frozenset(DESK | {P.STORIES_MODERATE}),
    Role.SPONSORS_TEAM: frozenset(DESK | {P.SPONSORS_MODERATE}),
    Role.STAFF: frozenset(set(P) - {P.DATABASE, P.USERS_CHANGE, P.SETTINGS_CHANGE, P.MAIL_CHANGE}),
    Role.SUPERUSER: frozenset(P),
}


@dataclass(frozen=True)
class Actor:
    """Whoever is behind a request: nobody, an account with a session, or a program with a key.

    `roles` count only once the session has its second factor; `scopes` bound what a key may.
    """

    user: int = 0
    name: str = ""
    session: int = 0
    key: int = 0
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] | None = None
    is_member: bool = False
    is_higher_member: bool = False
    has_factor: bool = False
    stepped_up: bool = False
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    @property
    def is_known(self) -> bool:
        return self.user > 0

    def may(self, permission: Permission) -> bool:
        """May they do that?"""
        if permission is P.PUBLIC:
            return True
        if self.scopes is not None and permission.value not in self.scopes:
            return False
        if permission in OWN:
            return self.is_known
        if permission is P.MEMBER:
            return self.is_member
        if permission is P.HIGHER_MEMBER:
            return self.is_higher_member
        return permission in self.permissions


NOBODY = Actor()


class ProveAgain(PermissionDeniedException):
    """Somebody may do this who has just proved who they are."""


def permissions_of(roles: frozenset[Role], *, has_factor: bool) -> frozenset[Permission]:
    """What roles allow: nothing without a second factor."""
    if not has_factor:
        return frozenset()
    return frozenset(permission for role in roles for permission in ROLES[role])


def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """Whoever the middleware found behind a request."""
    actor: Actor = connection.scope["state"].get("actor", NOBODY)
    return actor


class FactorNeeded(PermissionDeniedException):
    """Somebody may do it, once they have signed in with a second factor."""


async def enforce(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """The guard of all routes.  A route without a `permission=` is closed to everybody.

    One with `step_up=True` wants somebody who proved a moment ago who they are.
    """
    needed = handler.opt.get("permission")
    actor = actor_of(connection)
    if needed is None:
        raise PermissionDeniedException("Nobody may do this: the route names no permission.")
    if actor.may(needed):
        if handler.opt.get("step_up") and not actor.stepped_up:
            raise ProveAgain("Prove once more who you are, and then do this.")
        return
    if not actor.is_known:
        raise NotAuthorizedException("Sign in first.")
    if needed in permissions_of(actor.roles, has_factor=True) and not actor.has_factor:
        raise FactorNeeded(
            "Your role gives nothing until you signed in with a second factor. "
            "Set one up, or use yours, under “Signing in” of your account."
        )
    if replace(actor, scopes=None).may(needed):
        raise PermissionDeniedException(f"This key may not do this: its scopes lack {needed}.")
    raise PermissionDeniedException("Your account may not do this.")
