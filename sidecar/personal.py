"""Which tables hold what about people, what of it somebody gets to see, and what deletion leaves.

A table is in PARTS, or in IMPERSONAL with the reason; a test holds that each is in one of them, and
that each column of a part is shown or held back.  So a new table cannot forget anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Row,
    Text,
    Update,
    case,
    cast,
    delete,
    or_,
    select,
    update,
)

from sidecar.clock import now
from sidecar.limits import mailbox_of
from sidecar.nominees import OWN
from sidecar.sponsors.steps import At
from sidecar.tables.accounts import (
    ApiKey,
    Factor,
    Given,
    Identity,
    Membership,
    RecoveryCode,
    Refresh,
    Session,
    Token,
    User,
)
from sidecar.tables.attachments import Attachment, AttachmentUse, DraftPicture
from sidecar.tables.base import Table
from sidecar.tables.cases import Block, Draft, Revision, Submission, Submitter
from sidecar.tables.elections import Answer, Nomination, Nominee
from sidecar.tables.sponsors import Contract, SponsorAsset, Sponsorship
from sidecar.tables.work import Audit, Limit, Mail, MailState, Suppression

Person = Row[Any]
Change = Update | Delete


class Part(NamedTuple):
    """What a table has about somebody.

    `rows` finds theirs; `held_back` are the columns that nobody is shown: secrets, and numbers that
    say nothing outside.  `erase` is what deletion does with the rows; None leaves them as they are.
    """

    name: str
    table: type[Table]
    rows: Callable[[Person], ColumnElement[bool]]
    held_back: frozenset[str]
    erase: Callable[[Person], Change] | None


def theirs(table: Any) -> Callable[[Person], ColumnElement[bool]]:
    """Rows that name the account."""
    return lambda person: table.user_id == person.id


def gone(table: Any) -> Callable[[Person], Change]:
    """Rows that deletion takes away."""
    return lambda person: delete(table).where(table.user_id == person.id)


def keys_of(person: Person) -> ColumnElement[bool]:
    """Refresh tokens of somebody's keys."""
    return Refresh.key_id.in_(select(ApiKey.id).where(ApiKey.user_id == person.id))


def about(person: Person) -> ColumnElement[bool]:
    """What somebody did, and what was done to their account."""
    return or_(Audit.actor_id == person.id, Audit.subject == f"users/{person.id}")


def tried_by(person: Person) -> ColumnElement[bool]:
    """Counts of tries for somebody's name, address or number."""
    whose = (person.name_key, person.email_key, person.id, mailbox_of(person.email_key))
    keys = (
        f"{what} {who}"
        for what in ("sign-in", "factor", "mail", "submit", "draft")
        for who in whose
    )
    return Limit.key.in_([*keys])


def tombstone(person: Person) -> Change:
    """What stays of an account: its number, which records point to, and when it was deleted."""
    name = f"deleted-{person.id}"
    return (
        update(User)
        .where(User.id == person.id)
        .values(
            name=name, name_key=name, email="", email_key=name, password="", full_name="", bio="",
            employers="", public_profile=False, is_active=False, confirmed_at=None,
            last_sign_in=None, deleted_at=now(), version=User.version + 1,
        )
    )  # fmt: skip


def emptied_mails(person: Person) -> Change:
    """Mails that were sent lose all but that there was one; what still waits is sent first."""
    return (
        update(Mail)
        .where(Mail.recipient == person.email, Mail.state != MailState.QUEUED.value)
        .values(recipient="", subject="", text="", html="", headers={}, error="")
    )


def handed_in_by(person: Person | User) -> ColumnElement[bool]:
    """Whoever handed something in with somebody's account or address."""
    return or_(Submitter.user_id == person.id, Submitter.email_key == person.email_key)


def submissions_of(person: Person | User) -> ColumnElement[bool]:
    """What somebody handed in."""
    return Submission.submitter_id.in_(select(Submitter.id).where(handed_in_by(person)))


def drafts_of(person: Person | User) -> ColumnElement[bool]:
    """What somebody keeps and has not handed in."""
    return Draft.submitter_id.in_(select(Submitter.id).where(handed_in_by(person)))


