"""The command line, as a person or a script meets it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import BUILD_TOML

SITE = """
-- content/home.md --
---
title: Welcome
description: A test.
---
-- content/pages/about/index.md --
---
title: About
---
Hello.
"""


@pytest.fixture
def run(project):
    """Run `pydotorg` in a project, as a process of its own."""
    nouns = 'nouns = ["pages", "home", "around"]'
    settings = BUILD_TOML.replace('nouns = ["pages"]', nouns)
    project.write(f"-- build.toml --{settings}{SITE}")

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pydotorg_build", *words]
        return subprocess.run(
            command, cwd=project.root, capture_output=True, text=True, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip

    return run


@pytest.mark.row("C01")
def test_the_second_build_writes_nothing(run, project):
    first = run("build")
    pages = project.pages()

    second = run("build")

    said = "nothing to do: the site is as it should be\n"
    assert (first.returncode, second.returncode, second.stdout) == (0, 0, said)
    assert project.pages() == pages


def test_another_zone_locale_and_hash_seed_give_the_same_bytes(run, project):
    run("build", "--now", "2026-11-25")
    pages = project.pages()
    run("clean")

    run("build", "--now", "2026-11-25", TZ="Asia/Kathmandu", LC_ALL="C", PYTHONHASHSEED="7")

    assert project.pages() == pages


def test_problems_are_told_on_the_error_stream_with_status_1(run, project):
    project.write("-- content/pages/about/index.md --\n---\ntitel: About\n---\n")

    done = run("build")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "content/pages/about/index.md:1:1: `title` is missing",
        "  hint: add a line `title: …`",
        "content/pages/about/index.md:2:1: `titel` is not a field of PageEntry",
        "  hint: did you mean `title`?",
        "2 problems",
    ]


def test_programs_get_problems_as_json(run, project):
    project.write("-- content/pages/about/index.md --\n---\n---\n")

    done = run("build", "--json")

    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["message"] == "`title` is missing"


def test_wrong_use_ends_with_status_2(run):
    assert run("build", "--nonsense").returncode == 2


def test_a_file_that_cannot_be_written_is_told_without_a_traceback(run):
    done = run("build", "--no-search", "--report", "nowhere/report.json")

    assert done.returncode == 1
    assert done.stderr.startswith("nowhere/report.json: No such file or directory\n  hint: ")
    assert "Traceback" not in done.stderr


@pytest.mark.row("S404")
def test_clean_removes_the_site_and_the_cache_and_nothing_else(run, project):
    before = {path.name for path in project.root.iterdir()}
    run("build")

    run("clean")

    assert {path.name for path in project.root.iterdir()} == before


def test_clean_removes_what_serve_shows_too(run, project):
    shown = str(project.root / ".pydotorg/site")
    before = {path.name for path in project.root.iterdir()}
    run("build", "--no-search")
    run("build", "--no-search", "--output", shown)

    run("clean")

    assert {path.name for path in project.root.iterdir()} == before


def test_clean_does_not_remove_a_folder_that_no_build_made(run, project):
    letter = project.root / "letters" / "a.txt"
    letter.parent.mkdir()
    letter.write_text("Dear")

    done = run("clean", "--output", "letters")

    assert done.returncode == 1
    assert done.stderr.startswith("letters: no site was built there\n")
    assert letter.read_text() == "Dear"


def test_a_folder_with_other_files_is_not_built_into(run, project):
    letter = project.root / "letters" / "a.txt"
    letter.parent.mkdir()
    letter.write_text("Dear")

    done = run("build", "--output", "letters")

    assert done.returncode == 1
    assert "letters: this folder has files in it, and no site was built there\n" in done.stderr
    assert list(letter.parent.iterdir()) == [letter]
    assert run("build", "--output", "empty").returncode == 0


def test_a_file_is_not_built_over(run, project):
    (project.root / "letter").write_text("Dear")

    done = run("build", "--output", "letter")

    assert done.returncode == 1
    assert "letter: this is a file, and no folder\n" in done.stderr
    assert (project.root / "letter").read_text() == "Dear"


def test_a_slip_in_the_template_of_many_pages_is_told_once(run, project):
    for n in range(30):
        project.write(f"-- content/pages/about/page-{n}.md --\n---\ntitle: Page\n---\n")
    base = project.root / "templates/base.html"
    base.write_text(base.read_text().replace("<main", "{{ nothing }}<main", 1))

    done = run("build")

    assert done.stderr.count("'nothing' is undefined") == 1
    assert "'nothing' is undefined, and on " in done.stderr
    assert done.stderr.endswith("1 problem\n")


def test_a_site_whose_cache_is_lost_is_built_over(run, project):
    run("build")
    pages = project.pages()
    shutil.rmtree(project.root / ".pydotorg")

    assert run("build").returncode == 0
    assert project.pages() == pages


def test_cleaning_one_output_leaves_what_is_known_of_another(run, project):
    run("build")
    run("build", "--output", "other")

    run("clean", "--output", "other")

    assert (project.output.exists(), (project.root / "other").exists()) == (True, False)
    assert sorted(os.listdir(project.root / ".pydotorg")) == ["dist"]


def test_rollback_serves_the_build_before_and_the_next_build_the_newest(run, project):
    run("build")
    old = project.pages()
    project.write("-- content/pages/about/index.md --\n---\ntitle: Us\n---\n")
    run("build")
    new = project.pages()

    said = run("rollback").stdout

    assert (said, project.pages()) == ("the build before the last one is served\n", old)
    run("rollback")
    assert project.pages() == old
    run("build")
    assert project.pages() == new != old


def test_after_a_first_build_there_is_none_to_go_back_to(run, project):
    run("build")
    run("build")
    only = project.pages()

    done = run("rollback")

    assert (done.returncode, "there is no build before this" in done.stderr) == (1, True)
    assert project.pages() == only


def test_a_tree_that_a_killed_build_left_half_made_is_not_served(run, project):
    run("build")
    project.write("-- content/pages/about/index.md --\n---\ntitle: Us\n---\n")
    run("build")
    new = project.pages()
    (project.root / ".pydotorg/dist/dirty").touch()  # as while the other tree is worked on

    done = run("rollback")

    assert done.returncode == 1
    assert "the build before this is not whole any more" in done.stderr
    assert project.pages() == new


def test_check_publishes_nothing(run, project):
    assert run("check").returncode == 0
    assert not project.output.exists()


@pytest.mark.row("C15")
def test_check_fails_on_the_first_dead_link_and_on_every_other(run, project):
    project.write("-- content/pages/about/index.md --\n---\ntitle: About\n---\n")
    project.write("-- content/pages/news.md --\n---\ntitle: News\n---\n[no](/no/) [a](/#no)\n")

    done = run("check")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "content/pages/news.md:4:5: the link to /no/ leads nowhere",
        "  hint: mend or remove it",
        "content/pages/news.md:4:16: / has no anchor #no",
        "  hint: it may have been a heading that changed",
        "2 problems",
    ]


@pytest.mark.parametrize(
    ("line", "told", "hint"),
    [
        ("publish: 2026-12-05", "before 2026-12-05",
         "{} says so; `pydotorg build --now 2026-12-05` shows it"),
        ("expires: 2026-11-01T10:00:00Z", "since 2026-11-01T10:00:00Z",
         "{} says so; change its dates to bring it back"),
        ("draft: true", "while it is a draft",
         "take `draft` out of {} when it may be seen; --drafts shows it until then"),
    ],
)  # fmt: skip
def test_why_says_what_hides_a_page_and_where_it_is_written(run, project, line, told, hint):
    path = "content/pages/about/news.md"
    project.write(f"-- {path} --\n---\ntitle: News\n{line}\n---\n")
    run("build", "--now", "2026-11-25")

    done = run("why", "https://www.python.org/about/news/#top")

    assert done.returncode == 1
    assert done.stderr.splitlines()[:2] == [
        f"https://www.python.org/about/news/#top: nothing is published there {told}",
        f"  hint: {hint.format(path)}",
    ]


def test_why_says_that_the_sidecar_answers(run):
    run("build")

    assert "hint: `prefixes` of build.toml leaves it to the sidecar" in run("why", "/psf/x/").stderr


def test_why_is_asked_of_a_file_too(run):
    run("build")

    assert run("why", "content/pages/about/index.md").stdout == run("why", "/about/").stdout


def test_why_names_the_source_and_the_templates(run):
    run("build")

    told = run("why", "/about/").stdout

    assert told.startswith("/about/ is a Page made of content/pages/about/index.md")
    assert "templates/pages/section.html" in told


def test_a_damaged_cache_costs_one_line_and_nothing_else(run, project):
    run("build")
    pages = project.pages()
    (project.root / ".pydotorg/dist/record.db").write_bytes(b"damaged" * 1000)

    done = run("build")

    assert "record.db could not be read and was thrown away" in done.stderr
    assert project.pages() == pages


def test_templates_and_static_files_of_a_project_win_over_those_that_come_with_the_program(
    run, project
):
    base = project.root / "templates" / "base.html"
    base.write_text(base.read_text().replace("Skip to content", "To what is said"))
    shutil.rmtree(project.root / "static")

    done = run("build")

    assert done.returncode == 0
    assert "To what is said" in project.pages()["/about/"]
    assert any(url.startswith("/assets/css/site.") for url in project.pages())
