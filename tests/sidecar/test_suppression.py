"""Addresses that are written to no more: how they come onto the list, and what still goes to them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from click.testing import CliRunner
from litestar.exceptions import TooManyRequestsException
from sqlalchemy import select

from sidecar import suppression
from sidecar.cli import sidecar
from sidecar.clock import HOUR
from sidecar.letters import LETTERS
from sidecar.limits import MAILS_TO, MAILS_TO_DOMAIN, count, count_mail
from sidecar.mail import post
from sidecar.returned import read
from sidecar.tables.work import Audit, Mail, Reason, Suppression, Task
from tests.sidecar.tables import plain
from tests.sidecar.test_mail import Mailbox, due_again, posted, smtp, worker_of  # noqa: F401 (a fixture)

URL = "/admin/mail/suppressed"
ADA = "ada@example.org"


class Refusing(Mailbox):
    """A server that takes no mail for anybody."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        return self.words


def listed(service):
    return [(row.email, row.reason) for row in service.rows(select(Suppression))]


def put(service, reason, address=ADA):
    service.write(lambda tx: suppression.suppress(tx, address, reason))


def state_of(service):
    return [(row.state, row.error) for row in service.rows(select(Mail).order_by(Mail.id))]


@pytest.mark.parametrize("reason", ["bounced", "complained", "staff"])
def test_an_address_on_the_list_gets_only_letters_about_the_safety_of_its_account(
    service, smtp, reason  # noqa: F811
):  # fmt: skip
    put(service, Reason(reason), "ADA@Example.org")
    box = smtp()
    for name, known in LETTERS.items():
        service.write(lambda tx, n=name, k=known: post(tx, n, ADA, k.sample))

    service.run(worker_of(service, box).drain())

    sent = {row.template for row in service.rows(select(Mail).where(Mail.state == "sent"))}
    assert sent == {name for name, known in LETTERS.items() if known.is_security}
    assert len(box.taken) == len(sent)
    dead = service.rows(select(Mail).where(Mail.state == "dead"))
    assert {row.error.partition(":")[0] for row in dead} == {"not sent"}
    assert {row.state for row in service.rows(select(Task))} == {"done"}


def test_whoever_only_unsubscribed_gets_all_but_letters_to_many(service, smtp):  # noqa: F811
    put(service, Reason.UNSUBSCRIBED)
    box = smtp()
    for name in ("news", "case-live", "reset"):
        service.write(lambda tx, n=name: post(tx, n, ADA, LETTERS[n].sample))

    service.run(worker_of(service, box).drain())

    assert [state for state, _ in state_of(service)] == ["dead", "sent", "sent"]


def test_of_two_reasons_the_one_that_withholds_more_stays(service):
    for reason in (Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.UNSUBSCRIBED):
        put(service, reason)

    assert listed(service) == [(ADA, "bounced")]


def test_an_address_whose_server_knows_no_such_mailbox_comes_onto_the_list(service, smtp):  # noqa: F811
    box = smtp(box=Refusing("550 5.1.1 no such mailbox"))
    posted(service)

    service.run(worker_of(service, box).drain())

    assert listed(service) == [(ADA, "bounced")]
    assert state_of(service) == [("dead", "550 5.1.1 no such mailbox")]


@pytest.mark.parametrize("words", ["550 5.7.1 relaying denied", "550 no", "451 4.1.1 later"])
def test_a_refusal_that_may_be_about_us_puts_nobody_on_the_list(service, smtp, words):  # noqa: F811
    box = smtp(box=Refusing(words))
    posted(service)

    service.run(worker_of(service, box).drain())

    assert listed(service) == []


REPORT = """\
From: MAILER-DAEMON@mx.example
To: noreply@python.org
Message-ID: <0123456789abcdef0123456789abcdef@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary=b

--b
Content-Type: text/plain

I am sorry to tell you that it could not be delivered.
--b
Content-Type: message/{kind}

{told}
--b
Content-Type: {returned}

Message-ID: <{original}@python.org>
Subject: Confirm your address

--b--
"""
FAILED = """\
Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; else@x.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such
 mailbox
"""
ABUSE = "Feedback-Type: abuse\nUser-Agent: a provider\nVersion: 1\n"


