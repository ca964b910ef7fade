"""What strangers type, the worst in every field of every form: wherever it is shown, it is text.

The fields are those of the structs, so a new kind and a new field are tried by themselves.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from sqlalchemy import select

from sidecar.clock import now
from sidecar.forms import marked
from sidecar.kinds import KINDS
from sidecar.kinds.base import NOT_KEPT
from sidecar.nominees import Standing
from sidecar.routes.nominate import Other
from sidecar.sponsors.applications import Application
from sidecar.tables.attachments import Attachment
from sidecar.tables.cases import Submission
from sidecar.tables.work import Mail
from tests.conftest import BUILD_TOML, HOME, ROOT, Project
from tests.sidecar import (
    conftest,
    sponsoring,
    test_attachments,
    test_cases,
    test_events,
    test_kinds,
    test_looks,
    test_nominations,
)
from tests.sidecar.conftest import HIDDEN, Browser
from tests.sidecar.harm import MARK, SUM, harm_in
from tests.sidecar.test_sponsors_shown import LEVELS, year
from tests.sidecar.test_whole_desk import walked

PAYLOADS = {
    "markup": "=pwn()\"'></title></script><script>pwn()</script><style>*{pwn}</style>"
              f"<img src=x onerror=pwn()>{SUM}{{%pwn%}}{{#",
    "markdown": "@[pwn](javascript:pwn()) <javascript:pwn()> ![pwn](data:text/html,pwn) "
                f"[pwn](/x \"'onclick=pwn()\") {SUM} `pwn`\"onclick=pwn()",
    "lines": f"+pwn {SUM}\r\nBcc: pwn@pwn.example\r\nATTACH:pwn\nBEGIN:VALARM\n\u2028]]>&pwn;<!--pwn",
}  # fmt: skip
# What a field takes that wants an address of the web, or of mail.
ADDRESS = f"https://pwn.example/'onclick=pwn()//{SUM}{{%pwn%}}"
MAILBOX = f"pwn'onclick=pwn()@{SUM}.example"
ERROR = re.compile(r'id="([a-z_]+)-error"')
SUMMARY = re.compile(r'<li><a href="#.*?</li>')
GOOD = {**test_looks.GOOD}
GOOD["event"] = {**GOOD["event"], "cfp_closes": f"{test_events.NEXT}-05-01"}
NOUNS = (
    "pages", "home", "around", "snippets", "job_terms", "jobs", "story_categories", "stories",
    "calendars", "event_categories", "events", "sponsor_levels", "sponsors", "elections",
    "nominees",
)  # fmt: skip


@pytest.fixture
def site(service, tmp_path):
    """The project of the site beside the sidecar, with all that people hand in."""
    project = Project(tmp_path)
    for folder in ("templates", "static"):
        shutil.copytree(ROOT / folder, project.root / folder)
    settings = BUILD_TOML.replace('"pages"', ", ".join(f'"{noun}"' for noun in NOUNS))
    text = (HOME, conftest.TERMS, test_kinds.CATEGORIES, test_events.TERMS, LEVELS,
            test_nominations.LEAD, test_nominations.election(now(), -5, 9))  # fmt: skip
    project.write(f"-- build.toml --{settings}{''.join(text)}")
    project.build(now())
    return project


class Shown(NamedTuple):
    """Something that we put out: where, of which kind, and its text."""

    name: str
    kind: str
    text: str


def worst(send: Callable[[dict[str, Any]], Any], form: Any, good: dict[str, Any], payload: str):
    """Fill in a form with as much of a payload as it takes; what a field refuses is told beside it.

    Where a field wants an address, it gets the worst of these.
    """
    fields = {one.encode_name for one in msgspec.structs.fields(form)} - NOT_KEPT - {"agrees"}
    left = {name: [payload, ADDRESS, MAILBOX, good.get(name, "")] for name in fields}
    while True:
        answer = send({**good, **{name: texts[0] for name, texts in left.items()}})
        assert harm_in(answer.text, "html") == []
        if answer.status_code != 422:
            return answer
        wrong = {name for name in ERROR.findall(answer.text) if len(left.get(name, ())) > 1}
        assert wrong, SUMMARY.findall(answer.text)
        for name in wrong:
            left[name].pop(0)


def sender(browser, page: str, act: str = ""):
    """Send a form of a page, which is opened once."""
    shown = browser.get(page, follow=True)
    return lambda typed: browser.submit(shown, act or page, **typed)


def of_kind(service, staff, kind: str) -> Browser:
    """Hand one in for each payload, as a draft first; look at it before; confirm and approve it."""
    author = somebody(service, kind)
    form, token = KINDS[kind].url, dict(HIDDEN.findall(author.get(KINDS[kind].url).text))
    for payload in PAYLOADS.values():
        typed: dict[str, Any] = {}

        def look(given, typed=typed):
            typed |= {**given, **token, "sender": author.address}
            return author.post(f"{form}/preview", typed)

        assert worst(look, KINDS[kind].form, GOOD[kind], payload).status_code == 200
        draft = author.post(f"{form}/draft", typed).headers["location"]
        assert harm_in(author.get(draft).text, "html") == []
        assert author.post(form, typed).headers["location"] == "/submit/sent"
        link = test_cases.link_in(test_cases.mails(service, author.address)[-1])
        author.send(link, link.partition("?")[0])
    for number in service.rows(select(Submission.id).where(Submission.kind == kind)):
        page = f"/admin/cases/{number}"
        assert harm_in(staff.get(f"{page}/page").text, "html") == []
        assert staff.send(page, f"{page}/decide", step="approve", at_once="on").status_code == 303
    return author


def of_sponsors(service, staff) -> Browser:
    """Apply for each payload, and be approved and released."""
    author = somebody(service, "sponsor")
    # There is one lunch, and three who want to sponsor.
    good = {**sponsoring.GOOD, "sender": author.address, "addons": []}
    for payload in PAYLOADS.values():
        sponsoring.offer(service)
        send = sender(author, sponsoring.FORM)
        assert worst(send, Application, good, payload).status_code == 303
        sponsoring.opened(service, author, author.address)
        assert harm_in(author.get(author.page).text, "html") == []
        sponsoring.approve(staff, service, **year())
        sponsoring.take(staff, service, "release")
    return author


def of_nominees(service) -> Browser:
    """Nominate somebody for each payload, who says as bad things about themselves."""
    author = somebody(service, "nominator")
    for number, payload in enumerate(PAYLOADS.values()):
        other = {**test_nominations.OTHER, "who": f"{number}@navy.example"}
        answer = worst(sender(author, test_nominations.FORM), Other, other, payload)
        page = answer.headers["location"]
        asked = service.rows(select(Mail).where(Mail.template == "nomination-asked"))[-1]
        grace = service.browser()
        grace.send(test_nominations.LINK.search(asked.text)[1], "/nominate/open")
        worst(sender(grace, page, f"{page}/accept"), Standing, test_nominations.STANDING, payload)
        assert harm_in(grace.get(page).text, "html") == []
    return author


def somebody(service, name: str) -> Browser:
    """A browser of somebody with an account."""
    address = f"{name}@ada.example"
    browser = service.signed_in(user=service.account(name, email=address))
    browser.address = address
    return browser


def put_out(service, site, browsers: dict[str, Browser]) -> Iterator[Shown]:
    """All that there is to read: the site, the mails, the desk with its sheets, the accounts."""
    test_cases.work(service)
    site.build(now() + 10 * test_nominations.DAY)
    for url, text in site.pages().items():
        yield Shown(url, "html" if url.endswith("/") else url.rpartition(".")[2], text)
    for mail in service.rows(select(Mail)):
        assert len(mail.subject.splitlines()) == 1
        yield Shown(f"mail {mail.template}", "text", mail.text)
        yield Shown(f"mail {mail.template}", "html", mail.html)
    for start, browser in browsers.items():
        for path, seen, answer in walked(browser, start):
            yield Shown(path, "html", answer.text)
            for sheet in {link for link in seen.links if link.endswith("csv")}:
                yield Shown(sheet, "csv", browser.get(sheet).text)


# How either database takes such texts is held by test_every_form.
@pytest.mark.parametrize("ready", ["sqlite"], indirect=True)
@pytest.mark.row("S171")
def test_whatever_is_typed_is_only_text_on_every_page_feed_calendar_mail_sheet_and_the_desk(
    service, site
):
    staff = service.signed_in(role="superuser")
    authors = [of_kind(service, staff, kind) for kind in KINDS]
    authors += [of_sponsors(service, staff), of_nominees(service)]

    outputs = list(put_out(service, site, {"/admin/": staff, "/account/": authors[0]}))

    harmful = {f"{one.name} ({one.kind})": found for one in outputs
               if (found := harm_in(one.text, one.kind))}  # fmt: skip
    assert harmful == {}
    # It can be read in all of them.
    places = {one.name if one.name.startswith("mail") else one.kind
              for one in outputs if MARK in one.text}  # fmt: skip
    assert places >= {
        "html", "rss", "json", "ics", "csv", "mail case-received", "mail sponsor-new",
        "mail nomination-received",
    }  # fmt: skip


FORMS = {**{kind.url: (kind.form, GOOD[kind.name]) for kind in KINDS.values()},
         sponsoring.FORM: (Application, sponsoring.GOOD)}  # fmt: skip
PICTURES = [(form, field) for form, (asked, _) in FORMS.items()
            for field in sorted(marked(asked, "is_picture"))]  # fmt: skip
LIES = {
    "script": b"<svg xmlns='http://www.w3.org/2000/svg'><script>pwn()</script></svg>",
    "page": b"<!doctype html><script>pwn()</script>",
    "packed": gzip.compress(b"<svg onload='pwn()'/>"),
    "program": b"MZ" + bytes(500),
    "half": test_attachments.picture()[:-30],
    "bomb": test_attachments.HUGE,
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize(("form", "field"), PICTURES)
def test_a_file_that_is_no_picture_is_refused_by_every_form_that_takes_one(
    service, form, field, lie
):
    sponsoring.offer(service)
    token = dict(HIDDEN.findall(service.get(form).text))
    files = {f"{field}_file": ("logo.png", LIES[lie], "image/png")}

    answer = service.ask("POST", form, data={**FORMS[form][1], **token}, files=files)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert harm_in(answer.text, "html") == []
    assert service.rows(select(Attachment)) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("html", "<p><script>pwn()</script>"),
        ("html", "<style>pwn</style>"),
        ("html", '<img src="x" onerror="pwn()">'),
        ("html", '<a href="javascript:pwn()">'),
        ("html", "<pwn>"),
        ("html", "<!-- pwn -->"),
        ("html", "961368"),
        ("rss", "<rss><description>&lt;script&gt;pwn()&lt;/script&gt;</description></rss>"),
        ("atom", "<feed><pwn/></feed>"),
        ("json", '{"items": [{"content_html": "<script>pwn()</script>"}]}'),
        ("ics", "SUMMARY:pwn\r\nATTACH:pwn"),
        ("csv", '"=pwn()",1'),
    ],
)
def test_what_would_do_harm_is_found(kind, text):
    assert harm_in(text, kind) != []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "html",
            '<input value="&lt;script>pwn()"><p>pwn</p><a href="https://pwn.example/">pwn</a>',
        ),
        ("html", '<script type="application/ld+json">{"name": "pwn"}</script>'),
        ("rss", "<rss><title>pwn</title><description>&amp;lt;pwn></description></rss>"),
        ("ics", "SUMMARY:pwn\r\n ATTACH:pwn"),
        ("csv", "'=pwn(),1"),
    ],
)
def test_what_is_only_text_is_let_pass(kind, text):
    assert harm_in(text, kind) == []


ODD_SENDERS = ("ada@ada.example\nBcc: eve@eve.example", "a\u2028b@ada.example", "a\x85b@ada.example",
               "<script>pwn()</script>@ada", "ada@ada.example, eve@eve.example")  # fmt: skip


@pytest.mark.parametrize("sender", ODD_SENDERS)
@pytest.mark.parametrize("form", FORMS)
def test_an_address_that_is_more_than_one_address_gets_no_mail(service, form, sender):
    sponsoring.offer(service)
    token = dict(HIDDEN.findall(service.get(form).text))

    answers = [
        service.post(act, {**FORMS[form][1], **token, "sender": sender})
        for act in (form, f"{form}/draft")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert [harm for answer in answers for harm in harm_in(answer.text, "html")] == []
    assert service.rows(select(Mail)) == []
