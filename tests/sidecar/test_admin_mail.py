"""The desk's pages of mail: the log, sending again, and how letters are worded."""

from __future__ import annotations

import re
from html import unescape

import msgspec
import pytest
from sqlalchemy import select

from sidecar.letters import LETTERS
from sidecar.mail import post
from sidecar.overrides import faults_of, may_be_worded
from sidecar.routes.admin_letters import parts_of
from sidecar.tables.work import Audit, Mail, MailOverride
from sidecar.worker import Worker
from tests.sidecar.conftest import Service
from tests.sidecar.tables import plain

URL = "/admin/mail"
TEST = f"{URL}/letters/test"
SECRET = "https://www.python.org/account/token/abcdefgh"
FRAME = re.compile(
    r'<iframe class="mail-frame" (?P<rights>\w+) title="[^"]+" srcdoc="(?P<html>[^"]*)">'
)
SHOWN = re.compile(r'<pre class="mail-text" tabindex="0">(.*?)</pre>', re.DOTALL)
SUBJECT = "A trial of {{ name }}"
TEXT = "Hello,\n\nlook:\n\n{{ site }}\n\nYours"


@pytest.fixture
def root(service):
    return service.signed_in(role="superuser")


@pytest.fixture
def staff(service):
    return service.signed_in(role="staff")


def written(service, to="ada@a.example", template="test", **given):
    data = {"test": {"name": "ada", "site": "https://www.python.org/"}}
    data["reset"] = {"name": "ada", "link": SECRET}
    return service.write(lambda tx: post(tx, template, to, data[template], **given))


def marked(service, number, state, error=""):
    async def mark(tx):
        row = await tx.get_one(Mail, number)
        row.state, row.error = state, error

    service.write(mark)


@pytest.mark.row("S340", "S216")
def test_the_numbers_above_the_log_are_those_of_the_log(service, staff):
    for state in ("sent", "sent", "dead", "queued"):
        marked(service, written(service), state)

    text = staff.get(URL).text

    assert '<a href="/admin/mail" aria-current="page">Mail</a>' in text
    for state, count in (("sent", 2), ("dead", 1), ("queued", 1), ("held", 0)):
        tile = f'<strong>{count}</strong><a class="card-title" href="{URL}?state={state}">'
        assert tile in text
        assert (
            plain(staff.get(f"{URL}?state={state}").text).count('<td><a href="/admin/mail/')
            == count
        )


@pytest.mark.row("S346", "S436", "S126")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=A.EXAMPLE", {1, 3}), ("q=b.example", {2}), ("template=reset", {3}),
        ("template=test&q=a.ex", {1}), ("state=dead", {2}), ("state=dead&q=a.ex", set()),
        ("template=test&q=b.ex&state=dead", {2}), ("since=2999-01-01", set()), ("until=2999-01-01", {1, 2, 3}), ("q=", {1, 2, 3}),
    ],
)  # fmt: skip
def test_the_log_shows_what_is_asked_for(service, staff, query, found):
    written(service)
    marked(service, written(service, "bea@b.example"), "dead", "550 no such mailbox")
    written(service, template="reset")

    text = plain(staff.get(f"{URL}?{query}").text)

    assert {n for n in (1, 2, 3) if f'<td><a href="/admin/mail/{n}">' in text} == found


@pytest.mark.row("S347", "S123", "S224")
def test_an_entry_says_all_of_a_mail_and_when_it_is_tried_next(service, staff):
    number = written(service)

    text = staff.get(f"{URL}/{number}").text

    for words in ("ada@a.example", "Waiting", "Next try", "not yet", "Mail from Python.org arrives",
                  service.rows(select(Mail.message_id))[0]):  # fmt: skip
        assert words in text
    assert staff.get(f"{URL}/999").status_code == 404
    assert staff.get(f"{URL}/{2**40}").status_code == 404


def test_a_link_that_signs_somebody_in_is_shown_to_nobody(service, root):
    number = written(service, template="reset")

    text = root.get(f"{URL}/{number}").text

    assert "abcdefgh" not in text
    assert "[a link that only its reader sees]" in text


def test_the_database_pages_show_no_such_link_either(service, root):
    written(service, template="reset")

    shown = root.get("/admin/db/mails").text + root.get("/admin/db/mails/record?id=1").text

    assert "ada@a.example" in shown
    assert "abcdefgh" not in shown


