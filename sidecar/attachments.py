"""Pictures that people send with a form: checked by what they are, made anew, kept by their digest.

A field of a form that holds a picture is of the type `PictureName`:

    class LogoForm(msgspec.Struct, frozen=True, kw_only=True):
        logo: PictureName = ""

    {{ forms.begin(form, form_token, act, files=true) }}
    {{ forms.picture(form, "logo", "Logo", pictures.logo) }}         {# of sidecar/forms.html #}

    form = await read_with_pictures(request, LogoForm)     # form.value.logo is "3f9a….png"
    pictures = addresses(state.settings, LogoForm, form)   # what the template shows, by field

The route that reads it says `request_max_body_size=LARGEST_BODY`.  A picture is in the store before
the form is looked at, so that it is not lost with a form that has another fault; what nothing
refers to is swept after a day.  A table other than the submissions' that holds names of pictures
adds its column to IN_USE, with a foreign key to `attachments.name`.  Nobody but who is given the
address of a picture sees it before it is published: `address`.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import msgspec
from litestar.datastructures import UploadFile
from litestar.exceptions import TooManyRequestsException
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from pydotorg_build.pictures import Picture, PictureFile
from sidecar import store
from sidecar.clients import Asked, household
from sidecar.clock import DAY, HOUR, now
from sidecar.forms import Form, marked, read_form, sent_files
from sidecar.limits import count
from sidecar.sealing import Use, digest
from sidecar.settings import Settings
from sidecar.tables.attachments import Attachment, AttachmentUse, DraftPicture
from sidecar.tables.sponsors import Contract, SponsorAsset, Sponsorship
from sidecar.workflow import Refused

T = TypeVar("T", bound=msgspec.Struct)
URL = "/submit/picture"
MOST_BYTES = 5_000_000
MOST_PIXELS = 25_000_000
WIDEST = 1600
# A body may hold more than a picture may have, so that one too large is told beside its field.
LARGEST_BODY = 4 * MOST_BYTES
ENDINGS = {"png": "png", "jpeg": "jpg", "webp": "webp", "avif": "avif"}
FORMATS = {ending: name for name, ending in ENDINGS.items()}
TAKEN = "Send a PNG, JPEG, WebP or AVIF."
# How files begin that people send instead: pictures of telephones, of scanners, papers, films.
OTHERS = {
    b"ftyphe": "HEIC", b"ftypmif1": "HEIC", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"BM": "BMP",
    b"%PDF": "PDF", b"ftypisom": "A film", b"ftypmp4": "A film", b"ftypqt": "A film",
}  # fmt: skip
ORPHANS = datetime.timedelta(days=1)
SEEN_FOR = HOUR
MOST_A_DAY = 60
LOST = "The picture is not here any more. Send it again."
# What refers to pictures: columns with their names.
IN_USE: list[Any] = [
    AttachmentUse.name, DraftPicture.name, Sponsorship.logo, SponsorAsset.picture,
]  # fmt: skip
# Files of the store that are no pictures: columns with their names.
OTHER_FILES: list[Any] = [Contract.pdf, Contract.docx, Contract.signed]


class NotTaken(Exception):
    """Why a file is no picture that we take; its text is shown beside the field."""


class Made(NamedTuple):
    """A picture as we keep it."""

    name: str
    format: str
    width: int
    height: int
    bytes: bytes


def remake(data: bytes) -> Made:
    """A picture made anew of its pixels alone, or NotTaken.  What its name says does not matter."""
    from pydotorg_build.markdown import Flaw
    from pydotorg_build.pictures import MOVES, bare_picture, read_pixels

    if not data:
        raise NotTaken("The file is empty.")
    if len(data) > MOST_BYTES:
        raise NotTaken(f"The picture has more than {MOST_BYTES // 10**6} MB. Make it smaller.")
    if is_drawing(data):
        raise NotTaken("SVG is not taken, because it can hold programs. Save it as a PNG.")
    found = read_pixels(data, MOST_PIXELS)
    if found == MOVES:
        raise NotTaken(f"What moves is not taken. {TAKEN}")
    if isinstance(found, Flaw):
        name = named(data)
        raise NotTaken(f"{name} is not taken. {TAKEN}" if name else
                       f"{found.message.capitalize()}. {TAKEN}")  # fmt: skip
    if found.format not in ENDINGS:
        raise NotTaken(f"{found.format.upper()} is not taken. {TAKEN}")
    own = bare_picture(data, WIDEST)
    name = f"{hashlib.sha256(own.bytes).hexdigest()}.{ENDINGS[own.format]}"
    return Made(name, own.format, own.width, own.height, own.bytes)


def named(data: bytes) -> str:
    """What people call a file that is none of our pictures; empty where nobody can say.

    >>> named(b"%PDF-1.7"), named(b"MZ")
    ('PDF', '')
    """
    start = data[4:12] if data[4:8] == b"ftyp" else data[:8]
    return next((name for sign, name in OTHERS.items() if start.startswith(sign)), "")


def is_drawing(data: bytes) -> bool:
    """Does it begin as SVG does, packed or not?"""
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg", b"\x1f\x8b"))


async def take(request: Asked, data: bytes) -> str:
    """Keep a picture; return its name."""
    state = request.app.state
    async with state.decoding:  # it takes memory
        made = await asyncio.to_thread(remake, data)
    await asyncio.to_thread(store.put, state.settings, made.name, made.bytes)
    async with state.db.write() as tx:
        await _remember(tx, made)
    # The sweeper may have taken the bytes a moment before there was a row to keep them.
    if not await asyncio.to_thread(store.holds, state.settings, made.name):
        await asyncio.to_thread(store.put, state.settings, made.name, made.bytes)
    return made.name


async def _remember(tx: AsyncSession, made: Made) -> None:
    """Write a picture down; one that is known is younger now.  Two who are first at once are one."""
    known = update(Attachment).where(Attachment.name == made.name).values(created=now())
    if getattr(await tx.execute(known), "rowcount", 0):
        return
    row = Attachment(name=made.name, format=made.format, width=made.width, height=made.height,
                     size=len(made.bytes))  # fmt: skip
    with suppress(IntegrityError):
        async with tx.begin_nested():
            tx.add(row)


async def read_with_pictures(request: Asked, kind: type[T]) -> Form[T]:
    """Read a form; a picture sent with it is kept, and its field holds its name."""
    form = await read_form(request, kind)
    if form.is_refused:
        return form
    taken: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for name, file in (await sent_files(request, kind)).items():
        try:
            taken[name] = (await _take_file(request, file),)
        except NotTaken as error:
            faults.append(Fault(name, str(error)))
        except TooManyRequestsException as error:
            faults.append(Fault(name, str(error.detail)))
    if taken:
        form = await read_form(request, kind, also=taken)
    async with request.app.state.db.read() as tx:
        named = names_of(kind, {name: form.typed(name) for name in marked(kind, "is_picture")})
        lost = set(named.values()) - set(await _known(tx, named.values()))
    faults += [Fault(field, LOST) for field, name in named.items() if name in lost]
    return form.but(*faults) if faults else form


async def _take_file(request: Asked, file: UploadFile) -> str:
    client = request.client.host if request.client else ""
    await count(request.app.state.db, f"picture {household(client)}", most=MOST_A_DAY,
                seconds=DAY)  # fmt: skip
    return await take(request, await file.read(MOST_BYTES + 1))


def names_of(kind: type[msgspec.Struct], values: Mapping[str, Any]) -> dict[str, str]:
    """The names of the pictures of a form or a payload, by field."""
    return {field: str(values[field]) for field in sorted(marked(kind, "is_picture"))
            if values.get(field)}  # fmt: skip


async def _known(tx: AsyncSession, names: Iterable[str]) -> list[str]:
    wanted = list(names)
    if not wanted:
        return []
    return list(await tx.scalars(select(Attachment.name).where(Attachment.name.in_(wanted))))


async def hold(
    tx: AsyncSession, uses: type[AttachmentUse | DraftPicture], owner: Mapping[str, int],
    names: Iterable[str],
) -> None:  # fmt: skip
    """Write down which pictures a version of a submission or a draft shows, so that they stay."""
    wanted = set(names)
    if wanted - set(await _known(tx, wanted)):
        raise Refused(LOST)
    held = set(await tx.scalars(select(uses.name).filter_by(**owner)))
    tx.add_all(uses(**owner, name=name) for name in wanted - held)


async def sweep(tx: AsyncSession) -> int:
    """Forget pictures that nothing has referred to for a day; `store.sweep` then takes their bytes."""
    unused = [Attachment.name.not_in(select(c).where(c.is_not(None))) for c in IN_USE]
    old = Attachment.created < now() - ORPHANS
    done = await tx.execute(delete(Attachment).where(old, *unused))
    return int(getattr(done, "rowcount", 0))


async def known_names(tx: AsyncSession) -> set[str]:
    """The names of all pictures and other files that are kept."""
    found = [await tx.scalars(select(column)) for column in (Attachment.name, *OTHER_FILES)]
    return {name for names in found for name in names if name}


def address(settings: Settings, name: str) -> str:
    """Where whoever is given this sees a picture, for an hour."""
    until = int(now().timestamp()) + SEEN_FOR
    return f"{URL}/{name}?until={until}&key={_key(settings, name, str(until))}"


def may_see(settings: Settings, name: str, until: str, key: str) -> bool:
    """Was the address given by us, and not long ago?"""
    is_ours = hmac.compare_digest(_key(settings, name, until).encode(), key.encode())
    return is_ours and int(until) > now().timestamp()


def _key(settings: Settings, name: str, until: str) -> str:
    return digest(settings.secret, Use.PICTURES, f"{name} {until}")[:32]


def addresses(
    settings: Settings, kind: type[msgspec.Struct], form: Form[Any] | Mapping[str, Any]
) -> dict[str, str]:
    """Where the pictures of a form or a payload are seen, by field; empty where there is none."""
    found = {}
    for field in sorted(marked(kind, "is_picture")):
        name = str(form.get(field, "")) if isinstance(form, Mapping) else form.typed(field)
        found[field] = address(settings, name) if is_name(name) else ""
    return found


def sent(
    settings: Settings, kind: type[msgspec.Struct], *payloads: Mapping[str, Any]
) -> dict[str, str]:
    """Where the pictures of some versions are seen, by their names."""
    names = {name for payload in payloads for name in names_of(kind, payload).values()}
    return {name: address(settings, name) for name in sorted(names) if is_name(name)}


def is_name(text: str) -> bool:
    """Is it a name that a picture of ours can have?

    >>> is_name("../secret"), is_name("0" * 64 + ".png")
    (False, True)
    """
    stem, _, ending = text.partition(".")
    return len(stem) == 64 and set(stem) <= set("0123456789abcdef") and ending in FORMATS


async def pictures(
    tx: AsyncSession, settings: Settings, kind: type[msgspec.Struct], payload: Mapping[str, Any]
) -> dict[str, Picture]:
    """The pictures of a payload as the site's templates take them, for a preview."""
    named = names_of(kind, payload)
    if not named:
        return {}
    rows = await tx.scalars(select(Attachment).where(Attachment.name.in_(named.values())))
    known = {row.name: _picture(settings, row) for row in rows}
    return {field: known[name] for field, name in named.items() if name in known}


def _picture(settings: Settings, row: Attachment) -> Picture:
    url = address(settings, row.name)
    return Picture(row.width, row.height, (PictureFile(row.format, row.width, row.height, url),))
