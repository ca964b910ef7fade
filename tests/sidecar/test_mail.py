"""Mail: what is written down, sent, tried again, given up; by a real SMTP server in every mood."""

from __future__ import annotations

import asyncio
import datetime
import email
import ipaddress
import os
import re
import ssl
import subprocess
import sys
from email.policy import default
from html import unescape
from pathlib import Path

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from sidecar import sending
from sidecar.clock import now
from sidecar.letters import LETTERS
from sidecar.letters.cases import CaseLive
from sidecar.mail import FOLDER, Empty, compose, environment, forget, post
from sidecar.schema import prepare
from sidecar.settings import Settings
from sidecar.tables.work import Mail, MailOverride, Task
from sidecar.worker import Worker
from tests.conftest import ROOT, free_port
from tests.sidecar.conftest import Service

TAG = re.compile(r"<[^>]*>")
GIVEN = {"name": "ada", "link": "https://www.python.org/account/token/abc"}


class Mailbox:
    """What a server took, and what it answers: the answers given, then 250 for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.taken: list[email.message.EmailMessage] = []
        self.raw: list[bytes] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as aiosmtpd calls it
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer == "slow":
            await asyncio.sleep(1.5)
            answer = "250 taken at last"
        if answer == "drop":
            server.transport.close()
            return "250 never heard"
        if answer.startswith("250"):
            self.raw.append(envelope.content)
            self.taken.append(email.message_from_bytes(envelope.content, policy=default))
        return answer


@pytest.fixture
def smtp():
    """Start a server with answers; it listens on a free port."""
    running = []

    def start(*answers: str, box=None, **given):
        box = box or Mailbox(*answers)
        box.port = free_port()
        controller = Controller(box, hostname="127.0.0.1", port=box.port, **given)
        controller.start()
        running.append(controller)
        return box

    yield start
    for controller in running:
        controller.stop()


def worker_of(service, box=None, security="none", **given):
    """A worker that sends by a server of a test, or into the data folder."""
    if box:
        given |= {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": security}
    return Worker(service.db, msgspec.structs.replace(service.settings, **given))


def posted(service, to="ada@example.org", **given):
    return service.write(lambda tx: post(tx, "confirm", to, GIVEN, **given))


def only(service, table=Mail):
    (row,) = service.rows(select(table))
    return row


def due_again(service):
    """Let what waits for its next try be due."""
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    service.write(lambda tx: tx.execute(update(Task).values(not_before=past)))


@pytest.mark.parametrize(
    "address",
    [
        "ada(1)@example.org", "all:ada@example.org", "ada@example.org:", 'ada@example.org"a.example',
        "ada@example.org,eve@a.example", "ada[@example.org", "=?utf-8?q?eve=40a.example?=@a.example",
    ],
)  # fmt: skip
def test_what_would_be_read_as_another_address_is_never_sent_to(service, smtp, address):
    box = smtp()
    posted(service, to=address)

    service.run(worker_of(service, box).drain())

    assert box.taken == []
    assert (only(service).state, only(service).error) == (
        "dead",
        "this is no address of one mailbox",
    )


@pytest.mark.parametrize("address", ["ada+py@example.org", "o'neil@a.example", "ådå@exämple.org"])
def test_an_address_of_one_mailbox_stands_in_the_head_of_its_letter(address):
    mail = Mail(
        recipient=address, subject="Hi", text="Hi", headers={}, message_id="m", created=now()
    )

    assert sending.as_message(Settings(), mail)["To"] == address


@pytest.mark.row("S122", "S249", "S351", "S138")
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_every_letter_can_be_written_from_its_sample(name):
    letter = compose(name, LETTERS[name].sample)

    assert letter.subject
    assert letter.text.strip()
    assert unescape(TAG.sub("", letter.html.partition("<body")[2])).strip()
    assert "{{" not in letter.text + letter.html
    assert "None" not in letter.text + letter.html
    assert (FOLDER / f"{name}.txt").is_file()


@pytest.mark.row("S351")
@pytest.mark.parametrize(
    "wording",
    [
        "Subject: Hi\n",
        "Subject: Hi\n\n {% if name %}{% endif %}\n",
        "Subject:\nText",
        "Subject: {% if 0 %}x{% endif %}\nText",
    ],
)
def test_a_letter_that_says_nothing_is_not_written(wording):
    with pytest.raises(Empty, match="the letter “test” has no"):
        compose("test", LETTERS["test"].sample, wording)


@pytest.mark.row("S351")
def test_a_wording_that_says_nothing_keeps_no_mail_from_going(service):
    async def word(tx):
        tx.add(MailOverride(template="test", subject="Hi", text="{% if 0 %}x{% endif %}", author=1))
        await post(tx, "test", "ada@example.org", LETTERS["test"].sample)

    service.write(word)

    assert "Mail from Python.org arrives" in only(service).text


@pytest.mark.row("S350")
def test_what_is_not_there_is_said_with_no_word():
    letter = compose(
        "case-live", CaseLive(kind=None, title=None, address="https://a.x/", ends=None)
    )

    assert "None" not in letter.subject + letter.text + letter.html


@pytest.mark.row("S353")
def test_the_guide_shows_a_letter_as_it_is_and_what_can_be_written_in_one():
    guide = (ROOT / "docs/mail.md").read_text()
    example = guide.partition("```\n")[2].partition("```")[0]
    written = [line.split("|")[1].strip(" `") for line in guide.splitlines()
               if line.startswith(("| `{{", "| `{%"))]  # fmt: skip

    assert (FOLDER / "case-live.txt").read_text().startswith(example)
    assert len(written) == 3
    given = {"name": "ada", "ends": "", "many": ["x"]}
    for part in written:
        assert "{" not in environment().from_string(part).render(given)
    assert "**Text and HTML.**" in guide


def test_every_file_is_a_letter():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(LETTERS)


def test_both_forms_of_a_letter_say_the_same():
    letter = compose("confirm", {**GIVEN, "name": "<b>Ada</b>"})

    assert "Hello <b>Ada</b>," in letter.text
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;," in letter.html
    assert f'href="{GIVEN["link"]}">{GIVEN["link"]}</a>' in letter.html


def test_a_letter_is_not_written_without_what_it_needs():
    with pytest.raises(msgspec.ValidationError, match="missing required field `link`"):
        compose("confirm", {"name": "ada"})


def test_a_subject_stays_one_line():
    wording = "Subject: Hello {{ name }}\n\nText."
    letter = compose(
        "test", {"name": "Ada\r\nBcc: all@example.org", "site": "https://a.example/"}, wording
    )

    assert letter.subject == "Hello Ada Bcc: all@example.org"


@pytest.mark.parametrize(
    "given",
    [
        {"to": "ada@a.example\r\nBcc: all@a.example"},
        {"headers": {"List-Id": "a\nBcc: all@a.example"}},
        {"headers": {"Bcc: all@a.example\nX": "a"}},
    ],
)
def test_nothing_gets_a_line_of_its_own_into_the_head_of_a_mail(service, given):
    with pytest.raises(ValueError, match="must be one line"):
        posted(service, **given)

    assert service.rows(select(Mail)) == []


@pytest.mark.row("S131")
def test_mail_is_sent_once_its_transaction_stands(service, smtp):
    box = smtp()
    posted(service)

    count = service.run(worker_of(service, box).drain())

    (message,) = box.taken
    assert count == 1
    assert message["To"] == "ada@example.org"
    assert message["Subject"] == "Confirm your address for Python.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert only(service).state == "sent"


def test_mail_of_a_transaction_that_failed_is_never_sent(service, smtp):
    box = smtp()

    async def fail(tx):
        await post(tx, "confirm", "ada@example.org", GIVEN)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        service.write(fail)
    service.run(worker_of(service, box).drain())

    assert box.taken == []


def test_the_same_mail_is_written_down_once(service, smtp):
    box = smtp()
    first = posted(service, dedupe="welcome 42")
    second = posted(service, dedupe="welcome 42")

    service.run(worker_of(service, box).drain())

    assert first == second
    assert len(box.taken) == 1


def test_a_server_that_says_later_is_asked_again(service, smtp):
    box = smtp("451 busy", "451 still busy")
    posted(service)
    worker = worker_of(service, box)

    service.run(worker.drain())
    assert (only(service).state, only(service).error) == ("queued", "(451, 'busy')")
    due_again(service)
    service.run(worker.drain())
    due_again(service)
    service.run(worker.drain())

    assert len(box.taken) == 1
    assert (only(service).state, only(service).error, only(service).attempts) == ("sent", "", 3)


def test_a_server_that_says_never_is_not_asked_again(service, smtp):
    box = smtp("550 no such mailbox")
    posted(service)

    service.run(worker_of(service, box).drain())

    assert (only(service).state, only(service).error) == ("dead", "(550, 'no such mailbox')")
    assert only(service, Task).state == "dead"


def test_a_server_that_is_not_there_is_asked_until_the_last_try(service, smtp):
    box = smtp()
    box.port = 1
    posted(service)
    worker = worker_of(service, box)

    for _ in range(8):
        due_again(service)
        service.run(worker.drain())

    assert (only(service).state, only(service).attempts) == ("dead", 8)
    assert only(service, Task).state == "dead"


def test_mail_that_may_have_arrived_is_sent_again_with_the_same_message_id(service, smtp):
    box = smtp("drop")
    posted(service)
    worker = worker_of(service, box)

    service.run(worker.drain())
    due_again(service)
    service.run(worker.drain())

    (message,) = box.taken
    assert message["Message-ID"] == f"<{only(service).message_id}@python.org>"


def test_without_a_server_mail_lies_in_the_data_folder(service):
    number = posted(service)

    service.run(worker_of(service).drain())

    file = Path(service.settings.data) / "mail" / f"{number:06}.eml"
    message = email.message_from_bytes(file.read_bytes(), policy=default)
    assert GIVEN["link"] in message.get_body(("plain",)).get_content()
    assert only(service).state == "sent"


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A certificate of 127.0.0.1 that this process trusts, for a server of a test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server of the tests")])
    at = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(at - datetime.timedelta(hours=1))
        .not_valid_after(at + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    pem, private = tmp_path / "server.pem", tmp_path / "server.key"
    pem.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)
    return context


def knows(server, session, envelope, mechanism, data):
    """Does a server know whoever signs in to it?"""
    is_known = (data.login, data.password) == (b"python", b"three wet boots")
    return AuthResult(success=is_known, handled=is_known)


@pytest.mark.row("S127", "S120", "S250")
def test_mail_goes_by_a_server_that_wants_a_name_a_password_and_starttls(service, smtp, locked):
    box = smtp(tls_context=locked, require_starttls=True, auth_required=True, authenticator=knows)
    posted(service)
    known = {"smtp_user": "python", "smtp_password": "three wet boots"}

    service.run(worker_of(service, box, security="starttls", **known).drain())

    assert only(service).state == "sent"
    assert [message["To"] for message in box.taken] == ["ada@example.org"]


@pytest.mark.row("S127", "S120", "S250")
def test_a_server_that_does_not_know_us_is_asked_again_once_the_password_is_mended(
    service, smtp, locked
):
    box = smtp(tls_context=locked, require_starttls=True, auth_required=True, authenticator=knows)
    posted(service)
    wrong = {"smtp_user": "python", "smtp_password": "wrong"}
    service.run(worker_of(service, box, security="starttls", **wrong).drain())
    assert only(service).state == "queued"
    assert "535" in only(service).error
    due_again(service)

    right = {"smtp_user": "python", "smtp_password": "three wet boots"}
    service.run(worker_of(service, box, security="starttls", **right).drain())

    assert only(service).state == "sent"


def test_mail_is_not_sent_in_the_clear_where_tls_is_wanted(service, smtp):
    box = smtp()
    posted(service)

    service.run(worker_of(service, box, security="starttls").drain())

    assert box.taken == []
    assert only(service).state == "queued"


async def until_leased(db):
    while True:
        async with db.read() as tx:
            if await tx.scalar(select(Task.id).where(Task.leased_until.is_not(None))):
                return
        await asyncio.sleep(0.02)


@pytest.mark.row("S003")
def test_what_is_handed_over_at_this_moment_is_not_forgotten_and_counts_as_told(service, smtp):
    box = smtp("slow")
    posted(service)
    worker = worker_of(service, box)

    async def story():
        working = asyncio.create_task(worker.drain())
        await until_leased(service.db)
        async with service.db.write() as tx:
            is_forgotten = await forget(tx, Mail.template == "confirm")
        await working
        return is_forgotten

    assert service.run(story()) is False
    assert len(box.taken) == 1
    assert (only(service).state, only(service).error) == ("sent", "")


@pytest.mark.row("S003")
def test_what_is_forgotten_before_it_is_taken_up_is_never_sent(service, smtp):
    box = smtp()
    posted(service)

    assert service.write(lambda tx: forget(tx, Mail.template == "confirm")) is True
    service.run(worker_of(service, box).drain())

    assert box.taken == []
    assert only(service).state == "held"


def test_a_server_that_is_slow_is_waited_for(service, smtp):
    box = smtp("slow")
    posted(service)

    service.run(worker_of(service, box).drain())

    assert only(service).state == "sent"
    assert len(box.taken) == 1


@pytest.mark.row("S243", "S207")
def test_a_server_that_never_answers_is_left_after_a_while_and_asked_again(
    service, smtp, monkeypatch
):
    box = smtp("slow")
    posted(service)
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    service.run(worker_of(service, box).drain())
    assert only(service).state == "queued"
    assert only(service).error
    due_again(service)
    monkeypatch.undo()

    service.run(worker_of(service, box).drain())

    assert only(service).state == "sent"


class Killer(Mailbox):
    """A server that takes mail, and ends whoever sent the first before it hears of that."""

    worker: subprocess.Popen[bytes]

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as aiosmtpd calls it
        if not self.taken:
            self.worker.kill()
            self.worker.wait()
        return await super().handle_DATA(server, session, envelope)


def begun(service, box):
    """A worker in a process of its own."""
    environ = {
        "PATH": os.environ["PATH"], "PYDOTORG_URL": service.settings.url,
        "PYDOTORG_DATA": service.settings.data, "DATABASE_URL": service.settings.database_url,
        "PYDOTORG_SMTP_HOST": "127.0.0.1", "PYDOTORG_SMTP_PORT": str(box.port),
        "PYDOTORG_SMTP_SECURITY": "none",
    }  # fmt: skip
    command = [sys.executable, "-m", "pydotorg_build", "sidecar", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environ)


def test_of_a_worker_that_is_killed_while_it_sends_nothing_is_lost_and_a_repeat_is_known(
    service, smtp
):
    box = smtp(box=Killer())
    posted(service)
    posted(service, to="bea@example.org")
    box.worker = begun(service, box)
    box.worker.wait(30)
    assert {row.state for row in service.rows(select(Mail))} <= {"queued", "sent"}
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    service.write(lambda tx: tx.execute(update(Task).values(leased_until=past)))

    service.run(worker_of(service, box).drain())

    assert {row.state for row in service.rows(select(Mail))} == {"sent"}
    assert {message["To"] for message in box.taken} == {"ada@example.org", "bea@example.org"}
    assert len({message["Message-ID"] for message in box.taken}) == 2
    assert len(box.taken) <= 4


def test_mail_may_wait_for_its_time(service, smtp):
    box = smtp()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    posted(service, not_before=later)

    service.run(worker_of(service, box).drain())

    assert box.taken == []
    assert only(service).state == "queued"


@pytest.mark.row("S145")
def test_while_one_works_on_the_site_its_mail_is_read_in_the_browser(service):
    number = posted(service)

    assert f'<a href="/mail/{number}">Confirm your address' in service.get("/mail/").text
    assert f'<a href="{GIVEN["link"]}">' in service.get(f"/mail/{number}").text
    assert service.get("/mail/999").status_code == 404


def test_where_mail_is_sent_nobody_reads_that_of_others(settings):
    prepare(settings.database_url)
    service = Service(msgspec.structs.replace(settings, smtp_host="smtp.example"))
    try:
        number = posted(service)

        assert service.get("/mail/").status_code == 404
        assert service.get(f"/mail/{number}").status_code == 404
    finally:
        service.close()
