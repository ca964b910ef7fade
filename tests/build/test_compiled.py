"""Templates are compiled once a process; what was compiled holds for the site at hand."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems
from tests.conftest import Project

SITE = """
-- build.toml --
[site]
name = "Test"
url = "{url}"
[build]
nouns = ["pages"]
git_dates = false
[search]
enabled = false
-- templates/pages/section.html --
<html lang="en"><title>Us</title>
<link rel="canonical" href="{{{{ "/about/" | absolute }}}}"><h1>{{{{ section.title }}}}</h1>
{{{{ {name} }}}}</html>
-- content/pages/about/index.md --
---
title: Us
---
"""


def site_at(folder, url="https://test.example", name="section.title") -> Project:
    project = Project(folder)
    project.write(SITE.format(url=url, name=name))
    return project


def test_what_a_filter_makes_of_a_constant_is_of_the_site_that_is_built(tmp_path):
    site_at(tmp_path).build()

    site = site_at(tmp_path, url="https://other.example")
    site.build()

    assert 'href="https://other.example/about/"' in site.pages()["/about/"]


def test_a_template_that_was_changed_is_compiled_again(tmp_path):
    site_at(tmp_path).build()

    site = site_at(tmp_path, name="meta.url")
    site.build()

    assert "\n/about/</html>" in site.pages()["/about/"]


@pytest.mark.row("S004")
def test_a_problem_is_where_the_template_lies_now_not_where_it_was_compiled(tmp_path):
    with pytest.raises(Problems):
        site_at(tmp_path / "one", name="nobody").build()

    with pytest.raises(Problems) as problems:
        site_at(tmp_path / "two", name="nobody").build()

    assert str(problems.value).startswith("templates/pages/section.html:3: 'nobody' is undefined")


def test_what_was_compiled_is_kept_on_disk_for_the_next_process(tmp_path):
    site = site_at(tmp_path)

    site.build()

    assert [file.name for file in (tmp_path / ".pydotorg/jinja").iterdir()] != []
