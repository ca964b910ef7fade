"""docs/troubleshooting.md: what has no hint stands there with its cure, and what stands there is said."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pydotorg_build.cli import main
from tests.messages import CARRIERS, Code, Message, messages

ROOT = Path(__file__).parents[1]
TROUBLES = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
PAGE = "-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n"
ROW = re.compile(r"^\| (?:`([^`]+)`|`` (.+?) ``) \|(.*)\|(.*)\|$", re.MULTILINE)
ROWS = [(one or other, why, cure) for one, other, why, cure in ROW.findall(TROUBLES)]
QUOTED = [quote for quote, _, _ in ROWS]


def run(project, *words):
    return CliRunner().invoke(main, [*words, "--config", str(project.root / "build.toml")])


def quotes(quote: str, text: str) -> bool:
    """Is a text quoted?  What stands for something else may be left off at either end."""
    return quote.strip("… ") in text


def uncured(said: list[Message]) -> list[str]:
    """The messages with neither a hint nor a row of the guide."""
    return [
        f"{one.place}: {one.text}"
        for one in said
        if not one.has_hint and not any(quotes(quote, one.text) for quote in QUOTED)
    ]


@pytest.mark.row("S318")
def test_each_message_of_the_command_line_has_a_hint_or_a_cure_in_the_guide():
    said = messages()

    assert len(said) > 300
    assert uncured(said) == []


def test_a_message_without_hint_and_row_would_be_told():
    said = [Message("a fault that nobody described", "fetch.py:1", has_hint=False)]

    assert uncured(said) == ["fetch.py:1: a fault that nobody described"]


CODE = """
def refuse(message, hint=""):
    raise Problems([Problem(SOURCE, message, hint)])

def read(path, known):
    hint = "take another" if known else ""
    yield Problem(SOURCE, f"{path} is " + ("old" if known else "new"), hint)
    refuse("not now", "wait")
    refuse(reason(path))

def reason(path):
    return f"{path} is full"
"""


def test_messages_are_found_through_names_branches_and_functions():
    found = {(text, has_hint) for text, _, has_hint in Code(ast.parse(CODE), CARRIERS).said()}

    assert found == {
        ("… is old", False),
        ("… is new", False),
        ("not now", True),
        ("… is full", False),
    }


def test_each_row_of_the_guide_has_a_reason_and_a_cure():
    of_messages = TROUBLES.partition("## What is seen")[0]

    assert len(ROWS) == len(re.findall(r"^\| `", of_messages, re.MULTILINE))
    assert [row for row in ROWS if "" in [cell.strip() for cell in row]] == []
    assert len(set(QUOTED)) == len(QUOTED)


def said_in_code() -> list[str]:
    """Every text of the program, with `…` for what is put into it."""
    found = []
    for folder in ("pydotorg_build", "sidecar"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = (v.value if isinstance(v, ast.Constant) else "…" for v in node.values)
                    found.append("".join(map(str, parts)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    return found


def test_what_is_quoted_is_said_by_the_program():
    said = "\n".join(said_in_code())

    assert [quote for quote in QUOTED if not quotes(quote, said)] == []


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["build", "--now", "tomorrow"], "is not a moment"),
        (["why", "/nowhere/"], "nothing is published there"),
        (["rollback"], "there is no build before this"),
        (["build", "--config", "elsewhere.toml"], "there is no such file"),
    ],
)
def test_a_command_that_cannot_be_done_says_it_so(project, words, text):
    done = CliRunner().invoke(main, words) if "--config" in words else run(project, *words)

    assert done.exit_code == 1
    assert text in done.stderr
    assert text in QUOTED


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            "-- content/elsewhere/a.md --\n---\ntitle: A\n---\nA.\n",
            "no kind of content takes this file",
        ),
        ("-- content/pages/about/a.md --\n---\ntitle: A\n---\n[x](/nowhere/)\n", "leads nowhere"),
        (
            "-- content/pages/about/a.md --\n---\ntitle: A\n---\n[x](/about/#gone)\n",
            "has no anchor #…",
        ),
        ("-- data/snapshot.sqlite --\nno database\n", "is no snapshot: …"),
    ],
)
def test_a_build_of_what_is_wrong_says_it_so(built, project, change, text):
    built(PAGE)
    project.write(change)

    done = run(project, "build", "--no-search")

    assert done.exit_code == 1
    assert text.rstrip("…") in done.stderr
    assert text in QUOTED


def test_all_can_be_forgotten_and_the_site_is_the_same(built, project):
    whole = built(PAGE)

    run(project, "clean")
    project.build()

    assert project.pages() == whole
