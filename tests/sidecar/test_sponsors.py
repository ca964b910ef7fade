"""Somebody applies to be a sponsor, and staff decide."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select, update

from sidecar.tables.accounts import User
from sidecar.tables.cases import Block
from sidecar.tables.sponsors import Sponsor, SponsorAsset, Sponsorship, SponsorshipStep
from sidecar.tables.work import Audit
from tests.sidecar.conftest import HIDDEN
from tests.sidecar.sponsoring import (
    FORM,
    GOOD,
    TEAM,
    applied,
    approve,
    desk,
    link_in,
    mails,
    newest,
    offer,
    page_of,
    take,
)
from tests.sidecar.tables import plain


def hidden_in(page):
    return {name: unescape(value) for name, value in HIDDEN.findall(page.text)}


@pytest.mark.row("S106", "S196")
def test_an_application_is_in_the_list_of_the_staff_at_once_and_both_sides_get_a_mail(service):
    offer(service)
    staff = desk(service)

    service.browser().send(FORM, **GOOD)

    assert "Ada &amp; Sons" in staff.get("/admin/sponsors").text
    assert [mail.template for mail in mails(service)] == ["sponsor-received"]
    (told,) = mails(service, TEAM)
    assert told.template == "sponsor-new"
    assert "Ada & Sons has applied: Visionary, 154,000 US dollars a year." in told.text


@pytest.mark.row("S105", "S177")
def test_staff_see_every_field_that_was_handed_in(service):
    applied(service)

    page = desk(service).get(page_of(newest(service))).text

    shown = [value for name, value in GOOD.items() if name not in ("level", "addons", "company")]
    assert [value for value in shown if value not in page] == []
    assert "Visionary: 150,000 US dollars" in page
    assert "<li>A mention</li>" in page
    assert "Lunch: 4,000 US dollars" in page


def test_the_first_mail_repeats_nothing_that_was_typed(service):
    offer(service)

    service.browser().send(FORM, **{**GOOD, "company": "Buy pills"})

    (mail,) = mails(service)
    assert "pills" not in mail.subject + mail.text
    assert [value for value in ("Rua 1", "They bake.", "Visionary") if value in mail.text] == []


@pytest.mark.row("S107")
def test_whoever_chooses_a_level_reads_what_it_brings(service):
    offer(service)

    page = service.browser().get(FORM).text

    assert "Visionary: 150,000 US dollars a year.<br><small>A mention.</small></label>" in page
    assert "Partner: 10,000 US dollars a year</label>" in page


def test_the_price_is_worked_out_by_the_server(service):
    offer(service)
    browser = service.browser()
    typed = {"level": "visionary", "addons": ["lunch"], "company": "Ada & Sons"}

    priced = browser.post(f"{FORM}/price", {**token_of(browser.get(FORM)), **typed})

    assert priced.status_code == 200
    assert "154,000 US dollars a year" in priced.text
    assert 'value="Ada &amp; Sons"' in priced.text
    assert service.rows(select(Sponsorship)) == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"level": "visionary", "addons": ["lunch", "sprint"]}, "exclude each other."),
        ({"level": "", "addons": []}, "Choose a level, or something that stands alone."),
    ],
)
def test_of_a_price_only_what_it_needs_is_asked_for(service, typed, told):
    offer(service)
    browser = service.browser()

    answer = browser.post(f"{FORM}/price", {**token_of(browser.get(FORM)), **typed})

    assert answer.status_code == 422
    assert told in answer.text
    assert set(re.findall(r'href="#(\w+)"', answer.text)) <= {"main", "level", "addons"}
    assert "Fill this in" not in answer.text


def token_of(answer):
    return {"form_token": re.search(r'name="form_token" value="([^"]+)"', answer.text)[1]}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"company": ""}, "Company or organisation: fill this in"),
        ({"sender": "ada"}, "Your e-mail address: must be written like ada@example.org"),
        ({"level": "", "addons": []}, "Level: choose a level, or something that stands alone."),
        ({"addons": ["lunch", "sprint"]}, "Besides that: “Lunch” and “Sprint” exclude each other."),
        ({"website": "javascript:alert(1)"}, "Website of the company: must be written like"),
        ({"company": "a\x00b"}, "Company or organisation:"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(service, typed, told):
    offer(service)

    answer = service.browser().send(FORM, **{**GOOD, **typed})

    assert answer.status_code == 422
    assert told in answer.text
    assert "Soon, please." in answer.text
    assert service.rows(select(Sponsorship)) == []


def test_a_machine_that_fills_in_everything_is_told_the_same_and_nothing_is_kept(service):
    offer(service)

    answer = service.browser().send(FORM, **{**GOOD, "homepage": "x"})

    assert answer.headers["location"] == f"{FORM}/sent"
    assert service.rows(select(Sponsorship)) == []


def test_the_same_application_sent_twice_is_one(service):
    offer(service)
    service.browser().send(FORM, **GOOD)
    service.browser().send(FORM, **GOOD)

    assert len(service.rows(select(Sponsorship))) == 1
    assert len(mails(service)) == 1


@pytest.mark.row("S331")
def test_the_same_company_may_apply_again_and_is_one_sponsor(service):
    applied(service)
    applied(service, level="partner", company="ada  & SONS", sender="eve@ada.example")

    first, second = service.rows(select(Sponsorship).order_by(Sponsorship.id))

    assert len(service.rows(select(Sponsor))) == 1
    page = desk(service).get(page_of(second)).text
    assert f'href="/admin/sponsors/{first.id}"' in page


def test_nobody_else_sees_the_page_of_a_sponsorship(service):
    sponsor = applied(service)

    assert sponsor.get(sponsor.page).status_code == 200
    assert service.browser().get(sponsor.page).status_code == 404


def test_opening_a_link_changes_nothing_until_the_button_is_pressed(service):
    offer(service)
    service.browser().send(FORM, **GOOD)

    service.browser().get(link_in(mails(service)[0]))

    assert newest(service).confirmed_at is None


def test_a_link_that_never_was_says_so(service):
    assert service.get(f"{FORM}/open?token=x").status_code == 410


def test_before_the_address_is_confirmed_nothing_is_approved(service):
    offer(service)
    service.browser().send(FORM, **GOOD)

    answer = approve(desk(service), service)

    assert answer.status_code == 409
    assert "Nobody has opened the link" in answer.text
    assert newest(service).state == "applied"


@pytest.mark.row("S106", "S330")
def test_approving_sets_the_time_tells_the_sponsor_and_asks_for_what_is_missing(service):
    sponsor = applied(service)

    answer = approve(desk(service), service)

    assert answer.status_code == 303
    row = newest(service)
    assert (row.state, row.price, str(row.start), str(row.end), row.locked) == (
        "approved", 150_000, "2026-12-01", "2027-11-30", True,
    )  # fmt: skip
    mail = mails(service)[-1]
    assert mail.template == "sponsor-approved"
    assert "from 1 December 2026 to 30 November 2027, for 150,000 US dollars" in mail.text
    assert [one.slug for one in service.rows(select(SponsorAsset))] == ["post", "white"]
    assert "Your application is approved." in sponsor.get(sponsor.page).text


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ({"end": "2026-12-01"}, 409, "The last day must come after the first one."),
        ({"start": "soon"}, 422, "Must be a day, as 2026-05-14"),
        ({"price": "-1"}, 422, "Must be a larger number: at least 0"),
    ],
)
def test_an_approval_that_cannot_be_says_why(service, typed, status, told):
    applied(service)

    answer = approve(desk(service), service, **typed)

    assert answer.status_code == status
    assert told in answer.text
    assert newest(service).state == "applied"


@pytest.mark.row("S330")
def test_a_rejection_needs_a_reason_and_mails_it(service):
    sponsor = applied(service)
    staff = desk(service)

    without = take(staff, service, "reject")
    take(staff, service, "reject", reason="We know you <b>not</b>.")

    assert without.status_code == 409
    assert newest(service).state == "rejected"
    assert mails(service)[-1].template == "sponsor-rejected"
    assert "We know you <b>not</b>." in mails(service)[-1].text
    assert "<b>not</b>" not in mails(service)[-1].html
    assert "We know you &lt;b&gt;not&lt;/b&gt;." in sponsor.get(sponsor.page).text


def test_what_is_rolled_back_can_be_changed_again(service):
    sponsor = applied(service)
    staff = desk(service)
    approve(staff, service)
    locked = sponsor.get(sponsor.page).text

    take(staff, service, "roll back", reason="Choose lunch, too.")

    assert f'href="{sponsor.page}/change"' not in locked
    assert mails(service)[-1].template == "sponsor-rolled-back"
    sponsor.send(f"{sponsor.page}/change", **{**GOOD, "addons": []})
    row = newest(service)
    assert (row.state, row.price, row.terms["addons"]) == ("applied", 150_000, [])


@pytest.mark.row("S106")
def test_each_step_has_a_line_with_its_moment_and_one_in_the_audit_log(service):
    applied(service)
    staff = desk(service)
    for step in ("lock", "unlock"):
        take(staff, service, step)
    take(staff, service, "note", reason="A good one.")
    take(staff, service, "reject", reason="No.")

    steps = service.rows(select(SponsorshipStep).order_by(SponsorshipStep.id))
    noted = service.rows(
        select(Audit).where(Audit.subject.like("sponsorships/%")).order_by(Audit.id)
    )

    assert [step.step for step in steps] == ["apply", "lock", "note", "reject"]
    assert [one.action for one in noted] == [f"sponsorship {step.step}" for step in steps]
    assert noted[-1].changes["state"] == ["applied", "rejected"]
    assert "A good one." not in str([one.changes for one in noted])
    assert "A good one." in staff.get(page_of(newest(service))).text


def test_a_note_of_the_staff_is_not_shown_to_the_sponsor(service):
    sponsor = applied(service)

    take(desk(service), service, "note", reason="Between us.")

    assert "Between us." not in sponsor.get(sponsor.page).text


def test_who_decides_about_what_was_changed_meanwhile_is_told(service):
    sponsor = applied(service)
    staff = desk(service)
    page = staff.get(page_of(newest(service)))
    sponsor.send(f"{sponsor.page}/change", **{**GOOD, "city": "Porto"})

    answer = staff.submit(page, f"{page_of(newest(service))}/step", step="reject", reason="No.")

    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert newest(service).state == "applied"


def test_of_two_who_want_the_last_one_the_second_is_told(service):
    applied(service)
    applied(service, company="Bo", sender="bo@bo.example")
    first, second = service.rows(select(Sponsorship).order_by(Sponsorship.id))
    staff = desk(service)

    approve(staff, service, first)
    answer = approve(staff, service, second)

    assert answer.status_code == 409
    assert "“Lunch” is taken" in answer.text
    form = service.browser().send(FORM, **{**GOOD, "company": "Cy"})
    assert "“Lunch” is taken for this year." in form.text


def test_a_sponsor_takes_its_application_back(service):
    sponsor = applied(service)

    sponsor.send(sponsor.page, f"{sponsor.page}/withdraw")

    assert newest(service).state == "withdrawn"
    assert mails(service, TEAM)[-1].template == "sponsor-withdrawn"


@pytest.mark.parametrize(
    ("act", "typed"),
    [("price", {}), ("price", {"level": "nothing"}), ("preview", {"website": "no address"})],
    ids=str,
)
def test_a_change_that_is_looked_at_first_is_still_a_change(service, act, typed):
    sponsor = applied(service)

    page = sponsor.get(f"{sponsor.page}/change")
    shown = sponsor.post(f"{sponsor.page}/{act}", {**hidden_in(page), **GOOD, **typed})
    answer = sponsor.submit(shown, f"{sponsor.page}/change", **{**GOOD, "phone": "+351 4"})

    assert f'formaction="{sponsor.page}/{act}"' in page.text
    assert "Change your application" in shown.text
    assert answer.headers["location"] == sponsor.page
    assert [row.payload["phone"] for row in service.rows(select(Sponsorship))] == ["+351 4"]


def test_what_is_offered_to_nobody_any_more_stays_with_who_has_it(service):
    sponsor = applied(service)
    offer(service, levels=[{"slug": "other", "title": "Other"}], addons=[])

    form = sponsor.get(f"{sponsor.page}/change").text
    answer = sponsor.send(f"{sponsor.page}/change", **{**GOOD, "phone": "+351 5"})

    assert 'value="visionary" checked' in form
    assert 'value="lunch" checked' in form
    assert answer.status_code == 303
    row = newest(service)
    assert (row.payload["phone"], row.level, row.price) == ("+351 5", "visionary", 154_000)


def test_what_was_agreed_stays_whatever_is_offered_later(service):
    sponsor = applied(service)
    offer(service, levels=[{"slug": "visionary", "title": "Visionary", "amount": 1}])
    service.write(lambda tx: tx.execute(update(Sponsorship).values(locked=False)))

    sponsor.send(f"{sponsor.page}/change", **{**GOOD, "city": "Porto"})

    row = newest(service)
    assert (row.payload["city"], row.price) == ("Porto", 154_000)


@pytest.mark.parametrize("role", ["", "jobs team"])
def test_only_the_team_sees_sponsors_at_the_desk(service, role):
    applied(service)

    browser = service.signed_in(role=role)

    assert browser.get("/admin/sponsors").status_code == 403
    assert browser.get(page_of(newest(service))).status_code == 403


def test_a_second_form_of_a_sponsor_says_what_changed_and_keeps_what_was_typed(service):
    sponsor = applied(service)
    page = sponsor.get(f"{sponsor.page}/change")
    sponsor.send(f"{sponsor.page}/change", **{**GOOD, "city": "Porto"})

    answer = sponsor.submit(page, f"{sponsor.page}/change", **{**GOOD, "phone": "+351 2"})

    assert answer.status_code == 422
    assert re.search(r"City</th><td[^>]*><mark>Porto</mark>", plain(answer.text))
    assert 'value="+351 2"' in answer.text
    assert newest(service).payload["city"] == "Porto"
    sponsor.submit(answer, f"{sponsor.page}/change", **{**GOOD, "phone": "+351 2"})
    assert newest(service).payload["phone"] == "+351 2"


@pytest.mark.row("S106")
def test_an_application_is_kept_as_a_draft_and_handed_in_later(service):
    offer(service)
    hidden = token_of(service.get(FORM))
    half = {"company": "Ada & Sons", "sender": "ada@ada.example", "level": "visionary"}

    link = service.post(f"{FORM}/draft", {**hidden, **half}).headers["location"]

    (mail,) = mails(service)
    assert mail.template == "draft-kept"
    ada = service.signed_in(user=service.account(email="ada@ada.example"))
    assert "Ada &amp; Sons</a>" in ada.get("/account/submissions").text
    shown = ada.get(link)
    assert 'value="Ada &amp; Sons"' in shown.text
    assert re.search(r'value="visionary" checked', shown.text)
    assert ada.submit(shown, FORM, **GOOD).headers["location"] == f"{FORM}/sent"
    assert ada.get(link).status_code == 410


def test_of_a_blocked_sender_no_application_is_taken_and_nothing_typed_is_lost(service):
    offer(service)
    service.write(_block)

    answer = service.send(FORM, **GOOD)

    assert answer.status_code == 422
    assert 'id="sender-error"' in answer.text
    assert "They bake." in answer.text
    assert service.rows(select(Sponsorship)) == []


async def _block(tx):
    tx.add(Block(value="ada.example", reason="Pills"))


def test_without_work_of_the_browser_a_network_sends_so_many_applications(service, monkeypatch):
    monkeypatch.setattr("sidecar.stamps.WITHOUT", 1)
    offer(service)
    service.send(FORM, **GOOD)

    answer = service.send(FORM, **{**GOOD, "company": "Bo & Sons"})

    assert answer.status_code == 422
    assert "tried too often" in answer.text
    assert [one.payload["company"] for one in service.rows(select(Sponsorship))] == ["Ada & Sons"]


@pytest.mark.parametrize("own", [{"employers": "Owl\nada & sons"}, {"email": "bea@ada.example"}])
def test_nobody_of_the_staff_decides_about_their_own_company(service, own):
    applied(service)
    staff = desk(service)
    page = page_of(newest(service))
    opened = staff.get(page)
    service.write(lambda tx: tx.execute(update(User).where(User.id == staff.user).values(**own)))
    year = {"start": "2026-12-01", "end": "2027-11-30", "price": "1"}

    approved = staff.submit(opened, f"{page}/approve", **year)
    rejected = staff.submit(opened, f"{page}/step", step="reject", reason="Not now.")
    noted = staff.submit(opened, f"{page}/step", step="note", reason="I work there.")

    assert [one.status_code for one in (approved, rejected, noted)] == [409, 409, 303]
    shown = staff.get(page).text
    for text in (approved.text, rejected.text, shown):
        assert "somebody else decides" in text
    assert f'action="{page}/approve"' not in shown
    assert 'value="reject"' not in shown
    assert newest(service).state == "applied"
