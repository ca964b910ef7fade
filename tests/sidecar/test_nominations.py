"""Elections: nominating, answering, staff, and the way of a nominee to the page of the election."""

from __future__ import annotations

import datetime
import re
import shutil

import pytest
from sqlalchemy import select, update

from sidecar import elections, nominations
from sidecar.clock import now
from sidecar.letters.elections import LETTERS
from sidecar.mail import pieces_of
from sidecar.permissions import Role
from sidecar.tables.accounts import User
from sidecar.tables.elections import Nomination, Nominee
from sidecar.tables.work import Audit, Mail, Task
from sidecar.worker import Worker
from tests.conftest import BUILD_TOML, HOME, ROOT, Project
from tests.sidecar.tables import plain

LINK = re.compile(r"http://test\.example(/nominate/open\?\S+)")
FORM = "/nominate/2027-board"
MYSELF = f"{FORM}/myself"
OTHER = {"name": "Grace Hopper", "who": "grace@navy.example", "why": "She finds every bug."}
STANDING = {
    "name": "Grace Hopper", "statement": "I **sail** again.", "employer": "Navy",
    "previous_service": "2019", "affiliations": "", "agrees": "on",
}  # fmt: skip
DAY = datetime.timedelta(days=1)
LEAD = """
-- content/snippets/elections.md --
---
title: Lead
---
In short.
"""


def election(at, begins, ends) -> str:
    """The file of an election in which nominations are open between two moments, days from one."""
    begin, end = (f"{at + days * DAY:%Y-%m-%dT%H:%M:%SZ}" for days in (begins, ends))
    return f"""
-- content/elections/2027-board.md --
---
title: 2027 board election
kind: board
year: {(at + ends * DAY).year}
nominations_open: {begin}
nominations_close: {end}
---
Four seats.
"""


class Site:
    """The project of the site beside the sidecar, with one election, to be built by the builder."""

    def __init__(self, root) -> None:
        self.project = Project(root)
        for folder in ("templates", "static"):
            shutil.copytree(ROOT / folder, self.project.root / folder)
        nouns = '"pages", "home", "around", "snippets", "elections", "nominees"'
        settings = BUILD_TOML.replace('"pages"', nouns)
        self.project.write(f"-- build.toml --{settings}{HOME}{LEAD}")

    def hold(self, begins, ends, at=None):
        """Let nominations be open between two moments, days from now; build the site."""
        at = at or now()
        self.project.write(election(at, begins, ends))
        self.build(at)

    def build(self, at=None):
        self.project.build(at or now())

    def pages(self):
        return self.project.pages()


@pytest.fixture
def site(service, tmp_path):
    made = Site(tmp_path)
    made.hold(-5, 9)
    return made


def mails(service, to):
    return service.rows(select(Mail).where(Mail.recipient == to).order_by(Mail.id))


def only(service):
    (nominee,) = service.rows(select(Nominee))
    return nominee


def page(service):
    return nominations.page_of(only(service))


def nominated(service, name="ada", **typed):
    """Somebody with an account nominates Grace, who has none; her browser, on her page."""
    service.signed_in(name=name).send(FORM, **{**OTHER, **typed})
    grace = service.browser()
    answer = grace.send(LINK.search(mails(service, OTHER["who"])[0].text)[1], "/nominate/open")
    assert answer.headers["location"] == page(service)
    return grace


def work(service):
    service.run(Worker(service.db, service.settings).drain())


@pytest.mark.row("S115")
def test_who_is_nominated_accepts_and_stands_on_the_site_once_nominations_are_closed(service, site):
    grace = nominated(service)
    assert "She finds every bug." in grace.get(page(service)).text

    grace.send(page(service), f"{page(service)}/accept", **STANDING)
    work(service)
    site.build()
    early = site.pages()
    site.build(now() + 10 * DAY)

    address = f"/nominations/elections/2027-board/nominees/{only(service).public_id}/"
    assert address not in early
    assert address not in grace.get(page(service)).text  # nobody is led to what is not there yet
    late = site.pages()
    assert "I <strong>sail</strong> again." in late[address]
    assert "<dd>ada</dd>" in late[address]
    assert "navy.example" not in late[address]
    assert f'href="{address}"' in late["/nominations/elections/2027-board/"]
    assert [mail.template for mail in mails(service, "grace@navy.example")] == [
        "nomination-asked", "nomination-stands",
    ]  # fmt: skip
    assert [mail.template for mail in mails(service, "ada@example.org")] == [
        "nomination-received", "nomination-answered",
    ]  # fmt: skip


