"""Beginning a file: `pydotorg new NOUN [TITLE]`."""

from __future__ import annotations

import datetime
import re

import pytest
from click.testing import CliRunner

from pydotorg_build.beginnings import BEGINNINGS
from pydotorg_build.cli import main
from pydotorg_build.content import NAMES, types_of
from tests.conftest import BUILD_TOML, ROOT

NAMED = {
    "redirects": "/old/address/",
    "series": "3.17",
    "releases": "3.17.0a1",
    "snippets": "sponsors",
    "events": "PyCon",
}


@pytest.fixture
def new(project, monkeypatch):
    """Run the command in a project that has the lists which entries refer to."""
    monkeypatch.chdir(project.root)
    for name in ("calendars", "job_terms", "story_categories", "sponsor_levels", "blog_feeds"):
        file = project.root / f"content/{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text((ROOT / f"content/{name}.yaml").read_text())
    project.write("-- content/elections/2026-board.md --\n---\ntitle: 2026 board election\n"
                  "kind: board\nyear: 2026\n---\n")  # fmt: skip

    def run(*words):
        return CliRunner().invoke(main, ["new", *words, "--now", "2026-11-25"])

    return run


def test_every_kind_that_has_files_can_be_begun():
    with_files = {kind.name for kind in types_of(NAMES) if kind.files}

    assert set(BEGINNINGS) == with_files


@pytest.mark.parametrize("command", ["new", "schema"])
def test_the_help_names_the_nouns_there_are(command):
    told = CliRunner().invoke(main, [command, "--help"]).output

    assert " ".join(told.partition("Nouns:")[2].split()) == ", ".join(sorted(BEGINNINGS))


def write_settings_of_all(project):
    wide = BUILD_TOML.replace('nouns = ["pages"]', f"nouns = {list(NAMES)}".replace("'", '"'))
    elsewhere = (
        "/blogs/",
        "/dev/",
        "/news/",
        "/search/",
        "/events/",
        "/jobs/",
        "/success-stories/",
    )
    prefixes = "".join(f'"{prefix}", ' for prefix in elsewhere)
    project.write(f"-- build.toml --{wide.replace('prefixes = [', f'prefixes = [{prefixes}')}")


def test_all_that_is_begun_together_is_a_site_without_problems(new, project):
    write_settings_of_all(project)
    slots = [("snippets", name) for name in ("elections", "fellows", "sponsors")]
    others = [(noun, NAMED.get(noun, "")) for noun in BEGINNINGS if noun != "snippets"]

    begun = [new(*words) for words in (*slots, *others)]

    assert [done.output for done in begun if done.exit_code] == []
    for done in begun:
        path, _, line = done.output.strip().partition(":")
        assert (project.root / path).read_text().splitlines()[int(line or 1) - 1]
    project.build(search=False)


def test_a_page_begins_as_a_draft_with_an_owner_and_a_day_of_review(new, project):
    new("pages", "About")
    done = new("pages", "Tools: a list", "--under", "/about/")

    assert done.output == "content/pages/about/tools-a-list.md\n"
    assert (project.root / "content/pages/about/tools-a-list.md").read_text() == (
        '---\ntitle: "Tools: a list"\n'
        "description: One sentence for search engines and lists.\n"
        "owner: Website maintainers\nupdated: 2026-11-25\nreview_by: 2027-05-25\n"
        "draft: true  # take this line out when the page may be seen\n---\n"
    )


@pytest.mark.parametrize("noun", ["jobs", "sponsors", "banners", "workgroups"])
def test_what_would_be_seen_at_once_begins_as_a_draft(new, project, noun):
    write_settings_of_all(project)
    for slot in ("elections", "fellows", "sponsors"):
        new("snippets", slot)
    for needed in ("countries", "home", "series", "releases"):
        new(needed, NAMED.get(needed, ""))

    done = new(noun, "Great")
    project.build(search=False)

    assert "\ndraft: true  # take " in (project.root / done.output.strip()).read_text()
    seen = [path for path in project.output.rglob("*.html") if "Great" in path.read_text()]
    assert seen == []


@pytest.mark.parametrize(("noun", "folder"), [("event", "events"), ("story", "stories")])
def test_a_noun_may_be_said_in_the_singular(new, noun, folder):
    begun, schema = new(noun, "Great 2027"), CliRunner().invoke(main, ["schema", noun])

    assert begun.output == f"content/{folder}/great-2027.md\n"
    assert f'"title": "{folder}"' in schema.output


