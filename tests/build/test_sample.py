"""Invented entries, to see the whole site without a sidecar."""

from __future__ import annotations

import datetime
import random

import pytest
from click.testing import CliRunner

from pydotorg_build.cli import main
from pydotorg_build.sample import SAMPLES, rows, write_sample
from pydotorg_build.settings import read_settings
from pydotorg_build.snapshot import Row
from tests.conftest import NOW, ROOT

TODAY = NOW.date()
NAME = "data/snapshot.sqlite"


@pytest.mark.row("S282")
def test_the_same_number_and_day_give_the_same_entries():
    random.random()

    assert list(rows(7, TODAY)) == list(rows(7, TODAY))
    assert list(rows(7, TODAY)) != list(rows(8, TODAY))


def test_every_sample_can_be_read_and_says_that_it_is_one(built, project):
    files = ("content/job_terms.yaml", "content/calendars.yaml")
    text = "\n".join(f"-- {name} --\n{(ROOT / name).read_text()}" for name in files)
    nouns = ("job_terms", "jobs", "calendars", "event_categories", "events")
    built(text, nouns=nouns)
    (project.root / NAME).unlink()
    write_sample(project.root, NAME, 1, TODAY)

    report = project.build()
    pages = project.pages()

    assert report.left_out == []
    assert "<h1>Python jobs</h1>" in pages["/jobs/"]
    assert "This job is invented" in pages["/jobs/7001/"]
    assert '"JobPosting"' not in pages["/jobs/7001/"]
    assert "This event is invented" in pages["/events/python-user-group/7001/"]
    assert "Happening now" in pages["/events/"]


def test_samples_are_of_kinds_that_the_site_has():
    assert set(SAMPLES) <= set(read_settings(ROOT / "build.toml").nouns)


def test_samples_are_open_on_their_day():
    for row in rows(1, TODAY):
        if row.kind == "jobs":
            assert datetime.date.fromisoformat(row.data["date"]) <= TODAY
            assert datetime.date.fromisoformat(row.data["ends"]) > TODAY


def test_a_snapshot_of_a_sidecar_is_not_overwritten_nor_removed(project):
    project.take_snapshot(Row("jobs", "1", {}))

    for change in (["sample"], ["sample", "--remove"]):
        done = CliRunner().invoke(main, [*change, "--config", str(project.root / "build.toml")])

        assert done.exit_code == 1
        assert done.output == (
            "data/snapshot.sqlite: is a snapshot of a sidecar, not a sample\n"
            "  hint: move it away first, if it is not wanted any more\n"
            "1 problem\n"
        )


def test_samples_that_were_taken_away_are_gone(project):
    config = ["--config", str(project.root / "build.toml")]
    CliRunner().invoke(main, ["sample", *config])

    done = CliRunner().invoke(main, ["sample", "--remove", *config])

    assert done.exit_code == 0
    assert not (project.root / NAME).exists()
