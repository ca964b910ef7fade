"""CONTRIBUTING.md: its example is built as it stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pydotorg_build import content, settings
from pydotorg_build.content.base import named_poster

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def example(kind: str) -> list[str]:
    """The blocks of one kind, in order."""
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.row("S317")
def test_there_is_a_path_for_editors_and_one_for_developers():
    paths = re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)

    assert paths == ["You edit a page", "You change the program"]


def test_the_worked_example_publishes_a_page_and_a_list(built, project, monkeypatch):
    (markdown,), (code,), (page, index) = map(example, ("markdown", "python", "html"))
    module = ModuleType("pydotorg_build.content.quotes")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(code, module.__dict__)
    for place in (content, settings):
        monkeypatch.setattr(place, "NAMES", (*content.NAMES, "quotes"))
    project.write(f"-- templates/quotes/quote.html --\n{page}")
    project.write(f"-- templates/quotes/index.html --\n{index}")

    site = built(f"-- content/quotes/ada.md --\n{markdown}", nouns=("pages", "quotes"))

    assert "<p>It weaves <strong>patterns</strong>.</p>" in site["/quotes/ada/"]
    assert "<p>Ada Lovelace</p>" in site["/quotes/ada/"]
    assert '<li><a href="/quotes/ada/">Ada on engines</a></li>' in site["/quotes/"]
    assert named_poster("Test", "Ada on engines", "Quote", "Ada Lovelace").url in site


def test_every_file_that_the_guide_links_to_is_there():
    links = re.findall(r"\]\(([\w/.]+)\)", GUIDE)

    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_every_target_that_the_guide_names_is_in_the_makefile():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = set(re.findall(r"`make ([a-z-]+)`", GUIDE))

    assert named == {"serve", "rows", "ci", "lock"}
    assert named <= set(targets)
