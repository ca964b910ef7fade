"""A form that is kept and not handed in yet: gone on with by its link, and put away when forgotten."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.forms import TOKEN
from sidecar.queue import enqueue
from sidecar.tables.attachments import Attachment, DraftPicture
from sidecar.tables.cases import Draft, Submission, Submitter
from tests.sidecar.conftest import HIDDEN
from tests.sidecar.test_attachments import NAME, SHOWN, age, picture
from tests.sidecar.test_cases import FORM, GOOD, LONG_AGO, link_in, mails, work

DAY = datetime.timedelta(days=1)
HALF = {"title": "Baker of bytes", "text": "# To be written", "sender": "ada@ada.example"}


def keep(browser, shown=None, **typed):
    """Press the button that keeps a form, as it is shown or the empty one."""
    hidden = dict(HIDDEN.findall((shown or browser.get(FORM)).text))
    return browser.post(f"{FORM}/draft", {**hidden, **typed})


def keep_with(service, content, **typed):
    """Keep the form with a file for its picture."""
    hidden = dict(HIDDEN.findall(service.get(FORM).text))
    files = {"logo_file": ("logo.png", content, "image/png")}
    return service.post(f"{FORM}/draft", {**hidden, **HALF, **typed}, files=files)


def swept(service):
    """Let two days go by, and what nothing refers to be taken away."""
    age(service)
    service.write(lambda tx: enqueue(tx, "attachments.sweep", {}))
    work(service)


def untouched(service, days):
    """Let so many days go by for all drafts, and the clock strike."""
    before = update(Draft).values(updated=now() - days * DAY)
    service.write(lambda tx: tx.execute(before))
    service.write(lambda tx: enqueue(tx, "drafts.archive", {}))
    work(service)


def test_a_form_is_kept_half_filled_in_and_its_link_goes_on_with_it(service):
    kept = keep(service, **HALF, types=["full-time"], remote="on")

    (mail,) = mails(service)
    assert (kept.status_code, kept.headers["location"]) == (303, link_in(mail))
    assert "Baker" not in mail.subject + mail.text
    shown = service.browser().get(link_in(mail))
    assert 'value="Baker of bytes"' in shown.text
    assert "# To be written" in shown.text
    assert 'value="ada@ada.example"' in shown.text
    assert shown.headers["referrer-policy"] == "same-origin"
    assert service.rows(select(Submission)) == []


@pytest.mark.parametrize(
    ("kind", "one"),
    [
        ("job", "a job"),
        ("event", "an event"),
        ("story", "a success story"),
        ("sponsor", "a sponsor"),
    ],
)
def test_the_letter_calls_what_is_kept_by_its_article(service, kind, one):
    service.browser().send(f"/submit/{kind}", f"/submit/{kind}/draft", sender="ada@ada.example")

    (mail,) = mails(service)
    assert f"the form of {one} at Python.org" in mail.text


def test_keeping_it_again_is_the_same_draft_and_writes_no_second_mail(service):
    shown = service.get(keep(service, **HALF).headers["location"])

    keep(service, shown, **{**HALF, "title": "Baker of bits"})

    (draft,) = service.rows(select(Draft))
    assert draft.given["title"] == ["Baker of bits"]
    assert len(mails(service)) == 1


def test_once_it_is_handed_in_its_draft_is_gone(service):
    link = keep(service, **HALF).headers["location"]

    handed = service.submit(service.get(link), FORM, **GOOD)

    assert handed.headers["location"] == "/submit/sent"
    assert service.rows(select(Draft)) == []
    assert service.get(link).status_code == 410


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"sender": ""}, 422),
        ({"sender": "ada"}, 422),
        ({"text": "x" * 60_001}, 422),
        ({"title": "a\x00b"}, 422),
        ({TOKEN: "another"}, 403),
    ],
)
def test_what_cannot_be_kept_says_why_and_nothing_that_was_typed_is_lost(service, typed, status):
    answer = keep(service, **{**HALF, "company": "Ada & Sons", **typed})

    assert answer.status_code == status
    assert "Ada &amp; Sons" in answer.text
    assert service.rows(select(Draft)) == []


@pytest.mark.parametrize("token", ["", "1", "{id}", "{id}.wrong"])
def test_nobody_opens_a_draft_without_its_link(service, token):
    keep(service, **HALF)
    (draft,) = service.rows(select(Draft))

    answer = service.get(f"/submit/draft?token={token.format(id=draft.public_id)}")

    assert answer.status_code == 410


def test_whoever_has_the_link_does_not_take_a_draft_to_another_address(service):
    shown = service.get(keep(service, **HALF).headers["location"])

    keep(service, shown, **{**HALF, "sender": "eve@eve.example", "title": "Mine"})

    titles = [draft.given["title"] for draft in service.rows(select(Draft).order_by(Draft.id))]
    assert titles == [["Baker of bytes"], ["Mine"]]


@pytest.mark.row("S205")
def test_a_draft_untouched_for_thirty_days_is_put_away_and_its_owner_is_told_once(service):
    link = keep(service, **HALF).headers["location"]

    untouched(service, 31)
    untouched(service, 31)

    _, told = mails(service)
    assert (told.template, link_in(told)) == ("draft-archived", link)
    assert "This draft was put away." in service.get(link).text


@pytest.mark.row("S205")
def test_a_draft_that_was_touched_within_thirty_days_stays(service):
    keep(service, **HALF)

    untouched(service, 29)

    (draft,) = service.rows(select(Draft))
    assert draft.archived_at is None
    assert len(mails(service)) == 1


def test_what_was_put_away_is_there_again_once_it_is_kept_again(service):
    link = keep(service, **HALF).headers["location"]
    untouched(service, 31)

    keep(service, service.get(link), **HALF)

    (draft,) = service.rows(select(Draft))
    assert draft.archived_at is None


@pytest.mark.parametrize(("days", "left"), [(89, 1), (91, 0)])
def test_ninety_days_after_it_was_put_away_it_is_gone_with_its_address(service, days, left):
    keep(service, **HALF)
    long_ago = update(Draft).values(archived_at=now() - days * DAY, updated=LONG_AGO)
    service.write(lambda tx: tx.execute(long_ago))
    service.write(lambda tx: tx.execute(update(Submitter).values(created=LONG_AGO)))

    for _ in range(2):
        service.write(lambda tx: enqueue(tx, "tidy", {}))
        work(service)

    assert len(service.rows(select(Draft))) == len(service.rows(select(Submitter))) == left


def test_a_machine_that_fills_in_everything_keeps_nothing(service):
    answer = keep(service, **HALF, homepage="https://pills.example/")

    assert answer.headers["location"] == "/submit/sent"
    assert service.rows(select(Draft)) == []


def test_a_picture_is_kept_with_its_draft_and_handed_in_with_it(service):
    link = keep_with(service, picture()).headers["location"]
    swept(service)

    elsewhere = service.browser()
    shown = elsewhere.get(link)
    elsewhere.submit(shown, FORM, **GOOD)
    swept(service)

    name = NAME.search(shown.text)[1]
    assert elsewhere.get(SHOWN.search(shown.text)[1].replace("&amp;", "&")).status_code == 200
    assert [one.name for one in service.rows(select(Attachment))] == [name]
    assert service.rows(select(DraftPicture)) == []


def test_a_picture_that_its_draft_has_no_more_is_swept(service):
    shown = service.get(keep_with(service, picture()).headers["location"])

    keep(service, shown, **{**HALF, "logo": ""})
    swept(service)

    assert service.rows(select(Attachment)) == []
    assert len(service.rows(select(Draft))) == 1


def test_a_picture_goes_with_a_draft_that_is_gone(service):
    keep_with(service, picture())
    service.write(lambda tx: tx.execute(update(Draft).values(archived_at=LONG_AGO)))

    service.write(lambda tx: enqueue(tx, "tidy", {}))
    work(service)
    swept(service)

    assert service.rows(select(Draft)) == []
    assert service.rows(select(Attachment)) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"<svg onload='alert(1)'/>", "SVG is not taken"), (bytes(5_000_001), "more than 5 MB")],
    ids=["svg", "large"],
)
def test_what_is_no_picture_is_not_kept_and_told_beside_its_field(service, content, told):
    answer = keep_with(service, content)

    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Baker of bytes"' in answer.text
    assert service.rows(select(Draft)) == []


def test_an_account_goes_on_with_the_drafts_of_its_confirmed_address(service):
    keep(service, **HALF)
    keep(service, sender="ada@ada.example")
    keep(service, **{**HALF, "sender": "eve@eve.example", "title": "Mine"})
    ada = service.signed_in(user=service.account(email="ada@ada.example"))

    shown = ada.get("/account/submissions")

    link, empty = map(link_in, mails(service))
    assert f'<a href="{link}">Baker of bytes</a>' in shown.text
    assert f'<a href="{empty}">Without a title</a>' in shown.text
    assert "Mine" not in shown.text
    assert 'value="Baker of bytes"' in ada.get(link).text


def test_an_address_that_is_not_confirmed_has_no_drafts(service):
    keep(service, **HALF)
    user = service.account(email="ada@ada.example", confirmed_at=None)
    eve = service.signed_in(user=user)

    assert "Baker of bytes" not in eve.get("/account/submissions", follow=True).text


def test_a_draft_is_deleted_by_whoever_has_its_link_once_they_said_that_they_mean_it(service):
    link = keep(service, **HALF).headers["location"]
    gone = link.replace("/draft?", "/draft/delete?")
    assert f'href="{gone}"' in service.get(link).text

    asked = service.get(gone)
    assert "“Baker of bytes” was not handed in." in asked.text
    assert len(service.rows(select(Draft))) == 1  # opening a link changes nothing
    answer = service.submit(asked, "/submit/draft/delete")

    assert answer.headers["location"] == FORM
    assert "The draft is deleted." in service.get(FORM).text
    assert service.rows(select(Draft)) == []
    assert [service.get(one).status_code for one in (link, gone)] == [410, 410]
    assert service.submit(asked, "/submit/draft/delete").status_code == 410


def test_a_picture_goes_with_a_draft_that_is_deleted(service):
    link = keep_with(service, picture()).headers["location"]

    service.send(link.replace("/draft?", "/draft/delete?"), "/submit/draft/delete")
    swept(service)

    assert service.rows(select(DraftPicture)) + service.rows(select(Attachment)) == []


def test_the_list_of_an_account_leads_to_deleting_a_draft(service):
    link = keep(service, **HALF).headers["location"]
    ada = service.signed_in(user=service.account(email="ada@ada.example"))

    shown = ada.get("/account/submissions").text

    assert f'href="{link.replace("/draft?", "/draft/delete?")}"' in shown
