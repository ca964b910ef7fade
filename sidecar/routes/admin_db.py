"""Any record of any table, for superusers who have just proved who they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar.answers import Asked, go
from sidecar.audit import changes_of, note
from sidecar.desk import show
from sidecar.forms import STALE, TOKEN, Form, has_token, sent
from sidecar.lists import Column, Filter, Listing, contains, look
from sidecar.mending import Kind, Shape, find, mend, read_all, shapes
from sidecar.permissions import Permission, actor_of
from sidecar.tables.base import Table

URL = "/admin/db"
SHAPES = shapes()
COLUMNS = 6
CHANGED = (
    "Somebody changed this record since you opened it. What you typed is still here, and below "
    "each field stands what it is now: send it again if it should be yours."
)


def shape_named(name: str) -> Shape:
    """The table of an address."""
    if name not in SHAPES:
        raise NotFoundException
    return SHAPES[name]


def listing_of(shape: Shape) -> Listing:
    """The list of a table's records."""
    texts = [shape.attribute(field.name) for field in shape.fields if field.kind is Kind.TEXT]
    keys = [shape.attribute(field.name) for field in shape.keys]
    columns = tuple(
        Column(field.name, field.name, None if field.kind is Kind.DATA else
               shape.attribute(field.name))
        for field in shape.fields[:COLUMNS]
    )  # fmt: skip
    return Listing(
        f"{URL}/{shape.name}", select(shape.record), columns,
        (Filter("q", "Text in the record", contains(*texts)),) if texts else (),
        tie=keys[0], sort=f"-{shape.keys[0].name}",
    )  # fmt: skip


def address_of(shape: Shape, record: Table) -> str:
    """Where a record is looked at."""
    return f"{URL}/{shape.name}/record?{urlencode(shape.key_of(record))}"


@get(URL, permission=Permission.DATABASE, step_up=True)
async def tables(request: Asked, state: State) -> Response[str]:
    """List the tables, with how many records each has."""
    async with state.db.read() as tx:
        counts = {
            shape.name: await tx.scalar(select(func.count()).select_from(shape.record))
            for shape in SHAPES.values()
        }
    title = "Database"
    return show(request, "sidecar/admin/tables.html", title, shapes=SHAPES, counts=counts)


@get(f"{URL}/{{name:str}}", permission=Permission.DATABASE, step_up=True)
async def records(request: Asked, state: State, name: FromPath[str]) -> Response[str]:
    """List the records of a table, the newest first."""
    shape = shape_named(name)
    async with state.db.read() as tx:
        found = await look(tx, listing_of(shape), request.query_params)
    addresses = [address_of(shape, record) for record in found.rows]
    return show(request, "sidecar/admin/records.html", name, shape=shape, found=found,
                addresses=addresses, fields=shape.fields[:COLUMNS])  # fmt: skip


@get(f"{URL}/{{name:str}}/record", permission=Permission.DATABASE, step_up=True)
async def record(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Show one record, and the form that mends it; without a key, lead to the list."""
    shape = shape_named(name)
    if not any(request.query_params.get(field.name) for field in shape.keys):
        return Redirect(f"{URL}/{name}", status_code=303)
    async with state.db.read() as tx:
        found = await here(tx, shape, request.query_params)
    return shown(request, shape, found)


async def here(
    tx: AsyncSession, shape: Shape, query: Mapping[str, str], *, lock: bool = False
) -> Table:
    """The record of an address, which must be there."""
    found = await find(tx, shape, query, lock=lock)
    if found is None:
        raise NotFoundException
    return found


def shown(
    request: Asked, shape: Shape, found: Table, form: Form[Any] | None = None, *, said: str = ""
) -> Response[str]:
    """The page of a record; `form` is what was typed, where it comes back."""
    now = {field.name: field.typed(getattr(found, field.name)) for field in shape.fields}
    return show(
        request, "sidecar/admin/record.html", shape.subject_of(found), form=form,
        shape=shape, now=now,
        seen=shape.seen(found), said=said, subject=shape.subject_of(found),
        address=address_of(shape, found),
    )  # fmt: skip


@post(f"{URL}/{{name:str}}/record", permission=Permission.DATABASE, step_up=True)
async def change(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Mend a record, and write down what was changed in the same transaction."""
    shape = shape_named(name)
    if shape.is_read_only:
        raise PermissionDeniedException("Records of this table are only looked at.")
    given, faults = await read_given(request)
    try:
        async with state.db.write() as tx:
            found = await here(tx, shape, request.query_params, lock=True)
            values, wrong = read_all(shape, given, found)
            faults += [*wrong, *[fault async for fault in led_astray(tx, shape, values)]]
            if not faults and given.get("_seen") == shape.seen(found):
                await mended(tx, request, shape, found, values)
                return go(request, address_of(shape, found), "The record is saved.")
    except IntegrityError as error:
        async with state.db.read() as tx:
            found = await here(tx, shape, request.query_params)
        faults = [refused(shape, error)]
    form: Form[Any] = Form(None, tuple(faults), {name: (text,) for name, text in given.items()})
    return shown(request, shape, found, form, said="" if faults else CHANGED)


async def led_astray(
    tx: AsyncSession, shape: Shape, values: Mapping[str, Any]
) -> AsyncIterator[Fault]:
    """Fields that lead to a record which is not there: SQLite would not say which it is."""
    for field in shape.mendable:
        if field.leads_to and values.get(field.name) is not None:
            table, key = field.leads_to
            if not await find(tx, SHAPES[table], {key: str(values[field.name])}):
                yield Fault(field.name, f"must lead to a record of {table}")


async def read_given(request: Asked) -> tuple[dict[str, str], list[Fault]]:
    """What was sent, by field; its types are those of the table, so no struct reads it."""
    given = {name: texts[-1] for name, texts in (await sent(request)).items() if texts}
    is_ours = has_token(request, given.pop(TOKEN, ""))
    return given, [] if is_ours else [STALE]


async def mended(
    tx: AsyncSession, request: Asked, shape: Shape, found: Table, values: Mapping[str, Any]
) -> None:
    """Put the values in; where nothing is another, nothing is written down."""
    mend(found, values)
    if changes := changes_of(found):
        await note(tx, actor_of(request), "record mended", shape.subject_of(found), changes)


def refused(shape: Shape, error: IntegrityError) -> Fault:
    """Why the database refused a change: by the name of what must be unique it says which field."""
    told = str(error.orig).partition("\n")[0]  # what PostgreSQL says below holds values
    names = sorted((field.name for field in shape.mendable), key=len, reverse=True)
    field = next((name for name in names if name in told), names[-1])
    return Fault(field, "Another record has it already.")


ROUTES = (tables, records, record, change)
