"""The audit log: who did what to which record, and when."""

from __future__ import annotations

from litestar import Response, get
from litestar.datastructures import State
from sqlalchemy import ColumnElement, or_, select

from sidecar.answers import Asked
from sidecar.desk import show
from sidecar.lists import Column, Filter, Listing, contains, is_, look, since, until
from sidecar.permissions import Permission
from sidecar.tables.accounts import User
from sidecar.tables.work import Audit

URL = "/admin/audit"


def by(text: str) -> ColumnElement[bool]:
    """Done by the account of that number, or of such a name."""
    named = contains(User.name_key)(text)
    return or_(Audit.actor_id == int(text), named) if is_number(text) else named


def is_number(text: str) -> bool:
    """May it be the number of an account?"""
    return text.isascii() and text.isdigit() and len(text) < 10


AUDIT = Listing(
    URL,
    select(Audit, User.name).outerjoin(User, User.id == Audit.actor_id),
    (
        Column("at", "When", Audit.id),  # rows are only added, so that is the order of time
        Column("who", "Who", User.name_key),
        Column("action", "What", Audit.action),
        Column("subject", "Record", Audit.subject),
        Column("changes", "Changes"),
    ),
    (
        Filter("who", "Who (name or number)", by),
        Filter("action", "What", contains(Audit.action)),
        Filter("subject", "Record, as users/12", is_(Audit.subject)),
        Filter("since", "From", since(Audit.at), "day"),
        Filter("until", "To", until(Audit.at), "day"),
    ),
    tie=Audit.id,
    sort="-at",
)


@get(URL, permission=Permission.AUDIT_SEE)
async def audit(request: Asked, state: State) -> Response[str]:
    """Show the log, the newest first."""
    async with state.db.read() as tx:
        found = await look(tx, AUDIT, request.query_params)
    return show(request, "sidecar/admin/audit.html", "Audit log", found=found)


ROUTES = (audit,)
