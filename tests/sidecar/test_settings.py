"""The settings: what is refused, by the name of its variable."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pydotorg_build.problems import Problems
from sidecar.settings import FIELDS, read_settings, variable
from tests.conftest import ROOT

GOOD = {
    "PYDOTORG_ENV": "production",
    "PYDOTORG_SECRET": "aZ3-kQ9_xW7pL2mN8vB5cR1tY6uE4oI0",
    "PYDOTORG_URL": "https://www.python.org",
    "PYDOTORG_SMTP_HOST": "smtp.internal",
    "DATABASE_URL": "postgresql://web:rFq83kLm@db.internal/web",
}
UNSAFE = [
    ("PYDOTORG_SECRET", "", "must be a random text of at least 32 characters"),
    ("PYDOTORG_SECRET", "short", "must be a random text of at least 32 characters"),
    ("PYDOTORG_SECRET", "a" * 64, "must be a random text of at least 32 characters"),
    ("PYDOTORG_URL", "http://www.python.org",
     "must begin with https:// in production, not be 'http://www.python.org'"),
    ("PYDOTORG_SMTP_HOST", "", "must name the server that mail is sent by"),
    ("DATABASE_URL", "postgresql://web:postgres@db.internal/web",
     "has a password that everybody knows"),
]  # fmt: skip
WRONG = [
    ("PYDOTORG_PORT", "eighty", "PYDOTORG_PORT must be a whole number, not 'eighty'"),
    ("PYDOTORG_PORT", "70000", "PYDOTORG_PORT must be a smaller number: at most 65,535, not '70000'"),
    ("PYDOTORG_ENV", "test",
     "PYDOTORG_ENV must be one of development, staging, production, not 'test'"),
    ("PYDOTORG_PROT", "80", "PYDOTORG_PROT is no setting"),
    ("PYDOTORG_HOST", "localhost",
     "PYDOTORG_HOST must be written like 127.0.0.1, not 'localhost'"),
    ("DATABASE_URL", "nonsense", "DATABASE_URL is no address of PostgreSQL or SQLite"),
    ("DATABASE_URL", "mysql://web:s3cr3t@db/web",
     "DATABASE_URL is no address of PostgreSQL or SQLite"),
    ("DATABASE_URL", "postgresql://web@db:port/web",
     "DATABASE_URL is no address of PostgreSQL or SQLite"),
    ("PYDOTORG_BUILD_HOOK", "htps://api.example/s3cr3t", "PYDOTORG_BUILD_HOOK is no address"),
]  # fmt: skip


@pytest.mark.row("S054", "S055", "S248")
@pytest.mark.parametrize(("name", "value", "told"), UNSAFE)
def test_production_refuses_what_is_unsafe_and_names_the_variable(tmp_path, name, value, told):
    with pytest.raises(Problems) as problems:
        read_settings({**GOOD, name: value}, tmp_path)

    assert str(problems.value).partition("\n")[0] == f"(environment): {name} {told}"


@pytest.mark.row("S050")
@pytest.mark.parametrize(
    ("given", "level", "is_json"),
    [
        ({"PYDOTORG_ENV": "development"}, "debug", False),
        ({"PYDOTORG_ENV": "staging"}, "debug", True),
        ({"PYDOTORG_ENV": "production"}, "info", True),
        ({"PYDOTORG_ENV": "production", "PYDOTORG_LOG_LEVEL": "error"}, "error", True),
        ({"PYDOTORG_ENV": "production", "PYDOTORG_LOG": "text"}, "info", False),
    ],
)
def test_how_much_is_logged_follows_from_where_it_runs(tmp_path, given, level, is_json):
    settings = read_settings({**GOOD, **given}, tmp_path)

    assert (settings.level, settings.logs_json) == (level, is_json)


@pytest.mark.row("S248")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"PYDOTORG_SMTP_USER": "web"}, "PYDOTORG_SMTP_PASSWORD and PYDOTORG_SMTP_USER must both"),
        ({"PYDOTORG_SMTP_USER": "web", "PYDOTORG_SMTP_PASSWORD": "x",
          "PYDOTORG_SMTP_SECURITY": "none"}, "PYDOTORG_SMTP_SECURITY must be starttls or tls"),
        ({"PYDOTORG_SMTP_SECURITY": "ssl"}, "PYDOTORG_SMTP_SECURITY must be one of"),
        ({"PYDOTORG_SMTP_PORT": "0"}, "PYDOTORG_SMTP_PORT must be"),
        ({"PYDOTORG_MAIL_FROM": "us"}, "PYDOTORG_MAIL_FROM"),
    ],
)  # fmt: skip
def test_how_mail_is_sent_is_checked_at_the_start_and_documented(tmp_path, given, told):
    with pytest.raises(Problems, match=told):
        read_settings({**GOOD, **given}, tmp_path)

    assert all(f"\n{name}=" in (ROOT / ".env.example").read_text() for name in given)


@pytest.mark.row("S007")
def test_the_database_is_a_file_until_a_variable_names_another(tmp_path):
    assert read_settings({}, tmp_path).database_url == f"sqlite:///{tmp_path}/data/sidecar.sqlite"
    assert read_settings(GOOD, tmp_path).database_url == GOOD["DATABASE_URL"]


@pytest.mark.row("S050")
@pytest.mark.parametrize("env", ["staging", "production"])
def test_what_is_tried_before_production_is_as_guarded(tmp_path, env):
    with pytest.raises(Problems, match="PYDOTORG_SECRET must be a random text"):
        read_settings({**GOOD, "PYDOTORG_ENV": env, "PYDOTORG_SECRET": ""}, tmp_path)


def test_production_takes_what_is_safe(tmp_path):
    assert read_settings(GOOD, tmp_path).is_production


@pytest.mark.parametrize(("name", "value", "told"), WRONG)
def test_a_wrong_value_is_told_by_the_name_of_the_variable(tmp_path, name, value, told):
    with pytest.raises(Problems) as problems:
        read_settings({name: value}, tmp_path)

    assert str(problems.value).partition("\n")[0] == f"(environment): {told}"


def test_a_secret_is_made_once_and_is_nobody_elses(tmp_path):
    first = read_settings({}, tmp_path).secret

    assert read_settings({}, tmp_path).secret == first
    assert len(first) >= 32
    assert (tmp_path / "data/secret").stat().st_mode & 0o077 == 0


def test_every_variable_stands_in_the_example():
    lines = (ROOT / ".env.example").read_text().splitlines()

    written = [line.partition("=")[0] for line in lines if not line.startswith("#")]

    assert written == [variable(field) for field in FIELDS]


def test_the_example_is_read_by_a_shell_and_says_what_is_when_nothing_is_set(tmp_path):
    source = f"set -a && . {ROOT}/.env.example && env"
    said = subprocess.run(
        ["/bin/sh", "-c", source], env={}, capture_output=True, text=True, check=True
    )

    told = dict(line.split("=", 1) for line in said.stdout.splitlines())
    environ = {name: told[name] for name in map(variable, FIELDS)}
    read = read_settings(environ | {"PYDOTORG_SECRET": "s"}, tmp_path)

    assert read == read_settings({"PYDOTORG_SECRET": "s"}, tmp_path)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_nothing_is_kept_in_is_refused(tmp_path, url):
    with pytest.raises(Problems) as problems:
        read_settings({"DATABASE_URL": url}, tmp_path)

    assert "DATABASE_URL names no file, so nothing would be kept" in str(problems.value)


def test_figures_are_not_measured_on_a_database_that_is_none(tmp_path):
    command = (ROOT / "benchmarks/load.py", "--database", "nonsense")
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        "(environment): DATABASE_URL is no address of PostgreSQL or SQLite"
    )
