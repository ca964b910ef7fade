"""Who may do what: every route is asked as everybody, and the table in docs/ says the same."""

from __future__ import annotations

import datetime
import re

import pytest
from click.testing import CliRunner
from litestar.routes import HTTPRoute

from sidecar.app import ROUTES
from sidecar.cli import sidecar
from sidecar.clock import now
from sidecar.keys import make
from sidecar.matrix import ASKERS, OWN_SCOPES, lines, may
from sidecar.permissions import NOBODY, Actor, Permission, Role, permissions_of
from sidecar.rates import Rates
from sidecar.tables.accounts import ApiKey
from tests.conftest import ROOT

LINES = lines(ROUTES)
DOOR = ("Sign in first.", "Your account may not do this.", "Prove once more", "until you signed in",
        "its scopes lack", "This key has expired.")  # fmt: skip
# What a route wants in its path: something that is nobody's.
FILLED = {"int": "999999", "str": "nothing", "path": "nothing", "uuid": "0" * 32}


def filled(path):
    """An address of a route."""
    return re.sub(r"\{[^:}]+:(\w+)\}", lambda found: FILLED[found[1]], path)


def opened(answer):
    """Did the door open?  What lies behind may still say that there is nothing."""
    location = answer.headers.get("location", "")
    if answer.status_code == 303 and location.startswith(
        ("/account/sign-in?", "/account/step-up?")
    ):
        return False
    return not (answer.status_code in (401, 403) and any(words in answer.text for words in DOOR))


@pytest.fixture
def browsers(service):
    """Each of those who ask, as a browser or a program."""
    staff = {"moderator": Role.JOBS_TEAM, "staff": Role.STAFF, "superuser": Role.SUPERUSER}
    found = {"nobody": service.browser(), "member": service.signed_in(name="mia", is_member=True)}
    found |= {name: service.signed_in(role.value, name) for name, role in staff.items()}
    owner = service.account("kim")
    for name, expires in (("key", 1), ("ended key", -1)):
        made = service.write(lambda tx: make(tx, Actor(user=owner), "k", OWN_SCOPES)).text
        ends = now() + datetime.timedelta(days=expires)
        change = ApiKey.__table__.update().where(ApiKey.prefix == made[:12]).values(expires=ends)
        service.write(lambda tx, change=change: tx.execute(change))
        found[name] = service.browser()
        found[name].client.headers["authorization"] = f"Bearer {made}"
    return found


@pytest.mark.row("S041", "S042", "S276", "S326", "S287")
@pytest.mark.parametrize("asker", ASKERS, ids=lambda asker: asker.name)
def test_every_route_opens_to_whom_its_permission_says_and_to_nobody_else(service, browsers, asker):
    browser = browsers[asker.name]
    differs = []
    for line in LINES:
        service.app.inner.state.rates = Rates()
        answer = browser.ask(line.method, filled(line.path), headers={"accept": "text/html"})
        if opened(answer) is not may(asker, line):
            differs.append((line.method, line.path, answer.status_code))
        assert answer.status_code < 500, (line.method, line.path, answer.text)

    assert differs == []


def answers(service, browser, lines, **headers):
    """The status of each of these routes."""
    found = {}
    for line in lines:
        service.app.inner.state.rates = Rates()
        path = filled(line.path)
        found[line.method, line.path] = browser.ask(line.method, path, headers=headers).status_code
    return found


@pytest.mark.row("S288")
def test_nobody_gets_401_wherever_something_is_not_for_everybody(service):
    closed = [line for line in LINES if not may(ASKERS[0], line)]

    found = answers(service, service.browser(), closed, accept="application/json")

    assert len(found) > 100
    assert set(found.values()) == {401}, {k: v for k, v in found.items() if v != 401}


@pytest.mark.row("S289")
def test_a_member_gets_403_wherever_something_is_for_staff(service, browsers):
    of_staff = [line for line in LINES if may(ASKERS[4], line) and not may(ASKERS[1], line)
                and not line.path.startswith("/api/")]  # fmt: skip

    found = answers(service, browsers["member"], of_staff, accept="application/json")

    assert len(found) > 50
    assert set(found.values()) == {403}, {k: v for k, v in found.items() if v != 403}


@pytest.mark.row("S041")
def test_every_route_that_is_served_is_in_the_walk_and_names_a_permission(service):
    served = {
        (method, route.path)
        for route in service.app.inner.routes
        if isinstance(route, HTTPRoute)
        for method in set(route.methods) - {"OPTIONS", "HEAD"}
    }

    assert {(line.method, line.path) for line in LINES} == served
    assert [line for line in LINES if line.permission is None] == []


# Whoever changes something and may be nobody: few, and each for a reason.
OPEN = re.compile(
    r"/account/(sign-in|sign-out|register|confirm|resend|forgot|reset|enrol|providers|with|email"
    r"|address|passkey|step-up|unsubscribe)"
    r"|/api/v1/token/|/submit/|/nominate/|/mail/"
)


@pytest.mark.row("S041")
def test_nobody_changes_anything_but_by_what_must_be_open():
    changing = [line for line in LINES if line.method != "GET" and may(ASKERS[0], line)]

    assert [line.path for line in changing if not OPEN.match(line.path)] == []


@pytest.mark.parametrize("role", Role)
def test_a_role_gives_nothing_before_a_second_factor(role):
    assert permissions_of(frozenset({role}), has_factor=False) == frozenset()


@pytest.mark.parametrize("permission", Permission)
def test_a_key_without_a_scope_may_nothing_that_is_not_for_everybody(permission):
    powers = permissions_of(frozenset({Role.SUPERUSER}), has_factor=True)
    actor = Actor(user=1, is_member=True, scopes=frozenset(), permissions=powers)

    assert actor.may(permission) is (permission is Permission.PUBLIC)
    assert NOBODY.may(permission) is (permission is Permission.PUBLIC)


def test_the_table_in_the_documents_is_that_of_the_routes():
    printed = CliRunner().invoke(sidecar, ["permissions"]).output

    written = (ROOT / "docs/permissions.md").read_text()
    assert written == printed, "run: pydotorg sidecar permissions >docs/permissions.md"
