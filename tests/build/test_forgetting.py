"""The memo: it does not grow for ever, and forgets nothing that an output is made of."""

from __future__ import annotations

import pytest
from PIL import Image

from pydotorg_build.cache import Memo, Record
from pydotorg_build.forgetting import SLACK
from tests.conftest import Project

PAGE = """
-- content/pages/about/index.md --
---
title: About
---
Version {}. ![A square](square.png)
"""
OLD = [(f"prose:{'0' * 32}:{number:032x}", b"x" * (1 << 20)) for number in range(80)]


@pytest.fixture
def site(built, project: Project) -> Project:
    """A built site with a picture, and a memo that is nearly full of what nobody wants."""
    folder = project.root / "content" / "pages" / "about"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 40), "red").save(folder / "square.png")
    built(PAGE.format(1))
    memo = Memo(project.root / ".pydotorg" / "memo.db")
    memo.put_all(OLD)
    memo.close()
    return project


def keys(project: Project) -> list[str]:
    memo = Memo(project.root / ".pydotorg" / "memo.db")
    found = sorted(key for (key,) in memo.rows("SELECT key FROM memo"))
    memo.close()
    return found


def kinds(project: Project) -> list[str]:
    return [key.partition(":")[0] for key in keys(project)]


def test_a_build_that_changes_something_forgets_what_no_output_is_made_of(site):
    site.write(PAGE.format(2))

    site.build()

    assert kinds(site).count("prose") == 1
    assert {"picture", "variant", "kept"} <= set(kinds(site))
    assert "style" not in kinds(site)


def test_a_build_without_changes_forgets_nothing(site):
    site.build()

    assert kinds(site).count("prose") == 81


def test_below_the_bound_nothing_is_forgotten(built, project):
    built(PAGE.format(1).replace("![A square](square.png)", ""))
    project.write(PAGE.format(2).replace("![A square](square.png)", ""))

    project.build()

    assert kinds(project).count("prose") == 2


def test_it_waits_until_the_memo_has_doubled_again(site):
    site.write(PAGE.format(2))
    site.build()
    memo = Memo(site.root / ".pydotorg" / "memo.db")
    memo.put_all(OLD[: (SLACK >> 20) - 10])
    memo.close()
    site.write(PAGE.format(3))

    site.build()

    assert kinds(site).count("prose") == 2 + (SLACK >> 20) - 10


def test_what_another_output_is_made_of_stays(site):
    other = Project(site.root)
    other.output = site.root / "other"
    other.build()
    site.write(PAGE.format(2))

    site.build()

    assert kinds(site).count("prose") == 2


def test_after_it_builds_go_on_as_before(site):
    site.write(PAGE.format(2))
    site.build()
    site.write("-- content/pages/about/more.md --\n---\ntitle: More\n---\nMore.\n")
    (site.output / "about" / "index.html").write_text("damaged")

    report = site.build()

    assert report.notes == []
    assert "Version 2." in site.pages()["/about/"]
    assert len(report.planned) < 10


def test_a_record_that_cannot_be_read_keeps_everything(site):
    folder = site.root / ".pydotorg" / "damaged"
    folder.mkdir()
    (folder / "record.db").write_bytes(b"not a record" * 1000)
    site.write(PAGE.format(2))

    site.build()

    assert kinds(site).count("prose") == 82


def test_pictures_that_are_gone_are_forgotten(site):
    (site.root / "content" / "pages" / "about" / "square.png").unlink()
    site.write(PAGE.format(2).replace("![A square](square.png)", ""))

    site.build()

    assert set(kinds(site)) == {"prose", "kept"}


def test_the_record_itself_is_only_read(site):
    site.write(PAGE.format(2))
    site.build()

    record = Record(site.root / ".pydotorg" / "dist" / "record.db")
    assert not record.thrown_away
    record.close()