def revisions_of(person: Person) -> ColumnElement[bool]:
    """The versions of what somebody handed in."""
    return Revision.submission_id.in_(select(Submission.id).where(submissions_of(person)))


def uses_of(person: Person) -> ColumnElement[bool]:
    """Which pictures somebody's submissions show."""
    return AttachmentUse.submission_id.in_(select(Submission.id).where(submissions_of(person)))


def draft_pictures_of(person: Person) -> ColumnElement[bool]:
    """Which pictures somebody's drafts have."""
    return DraftPicture.draft_id.in_(select(Draft.id).where(drafts_of(person)))


def pictures_of(person: Person) -> ColumnElement[bool]:
    """The pictures that somebody handed in, or keeps in a draft."""
    return or_(
        Attachment.name.in_(select(AttachmentUse.name).where(uses_of(person))),
        Attachment.name.in_(select(DraftPicture.name).where(draft_pictures_of(person))),
    )


def sponsorships_of(person: Person) -> ColumnElement[bool]:
    """What somebody applied for as a sponsor."""
    return or_(Sponsorship.email_key == person.email_key)


def of_sponsorships(table: Any) -> Callable[[Person], ColumnElement[bool]]:
    """Rows that belong to what somebody applied for as a sponsor."""

    def rows(person: Person) -> ColumnElement[bool]:
        found: ColumnElement[bool] = table.sponsorship_id.in_(
            select(Sponsorship.id).where(sponsorships_of(person))
        )
        return found

    return rows


def never_agreed(person: Person) -> Change:
    """An application of which nothing came is kept for nobody."""
    over = [At.APPLIED.value, At.REJECTED.value, At.WITHDRAWN.value]
    return delete(Sponsorship).where(sponsorships_of(person), Sponsorship.state.in_(over))


def nobody(person: Person) -> Change:
    """What was published stays; who handed it in is forgotten."""
    key = "deleted-" + cast(Submitter.id, Text)
    found = update(Submitter).where(handed_in_by(person))
    return found.values(email="", email_key=key, user_id=None)


def nominees_of(person: Person) -> ColumnElement[bool]:
    """What somebody was nominated for, with the account or the address."""
    return or_(Nominee.user_id == person.id, Nominee.email_key == person.email_key)


def out_of_elections(person: Person) -> Change:
    """Who stood in an election stays part of its record; the address goes, and else all of it."""
    kept = Nominee.answer == Answer.ACCEPTED.value
    words = {name: case((kept, getattr(Nominee, name)), else_="") for name in OWN}
    key = "deleted-" + Nominee.public_id
    found = update(Nominee).where(nominees_of(person))
    return found.values(email="", email_key=key, user_id=None, **words)


