"""Backups and restores, as a drill: from either database, into either database."""

from __future__ import annotations

import asyncio
import datetime
import json
import shutil
import sqlite3
import threading

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from pydotorg_build.problems import Problems
from sidecar import schema
from sidecar.backup import FILE, NOTE, counts, opened, prune, take
from sidecar.cli import sidecar
from sidecar.clock import now
from sidecar.database import open_database
from sidecar.mail import forget
from sidecar.permissions import Role
from sidecar.personal import erase
from sidecar.publishing import NUMBER
from sidecar.restore import release, restore
from sidecar.schema import connected, deploys, differences, prepare, sync_url
from sidecar.settings import read_settings
from sidecar.tables.accounts import ApiKey, Given, Session, Token, User
from sidecar.tables.cases import Publishing, Submission, Submitter
from sidecar.tables.work import Audit, Flag, Mail, Task
from tests.conftest import ROOT
from tests.sidecar.conftest import emptied

WHEN = datetime.datetime(2026, 11, 26, 15, 4, 5, 678901, tzinfo=datetime.UTC)
KINDS = ("sqlite", "postgresql")


@pytest.fixture
def place(tmp_path, request):
    """The settings of an empty database of a kind."""

    def make(kind, name):
        environ = {"PYDOTORG_URL": "http://test.example", "PYDOTORG_SECRET": "s" * 40}
        if kind == "postgresql":
            environ["DATABASE_URL"] = emptied(request.getfixturevalue("postgres"))
        (tmp_path / name).mkdir()
        return read_settings(environ, tmp_path / name)

    return make


def told(settings, story):
    """Run a story on the database."""

    async def run():
        db = open_database(settings)
        try:
            return await story(db)
        finally:
            await db.close()

    return asyncio.run(run())


def adding(*rows):
    async def story(db):
        async with db.write() as tx:
            for row in rows:
                tx.add(row)
                await tx.flush()

    return story


def ada():
    return User(
        name="Ada", name_key="ada", email="ada@a.example", email_key="ada@a.example",
        full_name="Ada Lovelace 🧮", bio="first\nsecond\t'; DROP TABLE users; --",
        public_profile=False, confirmed_at=WHEN,
    )  # fmt: skip


def mail(number, state):
    return Mail(
        template="confirm", recipient="ada@a.example", subject="Ü", text="…", state=state,
        message_id=f"<{number}@a>", headers={"X-List": ["a", {"b": None}]},
    )  # fmt: skip


def fill(settings):
    """Rows of every kind that a restore looks at."""
    prepare(settings.database_url)
    week = WHEN + datetime.timedelta(days=7)
    rows = (
        ada(),
        Given(user_id=1, role=Role.STAFF.value),
        Session(token="s", user_id=1, expires=week),
        Token(token="t", purpose="reset", user_id=1, expires=week, data={"a": [1, True, None]}),
        ApiKey(user_id=1, name="one", prefix="p", digest="d1", scopes=["account"], expires=None),
        ApiKey(user_id=1, name="two", prefix="q", digest="d2", scopes=[], expires=week),
        mail(1, "queued"), mail(2, "sent"), mail(3, "dead"),
        Task(kind="publish", payload={"n": 1.5}), Task(kind="old", payload={}, state="done"),
        Audit(actor_id=1, action="seen", subject="users/1", changes={"name": ["a", "Ä"]}),
    )  # fmt: skip
    told(settings, adding(*rows))


def rows_of(settings, *tables):
    """What stands in tables, as Python sees it."""

    async def story(db):
        async with db.read() as tx:
            return {
                table.__tablename__: [
                    tuple(row)
                    for row in await tx.execute(
                        select(table.__table__).order_by(*table.__table__.primary_key)
                    )
                ]
                for table in tables
            }

    return told(settings, story)


# The drill


