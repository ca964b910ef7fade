"""The letters that the sidecar writes: what each says, how staff word it otherwise, a test of it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import func, select

from sidecar import overrides
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.clock import HOUR
from sidecar.desk import Question, confirm, show
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.framing import framed
from sidecar.letters import LETTERS
from sidecar.limits import count
from sidecar.mail import Composed, as_wording, compose, file_of, wording_of
from sidecar.mail import post as write_mail
from sidecar.people import EmailAddress
from sidecar.permissions import Permission, actor_of
from sidecar.sending import FAILS
from sidecar.tables.accounts import User
from sidecar.tables.work import Mail, MailOverride

URL = "/admin/mail/letters"
TESTS_AN_HOUR = 20


class Wording(msgspec.Struct, frozen=True):
    """How a letter is worded; `then` is the button that was pressed."""

    subject: Annotated[str, Meta(min_length=1)]
    text: Annotated[str, Meta(min_length=1)]
    then: Literal["preview", "save"] = "preview"


class Address(msgspec.Struct, frozen=True):
    """Where a test is sent."""

    to: EmailAddress


class Row(NamedTuple):
    """A letter in the list."""

    name: str
    about: str
    is_security: bool
    is_worded: bool
    last: datetime.datetime | None


def about(name: str) -> str:
    """What a letter is for."""
    return (LETTERS[name].given.__doc__ or "").partition("\n")[0]


@get(URL, permission=Permission.MAIL_SEE)
async def letters(request: Asked, state: State) -> Response[str]:
    """List the letters there are, with when each was written last."""
    words = request.query_params.get("q", "").strip()[:100]
    newest = select(func.max(MailOverride.id)).group_by(MailOverride.template)
    async with state.db.read() as tx:
        used = await tx.execute(
            select(Mail.template, func.max(Mail.created)).group_by(Mail.template)
        )
        last = {row[0]: row[1] for row in used}
        worded = set(await tx.scalars(
            select(MailOverride.template)
            .where(MailOverride.id.in_(newest), MailOverride.is_removed.is_(False))
        ))  # fmt: skip
    rows = [
        Row(name, about(name), known.is_security, name in worded, last.get(name))
        for name, known in sorted(LETTERS.items())
        if words.casefold() in f"{name} {about(name)} {file_of(name)}".casefold()
    ]
    may_fail = not state.settings.is_production and actor_of(request).may(Permission.WORK_CHANGE)
    return show(request, "sidecar/admin/letters.html", "Letters", rows=rows, words=words,
                may_fail=may_fail)  # fmt: skip


def known_letter(name: str) -> str:
    """The letter of an address."""
    if name not in LETTERS:
        raise NotFoundException
    return name


def parts_of(name: str, override: MailOverride | None) -> dict[str, str]:
    """Subject and text as they count now."""
    if override:
        return {"subject": override.subject, "text": override.text}
    first, _, text = file_of(name).strip().partition("\n")
    return {"subject": first.removeprefix("Subject:").strip(), "text": text}


async def shown(
    request: Asked, state: State, name: str, form: Form[Any], *, preview: Composed | None = None
) -> Response[str]:
    """The page of a letter, with the form of its wording as it is or as it came."""
    async with state.db.read() as tx:
        override = await wording_of(tx, name)
        history = await tx.execute(
            select(MailOverride, User.name).outerjoin(User, User.id == MailOverride.author)
            .where(MailOverride.template == name).order_by(MailOverride.id.desc()).limit(50)
        )  # fmt: skip
        rows = history.all()
    parts = parts_of(name, override)
    sample = LETTERS[name].sample
    current = compose(name, sample, as_wording(**parts))
    may = actor_of(request).may(Permission.MAIL_CHANGE) and overrides.may_be_worded(name)
    seen = preview or current
    answer = show(
        request, "sidecar/admin/letter.html", f"Letter “{name}”", form=form, name=name,
        about=about(name), sample=msgspec.structs.asdict(sample), is_worded=override is not None,
        is_security=LETTERS[name].is_security, preview=seen, is_tried=bool(preview),
        may_word=may, history=rows, testing=form if "to" in form.given else Form(), links=overrides.links_of(name),
        wording=form if "text" in form.given else filled(parts),
    )  # fmt: skip
    return framed(answer, seen.html, state.settings)


@get(f"{URL}/{{name:str}}", permission=Permission.MAIL_SEE)
async def letter(request: Asked, state: State, name: FromPath[str]) -> Response[str]:
    """Show a letter: what it is given, how it reads, and how it was worded before."""
    return await shown(request, state, known_letter(name), Form())


@post(f"{URL}/{{name:str}}", permission=Permission.MAIL_CHANGE)
async def word(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Show how a wording reads, or keep it."""
    form = await read_form(request, Wording)
    if not overrides.may_be_worded(known_letter(name)):
        return go(request, f"{URL}/{name}", "This letter is always as its file says.")
    if form.value is None:
        return await shown(request, state, name, form)
    given = form.value
    if faults := tuple(overrides.faults_of(name, given.subject, given.text)):
        return await shown(request, state, name, form.but(*faults))
    if given.then == "preview":
        tried = compose(name, LETTERS[name].sample, as_wording(given.subject, given.text))
        return await shown(request, state, name, form, preview=tried)
    async with state.db.write() as tx:
        await overrides.save(tx, actor_of(request), name, given.subject, given.text)
    return go(request, f"{URL}/{name}", "The letter is worded so from now on.")


