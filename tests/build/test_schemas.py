"""The schemas by which an editor's program completes content: `pydotorg schema`."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from pydotorg_build.beginnings import BEGINNINGS
from pydotorg_build.cli import main
from pydotorg_build.content import types_of
from pydotorg_build.meanings import MEANINGS
from pydotorg_build.schemas import schema_of
from tests.conftest import ROOT


class Loader(yaml.CSafeLoader):
    """YAML as editors' programs read it, 1.2: days are texts, and `yes` and `on` are words."""


Loader.yaml_implicit_resolvers = {
    sign: [
        (tag, pattern)
        for tag, pattern in resolvers
        if not tag.endswith("timestamp") and (not tag.endswith("bool") or sign in "tTfF")
    ]
    for sign, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def front_matter(path):
    text = path.read_text()
    return text.split("\n---", 1)[0].removeprefix("---\n") if path.suffix == ".md" else text


def shown(noun, text):
    """What an editor's program would mark in a text."""
    validator = jsonschema.Draft202012Validator(schema_of(noun))
    return [error.message for error in validator.iter_errors(yaml.load(text, Loader))]


@pytest.mark.parametrize("noun", sorted(BEGINNINGS))
def test_nothing_is_marked_in_the_content_that_the_build_takes(noun):
    (kind,) = types_of((noun,))
    files = sorted((ROOT / "content").glob(kind.files))

    marked = {path.name: found for path in files if (found := shown(noun, front_matter(path)))}

    jsonschema.Draft202012Validator.check_schema(schema_of(noun))
    assert marked == {}


@pytest.mark.parametrize("noun", sorted(BEGINNINGS))
def test_every_field_says_what_it_means(noun):
    silent = [
        f"{struct}.{name}"
        for struct, part in schema_of(noun)["$defs"].items()
        for name, field in part["properties"].items()
        if not field["description"]
    ]

    assert silent == []


def test_no_meaning_is_told_of_a_field_that_there_is_not():
    fields = {
        name
        for noun in BEGINNINGS
        for struct, part in schema_of(noun)["$defs"].items()
        for field in part["properties"]
        for name in (field, f"{struct}.{field}")
    }

    assert set(MEANINGS) - fields == set()


@pytest.mark.parametrize(
    ("noun", "text", "marked"),
    [
        ("elections", "{title: A, kind: board}", "'year' is a required property"),
        ("elections", "{title: A, kind: bored, year: 2026}", "'bored' is not one of"),
        ("pages", "{title: A, tag: [b]}", "('tag' was unexpected)"),
        ("pages", "{title: A, draft: maybe}", "'maybe' is not of type 'boolean'"),
        ("pages", "{title: A, source: b}", "('source' was unexpected)"),
    ],
)
def test_a_mistake_is_marked_while_one_writes(noun, text, marked):
    (message,) = shown(noun, text)

    assert marked in message


@pytest.mark.parametrize("text", ["{version: 3.14}", "{version: 3.14, branch: 3.14}"])
def test_a_version_may_look_like_a_number(text):
    assert shown("series", text) == []


def test_the_command_prints_the_schema():
    done = CliRunner().invoke(main, ["schema", "elections"])

    assert json.loads(done.output) == schema_of("elections")
    assert (
        json.loads(done.output)["$defs"]["Election"]["properties"]["date"]["description"]
        == "The last day of the vote."
    )


def test_all_are_written_with_settings_that_keep_what_was_there(project, monkeypatch):
    monkeypatch.chdir(project.root)
    project.write('-- .vscode/settings.json --\n{"files.eol": "\\n"}\n')

    done = CliRunner().invoke(main, ["schema", "--all", ".vscode"])

    settings = json.loads((project.root / ".vscode/settings.json").read_text())
    assert done.output.splitlines()[0] == ".vscode/pages.schema.json"
    assert settings["files.eol"] == "\n"
    assert settings["yaml.schemas"]["./.vscode/events.schema.json"] == "content/events/*.yaml"
    assert settings["yaml.schemas"]["./.vscode/menu.schema.json"] == "content/menu.yaml"
    snippets = json.loads((project.root / ".vscode/front-matter.code-snippets").read_text())
    assert snippets["elections: kind"] == {
        "scope": "markdown,yaml",
        "prefix": "kind",
        "body": "kind: ${1|board,packaging-council,steering-council|}",
        "description": "elections: What is elected.",
    }


def test_settings_with_comments_are_left_as_they_are(project, monkeypatch):
    monkeypatch.chdir(project.root)
    project.write("-- .vscode/settings.json --\n{} // mine\n")

    done = CliRunner().invoke(main, ["schema", "--all", ".vscode"])

    assert done.exit_code == 1
    assert done.output.startswith(".vscode/settings.json: this is not plain JSON\n  hint: take its")
    assert (project.root / ".vscode/settings.json").read_text() == "{} // mine\n"
    assert len(list((project.root / ".vscode").iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["electoins"],
            "(noun): `electoins` is no kind of content\n  hint: did you mean `elections`?",
        ),
        ([], "Name one kind of content, or `--all DIR`."),
        (["pages", "--all", "x"], "Name one kind of content, or `--all DIR`."),
    ],
)
def test_what_has_no_schema_is_told(words, told):
    done = CliRunner().invoke(main, ["schema", *words])

    assert done.exit_code
    assert told in done.output
