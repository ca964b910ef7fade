"""Second factors: one-time codes of an app, and recovery codes that stand in for them.

The secret that an app and we share is kept sealed; of recovery codes only digests are kept.  A code
works once: what was used is written down in the transaction that accepts it.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.sealing import Unreadable, Use, seal, unseal
from sidecar.settings import Settings
from sidecar.tables.accounts import Factor, FactorKind, RecoveryCode

STEP = 30  # seconds, as apps have it
CODES = 10
# Nothing that is read in two ways, and 80 bits: enough that a plain digest tells nothing.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 16


class Picture(NamedTuple):
    """A QR code to draw: how many squares wide, and the way a pen goes along its dark ones."""

    width: int
    way: str


class Enrolment(NamedTuple):
    """What is shown to somebody who sets up an app; `sealed` comes back with the form."""

    secret: str
    address: str
    picture: Picture
    sealed: str


def begin(settings: Settings, session: int, name: str, sealed: str = "") -> Enrolment:
    """A new secret for an app, or again the one that a form brought back.  Nothing is kept yet."""
    place = f"session {session}"
    secret = (
        unseal(settings.secret, Use.ENROLMENT, place, sealed) if sealed else pyotp.random_base32()
    )
    issuer = urlsplit(settings.url).hostname or "python.org"
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    return Enrolment(secret, address, picture_of(address),
                     sealed or seal(settings.secret, Use.ENROLMENT, place, secret))  # fmt: skip


def picture_of(text: str) -> Picture:
    """A text as a QR code."""
    import segno  # only wanted on the one page

    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=4))
    way = "".join(
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _dark(row)
    )
    return Picture(len(rows), way)


def _dark(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The dark runs of a row: where each begins and how long it is."""
    start = None
    for x, square in enumerate([*row, 0]):
        if square and start is None:
            start = x
        elif not square and start is not None:
            yield start, x - start
            start = None


def step_of(secret: str, code: str, at: datetime.datetime) -> int | None:
    """The half minute that a code is of, where it is one of now; spaces in it are no matter.

    >>> at = datetime.datetime(1970, 1, 1, 0, 0, 59, tzinfo=datetime.UTC)
    >>> step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "287 082", at)  # of RFC 6238
    1
    """
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return None
    # Clocks of phones are not exact: the code before and the one after count too.
    step, app = int(at.timestamp()) // STEP, pyotp.TOTP(secret)
    for near in (step, step - 1, step + 1):
        if near >= 0 and hmac.compare_digest(app.generate_otp(near), typed):
            return near
    return None


async def keep_app(
    tx: AsyncSession, settings: Settings, user: int, secret: str, code: str, name: str
) -> bool:
    """Keep the secret of an app as a factor, once a code of it proves that it is set up."""
    step = step_of(secret, code, now())
    if step is None:
        return False
    sealed = seal(settings.secret, Use.FACTORS, f"user {user}", secret)
    tx.add(Factor(user_id=user, kind=FactorKind.TOTP.value, name=name, secret=sealed, count=step,
                  used=now()))  # fmt: skip
    return True


async def use_app(tx: AsyncSession, settings: Settings, user: int, code: str) -> bool:
    """Accept a code of one of somebody's apps, unless it, or a later one, was used before."""
    for number, secret in await _apps(tx, settings, user):
        step = step_of(secret, code, now())
        if step is not None and await _is_first(tx, number, step):
            return True
    return False


async def has_app(tx: AsyncSession, settings: Settings, user: int, secret: str) -> bool:
    """Does somebody have an app with this secret, as after a form that is sent twice?"""
    return secret in [known for _, known in await _apps(tx, settings, user)]


async def _apps(tx: AsyncSession, settings: Settings, user: int) -> list[tuple[int, str]]:
    """Somebody's apps: the number of each, and its secret.

    One whose secret cannot be read, since ours is another now, proves nothing and stops nothing.
    """
    kept = await tx.scalars(
        select(Factor).where(Factor.user_id == user, Factor.kind == FactorKind.TOTP.value)
    )
    found = []
    for one in kept.all():
        with suppress(Unreadable):
            secret = unseal(settings.secret, Use.FACTORS, f"user {user}", one.secret)
            found.append((one.id, secret))
    return found


async def _is_first(tx: AsyncSession, factor: int, step: int) -> bool:
    """Note a step as used; two requests with one code are told apart by the database."""
    used = await tx.execute(
        update(Factor)
        .where(Factor.id == factor, Factor.count < step)
        .values(count=step, used=now())
        .returning(Factor.id)
    )
    return used.first() is not None


def make_codes() -> list[str]:
    """New recovery codes, as they are shown, once.

    >>> len(make_codes()), len(make_codes()[0])
    (10, 19)
    """
    return [_grouped("".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)))
            for _ in range(CODES)]  # fmt: skip


def _grouped(code: str) -> str:
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def digest_of(user: int, code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(f"{user}:{plain}".encode()).hexdigest()


async def replace_codes(tx: AsyncSession, user: int, codes: Sequence[str]) -> None:
    """Keep new recovery codes; the old ones work no more."""
    await tx.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user))
    tx.add_all(RecoveryCode(user_id=user, code=digest_of(user, code)) for code in codes)


async def use_code(tx: AsyncSession, user: int, code: str) -> bool:
    """Accept a recovery code, once."""
    used = await tx.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user, RecoveryCode.code == digest_of(user, code))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now())
        .returning(RecoveryCode.id)
    )
    return used.first() is not None


async def codes_left(db: AsyncSession, user: int) -> int:
    """How many recovery codes somebody still has."""
    unused = RecoveryCode.user_id == user, RecoveryCode.used_at.is_(None)
    return await db.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


async def factors_of(db: AsyncSession, user: int) -> Sequence[Factor]:
    """The second factors of somebody, the oldest first."""
    found = await db.scalars(select(Factor).where(Factor.user_id == user).order_by(Factor.id))
    return found.all()


async def forget(tx: AsyncSession, user: int) -> int:
    """Take all second factors from somebody who lost them; say how many there were."""
    await tx.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user))
    gone = await tx.execute(delete(Factor).where(Factor.user_id == user).returning(Factor.id))
    return len(gone.all())
