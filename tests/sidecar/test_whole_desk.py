"""The desk and the account, walked by everybody: each link and form of each page has an answer."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from sidecar.announcements import Announcement
from sidecar.audit import note
from sidecar.clock import now
from sidecar.kinds import KINDS
from sidecar.kinds.base import payload_of
from sidecar.permissions import NOBODY, Role
from sidecar.sponsors.agreements import Agreement
from sidecar.sponsors.applications import Application
from sidecar.sponsors.contracts import kept, words_for
from sidecar.sponsors.steps import At
from sidecar.tables.accounts import Identity, Membership, MembershipKind
from sidecar.tables.cases import Revision, Submission, Submitter
from sidecar.tables.elections import Nomination, Nominee
from sidecar.tables.sponsors import (
    Contract,
    Signing,
    Sponsor,
    SponsorAsset,
    Sponsorship,
    SponsorshipStep,
)
from sidecar.tables.work import Failure, Firing, Mail, Suppression, Task

OURS = ("/admin", "/account", "/nominate", "/submit")
NUMBER = re.compile(r"\d+")
# Words that stand for a value nobody gave, and what an object looks like to a programmer.
BROKEN = re.compile(r"\bNone\b|\bundefined\b|&lt;\w+ object|datetime\.datetime\(|\{\{|\}\}")
# What is typed may be anything: letters are worded with braces.
TYPED = re.compile(r"<textarea.*?</textarea>|value=\"[^\"]*\"", re.DOTALL)
# How a list tells of a value that it left out.
LEFT_OUT = '<p class="field-error" role="status">'
# The form above a list, a field of it with its choices, and how many rows there are.
FILTERS = re.compile(r'<form class="filters" action="([^"]+)".*?</form>', re.DOTALL)
FIELD = re.compile(r'<(?:input type="(search|date)"|(select)) id="(\w+)"(.*?)</div>', re.DOTALL)
CHOICE = re.compile(r'<option value="([^"]+)"')
COUNT = re.compile(r'<p class="list-count">.* of (\d+)</p>')
FORMS = {f"/submit/{kind}" for kind in (*KINDS, "sponsor")}
LISTS = {"/admin/cases", "/admin/events", "/admin/mail", "/admin/users", "/admin/db/users"}
# Their queries have tests beside them: numbers, and letters that are no rows.
OF_OTHER_KINDS = {"/admin/downloads", "/admin/mail/letters"}
# Days from which and until which there is nothing.
DAYS = {"since": "2999-01-01", "until": "1999-01-01"}
CONTRACTS = {At.SENT: Signing.AWAITING, At.SIGNED: Signing.AWAITING, At.FINALIZED: Signing.EXECUTED}
FEW = 4
FOUND = {200, 303}
# Among others; so that the walk cannot lose its way and find nothing.
KNOWN = {"/admin/users", "/admin/users/1/roles/give", "/admin/users/1/disable", "/admin/audit",
         "/admin/settings/maintenance", "/admin/announcements/new", "/admin/db/users/record"}  # fmt: skip
# A form without its token is understood and refused, or shown again; it changes nothing.
REFUSED = {303, 403, 409, 422}


class Sent(NamedTuple):
    """A form of a page."""

    method: str
    act: str
    fields: tuple[str, ...]


class Seen(HTMLParser):
    """What a page leads to."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.forms: list[Sent] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.secrets: list[Sent] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "label":
            self.labels.append(given["for"])
        if tag == "form" and given.get("method") != "dialog":
            self.forms.append(Sent(given.get("method", "get"), given.get("action", self.path), ()))
        if given.get("type") == "password":
            self.secrets.append(self.forms[-1])
        if tag in ("input", "select", "textarea") and given.get("name") and self.forms:
            last = self.forms[-1]
            self.forms[-1] = last._replace(fields=(*last.fields, given["name"]))


def shape_of(address: str) -> tuple[str, tuple[str, ...]]:
    """What an address is like: of pages of one kind a few are opened."""
    parts = urlsplit(address)
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&")})
    return NUMBER.sub("1", parts.path), tuple(names)


def is_ours(address: str) -> bool:
    return address.startswith(OURS)


def walked(browser, start: str) -> Iterator[tuple[str, Seen, httpx.Response]]:
    """The pages that links lead to from here, a few of each kind, opened."""
    queue, known, met = [start], {start}, Counter()
    while queue:
        path = queue.pop(0)
        answer = browser.get(path)
        assert answer.status_code in FOUND, f"{path}: {answer.status_code}"
        if answer.status_code == 303 or "text/html" not in answer.headers["content-type"]:
            continue
        seen = Seen(path)
        seen.feed(answer.text)
        yield path, seen, answer
        for link in filter(is_ours, seen.links):
            if link not in known and met[shape_of(link)] < FEW:
                known.add(link)
                met[shape_of(link)] += 1
                queue.append(link)


