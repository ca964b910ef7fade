"""The sample state: an account for each role, in which somebody can really sign in."""

from __future__ import annotations

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from pydotorg_build.problems import Problems
from sidecar.cli import sidecar
from sidecar.permissions import Role
from sidecar.samples import CODES, PASSWORD, SAMPLES, bring
from sidecar.settings import read_settings
from sidecar.tables.accounts import Given, User
from tests.conftest import ROOT
from tests.sidecar.conftest import Service


@pytest.mark.row("S027")
def test_there_is_an_account_for_each_role_and_each_can_sign_in(settings):
    bring(settings, replaces=False)

    service = Service(settings)
    names = service.rows(select(User.name))
    roles = service.rows(select(Given.role))
    half = service.send("/account/sign-in", who="superuser", password=PASSWORD)
    whole = service.send("/account/sign-in/factor", code=pyotp.TOTP(CODES).now())
    desk = service.get("/admin/")
    service.close()

    assert names == [sample.name for sample in SAMPLES]
    assert sorted(roles) == sorted(role.value for role in Role)
    assert half.headers["location"] == "/account/sign-in/factor"
    assert whole.status_code == 303
    assert desk.status_code == 200


@pytest.mark.row("S027")
def test_a_database_that_is_not_empty_comes_back_to_the_sample_state_and_is_kept(settings):
    bring(settings, replaces=False)
    with pytest.raises(Problems) as problems:
        bring(settings, replaces=False)

    kept = bring(settings, replaces=True)

    assert "the database is not empty: audit, factors, memberships, roles, users" in str(
        problems.value
    )
    assert [str(path) for path in settings.backups.iterdir()] == [kept]


@pytest.mark.row("S027")
def test_production_has_no_samples(tmp_path):
    settings = read_settings(
        {
            "PYDOTORG_ENV": "production", "PYDOTORG_URL": "https://www.python.org",
            "PYDOTORG_SECRET": "aZ3-kQ9_xW7pL2mN8vB5cR1tY6uE4oI0",
            "PYDOTORG_SMTP_HOST": "smtp.internal",
        },
        tmp_path,
    )  # fmt: skip

    with pytest.raises(Problems) as problems:
        bring(settings, replaces=True)

    assert "samples are not for production" in str(problems.value)
    assert not (tmp_path / "data/sidecar.sqlite").exists()


@pytest.mark.row("S027")
def test_one_target_does_it_and_tells_the_password(settings, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PYDOTORG_DATA", settings.data)

    said = CliRunner().invoke(sidecar, ["sample", "--replace"], catch_exceptions=False).output

    assert "pydotorg sidecar sample --replace" in (ROOT / "Makefile").read_text()
    assert f"the password of all: {PASSWORD}" in said
