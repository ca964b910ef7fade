"""Contracts of sponsors: sent by staff, signed by either, read by both."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import store
from sidecar.answers import Asked, go
from sidecar.desk import Question, confirm
from sidecar.forms import Form, Nothing, read_form
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.rates import Rate
from sidecar.routes import admin_sponsors, sponsor_apply
from sidecar.sponsors import contracts
from sidecar.sponsors.agreements import Agreement
from sidecar.sponsors.paper import as_pdf
from sidecar.sponsors.steps import By
from sidecar.tables.sponsors import Contract
from sidecar.workflow import Refused

MAY = admin_sponsors.MAY
STAFF, SPONSOR = admin_sponsors.ONE, sponsor_apply.ONE
LARGEST_BODY = 2 * contracts.LARGEST
SENDING = (
    "Send the contract to {Sponsor}: {Fee}, from {From} until {Until}?",
    "A mail with a link to it goes to {email} at once, and cannot be called back.",
    "What is sent stays as it is: another contract follows only once this one is nullified.",
)
EXECUTING = (
    "Have both signed the contract with {Sponsor}: {Fee}, from {From} until {Until}?",
    "It is a sponsor then, and a mail that says so goes to {email} at once. This cannot be undone.",
)


@get(f"{STAFF}/draft.pdf", permission=MAY)
async def draft(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """The contract as it would be sent now."""
    try:
        async with state.db.read() as tx:
            agreement = await admin_sponsors.agreement_of(tx, number)
            words = await contracts.words_for(tx, agreement)
        made = await as_pdf(words)
    except Refused as reason:
        return await admin_sponsors.shown(request, state, number, said=str(reason))
    return download(made, "Draft.pdf", "application/pdf")


@get(f"{STAFF}/send", permission=MAY)
async def ask_to_send(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Ask once before the contract is sent: its mail cannot be called back."""
    return await ask(request, state, number, "send", SENDING)


