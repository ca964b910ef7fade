"""The links of mails: each does one thing, until it ends or is ended."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import delete, select, update

from sidecar import cases
from sidecar.clock import now
from sidecar.limits import MAILS_TO
from sidecar.tables.cases import CaseLink, Decision, LinkFor, Submission
from sidecar.tables.work import Mail
from tests.sidecar import sponsoring
from tests.sidecar import test_nominations as nominating
from tests.sidecar.test_cases import FORM, GOOD, handed_in, link_in, mails, only

CONFIRM, OPEN, LINKS = "/submit/confirm", "/submit/open", "/submit/links"
AGAIN = f"{LINKS}/again"


def token_in(mail):
    return link_in(mail).partition("token=")[2]


def post(browser, act, token):
    """Send a token to an address, whatever its link was for."""
    return browser.post(act, {"token": token, "form_token": form_token(browser)})


def form_token(browser):
    shown = browser.get(LINKS).text
    return shown.partition('name="form_token" value="')[2].partition('"')[0]


@pytest.mark.row("S019")
def test_a_link_that_confirms_opens_nothing_and_says_what_it_is_for(service):
    author = service.browser()
    author.send(FORM, **GOOD)
    token = token_in(mails(service)[0])
    page = f"/submit/job/{only(service).public_id}"

    looked, pressed = author.get(f"{OPEN}?token={token}"), post(author, OPEN, token)
    author.client.cookies.set(f"case-{only(service).public_id}", token, domain="test.example")

    for answer in (looked, pressed):
        assert answer.status_code == 409
        assert "This link hands a job in, and does nothing else." in answer.text
        assert f'href="{CONFIRM}?token={token}"' in answer.text
        assert "set-cookie" not in answer.headers or "case-" not in answer.headers["set-cookie"]
    assert author.get(page).status_code == 404
    assert only(service).state == "unconfirmed"


@pytest.mark.row("S019")
def test_a_link_that_opens_confirms_nothing_and_says_what_it_is_for(service):
    handed_in(service)
    token = token_in(mails(service)[1])
    stranger = service.browser()

    looked, pressed = stranger.get(f"{CONFIRM}?token={token}"), post(stranger, CONFIRM, token)

    for answer in (looked, pressed):
        assert answer.status_code == 409
        assert "Yes, hand it in" not in answer.text
        assert "A job was handed in already. This link opens its page" in answer.text
        assert f'href="{OPEN}?token={token}"' in answer.text
    assert len(service.rows(select(Decision))) == 1


@pytest.mark.row("S003")
def test_a_second_click_on_the_button_leads_where_the_first_did(service):
    author = service.browser()
    author.send(FORM, **GOOD)
    link = link_in(mails(service)[0])
    shown = author.get(link)
    first = author.submit(shown, CONFIRM)

    second = author.submit(shown, CONFIRM)

    assert second.status_code == first.status_code == 303
    assert second.headers["location"] == first.headers["location"]
    told = author.get(second.headers["location"]).text
    assert "Thank you. It is in the queue now." in told
    assert "works no more" not in told
    assert [mail.template for mail in mails(service)] == ["case-confirm", "case-received"]


def test_a_link_that_has_confirmed_long_ago_says_so_and_where_a_new_one_is(service):
    handed_in(service)
    token = token_in(mails(service)[0])
    at = now() - datetime.timedelta(minutes=11)
    service.write(lambda tx: tx.execute(update(Submission).values(handed_in=at)))
    stranger = service.browser()

    answers = [
        stranger.get(f"{CONFIRM}?token={token}"), stranger.get(f"{OPEN}?token={token}"),
        post(stranger, CONFIRM, token), post(stranger, OPEN, token),
    ]  # fmt: skip

    for answer in answers:
        assert answer.status_code == 410
        assert "<h1>Your job was handed in</h1>" in answer.text
        assert "“Baker of bytes” was handed in <time" in answer.text
        assert "case-" not in answer.headers.get("set-cookie", "")
        assert GOOD["sender"] not in answer.text
    for answer in (answers[0], answers[3]):
        stranger.submit(answer, AGAIN)
        assert mails(service)[-1].template == "case-links"
        service.write(lambda tx: tx.execute(delete(Mail)))


def test_who_has_links_sent_by_a_link_is_told_the_same_and_held_back_as_by_the_address(service):
    handed_in(service)
    spent = token_in(mails(service)[0])
    stranger = service.browser()

    known, unknown = post(stranger, AGAIN, spent), post(stranger, AGAIN, "nothing")
    told = [stranger.get(answer.headers["location"]).text for answer in (known, unknown)]
    more = {
        token: [post(stranger, AGAIN, token).status_code for _ in range(MAILS_TO)]
        for token in (spent, "nothing")
    }

    assert [mail.template for mail in mails(service)].count("case-links") == MAILS_TO
    assert known.headers["location"] == unknown.headers["location"] == LINKS
    assert "a mail is on its way" in told[0]
    assert GOOD["sender"] not in told[0]
    for statuses in more.values():
        assert statuses == [303] * (MAILS_TO - 1) + [429]


def test_a_link_that_only_shows_something_has_nothing_sent(service):
    handed_in(service)
    case = only(service)
    glance = service.write(lambda tx: cases.make_link(tx, case, LinkFor.GLANCE))
    before = len(mails(service))

    answer = post(service.browser(), AGAIN, glance)

    assert answer.headers["location"] == LINKS
    assert len(mails(service)) == before


def test_of_what_is_no_link_the_address_is_asked_for(service):
    answer = post(service.browser(), AGAIN, "x" * 101)

    assert answer.status_code == 422
    assert "Your e-mail address" in answer.text


def test_a_link_that_has_confirmed_leads_whoever_looks_after_it_to_the_page_of_it(service):
    author = handed_in(service)

    answer = author.get(f"{CONFIRM}?token={token_in(mails(service)[0])}")

    assert "This link is for something else" not in answer.text
    assert f'href="{author.page}">Go on to its page</a>' in answer.text


def test_once_all_links_are_ended_a_second_click_opens_nothing(service):
    author = handed_in(service)
    token = token_in(mails(service)[0])
    author.send(author.page, f"{author.page}/end-links")

    answer = post(service.browser(), CONFIRM, token)

    assert answer.status_code == 410


def test_links_of_before_they_had_a_purpose_go_on_working(service):
    author = service.browser()
    author.send(FORM, **GOOD)
    without = update(CaseLink).values(purpose="")
    service.write(lambda tx: tx.execute(without))
    first = token_in(mails(service)[0])

    opened = post(author, OPEN, first)
    confirmed = post(author, CONFIRM, first)
    second = token_in(mails(service)[1])
    opens = CaseLink.purpose == "open"
    service.write(lambda tx: tx.execute(without.where(opens)))
    stranger = service.browser()

    assert opened.status_code == 409
    assert confirmed.status_code == 303
    assert post(stranger, OPEN, second).status_code == 303
    assert stranger.get(confirmed.headers["location"]).status_code == 200


@pytest.mark.row("S019")
def test_a_sponsor_ends_all_links_and_gets_a_new_one(service):
    sponsor = sponsoring.applied(service)
    page = sponsoring.newest(service).public_id
    page = f"{sponsoring.FORM}/{page}"
    link = sponsoring.link_in(sponsoring.mails(service)[0])
    assert sponsor.get(page).status_code == 200

    ended = sponsor.send(page, f"{page}/end-links")

    assert ended.headers["location"] == LINKS
    assert sponsor.get(page).status_code == 404
    assert service.browser().get(link).status_code == 410
    sponsor.send(LINKS, email=sponsoring.GOOD["sender"])
    mail = sponsoring.mails(service)[-1]
    assert mail.template == "case-links"
    assert "Ada & Sons" in mail.text
    new = sponsoring.link_in(mail)
    assert sponsor.send(new, f"{sponsoring.FORM}/open").headers["location"] == page


@pytest.mark.row("S019")
def test_a_nominee_ends_all_links_and_gets_a_new_one(service, tmp_path):
    nominating.Site(tmp_path).hold(-5, 9)
    grace = nominating.nominated(service)
    page, address = nominating.page(service), nominating.OTHER["who"]
    link = nominating.LINK.search(nominating.mails(service, address)[0].text)[1]
    assert grace.get(page).status_code == 200

    ended = grace.send(page, f"{page}/end-links")

    assert ended.headers["location"] == LINKS
    assert grace.get(page).headers["location"].startswith("/account/sign-in")
    assert service.browser().get(link).status_code == 410
    grace.send(LINKS, email=address)
    mail = nominating.mails(service, address)[-1]
    assert mail.template == "case-links"
    new = nominating.LINK.search(mail.text)[1]
    assert grace.send(new, "/nominate/open").headers["location"] == page


def test_who_only_nominated_ends_no_links_of_the_nominee(service, tmp_path):
    nominating.Site(tmp_path).hold(-5, 9)
    grace = nominating.nominated(service)
    page = nominating.page(service)
    bea = service.signed_in(name="bea")
    assert bea.send(nominating.FORM, **nominating.OTHER).headers["location"] == page
    shown = bea.get(page)

    answer = bea.post(f"{page}/end-links", {"form_token": form_token(bea)})

    assert "End all links" not in shown.text
    assert answer.status_code == 404
    assert grace.get(page).status_code == 200


def test_an_address_that_nobody_confirmed_is_sent_no_links_of_a_sponsor(service):
    sponsoring.offer(service)
    browser = service.browser()
    browser.send(sponsoring.FORM, **sponsoring.GOOD)

    browser.send(LINKS, email=sponsoring.GOOD["sender"])

    assert [mail.template for mail in sponsoring.mails(service)] == ["sponsor-received"]
