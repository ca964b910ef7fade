"""Search that is switched off again leaves nothing behind."""

from __future__ import annotations

import pytest

from tests.conftest import HOME, Project

SITE = f"""{HOME}
-- content/pages/about/index.md --
---
title: About
---
Pangolins are here.
"""
ON, OFF = "[search]\nenabled = true", "[search]\nenabled = false"


@pytest.fixture
def site(project: Project) -> Project:
    """A built site with search."""
    project.write(SITE)
    settings = project.root / "build.toml"
    text = settings.read_text().replace('nouns = ["pages"]', 'nouns = ["pages", "home", "around"]')
    settings.write_text(text.replace(OFF, ON))
    project.build()
    return project


def switch_off(project: Project) -> None:
    settings = project.root / "build.toml"
    settings.write_text(settings.read_text().replace(ON, OFF))


def test_switched_off_in_the_settings_it_leaves_no_bundle_in_what_is_served(site):
    assert "/pagefind/bundles.json" in site.pages()
    switch_off(site)

    site.build()

    assert [url for url in site.pages() if url.startswith("/pagefind/")] == []


def test_left_out_by_a_flag_it_leaves_no_bundle_either(site):
    site.build(search=False)

    assert [url for url in site.pages() if url.startswith("/pagefind/")] == []


def test_what_is_served_after_later_edits_has_none_and_equals_a_clean_build(site):
    switch_off(site)
    site.build()
    for word in ("Lemurs", "Lorises"):
        site.write(SITE.replace("Pangolins", word))
        site.build()

    clean = Project(site.root)
    clean.output = site.root / "clean" / "dist"
    clean.build()
    assert site.pages() == clean.pages()


def test_a_build_without_changes_goes_on_writing_nothing(site):
    switch_off(site)
    site.build()

    report = site.build()

    assert (report.changed, report.bundles, report.notes) == (False, [], [])


def test_switched_on_again_it_is_there_again(site):
    before = site.pages()
    switch_off(site)
    site.build()
    settings = site.root / "build.toml"
    settings.write_text(settings.read_text().replace(OFF, ON))

    report = site.build()

    assert report.bundles == ["pages"]
    assert site.pages() == before
