"""`pydotorg sidecar user …`: accounts without the web."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from pydotorg_build.problems import Problems
from sidecar.cli import sidecar
from sidecar.cli_user import ROLE
from sidecar.clock import now
from sidecar.passwords import check_hash
from sidecar.permissions import Role
from sidecar.tables.accounts import Factor, Purpose, Session, Token, User
from sidecar.tables.work import Audit
from sidecar.tokens import look, make
from tests.sidecar.test_database import run

GOOD = "three wet boots\n"


@pytest.fixture
def user(settings, tmp_path, monkeypatch):
    """`pydotorg sidecar user …` on the database of the test; what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYDOTORG_URL", settings.url)
    monkeypatch.setenv("DATABASE_URL", settings.database_url)

    def command(*words: str, typed: str = "") -> str:
        done = CliRunner().invoke(sidecar, ["user", *words], input=typed)
        if isinstance(done.exception, Problems):
            raise done.exception
        assert (done.exception, done.exit_code) == (None, 0), done.output
        return done.output

    return command


def refusal(user, *words: str, typed: str = "") -> str:
    with pytest.raises(Problems) as refused:
        user(*words, typed=typed)
    return str(refused.value)


def found(settings, asked):
    async def story(db):
        async with db.read() as tx:
            return list(await tx.scalars(asked))

    return run(settings, story)


def test_the_first_superuser_gets_a_link_that_works_once_for_fifteen_minutes(user, settings):
    said = user("add", "ada", "--email", "ada@example.org", "--role", "superuser")

    link, token = re.search(r"(http://test.example/account/enrol\?token=(\S+))", said).groups()
    (ada,) = found(settings, select(User))

    async def story(db):
        async with db.read() as tx:
            return await look(tx, Purpose.ENROL, token)

    row = run(settings, story)
    assert said.splitlines() == [
        "added ada", "open this within 15 minutes to choose a password; it works once:", link,
        "later, `pydotorg sidecar user password ada` sets one",
    ]  # fmt: skip
    assert (row.user_id, round((row.expires - now()).total_seconds() / 60)) == (ada.id, 15)
    assert token not in row.token
    assert (ada.password, ada.confirmed_at is not None, link[-4:]) == ("", True, token[-4:])


def test_a_password_is_read_from_the_standard_input_and_hashed(user, settings):
    said = user("add", "ada", "--email", "ada@example.org", "--password", typed=GOOD)

    (ada,) = found(settings, select(User))
    assert said == "added ada\n"
    assert check_hash("three wet boots", ada.password).is_right


def test_a_weak_password_is_refused_with_the_rules_it_breaks(user):
    said = refusal(user, "add", "ada", "--email", "a@example.org", "--password", typed="ada1234\n")

    assert said == (
        "(user): the password is not good enough\n  hint: it must be at least 10 characters"
    )


@pytest.mark.parametrize(
    ("name", "email", "says"),
    [
        ("a b", "ada@example.org", "`name` must be written like guido, not 'a b'"),
        ("admin2", "ada@example.org", "'admin2' is kept for the site itself"),
        ("ada", "ada", "`email` must be written like ada@example.org, not 'ada'"),
        ("bob", "ada@example.org", "there is an account with the name bob already"),
        ("BOB", "ada@example.org", "there is an account with the name BOB already"),
        ("ada", "BOB@example.org", "there is an account with the email BOB@example.org already"),
    ],
)
def test_a_name_or_address_that_cannot_be_is_refused(user, name, email, says):
    user("add", "bob", "--email", "bob@example.org")

    assert says in refusal(user, "add", name, "--email", email)


