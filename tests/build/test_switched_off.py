"""A kind of content that build.toml switches off disappears as a whole."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import pytest

from pydotorg_build.build import build, check
from pydotorg_build.content.switches import PARTS, PLACES, places_of
from pydotorg_build.problems import Problems
from pydotorg_build.sample import samples
from pydotorg_build.sample.drawn import Drawn
from pydotorg_build.settings import read_settings
from pydotorg_build.snapshot import Row, add_file, add_rows, writing
from pydotorg_build.unlinking import unlinked
from pydotorg_build.workshop import Options, Workshop
from tests.conftest import BUILD_TOML, NOW, ROOT

# Of these there are many, and few do.
MANY = ("events/20[01]*.yaml", "events/202[0-5].yaml", "blog_entries/20[01]*.yaml",
        "blog_entries/202[0-5].yaml", "releases/[12].*/*.md", "releases/3.[0-9]/*.md",
        "releases/3.1[0-2]/*.md", "series/[12].*.md", "series/3.[0-9].md", "series/3.1[0-2].md")  # fmt: skip
FEW = 12
# Blogs, of which the official ones stand first.
FEEDS = 40
NAMED = ("blog_feeds", "elections", "nominees")
# Pages speak of it.
LAST_OF_2 = ("releases/2.7/2.7.18.md", "series/2.7.md")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The real site, with less of what there is much of."""
    root = tmp_path_factory.mktemp("real")
    for name in ("content", "templates", "static"):
        shutil.copytree(ROOT / name, root / name)
    for pattern in MANY:
        for file in (root / "content").glob(pattern):
            file.unlink()
    for name in LAST_OF_2:
        shutil.copyfile(ROOT / "content" / name, root / "content" / name)
    feeds = root / "content/blog_feeds.yaml"
    feeds.write_text("\n- ".join(feeds.read_text().split("\n- ")[:FEEDS]) + "\n")
    (root / "content/ledger.txt").unlink()
    text = (ROOT / "build.toml").read_text()
    made = list(samples(1, NOW.date()))
    with writing(root / read_settings(ROOT / "build.toml").snapshots[0]) as db:
        add_rows(db, a_few_of_each(made))
        for picture in made:
            if isinstance(picture, Drawn):
                add_file(db, picture.name, picture.bytes)
    return root, text.replace("[build]\n", "[build]\ngit_dates = false\n")


def a_few_of_each(made):
    """The first rows of each kind; all of those that others name."""
    seen = Counter()
    for row in made:
        if isinstance(row, Row):
            seen[row.kind] += 1
            if seen[row.kind] <= FEW or row.kind in NAMED:
                yield row


@pytest.fixture
def without(real):
    """Open the workshop of the real site with kinds switched off; what was rendered is kept."""
    root, text = real

    def switch_off(*kinds):
        config = root / "build.toml"
        config.write_text(text.replace("[build]\n", f"[build]\noff = {json.dumps(kinds)}\n"))
        options = Options(jobs=2, search=False, say=lambda text: None)
        return Workshop(root, read_settings(config), options, root / "dist")

    return switch_off


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(PLACES))
def test_without_a_kind_the_site_has_no_dead_link(without, kind):
    shop = without(kind)

    check(shop, NOW.timestamp())

    shop.close()


@pytest.mark.slow
@pytest.mark.row("S051")
def test_what_is_switched_off_is_on_no_page_in_no_menu_feed_or_sitemap(without, real):
    shop = without("jobs", "sponsors")
    off = places_of(shop.settings.off)
    assert off == ("/jobs/", "/psf/sponsors/", "/api/v3/sponsors.json")

    build(shop, NOW.timestamp())

    shop.close()
    served = real[0] / "dist"
    files = {path.relative_to(served).as_posix() for path in served.rglob("*") if path.is_file()}
    assert [name for name in files if f"/{name}".startswith(off)] == []
    texts = [name for name in files if name.endswith((".html", ".xml", ".rss", ".atom", ".json"))]
    linked = ('href="/jobs/', 'href="/psf/sponsors/', "test.example/jobs/", 'action="/jobs/',
              "python.org/jobs/", '"/jobs/"', "python.org/psf/sponsors/")  # fmt: skip
    named = [
        (name, one)
        for name in sorted(texts)
        if name != "frame.json"
        for one in linked
        if one in (served / name).read_text()
    ]
    assert named == []
    rules = (served / "_redirects").read_text().splitlines()
    assert [line for line in rules if line.split()[-2].startswith(off)] == []
    assert "/psf/" in (served / "sitemap.xml").read_text()


def test_links_become_their_words_and_lines_that_are_only_links_go():
    html = (
        '<link rel="alternate" href="/jobs/feed.rss">\n'
        '<ul>\n<li><a href="/jobs/">Jobs</a></li>\n<li><a href="/about/">About</a></li>\n</ul>\n'
        '<p>See <a class="b" href="../jobs/#new">the <em>jobs</em></a>, <a href="/jobsite/">or</a>'
        '</p>\n<form action="/jobs/"><input></form>\n'
    )

    assert unlinked(html, "/about/", ("/jobs/",)) == (
        '<ul>\n<li><a href="/about/">About</a></li>\n</ul>\n'
        '<p>See the <em>jobs</em>, <a href="/jobsite/">or</a></p>\n'
    )


@pytest.mark.parametrize(
    ("off", "told"),
    [
        ("pages", "`pages` cannot be switched off\n  hint: these can be: banners, blog_feeds,"),
        ("job_terms", "`job_terms` is a part of `jobs`\n  hint: switch `jobs` off"),
        ("jbos", "`jbos` cannot be switched off\n  hint: did you mean `jobs`?"),
    ],
)
def test_what_cannot_be_switched_off_is_told(project, off, told):
    settings = BUILD_TOML.replace("[build]", f'[build]\noff = ["{off}"]')
    project.write(f"-- build.toml --{settings}")

    with pytest.raises(Problems) as caught:
        project.open()

    assert str(caught.value).startswith(f"build.toml:5:1: {told}")


def test_a_part_goes_with_its_whole(project):
    nouns = '["pages", "jobs", "job_terms"]\noff = ["jobs"]'
    project.write(f"-- build.toml --{BUILD_TOML}".replace('["pages"]', nouns))

    settings = project.open().settings

    assert settings.nouns == ("pages",)
    assert settings.off == ("jobs", *PARTS["jobs"])