def test_an_event_is_called_by_its_year_and_is_in_the_first_calendar(new, project):
    done = new("events", "PyCon Wonderland 2026")

    text = (project.root / "content/events/pycon-wonderland-2026.md").read_text()
    assert done.output == "content/events/pycon-wonderland-2026.md\n"
    assert "\ncalendar: python-events\n" in text
    assert re.search(r"^start: (.*)$", text, re.MULTILINE)[1] == "2026-12-25"


def test_an_event_begins_as_a_draft_in_the_year_that_its_title_names(new, project):
    done = new("events", "Ada\u2019s PyCon 2028")

    text = (project.root / "content/events/adas-pycon-2028.md").read_text()
    assert done.output == "content/events/adas-pycon-2028.md\n"
    assert "\nstart: 2028-12-25\n" in text
    assert "\ndraft: true  # take this line out when the event may be seen\n" in text


def test_an_apostrophe_within_a_word_parts_nothing_in_an_address(new):
    done = new("stories", "Ada's 'new' bakery")

    assert done.output == "content/stories/adas-new-bakery.md\n"


def test_an_entry_of_a_list_is_put_at_its_end_and_the_rest_stays(new, project):
    before = (project.root / "content/calendars.yaml").read_text()

    done = new("calendars", "Sprints")

    after = (project.root / "content/calendars.yaml").read_text()
    assert after == before + "- title: Sprints\n  slug: sprints\n"
    assert done.output == f"content/calendars.yaml:{before.count(chr(10)) + 1}\n"


def test_a_file_that_is_there_is_never_written_over(new, project):
    project.write("-- content/jobs/poet.md --\nMine.\n")

    done = new("jobs", "Poet")

    assert done.exit_code == 1
    assert done.output == (
        "content/jobs/poet.md: there is such a file already, and it stays as it is\n"
        "  hint: choose another title\n1 problem\n"
    )
    assert (project.root / "content/jobs/poet.md").read_text() == "Mine.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["jbos"], "(noun): `jbos` is no kind of content\n  hint: did you mean `jobs`?"),
        (["around"], "(noun): `around` is made of the others and has no files"),
        (["releases"], "(noun): a new entry of `releases` needs its name\n"
                       "  hint: as in: pydotorg new releases 3.17.0a1"),
        (["events"], '(noun): a new entry of `events` needs its name\n'
                     '  hint: as in: pydotorg new events "PyCon Wonderland 2027"'),
        (["jobs", "Create"], "content/jobs/create.md: the name 'create' is used by the job board\n"
                           "  hint: rename the file"),
        (["snippets", "foo"], "content/snippets/foo.md: no template has a slot 'foo'\n"
                              "  hint: known: elections, fellows, sponsors"),
        (["releases", "../x"],
         "(noun): `version` must be written like 3.14.0rc1, not '../x'\n1 problem"),
        (["releases", "two words"],
         "(noun): `version` must be written like 3.14.0rc1, not 'two words'\n1 problem"),
        (["calendars", "Python events"],
         "content/calendars.yaml: there is an entry with the slug python-events already"),
        (["pages", "A", "--under", "../.."], "(noun): the name '..' cannot be part"),
        (["pages", "A", "--under", "abuot"],
         "(noun): there is no section abuot\n"
         "  hint: did you mean `about`? A new one begins with its page: pydotorg new pages Abuot"),
        (["pages", "A", "--under", "doc/tools/"],
         "(noun): there is no section doc/tools\n"
         "  hint: A new one begins with its page: pydotorg new pages Tools --under doc"),
        (["jobs", "A", "--under", "about"], "(noun): `--under` is for pages\n  hint: leave it out"),
        (["pages", "///"], "(noun): '///' has no letter or digit that an address could be made of\n"
                           "  hint: begin it with a name in Latin letters"),
        (["sponsors", "חברה"], "(noun): 'חברה' has no letter or digit that an address"),
    ],
)  # fmt: skip
def test_what_cannot_be_begun_is_told_and_nothing_is_written(new, project, words, told):
    project.write("-- content/pages/about/index.md --\n---\ntitle: About\n---\n")
    before = sorted(project.root.rglob("*"))

    done = new(*words)

    assert done.exit_code == 1
    assert done.output.startswith(told)
    assert sorted(project.root.rglob("*")) == before


def test_what_belongs_to_something_says_when_there_is_none(new, project):
    (project.root / "content/calendars.yaml").unlink()

    done = new("events", "Meeting")

    assert done.output.startswith(
        "(noun): there is none of `calendars` that it could belong to\n"
        "  hint: begin one first: pydotorg new calendars\n"
    )


def test_a_month_after_the_last_of_january_is_the_last_of_february():
    from pydotorg_build.new import _months_on

    assert _months_on(datetime.date(2028, 1, 31), 1) == datetime.date(2028, 2, 29)