@pytest.mark.row("S348", "S336", "S227")
def test_a_mail_that_was_given_up_is_sent_again_as_an_entry_that_says_so(service, staff):
    number = written(service)
    marked(service, number, "dead", "550 no")

    shown = staff.get(f"{URL}/{number}").text
    assert "<dd>550 no</dd>" in shown
    assert f"{URL}/{number}/again" in shown
    answer = staff.send(f"{URL}/{number}/again")

    first, second = service.rows(select(Mail).order_by(Mail.id))
    assert answer.headers["location"] == f"{URL}/{second.id}"
    assert (first.state, second.state, second.again_of) == ("dead", "queued", first.id)
    assert (second.recipient, second.text) == (first.recipient, first.text)
    assert second.message_id != first.message_id
    assert f'<a href="/admin/mail/{second.id}">' in staff.get(f"{URL}/{number}").text
    service.run(Worker(service.db, service.settings).drain())
    assert "Sent" in staff.get(f"{URL}/{second.id}").text
    assert service.rows(select(Audit.action)) == ["mail sent again"]


def test_a_mail_that_waits_is_not_sent_again(service, staff):
    number = written(service)

    answer = staff.get(f"{URL}/{number}/again")

    assert answer.headers["location"] == f"{URL}/{number}"
    assert len(service.rows(select(Mail))) == 1


@pytest.mark.row("S341")
def test_the_letters_are_listed_with_their_last_use_and_found_by_words(service, staff):
    written(service, template="reset")

    text = plain(staff.get(f"{URL}/letters").text)
    few = staff.get(f"{URL}/letters?q=RESET").text

    assert '<a href="/admin/mail/letters/confirm">confirm</a>' in text
    assert text.count("<td>never</td>") == text.count('<td><a href="/admin/mail/letters/') - 1
    assert '<a href="/admin/mail/letters/confirm">confirm</a>' not in few
    assert "No letter is like that" in staff.get(f"{URL}/letters?q=zzzz").text
    assert staff.get(f"{URL}/letters/nothing").status_code == 404


@pytest.mark.row("S343", "S137", "S125")
def test_a_letter_is_worded_otherwise_looked_at_first_and_put_back(service, root):
    tried = root.send(TEST, subject=SUBJECT, text=TEXT, then="preview")
    assert "A trial of ada" in tried.text
    assert service.rows(select(MailOverride)) == []

    assert root.send(TEST, subject=SUBJECT, text=TEXT, then="save").status_code == 303
    written(service)
    assert service.rows(select(Mail.subject)) == ["A trial of ada"]

    assert root.send(f"{TEST}/remove").status_code == 303
    written(service)
    assert service.rows(select(Mail.subject).order_by(Mail.id))[1] == "A test from Python.org"
    text = root.get(TEST).text
    assert "Earlier wordings" in text
    assert "<summary>A trial of {{ name }}</summary>" in text
    assert service.rows(select(Audit.action).order_by(Audit.id)) == [
        "letter worded", "letter as in its file",
    ]  # fmt: skip


@pytest.mark.row("S344", "S139")
def test_a_letter_is_shown_as_text_as_html_and_as_it_looks_in_a_frame_that_can_do_nothing(root):
    answer = root.send(TEST, subject=SUBJECT, text="<b>Hello</b>\n\n{{ site }}", then="preview")

    frame = FRAME.search(answer.text)
    html = unescape(frame["html"])
    assert frame["rights"] == "sandbox"
    assert '<pre class="mail-text" tabindex="0">&lt;b&gt;Hello&lt;/b&gt;' in answer.text
    assert unescape(SHOWN.findall(answer.text)[1]) == html
    assert "<p>&lt;b&gt;Hello&lt;/b&gt;</p>" in html
    assert 'href="https://www.python.org/">' in html
    policy = answer.headers["content-security-policy"]
    assert policy.count("'sha256-") == 2
    assert "unsafe-inline" not in policy


