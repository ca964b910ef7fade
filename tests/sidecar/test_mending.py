"""Any record of any table: what is seen of it, and how it is mended."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.mending import READ_ONLY, READERS, SECRET, Field, Kind, read_all, shapes
from sidecar.tables import Table
from sidecar.tables.accounts import User
from tests.sidecar.test_database import user

SHAPES = shapes()
MOMENT = datetime.datetime(2026, 11, 26, 18, tzinfo=datetime.UTC)


def field(kind, *, optional=False, **given):
    return Field("it", kind, optional, is_key=False, is_fixed=False, **given)


@pytest.mark.row("S264")
def test_every_table_is_there():
    assert set(SHAPES) == set(Table.metadata.tables)


@pytest.mark.row("S264")
def test_what_has_rules_of_its_own_is_only_looked_at():
    for name in READ_ONLY & set(SHAPES):
        assert SHAPES[name].mendable == ()
    assert {name for name in SHAPES if SHAPES[name].mendable} >= {"users", "memberships"}


def test_no_secret_is_ever_a_field():
    shown = {field.name for shape in SHAPES.values() for field in shape.fields}

    assert shown.isdisjoint(SECRET)
    assert "password" in User.__table__.columns


def test_the_fields_of_a_table_follow_from_its_columns():
    fields = {field.name: field for field in SHAPES["users"].fields}

    assert (fields["id"].is_key, fields["id"].is_fixed) == (True, True)
    assert (fields["bio"].kind, fields["bio"].is_fixed) == (Kind.TEXT, False)
    assert (fields["is_active"].kind, fields["is_active"].is_fixed) == (Kind.YES_OR_NO, True)
    assert (fields["last_sign_in"].kind, fields["last_sign_in"].optional) == (Kind.MOMENT, True)
    roles = {field.name: field for field in SHAPES["roles"].fields}
    assert (roles["role"].kind, roles["user_id"].leads_to) == (Kind.CHOICE, ("users", "id"))
    assert "superuser" in roles["role"].choices
    assert fields["search_visibility"].options == [("0", "private"), ("1", "public")]
    assert (fields["name"].needed, fields["bio"].needed) == (True, False)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.YES_OR_NO, "yes", True),
        (Kind.NUMBER, "7", 7),
        (Kind.MOMENT, "2026-11-26T19:00:00+01:00", MOMENT),
        (Kind.TEXT, "Grüße\nAda", "Grüße\nAda"),
    ],
)
def test_what_is_typed_is_read_by_its_kind(kind, text, value):
    assert field(kind).read(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (Kind.YES_OR_NO, "", "must be yes or no"),
        (Kind.NUMBER, "seven", "must be a whole number"),
        (Kind.NUMBER, "9999999999", "must be between 0 and 2147483647"),
        (Kind.NUMBER, "-1", "must be between 0 and 2147483647"),
        (Kind.MOMENT, "soon", "must be a moment, as 2026-11-26T18:00:00Z"),
        (Kind.MOMENT, "2026-11-26T18:00", "needs a time zone: end it with Z for UTC"),
        (Kind.MOMENT, "0001-01-01T00:00+23:00",
         "must be a moment of our time, as 2026-11-26T18:00:00Z"),
        (Kind.TEXT, "a\0", "holds the invisible character U+0000"),
        (Kind.TEXT, "a\u202eb", "holds the invisible character U+202E"),
        (Kind.TEXT, " ", "must not be empty"),
        (Kind.TEXT, "a" * 20_001, "must have at most 20000 characters"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(kind, text, words):
    with pytest.raises(ValueError, match=r"^") as told:
        field(kind).read(text)

    assert str(told.value) == words


def test_an_empty_field_is_no_value_only_where_there_may_be_none():
    assert field(Kind.MOMENT, optional=True).read("") is None
    assert field(Kind.TEXT, may_be_empty=True).read("") == ""
    with pytest.raises(ValueError, match="must be a moment"):
        field(Kind.MOMENT).read("")


@given(st.sampled_from(sorted(READERS, key=str)), st.text())
def test_any_text_is_read_or_refused_in_words(kind, text):
    with contextlib.suppress(ValueError):
        field(kind, choices={"a": "A", "b": "B"}).read(text)


def test_all_faults_are_told_at_once_and_fixed_fields_are_not_read():
    sent = {"search_visibility": "x", "public_profile": "maybe", "id": "8", "bio": "Countess"}

    values, faults = read_all(SHAPES["users"], sent, user("ada"))

    assert values == {"bio": "Countess"}
    assert [fault.name for fault in faults] == ["search_visibility", "public_profile"]


def test_a_record_that_was_changed_looks_otherwise():
    ada = user("ada")
    before = SHAPES["users"].seen(ada)

    ada.bio = "Countess"

    assert SHAPES["users"].seen(ada) != before