ID = frozenset({"id", "user_id"})
PARTS = (
    Part("account", User, lambda person: User.id == person.id,
         ID | {"name_key", "email_key", "password", "version"}, tombstone),
    Part("roles", Given, theirs(Given), ID, gone(Given)),
    Part("membership", Membership, theirs(Membership), ID | {"version"}, gone(Membership)),
    Part("sessions", Session, theirs(Session), ID | {"token", "notice"}, gone(Session)),
    Part("second_factors", Factor, theirs(Factor), ID | {"secret", "credential", "count"},
         gone(Factor)),
    Part("recovery_codes", RecoveryCode, theirs(RecoveryCode), ID | {"code"}, gone(RecoveryCode)),
    Part("accounts_elsewhere", Identity, theirs(Identity), ID, gone(Identity)),
    Part("refresh_tokens", Refresh, keys_of, ID | {"digest", "family", "key_id"},
         lambda person: delete(Refresh).where(keys_of(person))),
    Part("api_keys", ApiKey, theirs(ApiKey), ID | {"digest"}, gone(ApiKey)),
    Part("links_in_mail", Token, theirs(Token), ID | {"token"}, gone(Token)),
    Part("mails", Mail, lambda person: Mail.recipient == person.email,
         ID | {"html", "dedupe", "again_of"}, emptied_mails),
    Part("no_mail", Suppression, lambda person: Suppression.email_key == person.email_key,
         ID | {"email_key", "author_id"},
         lambda person: delete(Suppression).where(Suppression.email_key == person.email_key)),
    # What was published stays, and so do its versions; decided is about texts, not about people.
    Part("handed_in", Submission, submissions_of,
         ID | {"submitter_id", "digest", "version", "claimed_by", "claimed_at"}, None),
    Part("versions", Revision, revisions_of, ID | {"submission_id", "author_id"}, None),
    Part("pictures", Attachment, pictures_of, ID, None),
    Part("pictures_of_submissions", AttachmentUse, uses_of, ID, None),
    # They go with their drafts.
    Part("pictures_of_drafts", DraftPicture, draft_pictures_of, ID | {"draft_id"}, None),
    Part("drafts", Draft, drafts_of, ID | {"public_id", "submitter_id"},
         lambda person: delete(Draft).where(drafts_of(person))),
    # Elections are records: who stood stays, and who nominated is forgotten.
    Part("nominated_for", Nominee, nominees_of, ID | {"email_key", "version"}, out_of_elections),
    Part("nominations_made", Nomination, lambda person: Nomination.nominator_id == person.id,
         ID | {"nominator_id"},
         lambda person: delete(Nomination).where(Nomination.nominator_id == person.id)),
    Part("submitter", Submitter, handed_in_by, ID | {"email_key"}, nobody),
    # What an organisation agreed to and signed is kept as long as the law wants, whoever wrote it.
    Part("sponsorships", Sponsorship, sponsorships_of,
         ID | {"email_key", "sponsor_id", "digest", "version", "locked", "renews", "overlapped_by",
               "claimed_by", "claimed_at"},
         never_agreed),
    Part("contracts", Contract, of_sponsorships(Contract), ID | {"sponsorship_id"}, None),
    Part("given_by_sponsors", SponsorAsset, of_sponsorships(SponsorAsset),
         ID | {"sponsorship_id", "step_id"}, None),
    # A block holds on: else whoever is blocked would only have to delete an account.
    Part("blocked", Block, lambda person: Block.value == person.email_key, ID | {"actor_id"}, None),
    # The log of what was done holds numbers and names of fields, nothing personal, and stays.
    Part("audit_log", Audit, about, ID | {"request"}, None),
    Part("tries", Limit, tried_by, frozenset(),
         lambda person: delete(Limit).where(tried_by(person))),
)  # fmt: skip
# Tables that say nothing about anybody, and why.
IMPERSONAL = {
    "canned_replies": "words of the teams",
    "case_checks": "what addresses said that texts name",
    "case_links": "digests of links by the number of what they lead to",
    "nominee_links": "digests of links by the number of what they lead to",
    "case_notes": "words of the teams about texts; the author is a number",
    "decisions": "steps of the teams; who took one is a number",
    "publishings": "moments and numbers of snapshots",
    "sponsors": "names of organisations",
    "sponsorship_steps": "steps and their reasons; who took one is a number",
    "sponsor_links": "digests of links by the number of what they lead to",
    "announcements": "published words; who wrote one is in the audit log",
    "download_days": "numbers of a day, a file and a country; no address is ever kept",
    "download_files": "files of the site",
    "deploys": "versions and migrations",
    "failures": "places in our code; what people typed is never kept",
    "firings": "moments of schedules",
    "flags": "settings",
    "mail_overrides": "words of templates; the author is a number",
    "probe": "one row that is written to see whether it can be",
    "tasks": "work by the numbers of records; done ones are cleared away",
}


def erase(connection: Connection, user: int) -> bool:
    """Delete an account: what is personal goes, a tombstone stays.  A second time changes nothing."""
    query = select(*User.__table__.columns).where(User.id == user, User.deleted_at.is_(None))
    person = connection.execute(query).first()
    if person is None:
        return False
    # The account itself comes last: until then the others are found by what it says.
    for change in (*_changes(person), tombstone(person)):
        connection.execute(change)
    return True


def _changes(person: Person) -> Iterator[Change]:
    return (part.erase(person) for part in PARTS if part.erase and part.table is not User)