@pytest.mark.row("C17", "S316")
@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_what_was_backed_up_is_there_again_in_either_database(place, tmp_path, source, target):
    whole = (User, Given, ApiKey, Audit)
    first = place(source, "first")
    fill(first)
    before = rows_of(first, *whole)
    backup = take(first, tmp_path / "backups", WHEN)
    second = place(target, "second")

    done = restore(second, backup)

    assert backup.name == "20261126T150405Z"
    assert rows_of(second, *whole) == before
    assert before["users"][0][5] == WHEN
    assert (done.held_mails, done.held_tasks, done.notes) == (1, 1, ())
    with connected(second.database_url) as connection:
        assert differences(connection) == []
        assert deploys(connection)[0].what == "restored from the backup of 2026-11-26 15:04 UTC"
    told(second, adding(User(name="B", name_key="b", email="b@a.example", email_key="b@a.example")))
    assert [row[0] for row in rows_of(second, User)["users"]] == [1, 2]


@pytest.mark.row("C17")
def test_after_a_restore_snapshots_are_counted_anew_and_take_what_was_not_seen_yet(
    settings, tmp_path
):
    fill(settings)
    flag = Flag(name=NUMBER, value={"epoch": "ab", "number": 7})
    who = Submitter(id=1, email="ada@a.example", email_key="ada@a.example")
    job = Submission(id=1, kind="job", public_id="41234567", submitter_id=1, digest="d")
    seen, unseen = (
        Publishing(submission_id=1, due=WHEN, number=number, taken_at=WHEN, live_at=live)
        for number, live in ((6, WHEN), (7, None))
    )
    told(settings, adding(flag, who, job, seen, unseen))

    restore(settings, take(settings, tmp_path / "backups", WHEN), replace=True)

    place = list(Publishing.__table__.columns.keys()).index("number")
    numbers = [row[place] for row in rows_of(settings, Publishing)["publishings"]]
    assert [row[0] for row in rows_of(settings, Flag)["flags"]] == ["epoch"]
    assert numbers == [6, None]


@pytest.mark.row("C17")
def test_after_a_restore_nothing_happens_twice_and_nobody_is_signed_in(settings, tmp_path):
    fill(settings)
    backup = take(settings, tmp_path / "backups", WHEN)
    epoch = rows_of(settings, Flag)["flags"]

    restore(settings, backup, replace=True)

    found = rows_of(settings, Session, Token, Mail, Task, Flag)
    assert (found["sessions"], found["tokens"]) == ([], [])
    states = {column: index for index, column in enumerate(Mail.__table__.c.keys())}
    assert [row[states["state"]] for row in found["mails"]] == ["held", "sent", "dead"]
    assert [row[4] for row in found["tasks"]] == ["held", "done"]
    assert found["flags"] != epoch
    assert release(settings) == (1, 1)
    assert [row[4] for row in rows_of(settings, Task)["tasks"]] == ["ready", "done"]


def test_a_letter_about_what_was_undone_is_not_sent_by_a_release(settings, tmp_path):
    prepare(settings.database_url)
    letter = mail(1, "queued")
    letter.dedupe = "decision 7"
    told(settings, adding(letter, mail(2, "queued")))

    async def undo(db):
        async with db.write() as tx:
            assert await forget(tx, Mail.dedupe == "decision 7")

    told(settings, undo)
    restore(settings, take(settings, tmp_path / "backups", WHEN), replace=True)

    released = release(settings)

    state = list(Mail.__table__.c.keys()).index("state")
    assert released == (1, 0)
    assert [row[state] for row in rows_of(settings, Mail)["mails"]] == ["held", "queued"]


def test_a_key_that_was_revoked_since_stays_revoked(settings, tmp_path):
    fill(settings)
    backup = take(settings, tmp_path / "backups", WHEN)

    async def revoke(db):
        async with db.write() as tx:
            await tx.execute(update(ApiKey).where(ApiKey.digest == "d1").values(revoked_at=WHEN))

    told(settings, revoke)

    restore(settings, backup, replace=True)

    at = list(ApiKey.__table__.c.keys()).index("revoked_at")
    assert [row[at] is not None for row in rows_of(settings, ApiKey)["api_keys"]] == [True, False]