@get(f"{URL}/{{name:str}}/remove", permission=Permission.MAIL_CHANGE)
async def ask(request: Asked, name: FromPath[str]) -> Response[str]:
    """Ask once before the wording is taken away."""
    back = f"{URL}/{known_letter(name)}"
    words = (f"Word “{name}” as its file does?", "The wording stays in the history.")
    return confirm(request, "Back to the file",
                   Question(words, "Back to the file", f"{back}/remove", back))  # fmt: skip


@post(f"{URL}/{{name:str}}/remove", permission=Permission.MAIL_CHANGE)
async def remove(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Go back to the file."""
    form = await read_form(request, Nothing)
    back = f"{URL}/{known_letter(name)}"
    if form.value is None:
        return go(request, f"{back}/remove", form.errors[0][1])
    async with state.db.write() as tx:
        await overrides.remove(tx, actor_of(request), name)
    return go(request, back, "The letter is as its file says.")


@post(f"{URL}/{{name:str}}/test", permission=Permission.WORK_CHANGE)
async def test(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Send a letter with the data of its sample; what becomes of it stands in the log."""
    form = await read_form(request, Address)
    sample = LETTERS[known_letter(name)].sample
    if form.value is None:
        return await shown(request, state, name, form)
    actor = actor_of(request)
    await count(state.db, f"test mail {actor.user}", most=TESTS_AN_HOUR, seconds=HOUR)
    site = f"{state.settings.url}/"
    data = msgspec.structs.replace(sample, name=actor.name, site=site) if name == "test" else sample
    async with state.db.write() as tx:
        mail = await write_mail(tx, name, form.value.to, data)
        await note(tx, actor, "test mail sent", f"mails/{mail}", {"template": (None, name)})
    return go(
        request, f"/admin/mail/{mail}", "The test is in the queue; this page says how it went."
    )


@post(f"{URL}/fail", permission=Permission.WORK_CHANGE)
async def fail(request: Asked, state: State) -> Response[Any]:
    """Write a mail that cannot be sent, to see what becomes of it; not in production."""
    form, actor = await read_form(request, Nothing), actor_of(request)
    if state.settings.is_production:
        raise NotFoundException
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    data = msgspec.structs.replace(LETTERS["test"].sample, name=actor.name)
    async with state.db.write() as tx:
        mail = await write_mail(tx, "test", FAILS, data)
        await note(tx, actor, "failing mail written", f"mails/{mail}")
    return go(request, f"/admin/mail/{mail}", "It will fail; this page says how it went.")


ROUTES = (fail, letters, letter, word, ask, remove, test)