@pytest.mark.row("S115")
def test_who_declines_is_shown_nowhere_and_who_nominated_is_told(service, site):
    grace = nominated(service)

    answer = grace.send(page(service), f"{page(service)}/decline")
    work(service)
    site.build(now() + 10 * DAY)

    assert answer.status_code == 303
    assert only(service).answer == "declined"
    assert [text for text in site.pages().values() if "Grace" in text] == []
    assert "does not stand" in mails(service, "ada@example.org")[-1].text


def test_who_declined_may_accept_as_long_as_nominations_are_open(service, site):
    grace = nominated(service)
    grace.send(page(service), f"{page(service)}/decline")

    grace.send(page(service), f"{page(service)}/accept", **STANDING)

    assert only(service).answer == "accepted"


@pytest.mark.row("S115")
def test_one_account_nominates_somebody_once_and_may_change_its_words(service, site):
    ada = service.signed_in()
    ada.send(FORM, **OTHER)

    again = ada.send(FORM, **{**OTHER, "who": "Grace@NAVY.example", "why": "She sails."})

    assert again.headers["location"] == page(service)
    assert "nominated them already" in ada.get(page(service)).text
    assert [n.why for n in service.rows(select(Nomination))] == ["She sails."]
    assert len(mails(service, "grace@navy.example")) == 1


def test_who_nominates_again_without_a_reason_keeps_the_one_that_was_given(service, site):
    ada = service.signed_in()
    ada.send(FORM, **{**OTHER, "why": "She sails."})

    ada.send(FORM, **{**OTHER, "why": ""})

    assert "nominated them already." in ada.get(page(service)).text
    assert [n.why for n in service.rows(select(Nomination))] == ["She sails."]


def test_several_may_nominate_one_who_is_asked_once(service, site):
    nominated(service)

    service.signed_in(name="mary").send(FORM, **OTHER)

    assert len(service.rows(select(Nomination))) == 2
    assert len(service.rows(select(Nominee))) == 1
    assert len(mails(service, "grace@navy.example")) == 1


def test_who_nominates_themselves_stands_at_once(service, site):
    ada = service.signed_in()

    ada.send(MYSELF, **{**STANDING, "name": "Ada Lovelace"})

    nominee = only(service)
    assert (nominee.name, nominee.answer, nominee.user_id) == ("Ada Lovelace", "accepted", ada.user)
    assert "You stand in this election." in ada.get(page(service)).text
    assert [mail.template for mail in mails(service, "ada@example.org")] == ["nomination-stands"]


def test_one_is_nominated_by_the_name_of_an_account_whose_address_is_told_to_nobody(service, site):
    service.account("grace", email="secret@navy.example")
    ada = service.signed_in()

    ada.send(FORM, **{**OTHER, "who": "grace"})

    assert [mail.template for mail in mails(service, "secret@navy.example")] == ["nomination-asked"]
    assert "secret@navy.example" not in ada.get(page(service)).text


def test_who_has_an_account_answers_with_it_and_finds_it_there(service, site):
    service.signed_in().send(FORM, **{**OTHER, "who": "grace@example.org"})
    grace = service.signed_in(name="grace")

    assert page(service) in grace.get("/account/nominations").text
    grace.send(page(service), f"{page(service)}/accept", **STANDING)

    assert (only(service).answer, only(service).user_id) == ("accepted", grace.user)


@pytest.mark.row("S115")
@pytest.mark.parametrize(
    ("begins", "ends", "word"), [(2, 9, "are"), (-9, -2, "were")], ids=["before", "after"]
)
def test_outside_the_window_everything_is_refused_with_the_dates(service, site, begins, ends, word):
    grace = nominated(service)
    mary, at = service.signed_in(name="mary"), page(service)
    shown = {path: mary.get(path) for path in (FORM, MYSELF)} | {at: grace.get(at)}
    site.hold(begins, ends)
    (election,) = elections.known(service.settings.site)
    first, last = election.nominations_open, election.nominations_close
    window = f"{word} open from {elections.moment(first)} until {elections.moment(last)}."

    answers = [
        mary.submit(shown[FORM], FORM, **OTHER),
        mary.submit(shown[MYSELF], MYSELF, **STANDING),
        grace.submit(shown[at], f"{at}/accept", **STANDING),
        grace.submit(shown[at], f"{at}/decline"),
    ]

    assert [answer.status_code for answer in answers] == [409] * 4
    for answer in answers:
        assert window in answer.text
    assert "I **sail** again." in answers[1].text
    assert only(service).answer == "asked"
    assert len(service.rows(select(Nomination))) == 1
    assert window in service.get(FORM).text