@pytest.mark.row("C17", "C20")
def test_an_account_that_was_deleted_since_is_deleted_again(settings, tmp_path):
    fill(settings)
    backup = take(settings, tmp_path / "backups", WHEN)

    async def delete(db):
        async with db.write() as tx:
            connection = await tx.connection()
            return await connection.run_sync(erase, 1)

    assert told(settings, delete)

    done = restore(settings, backup, replace=True)

    name = list(User.__table__.c.keys()).index("name")
    assert done.erased == 1
    assert rows_of(settings, User)["users"][0][name] == "deleted-1"


@pytest.mark.row("C20")
def test_who_was_deleted_is_known_from_newer_backups_too(settings, tmp_path):
    fill(settings)
    backup = take(settings, tmp_path / "backups", WHEN)
    with connected(settings.database_url) as connection:
        erase(connection, 1)
        connection.commit()
    take(settings, tmp_path / "backups", WHEN + datetime.timedelta(hours=6))
    restore(settings, backup, replace=True)
    with connected(settings.database_url) as connection:  # the database forgets
        connection.execute(text("UPDATE users SET deleted_at = NULL"))
        connection.commit()

    done = restore(settings, backup, replace=True)

    everything = str(rows_of(settings, User, Mail, ApiKey))
    assert done.erased == 1
    assert [word for word in ("a.example", "Lovelace") if word in everything] == []
    assert release(settings) == (0, 1)


def test_a_database_that_is_not_empty_is_replaced_only_when_that_was_said(settings, tmp_path):
    fill(settings)
    backup = take(settings, tmp_path / "backups", WHEN)
    told(settings, adding(User(name="B", name_key="b", email="b@a.example", email_key="b")))

    with pytest.raises(Problems) as problems:
        restore(settings, backup)
    untouched = len(rows_of(settings, User)["users"])
    done = restore(settings, backup, replace=True)

    assert "the database is not empty: api_keys, audit, mails, roles" in str(problems.value)
    assert (untouched, len(rows_of(settings, User)["users"])) == (2, 1)
    (kept,) = settings.backups.iterdir()
    assert done.notes == (f"what was there is kept in {kept}",)


def test_the_audit_log_cannot_be_changed_after_a_restore_either(settings, tmp_path):
    fill(settings)

    restore(settings, take(settings, tmp_path / "backups", WHEN), replace=True)

    async def change(db):
        async with db.write() as tx:
            await tx.execute(update(Audit).values(action="nothing"))

    with pytest.raises(DBAPIError):
        told(settings, change)