def test_roles_are_given_and_taken_and_each_step_is_written_down(user, settings):
    user("add", "ada", "--email", "ada@example.org")

    said = [
        user("role", "ada", "staff"),
        user("role", "ada@example.org", "jobs team"),
        user("role", "ada", "staff", "--remove"),
    ]

    assert said == [
        "ada has the roles: staff\n", "ada has the roles: jobs team, staff\n",
        "ada has the roles: jobs team\n",
    ]  # fmt: skip
    rows = found(settings, select(Audit).order_by(Audit.id))
    assert [(row.action, row.changes.get("roles")) for row in rows] == [
        ("account added", None),
        ("role given", [[], ["staff"]]),
        ("role given", [["staff"], ["jobs team", "staff"]]),
        ("role taken", [["jobs team", "staff"], ["jobs team"]]),
    ]
    assert refusal(user, "role", "ada", "staff", "--remove") == (
        "(user): ada does not have the role staff"
    )
    assert refusal(user, "role", "eve", "staff") == "(user): nobody is called eve"


@pytest.mark.row("S327")
def test_the_last_superuser_stays_one(user):
    user("add", "ada", "--email", "ada@example.org", "--role", "superuser")
    user("add", "bob", "--email", "bob@example.org", "--role", "superuser")
    user("disable", "bob")

    says = "(user): ada is the last superuser: make somebody else one first"
    assert refusal(user, "role", "ada", "superuser", "--remove") == says
    assert refusal(user, "disable", "ada") == says
    user("disable", "bob", "--undo")
    assert user("disable", "ada") == "ada may sign in no more\n"


def sign_in(settings, name: str) -> None:
    async def story(db):
        async with db.write() as tx:
            (ada,) = await tx.scalars(select(User).where(User.name == name))
            tx.add(Session(token=name, user_id=ada.id, expires=now()))
            tx.add(Factor(user_id=ada.id, kind="totp", name="Phone", secret="x"))

    run(settings, story)


def test_a_new_password_ends_every_link_and_half_way_in_that_was_begun_before(user, settings):
    user("add", "bob", "--email", "bob@example.org")
    user("add", "ada", "--email", "ada@example.org")

    async def begin(db):
        async with db.write() as tx:
            for name in ("ada", "bob"):
                owner = await tx.scalar(select(User.id).where(User.name == name))
                for purpose in set(Purpose) - {Purpose.ENROL}:
                    await make(tx, purpose, owner)

    run(settings, begin)

    user("password", "ada", typed=GOOD)

    (ada,) = found(settings, select(User).where(User.name == "ada"))
    left = found(settings, select(Token))
    assert {one.purpose for one in left if one.user_id == ada.id} == {Purpose.CONFIRM}
    assert {one.purpose for one in left if one.user_id != ada.id} == set(Purpose)


@pytest.mark.parametrize(
    ("words", "typed", "says"),
    [
        (("password", "ada"), GOOD, "ada has a new password and was signed out everywhere\n"),
        (("reset-factor", "ada"), "", "ada lost 1 second factor and was signed out\n"),
        (("disable", "ada"), "", "ada may sign in no more\n"),
    ],
)
def test_what_changes_how_somebody_signs_in_ends_their_sessions(user, settings, words, typed, says):
    user("add", "ada", "--email", "ada@example.org")
    sign_in(settings, "ada")

    said = user(*words, typed=typed)

    assert said == says
    assert found(settings, select(Session)) == []
    assert len(found(settings, select(Factor))) == (words[0] != "reset-factor")


def test_a_list_tells_who_there_is_and_what_keeps_them_out(user, settings):
    user("add", "bob", "--email", "bob@example.org", "--role", "staff")
    user("add", "ada", "--email", "ada@example.org")
    user("disable", "ada")
    sign_in(settings, "bob")

    assert user("list").splitlines() == [
        "ada  ada@example.org  –  no second factor  disabled",
        "bob  bob@example.org  staff  second factor  active",
    ]
    assert [row["name"] for row in json.loads(user("list", "--json", "--role", "staff"))] == ["bob"]


def test_a_list_of_nobody_says_so(user):
    assert user("list") == "there are no accounts: `pydotorg sidecar user add` makes one\n"
    assert json.loads(user("list", "--json")) == []
    user("add", "ada", "--email", "ada@example.org")
    assert user("list", "--role", "staff") == "nobody has the role staff\n"


def test_every_role_can_be_given():
    assert list(ROLE.choices) == [role.value for role in Role]
