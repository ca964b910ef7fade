"""Letters to many: each a mail of its own, and all with a way out of them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from sidecar.letters import LETTERS
from sidecar.mail import post
from sidecar.news import MOST, heads
from sidecar.suppression import link_for
from sidecar.tables.accounts import Membership
from sidecar.tables.work import Audit, Mail, Suppression
from tests.sidecar.test_mail import smtp, worker_of  # noqa: F401 (a fixture)

URL = "/admin/mail/news"
TYPED = {"audience": "addresses", "subject": "Board election", "text": "Hello,\n\nyou can vote."}
LINK = re.compile(r"http://test\.example(/account/unsubscribe/\S+)")
SENT = re.compile(r'name="many" value="(\d+)"')


@pytest.fixture
def root(service):
    return service.signed_in(role="superuser")


def sent(root, **typed):
    """Look at a letter, then send it."""
    looked = root.send(URL, **{**TYPED, **typed})
    assert looked.status_code == 200
    return root.submit(looked, URL, **{**TYPED, **typed}, then="send")


def mails(service):
    return service.rows(select(Mail).order_by(Mail.id))


@pytest.mark.row("S141")
def test_each_address_gets_a_mail_of_its_own_and_one_that_fails_stops_no_other(
    service, root, smtp  # noqa: F811
):  # fmt: skip
    box = smtp("250 taken", "550 no", "250 taken")

    answer = sent(root, addresses="ada@a.example\nADA@a.example\n\nbea@b.example\ncy@c.example\n")
    service.run(worker_of(service, box).drain())

    assert answer.headers["location"] == "/admin/mail?template=news"
    rows = mails(service)
    assert [row.recipient for row in rows] == ["ADA@a.example", "bea@b.example", "cy@c.example"]
    assert [row.state for row in rows] == ["sent", "dead", "sent"]
    assert len({row.message_id for row in rows}) == 3
    assert [message["To"] for message in box.taken] == ["ADA@a.example", "cy@c.example"]
    assert root.get("/admin/mail?template=news").text.count("Board election</a>") == 3
    (audit,) = service.rows(select(Audit))
    assert (audit.action, audit.changes) == ("letter sent to many", {"mails": [0, 3]})


@pytest.mark.row("S144")
def test_staff_who_are_no_superusers_send_nothing_to_many(service):
    staff = service.signed_in(role="staff")

    assert staff.get(URL).status_code == 403
    assert staff.post(URL, TYPED).status_code == 403
    assert URL not in staff.get("/admin/mail").text


def test_members_who_want_announcements_are_an_audience(service, root):
    for name in ("mia", "max", "ida"):
        service.account(name, is_member=True)
    service.account("una", is_member=True, confirmed_at=None)
    wants = update(Membership).where(Membership.legal_name != "Max").values(announcements=True)
    service.write(lambda tx: tx.execute(wants))

    sent(root, audience="members")

    assert [row.recipient for row in mails(service)] == ["mia@example.org", "ida@example.org"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"addresses": "a@a.example\nnobody\n"}, "addresses", "Line 2 is no address: nobody"),
        ({"addresses": ""}, "addresses", "There is nobody to write to"),
        ({"audience": "members"}, "audience", "There is nobody to write to"),
        ({"audience": "all"}, "audience", "Must be one of"),
        ({"subject": ""}, "subject", "Fill this in"),
        ({"text": ""}, "text", "Fill this in"),
        ({"addresses": "\n".join(f"a{n}@a.example" for n in range(MOST + 1))}, "addresses",
         f"Must be at most {MOST}, not {MOST + 1}"),
    ],
)  # fmt: skip
def test_a_letter_that_cannot_go_says_why_and_keeps_what_was_typed(
    service, root, typed, field, words
):
    answer = root.send(URL, **{**TYPED, "addresses": "a@a.example", **typed}, then="send")

    assert answer.status_code == 422
    assert words in answer.text.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert mails(service) == []


def test_a_letter_goes_to_as_many_as_were_shown_or_is_shown_again(service, root):
    looked = root.send(URL, **TYPED, addresses="a@a.example")
    assert SENT.findall(looked.text) == ["1"]

    again = root.submit(looked, URL, **TYPED, addresses="a@a.example\nb@b.example", then="send")

    assert (again.status_code, SENT.findall(again.text)) == (200, ["2"])
    assert "It would go to 2 addresses" in again.text
    assert mails(service) == []


def test_the_head_of_such_a_letter_has_what_mail_programs_make_a_button_of(
    service, root, smtp  # noqa: F811
):  # fmt: skip
    box = smtp()
    sent(root, addresses="ada@a.example")

    service.run(worker_of(service, box).drain())

    (message,) = box.taken
    link = LINK.search(message.get_body(("plain",)).get_content())[0]
    assert f"List-Unsubscribe: <{link}>".encode() in box.raw[0].splitlines()
    on_desk = root.get("/admin/mail/1").text
    assert link not in on_desk
    assert "&lt;[a link that only its reader sees]&gt;" in on_desk
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"


def test_one_click_of_a_mail_program_ends_such_letters(service):
    """It sends no cookie, no Origin and no token of a form (RFC 8058)."""
    link = link_for(service.settings, "ada@example.org").removeprefix(service.settings.url)
    service.account("ada", is_member=True)
    service.write(lambda tx: tx.execute(update(Membership).values(announcements=True)))

    answer = service.browser().post(link, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert "ada@example.org gets no more letters" in answer.text
    assert [(r.email, r.reason) for r in service.rows(select(Suppression))] == [
        ("ada@example.org", "unsubscribed")
    ]
    assert service.rows(select(Membership.announcements)) == [False]
    assert service.browser().post(link).status_code == 200


def test_the_link_shows_a_button_and_changes_nothing_by_itself(service):
    link = link_for(service.settings, "ada@example.org").removeprefix(service.settings.url)

    shown = service.get(link)
    assert "Shall ada@example.org get no more letters" in shown.text
    assert service.rows(select(Suppression)) == []

    assert service.submit(shown, link).status_code == 200
    assert len(service.rows(select(Suppression))) == 1


@pytest.mark.parametrize(
    ("sealed", "status"), [("x", 404), ("AAAA", 404), ("A" * 80, 404), ("%00", 400)]
)
def test_a_link_that_we_did_not_make_is_no_link(service, sealed, status):
    for method in ("GET", "POST"):
        assert service.ask(method, f"/account/unsubscribe/{sealed}").status_code == status
    assert service.rows(select(Suppression)) == []


def test_whoever_wants_announcements_again_as_a_member_gets_them(service):
    member = service.signed_in(name="mia", is_member=True)
    link = link_for(service.settings, "mia@example.org").removeprefix(service.settings.url)
    service.post(link)
    act = "/account/membership/change"

    answer = member.send("/account/membership", act, legal_name="Mia", email="mia@example.org",
                         announcements="on")  # fmt: skip

    assert answer.status_code == 303
    assert service.rows(select(Suppression)) == []


def test_a_letter_to_many_without_a_way_out_of_it_is_none():
    assert set(LETTERS["news"].given.__struct_fields__) == {"subject", "text", "unsubscribe"}
    assert heads("https://x.example/")["List-Unsubscribe"] == "<https://x.example/>"


def test_staff_see_no_link_that_unsubscribes_somebody(service, root):
    service.write(lambda tx: post(tx, "news", "ada@a.example", LETTERS["news"].sample))

    assert "ExampleExample" not in root.get("/admin/mail/1").text
