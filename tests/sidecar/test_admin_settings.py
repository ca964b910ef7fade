"""The settings at the desk, and what staff close for changes."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from pydotorg_build.last_build import last_build
from sidecar.routes.admin_settings import shown_settings
from sidecar.settings import FIELDS
from sidecar.tables.work import Audit, Flag
from sidecar.worker import Worker
from tests.conftest import BUILD_TOML, HOME, ROOT, Project

URL = "/admin/settings"


@pytest.fixture
def root(service):
    return service.signed_in(role="superuser")


def close(root, name, **typed):
    given = {f"{name}-{field}": value for field, value in typed.items()}
    return root.send(URL, f"{URL}/{name}", **given)


@pytest.mark.row("S337", "S052")
def test_during_maintenance_a_change_is_refused_with_words_and_a_time(service, root):
    member = service.signed_in(role="jobs team")
    close(root, "maintenance", words="New disks.", until="2999-01-01")

    answer = root.post("/admin/users/1/disable")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 3600
    assert "<h1>Not at the moment</h1>" in answer.text
    assert "New disks. It opens again on 1 January 2999 at 00:00 UTC." in answer.text
    assert "If you report it" not in answer.text
    assert member.get("/admin/").status_code == 200


@pytest.mark.row("S337")
def test_staff_sign_in_and_end_maintenance_during_maintenance(service, root):
    close(root, "maintenance")
    service.account("grace", "superuser")

    tried = service.send("/account/sign-in", who="grace", password="a wrong one")
    opened = root.send(URL, f"{URL}/maintenance")

    assert tried.status_code != 503
    assert opened.status_code == 303
    assert "Maintenance: open again." in root.get(URL).text
    assert root.post("/admin/users/999/disable").status_code != 503
    assert [row.action for row in service.rows(select(Audit).order_by(Audit.id))] == [
        "maintenance closed", "maintenance opened"
    ]  # fmt: skip


def test_a_time_that_cannot_be_meant_is_told_beside_its_field_and_nothing_is_lost(root):
    answer = close(root, "maintenance", words="New disks.", until="soon")

    assert answer.status_code == 422
    assert 'id="maintenance-until-error"' in answer.text
    assert "New disks.</textarea>" in answer.text
    assert root.post("/admin/users/999/disable").status_code != 503


def test_the_overview_says_what_is_closed(root):
    close(root, "registration")

    assert "New accounts: closed for changes" in root.get("/admin/").text


def test_only_superusers_close_and_staff_see(service):
    staff = service.signed_in(role="staff")

    assert staff.get(URL).status_code == 200
    assert "<form" not in staff.get(URL).text.partition("<main")[2].partition("</main>")[0]
    assert staff.post(f"{URL}/maintenance").status_code == 403


def test_no_secret_is_shown(settings):
    odd = {name: "Geheimnis" for name in FIELDS if "secret" in name or "password" in name}
    url = "postgresql://py:Geheimnis@db.example/org"

    shown = list(shown_settings(replace(settings, database_url=url, **odd)))

    assert odd
    assert not [one for one in shown if "Geheimnis" in one.value]
    assert ("DATABASE_URL", "postgresql://py:…@db.example/org") in shown


def facts(page):
    return dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd>([^<]+)</dd>", page.text))


@pytest.mark.row("S337")
def test_a_snapshot_is_taken_on_demand_and_the_page_tells_how_far_the_site_is(service, root):
    assert facts(root.get(URL))["Last snapshot"] == "none was taken yet"

    root.send(URL, f"{URL}/snapshot")
    service.run(Worker(service.db, service.settings).drain())
    page = root.get(URL)
    assert facts(page)["Last snapshot"] == "1"
    assert "The site is behind" in page.text

    epoch = service.rows(select(Flag.value).where(Flag.name == "snapshot"))[0]["epoch"]
    site = Path(service.settings.site)
    site.mkdir(exist_ok=True)
    built = {"snapshots": {"data/snapshot.sqlite": {"epoch": epoch, "number": "1"}}}
    (site / "build.json").write_text(json.dumps(built))

    page = root.get(URL)
    assert facts(page)["The site was built from"] == "1"
    assert "The site is behind" not in page.text


@pytest.mark.row("S403")
def test_the_page_tells_what_the_last_build_did(service, root, tmp_path):
    assert "was made elsewhere, or there is none" in root.get(URL).text
    project = Project(tmp_path)
    settings = BUILD_TOML.replace('"pages"', '"pages", "home", "around"')
    project.write(f"-- build.toml --{settings}{HOME}")
    for folder in ("templates", "static"):
        shutil.copytree(ROOT / folder, project.root / folder)
    project.build()
    assert last_build(Path(service.settings.site)).pages > 1

    text = root.get(URL).text

    assert f"<dd>{last_build(Path(service.settings.site)).words}</dd>" in text
