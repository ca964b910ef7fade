"""Posters, the pictures that other sites show of a link: what is drawn, and when."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys

import PIL.Image
import PIL.ImageChops
import pytest

from pydotorg_build.content.base import named_poster
from pydotorg_build.posters import MAX_BYTES, ROOM, TITLE_SIZES, _font, cut, draw, fitted, readable

pytestmark = pytest.mark.usefixtures("posters_as_the_program_draws_them")

SERIES = """
-- content/series/3.14.md --
---
version: 3.14
end_of_bugfix: 2027-10-07
end_of_life: 2030-10-01
start: 2024-05-08
---
"""
RELEASE = """
-- content/releases/3.14.0.md --
---
version: 3.14.0
date: 2025-10-07
files:
- {name: Python-3.14.0.tar.xz, size: 23595844, sha256: 2299dae542d395ce3883aca00d3c910307cd68e0b2f7336098c8e7b7eee9f3e9}
---
Notes.
"""
PAGE = """
-- content/pages/about/index.md --
---
title: About
---
Hello.
-- content/menu.yaml --
- title: All about
  url: /about/
"""
NOUNS = ("pages", "menu", "series", "managers", "releases")


def poster(title, kind="", line=""):
    return named_poster("Python.org", title, kind, line)


def opened(data: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(data))


def image_of(page: str) -> str:
    """The address of the picture that a page names."""
    (url,) = re.findall(r'<meta property="og:image" content="https://test.example([^"]*)">', page)
    return url


def told(page: str, name: str) -> str:
    return re.findall(rf'<meta property="{name}" content="([^"]*)">', page)[0]


# What is drawn

TEXTS = {
    "short": poster("Python 3.14.0", "Release", "7 October 2025"),
    "nothing but a title": poster("Downloads"),
    "long": poster("Senior engineer for distributed systems " * 8, "Job", "Somewhere, " * 30),
    "one word": poster("Wörter" * 60, "Post"),
    "dense": poster("@#%&WM " * 60, "W" * 90, "@#W& " * 60),
    "Cyrillic and Greek": poster("Питон и Ελληνικά", "Story"),
    "Japanese": poster("パイソンの会", "Event", "東京"),
    "empty": poster(""),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_poster_is_a_jpeg_of_the_size_that_other_sites_want_and_light(name):
    data = draw(TEXTS[name])

    image = opened(data)
    assert (image.format, image.size) == ("JPEG", (1200, 630))
    assert len(data) <= MAX_BYTES == 45 * 1024
    assert "exif" not in image.info


def test_a_poster_of_a_release_weighs_little():
    assert len(draw(TEXTS["short"])) < 30 * 1024


def test_the_same_texts_give_the_same_bytes_in_another_process():
    code = """
import hashlib
from pydotorg_build.content.base import named_poster
from pydotorg_build.posters import draw
data = draw(named_poster("Python.org", "Python 3.14.0", "Release", "7 October 2025"))
print(hashlib.sha256(data).hexdigest())
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == hashlib.sha256(draw(TEXTS["short"])).hexdigest()


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_comes_near_the_edge_or_the_name_of_the_site(name):
    def differs(box):
        bare = opened(draw(poster(""))).convert("L").crop(box)
        mine = opened(draw(TEXTS[name])).convert("L").crop(box)
        return max(high for _, high in [PIL.ImageChops.difference(bare, mine).getextrema()])

    # JPEG lets a little of a text be seen within its block of 16 pixels.
    assert differs((1140, 20, 1200, 630)) < 16
    assert differs((0, 20, 60, 630)) < 16
    assert differs((0, 576, 1200, 630)) < 16


@pytest.mark.parametrize("space", [294, 226])
@pytest.mark.parametrize(
    "title", ["Python", "A title of some length " * 3, "much " * 99, "m" * 400]
)
def test_a_title_wraps_and_shrinks_until_it_fits(title, space):
    size, rows = fitted(title, space)

    assert size in TITLE_SIZES
    assert len(rows) * size * 1.18 <= space
    assert [row for row in rows if _font("Bold", size).getlength(row) > ROOM] == []


def test_what_a_title_has_no_room_for_is_left_out_and_that_is_shown():
    _, rows = fitted("much " * 99, 226)

    assert re.fullmatch(r"(much )+mu?c?h?…", rows[-1])


def test_a_short_title_is_as_large_as_can_be():
    assert fitted("Python 3.14.0", 226) == (TITLE_SIZES[0], ["Python 3.14.0"])


def test_a_line_is_cut_at_a_word_when_it_ends_with_a_sign():
    font = _font("", 38)

    assert cut("Short", font) == "Short"
    assert font.getlength(cut("A line " * 30, font)) <= ROOM


# Other scripts


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Łódź, cœur, naïve, Ærøskøbing, Đà Nẵng", "Łódź, cœur, naïve, Ærøskøbing, Đà Nẵng"),
        ("Привет, Ελλάδα", "Привет, Ελλάδα"),
        ("cafe\u0301", "café"),
        ("60 000 € → “now” — 3 × ½", "60 000 € → “now” — 3 × ½"),
        ("Released 🎉🐍 at last ❤️", "Released at last"),
        ("two\nlines\tand \u202ereversed\u0000", "two lines and reversed"),
        ("PyCon 東京", ""),
        ("بايثون", ""),
        ("पाइथन", ""),
        ("עברית", ""),
    ],
)
def test_signs_that_the_fonts_lack_are_left_out_and_whole_texts_in_other_scripts(text, drawn):
    assert readable(text) == drawn