async def fill(tx):
    """Something of everything that the desk shows."""
    await note(tx, NOBODY, "migrated", "", {"version": ("1", "2"), "roles": ([], ["staff"])})
    await note(tx, NOBODY, "account changed", "users/1", {"email": ("a", "b"), "state": (None, "")})
    tx.add(Announcement(title="Hi", start=now(), end=now()))
    tx.add(Failure(key="1", kind="ValueError", place="GET /", trace="a.py:1 in b"))
    tx.add(Task(kind="mail.send", payload={"a": None}, state="dead", error="no"))
    tx.add(Firing(schedule="daily", due=now()))
    tx.add(Identity(user_id=1, provider="github", subject="1"))
    for n, answer in enumerate(("asked", "accepted", "declined")):
        tx.add(
            one := Nominee(
                election="2027-board",
                public_id=str(n),
                name="Ada",
                user_id=1,
                email="a@a.example",
                email_key=str(n),
                answer=answer,
            )
        )
        await tx.flush()
        tx.add(Nomination(nominee_id=one.id, nominator_id=1, why="Why not?"))
    one.withdrawn_at = now()
    for state in ("queued", "sent", "dead", "held"):
        tx.add(Mail(template="welcome", recipient="a@a.example", subject="Hi", text="Hi",
                    message_id=f"<{state}@a.example>", state=state))  # fmt: skip


async def sponsors(tx, settings):
    """A sponsorship in each state, with the contract that goes with it."""
    file = await kept(settings, b"%PDF-", "pdf")
    tx.add(who := Sponsor(public_id="1", name="Bo <b>Bo</b>", name_key="bo"))
    await tx.flush()
    for number, state in enumerate(At):
        tx.add(one := Sponsorship(
            public_id=str(number), sponsor_id=who.id, email="bo@bo.example", email_key="bo",
            state=state.value, digest="d", price=1,
            start=now().date(), end=now().date() + datetime.timedelta(days=9),
            payload=payload_of(Application(company="Bo", sender="bo@bo.example", contact_name="Bo",
                                           address="Rua 1", city="Lisbon", country="Portugal")),
            terms={"level": None, "addons": [], "clauses": []},
        ))  # fmt: skip
        await tx.flush()
        tx.add(SponsorshipStep(sponsorship_id=one.id, step="apply", state="applied"))
        tx.add(SponsorAsset(sponsorship_id=one.id, slug="a", title="A", kind="text",
                            due=now().date()))  # fmt: skip
        if state in CONTRACTS:
            tx.add(Contract(sponsorship_id=one.id, revision=1, state=CONTRACTS[state].value,
                            words=await words_for(tx, Agreement(one, who)), pdf=file,
                            docx=file, sent_at=now()))  # fmt: skip


# What a page is made of is the same from either database.
ON_ONE = pytest.mark.parametrize("ready", ["sqlite"], indirect=True)


@pytest.fixture(params=["empty", "full"])
def filled(request, service):
    service.account("ada", "staff")
    service.account("bea", is_active=False, last_sign_in=now(), full_name="Bea <b>Long</b>")
    service.account("cleo", confirmed_at=None)
    if request.param == "full":
        service.write(fill)
        service.write(lambda tx: sponsors(tx, service.settings))
    return service


@pytest.fixture(scope="module")
def walks():
    """Who walked already, and found what."""
    return {}


@pytest.fixture
def superuser(filled):
    return filled.signed_in(role="superuser")


@pytest.fixture
def pages(request, walks, superuser):
    """The pages of the desk that a superuser comes to; each desk is walked once for all claims."""
    params = request.node.callspec.params
    desk = params["ready"], params["filled"]
    if desk not in walks:
        walks[desk] = list(walked(superuser, "/admin/"))
    return walks[desk]


@pytest.mark.row("S419", "S219", "S415", "S416", "S417", "S268", "S339", "S435")
@pytest.mark.parametrize("role", ["", *(role.value for role in Role)])
def test_every_link_and_form_of_every_page_has_an_answer(filled, role):
    browser = filled.signed_in(role=role, name="grace")
    tried = set()

    for path, seen, _ in walked(browser, "/admin/" if role else "/account/"):
        for form in seen.forms:
            kind = (form.method, shape_of(form.act), form.fields)
            if not is_ours(form.act) or kind in tried:
                continue
            tried.add(kind)
            if form.method == "get":
                asked = f"{form.act}?{urlencode(dict.fromkeys(form.fields, ''))}"
                assert browser.get(asked).status_code == 200, f"{asked} of {path}"
            else:
                answer = browser.post(form.act)
                assert answer.status_code in REFUSED, f"{form.act} of {path}: {answer.status_code}"

    acts = {act for _, (act, _), _ in tried}
    assert role != "superuser" or acts >= KNOWN


