"""CONTRIBUTING.md: its example is built as it stands there."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import select

from pydotorg_build import content, settings
from pydotorg_build.content.base import named_poster
from sidecar import app
from sidecar.tables.work import Audit
from tests.sidecar.conftest import Service, made, postgres, postgres_made, ready  # noqa: F401 (fixtures)

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def example(kind: str) -> list[str]:
    """The blocks of one kind, in order."""
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)


def module_of(name: str, code: str, monkeypatch) -> ModuleType:
    """A module of the guide, as if it were a file."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(code, module.__dict__)
    return module


@pytest.mark.row("S317")
def test_there_is_a_path_for_editors_and_one_for_developers():
    paths = re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)

    assert paths == ["You edit a page", "You change the program"]


@pytest.mark.row("S014")
def test_the_worked_example_publishes_a_page_and_a_list(built, project, monkeypatch):
    (markdown,) = example("markdown")
    page, index = example("html")[:2]
    module_of("pydotorg_build.content.quotes", example("python")[0], monkeypatch)
    for place in (content, settings):
        monkeypatch.setattr(place, "NAMES", (*content.NAMES, "quotes"))
    project.write(f"-- templates/quotes/quote.html --\n{page}")
    project.write(f"-- templates/quotes/index.html --\n{index}")

    site = built(f"-- content/quotes/ada.md --\n{markdown}", nouns=("pages", "quotes"))

    assert "<p>It weaves <strong>patterns</strong>.</p>" in site["/quotes/ada/"]
    assert "<p>Ada Lovelace</p>" in site["/quotes/ada/"]
    assert '<li><a href="/quotes/ada/">Ada on engines</a></li>' in site["/quotes/"]
    assert named_poster("Test", "Ada on engines", "Quote", "Ada Lovelace").url in site


@pytest.mark.row("S014")
def test_the_worked_example_of_the_sidecar_is_a_page_with_a_form(
    ready, tmp_path, monkeypatch  # noqa: F811 (the fixture)
):  # fmt: skip
    module = module_of("sidecar.routes.greetings", example("python")[1], monkeypatch)
    monkeypatch.setattr(app, "ROUTES", (*app.ROUTES, *module.ROUTES))
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / f"templates/{module.TEMPLATE}").write_text(example("html")[2])
    service = Service(ready, tmp_path / "templates", app.routed())
    try:
        ada = service.signed_in()

        assert service.get(module.URL).status_code == 303
        assert '<a href="#when">Good: fill this in</a>' in ada.send(module.URL).text
        done = ada.send(module.URL, when="evening")

        assert done.headers["location"] == module.URL
        assert "Thank you." in ada.get(module.URL).text
        (line,) = service.rows(select(Audit))
        assert (line.action, line.changes) == ("greeted", {"kind": [None, "evening"]})
    finally:
        service.close()


def test_every_file_that_the_guide_links_to_is_there():
    links = re.findall(r"\]\(([\w/.]+)\)", GUIDE)

    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_every_target_that_the_guide_names_is_in_the_makefile():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = set(re.findall(r"`make ([a-z-]+)`", GUIDE))

    assert named == {"serve", "rows", "ci", "lock"}
    assert named <= set(targets)
