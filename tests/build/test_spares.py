"""Files that no tree has any more are written over; and a cache that is kept without its site."""

from __future__ import annotations

import os
import shutil

import pytest

from pydotorg_build import spares
from pydotorg_build.parallel import WORTH_IT
from tests.conftest import BUILD_TOML, HOME

PAGES = "".join(
    f"-- content/pages/about/page-{n}.md --\n---\ntitle: Page {n}\n---\nText {n}.\n"
    for n in range(5)
)
PAGE = "about/page-3/index.html"


@pytest.fixture
def site(project):
    nouns = BUILD_TOML.replace('nouns = ["pages"]', 'nouns = ["pages", "home", "around"]')
    project.write(f"-- build.toml --{nouns}{HOME}{PAGES}")
    project.build()
    return project


def frame(site, word):
    """Change the frame of every page."""
    path = site.root / "templates/base.html"
    text = path.read_text()
    path.write_text(text.partition("<!--")[0] + f"<!-- {word} -->\n")


def rebuilt(site, *words):
    """Build with one frame after the other."""
    for word in words:
        frame(site, word)
        site.build()
        assert f"<!-- {word} -->" in (site.output / PAGE).read_text()


def inodes_of(site):
    return {path.stat().st_ino for path in site.output.rglob("*.html")}


def test_pages_of_another_frame_are_written_over_files_that_no_tree_has(site):
    first = inodes_of(site)

    rebuilt(site, "one", "two")
    assert not inodes_of(site) & first

    rebuilt(site, "three")
    assert inodes_of(site) <= first


def test_a_file_that_somebody_else_has_is_never_written_over(site, tmp_path):
    rebuilt(site, "one")
    kept = tmp_path / "kept.html"
    os.link(site.output / PAGE, kept)

    rebuilt(site, "two", "three", "four", "five")

    assert "<!-- one -->" in kept.read_text()


def test_a_file_that_not_all_may_read_is_never_written_over(site):
    rebuilt(site, "one")
    (site.output / PAGE).chmod(0o600)

    with (site.output / PAGE).open() as closed:
        rebuilt(site, "two", "three", "four", "five")

        assert "<!-- one -->" in closed.read()


def test_where_a_start_of_the_system_cannot_be_told_none_is_kept(site, monkeypatch):
    monkeypatch.setattr(spares, "BOOT", "/nowhere")

    rebuilt(site, "one", "two", "three")

    kept = (site.root / ".pydotorg/dist/spares").rglob("*")
    assert [path for path in kept if path.is_file()] == []


def test_after_a_start_of_the_system_files_are_trusted_by_what_they_say(
    site, tmp_path, monkeypatch
):
    page = site.output / PAGE
    seen = page.stat()
    with page.open("r+") as file:
        file.write("<!DOCTYPE html>"[::-1])
    os.utime(page, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert not site.build().written

    (tmp_path / "boot").write_text("another\n")
    monkeypatch.setattr(spares, "BOOT", str(tmp_path / "boot"))

    assert site.build().written == [PAGE]
    assert not site.build().changed


def test_a_stray_is_seen_also_where_so_many_sources_are_read_that_processes_share_them(site):
    for number in range(WORTH_IT):
        site.write(f"-- content/pages/p{number}.md --\n---\ntitle: P{number}\n---\nText.\n")
    site.build()
    (site.output / "p7/stray.txt").write_text("stray")

    report = site.build(jobs=2, hash_only=True)

    assert report.read >= WORTH_IT
    assert report.notes == []
    assert not (site.output / "p7/stray.txt").exists()


# -- a cache that is kept without its site


def away_with(site):
    """Remove the site; the cache comes back as copies with other inodes."""
    shutil.rmtree(site.output)
    state = site.root / ".pydotorg"
    shutil.copytree(state, site.root / "kept")
    shutil.rmtree(state)
    (site.root / "kept").rename(state)


def test_a_site_comes_back_from_a_kept_cache_without_being_rendered(site):
    before = site.pages()
    away_with(site)

    report = site.build()

    assert site.pages() == before
    assert report.rendered == 0
    assert not site.build().changed


def test_what_the_last_build_changed_is_made_anew_where_the_cache_is_one_build_older(site):
    site.write("-- content/pages/about/page-3.md --\n---\ntitle: Page 3\n---\nOther.\n")
    site.build()
    before = site.pages()
    away_with(site)

    report = site.build()

    assert site.pages() == before
    assert PAGE in report.written
    assert report.rendered < len(before)


def test_what_was_altered_in_a_kept_cache_is_made_anew(site):
    before = site.pages()
    away_with(site)
    other = site.root / ".pydotorg/dist/other"
    (other / PAGE).write_text("altered")
    (other / "about/stray.html").write_text("nobody's")
    (other / "robots.txt").unlink()

    site.build()

    assert site.pages() == before


def test_an_edit_after_a_site_came_back_changes_what_it_touches(site):
    away_with(site)
    site.build()
    site.write("-- content/pages/about/page-3.md --\n---\ntitle: Page 3\n---\nOther.\n")

    report = site.build()

    assert report.written == [PAGE]
    assert "Other." in (site.output / PAGE).read_text()
