"""What the documents name is there: files, headings, commands with their options, targets."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from pydotorg_build.cli import main

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
# The requirements name what is wanted, there or not.
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "benchmarks/README.md")
    if path.name not in ("requirements.md", "CHANGELOG.md")
)
CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|pep:)([^)\s#]*)(?:#([^)\s]*))?\)")
FILE = re.compile(r"(?<![\w/])(?:docs|tests|pydotorg_build|templates|requirements|static)/[\w./-]+")
COMMAND = re.compile(r"(?<![\w/-])pydotorg ([a-z]+)((?: +(?:--[a-z-]+|[\w./-]+))*)")
by_name = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def headings(path: Path) -> set[str]:
    """The anchors of a document, as hosts of repositories make them."""
    titles = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.casefold()).replace(" ", "-") for title in titles}


def code(path: Path) -> str:
    return "\n".join(CODE.findall(path.read_text()))


@pytest.mark.row("S378")
@by_name
def test_every_link_leads_to_a_file_and_a_heading_that_is_there(path):
    links = LINK.findall(CODE.sub("", path.read_text()))

    targets = [(path.parent / file if file else path, anchor) for file, anchor in links]

    assert [file for file, _ in targets if not file.exists()] == []
    assert [(f, anchor) for f, anchor in targets if anchor and anchor not in headings(f)] == []


@by_name
def test_every_file_of_the_program_that_is_named_is_there(path):
    named = {name.rstrip(".") for name in FILE.findall(code(path))}

    wanted = {name for name in named if re.search(r"\.(?:py|md|txt|toml|html|css|js)$", name)}

    examples = {name for name in wanted if re.search("quotes|minutes|greeting", name)}
    assert {name for name in wanted - examples if not (ROOT / name).exists()} == set()


@pytest.mark.row("S217")
@by_name
def test_every_command_that_is_named_is_one_and_has_these_options(path):
    for verb, words in COMMAND.findall(code(path)):
        command = main.get_command(click.Context(main), verb)
        if isinstance(command, click.Group):
            command = command.commands[words.split()[0]] if words.split() else command

        options = {name for option in command.params for name in option.opts}
        assert set(re.findall(r"--[a-z-]+", words)) - options - {"--help"} == set()


@pytest.mark.row("S217")
@by_name
def test_every_target_that_is_named_is_in_the_makefile(path):
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    assert set(re.findall(r"(?<![\w-])make ([a-z-]+)\b", code(path))) - targets == set()


@pytest.mark.row("S474")
def test_the_quick_start_is_two_commands():
    start = (ROOT / "README.md").read_text().partition("## Start")[2].partition("\n## ")[0]

    commands = re.findall(r"^    (make [a-z]+)", start, re.MULTILINE)
    assert commands == ["make serve", "make test"]
    assert [c for c in commands if f"\n{c.removeprefix('make ')}:" not in MAKEFILE] == []


@pytest.mark.row("S015")
def test_each_domain_of_the_site_before_this_one_has_its_line_in_the_map():
    lines = re.findall(r"^\| ([a-z][a-z, ]*) \|(.*)\|$", (ROOT / "docs/domains.md").read_text(),
                       re.MULTILINE)  # fmt: skip
    domains = {name for name, where in lines if name != "today" and where.strip(" |")}

    assert domains == {
        "boxes, banners", "blogs", "cms, pages", "codesamples", "community", "downloads", "events",
        "jobs", "mailing", "minutes", "nominations", "search", "sponsors", "success stories",
        "sitetree", "users, membership", "work groups",
    }  # fmt: skip


ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.row("S314")
def test_the_picture_of_the_whole_names_folders_and_files_that_are_there():
    (whole,) = re.findall(r"^## The whole\n(.*?)^## ", ARCHITECTURE, re.MULTILINE | re.DOTALL)

    drawn = re.findall(r"(?<![\w/])(?:content|templates|static|sidecar|pydotorg_build)/", whole)
    named = re.findall(r"`([\w.-]+/[\w./-]*|[\w.-]+\.toml)`", whole)
    assert {"content/", "sidecar/", "pydotorg_build/"} <= set(drawn)
    assert "CDN" in whole
    assert len(named) > 12
    assert [path for path in {*drawn, *named} if not (ROOT / path).exists()] == []


@pytest.mark.row("S472")
def test_the_decision_about_a_workflow_engine_is_written_and_its_table_is_there():
    (decision,) = re.findall(r"^- One small state machine .*$", ARCHITECTURE, re.MULTILINE)

    for word in ("handed in", "sponsors", "contracts", "Nominations", "engine"):
        assert word in decision
    assert all((ROOT / "sidecar" / name).is_file() for name in re.findall(r"`(\w+\.py)`", decision))
