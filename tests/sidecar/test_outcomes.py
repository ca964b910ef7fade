"""Whatever staff do ends with words about what came of it, in the page itself and without a script."""

from __future__ import annotations

import ast
import datetime
import inspect
import re
import textwrap

import pytest
from sqlalchemy import select, update

from sidecar.app import ROUTES
from sidecar.clock import now
from sidecar.letters import LETTERS
from sidecar.matrix import lines
from sidecar.tables.cases import Block, CannedReply, Decision, Submission
from sidecar.tables.work import MailOverride, Suppression
from sidecar.workflow import SPAM
from tests.sidecar.conftest import FORM as FORMS
from tests.sidecar.test_cases import FORM, GOOD, link_in, mails
from tests.sidecar.test_whole_desk import fill, sponsors, walked

ACTS = sorted({line.path for line in lines(ROUTES)
               if line.method == "POST" and line.path.startswith("/admin/")})  # fmt: skip
HANDLERS = {path: route for route in ROUTES for path in route.paths
            if "POST" in route.http_methods and path in ACTS}  # fmt: skip
# Their forms stand only beside what a built site, an application of a sponsor or a mail to a team has.
ELSEWHERE = {
    "/admin/blogs/{slug:str}/{act:str}", "/admin/blogs/entries/{key:str}/{act:str}",
    "/admin/sponsors/{number:int}/approve", "/admin/sponsors/{number:int}/undo",
    "/admin/sponsors/{number:int}/claim",
    "/admin/cases/{number:int}/end-glance",
}  # fmt: skip
HOLE = re.compile(r"\\\{\w+:(int|str)\\\}")
FIELD = re.compile(r'<(?:input(?![^>]*type="(?:hidden|checkbox|radio)")|textarea|select)'
                   r'[^>]* name="([^"]+)"')  # fmt: skip
# What is typed where something must be; all else is sent as it is shown.
SAMPLES = {
    "reason": "It is spam.", "text": "It is about Python.", "title": "A word", "value": "owl.example",
    "email": "bea@owl.example", "to": "bea@owl.example", "name": "bea", "start": "2026-11-01",
    "end": "2026-12-01", "subject": "Hi",
}  # fmt: skip
# The same of one form: buttons that are pressed, boxes that are ticked, what its rules want.
OF_ONE = {
    "/admin/cases/spam": {"cases": "4-1"},
    "/admin/cases/{number:int}/decide": {"step": "approve"},
    "/admin/db/{name:str}/record": {"start": "2026-11-01T00:00Z", "end": "2026-12-01T00:00Z"},
    "/admin/mail/letters/{name:str}": {"then": "save", "text": "{{ address }}\n{{ link }}"},
    "/admin/mail/news": {"audience": "addresses", "addresses": "bea@owl.example", "then": "look"},
    "/admin/memberships/{number:int}/kind": {"kind": "5"},
    "/admin/sponsors/sheet": {"sheet": "number,company"},
    "/admin/sponsors/{number:int}/step": {"step": "note"},
}
# What cannot be done on this desk, and why; a letter to many is only looked at. All else is done.
OTHERWISE = {
    "/admin/cases/{number:int}/delete": (409, "The site shows it: take it down first"),
    # It is that of an announcement, which its own form has just changed.
    "/admin/db/{name:str}/record": (409, "Somebody changed this record since you opened it."),
    "/admin/mail/news": (200, "bea@owl.example"),
    "/admin/sponsors/sheet": (422, "There is no line in it."),
    "/admin/sponsors/{number:int}/sign": (409, "Choose the file of the signed copy."),
}
DONE = re.compile(r'<div class="alert alert-success desk-notice" role="status"><p>\w')


def is_late(route: str) -> tuple[bool, bool]:
    """Maintenance closes all other forms; what is claimed has others then, what is removed none."""
    return "settings/" in route, route.endswith(("/claim", "/delete", "/remove"))


def route_of(act: str) -> str:
    """Which route an address belongs to: of several, the one with the fewest holes."""
    found = [path for path in ACTS
             if re.fullmatch(HOLE.sub(lambda hole: r"\d+" if hole[1] == "int" else "[^/]+",
                                      re.escape(path)), act.partition("?")[0])]  # fmt: skip
    return min(found, key=lambda path: path.count("{"))


async def keep(tx):
    tx.add(CannedReply(title="Not Python", text="It is not about Python."))
    tx.add(Block(value="spam.example"))
    tx.add(Suppression(email="a@spam.example", email_key="a@spam.example", reason="complained"))
    tx.add_all(MailOverride(template=name, subject="Hi", text="Hi", author=1)
               for name, letter in LETTERS.items() if not letter.is_security)  # fmt: skip


@pytest.fixture
def desk(service):
    """A desk with something of everything, among it a job to be shown, and two that are spam."""
    service.account("ada", "staff", is_member=True)
    for title in ("One", "Two", "Three", "Four"):
        browser = service.browser()
        browser.send(FORM, **{**GOOD, "title": title})
        link = link_in(mails(service)[-1])
        browser.send(link, link.partition("?")[0])
    # Last, since lists begin with the newest, and of each a few are opened.
    for step in (fill, lambda tx: sponsors(tx, service.settings), keep):
        service.write(step)
    return service


@pytest.mark.row("S247")
def test_every_form_of_the_desk_ends_with_a_visible_outcome(desk):
    browser = desk.signed_in(role="superuser", name="grace")
    _, two, three, _ = desk.rows(select(Submission.id).order_by(Submission.id))
    for number, step in ((two, "approve"), (three, SPAM)):
        browser.send(f"/admin/cases/{number}", f"/admin/cases/{number}/decide", step=step)
    late = now() + datetime.timedelta(hours=1)
    desk.write(lambda tx: tx.execute(update(Decision).values(until=late)))
    found = {}
    for page, seen, _ in walked(browser, "/admin/"):
        for form in seen.forms:
            is_own = f"/users/{browser.user}/" in form.act
            if form.method == "post" and form.act.startswith("/admin/") and not is_own:
                found.setdefault(route_of(form.act), (page, form.act))
    assert set(ACTS) - set(found) == ELSEWHERE

    opened = {route: (browser.get(page), act) for route, (page, act) in found.items()}

    for route in sorted(opened, key=lambda one: (is_late(one), one)):
        shown, act = opened[route]
        (form, *_) = [form for form in FORMS.findall(shown.text) if f'action="{act}"' in form]
        typed = {
            name: SAMPLES[name] for name in FIELD.findall(form) if name in SAMPLES
        } | OF_ONE.get(route, {})
        answer = browser.submit(shown, act, **typed)
        status, words = OTHERWISE.get(route, (303, ""))
        assert (answer.status_code, words in answer.text) == (status, True), route
        if status == 303:
            assert DONE.search(browser.get(answer.headers["location"]).text), route


@pytest.mark.row("S247")
@pytest.mark.parametrize("path", HANDLERS)
def test_no_act_of_staff_leads_to_another_page_without_a_word(path):
    code = ast.parse(textwrap.dedent(inspect.getsource(HANDLERS[path].fn)))
    calls = [node for node in ast.walk(code) if isinstance(node, ast.Call)]
    ways = [call for call in calls if getattr(call.func, "id", "") == "go"]

    assert "Redirect" not in {getattr(call.func, "id", "") for call in calls}
    for way in ways:
        assert len(way.args) > 2, ast.unparse(way)
        assert ast.unparse(way.args[2]) not in {"''", "None"}