@pytest.mark.row("S136")
@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"text": "Hi\n{{ site }}\n{{ nam }}"}, "text", "Line 3: this letter is not given “nam”"),
        ({"text": "Hi\n{{ site"}, "text", "Line 2: "),
        ({"text": "{{ site.__class__ }}"}, "text", "only names, conditions and loops"),
        ({"text": "{% import 'x' as y %}{{ site }}"}, "text", "only names"),
        ({"text": "{{ name * 9999 }}\n{{ site }}"}, "text", "only names"),
        ({"text": "{{ range(9) }}\n{{ site }}"}, "text", "Line 1: "),
        ({"text": "{% for a in name %}{% break %}{% endfor %}"}, "text", "Line 1: "),
        ({"text": "No link."}, "text", "must stand on a line of its own"),
        ({"text": "See {{ site }}"}, "text", "must stand on a line of its own"),
        ({"text": "{{ site }}\nhttps://evil.example/"}, "text", "only the links it is given"),
        ({"subject": ""}, "subject", "Fill this in"),
        ({"subject": "x" * 201}, "subject", "at most 200"),
        ({"subject": "{{ site2 }}"}, "subject", "Line 1: "),
        ({"text": "x" * 10_001}, "text", "at most 10000"),
    ],
)
def test_a_wording_that_cannot_be_is_refused_with_its_line_and_not_lost(
    service, root, typed, field, words
):
    given = {"subject": SUBJECT, "text": TEXT, **typed}

    answer = root.send(TEST, **given, then="save")

    assert answer.status_code == 422
    said = answer.text.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert words in said
    assert service.rows(select(MailOverride)) == []


@pytest.mark.parametrize("name", sorted(n for n in LETTERS if may_be_worded(n)))
def test_the_file_of_a_letter_keeps_the_rules_for_its_wordings(name):
    assert list(faults_of(name, **parts_of(name, None))) == []


def test_a_letter_about_safety_is_always_as_its_file_says(service, root):
    page = root.get(TEST)
    token = page.text.partition('name="form_token" value="')[2].partition('"')[0]
    given = {"form_token": token, "subject": SUBJECT, "text": "{{ link }}", "then": "save"}

    answer = root.post(f"{URL}/letters/reset", given)

    assert answer.status_code == 303
    assert service.rows(select(MailOverride)) == []
    assert "it is always as its file says" in root.get(f"{URL}/letters/reset").text


def test_a_wording_that_can_no_longer_be_written_keeps_no_mail_from_going(service):
    service.write(lambda tx: add_wording(tx, "{{ gone }}"))

    written(service)

    assert service.rows(select(Mail.subject)) == ["A test from Python.org"]


async def add_wording(tx, text):
    tx.add(MailOverride(template="test", subject="Hi", text=text, author=1))


@pytest.mark.row("S345", "S140")
def test_a_test_arrives_at_the_address_and_its_page_says_so(service, staff):
    answer = staff.send(TEST, f"{TEST}/test", to="me@work.example")

    page = answer.headers["location"]
    assert "Waiting" in staff.get(page).text
    service.run(Worker(service.db, service.settings).drain())
    assert "<dd>Sent</dd>" in staff.get(page).text
    (mail,) = service.rows(select(Mail))
    assert mail.recipient == "me@work.example"
    assert "http://test.example/\n" in mail.text
    assert mail.text.count("staff sent") == 1


@pytest.mark.row("S229")
def test_while_one_works_on_the_site_a_mail_fails_when_asked_to(service, staff):
    page = staff.send(f"{URL}/letters", f"{URL}/letters/fail").headers["location"]

    service.run(Worker(service.db, service.settings).drain())

    (mail,) = service.rows(select(Mail))
    assert (mail.state, mail.error) == ("queued", "this one fails, as it was asked to")
    assert "this one fails, as it was asked to" in staff.get(page).text
    assert "Next try" in staff.get(page).text


@pytest.mark.row("S229")
def test_in_production_no_mail_fails_on_purpose(ready):
    service = Service(msgspec.structs.replace(ready, env="production", smtp_host="smtp.example"))
    try:
        staff = service.signed_in(role="staff")
        assert "/letters/fail" not in staff.get(f"{URL}/letters").text
        assert staff.post(f"{URL}/letters/fail").status_code == 404
    finally:
        service.close()


@pytest.mark.parametrize("to", ["", "me", "a@b, c@d", "a@b\r\nBcc: c@d", "x" * 300 + "@a.example"])
def test_a_test_goes_to_one_address_or_nowhere(service, staff, to):
    answer = staff.send(TEST, f"{TEST}/test", to=to)

    assert answer.status_code == 422
    assert 'id="to-error"' in answer.text
    assert service.rows(select(Mail)) == []


def test_staff_who_may_not_word_letters_see_no_form_for_it(staff):
    text = staff.get(TEST).text

    assert 'name="subject"' not in text
    assert staff.post(TEST).status_code == 403
