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
# Their forms stand only beside what a built site, or an application of a sponsor, has.
ELSEWHERE = {
    "/admin/blogs/{slug:str}/{act:str}", "/admin/blogs/entries/{key:str}/{act:str}",
    "/admin/sponsors/{number:int}/approve",
}  # fmt: skip
HOLE = re.compile(r"\\\{\w+:(int|str)\\\}")
FIELD = re.compile(r'<(?:input(?![^>]*type="(?:hidden|checkbox|radio)")|textarea|select)'
                   r'[^>]* name="([^"]+)"')  # fmt: skip
DONE = re.compile(r'<div class="alert alert-success desk-notice" role="status"><p>\w')
WRONG = re.compile(r'<div class="alert alert-danger')


def is_late(route: str) -> tuple[bool, bool]:
    """Maintenance closes all other forms, and what is removed has none any more."""
    return "settings/" in route, route.endswith(("/delete", "/remove"))


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
    """A desk with something of everything: a job that waits, one that is shown, one that is spam."""
    service.account("ada", "staff", is_member=True)
    for title in ("One", "Two", "Three"):
        browser = service.browser()
        browser.send(FORM, **{**GOOD, "title": title})
        link = link_in(mails(service)[-1])
        browser.send(link, link.partition("?")[0])
    # Last, since lists begin with the newest, and of each a few are opened.
    for step in (fill, sponsors, keep):
        service.write(step)
    return service


@pytest.mark.row("S247")
def test_every_form_of_the_desk_ends_with_a_visible_outcome(desk):
    browser = desk.signed_in(role="superuser", name="grace")
    two, three = desk.rows(select(Submission.id).order_by(Submission.id))[1:]
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

    for route in sorted(opened, key=is_late):
        shown, act = opened[route]
        (form, *_) = [form for form in FORMS.findall(shown.text) if f'action="{act}"' in form]
        answer = browser.submit(shown, act, **dict.fromkeys(FIELD.findall(form), ""))
        if answer.status_code == 303:
            assert DONE.search(browser.get(answer.headers["location"]).text), route
        else:
            assert answer.status_code in {409, 422}, route
            assert WRONG.search(answer.text), route


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
