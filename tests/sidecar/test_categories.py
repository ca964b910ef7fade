"""What holds for every domain alike: it has tests, and what is not there is told as that."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from sqlalchemy import select

from pydotorg_build.content import NAMES
from sidecar.app import ROUTES
from sidecar.keys import SCOPES, make
from sidecar.matrix import lines
from sidecar.permissions import Actor, Role, permissions_of
from sidecar.rates import Rates
from sidecar.tables.elections import Nominee
from tests.conftest import ROOT
from tests.sidecar.test_nominations import FORM, OTHER, site  # noqa: F401 (a fixture)
from tests.sidecar.test_permissions import filled

# A kind whose tests stand with those of another, and where.
TOGETHER = {"download_numbers": "sidecar/test_downloads", "managers": "content/test_managers"}
DOMAINS = {
    "admin": "sidecar/test_admin", "accounts": "sidecar/test_register",
    "users": "sidecar/test_profiles", "pages": "content/test_pages",
    "downloads": "content/test_releases_site", "jobs": "content/test_jobs",
    "events": "content/test_events", "sponsors": "content/test_sponsors",
    "blogs": "content/test_blog_entries", "community": "content/test_posts",
}  # fmt: skip
# One thing by its name or number: what such a route answers of what is not there.
OF_ONE = sorted({
    line.path for line in lines(ROUTES) if line.method == "GET" and line.path.endswith("}")
})  # fmt: skip


@pytest.mark.row("S283")
@pytest.mark.parametrize("place", DOMAINS.values(), ids=DOMAINS)
def test_each_domain_of_today_has_tests_at_its_place(place):
    text = (ROOT / f"tests/{place}.py").read_text()

    assert len(re.findall(r"^def test_", text, re.MULTILINE)) > 2


@pytest.mark.row("S283")
@pytest.mark.parametrize("name", NAMES)
def test_each_kind_of_content_has_tests_of_its_name(name):
    place = TOGETHER.get(name, f"content/test_{name}")

    assert (ROOT / f"tests/{place}.py").is_file()


@pytest.mark.row("S292")
@pytest.mark.parametrize("path", OF_ONE)
def test_what_is_not_there_is_404_as_a_page_or_as_json(service, path):
    is_json = path.startswith("/api/")
    browser = service.signed_in(Role.SUPERUSER.value)
    if is_json:
        powers = permissions_of(frozenset({Role.SUPERUSER}), has_factor=True)
        owner = Actor(user=browser.user, has_factor=True, permissions=powers)
        scopes = [scope.value for scope in SCOPES]
        text = service.write(lambda tx: make(tx, owner, "k", scopes)).text
        browser.client.headers["authorization"] = f"Bearer {text}"
    service.app.inner.state.rates = Rates()

    answer = browser.get(filled(path))

    assert answer.status_code == 404
    assert ("error" in json.loads(answer.text)) if is_json else ("<h1>" in answer.text)


@pytest.mark.row("S290")
def test_what_was_made_is_read_back_by_a_new_process(service, site):  # noqa: F811
    service.signed_in().send(FORM, **OTHER)
    (made,) = service.rows(select(Nominee))
    code = (
        "import sys, sqlalchemy as sa; from sidecar.schema import sync_url\n"
        "with sa.create_engine(sync_url(sys.argv[1])).connect() as db:\n"
        "    print(*db.execute(sa.text('SELECT public_id, name, answer FROM nominees')).one())"
    )

    read = subprocess.run(
        [sys.executable, "-c", code, service.settings.database_url],
        capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ,
    ).stdout  # fmt: skip

    assert read == f"{made.public_id} Grace Hopper asked\n"
