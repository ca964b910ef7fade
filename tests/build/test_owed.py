"""What of a site's problems may only be owed to files that cannot be read."""

from __future__ import annotations

import pytest

from pydotorg_build.owed import Missing
from pydotorg_build.problems import Problem, Source

PAGE = """---
title: Women's PyCon
aliases: [/old/place/]
tags: [Big Data]
tag: wrong
---
Prose that says nothing, python and sprints, and [more](/notes/more/).
"""
LIST = """
- {title: Czechia, code: CZ}
- title: PyCon DE
  slug: groups
  start: 2026-05-01
"""
PATHS = {
    "content/pages/notes/apps.md": PAGE,
    "content/pages/help/index.md": PAGE,
    "content/releases/3.14/3.14.0.md": "---\nversion: 3.14.0\n---\n",
    "content/calendars.yaml": LIST,
    "content/redirects.yaml": "- {from: /gone/*, to: /new/:splat, status: }\n",
    "content/home.md": "---\n",
}


@pytest.fixture
def certain(tmp_path):
    """Whether a message stays when these files can be read."""
    for path, text in PATHS.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    missing = Missing(tmp_path, PATHS)
    return lambda message: bool(list(missing.certain([Problem(Source("x.md"), message)])))


@pytest.mark.parametrize(
    "message",
    [
        "the link to /notes/apps/ leads nowhere",
        "the link to /notes/apps/picture.png leads nowhere",
        "the link to /help/ leads nowhere",
        "the link to / leads nowhere",
        "the link to /old/place/ leads nowhere",
        "the link to /gone/and/away/ leads nowhere",
        "the link to /tags/big-data/ leads nowhere",
        "the link to /events/groups/pycon-de-2026/ leads nowhere",
        "/events/groups/calendar.ics was published, and nothing answers there any more",
        "/events/groups/feed.atom was published, and nothing answers there any more",
        "the link to /downloads/release/python-3140/ leads nowhere",
        "/notes/women-s-pycon/ was published, and nothing answers there any more",
        "there is no country `Czechia`",
        "there is no calendar `groups`",
    ],
)
def test_what_a_file_may_bring_is_owed_to_it(certain, message):
    assert not certain(message)


@pytest.mark.parametrize(
    "message",
    [
        "the link to /notes/nothing/ leads nowhere",
        "the link to /notes/python/ leads nowhere",
        "the link to /notes/more/ leads nowhere",
        "the link to /notes/app/ leads nowhere",
        "the link to /help/me/ leads nowhere",
        "the link to /old/ leads nowhere",
        "/events/others/calendar.ics was published, and nothing answers there any more",
        "the link to /notes/日本/ leads nowhere",
        "the link to /notes/title/ leads nowhere",
        "there is no country `Mexico`",
        "there is no calendar `group`",
        "3.14.1 is dated 2025-10-01, before 3.14.0",
    ],
)
def test_what_it_says_elsewhere_or_in_part_hides_nothing(certain, message):
    assert certain(message)


def test_a_file_called_in_another_script_hides_nothing(tmp_path):
    missing = Missing(tmp_path, ["content/pages/日本.md"])
    problem = Problem(Source("x.md"), "the link to /notes/nothing/ leads nowhere")

    assert list(missing.certain([problem])) == [problem]