def test_where_the_title_cannot_be_drawn_the_kind_stands_in_its_place():
    assert draw(poster("パイソンの会", "Event", "2026")) == draw(poster("Event", "", "2026"))


def test_where_nothing_can_be_drawn_the_name_of_the_site_stands_there():
    assert draw(poster("🐍")) == draw(poster("Python.org"))


# On the site


def test_a_release_has_a_poster_of_its_own(built, project):
    site = built(SERIES + RELEASE, nouns=NOUNS)

    page = site["/downloads/release/python-3140/"]
    assert image_of(page).startswith("/assets/og/")
    assert told(page, "og:image:alt") == "Release: Python 3.14.0"
    assert told(page, "og:image:type") == "image/jpeg"
    image = opened((project.output / image_of(page)[1:]).read_bytes())
    size = (int(told(page, "og:image:width")), int(told(page, "og:image:height")))
    assert image.size == size
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    published = named_poster("Test", "Python 3.14.0", "Release", "7 October 2025")
    assert (project.output / published.url[1:]).read_bytes() == draw(published)


def test_other_pages_share_the_poster_of_their_section(built, project):
    more = "-- content/pages/about/apps.md --\n---\ntitle: Apps\n---\nHello.\n"
    site = built(PAGE + more, nouns=NOUNS)

    assert image_of(site["/about/"]) == image_of(site["/about/apps/"])
    assert told(site["/about/apps/"], "og:image:alt") == "All about"
    assert image_of(site["/about/"]) != image_of(site["/"])


def test_a_section_below_another_in_the_menu_has_a_poster_too(built):
    menu = "  children:\n  - {title: Jobs, url: /jobs/}\n"

    site = built(PAGE.rstrip("\n") + f"\n{menu}", nouns=(*NOUNS, "job_terms", "jobs"))

    assert told(site["/jobs/"], "og:image:alt") == "Jobs"


def test_every_page_names_a_picture_that_is_there(built):
    site = built(SERIES + RELEASE + PAGE, nouns=NOUNS)

    pages = [text for url, text in site.items() if url.endswith(("/", ".html"))]
    assert len(pages) > 10
    assert [image_of(page) for page in pages if image_of(page) not in site] == []


TERMS = """
-- content/job_terms.yaml --
- {of: category, slug: web, title: Web}
- {of: type, slug: backend, title: Backend}
"""


def test_two_pages_of_the_same_words_share_one_poster(built):
    job = """---
title: Developer
company: Example
city: Berlin
country: Germany
category: web
types: [backend]
date: 2026-11-01
ends: 2026-12-30
email: jobs@example.com
---
Work.
"""
    jobs = f"-- content/jobs/one.md --\n{job}-- content/jobs/two.md --\n{job}"

    site = built(TERMS + jobs, nouns=("pages", "job_terms", "jobs"))

    assert image_of(site["/jobs/one/"]) == image_of(site["/jobs/two/"])
    assert told(site["/jobs/one/"], "og:image:alt") == "Job: Developer"


def posters_of(report) -> list[str]:
    return [path for path in report.written if path.startswith("assets/og/")]


def test_a_poster_is_drawn_again_only_when_its_words_change(built, project):
    site = built(SERIES + RELEASE, nouns=NOUNS)
    first = image_of(site["/downloads/release/python-3140/"])

    project.write(RELEASE.replace("Notes.", "Other notes."))
    other_notes = project.build()
    project.write(RELEASE.replace("2025-10-07", "2025-10-08"))
    other_day = project.build()

    assert "downloads/release/python-3140/index.html" in other_notes.written
    assert posters_of(other_notes) == []
    second = image_of(project.pages()["/downloads/release/python-3140/"])
    assert second != first
    assert posters_of(other_day) == [second[1:]]


def test_another_version_of_the_program_draws_no_poster_again_that_looks_the_same(built, project):
    built(SERIES + RELEASE, nouns=NOUNS)
    shop = project.open()
    engine = shop.record.get("engine")
    with shop.record.transaction():
        shop.record.put("engine", [engine[0], "another", *engine[2:]])
    shop.close()

    report = project.build()

    assert report.rendered > 20
    assert not [url for _, url, _ in report.slowest if url.startswith("/assets/og/")]


def test_the_site_is_the_same_when_built_from_nothing(built, project, tmp_path):
    built(SERIES + RELEASE + PAGE, nouns=NOUNS)
    project.write(RELEASE.replace("3.14.0", "3.14.1").replace("2299", "3399"))
    project.build()
    step_by_step = project.pages()

    project.output = tmp_path / "elsewhere" / "dist"
    project.build()

    kept = {url for url in step_by_step if url not in project.pages()}
    assert {url: step_by_step[url] for url in step_by_step if url not in kept} == project.pages()
