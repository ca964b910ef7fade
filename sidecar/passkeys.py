"""Passkeys: a device proves who somebody is, by a key pair of which we keep the public half.

A challenge is not kept: it carries the moment it was made and a mark of ours, bound to the place
where it was shown (a session, a sign-in).  It works once, since a factor accepts only challenges
made after it was last used.

    page:    options_to_add(…) / options_to_prove(…)      → static/js/passkeys.js asks the device
    answer:  read_new(…) → keep_passkey(tx, …)            a new one
             find(db, …) → read_proof(…) → note_use(tx, …)  one that is known
"""

from __future__ import annotations

import datetime
import hmac
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.sealing import Use, digest
from sidecar.settings import Settings
from sidecar.tables.accounts import Factor, FactorKind

GOOD_FOR = datetime.timedelta(minutes=15)
LONGEST_ANSWER = 20_000
NAME = "Python.org"


class Refused(Exception):
    """An answer that proves nothing: not ours, too late, of another device or another place."""


class NewPasskey(NamedTuple):
    """What is kept of a new one."""

    credential: str
    public_key: str
    uses: int


class Proof(NamedTuple):
    """A known one was there: how often it says it was used, and when the challenge was made."""

    factor: int
    uses: int
    challenged: datetime.datetime
    is_verified: bool


class _Answer(msgspec.Struct):
    """What is read of a device's answer before it is checked."""

    id: str
    response: dict[str, Any]


class _Client(msgspec.Struct):
    challenge: str


def options_to_add(
    settings: Settings, place: str, user: int, name: str, known: Iterable[Factor]
) -> str:
    """What a browser is told, as JSON, to make a passkey for an account."""
    import webauthn  # a quarter of a second, and most visitors never need it
    from webauthn.helpers import structs

    wanted = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.PREFERRED,
        user_verification=structs.UserVerificationRequirement.PREFERRED,
    )
    options = webauthn.generate_registration_options(
        rp_id=_host(settings), rp_name=NAME, user_name=name, user_display_name=name,
        user_id=digest(settings.secret, Use.CHALLENGES, f"user {user}")[:32].encode(),
        challenge=challenge(settings, place), authenticator_selection=wanted,
        exclude_credentials=_descriptions(known), timeout=_milliseconds(),
    )  # fmt: skip
    return webauthn.options_to_json(options)


def options_to_prove(settings: Settings, place: str, known: Iterable[Factor]) -> str:
    """What a browser is told, as JSON, to use a passkey: one of `known`, or any of this site."""
    import webauthn
    from webauthn.helpers import structs

    allowed = _descriptions(known)
    wanted = structs.UserVerificationRequirement
    options = webauthn.generate_authentication_options(
        rp_id=_host(settings), challenge=challenge(settings, place), timeout=_milliseconds(),
        allow_credentials=allowed or None,
        user_verification=wanted.PREFERRED if allowed else wanted.REQUIRED,
    )  # fmt: skip
    return webauthn.options_to_json(options)


def _host(settings: Settings) -> str:
    return urlsplit(settings.url).hostname or ""


def _milliseconds() -> int:
    return int(GOOD_FOR.total_seconds() * 1000)


def _descriptions(known: Iterable[Factor]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes, structs

    return [
        structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(factor.credential))
        for factor in known
        if factor.kind == FactorKind.PASSKEY.value and factor.credential
    ]


def challenge(settings: Settings, place: str, at: datetime.datetime | None = None) -> bytes:
    """A challenge for a place: when it was made, chance, and our mark on both."""
    made = f"{int((at or now()).timestamp() * 1_000_000):016x}{secrets.token_hex(8)}"
    return (made + _mark(settings, place, made)).encode()


def _mark(settings: Settings, place: str, made: str) -> str:
    return digest(settings.secret, Use.CHALLENGES, f"{place}:{made}")[:32]


def moment_of(settings: Settings, place: str, given: bytes) -> datetime.datetime:
    """When a challenge was made, if it is ours, of this place and not too old."""
    text = given.decode("ascii", "replace")
    made, mark = text[:32], text[32:]
    if not hmac.compare_digest(_mark(settings, place, made).encode(), mark.encode()):
        raise Refused
    moment = datetime.datetime.fromtimestamp(int(made[:16], 16) / 1_000_000, datetime.UTC)
    if now() - moment > GOOD_FOR:
        raise Refused
    return moment


def _parts(answer: str) -> tuple[str, bytes]:
    """The credential that answers, and the challenge it answers to."""
    from webauthn.helpers import base64url_to_bytes

    if len(answer) > LONGEST_ANSWER:
        raise Refused
    try:
        found = msgspec.json.decode(answer, type=_Answer)
        told = base64url_to_bytes(found.response["clientDataJSON"])
        client = msgspec.json.decode(told, type=_Client)
        return found.id, base64url_to_bytes(client.challenge)
    except (ValueError, KeyError, TypeError, AttributeError, msgspec.DecodeError) as error:
        raise Refused from error


def read_new(settings: Settings, place: str, answer: str) -> NewPasskey:
    """Check the answer of a device that made a passkey; raise `Refused` where it proves nothing."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url

    _, given = _parts(answer)
    moment_of(settings, place, given)
    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=given, expected_rp_id=_host(settings),
            expected_origin=settings.url,
        )  # fmt: skip
    except Exception as error:
        # The library lets errors of its parsers through; whatever it is, nothing is proven.
        raise Refused from error
    return NewPasskey(bytes_to_base64url(made.credential_id),
                      bytes_to_base64url(made.credential_public_key), made.sign_count)  # fmt: skip


async def keep_passkey(tx: AsyncSession, user: int, new: NewPasskey, name: str) -> bool:
    """Keep a new one as a factor; one that is kept already is not kept twice."""
    factor = Factor(user_id=user, kind=FactorKind.PASSKEY.value, name=name, secret=new.public_key,
                    credential=new.credential, count=new.uses)  # fmt: skip
    try:
        async with tx.begin_nested():
            tx.add(factor)
    except IntegrityError:
        return False
    return True


async def find(db: AsyncSession, answer: str) -> Factor | None:
    """The passkey that answers, if it is one of ours."""
    credential, _ = _parts(answer)
    return await db.scalar(select(Factor).where(Factor.credential == credential))


def read_proof(settings: Settings, place: str, factor: Factor, answer: str) -> Proof:
    """Check the answer of a known device; raise `Refused` where it proves nothing."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes

    _, given = _parts(answer)
    challenged = moment_of(settings, place, given)
    try:
        proven = webauthn.verify_authentication_response(
            credential=answer, expected_challenge=given, expected_rp_id=_host(settings),
            expected_origin=settings.url, credential_public_key=base64url_to_bytes(factor.secret),
            credential_current_sign_count=factor.count,
        )  # fmt: skip
    except Exception as error:
        # As above.
        raise Refused from error
    return Proof(factor.id, proven.new_sign_count, challenged, proven.user_verified)


async def note_use(tx: AsyncSession, proof: Proof) -> bool:
    """Note that a passkey was used; an answer that was given before is not accepted again."""
    used = await tx.execute(
        update(Factor)
        .where(Factor.id == proof.factor)
        .where(or_(Factor.used.is_(None), Factor.used < proof.challenged))
        .values(count=proof.uses, used=now())
        .returning(Factor.id)
    )
    return used.first() is not None