def test_a_restore_that_fails_leaves_the_database_as_it_was(place, tmp_path):
    settings = place("postgresql", "first")
    fill(settings)
    backup = take(settings, tmp_path / "backups", WHEN)
    engine = create_engine(sync_url(settings.database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET name = 'Bea'"))
        connection.execute(text("ALTER TABLE users ADD CHECK (name <> 'Ada')"))
    engine.dispose()

    with pytest.raises(IntegrityError):
        restore(settings, backup, replace=True)

    assert rows_of(settings, User)["users"][0][1] == "Bea"
    assert len(rows_of(settings, Session)["sessions"]) == 1


# Taking one


@pytest.mark.row("C17")
def test_a_backup_taken_while_others_write_is_of_one_moment(settings, tmp_path):
    prepare(settings.database_url)
    url, stop = sync_url(settings.database_url), threading.Event()

    def write():
        engine = create_engine(url)
        while not stop.is_set():
            with engine.begin() as connection:
                for subject in ("left", "right"):
                    values = {"subject": subject, "action": "seen", "changes": {}}
                    connection.execute(Audit.__table__.insert().values(values))
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()

    places = [take(settings, tmp_path / "backups", WHEN) for _ in range(5)]

    stop.set()
    writer.join()
    assert [place.name for place in places][1] == "20261126T150405Z-2"
    for place in places:
        with opened(place / FILE) as engine, engine.connect() as connection:
            sides = connection.execute(
                select(Audit.subject, func.count()).group_by(Audit.subject)
            ).all()
            assert len({count for _, count in sides}) <= 1


def test_what_was_attached_is_in_it_and_comes_back(place, tmp_path):
    first, second = place("sqlite", "first"), place("sqlite", "second")
    prepare(first.database_url)
    attached = tmp_path / "first/data/attachments/ab"
    attached.mkdir(parents=True)
    (attached / "abcdef").write_bytes(b"logo")

    restore(second, take(first, tmp_path / "backups", WHEN))

    assert (tmp_path / "second/data/attachments/ab/abcdef").read_bytes() == b"logo"


def test_a_backup_is_for_nobody_else_and_has_no_secret_in_it(settings, tmp_path):
    fill(settings)

    place = take(settings, tmp_path / "backups", WHEN)

    assert place.stat().st_mode & 0o077 == 0
    assert (place / FILE).stat().st_mode & 0o077 == 0
    assert [
        path for path in place.rglob("*") if settings.secret.encode() in path.read_bytes()
    ] == []


def test_with_another_secret_one_is_told_what_cannot_be_read(place, tmp_path):
    first = place("sqlite", "first")
    fill(first)
    backup = take(first, tmp_path / "backups", WHEN)
    second = read_settings({"PYDOTORG_SECRET": "t" * 40}, tmp_path / "second")

    done = restore(second, backup)

    assert done.notes == (
        "PYDOTORG_SECRET is not the one of the backup: second factors have to be set up anew",
    )


def test_a_backup_that_cannot_be_written_leaves_nothing(settings, tmp_path):
    prepare(settings.database_url)
    (tmp_path / "file").write_text("")

    with pytest.raises(Problems) as problems:
        take(settings, tmp_path / "file", WHEN)

    assert "the backup could not be written: Not a directory" in str(problems.value)


def test_only_the_newest_are_kept_and_nothing_else_is_removed(tmp_path):
    for name in ("20261101T000000Z", "20261102T000000Z", "20261103T000000Z", "mine"):
        (tmp_path / name).mkdir()

    removed = prune(tmp_path, 2)

    assert removed == ["20261101T000000Z"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "20261102T000000Z", "20261103T000000Z", "mine",
    ]  # fmt: skip


def test_what_is_left_of_a_backup_that_was_killed_goes_with_those_of_its_time(tmp_path):
    for name in (".20261101T000000Z", "20261102T000000Z", "20261103T000000Z", ".20261104T000000Z"):
        (tmp_path / name).mkdir()

    removed = prune(tmp_path, 2)

    assert removed == [".20261101T000000Z"]
    assert len(list(tmp_path.iterdir())) == 3


# What is no backup


def damage(place):
    with (place / FILE).open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"\0\1\2")


def lose_rows(place):
    connection = sqlite3.connect(place / FILE)
    connection.execute("DELETE FROM api_keys")
    connection.commit()
    connection.close()


def newer(place):
    note = json.loads((place / NOTE).read_text())
    (place / NOTE).write_text(json.dumps(note | {"schema": "9999"}))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (damage, "the backup is damaged"),
        (lose_rows, "the backup is damaged"),
        (newer, "the backup has the schema 9999, which this version does not know"),
        (shutil.rmtree, "this is no backup"),
        (lambda place: (place / NOTE).write_text("{}"), "this is no backup"),
    ],
)
def test_a_damaged_or_newer_backup_is_refused_before_anything_is_changed(place, tmp_path, harm,
                                                                         message):  # fmt: skip
    first, second = place("sqlite", "first"), place("sqlite", "second")
    fill(first)
    backup = take(first, tmp_path / "backups", WHEN)
    harm(backup)

    with pytest.raises(Problems) as problems:
        restore(second, backup)

    assert f"{backup}: {message}" in str(problems.value)
    assert not (tmp_path / "second/data/sidecar.sqlite").exists()


# The schema