def report(
    original, *, kind="delivery-status", status="5.1.1", action="failed",
    returned="text/rfc822-headers",
) -> bytes:  # fmt: skip
    """What a mail server writes about a letter of ours."""
    told = FAILED.format(action=action, status=status) if kind == "delivery-status" else ABUSE
    return REPORT.format(kind=kind, told=told, returned=returned, original=original).encode()


@pytest.fixture
def mailed(service):
    """A mail to Ada that was sent: the random part of its Message-ID."""
    posted(service)
    (found,) = service.rows(select(Mail.message_id))
    return found


def take(service, source, monkeypatch):
    """Give a letter to the command, as a mail server does."""
    for name, value in (("PYDOTORG_DATA", service.settings.data),
                        ("DATABASE_URL", service.settings.database_url)):  # fmt: skip
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(sidecar, ["returned"], input=source)


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize(
    ("kind", "reason"), [("delivery-status", "bounced"), ("feedback-report", "complained")]
)
def test_a_letter_that_came_back_puts_its_address_on_the_list(
    service, mailed, monkeypatch, kind, reason, returned
):
    said = take(service, report(mailed, kind=kind, returned=returned), monkeypatch)

    assert said.output == f"noted: {reason}\n"
    assert said.exit_code == 0
    assert listed(service) == [(ADA, reason)]
    ((_, error),) = state_of(service)
    assert error.startswith("came back: ")


@pytest.mark.parametrize(
    "given",
    [{"status": "4.4.1"}, {"action": "delayed"}, {"original": "f" * 32}, {"original": "short"}],
    ids=str,
)
def test_what_may_still_arrive_or_is_not_ours_puts_nobody_on_the_list(
    service, mailed, monkeypatch, given
):
    said = take(service, report(**{"original": mailed, **given}), monkeypatch)

    assert said.exit_code == 0
    assert listed(service) == []


@pytest.mark.parametrize("source", [b"", b"\xff\x00\n\n", b"Content-Type: multipart/report\n\nx"])
def test_what_is_no_report_is_left_alone(source):
    assert read(source) is None


def test_staff_see_the_list_and_put_addresses_on_it_and_take_them_off(service):
    staff = service.signed_in(role="staff")
    put(service, Reason.BOUNCED, "bea@example.org")

    shown = plain(staff.get(URL).text)
    assert '<th scope="row">bea@example.org</th>' in shown
    assert "Letters to it came back" in shown
    assert "bea@" not in staff.get(f"{URL}?q=ada").text
    assert staff.send(URL, f"{URL}/add", email=ADA, detail="asked us to").status_code == 303
    assert listed(service) == [("bea@example.org", "bounced"), (ADA, "staff")]
    assert staff.send(f"{URL}/2/remove").status_code == 303
    assert listed(service) == [("bea@example.org", "bounced")]
    audit = service.rows(select(Audit).order_by(Audit.id))
    assert [(row.action, row.subject) for row in audit] == [
        ("address put on the list", "suppressions/2"),
        ("address taken off the list", "suppressions/2"),
    ]
    assert ADA not in str([row.changes for row in audit])
    assert staff.get(f"{URL}/9/remove").status_code == 404


@pytest.mark.parametrize(
    "typed", ["", "ada", "a@b, c@d", "a\0@b.example", "x" * 300 + "@a.example"]
)
def test_what_is_no_address_comes_onto_no_list(service, typed):
    answer = service.signed_in(role="staff").send(URL, f"{URL}/add", email=typed)

    assert answer.status_code == 422
    assert '<a href="#email">Address that is written to no more: ' in answer.text
    assert listed(service) == []


def tries(service, addresses):
    """How many of the tries to have us write to these addresses were taken."""

    async def ask():
        taken = 0
        for number, to in enumerate(addresses):
            with suppress(TooManyRequestsException):
                await count_mail(service.db, to, f"203.0.{number // 250}.{number % 250}")
                taken += 1
        return taken

    return service.run(ask())


def test_strangers_cannot_have_us_write_to_one_mailbox_without_end(service):
    ways = [f"Ada+{number}@Example.org" for number in range(MAILS_TO + 3)]

    assert tries(service, ways) == MAILS_TO


def test_nor_to_all_addresses_of_one_domain(service):
    async def fill():
        for _ in range(MAILS_TO_DOMAIN - 1):
            await count(service.db, "mail to small.example", most=MAILS_TO_DOMAIN, seconds=HOUR)

    service.run(fill())

    assert tries(service, ["a@small.example", "b@SMALL.example", "c@large.example"]) == 2
