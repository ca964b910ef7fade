"""Where addresses lead: chains made one step, circles refused, lists looked up."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from pydotorg_build.cli import main
from pydotorg_build.problems import Problems

NOUNS = ("pages", "redirects")
NOTES = "-- content/pages/notes.md --\n---\ntitle: Notes\n%s---\n"


def redirects(built, lines, aliases=""):
    text = NOTES % aliases + "-- content/redirects.yaml --\n" + lines
    return built(text, nouns=NOUNS)["/_redirects"].splitlines()


def test_a_chain_becomes_one_step(built):
    lines = redirects(
        built,
        "- {from: /a/, to: /b/}\n- {from: /b/, to: /c/}\n",
        "aliases: [/c/]\n",
    )

    assert lines[:3] == ["/a/ /notes/ 301", "/b/ /notes/ 301", "/c/ /notes/ 301"]


def test_a_chain_with_a_step_for_now_is_for_now(built):
    lines = redirects(built, "- {from: /a/, to: /b/}\n- {from: /b/, to: /notes/, status: 302}\n")

    assert lines[0] == "/a/ /notes/ 302"


def test_a_chain_that_leaves_the_site_leaves_it_at_once(built):
    lines = redirects(
        built, "- {from: /a/, to: /b/x/}\n- {from: /b/*, to: 'https://b.example/:splat'}\n"
    )

    assert lines[0] == "/a/ https://b.example/x/ 301"


def test_an_anchor_goes_along_unless_a_later_step_has_one(built):
    lines = redirects(
        built,
        "- {from: /a/, to: '/b/#one'}\n- {from: /b/, to: /notes/}\n- {from: /c/, to: '/d/#one'}\n"
        "- {from: /d/, to: '/notes/#two'}\n",
    )

    assert lines[0] == "/a/ /notes/#one 301"
    assert lines[2] == "/c/ /notes/#two 301"


def test_what_leads_to_a_page_stays_although_a_wide_rule_would_catch_it(built):
    lines = redirects(built, "- {from: /a/, to: /notes/}\n- {from: /note*, to: /elsewhere/}\n")

    assert lines[0] == "/a/ /notes/ 301"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "- {from: /a/, to: /b/}\n- {from: /b/, to: /a/}\n",
            "content/redirects.yaml:1:3: /a/ leads in a circle: /a/ → /b/ → /a/\n"
            "  hint: let one of them lead to a page",
        ),
        (
            "- {from: /c/*, to: '/d/:splat'}\n- {from: /d/*, to: '/c/:splat'}\n",
            "content/redirects.yaml:1:3: /c/* leads in a circle: /c/x → /d/x → /c/x",
        ),
    ],
)
def test_a_circle_is_refused(built, lines, told):
    with pytest.raises(Problems) as caught:
        redirects(built, lines)

    assert str(caught.value).startswith(told)


def test_a_circle_of_aliases_says_where_it_is_written(built, project):
    with pytest.raises(Problems) as caught:
        redirects(built, "- {from: /notes, to: /a/}\n- {from: /a/, to: /b/}\n"
                         "- {from: /b/, to: /a/x}\n- {from: /a/*, to: /b/}\n")  # fmt: skip

    assert "content/redirects.yaml:" in str(caught.value)


# -- a list of addresses

LIST = """-- list.tsv --
# class	address
menu	/notes/
menu	https://www.python.org/notes/
route	/old/
route	/robots.txt
route	/gone/
route	/far/x?y=1
route	/downloads/x/
route	/notes
release-page-derived	/never/
"""
RULES = """- {from: /old/, to: /notes/}
- {from: /gone/, status: 410}
- {from: /far/*, to: 'https://far.example/:splat'}
"""


@pytest.fixture
def look_up(built, project):
    redirects(built, RULES)

    def run(text):
        project.write(text)
        where = ["--config", str(project.root / "build.toml"), "--output", str(project.output)]
        now = ["--now", "2026-11-25T12:00:00Z"]
        return CliRunner().invoke(
            main, ["check", *where, *now, "--addresses", str(project.root / "list.tsv")]
        )

    return run


def test_a_list_of_addresses_is_reported_by_class_and_way(look_up):
    done = look_up(LIST)

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "     2 menu: a page",
        "     1 release-page-derived: nothing",
        "     1 route: a file",
        "     3 route: a redirect",
        "     1 route: gone",
        "     1 route: the sidecar",
    ]


def test_an_address_that_nothing_answers_is_told_with_its_line(look_up, project):
    done = look_up("-- list.tsv --\n/notes/\n\n/nowhere/\n")

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"{project.root}/list.tsv:3:1: /nowhere/: nothing",
        "  hint: write where it leads in redirects.yaml, or `status: 410` if it is gone for good",
        "1 problem",
    ]


def test_a_list_that_cannot_be_read_is_told(look_up, project):
    project.write("-- list.tsv --\n")
    (project.root / "list.tsv").unlink()

    done = look_up("")

    assert done.exit_code == 1
    assert "list.tsv: cannot be read: " in done.stderr