NEXT = '''"""A column more.

Revision ID: 0099
"""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("probe", sa.Column("more", sa.Text(), nullable=True))
'''


@pytest.fixture
def migrated(tmp_path, monkeypatch):
    """Go over to a version of the program that has one migration more."""

    def go():
        folder = tmp_path / "migrations"
        shutil.copytree(ROOT / "sidecar/migrations", folder)
        (folder / "versions/r0099_more.py").write_text(NEXT.format(head=schema.head()))
        monkeypatch.setattr(schema, "FOLDER", folder)

    return go


@pytest.mark.row("S023", "S478")
def test_an_older_database_is_copied_then_migrated_and_keeps_its_data(settings, migrated):
    fill(settings)
    before = rows_of(settings, User, Audit)
    migrated()

    with pytest.raises(Problems) as problems:
        prepare(settings.database_url)
    said = prepare(settings.database_url, migrate=True, copies=settings.backups)

    (copy,) = settings.backups.iterdir()
    assert "and this version wants 0099\n  hint: pydotorg sidecar migrate" in str(problems.value)
    assert said.endswith(f"to 0099; before, it was copied to {copy}")
    assert rows_of(settings, User, Audit) == before
    with opened(copy / FILE) as engine, engine.connect() as connection:
        assert counts(connection)["users"] == 1


@pytest.mark.row("S023", "C17")
def test_a_backup_of_an_older_version_is_brought_to_our_schema(settings, migrated, tmp_path):
    fill(settings)
    backup = take(settings, tmp_path / "backups", WHEN)
    migrated()

    restore(settings, backup, replace=True)

    engine = create_engine(sync_url(settings.database_url))
    with engine.connect() as connection:
        assert schema.current(connection) == "0099"
        assert connection.execute(text("SELECT more FROM probe")).all() == [(None,)]
    engine.dispose()


def command(settings, monkeypatch, *words):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PYDOTORG_DATA", settings.data)
    return CliRunner().invoke(sidecar, words, catch_exceptions=False)


@pytest.mark.row("S469", "S478")
def test_the_schema_is_shown_checked_and_upgraded_by_one_command(settings, monkeypatch):
    def run(*words):
        done = command(settings, monkeypatch, "migrate", *words)
        return done.exit_code, done.output

    head = schema.head()
    assert run("check") == (1, f"the database has no schema, and this version wants {head}\n")
    assert run() == (0, f"the database was made, with the schema {head}\n")
    assert run() == (0, "the database is up to date\n")
    assert run("current") == (0, f"the database has {head}; wanted is {head}\n")
    assert run("check") == (0, "")
    _, history = run("history")
    assert history.startswith(f"* {head}  ")
    assert f"{head}  made, with the schema {head}" in history


def test_who_reads_no_further_is_told_nothing_of_a_database_that_cannot_be_used(settings):
    """As `pydotorg sidecar migrate history | head -1`."""
    with pytest.raises(BrokenPipeError), connected(settings.database_url):
        raise BrokenPipeError


def test_another_version_of_the_program_is_noted_in_the_log_of_deploys(settings, monkeypatch):
    prepare(settings.database_url)
    monkeypatch.setattr(schema, "__version__", "9.9")
    prepare(settings.database_url)
    prepare(settings.database_url)

    with connected(settings.database_url) as connection:
        found = [(row.version, row.what) for row in deploys(connection)]
    assert found[0] == ("9.9", f"started after {found[1][0]}")
    assert len(found) == 2


@pytest.mark.row("C17")
def test_the_commands_take_a_backup_and_bring_it_back(settings, monkeypatch):
    fill(settings)

    taken = command(settings, monkeypatch, "backup", "--keep", "3")
    brought = command(settings, monkeypatch, "restore", taken.output.strip(), "--replace")
    released = command(settings, monkeypatch, "release")

    assert brought.output.splitlines()[1:2] == [
        "held: 1 mails and 1 tasks; look at them, then `pydotorg sidecar release`"
    ]
    assert released.output == "1 mails and 1 tasks go on\n"
    assert now() > WHEN
