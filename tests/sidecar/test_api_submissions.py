"""The JSON interface to what somebody handed in."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.routes.api_submissions import FIELDS
from sidecar.tables.accounts import User
from sidecar.tables.cases import Decision, Revision, Submission, Submitter
from sidecar.tables.work import Mail
from tests.sidecar.test_api import asked, error, key_for

JOB = {"kind": "job", "fields": FIELDS}


@pytest.fixture
def ada(service):
    return key_for(service, service.account("ada"))


def hand_in(service, key, **fields):
    body = {"kind": "job", "fields": {**FIELDS, **fields}}
    return asked(service, "POST", "/submissions", key, json=body)


@pytest.mark.row("S194")
def test_a_job_is_handed_in_from_the_address_of_the_account_and_asked_to_be_confirmed(service, ada):
    answer = hand_in(service, ada)

    (submission,) = service.rows(select(Submission))
    assert answer.status_code == 201
    assert answer.json()["reference"] == submission.public_id
    assert answer.json()["state"] == "unconfirmed"
    assert service.rows(select(Submitter.email)) == ["ada@example.org"]
    (mail,) = service.rows(select(Mail))
    assert (mail.template, mail.recipient) == ("case-confirm", "ada@example.org")


@pytest.mark.row("S194")
def test_one_sees_ones_own_with_its_fields_and_steps_and_nobody_elses(service, ada):
    reference = hand_in(service, ada).json()["reference"]
    other = key_for(service, service.account("bea"))
    (submission,) = service.rows(select(Submission.id))

    async def reject(tx):
        tx.add(Decision(submission_id=submission, n=1, step="reject", reason="It is a test."))
        tx.add(Decision(submission_id=submission, n=1, step="undone", undone_at=now()))

    service.write(reject)
    listed = asked(service, "GET", "/submissions", ada).json()
    whole = asked(service, "GET", f"/submissions/{reference}", ada).json()

    assert [item["title"] for item in listed["items"]] == ["Baker"]
    assert whole["fields"]["company"] == "The Bakery"
    assert [(step["step"], step["reason"]) for step in whole["steps"]] == [
        ("reject", "It is a test.")
    ]
    assert asked(service, "GET", "/submissions", other).json()["total"] == 0
    assert error(asked(service, "GET", f"/submissions/{reference}", other))[0] == 404


def test_an_address_that_was_not_confirmed_gives_nothing_of_what_came_from_it(service, ada):
    hand_in(service, ada)
    service.write(lambda tx: tx.execute(update(User).values(confirmed_at=None)))

    assert asked(service, "GET", "/submissions", ada).json()["total"] == 0


@pytest.mark.row("S466")
def test_all_that_is_wrong_is_told_at_once_by_its_field_and_nothing_is_kept(service, ada):
    answer = hand_in(service, ada, title="", pay_from="much", colour="red")

    fields = answer.json()["error"]["fields"]
    assert error(answer)[0] == 400
    assert set(fields) == {"title", "pay_from", "colour"}
    assert service.rows(select(Revision)) == []


def test_what_is_wrong_within_the_fields_is_told_with_what_is_wrong_around_them(service, ada):
    fields = {**FIELDS, "title": "", "pay_from": 5, "pay_to": 3, "currency": "EUR"}
    body = {"kind": "job", "fields": fields, "colour": "red"}

    answer = asked(service, "POST", "/submissions", ada, json=body)

    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {"colour", "title", "pay_to"}
    assert service.rows(select(Revision)) == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": ["job"], "fields": FIELDS}, {"kind": "job", "fields": [1]}, {"fields": FIELDS},
        {"kind": "job"}, {"kind": "job", "fields": {}}, {"kind": "job", "fields": {"title": {}}},
    ],
)  # fmt: skip
def test_a_body_of_another_shape_is_refused_in_words(service, ada, body):
    answer = asked(service, "POST", "/submissions", ada, json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["fields"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", 7, "must be a text"),
        ("title", None, "has no value"),
        ("title", "a\0b", "holds the invisible character U+0000"),
        ("title", "x" * 10_000, "must be shorter: at most "),
        ("text", "x" * 30_000, "must be shorter: at most 20,000 characters"),
        ("types", "full-time", "must be a list"),
        ("remote", "perhaps", "must be true or false"),
        ("days", 60, "must be one of 30, 60, 90"),
        ("pay_from", 10**30, "must be a smaller number"),
        ("apply_url", "javascript:alert(1)", "must be written like"),
    ],
)
def test_what_a_field_cannot_hold_is_told_by_its_name_and_nothing_is_kept(
    service, ada, field, value, told
):
    answer = hand_in(service, ada, **{field: value})

    fields = answer.json()["error"]["fields"]
    assert answer.status_code == 400
    assert list(fields) == [field]
    assert fields[field].startswith(f"`{field}` {told}")
    assert service.rows(select(Submission)) == []


def test_whatever_sender_is_sent_it_is_the_address_of_the_account(service, ada):
    answer = hand_in(service, ada, sender="eve@evil.example")

    assert answer.status_code == 201
    assert service.rows(select(Submitter.email)) == ["ada@example.org"]


def test_a_kind_that_there_is_not_is_told_with_those_there_are(service, ada):
    answer = asked(service, "POST", "/submissions", ada, json={"kind": "cake", "fields": {}})

    assert answer.json()["error"]["fields"] == {"kind": "must be one of job, event, story"}


@pytest.mark.row("C18")
def test_no_address_hands_in_more_than_ten_a_day(service, ada):
    answers = [hand_in(service, ada, title=f"Baker {n}") for n in range(11)]

    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_key_needs_the_scope_for_each(service):
    reader = key_for(service, service.account("ada"), "submissions:read")

    assert asked(service, "GET", "/submissions", reader).status_code == 200
    assert error(asked(service, "POST", "/submissions", reader, json=JOB))[0] == 403
