"""Every mistake that can be made in a site: what the build says, and where it says it is.

A good site, of one text, with one thing broken.  What is told is compared as a whole: the place,
the message, the hint, and nothing else.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pydotorg_build.build import build, check
from pydotorg_build.cache import Memo
from pydotorg_build.content import NAMES
from pydotorg_build.problems import Problems
from tests.conftest import NOW, Project

SETTINGS = """\
[site]
name = "Test"
url = "https://test.example"
[build]
nouns = ["pages", "menu", "redirects"]
git_dates = false
[search]
enabled = false
"""
SITE = f"""
-- build.toml --
{SETTINGS}
-- templates/base.html --
<html lang="en"><title>{{{{ meta.title }}}}</title>
<link href="{{{{ frame.assets["css/site.css"].url }}}}">
{{% for item in frame.menu %}}<a href="{{{{ item.url }}}}">{{{{ item.title }}}}</a>{{% endfor %}}
{{% block main %}}{{% endblock %}}</html>
-- templates/pages/page.html --
{{% extends "base.html" %}}
{{% block main %}}<h1>{{{{ page.title }}}}</h1>{{{{ body.html if body }}}}{{% endblock %}}
-- templates/pages/section.html --
{{% extends "base.html" %}}
{{% block main %}}<h1>{{{{ section.title }}}}</h1>{{{{ body.html if body }}}}{{% endblock %}}
-- templates/pages/tag.html --
{{% extends "base.html" %}}
{{% block main %}}<h1>{{{{ tag }}}}</h1>{{% endblock %}}
-- templates/pages/tags.html --
{{% extends "base.html" %}}
{{% block main %}}{{% for tag in tags %}}{{{{ tag.title }}}}{{% endfor %}}{{% endblock %}}
-- static/css/site.css --
body {{ color: black }}
-- content/menu.yaml --
- {{title: About, url: /about/}}
-- content/redirects.yaml --
- {{from: /old/, to: /about/}}
-- content/pages/about/index.md --
---
title: About
---
## Us
"""
PAGE = "content/pages/news/a.md"
SIGN = "\n  hint: put text that holds `: ` or `#` or begins with a sign between quotes"
ADDRESS = "\n  hint: write it as /path/, with %20 and the like for what is not a plain letter"
FIELDS = (
    "\n  hint: it may have: title, unchecked, draft, description, keywords, date, updated, publish,"
    " expires, published, tags, aliases, owner, review_by, order, toc, list, sort, template, image, noindex,"
    " search"
)
MEND = "\n  hint: mend or remove it"
TAKEN = "\n  hint: change the name, slug or alias of one"
RETYPE = "\n  hint: delete it and type the text anew"
GIVEN = (
    "\n  hint: it has: meta, nav, next, page, previous, tag_links"
    f" (rendering /news/a/ from {PAGE}:1:1)"
)


@pytest.fixture
def site(tmp_path: Path) -> Project:
    """A good site in a folder with something secret beside it."""
    (tmp_path / "secret.md").write_text("---\ntitle: Secret\n---\n")
    (tmp_path / "secret.css").write_text("body { content: 'secret' }")
    project = Project(tmp_path / "site")
    project.root.mkdir()
    project.write(SITE)
    return project


def told(site: Project) -> str:
    """What a build says of a site that is not in order."""
    with pytest.raises(Problems) as problems:
        site.build()
    return str(problems.value)


def page(front: str, body: str = "Text.", name: str = PAGE) -> str:
    return f"-- {name} --\n---\n{front}\n---\n{body}\n"


def put(site: Project, name: str, content: bytes) -> None:
    path = site.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 6), "red").save(file, "png")
    return file.getvalue()


def test_the_site_that_is_broken_here_is_good(site):
    site.write(page("title: A"))

    site.build()

    assert "<h1>A</h1><p>Text.</p>" in site.pages()["/news/a/"].replace("\n", "")


# -- front matter

COLUMN = "\n  hint: begin it in the column in which the line above begins"
FRONT_MATTER = [
    ("a line too far in", "title: A\n order: 1",
     f"3:7: this is not YAML: mapping values are not allowed in this context{COLUMN}"),
    ("an item out of line", "title: A\ntags:\n  - a\n - b",
     f"5:2: this is not YAML: did not find expected key{COLUMN}"),
    ("no space", "title:A\norder: 1",
     "3:6: this is not YAML: mapping values are not allowed in this context"
     "\n  hint: write `title: …`, with a space behind the colon"),
    ("typographic quotes", "title: “A: b”",
     "2:10: this is not YAML: mapping values are not allowed in this context"
     "\n  hint: the quotes must be straight: `\"` or `'`"),
    ("open quotes", "title: 'A\norder: 1",
     "4:1: this is not YAML: found unexpected end of stream"
     "\n  hint: a quote that is open above has no end"),
    ("unknown key, near", "title: A\ndat: 2026-01-01",
     "3:1: `dat` is not a field of PageEntry\n  hint: did you mean `date`?"),
    ("unknown key, far", "title: A\nzzz: 1", f"3:1: `zzz` is not a field of PageEntry{FIELDS}"),
    ("merge key", "title: A\n<<: {order: 1}", f"3:1: `<<` is not a field of PageEntry{FIELDS}"),
    ("a day in words", "title: A\ndate: next spring",
     "3:1: `date` must be a day, as 2026-05-14, not 'next spring'"),
    ("a day that is not", "title: A\ndate: 2026-02-30",
     "3:1: `date` must be a day, as 2026-05-14, not '2026-02-30'"),
    ("the year 0", "title: A\ndate: 0000-01-01",
     "3:1: `date` must be a day, as 2026-05-14, not '0000-01-01'"),
    ("a moment that is not", "title: A\npublish: 2026-02-30T10:00",
     "3:1: `publish` must be a day, as 2026-05-14, or a moment, as 2026-05-14T10:00:00Z,"
     " not '2026-02-30T10:00'"),
    ("a moment after the end of time", "title: A\npublish: 9999-12-31T23:59:59-23:59",
     "3:1: `publish` must be a day, as 2026-05-14, or a moment, as 2026-05-14T10:00:00Z,"
     " not '9999-12-31T23:59:59-23:59'"),
    ("no time zone", "title: A\npublish: 2026-02-20T10:00:00",
     "3:1: `publish` needs a time zone\n  hint: end it with Z for UTC"),
    ("expired before it began", "title: A\npublish: 2026-02-02\nexpires: 2026-01-01",
     "4:1: `expires` must come after `publish`"),
    ("duplicate key", "title: A\norder: 1\ntitle: B",
     "4:1: `title` stands here twice\n  hint: first in line 2"),
    ("title without value", "title:",
     "2:1: `title` has no value\n  hint: give it one, or leave the line out"),
    ("empty title", "title: ''", "2:1: `title` must not be empty"),
    ("long title", f"title: {'x' * 301}", f"2:1: `title` must be shorter: at most 300 characters, not '{'x' * 55}…'"),
    ("title is a list", "title: [a]", "2:1: `title` must be a text, not ['a']"),
    ("title is fields", "title: {a: b}", "2:1: `title` must be a text, not {'a': 'b'}"),
    ("not true or false", "title: A\ndraft: perhaps",
     "3:1: `draft` must be true or false, not 'perhaps'"),
    ("not whole", "title: A\norder: 1.5", "3:1: `order` must be a whole number, not '1.5'"),
    ("a huge number", f"title: A\norder: {'9' * 5000}",
     f"3:1: `order` must be a smaller number, not '{'9' * 55}…'"),
    ("none of the choices", "title: A\nsort: size",
     "3:1: `sort` must be one of title, date, order, not 'size'"),
    ("text for a list", "title: A\ntags: web", "3:1: `tags` must be a list, as [one, two]"),
    ("a list in a list", "title: A\ntags: [[web]]",
     "3:8: `tags[0]` must be a text, not ['web']"),
    ("empty in a list", "title: A\ntags:\n- web\n- ''", "5:3: `tags[1]` must not be empty"),
    ("a tag twice", "title: A\ntags: [web, web]",
     "3:13: the tag `web` stands here twice\n  hint: remove one"),
    ("tags of one address", "title: A\ntags: [Web, web]",
     "3:13: the tags `Web` and `web` have the same address\n  hint: write it in one way"),
    ("list for fields", "- a", "2:3: fields are wanted here, as `title: …`"),
    ("text for fields", "hello", "1:1: fields are wanted here, as `title: …`"),
    ("tab", "title: A\n\tdate: x",
     "3:1: a tab stands where YAML wants spaces\n  hint: use spaces"),
    ("tab in a list", "title: A\ntags:\n\t- x",
     "4:1: a tab stands where YAML wants spaces\n  hint: use spaces"),
    ("YAML tag that runs", "title: !!python/object:os.system A",
     "2:8: the tag `!!python/object:os.system` is not read here\n  hint: leave it out"),
    ("YAML tag of one's own", "title: !secret A",
     "2:8: the tag `!secret` is not read here\n  hint: leave it out"),
    ("alias bomb", "title: A\na: &a [x, x]\nb: &b [*a, *a]\ntags: [*b, *b]",
     "4:8: aliases (`*name`) are not read here\n  hint: write the value out"),
    ("no quotes at a colon", "title: A: B",
     f"2:9: this is not YAML: mapping values are not allowed in this context{SIGN}"),
    ("no quotes at a sign", "title: @A",
     f"2:8: this is not YAML: found character that cannot start any token{SIGN}"),
    ("open bracket", "title: [A",
     "3:1: this is not YAML: did not find expected ',' or ']'"
     "\n  hint: close the bracket that is open above, or put a comma between what it holds"),
    ("empty key", "title: A\n: b", f"3:1: this is not YAML: did not find expected key{SIGN}"),
    ("directive", "title: A\n%YAML 1.2",
     f"4:1: this is not YAML: did not find expected <document start>{SIGN}"),
    ("complex key", "title: A\n? [a, b]\n: c",
     "3:3: a key must be a plain word\n  hint: put it between quotes"),
    ("key with an escape", 'title: A\n"a\\e[2J": 1',
     "3:1: a key must be a plain word\n  hint: delete it and type it anew"),
    ("nested", f"title: A\ntags: {'[' * 13}{']' * 13}",
     "3:18: this is nested more than 12 deep\n  hint: write it flatter"),
    ("nested hugely", f"title: A\ntags: {'[' * 90_000}",
     "3:1006: this is nested more than 12 deep\n  hint: write it flatter"),
    ("nested fields", f"title: A\ntags: {'{a: ' * 20_000}",
     "3:51: this is nested more than 12 deep\n  hint: write it flatter"),
    ("nested lines", f"title: A\ntags:\n{'- ' * 40_000}",
     "4:23: this is nested more than 12 deep\n  hint: write it flatter"),
    ("NUL", "title: A\norder: 1\0", f"3:9: the invisible character U+0000 stands here{RETYPE}"),
    ("control character", "title: A\x07B",
     f"2:9: the invisible character U+0007 stands here{RETYPE}"),
    ("line separator", "title: A\u2028B",
     f"2:9: the invisible character U+2028 stands here{RETYPE}"),
    ("private use", "title: A\ue0000\ue001",
     f"2:9: the invisible character U+E000 stands here{RETYPE}"),
    ("escaped control character", 'title: "A\\x07B"',
     f"2:1: `title` holds the invisible character U+0007{RETYPE}"),
    ("escaped NUL", 'title: "A\\0B"',
     f"2:1: `title` holds the invisible character U+0000{RETYPE}"),
    ("half a character", 'title: "A\\ud800B"',
     f"2:12: this is not YAML: found invalid Unicode character escape code{SIGN}"),
    ("too long", "title: A\n" + "\n".join(f"k{n}: 1" for n in range(20_000)),
     "1:1: the front matter is longer than 100 kB\n  hint: put what is long below it"),
    ("alias without slash", "title: A\naliases: [x]",
     f"3:11: the alias 'x' must begin with `/`{ADDRESS}"),
    ("alias upwards", "title: A\naliases: [/x/../../y]",
     f"3:11: the alias '/x/../../y' may not hold '/../'{ADDRESS}"),
    ("alias upwards, encoded", "title: A\naliases: [/%2e%2e/x]",
     f"3:11: the alias '/%2e%2e/x' may not hold '/%2e%2e/'{ADDRESS}"),
    ("alias with a line of its own", 'title: A\naliases: ["/x\\n/y"]',
     rf"3:11: the alias '/x\n/y' may not hold '\n'{ADDRESS}"),
    ("alias with a space", "title: A\naliases:\n- /x/\n- /x y/",
     f"5:3: the alias '/x y/' may not hold ' '{ADDRESS}"),
    ("alias elsewhere", "title: A\naliases: [//evil.example/]",
     f"3:11: the alias '//evil.example/' may not hold '//'{ADDRESS}"),
    ("alias with a star", "title: A\naliases: ['/x/*']",
     f"3:11: the alias '/x/*' may not hold '*'{ADDRESS}"),
    ("alias of a host's own", "title: A\naliases: [/:x/y]",
     f"3:11: the alias '/:x/y' may not hold '/:'{ADDRESS}"),
    ("alias twice", "title: A\naliases: [/x/, /x/]",
     "3:16: /x/ stands here twice\n  hint: remove one"),
    ("alias to itself", "title: A\naliases: [/news/a/]",
     "3:11: /news/a/ is the page itself\n  hint: remove it"),
]  # fmt: skip


@pytest.mark.row("C16")
@pytest.mark.parametrize(("front", "expected"), [r[1:] for r in FRONT_MATTER],
                         ids=[r[0] for r in FRONT_MATTER])  # fmt: skip
def test_a_mistake_in_front_matter_is_told_with_its_place(site, front, expected):
    site.write(page(front))

    assert told(site) == f"{PAGE}:{expected}"


@pytest.mark.row("C16", "S068")
def test_a_page_needs_a_title(site):
    site.write(page("date: 2026-01-01"))

    assert told(site) == f"{PAGE}:1:1: `title` is missing\n  hint: add a line `title: …`"


@pytest.mark.row("S068")
def test_front_matter_has_the_fields_that_a_page_had(site):
    front = "title: A\nkeywords: one, two\ndescription: D.\npublished: true\ntemplate: page"
    site.write(page(front))

    site.build()

    assert "<h1>A</h1>" in site.pages()["/news/a/"]


def test_a_version_stays_a_text(site):
    site.write(page("title: 3.10"))

    site.build()

    assert "<h1>3.10</h1>" in site.pages()["/news/a/"]


WHOLE_FILES = [
    ("byte order mark", b"\xef\xbb\xbf---\ntitle: A\n---\n",
     "1:1: the file begins with a byte order mark\n  hint: save it as UTF-8 without BOM"),
    ("UTF-16", "---\ntitle: A\n---\n".encode("utf-16"),
     "1:1: the file begins with a byte order mark\n  hint: save it as UTF-8 without BOM"),
    ("Latin-1", b"---\ntitle: Caf\xe9\n---\n",
     "2:11: the byte 0xe9 is not UTF-8\n  hint: save the file as UTF-8"),
    ("Latin-1 in the text", b"---\ntitle: A\n---\n\nCaf\xe9\n",
     "5:4: the byte 0xe9 is not UTF-8\n  hint: save the file as UTF-8"),
    ("no front matter", b"Text.",
     "1:1: the file has no front matter\n  hint: begin with a line `---`, then `title: …`,"
     " then `---`"),
    ("nothing", b"",
     "1:1: the file has no front matter\n  hint: begin with a line `---`, then `title: …`,"
     " then `---`"),
    ("no end", b"---\ntitle: A\n",
     "1:1: the front matter has no end\n  hint: close it with a line `---`"),
    ("empty front matter", b"---\n---\nText.\n",
     "1:1: `title` is missing\n  hint: add a line `title: \u2026`"),
    ("Windows line ends", b"---\r\ntitle: A\r\ndat: 1\r\n---\r\nText.\r\n",
     "3:1: `dat` is not a field of PageEntry\n  hint: did you mean `date`?"),
    ("old line ends", b"---\rtitle: A\rdat: 1\r---\rText.\r",
     "3:1: `dat` is not a field of PageEntry\n  hint: did you mean `date`?"),
    ("control character in the text", b"---\ntitle: A\n---\nText \0 here.\n",
     "4:6: the character U+0000 is not allowed in content\n"
     "  hint: take it out; it was probably pasted along with the text"),
]  # fmt: skip


@pytest.mark.row("C16")
@pytest.mark.parametrize(("content", "expected"), [r[1:] for r in WHOLE_FILES],
                         ids=[r[0] for r in WHOLE_FILES])  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_with_the_place(site, content, expected):
    put(site, PAGE, content)

    assert told(site) == f"{PAGE}:{expected}"


@pytest.mark.parametrize(
    "front", ["description: " + "x" * 10_000_000, "a: |\n" + "  ---\n" * 1_600_000,
              "tags: [" + "a, " * 3_000_000 + "]"],
    ids=["one line", "lines like the end", "a list"],
)  # fmt: skip
def test_ten_megabytes_of_front_matter_take_no_time(site, front):
    site.write(page(front))
    began = time.perf_counter()

    said = told(site)

    assert said == (f"{PAGE}:1:1: the front matter is longer than 100 kB\n"
                    "  hint: put what is long below it")  # fmt: skip
    assert time.perf_counter() - began < 2


# -- YAML files

YAML = [
    ("a second document", "menu", "- {title: A, url: /about/}\n---\n- {title: B, url: /about/}",
     "2:1: a second YAML document begins here\n  hint: one file, one document"),
    ("no fields", "redirects", "- nope\n- [a]",
     "1:3: fields are wanted here, as `title: …`",
     "2:3: fields are wanted here, as `title: …`"),
    ("unknown key", "redirects", "- {from: /x/, to: /about/}\n- {form: /y/, to: /about/}",
     "2:3: `from` is missing\n  hint: add a line `from: …`",
     "2:4: `form` is not a field of Redirection\n  hint: did you mean `from`?"),
    ("unknown key below", "menu", "- title: A\n  url: /about/\n  children:\n  - {titel: x, url: /x/}",
     "4:5: `title` is missing\n  hint: add a line `title: …`",
     "4:6: `titel` is not a field of one line of the menu and what is below it\n"
     "  hint: did you mean `title`?"),
    ("no slash", "redirects", "- {from: a, to: about/}",
     f"1:4: `from` must begin with `/`{ADDRESS}",
     "1:13: `to` must be a path from `/` or an address with https://"),
    ("upwards", "redirects", "- {from: /../a, to: /about/}",
     f"1:4: `from` may not hold '/../'{ADDRESS}"),
    ("a line of its own", "redirects", '- {from: "/a\\n/b", to: "/about/\\n/* https://evil.example"}',
     rf"1:4: `from` may not hold '\n'{ADDRESS}",
     "1:20: `to` may not hold '\\n'\n  hint: write it as %20 and the like"),
    ("spaces", "redirects", "- {from: /a b, to: /about/ 200}",
     f"1:4: `from` may not hold ' '{ADDRESS}",
     "1:16: `to` may not hold ' '\n  hint: write it as %20 and the like"),
    ("NUL", "redirects", '- {from: "/a\\0b", to: /about/}',
     f"1:4: `from` holds the invisible character U+0000{RETYPE}"),
    ("script", "redirects", "- {from: /x/, to: 'javascript:alert(1)'}",
     "1:15: `to` must be a path from `/` or an address with https://"),
    ("another host", "redirects", "- {from: /x/, to: //evil.example/}",
     "1:15: `to` must be a path from `/` or an address with https://"),
    ("star within", "redirects", '- {from: "/a*b", to: /about/}',
     "1:4: `*` may only stand at the end of `from`"),
    ("to itself", "redirects", "- {from: /x/, to: /x/}", "1:15: this leads to itself"),
    ("status", "redirects", "- {from: /x/, to: /about/, status: 410}\n- {from: /y/}\n"
     "- {from: /z/, to: /about/, status: 418}",
     "1:15: `to` is wanted, except with status 410",
     "2:3: `to` is wanted, except with status 410",
     "3:28: `status` must be one of 301, 302, 307, 308, 410, not '418'"),
    ("twice", "redirects", "- {from: /x/, to: /about/}\n- {from: /x/, to: /}",
     "2:3: /x/ is already taken by content/redirects.yaml:1:3\n"
     "  hint: rename or change one of them"),
    ("a page's address", "redirects", "- {from: /about/, to: /}",
     f"1:3: /about/ is already taken by content/pages/about/index.md:1:1{TAKEN}"),
]  # fmt: skip


@pytest.mark.row("C16")
@pytest.mark.parametrize(("name", "text", "expected"), [(r[1], r[2], r[3:]) for r in YAML],
                         ids=[r[0] for r in YAML])  # fmt: skip
def test_a_mistake_in_yaml_is_told_with_its_place(site, name, text, expected):
    site.write(f"-- content/{name}.yaml --\n{text}\n")

    assert told(site) == "\n".join(f"content/{name}.yaml:{line}" for line in expected)


@pytest.mark.parametrize("name", ["menu", "redirects"])
def test_an_empty_list_is_no_mistake(site, name):
    site.write(f"-- content/{name}.yaml --\n# None yet.\n")

    site.build()

    assert "/about/" in site.pages()


@pytest.mark.parametrize("text", [b"", b" \n\n"])
def test_a_file_of_data_in_which_nothing_stands_is_told(site, text):
    put(site, "content/redirects.yaml", text)

    assert told(site) == (
        "content/redirects.yaml: the file is empty\n  hint: write what it is to hold, or delete it"
    )


# -- build.toml

TOML = 'write text as `name = "…"`; see https://toml.io'
BUILD_TOML = [
    ("unknown table", "[site]", "[sight]\n[site]",
     "1:2: `sight` is not a table of build.toml\n  hint: did you mean `[site]`?"),
    ("table unlike any", "[site]", "[xyz]\n[site]",
     "1:2: `xyz` is not a table of build.toml\n"
     "  hint: it may have: [site], [build], [search], [sidecar]"),
    ("key like another", "git_dates", "git_date",
     "6:1: `git_date` is not a key of [build]\n  hint: did you mean `git_dates`?"),
    ("unknown key", "git_dates", "xyz",
     "6:1: `xyz` is not a key of [build]\n  hint: it may have: nouns, off, content,"
     " templates, static, output, snapshots, styles, page_size, strict_headings, git_dates,"
     " kept_days, whole"),
    ("missing key", 'name = "Test"\n', "",
     '1:2: `name` is missing\n  hint: add a line `name = "…"` below [site]'),
    ("not true or false", "git_dates = false", 'git_dates = "perhaps"',
     "6:1: `git_dates` must be true or false, not 'perhaps'"),
    ("not an address", "https://test.example", "test.example/x",
     "3:1: `url` must be written like https://www.python.org, not 'test.example/x'"),
    ("too small", "git_dates = false", "page_size = 0",
     "6:1: `page_size` must be a larger number: at least 1, not 0"),
    ("kind like another", '"menu"', '"menus"',
     "5:1: `menus` is no kind of content\n  hint: did you mean `menu`?"),
    ("unknown kind", '"menu"', '"xyz"',
     f"5:1: `xyz` is no kind of content\n  hint: there are {', '.join(NAMES)}"),
    ("folder above", "git_dates = false", 'content = "../content"',
     "6:1: `content` may not be '../content'\n"
     "  hint: name a folder below that of build.toml, as `content`"),
    ("folder elsewhere", "git_dates = false", 'templates = "/etc"',
     "6:1: `templates` may not be '/etc'\n"
     "  hint: name a folder below that of build.toml, as `content`"),
    ("the project itself", "git_dates = false", 'output = "."',
     "6:1: `output` may not be '.'\n  hint: name a folder below that of build.toml, as `content`"),
    ("folder in a folder", "git_dates = false", 'output = "content/out"',
     "6:1: `output` and `content` lie within each other: 'content/out' and 'content'\n"
     "  hint: give each a folder of its own"),
    ("not TOML", "[search]", "= 3\n[search]",
     f"7:1: this is not TOML: Invalid statement\n  hint: {TOML}"),
    ("a table twice", "[search]", "[site]",
     f"7:6: this is not TOML: Cannot declare ('site',) twice\n  hint: {TOML}"),
    ("byte order mark", "[site]", "\ufeff[site]",
     "1:1: the file begins with a byte order mark\n  hint: save it as UTF-8 without BOM"),
]  # fmt: skip


@pytest.mark.row("S049")
@pytest.mark.parametrize(("old", "new", "expected"), [r[1:] for r in BUILD_TOML],
                         ids=[r[0] for r in BUILD_TOML])  # fmt: skip
def test_a_mistake_in_build_toml_is_told_with_its_place(site, old, new, expected):
    put(site, "build.toml", SETTINGS.replace(old, new, 1).encode())

    assert told(site) == f"build.toml:{expected}"


def test_build_toml_is_utf_8(site):
    put(site, "build.toml", SETTINGS.encode() + b"# \xe9\n")

    assert told(site) == (
        "build.toml:9:3: the byte 0xe9 is not UTF-8\n  hint: save the file as UTF-8"
    )


# -- names of files

NAMES = [
    ("space", "a b", "1:1: the name 'a b' cannot be part of an address"),
    ("accent", "café", "1:1: the name 'café' cannot be part of an address"),
    ("ampersand", "a&b", "1:1: the name 'a&b' cannot be part of an address"),
    ("encoded", "a%2e", "1:1: the name 'a%2e' cannot be part of an address"),
    ("markup", "a'\"<b", "1:1: the name 'a\\'\"<b' cannot be part of an address"),
]


@pytest.mark.row("C16")
@pytest.mark.parametrize(("name", "expected"), [r[1:] for r in NAMES], ids=[r[0] for r in NAMES])
def test_a_name_must_be_part_of_an_address(site, name, expected):
    path = f"content/pages/news/{name}.md"
    site.write(page("title: A", name=path))

    hint = "use letters, digits, `-` and `_` in names of files and folders"
    assert told(site) == f"{path}:{expected}\n  hint: {hint}"


@pytest.mark.row("C16")
@pytest.mark.parametrize(
    ("name", "shown"), [(b"a\nb.md", r"a\nb.md"), (b"a\xff.md", r"a\udcff.md")]
)
def test_a_name_must_be_printable(site, name, shown):
    put(site, f"content/pages/news/{os.fsdecode(name)}", b"---\ntitle: A\n---\n")

    said = f"'content/pages/news/{shown}': has a name that cannot be printed\n  hint: rename it"
    assert told(site) == said


def test_a_folder_that_is_called_like_a_file_is_told(site):
    path = "content/pages/news/index.md/a.md"
    site.write(page("title: A", name=path))

    said = "1:1: 'index.md' is the name of a folder, and reads as that of a file"
    assert told(site) == f"{path}:{said}\n  hint: call the folder index"


@pytest.mark.parametrize("name", ["page", "feed.rss", "feed.atom", "feed.json"])
def test_names_that_lists_use_are_taken(site, name):
    path = f"content/pages/news/{name}.md"
    site.write(page("title: A", name=path))

    said = f"{path}:1:1: the name {name!r} is used by lists and feeds\n  hint: rename the file"
    assert told(site) == said


def test_a_name_may_not_end_in_a_dot(site):
    path = "content/pages/news/a..md"
    site.write(page("title: A", name=path))

    hint = "use letters, digits, `-` and `_`; no dot at either end of a name"
    assert told(site) == f"{path}:1:1: '/news/a./' cannot be an address\n  hint: {hint}"


@pytest.mark.row("C16")
def test_names_that_differ_only_in_case_clash(site):
    site.write(page("title: A") + page("title: B", name="content/pages/news/A.md"))

    assert told(site) == (f"{PAGE}: differs from A.md only in case\n"
                          "  hint: many file systems cannot tell these apart: rename one")  # fmt: skip


@pytest.mark.row("C16")
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("../../../../secret.md", "is a link out of the folders of the site"),
        ("/etc/hostname", "is a link out of the folders of the site"),
        ("../../../.env", "is a link out of the folders of the site"),
        ("nowhere.md", "is a link to nothing"),
        ("a.md", "is a link to nothing"),
        ("../about", "is a link to a folder"),
    ],
)
def test_a_link_of_the_file_system_stays_in_its_folder(site, target, expected):
    put(site, ".env", b"---\ntitle: Secret\n---\n")
    (site.root / PAGE).parent.mkdir()
    (site.root / PAGE).symlink_to(target)

    assert told(site).partition("\n")[0] == f"{PAGE}: {expected}"


def test_a_link_that_is_made_while_the_watcher_looks_is_told_too(site):
    shop = site.open()
    build(shop, NOW.timestamp())
    (site.root / PAGE).parent.mkdir()
    (site.root / PAGE).symlink_to("../../../../secret.md")

    with pytest.raises(Problems) as problems:
        build(shop, NOW.timestamp(), [PAGE])

    shop.close()
    assert str(problems.value) == (
        f"{PAGE}: is a link out of the folders of the site\n  hint: put the file itself here"
    )


def test_what_is_no_file_is_told_and_not_waited_for(site):
    os.mkfifo(site.root / "content/pages/about/pipe.md")

    assert told(site) == (
        "content/pages/about/pipe.md: is not a file\n  hint: take it out of this folder"
    )


def test_every_file_of_the_content_folder_is_of_a_kind(site):
    site.write(page("title: A", name="content/other/x.md"))

    assert told(site) == (
        "content/other/x.md: no kind of content takes this file\n"
        "  hint: in content/ lie pages, menu.yaml, redirects.yaml;"
        " `pydotorg new` begins a file in its place"
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("content/page/x.md", "did you mean `pages`?"),
        ("content/menu.yml", "did you mean `menu.yaml`?"),
        ("content/pages/x.yaml", "what lies there is called pages/**/*.md"),
        ("content/pages/x.markdown", "texts end with .md, and data with .yaml"),
        ("content/pages/X.MD", "texts end with .md, and data with .yaml"),
    ],
)
def test_a_file_in_a_wrong_place_is_told_the_right_one(site, name, hint):
    site.write(page("title: A", name=name))

    assert told(site) == f"{name}: no kind of content takes this file\n  hint: {hint}"


def test_a_text_that_nobody_wrote_is_not_rendered(site):
    site.write(page("title: A", "Text.\n\n" * 300_000))

    assert told(site) == (
        f"{PAGE}: the file is longer than 2 MB\n  hint: make several files of it;"
        " what is no text to be read belongs beside one, as a file"
    )


# -- two sources for one address

TWICE = [
    ("page and section", page("title: A") + page("title: B", name="content/pages/news/a/index.md"),
     f"content/pages/news/a/index.md:1:1: /news/a/ is already taken by {PAGE}:1:1\n"
     "  hint: rename or change one of them"),
    ("alias and page", page("title: A\naliases:\n- /x/\n- /about/"),
     f"{PAGE}:5:3: /about/ is already taken by content/pages/about/index.md:1:1{TAKEN}"),
    ("alias and page but for case", page("title: A\naliases: [/About/]"),
     f"{PAGE}:3:11: /About/ differs only in case from /about/ of"
     f" content/pages/about/index.md:1:1{TAKEN}"),
    ("alias and redirect", page("title: A\naliases: [/old/]"),
     f"content/redirects.yaml:1:3: /old/ is already taken by {PAGE}:3:11{TAKEN}"),
    ("alias and alias", page("title: A\naliases: [/x/]")
     + page("title: B\norder: 1\naliases: [/x/]", name="content/pages/news/b.md"),
     f"content/pages/news/b.md:4:11: /x/ is already taken by {PAGE}:3:11{TAKEN}"),
    ("alias and folder", page("title: A\naliases: [/news/]"),
     f"{PAGE}:3:11: /news/ is already taken by content/pages/news/{TAKEN}"),
    ("tags that differ in case", page("title: A\ntags: [Web]")
     + page("title: B\ntags: [web]", name="content/pages/news/b.md"),
     f"content/pages/news/b.md:1:1: the tag `web` has the same address as `Web` of {PAGE}:1:1\n"
     "  hint: write it in one way"),
    ("tag and page", page("title: A\ntags: [web]")
     + page("title: B", name="content/pages/tags/web.md"),
     f"content/pages/tags/: /tags/ is already taken by (tags){TAKEN}\n"
     f"content/pages/tags/web.md:1:1: /tags/web/ is already taken by (tag web){TAKEN}"),
    ("file and page", "-- static/root/about/index.html --\nx\n",
     "static/root/about/index.html: /about/index.html is already taken by"
     f" content/pages/about/index.md:1:1{TAKEN}"),
    ("file and folder", page("title: A") + "-- static/root/news/a --\nx\n",
     "static/root/news/a: /news/a and /news/a/ cannot both be: a file, and a folder\n"
     "  hint: name one of them otherwise"),
    ("a file of the build", "-- static/root/_headers --\nx\n-- static/root/sitemap.xml --\nx\n",
     "static/root/_headers: /_headers is made by the build itself\n  hint: name this otherwise\n"
     "static/root/sitemap.xml: /sitemap.xml is made by the build itself\n"
     "  hint: name this otherwise"),
]  # fmt: skip


@pytest.mark.row("C16", "S069")
@pytest.mark.parametrize(("text", "expected"), [r[1:] for r in TWICE], ids=[r[0] for r in TWICE])
def test_two_sources_for_one_address_are_both_named(site, text, expected):
    site.write(text)

    assert told(site) == expected


@pytest.mark.row("S069")
def test_which_of_two_pages_is_told_does_not_depend_on_which_was_there(site):
    site.write(page("title: B", name="content/pages/news/a/index.md"))
    site.build()
    site.write(page("title: A"))

    assert told(site) == (
        f"content/pages/news/a/index.md:1:1: /news/a/ is already taken by {PAGE}:1:1\n"
        "  hint: rename or change one of them"
    )


# -- templates

TEMPLATES = [
    ("undefined name", "\n{{ nothing }}", f"3: 'nothing' is undefined{GIVEN}"),
    ("undefined asset", '{{ frame.assets["nope.css"].url }}',
     f"2: 'dict object' has no attribute 'nope.css'{GIVEN}"),
    ("syntax", "{{ page. }}", "2: expected name or number\n"
     "  hint: after a dot stands the name of a field, as `{{ page.title }}`"),
    ("not closed", "{% if page %}", "2: Encountered unknown tag 'endblock'. You probably made a"
     " nesting mistake. Jinja is expecting this tag, but currently looking for 'elif' or 'else' or"
     " 'endif'. The innermost block that needs to be closed is 'if'\n"
     "  hint: this ends what is not open, or something in it lacks its own end"),
    ("a brace too few", "{{ page.title }", "2: unexpected '}'\n"
     "  hint: close with as many braces as you opened: `{{ … }}`"),
    ("unknown field", "{{ page.titel }}",
     "2: `PageEntry` has no attribute 'titel'\n  hint: did you mean `title`?"
     f" (rendering /news/a/ from {PAGE}:1:1)"),
    ("data in what is made once", "{% once %}{{ page.title }}{% endonce %}",
     "2: `once` may use nothing but `frame`, not page\n"
     "  hint: take it out of `{% once %}`: what stands there is the same on every page"),
    ("unknown filter", "{{ page.title|nope }}", "2: No filter named 'nope'\n"
     "  hint: those of this site stand in pydotorg_build/render.py"),
    ("misspelt filter", "{{ page.title|uper }}", "2: No filter named 'uper'\n"
     "  hint: did you mean `upper`?"),
    ("calculation", "\n\n{{ 1 // 0 }}",
     f"4: ZeroDivisionError: integer division or modulo by zero{GIVEN}"),
    ("a text is not a day", "{{ page.title|day }}",
     f"2: ValueError: Invalid isoformat string: 'A'{GIVEN}"),
    ("without end", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
     f"2: the template takes in itself without end{GIVEN}"),
    ("dynamic include", "\n{% include page.title %}",
     "3: `include page.title`: the name must be written out, between quotes\n"
     "  hint: what a page is made of must be known beforehand"),
    ("include put together", '{% include "x" ~ page.title %}',
     '2: `include "x" ~ page.title`: the name must be written out, between quotes\n'
     "  hint: what a page is made of must be known beforehand"),
    ("several includes", '{% include ["a.html", "b.html"] %}',
     '2: `include ["a.html", "b.html"]`: the name must be written out, between quotes\n'
     "  hint: what a page is made of must be known beforehand"),
    ("missing include", '{% include "nope.html" %}',
     "2: there is no template 'nope.html'\n  hint: put it below templates/"),
    ("missing include, ignored", '{% include "nope.html" ignore missing %}',
     "2: there is no template 'nope.html'\n  hint: put it below templates/"),
    ("include upwards", '{% include "../build.toml" %}',
     "2: there is no template '../build.toml'\n  hint: put it below templates/"),
    ("include from elsewhere", '{% include "/etc/hostname" %}',
     "2: there is no template '/etc/hostname'\n  hint: put it below templates/"),
]  # fmt: skip


@pytest.mark.row("S004", "S321")
@pytest.mark.parametrize(("text", "expected"), [r[1:] for r in TEMPLATES],
                         ids=[r[0] for r in TEMPLATES])  # fmt: skip
def test_a_mistake_in_a_template_is_told_with_its_line(site, text, expected):
    whole = f'{{% extends "base.html" %}}\n{{% block main %}}{text}{{% endblock %}}\n'
    site.write(f"-- templates/pages/page.html --\n{whole}" + page("title: A"))

    assert told(site) == f"templates/pages/page.html:{expected}"


@pytest.mark.row("S004")
def test_templates_escape_what_they_are_given(site):
    site.write(page("title: A <b> & C"))

    site.build()

    assert "<h1>A &lt;b&gt; &amp; C</h1>" in site.pages()["/news/a/"]


@pytest.mark.row("S429")
def test_a_template_that_nothing_uses_may_not_name_one_that_is_missing(site):
    site.write("-- templates/unused.html --\n\n{% extends 'nope.html' %}\n")

    said = "templates/unused.html:2: there is no template 'nope.html'"
    assert told(site) == f"{said}\n  hint: put it below templates/"


@pytest.mark.row("S429")
def test_a_template_that_is_removed_is_missed_where_it_is_named(site):
    site.write("-- templates/part.html --\nPart.\n-- templates/unused.html --\n"
               "{% include 'part.html' %}\n")  # fmt: skip
    site.build()
    (site.root / "templates/part.html").unlink()

    said = "templates/unused.html:1: there is no template 'part.html'"
    assert told(site) == f"{said}\n  hint: put it below templates/"


@pytest.mark.row("S429")
def test_a_page_whose_template_is_missing_is_told(site):
    (site.root / "templates/pages/page.html").unlink()
    site.write(page("title: A"))

    said = f"{PAGE}:1:1: there is no template 'pages/page.html'\n  hint: put it below templates/"
    assert told(site) == said


def test_a_template_is_utf_8(site):
    put(site, "templates/pages/page.html", b"<p>\n  Caf\xe9")

    assert told(site) == ("templates/pages/page.html:2:6: the byte 0xe9 is not UTF-8\n"
                          "  hint: save the file as UTF-8")  # fmt: skip


# -- style sheets

STYLES = [
    ("open block", b"p {}\nbody {{ color: }\n",
     "2:7: this is not good CSS: Unexpected end of input\n  hint: mend the style sheet"),
    ("missing import", b"\n@import 'nope.css';\n",
     "2: there is no style sheet 'nope.css'\n  hint: put it below static/"),
    ("import from outside", b"@import '../../../secret.css';\n",
     "1: there is no style sheet '../../../secret.css'\n  hint: put it below static/"),
    ("import by url", b"@import url(../../../secret.css) screen;\n",
     "1: there is no style sheet '../../../secret.css'\n  hint: put it below static/"),
    ("import from elsewhere", b"@import url('https://evil.example/x.css');\n",
     "1: there is no style sheet 'https://evil.example/x.css'\n  hint: put it below static/"),
    ("import with an escape", b"@\\69mport '../../../secret.css';\n",
     "1: there is no style sheet '../../../secret.css'\n  hint: put it below static/"),
    ("not UTF-8", b"body { content: '\xe9' }",
     "1:18: the byte 0xe9 is not UTF-8\n  hint: save the file as UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), [r[1:] for r in STYLES],
                         ids=[r[0] for r in STYLES])  # fmt: skip
def test_a_mistake_in_a_style_sheet_is_told_with_its_line(site, content, expected):
    put(site, "static/css/site.css", content)

    assert told(site) == f"static/css/site.css:{expected}"


def test_a_style_sheet_takes_in_others_of_its_folder(site):
    site.write("-- static/css/site.css --\n/* @import 'nope.css' */\n@import \"parts/a.css\";\n"
               "-- static/css/parts/a.css --\np { top: 1px }\n")  # fmt: skip

    site.build()

    (style,) = [text for url, text in site.pages().items() if url.endswith(".css")]
    assert style == "p{top:1px}"


# -- pictures and documents

INSIDE = "\n  hint: it must lie in the content or static folder"
PICTURES = [
    ("missing", "nope.png",
     "there is no picture `nope.png`\n  hint: put it at content/pages/news/nope.png"),
    ("missing in static", "/img/nope.png",
     "there is no picture `/img/nope.png`\n  hint: put it at static/img/nope.png"),
    ("outside", "../../../../etc/hostname",
     f"there is no picture `../../../../etc/hostname`{INSIDE}"),
    ("outside from the root", "/../../secret.md",
     f"there is no picture `/../../secret.md`{INSIDE}"),
    ("outside, encoded", "%2e%2e/%2e%2e/%2e%2e/build.toml",
     f"there is no picture `../../../build.toml`{INSIDE}"),
    ("of another host", "https://evil.example/x.png",
     "`https://evil.example/x.png` is not a picture of this site\n"
     "  hint: put a copy beside the text"),
    ("not one", "text.png", "`text.png`: this is not a whole picture of a known format\n"
     "  hint: there are avif, gif, jpeg, png, svg, webp"),
    ("half of one", "half.png", "`half.png`: this is not a whole picture of a known format\n"
     "  hint: there are avif, gif, jpeg, png, svg, webp"),
    ("by another name", "red.jpg",
     "`red.jpg`: the picture is png, which its name does not say\n  hint: use .png"),
    ("a drawing that swells", "bomb.svg", "`bomb.svg`: an SVG may not declare entities"),
]  # fmt: skip
BOMB = (b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">&b;</svg>')  # fmt: skip


@pytest.mark.row("C16", "S071")
@pytest.mark.parametrize(("ref", "expected"), [r[1:] for r in PICTURES],
                         ids=[r[0] for r in PICTURES])  # fmt: skip
def test_a_picture_must_be_one_of_the_site(site, ref, expected):
    for name, content in {"text.png": b"text", "half.png": picture()[:-30], "red.jpg": picture(),
                          "bomb.svg": BOMB}.items():  # fmt: skip
        put(site, f"content/pages/news/{name}", content)
    site.write(page("title: A", f"Text.\n\n![A picture]({ref})"))

    assert told(site) == f"{PAGE}:6: {expected}"


@pytest.mark.row("S071")
def test_a_picture_is_copied_under_the_digest_of_its_bytes_with_its_size(site):
    put(site, "content/pages/news/red.png", picture())
    site.write(page("title: A", "![A picture](red.png)"))

    site.build()

    pages = site.pages()
    (address,) = [
        url for url in pages if url.startswith("/assets/img/red.") and url.endswith("png")
    ]
    assert f'src="{address}" width="8" height="6" alt="A picture"' in pages["/news/a/"]


@pytest.mark.row("S072")
def test_a_document_beside_a_page_is_published_where_its_link_leads(site):
    put(site, "content/pages/news/minutes.pdf", b"%PDF")
    site.write(page("title: A", "[Minutes](minutes.pdf)"))

    site.build()

    pages = site.pages()
    assert '<a href="minutes.pdf">' in pages["/news/a/"]
    assert pages["/news/a/minutes.pdf"] == "%PDF"


# -- links

LINKS = [
    ("missing page", "[x](/nowhere/)", f"6:4: the link to /nowhere/ leads nowhere{MEND}"),
    ("missing page, relative", "[x](../nowhere/)",
     f"6:8: the link to /news/nowhere/ leads nowhere{MEND}"),
    ("page with a slip", "[x](/abuot/)",
     "6:4: the link to /abuot/ leads nowhere\n  hint: did you mean `/about/`?"),
    ("missing page, by reference", "[x]\n\n[x]: /nowhere/",
     f"8:6: the link to /nowhere/ leads nowhere{MEND}"),
    ("missing anchor", "[x](/about/#uss)",
     "6:5: /about/ has no anchor #uss\n  hint: did you mean `#us`?"),
    ("missing anchor here", "[x](#nope)",
     "6:5: /news/a/ has no anchor #nope\n  hint: it may have been a heading that changed"),
    ("missing slash", "[x](/about)", "6:4: the link to /about needs a slash at its end\n  hint: write /about/"),
    ("source for page", "[x](../about/index.md)",
     f"6:14: the link to /news/about/index.md leads nowhere{MEND}"),
    ("missing document", "[x](nope.pdf)", f"6:5: the link to /news/a/nope.pdf leads nowhere{MEND}"),
    ("document outside", "[x](../../../etc/passwd)",
     f"6:13: the link to /etc/passwd leads nowhere{MEND}"),
    ("document of the project", "[x](../../../build.toml)",
     f"6:13: the link to /build.toml leads nowhere{MEND}"),
    ("script", "[x](javascript:alert(1))",
     "6: addresses with `javascript:` are not allowed"),
]  # fmt: skip


@pytest.mark.row("C16", "S072")
@pytest.mark.parametrize(("body", "expected"), [r[1:] for r in LINKS], ids=[r[0] for r in LINKS])
def test_a_link_must_lead_somewhere(site, body, expected):
    site.write(page("title: A", f"Text.\n\n{body}"))

    assert told(site) == f"{PAGE}:{expected}"


def test_a_dead_link_of_a_template_is_told_once_and_there(site):
    site.write('-- templates/pages/page.html --\n{% extends "base.html" %}\n'
               '{% block main %}<a href="/nope/">x</a>{% endblock %}\n')  # fmt: skip
    site.write(page("title: A") + page("title: B", name="content/pages/news/b.md"))

    assert told(site) == (f"templates/pages/page.html:2:25: the link to /nope/ leads nowhere{MEND}")


def test_a_dead_link_of_the_menu_is_told_there(site):
    site.write("-- content/menu.yaml --\n- {title: About, url: /about/}\n"
               "- {title: X, url: /nope/}\n")  # fmt: skip

    assert told(site) == f"content/menu.yaml:2:19: the link to /nope/ leads nowhere{MEND}"


def test_a_dead_link_of_many_pages_is_told_where_it_stands_and_on_how_many(site):
    site.write("-- content/menu.yaml --\n- {title: About, url: /about/}\n"
               "- {title: X, url: /nope/}\n")  # fmt: skip
    site.write("".join(page("title: A", name=f"content/pages/news/{n}.md") for n in range(30)))

    message = "the link to /nope/ leads nowhere, on 34 pages"
    assert told(site) == f"content/menu.yaml:2:19: {message}{MEND}"


def test_a_heading_that_others_link_to_may_not_go(site):
    site.write(page("title: A", "Text.\n\n[us](/about/#us)"))
    site.build()
    site.write(page("title: About", "## Everybody", name="content/pages/about/index.md"))

    assert told(site) == (
        f"{PAGE}:6:6: /about/ has no anchor #us\n  hint: it may have been a heading that changed"
    )


def test_a_page_that_others_link_to_may_not_go(site):
    site.write(page("title: A") + page("title: B", "[A](/news/a/)", "content/pages/news/b.md"))
    site.build()
    (site.root / PAGE).unlink()

    said = "content/pages/news/b.md:4:4: the link to /news/a/ leads nowhere"
    assert told(site) == f"{said}\n  hint: did you mean `/news/b/`?"


def test_an_alias_that_others_link_to_may_not_go(site):
    site.write(page("title: A\naliases: [/x/]"))
    site.write(page("title: B", "[A](/x/)", "content/pages/news/b.md"))
    site.build()
    site.write(page("title: A"))

    assert told(site) == f"content/pages/news/b.md:4:4: the link to /x/ leads nowhere{MEND}"


def test_a_page_that_gets_an_alias_instead_may_go(site):
    site.write(page("title: A") + page("title: B", "[A](/news/a/)", "content/pages/news/b.md"))
    site.build()
    (site.root / PAGE).unlink()
    site.write(page("title: C\naliases: [/news/a/]", name="content/pages/news/c.md"))

    site.build()

    assert "/news/a/" not in site.pages()


# -- all at once, again and again, and nothing else happens


@pytest.mark.row("C16")
def test_all_mistakes_of_a_stage_are_told_at_once_in_the_order_of_the_files(site):
    site.write(page("title: A\ndate: soon\nsort: size", "Text \0.", "content/pages/news/b.md"))
    site.write(page("date: soon", name="content/pages/news/a.md"))
    site.write("-- content/menu.yaml --\n- {title: X}\n")

    assert told(site) == "\n".join((
        "content/menu.yaml:1:3: `url` is missing\n  hint: add a line `url: …`",
        f"{PAGE}:1:1: `title` is missing\n  hint: add a line `title: …`",
        f"{PAGE}:2:1: `date` must be a day, as 2026-05-14, not 'soon'",
        "content/pages/news/b.md:3:1: `date` must be a day, as 2026-05-14, not 'soon'",
        "content/pages/news/b.md:4:1: `sort` must be one of title, date, order, not 'size'",
        "content/pages/news/b.md:6:6: the character U+0000 is not allowed in content\n"
        "  hint: take it out; it was probably pasted along with the text",
    ))  # fmt: skip


MISTAKES = {
    "front matter": page("title: A\ndat: 1"),
    "link": page("title: A", "[x](/nowhere/)"),
    "picture": page("title: A", "![x](nope.png)"),
    "alias": page("title: A\naliases: [/about/]"),
    "template": "-- templates/pages/page.html --\n{{ nothing }}\n" + page("title: A"),
    "style": "-- static/css/site.css --\nbody {{\n",
    "name": page("title: A", name="content/pages/news/a b.md"),
}


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_that_nobody_mended_is_told_again(site, text):
    site.build()
    before = site.pages()
    site.write(text)
    first = told(site)

    second = told(site)

    assert second == first
    assert site.pages() == before


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_that_is_taken_back_is_as_if_it_had_never_been(site, text):
    site.build()
    before = files(site.root)
    site.write(text)
    told(site)
    for path in files(site.root) - before:
        (site.root / path).unlink()
    site.write(SITE)

    report = site.build()

    assert (report.written, report.removed) == ([], [])


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_a_check_tells_the_same_and_writes_nothing(site, text):
    site.write(text)
    shop = site.open()

    with pytest.raises(Problems) as problems:
        check(shop, NOW.timestamp())

    shop.close()
    assert str(problems.value) == told(site)
    assert not site.output.exists()


def test_nothing_outside_of_the_project_is_read_or_written(site, tmp_path):
    around = files(tmp_path, site.root)
    put(site, "content/pages/news/x.pdf", b"%PDF")
    site.write(page("title: A\naliases: [/x/y]", "[x](x.pdf)"))
    site.build()
    for text in ("[x](../../../../secret.md)", "![x](/../../secret.md)", "[x](/../secret.md)"):
        site.write(page("title: A", text))
        told(site)

    assert files(tmp_path, site.root) == around
    assert not any("Secret" in text or "secret" in text for text in site.pages().values())


def files(folder: Path, but: Path | None = None) -> set[str]:
    """The files of a folder, but for what the build keeps for itself."""
    found: Iterable[Path] = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix()
        for path in found
        if not (but and path.is_relative_to(but))
        and not {"dist", ".pydotorg"} & set(path.relative_to(folder).parts)
    }


def test_a_full_disk_names_its_place_and_what_was_kept_stays(tmp_path):
    memo = Memo(tmp_path / "memo.db")
    memo.put_all([("a", b"kept")])
    # As on a full disk: SQLite itself says so, of a file that may not grow.
    memo.db.execute("PRAGMA max_page_count=4")

    with pytest.raises(OSError, match="No space left on device") as full:
        memo.put_all([(str(n), b"x" * 4096) for n in range(100)])

    assert full.value.filename == str(tmp_path / "memo.db")
    assert memo.get("a") == b"kept"
