"""Snapshots: rows become pages like files do, and what is wrong with one stops nothing."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest
from click.testing import CliRunner

from pydotorg_build.cli import main
from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row, digest_of, writing

NOUNS = ("job_terms", "jobs")
TERMS = """
-- content/job_terms.yaml --
- {of: category, slug: data, title: Data science}
"""
JOB = {"title": "Night watch", "company": "Owl", "category": "data", "remote": True,
       "apply_url": "https://owl.example/", "date": "2026-11-24", "ends": "2026-12-24",
       "body": "Watch."}  # fmt: skip


def job(key="12", **fields):
    return Row("jobs", key, {**JOB, **fields})


@pytest.fixture
def site(built, project):
    """Build a site of some rows; give its pages and what the build says."""

    def build(*rows):
        built(TERMS, nouns=NOUNS)
        project.take_snapshot(*rows)
        report = project.build()
        return project.pages(), report

    return build


@pytest.mark.row("S460", "C04")
def test_a_row_that_is_wrong_is_left_out_and_told_until_it_is_mended(site, project):
    pages, first = site(job("12", colour="red", ends="soon"), job("13"))
    second = project.build()
    again = project.build(hash_only=True)

    assert "/jobs/12/" not in pages
    assert "/jobs/13/" in pages
    assert [line.partition("\n")[0] for line in first.left_out] == [
        "data/snapshot.sqlite/jobs/12: `colour` is not a field of Job",
        "data/snapshot.sqlite/jobs/12: `ends` must be a day, as 2026-05-14, or a moment,"
        " as 2026-05-14T10:00:00Z, not 'soon'",
    ]
    assert second.left_out == again.left_out == first.left_out


def told_by(project):
    return json.loads((project.output / "build.json").read_text())["quarantined"]


@pytest.mark.row("C01")
def test_of_a_row_that_is_wrong_the_page_stays_as_it_was_and_all_can_read_why(site, project):
    site(job(body="Watch."), job("13"))

    project.take_snapshot(job(ends="soon", body="New."), job("13"), before=[job(body="Watch.")])
    report = project.build()

    assert "<p>Watch.</p>" in project.pages()["/jobs/12/"]
    assert len(report.left_out) == 1
    assert told_by(project) == {
        "jobs/12": ["`ends` must be a day, as 2026-05-14, or a moment, as 2026-05-14T10:00:00Z,"
                    " not 'soon'"],
    }  # fmt: skip
    project.take_snapshot(job(body="New."), job("13"), before=[job(body="Watch.")])
    project.build()
    assert "<p>New.</p>" in project.pages()["/jobs/12/"]
    assert told_by(project) == {}


def test_what_was_shown_before_makes_a_clean_build_the_same_as_an_incremental_one(site, project):
    site(job(ends="soon"), job("13"))
    project.take_snapshot(job(ends="soon"), job("13"), before=[job()])
    project.build()
    incremental = project.pages()

    (project.root / ".pydotorg").rename(project.root / ".old")
    project.build()

    assert project.pages() == incremental
    assert "/jobs/12/" in incremental


def test_a_page_shows_the_digest_of_its_own_record_and_no_other_page_does(site):
    pages, _ = site(job())

    shown = f'<meta name="record" content="{digest_of(job())}">'
    assert [address for address, text in pages.items() if shown in text] == ["/jobs/12/"]


def test_a_row_that_is_mended_is_told_no_more(site, project):
    site(job(ends="soon"))

    project.take_snapshot(job())

    assert project.build().left_out == []
    assert "/jobs/12/" in project.pages()


@pytest.mark.parametrize(
    ("fields", "place", "shown"),
    [
        ({"body": "Watch.\n\n![An owl](owl.png)"}, ":3", "<figure>An owl</figure>"),
        ({"logo": "owl.png"}, "", "<p>Watch.</p>"),
    ],
)
def test_a_row_whose_picture_is_not_there_is_shown_without_it_and_told(
    site, project, fields, place, shown
):
    pages, first = site(job(**fields), job("13"))
    second = project.build()
    where = ["--config", str(project.root / "build.toml"), "--output", str(project.output)]
    checked = CliRunner().invoke(main, ["check", *where, "--now", "2026-11-25"])
    project.take_snapshot(job(**fields, title="Day watch"), job("13"))
    third = project.build()
    project.take_snapshot(job(), job("13"))

    told = (
        f"data/snapshot.sqlite/jobs/12{place}: there is no picture `owl.png`\n"
        "  hint: the snapshot lacks it: send the picture again, or take it out of the text"
    )
    assert shown in pages["/jobs/12/"]
    assert "<img" not in pages["/jobs/12/"].partition("<main")[2]
    assert "/jobs/13/" in pages
    assert first.flawed == second.flawed == third.flawed == [told]
    assert checked.stderr == f"notice: {told}\n"
    assert checked.stdout == "nothing is wrong, but for 1 notice\n"
    assert project.build().flawed == []


def test_what_is_told_of_a_picture_ends_with_its_row(site, project):
    _, first = site(job(logo="owl.png"))

    project.take_snapshot(job("13"))

    assert len(first.flawed) == 1
    assert project.build().flawed == []


def test_a_new_snapshot_costs_what_changed_in_it(site, project):
    site(job("12"), job("13", title="Day watch"))

    project.take_snapshot(job("12", body="Watch well."), job("13", title="Day watch"))

    assert project.build().written == ["jobs/12/index.html"]


def test_the_same_snapshot_taken_again_changes_nothing(site, project):
    site(job())

    project.take_snapshot(job())
    report = project.build()

    assert (report.written, report.removed) == ([], [])


def test_an_incremental_build_of_a_snapshot_equals_a_clean_one(site, project):
    site(job("12"), job("13"), job("15", ends="soon"))
    project.take_snapshot(job("13", title="Another"), job("14"), job("15"))
    project.build()
    incremental = project.pages()

    (project.root / ".pydotorg").rename(project.root / ".old")
    project.build()

    assert project.pages() == incremental


def test_a_strangers_text_cannot_carry_markup(site):
    body = "<script>alert(1)</script> [x](https://spam.example/)\n\n# Big"

    pages, report = site(job(body=body))

    page = pages["/jobs/12/"]
    assert report.left_out == []
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'rel="nofollow ugc' in page
    assert len(re.findall("<h1", page)) == 1


def test_a_dead_link_in_a_strangers_text_is_told_and_stops_nothing(site):
    pages, report = site(job(body="[x](/nowhere/)"))

    assert "/jobs/12/" in pages
    assert report.notes == [
        "data/snapshot.sqlite/jobs/12: the link to /nowhere/ leads nowhere\n  hint: mend or remove it"
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (Row("home", "/", {"title": "Mine now", "description": "Ha."}),
         "data/snapshot.sqlite/home//: `home` is no kind that has rows in a snapshot"),
        (Row("gossip", "1", {}),
         "data/snapshot.sqlite/gossip/1: `gossip` is no kind that has rows in a snapshot"),
        (Row("jobs", "1", {"body": 5}), "data/snapshot.sqlite/jobs/1: Expected `str`, got `int`"),
        (Row("jobs", "page", JOB),
         "data/snapshot.sqlite/jobs/page: the name 'page' is used by the job board\n"
         "  hint: rename the file"),
    ],
)  # fmt: skip
def test_a_row_that_may_not_be_is_left_out(site, row, told):
    _, report = site(row)

    assert report.left_out == [told]


def test_a_row_of_a_kind_that_is_switched_off_is_not_shown(built, project):
    pages = built("", job(), nouns=("pages",))

    assert "/jobs/12/" not in pages
    assert project.build().left_out == []


@pytest.mark.row("C04")
def test_a_snapshot_of_another_schema_is_named(site, project):
    site(job())
    with writing(project.root / "data/snapshot.sqlite") as db:
        db.execute("UPDATE meta SET value='7' WHERE key='schema'")

    with pytest.raises(Problems) as problems:
        project.build()

    assert str(problems.value) == (
        "data/snapshot.sqlite: is a snapshot of schema 7, and 1 is read\n"
        "  hint: let sidecar and builder be of one version"
    )


@pytest.mark.row("C04")
def test_what_is_no_snapshot_is_named(site, project):
    site(job())
    (project.root / "data/snapshot.sqlite").write_text("hello " * 1000)

    with pytest.raises(Problems) as problems:
        project.build()

    assert str(problems.value) == (
        "data/snapshot.sqlite: is no snapshot: file is not a database\n"
        "  hint: take it anew, or delete it to build without it"
    )


def test_a_snapshot_that_is_not_there_is_an_empty_one(site, project):
    site(job())
    (project.root / "data/snapshot.sqlite").unlink()

    project.build()

    assert "/jobs/12/" not in project.pages()


def test_a_snapshot_that_could_not_be_finished_leaves_the_one_before(site, project):
    site(job())
    path = project.root / "data/snapshot.sqlite"
    before = path.read_bytes()

    with pytest.raises(sqlite3.OperationalError), writing(path) as db:
        db.execute("DELETE FROM nothing")

    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["snapshot.sqlite"]