@get(f"{STAFF}/execute", permission=MAY)
async def ask_to_execute(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Ask once before it is a sponsor."""
    return await ask(request, state, number, "execute", EXECUTING)


async def ask(
    request: Asked, state: State, number: int, name: str, words: tuple[str, ...]
) -> Response[str]:
    """The question before a step of the staff, as the contract says it; or why it cannot be taken."""
    try:
        async with state.db.read() as tx:
            found = await admin_sponsors.agreement_of(tx, number)
            step = found.may(By.STAFF, name)
            if name == "execute":
                says = (await contracts.to_execute(tx, found)).words
            else:
                says = await contracts.words_for(tx, found)
    except Refused as reason:
        return await admin_sponsors.shown(request, state, number, said=str(reason))
    row, back = found.row, f"{admin_sponsors.URL}/{number}"
    told = {**dict(says["facts"]), "email": row.email}
    asked = tuple(line.format_map(told) for line in words)
    return confirm(request, step.words,
                   Question(asked, step.words, f"{back}/{name}", back, row.version))  # fmt: skip


@post(f"{STAFF}/send", permission=MAY)
async def send(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Set the contract, keep both files, and send it."""
    form = await read_form(request, Looked)
    if form.value is None:
        return await admin_sponsors.shown(request, state, number, said=form.errors[0][1])
    try:
        async with state.db.read() as tx:
            agreement = await still(tx, number, form.value)
            agreement.may(By.STAFF, "send")
            words = await contracts.words_for(tx, agreement)
        files = await contracts.written(state.settings, words)
        async with state.db.write() as tx:
            agreement = await still(tx, number, form.value)
            await contracts.send(tx, state.settings, agreement, actor_of(request), words, files)
    except Refused as reason:
        return await admin_sponsors.shown(request, state, number, said=str(reason))
    return go(request, f"{admin_sponsors.URL}/{number}", "The contract is sent.")


@post(f"{STAFF}/execute", permission=MAY)
async def execute(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Both have signed."""
    form = await read_form(request, Looked)
    if form.value is None:
        return await admin_sponsors.shown(request, state, number, said=form.errors[0][1])
    try:
        async with state.db.write() as tx:
            agreement = await still(tx, number, form.value)
            await contracts.execute(tx, state.settings, agreement, actor_of(request))
    except Refused as reason:
        return await admin_sponsors.shown(request, state, number, said=str(reason))
    return go(request, f"{admin_sponsors.URL}/{number}", "It is a sponsor now, and is told.")


class Looked(msgspec.Struct, frozen=True):
    """A button, and the version of the record that was looked at."""

    version: int


async def still(tx: AsyncSession, number: int, looked: Looked) -> Agreement:
    """The sponsorship, or Refused where it is not what was looked at any more."""
    found = await admin_sponsors.agreement_of(tx, number)
    if found.row.version != looked.version:
        raise Refused(admin_sponsors.STALE)
    return found


@post(f"{STAFF}/sign", permission=MAY, request_max_body_size=LARGEST_BODY)
async def sign_here(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Staff hand in the signed copy, which came to them by another way."""
    name, said = await read_copy(request, state)
    if not said:
        try:
            async with state.db.write() as tx:
                found = await admin_sponsors.agreement_of(tx, number)
                await contracts.sign(tx, state.settings, found, actor_of(request), By.STAFF, name)
        except Refused as reason:
            said = str(reason)
    if said:
        return await admin_sponsors.shown(request, state, number, said=said)
    return go(request, f"{admin_sponsors.URL}/{number}", "The signed copy is there.")


@post(f"{SPONSOR}/sign", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def sign(request: Asked, state: State, public_id: FromPath[str]) -> Response[Any]:
    """The sponsor hands in the signed copy."""
    async with state.db.read() as tx:
        found = await sponsor_apply.mine(tx, request, public_id)
    name, said = await read_copy(request, state)
    if not said:
        try:
            async with state.db.write() as tx:
                found = await sponsor_apply.mine(tx, request, public_id)
                await contracts.sign(tx, state.settings, found, Actor(), By.SPONSOR, name)
        except Refused as reason:
            said = str(reason)
    if said:
        return await sponsor_apply.show_one(request, state, public_id, said)
    return go(request, sponsor_apply.page_of(found), "Thank you. We have your signed copy.")


async def read_copy(request: Asked, state: State) -> tuple[str, str]:
    """The signed copy of a form, in the store: its name, or why it is not taken."""
    form: Form[Any] = await read_form(request, Signed)
    if form.value is None:
        return "", form.errors[0][1]
    sent = (await request.form()).getall("copy", [])
    if not sent or not isinstance(sent[-1], UploadFile):
        return "", "Choose the file of the signed copy."
    content = await sent[-1].read(contracts.LARGEST + 1)
    if said := contracts.why_no_copy(content):
        return "", said
    return await contracts.kept(state.settings, content, "pdf"), ""


class Signed(Nothing, frozen=True):
    """A form with the file `copy`; a browser sends a text where none was chosen."""

    copy: str = ""


@get(f"{STAFF}/contracts/{{revision:int}}/{{file:str}}", permission=MAY)
async def file_for_staff(
    state: State, number: FromPath[int], revision: FromPath[int], file: FromPath[str]
) -> Response[bytes]:
    """A file of a contract."""
    async with state.db.read() as tx:
        found = await admin_sponsors.agreement_of(tx, number)
        contract = await contract_of(tx, found, revision)
    return await file_of(state, contract, file)


@get(f"{SPONSOR}/contracts/{{revision:int}}/{{file:str}}", permission=Permission.PUBLIC)
async def file_for_sponsor(
    request: Asked, state: State, public_id: FromPath[str], revision: FromPath[int],
    file: FromPath[str],
) -> Response[bytes]:  # fmt: skip
    """The same for its sponsor."""
    async with state.db.read() as tx:
        found = await sponsor_apply.mine(tx, request, public_id)
        contract = await contract_of(tx, found, revision)
    return await file_of(state, contract, file)


async def contract_of(tx: AsyncSession, agreement: Agreement, revision: int) -> Contract:
    """A contract by its revision."""
    for contract in await contracts.contracts_of(tx, agreement.row.id):
        if contract.revision == revision:
            return contract
    raise NotFoundException


async def file_of(state: State, contract: Contract, file: str) -> Response[bytes]:
    """One of the three files of a contract."""
    name = getattr(contract, file) if file in contracts.FIELDS else ""
    content = await asyncio.to_thread(store.get, state.settings, name) if name else None
    if content is None:
        raise NotFoundException
    return download(content, contracts.FIELDS[file], contracts.TYPES[name.rpartition(".")[2]])


def download(content: bytes, name: str, kind: str) -> Response[bytes]:
    """A file that a browser saves and never opens in our name."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store",
    }  # fmt: skip
    return Response(content, media_type=kind, headers=headers)


ROUTES = (
    draft, ask_to_send, ask_to_execute, send, execute, sign_here, sign, file_for_staff, file_for_sponsor,
)  # fmt: skip
