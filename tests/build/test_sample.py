"""Invented entries, to see the whole site without a sidecar."""

from __future__ import annotations

import datetime
import random
import re

import pytest
from click.testing import CliRunner

from pydotorg_build.cli import main
from pydotorg_build.content import types_of
from pydotorg_build.sample import samples, write_sample
from pydotorg_build.settings import read_settings
from pydotorg_build.snapshot import Row
from tests.conftest import NOW, ROOT, build_text, project_in

TODAY = NOW.date()
NAME = "data/snapshot.sqlite"
TERMS = ("job_terms", "calendars", "event_categories", "sponsor_levels", "story_categories")
NOUNS = (*TERMS, "jobs", "events", "snippets", "sponsors", "stories", "elections", "nominees",
         "blog_feeds", "blog_marks", "blog_entries", "posts", "user_groups", "banners", "download_numbers",
         "decisions")  # fmt: skip


@pytest.mark.row("S282")
def test_the_same_number_and_day_give_the_same_entries():
    random.random()

    assert list(samples(7, TODAY)) == list(samples(7, TODAY))
    assert list(samples(7, TODAY)) != list(samples(8, TODAY))


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """Build a site of all kinds that has nothing but the lists of terms and the samples."""
    files = [ROOT / f"content/{name}.yaml" for name in TERMS] + sorted(
        (ROOT / "content/snippets").iterdir()
    )
    text = "\n".join(f"-- {file.relative_to(ROOT)} --\n{file.read_text()}" for file in files)
    project = project_in(tmp_path_factory.mktemp("sampled"))
    build_text(project, text, nouns=NOUNS)
    (project.root / NAME).unlink()
    write_sample(project.root, NAME, 1, TODAY)
    report = project.build()
    return project.pages(), report


@pytest.mark.row("S026")
def test_every_sample_can_be_read_and_says_that_it_is_one(sampled):
    pages, report = sampled

    assert report.left_out == []
    for url, words in (
        ("/jobs/7001/", "This job is invented"),
        ("/events/python-user-group/7001/", "This event is invented"),
        ("/success-stories/7001/", "This story is invented"),
        ("/psf/sponsors/", "(an example)"),
        ("/community/posts/7001/", "This post is invented"),
        ("/nominations/elections/invented-2026-open/", "This election is invented"),
        ("/nominations/elections/", ">Invented</span>"),
        ("/community/user-groups/europe/", ">Invented</span>"),
        ("/blogs/", "(an invented example)"),
        ("/blogs/feeds/", ">Invented</span>"),
        ("/jobs/feed.rss", " (invented)</title>"),
        ("/success-stories/feed.atom", " (invented)</title>"),
        ("/community/posts/feed.json", ' (invented)"'),
        ("/", "Some of what you see here is invented"),
    ):
        assert words in pages[url]
    assert '"JobPosting"' not in pages["/jobs/7001/"]
    assert "Happening now" in pages["/events/"]


@pytest.mark.row("S026")
def test_there_is_an_election_in_every_state(sampled):
    pages, _ = sampled

    page = pages["/nominations/elections/"]
    words = re.findall(r'<li><span class="badge [^"]*">([^<]+)<', page)
    assert sorted(words) == [
        "Announced", "Nominations closed", "Nominations not open yet", "Nominations open", "Over"
    ]  # fmt: skip
    assert sum(url.count("/nominees/") for url in pages) > 10


def test_nothing_invented_is_in_what_other_programs_take(sampled):
    pages, _ = sampled

    for url in ("/blogs/feeds.opml", "/api/v3/sponsors.json", "/api/v3/user-groups.json"):
        assert ".example" not in pages[url].replace("https://test.example", "")


def test_samples_are_of_kinds_that_the_site_has():
    kinds = {one.kind for one in samples(1, TODAY) if isinstance(one, Row)}

    nouns = read_settings(ROOT / "build.toml").nouns
    assert kinds <= set(nouns)
    assert kinds == {kind.name for kind in types_of(nouns) if kind.rows}


def test_samples_are_open_on_their_day():
    for row in samples(1, TODAY):
        if isinstance(row, Row) and row.kind == "jobs":
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
