"""Who may ask what: a table of every route, made of the routes themselves.

    pydotorg sidecar permissions >docs/permissions.md

A test asks each route as each of these, and compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from litestar.handlers import HTTPRouteHandler

from sidecar.keys import SCOPES
from sidecar.permissions import NOBODY, Actor, Permission, Role, permissions_of

API = "/api/"
HEAD = """# Who may do what

Every address of the sidecar, with the permission that it names, and who has that. It is written by `pydotorg sidecar permissions`; a test asks every address as each of these and compares.

- A *member* is a member of the Foundation. A *moderator* is one of the jobs team here; other teams have the same for what is theirs. Whoever has a role is asked for a second factor, and has nothing of it before.
- “Confirmed” is a yes to whoever has proven within the last quarter of an hour that it is them.
- A *higher member* has a kind of membership that votes; none of these columns has.
- A *key* has all scopes that an account without a role can give it. It counts below `/api/` only, and sessions of browsers do not count there. One that was revoked or has expired counts nowhere and is always refused.
- “Yes” is what the door says. Somebody's own things are theirs alone behind it: others get 404.
"""
SCOPES_HEAD = """
## What a key may be given

| scope | what it lets a program do |
|---|---|
"""
ROLES_HEAD = """
## What each role gives

| role | permissions |
|---|---|
"""


class Asker(NamedTuple):
    """One of those who ask, and by what: a browser's session, or a key."""

    name: str
    actor: Actor
    is_program: bool = False
    has_ended: bool = False


def _with(role: Role) -> Actor:
    permissions = permissions_of(frozenset({role}), has_factor=True)
    return Actor(user=1, has_factor=True, stepped_up=True, permissions=permissions)


OWN_SCOPES = frozenset(scope.value for scope in SCOPES if Actor(user=1).may(scope))
ASKERS = (
    Asker("nobody", NOBODY),
    Asker("member", Actor(user=1, is_member=True, stepped_up=True)),
    Asker("moderator", _with(Role.JOBS_TEAM)),
    Asker("staff", _with(Role.STAFF)),
    Asker("superuser", _with(Role.SUPERUSER)),
    Asker("key", Actor(user=1, key=1, scopes=OWN_SCOPES), is_program=True),
    Asker("ended key", NOBODY, is_program=True, has_ended=True),
)


class Line(NamedTuple):
    """One address and method, and what it wants."""

    path: str
    method: str
    permission: Permission | None
    is_confirmed: bool


def lines(routes: Iterable[HTTPRouteHandler]) -> list[Line]:
    """All that can be asked, in order."""
    return sorted(
        Line(path, str(method), route.opt.get("permission"), bool(route.opt.get("step_up")))
        for route in routes
        for path in route.paths
        for method in route.http_methods
        if str(method) not in ("OPTIONS", "HEAD")
    )


def may(asker: Asker, line: Line) -> bool:
    """Does the door open?"""
    is_api = line.path.startswith(API)
    if line.permission is None or (asker.has_ended and is_api):
        return False
    actor = asker.actor if asker.is_program == is_api else NOBODY
    return actor.may(line.permission)


def table(routes: Iterable[HTTPRouteHandler]) -> str:
    """All of docs/permissions.md."""
    names = [asker.name for asker in ASKERS]
    head = [_row(["address", "", "permission", *names]), _row(["---"] * (3 + len(names)))]
    scopes = [_row([f"`{scope.value}`", words]) for scope, words in SCOPES.items()]
    found = lines(routes)
    return "\n".join([
        HEAD, *head, *(_row(_cells(line)) for line in found),
        SCOPES_HEAD.rstrip("\n"), *scopes, ROLES_HEAD.rstrip("\n"), *_roles(), "",
    ])  # fmt: skip


def _cells(line: Line) -> Iterator[str]:
    yield f"`{line.path}`"
    yield line.method
    yield f"`{line.permission.value}`" if line.permission else "none: closed"
    for asker in ASKERS:
        yield ("confirmed" if line.is_confirmed else "yes") if may(asker, line) else "–"


def _roles() -> Iterator[str]:
    for role in Role:
        given = sorted(permissions_of(frozenset({role}), has_factor=True))
        yield _row([role.value, ", ".join(f"`{each.value}`" for each in given)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