@pytest.mark.row("S434", "S321", "S350")
def test_no_page_shows_what_nobody_wrote(pages):
    broken = {path: BROKEN.findall(TYPED.sub("", answer.text)) for path, _, answer in pages}

    assert {path: words for path, words in broken.items() if words} == {}


@ON_ONE
@pytest.mark.row("S161")
def test_on_every_page_ids_are_unique_and_each_label_has_its_field(pages):
    for path, seen, _ in pages:
        twice = {id for id in seen.ids if seen.ids.count(id) > 1}
        assert twice == set(), path
        assert set(seen.labels) <= set(seen.ids), path


@pytest.mark.row("S423", "S456")
def test_an_empty_value_in_an_address_is_never_an_error(pages, superuser):
    for path, seen, _ in pages:
        names = {name for form in seen.forms if form.method == "get" for name in form.fields}
        query = urlencode(dict.fromkeys(sorted(names | {"page", "sort"}), ""))
        answer = superuser.get(f"{path.partition('?')[0]}?{query}")
        assert answer.status_code in FOUND, path
        assert LEFT_OUT not in answer.text, path


async def more(tx):
    """What only the lists show: their fields need something to leave out."""
    tx.add(by := Submitter(email="a@a.example", email_key="a@a.example"))
    tx.add(Suppression(email="b@b.example", email_key="b@b.example", reason="bounced"))
    tx.add(Membership(user_id=1, kind=MembershipKind.BASIC, legal_name="Ada"))
    await tx.flush()
    for kind in ("job", "event"):
        tx.add(one := Submission(kind=kind, public_id=kind, submitter_id=by.id, digest=kind,
                                 state="pending", title="Bakery", handed_in=now()))  # fmt: skip
        await tx.flush()
        tx.add(Revision(submission_id=one.id, n=1, payload={"calendar": "python-events"}))


def rows_of(browser, url, **query):
    """How many rows a list has; what is empty takes back what it begins with."""
    text = browser.get(f"{url}?{urlencode(query)}").text
    assert LEFT_OUT not in text, (url, query)
    return sum(map(int, COUNT.findall(text)))


@pytest.mark.row("S293")
@pytest.mark.parametrize("filled", ["full"], indirect=True)
def test_every_field_above_a_list_narrows_it(pages, filled, superuser):
    lists = {
        found[1]: FIELD.findall(found[0])
        for _, _, answer in pages
        for found in FILTERS.finditer(answer.text)
    }
    filled.write(more)
    empty = set()

    for url, fields in lists.items():
        nothing = dict.fromkeys((name for _, _, name, _ in fields), "")
        count = rows_of(superuser, url, **nothing)
        if not count:
            empty.add(url)
            continue
        for typed, _, name, inside in fields:
            values = [DAYS.get(name, "nobody's")] if typed else CHOICE.findall(inside)
            found = [rows_of(superuser, url, **nothing | {name: value}) for value in values]
            assert not typed or found == [0], (url, name)
            assert not found or min(found) < count, (url, name)

    assert lists.keys() - empty >= LISTS
    assert {url for url in empty if not url.startswith("/admin/db/")} <= OF_OTHER_KINDS


@ON_ONE
@pytest.mark.row("S173")
def test_every_page_is_kept_by_nobody_and_found_by_no_search_engine(pages):
    for path, _, answer in pages:
        text = answer.text
        # An empty form for everybody holds nothing of anybody: its browser may come back to it.
        kept = "private, no-cache" if path.partition("?")[0] in FORMS else "no-store"
        assert answer.headers["cache-control"] == kept, path
        assert '<meta name="robots" content="noindex">' in text, path
        assert text.count("<h1>") == 1, path


@pytest.mark.row("S274")
def test_a_password_is_never_sent_in_an_address(filled):
    browser = filled.signed_in(name="grace")
    starts = ("/account/", "/account/sign-in", "/account/register", "/account/forgotten")

    seen = [one for start in starts for _, one, _ in walked(browser, start)]
    seen += [one for start in starts for _, one, _ in walked(filled.browser(), start)]

    forms = [form for one in seen for form in one.secrets]
    assert len(forms) > 2
    assert {form.method for form in forms} == {"post"}