def test_the_window_is_to_the_second(service, site):
    (election,) = elections.known(service.settings.site)
    begin, end = election.nominations_open, election.nominations_close
    second = datetime.timedelta(seconds=1)

    words = [
        elections.state_of(election, at).name for at in (begin - second, begin, end - second, end)
    ]

    assert words == ["soon", "open", "open", "closed"]


def test_the_words_of_a_nominee_can_be_changed_until_nominations_are_closed(service, site):
    grace = nominated(service)
    grace.send(page(service), f"{page(service)}/accept", **STANDING)

    grace.send(page(service), f"{page(service)}/accept", **{**STANDING, "statement": "I rest."})

    assert only(service).statement == "I rest."
    assert len(mails(service, "ada@example.org")) == 2
    assert "You stand" in grace.get(page(service)).text


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"who": "nobody-here"}, "who", "Nobody is called nobody-here here"),
        ({"who": "grace hopper"}, "who", "Must be written like"),
        ({"who": "ada@example.org"}, "who", "That is you"),
        ({"who": "ada"}, "who", "That is you"),
        ({"name": ""}, "name", "Fill this in"),
    ],
)
def test_what_is_wrong_with_a_nomination_stands_beside_its_field(service, site, typed, field, told):
    answer = service.signed_in().send(FORM, **{**OTHER, **typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert told in answer.text
    assert "She finds every bug." in answer.text
    assert service.rows(select(Nominee)) == []


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"agrees": ""}, "agrees", "Tick this to stand"),
        ({"statement": "# I am the title"}, "statement", "line 1"),
        ({"employer": "x" * 201}, "employer", "Must be shorter"),
    ],
)
def test_what_is_wrong_with_an_answer_stands_beside_its_field(service, site, typed, field, told):
    grace = nominated(service)

    answer = grace.send(page(service), f"{page(service)}/accept", **{**STANDING, **typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert told in answer.text
    assert only(service).answer == "asked"


def test_the_look_of_it_is_the_real_page_and_nothing_is_kept(service, site):
    ada = service.signed_in()
    shown = ada.get(MYSELF)
    token = re.search(r'name="form_token" value="([^"]+)"', shown.text)[1]

    look = ada.post(f"{FORM}/preview", {**STANDING, "agrees": "", "form_token": token})

    assert "<h1>Grace Hopper</h1>" in look.text
    assert "I <strong>sail</strong> again." in look.text
    assert service.rows(select(Nominee)) == []


def test_who_has_only_a_link_gets_a_faulty_look_back_as_the_form_of_that_link(service, site):
    grace = nominated(service)
    shown = grace.get(page(service))
    at = f"{page(service)}/preview"
    token = re.search(r'name="form_token" value="([^"]+)"', shown.text)[1]
    typed = {**STANDING, "agrees": "", "form_token": token}

    look = grace.post(at, typed)
    wrong = grace.post(at, {**typed, "statement": "# I am the title"})
    kept = grace.submit(wrong, f"{page(service)}/accept", **STANDING)

    assert f'formaction="{at}"' in shown.text
    assert "I <strong>sail</strong> again." in look.text
    assert wrong.status_code == 422
    assert 'id="statement-error"' in wrong.text
    assert "# I am the title</textarea>" in wrong.text
    assert f'value="{STANDING["name"]}"' in wrong.text
    assert f'formaction="{at}"' in wrong.text
    assert "/myself" not in wrong.text
    assert kept.status_code == 303
    assert only(service).answer == "accepted"


def test_a_faulty_look_tells_what_the_types_and_what_the_text_lack_at_once(service, site):
    grace = nominated(service)
    shown = grace.get(page(service))
    token = re.search(r'name="form_token" value="([^"]+)"', shown.text)[1]
    typed = {**STANDING, "employer": "x" * 201, "statement": "# I am the title"}

    look = grace.post(f"{page(service)}/preview", {**typed, "form_token": token})
    sent = grace.submit(shown, f"{page(service)}/accept", **typed)

    for answer in (look, sent):
        assert answer.status_code == 422
        assert 'id="employer-error"' in answer.text
        assert 'id="statement-error"' in answer.text
    assert only(service).answer == "asked"


def test_the_look_of_a_nominee_is_for_the_nominee_only(service, site):
    nominated(service)
    at = f"{page(service)}/preview"

    assert service.browsers[1].post(at, STANDING).status_code == 404
    assert service.post(at, STANDING).status_code == 401


def test_opening_the_link_of_a_mail_changes_nothing(service, site):
    service.signed_in().send(FORM, **OTHER)

    answer = service.get(LINK.search(mails(service, OTHER["who"])[0].text)[1])

    assert "See who nominated you, and answer" in answer.text
    assert only(service).answer == "asked"


def test_the_mail_to_somebody_who_was_nominated_repeats_nothing_that_was_typed(service, site):
    typed = {"name": "Buy pills", "why": "Cheap pills"}
    service.signed_in().send(FORM, **{**OTHER, **typed})

    (mail,) = mails(service, OTHER["who"])

    assert "pills" not in mail.subject + mail.text


def test_a_nomination_is_seen_by_those_it_concerns_only_and_answered_by_the_nominee_only(
    service, site
):
    nominated(service)
    ada = service.browser()
    ada.client.cookies = service.browsers[1].client.cookies

    assert ada.get(page(service)).status_code == 200
    assert ada.post(f"{page(service)}/decline").status_code == 403
    token = re.search(r'name="form_token" value="([^"]+)"', ada.get(FORM).text)[1]
    refused = ada.post(f"{page(service)}/decline", {"form_token": token})
    assert refused.status_code == 404
    assert service.signed_in(name="eve").get(page(service)).status_code == 404
    assert service.get(page(service)).headers["location"].startswith("/account/sign-in")
    assert only(service).answer == "asked"


def test_a_link_that_is_too_old_says_so(service, site):
    assert service.get("/nominate/open?token=nothing").status_code == 410


def test_a_second_form_of_a_nominee_says_what_changed_and_keeps_what_was_typed(service, site):
    grace = nominated(service)
    shown = grace.get(page(service))
    grace.send(page(service), f"{page(service)}/accept", **STANDING)

    other = {**STANDING, "statement": "I fly."}
    answer = grace.submit(shown, f"{page(service)}/accept", **other)

    assert answer.status_code == 422
    stands = re.findall(r'<th scope="row">([^<]+)</th><td[^>]*>(.*?)</td><td', plain(answer.text))
    assert [name[:18] for name, _ in stands] == [
        "I want to stand, m", "Employer", "When you served be", "Your statement",
    ]  # fmt: skip
    assert stands[-1][1] == "I <mark>**sail** again.</mark>"
    assert "I fly.</textarea>" in answer.text
    assert only(service).statement == "I **sail** again."
    grace.submit(answer, f"{page(service)}/accept", **other)
    assert only(service).statement == "I fly."


def let_it_stand(service):
    """Let the half minute be over in which a withdrawal can be undone."""
    before = now() - datetime.timedelta(minutes=1)
    service.write(lambda tx: tx.execute(update(Nominee).values(withdrawn_at=before)))
    service.write(lambda tx: tx.execute(update(Task).values(not_before=before)))


@pytest.mark.parametrize("step", ["withdraw", "restore"])
def test_staff_withdraw_with_a_reason_and_restore(service, site, step):
    grace = nominated(service)
    grace.send(page(service), f"{page(service)}/accept", **STANDING)
    staff = service.signed_in(Role.STAFF.value)
    desk = f"/admin/nominations/{only(service).id}"

    assert "Grace Hopper" in staff.get("/admin/nominations?state=accepted").text
    assert f'src="{desk}/page"' in staff.get(desk).text
    assert staff.get(f"{desk}/page").headers["x-frame-options"] == "SAMEORIGIN"
    assert staff.send(desk, f"{desk}/withdraw", reason="").status_code == 422
    staff.send(desk, f"{desk}/withdraw", reason="She asked us to.")
    let_it_stand(service)
    if step == "restore":
        staff.send(desk, f"{desk}/restore")
    work(service)
    site.build(now() + 10 * DAY)

    address = f"/nominations/elections/2027-board/nominees/{only(service).public_id}/"
    assert (address in site.pages()) is (step == "restore")
    for to in ("grace@navy.example", "ada@example.org"):
        told = [m for m in mails(service, to) if m.template == "nomination-withdrawn"]
        assert ["She asked us to." in mail.text for mail in told] == [True]
    if step == "withdraw":
        assert "She asked us to." in grace.get(page(service)).text
        assert "/accept" not in grace.get(page(service)).text


def test_each_step_has_its_line_in_the_audit_log_without_what_was_typed(service, site):
    grace = nominated(service)
    grace.send(page(service), f"{page(service)}/accept", **STANDING)

    log = service.rows(select(Audit).where(Audit.subject == "nominees/1").order_by(Audit.id))

    assert [row.action for row in log] == ["nominated", "nomination accepted"]
    assert "Grace" not in str([row.changes for row in log])


def test_who_has_not_answered_is_reminded_once_three_days_before_the_end(service, site):
    nominated(service)
    step = lambda tx: nominations.remind_due(tx, service.settings)  # noqa: E731 (a step)

    early = service.write(step)
    site.hold(-12, 2)
    counts = [service.write(step), service.write(step)]

    assert (early, counts) == (0, [1, 0])
    assert mails(service, OTHER["who"])[-1].template == "nomination-ends"


def test_after_a_year_who_did_not_stand_is_forgotten_and_the_address_of_who_did(service, site):
    nominated(service)
    service.signed_in(name="mary").send(MYSELF, **{**STANDING, "name": "Mary"})
    assert service.write(nominations.forget_old) == 0
    old = update(Nominee).values(created=now() - nominations.KEPT - DAY)
    service.write(lambda tx: tx.execute(old))

    assert service.write(nominations.forget_old) == 2

    assert (only(service).name, only(service).email) == ("Mary", "")
    assert service.write(nominations.forget_old) == 0


def test_who_deletes_the_account_stays_on_record_as_a_nominee_and_not_as_who_nominated(
    service, site
):
    ada = service.signed_in()
    ada.send(MYSELF, **{**STANDING, "name": "Ada Lovelace"})
    ada.send(FORM, **OTHER)

    ada.send("/account/data", "/account/data/delete", name="ada")

    own, grace = service.rows(select(Nominee).order_by(Nominee.id))
    assert (own.name, own.email, own.user_id) == ("Ada Lovelace", "", None)
    assert grace.email == "grace@navy.example"
    assert service.rows(select(Nomination)) == []
    assert service.rows(select(User.email)) == [""]


@pytest.mark.row("S251")
def test_every_link_in_every_mail_of_an_election_answers(service, site):
    grace = nominated(service)
    grace.send(page(service), f"{page(service)}/decline")
    grace.send(page(service), f"{page(service)}/accept", **STANDING)
    staff, desk = service.signed_in(Role.STAFF.value), f"/admin/nominations/{only(service).id}"
    staff.send(desk, f"{desk}/withdraw", reason="She asked us to.")
    let_it_stand(service)
    staff.send(desk, f"{desk}/restore")
    service.signed_in(name="mary").send(FORM, **{**OTHER, "who": "joan@a.example"})
    site.hold(-12, 2)
    service.write(lambda tx: nominations.remind_due(tx, service.settings))

    every = service.rows(select(Mail))
    links = {address for mail in every for address, is_link in pieces_of(mail.text) if is_link}
    answers = {}
    for link in links:
        path = link.removeprefix(service.settings.url)
        is_ours = path.startswith("/nominate/")
        answer = service.browser().get(path, follow=True).status_code if is_ours else None
        answers[link] = answer if is_ours else 200 if path in site.pages() else 404

    assert {mail.template for mail in every} == set(LETTERS)
    assert {link: status for link, status in answers.items() if status != 200} == {}


def test_there_is_nothing_of_an_election_that_the_site_does_not_have(service, site):
    ada = service.signed_in()

    assert [ada.get(f"/nominate/{name}").status_code for name in ("none", "none/myself")] == [
        404
    ] * 2
    assert service.get("/nominate").headers["location"] == "/nominations/elections/"
