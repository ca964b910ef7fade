"""Every letter that there is, as somebody gets it; and every link in each answers 200 (P19)."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from sidecar.authors import remind_due
from sidecar.clock import now
from sidecar.drafts import archive_due
from sidecar.identities import connect
from sidecar.letters import LETTERS, elections
from sidecar.mail import pieces_of
from sidecar.providers import Told
from sidecar.rates import Rates
from sidecar.tables.accounts import User
from sidecar.tables.cases import Draft, Submission
from sidecar.tables.work import Limit, Mail
from tests.sidecar import sponsoring
from tests.sidecar.conftest import PASSWORD
from tests.sidecar.test_cases import FORM, decide, only, published
from tests.sidecar.test_cases import GOOD as JOB
from tests.sidecar.test_cases import link_in as case_link
from tests.sidecar.test_cases import mails as case_mails
from tests.sidecar.test_drafts import LONG_AGO, keep
from tests.sidecar.test_register import follow, link_in, mails
from tests.sidecar.test_security import set_up
from tests.sidecar.test_sponsor_contracts import sign

# Their links are opened where their stories are told: test_nominations.py, test_events.py and
# test_cases.py and test_holds.py.
ELSEWHERE = {*elections.LETTERS, "case-begins", "case-overtaken", "case-waiting", "sponsor-due"}
OURS = ("/account/", "/admin/", "/submit/")
REGISTER, FORGOTTEN = "/account/register", "/account/forgotten"
ADA = {"name": "ada", "email": "ada@example.org", "password": PASSWORD}


def in_account(service):
    """Register, confirm, be forgotten by oneself, and change all that can be changed."""
    service.send(REGISTER, **ADA)
    yield
    follow(service, link_in(mails(service)[0]))
    service.send("/account/confirm/again", email=ADA["email"])
    service.browser().send(REGISTER, **{**ADA, "name": "mallory"})
    service.send(FORGOTTEN, email=ADA["email"])
    service.send(FORGOTTEN, email="nobody@example.org")
    yield
    (ada,) = service.rows(select(User))
    browser = service.signed_in(user=ada.id, name="ada")
    browser.send("/account/password", password="four dry socks")
    browser.send("/account/address", email="ada@new.example")
    yield
    follow(browser, link_in(mails(service, "ada@new.example")[0]))
    set_up(browser)
    yield
    told = Told(provider="github", subject="1", name="ada", full_name="", email="ada@new.example")
    service.write(lambda tx: connect(tx, service.settings, ada, told))
    bea = service.signed_in(name="bea")
    bea.send("/account/data", "/account/data/delete", name="bea")
    yield


def handed_in_and_decided(service, site):
    """A job that is confirmed, shown, reminded of, changed and taken down; and one not taken."""
    author, moderator = service.browser(), service.signed_in(role="jobs team", name="mod")
    keep(author, **JOB)
    service.write(lambda tx: tx.execute(update(Draft).values(updated=LONG_AGO)))
    service.write(lambda tx: archive_due(tx, service.settings))
    yield
    author.send(FORM, **JOB)
    yield
    page = follow(author, case_link(case_mails(service)[-1])).headers["location"]
    yield
    published(service, site, moderator)
    yield
    soon = now() + datetime.timedelta(days=3)
    service.write(lambda tx: tx.execute(update(Submission).values(ends=soon)))
    service.write(lambda tx: remind_due(tx, service.settings))
    author.send("/submit/links", email=JOB["sender"])
    author.send(f"{page}/change", **{**JOB, "title": "Casino"})
    decide(moderator, service, "refuse", reason="That is another job.", at_once="on")
    yield
    decide(moderator, service, "take down", reason="It is a casino.", at_once="on")
    yield
    author.send(f"{page}/change", **JOB)
    decide(moderator, service, "reject", reason="It is a casino.", at_once="on")
    yield


def sponsored(service):
    """A sponsorship that is rolled back, rejected, agreed on, signed and executed; one taken back."""
    sponsoring.offer(service)
    sponsor, staff = service.browser(), sponsoring.desk(service)
    sponsor.send(sponsoring.FORM, **sponsoring.GOOD)
    yield
    sponsoring.opened(service, sponsor)
    for step in ("roll back", "reject"):
        sponsoring.approve(staff, service)
        yield
        sponsoring.take(staff, service, step, reason="The logo is somebody else's.")
        yield
    sponsoring.take(staff, service, "roll back", reason="It is theirs after all.")
    sponsoring.approve(staff, service)
    page = sponsoring.page_of(sponsoring.newest(service))
    staff.send(f"{page}/send", f"{page}/send")
    yield
    sponsoring.take(staff, service, "nullify", reason="A wrong price.")
    staff.send(f"{page}/send", f"{page}/send")
    sign(sponsor)
    yield
    staff.send(f"{page}/execute", f"{page}/execute")
    yield
    again = sponsoring.applied(service, company="Bea", sender="bea@bea.example", addons=[])
    again.send(again.page, f"{again.page}/withdraw")
    yield


def of_staff(service):
    """What staff send."""
    root = service.signed_in(role="superuser", name="root")
    root.send("/admin/mail/letters/test", "/admin/mail/letters/test/test", to="me@work.example")
    typed = {"audience": "addresses", "addresses": "a@a.example", "subject": "Hi", "text": "Hi"}
    looked = root.send("/admin/mail/news", **typed)
    root.submit(looked, "/admin/mail/news", **typed, then="send")
    yield


def answer_of(service, site, address):
    """What somebody gets who follows a link, without being signed in."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == service.settings.url, address
    if not parts.path.startswith(OURS):
        return 200 if parts.path in site.pages() else 404
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    service.app.inner.state.rates = Rates()
    return service.browser().get(path, follow=True).status_code


@pytest.mark.row("S251")
def test_every_link_in_every_mail_answers(service, site):
    seen, broken, written = set(), [], set()
    site.build(now())

    stories = (in_account(service), handed_in_and_decided(service, site), sponsored(service),
               of_staff(service))  # fmt: skip
    for story in stories:
        for _ in story:
            service.app.inner.state.rates = Rates()
            service.write(lambda tx: tx.execute(Limit.__table__.delete()))
            for mail in service.rows(select(Mail).where(Mail.id.not_in(seen))):
                seen.add(mail.id)
                written.add(mail.template)
                links = [piece for piece, is_address in pieces_of(mail.text) if is_address]
                broken += [(mail.template, link) for link in links
                           if answer_of(service, site, link) != 200]  # fmt: skip

    assert broken == []
    assert only(service).id == 1
    assert written == set(LETTERS) - ELSEWHERE, "tell the way to it in one of the stories above"
