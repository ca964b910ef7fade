"""The real site, built once as for production, held to what is promised of every page and file."""

from __future__ import annotations

import base64
import datetime
import gc
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache, cached_property, partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import icalendar
import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from pydotorg_build import rules
from pydotorg_build.cli import main
from pydotorg_build.sample import write_sample
from pydotorg_build.settings import read_settings
from sidecar.app import ROUTES
from tests.conftest import alone_in, first_in

ROOT = Path(__file__).parents[1]
SETTINGS = read_settings(ROOT / "build.toml")
# The real site is as of today, whichever process asks: what has ended since it was written must be seen.
TODAY = datetime.datetime.now(datetime.UTC).date()
NOW = f"{TODAY}T00:00:00+00:00"
SECRET = "correct-horse-battery-staple-91"
ENVIRONMENT = {"DATABASE_URL": f"postgresql://u:{SECRET}@db/site", "SECRET_KEY": SECRET}
KIB = 1024
# Read out as a list of links, these tell nothing.
SAYS_NOTHING = frozenset(
    {"click here", "go", "here", "information", "learn more", "link", "more", "more info"}
    | {"more information", "read more", "right here", "see more", "start", "this", "this page"}
)
DATA = ("application/json", "application/ld+json")
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
SVG = frozenset(
    ["svg", "path", "g", "circle", "rect", "use", "title", "line", "polyline", "polygon"]
)
# Head and foot of a page, and what its search opens.
FRAME = re.compile(
    r'(<(?:header class="site-header"|footer class="site-footer"|dialog class="dialog search-dialog")'
    r".*?</(?:header|footer|dialog)>)",
    re.DOTALL,
)
# What shows that a file was made on one machine, or holds what nobody may know.
LEAKS = re.compile(
    rb"/(?:home|Users|root|tmp|var/folders)/[\w.-]+/[\w.-]+|file:///|"
    rb"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|xox[abp]-\w{10}"
)


class Tag(dict[str, str]):
    """The attributes of a tag, with its name, and the words in it where it is a link or a title."""

    def __init__(self, name: str, pairs: list[tuple[str, str | None]]) -> None:
        super().__init__((key, value or "") for key, value in pairs)
        self.name, self.words, self.pairs = name, "", pairs


class Document(HTMLParser):
    """What the claims below ask of a page, or of a part of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.open: list[Tag] = []
        self.faults: list[str] = []
        self.read(html)
        self.close()
        self.faults += [f"<{tag.name}> is not closed" for tag in self.open]

    def read(self, html: str) -> None:
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(Tag(tag, attrs))
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(self.tags[-1])

    def handle_startendtag(self, tag, attrs):
        self.tags.append(Tag(tag, attrs))
        if tag not in VOID | SVG:
            self.faults.append(f"<{tag}/> closes nothing")

    def handle_endtag(self, tag):
        if not self.open or self.open[-1].name != tag:
            self.faults.append(f"</{tag}> closes what is not the last open tag")
        elif self.open:
            self.open.pop()

    def handle_data(self, data):
        for tag in self.open[-4:]:
            tag.words += data

    def of(self, element: str, **wanted: str) -> list[Tag]:
        """The tags of an element with these attributes."""
        return [t for t in self.tags if t.name == element and wanted.items() <= t.items()]

    def meta(self, name: str) -> str:
        found = [t for t in self.of("meta") if name in (t.get("name"), t.get("property"))]
        return found[0].get("content", "") if len(found) == 1 else ""


framed = cache(Document)


class Page(Document):
    """A page; what stands on many pages is read once for all of them."""

    def read(self, html: str) -> None:
        for number, part in enumerate(FRAME.split(html)):
            if number % 2:
                self.tags += framed(part).tags
                self.faults += framed(part).faults
            else:
                self.feed(part)


class Site:
    """The built site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def files(self) -> dict[str, bytes]:
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {f"/{path.relative_to(self.folder).as_posix()}": path.read_bytes() for path in found}

    @cached_property
    def pages(self) -> dict[str, Page]:
        gc.disable()  # all of these stay, and to look through them again and again takes as long
        try:
            return {
                path.removesuffix("index.html"): Page(content.decode())
                for path, content in self.files.items()
                if path.endswith(".html")
            }
        finally:
            gc.freeze()
            gc.enable()

    @cached_property
    def found_pages(self) -> dict[str, Page]:
        """The pages that search engines may list."""
        return {
            url: page for url, page in self.pages.items() if "noindex" not in page.meta("robots")
        }

    def ending(self, *ends: str) -> dict[str, bytes]:
        return {path: content for path, content in self.files.items() if path.endswith(ends)}

    def has(self, address: str) -> bool:
        """Is there a file for an address of this site?"""
        path = unquote(urlsplit(address).path)
        return path + ("index.html" if path.endswith("/") else "") in self.files


def build(root: Path, output: Path, *words: str, **environment: str) -> str:
    """Build as a deployment does, in a process of its own; give what it said."""
    command = [sys.executable, "-m", "pydotorg_build", "build", "--now", NOW, "--output"]
    done = subprocess.run(
        [*command, str(output), *words], cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, **ENVIRONMENT, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def root(shared: Path) -> Path:
    """The project as it is in a clone, with samples of what people hand in."""
    folder = shared / "whole-project"
    with first_in(folder) as is_first:
        if is_first:
            left = (
                "dist",
                ".pydotorg",
                ".venv",
                "__pycache__",
                ".*_cache",
                "*.pyc",
                "data",
                ".work",
            )
            shutil.copytree(ROOT, folder / "clone", ignore=shutil.ignore_patterns(*left))
            write_sample(folder / "clone", SETTINGS.snapshots[0], 1, TODAY)
    return folder / "clone"


@pytest.fixture(scope="session")
def site(root: Path, shared: Path) -> Site:
    """The real site, built once for all of these tests."""
    folder = shared / "whole-site"
    with first_in(folder) as is_first:
        if is_first:
            build(root, folder / "dist")
    return Site(folder / "dist")


def head_faults(page: Page) -> Iterator[str]:
    """What the head of a page lacks, whoever reads it."""
    titles = [tag for tag in page.of("title") if tag.words]
    if [tag.words.strip() for tag in titles[:1]] in ([], [""]):
        yield "title"
    if not page.meta("description"):
        yield "description"
    if [tag.get("lang") for tag in page.of("html")] != [SETTINGS.language]:
        yield "lang"
    if len(page.of("h1")) != 1:
        yield f"{len(page.of('h1'))} h1"
    for name in ("og:title", "og:description", "og:type", "og:site_name", "og:image:alt"):
        if not page.meta(name):
            yield name
    if not page.meta("og:image").startswith(f"{SETTINGS.url}/"):
        yield "og:image"


@pytest.mark.row("S146")
def test_every_page_says_who_it_is_to_readers_and_to_machines(site):
    faults = {url: list(head_faults(page)) for url, page in site.pages.items()}

    assert len(site.pages) > 700
    assert {url: found for url, found in faults.items() if found} == {}


@pytest.mark.row("S146")
def test_every_page_names_its_own_absolute_address(site):
    named = {
        url: (page.of("link", rel="canonical")[0]["href"], page.meta("og:url"))
        for url, page in site.found_pages.items()
    }

    assert named == {url: (SETTINGS.url + url, SETTINGS.url + url) for url in site.found_pages}


def html_faults(page: Page) -> Iterator[str]:
    """Where the HTML of a page cannot be relied on."""
    yield from page.faults
    ids = [tag["id"] for tag in page.tags if "id" in tag]
    yield from (f"the id {id} is there twice" for id in set(ids) if ids.count(id) > 1)
    for tag in page.tags:
        for name in ("for", "aria-controls", "aria-labelledby", "aria-describedby"):
            for id in tag.get(name, "").split():
                if id not in ids:
                    yield f"{name} of <{tag.name}> names {id}, which is not there"
    yield from (f"{img.get('src')} has no alt" for img in page.of("img") if "alt" not in img)
    yield from (f"{img['src']} has no size" for img in page.of("img") if "width" not in img)
    if [head for head in page.of("th") if not head.words.strip()]:
        yield "a heading of a table is empty"
    if page.tags[0].name != "html" or not page.of("meta", charset="utf-8"):
        yield "it does not begin as a page does"


@pytest.mark.row("S146", "S372")
def test_the_html_of_every_page_is_well_formed(site):
    faults = {url: list(html_faults(page)) for url, page in site.pages.items()}

    assert {url: found for url, found in faults.items() if found} == {}


def test_no_two_pages_have_the_same_title(site):
    titles: dict[str, list[str]] = {}
    for url, page in site.found_pages.items():
        titles.setdefault(page.of("title")[0].words, []).append(url)

    assert [urls for urls in titles.values() if len(urls) > 1] == []


def test_the_words_of_a_link_say_where_it_leads(site):
    says = {
        (url, tag["href"], " ".join(tag.words.casefold().split()).strip(".:"))
        for url, page in site.pages.items()
        for tag in page.of("a")
        if not tag["href"].startswith("#")  # these are the page's own headings
    }

    assert {one for one in says if one[2] in SAYS_NOTHING} == set()


@pytest.mark.row("S455")
def test_whoever_donates_is_led_to_one_address_only(site):
    links = {
        (tag["href"], url)
        for url, page in site.pages.items()
        for tag in page.of("a")
        if tag.words.strip().casefold().startswith("donate")
        or urlsplit(tag.get("href", "")).netloc.startswith("donate")
    }

    assert {href for href, _ in links} == {"https://donate.python.org"}
    assert {url for _, url in links} == set(site.pages)


def loaded(page: Page) -> Iterator[Tag]:
    """The scripts and styles that a page loads by itself."""
    yield from (tag for tag in page.of("script") if "src" in tag)
    yield from (t for t in page.of("link") if t["rel"] in ("stylesheet", "modulepreload"))


def integrity(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def test_every_script_and_style_is_pinned_to_its_bytes(site):
    pinned = {
        (tag.get("src") or tag["href"], tag.get("integrity", ""))
        for page in site.pages.values()
        for tag in loaded(page)
    }

    assert pinned == {(path, integrity(site.files[path])) for path, _ in pinned}


@cache
def packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


@pytest.mark.row("S189")
@pytest.mark.parametrize(("kind", "most"), [(".css", 20), (".js", 15)])
def test_no_page_loads_more_styles_or_scripts_than_it_may(site, kind, most):
    weights = {}
    for url, page in site.pages.items():
        paths = {tag.get("src") or tag["href"] for tag in loaded(page)}
        weights[url] = sum(packed(site.files[path]) for path in paths if path.endswith(kind))

    assert {url: weight for url, weight in weights.items() if weight > most * KIB} == {}


def test_no_page_is_heavier_than_it_may_be(site):
    weights = {path: packed(content) for path, content in site.ending(".html").items()}

    assert {path: weight for path, weight in weights.items() if weight > 40 * KIB} == {}


def test_no_page_has_code_or_style_of_its_own(site):
    inline = {
        (url, tag.name, name)
        for url, page in site.pages.items()
        for tag in page.tags
        for name in (*tag, f"<{tag.name}>")
        if name in ("style", "<style>")
        or name.startswith("on")
        or (name == "<script>" and "src" not in tag and tag["type"] not in DATA)
        or tag.get(name, "").startswith("javascript:")
    }

    assert inline == set()


def test_no_page_loads_anything_from_elsewhere(site):
    loads = {
        urlsplit(address).netloc
        for page in site.pages.values()
        for tag in page.tags
        if tag.name in ("script", "img", "source", "iframe", "video", "audio", "object", "embed")
        for address in (tag.get("src", ""), *tag.get("srcset", "").split(","))
    }

    assert loads == {""}


@pytest.mark.row("S056")
def test_no_built_file_holds_a_secret_or_the_path_of_a_machine(site, root):
    words = (SECRET, str(ROOT), str(root), str(site.folder.parent))
    ours = (word.encode() for word in words)
    leaks = re.compile(b"|".join([LEAKS.pattern, *map(re.escape, ours)]))

    found = {path: leaks.search(content) for path, content in site.files.items()}

    assert {path: match[0] for path, match in found.items() if match} == {}
    assert leaks.search((ROOT / "build.toml").read_bytes()) is None


def test_what_machines_read_of_a_page_is_json_that_says_its_type(site):
    blocks = [
        json.loads(tag.words)
        for page in site.pages.values()
        for tag in page.of("script", type="application/ld+json")
    ]

    assert len(blocks) > len(site.pages) / 2
    assert {block["@context"] for block in blocks} == {"https://schema.org"}
    assert [block for block in blocks if "@type" not in block] == []


def test_every_json_file_is_json(site):
    for content in site.ending(".json").values():
        json.loads(content)


def linked_in_heads(site: Site) -> set[str]:
    return {tag["href"] for page in site.pages.values() for tag in page.of("link", rel="alternate")}


@pytest.mark.row("C14")
def test_every_feed_can_be_read_and_is_named_by_a_page(site):
    feeds = {path: feedparser.parse(xml) for path, xml in site.ending(".rss", ".atom").items()}

    assert {path: feed.bozo_exception for path, feed in feeds.items() if feed.bozo} == {}
    assert {path: feed.version for path, feed in feeds.items()} == {
        path: "rss20" if path.endswith(".rss") else "atom10" for path in feeds
    }
    assert set(feeds) - linked_in_heads(site) == set()
    assert "/downloads/feed.rss" in feeds


def test_the_entries_of_every_feed_are_told_apart_and_lead_to_pages(site):
    for path, xml in site.ending(".rss", ".atom").items():
        entries = feedparser.parse(xml).entries

        assert len({entry.id for entry in entries}) == len(entries), path
        links = [entry.link for entry in entries if entry.link.startswith(SETTINGS.url)]
        assert [link for link in links if not site.has(link)] == [], path


def test_every_calendar_can_be_read(site):
    for path, content in site.ending(".ics").items():
        calendar = icalendar.Calendar.from_ical(content)

        uids = [str(event["UID"]) for event in calendar.walk("VEVENT")]
        assert len(uids) == len(set(uids)), path
        assert calendar.errors == [], path


def answered(site: Site, address: str, follow: dict[str, rules.Rule]) -> str:
    """How an address ends: in a file, on another site, in one more rule, or nowhere."""
    if urlsplit(address).netloc not in ("", urlsplit(SETTINGS.url).netloc):
        return "elsewhere"
    if site.has(address):
        return "a file"
    if address.startswith(SETTINGS.prefixes or ("\0",)):
        return "the sidecar"
    return "another rule" if urlsplit(address).path in follow else "nowhere"


def test_every_link_that_a_page_of_the_sidecar_always_has_leads_somewhere(site):
    """To a page of the site, or to a route; what is worked out for a page is walked elsewhere."""
    written = re.compile(r'(?:href|action)="(/[^"{]*)"')
    links = {
        address.partition("#")[0]
        for path in (ROOT / "templates/sidecar").rglob("*.html")
        for address in written.findall(path.read_text(encoding="utf-8"))
    }
    routes = {path.rstrip("/") for handler in ROUTES for path in handler.paths}
    route = re.compile("|".join(re.sub(r"\{[^}]+\}", "[^/]+", path) for path in routes))

    lost = {link for link in links if not site.has(link)}
    assert len(links) > 30
    assert [link for link in lost if not route.fullmatch(urlsplit(link).path.rstrip("/"))] == []


@pytest.mark.row("C07")
def test_every_old_address_ends_at_a_page_without_a_second_hop(site):
    every = list(rules.redirects(site.folder))
    exact = {rule.url: rule for rule in every if not rule.query and rule.status != 200}
    written = yaml.safe_load((ROOT / "content/redirects.yaml").read_text())

    ends = {
        rule.url: answered(site, rule.target, exact)
        for rule in every
        if rule.status in (301, 302, 307, 308) and ":splat" not in rule.target
    }

    assert {url: end for url, end in ends.items() if end in ("another rule", "nowhere")} == {}
    assert {one["from"] for one in written} - {rule.url for rule in every} == set()


@pytest.mark.row("C07")
def test_every_address_of_the_site_before_this_one_is_answered(site, root, tmp_path):
    listed = (ROOT / "tests/addresses.tsv").read_text()
    mirror = re.sub(r"^.*\t/downloads/", "getit\t/getit/", listed, flags=re.MULTILINE)
    getit = [line for line in mirror.splitlines() if line.startswith("getit\t")]
    (tmp_path / "all.tsv").write_text("\n".join([listed, *getit]))
    where = ["--config", str(root / "build.toml"), "--output", str(site.folder), "--now", NOW]

    done = CliRunner().invoke(main, ["check", *where, "--addresses", str(tmp_path / "all.tsv")])

    assert done.exit_code == 0, done.output
    assert f"{len(getit):6} getit: a redirect" in done.stdout.splitlines()


def test_no_old_address_hides_behind_a_file(site):
    old = [rule.url for rule in rules.redirects(site.folder) if not rule.query]

    assert [url for url in old if site.has(url)] == []


def test_the_rest_of_an_old_address_leads_below_a_folder_that_is_there(site):
    wide = [rule for rule in rules.redirects(site.folder) if rule.target.endswith(":splat")]
    here = [rule.target for rule in wide if rule.target.startswith("/")]

    folders = {target.removesuffix(":splat") for target in here}

    assert [folder for folder in folders if not (site.folder / folder[1:]).is_dir()] == []


absolute = cache(partial(urljoin, "/"))


def leading_to(url: str, link: str) -> str:
    """The address that a link of a page leads to; of most, the page is no matter."""
    return absolute(link) if link.startswith(("/", "https://")) else urljoin(url, link)


def test_every_link_and_every_part_of_a_page_is_there(site):
    old = {rule.url for rule in rules.redirects(site.folder)}
    ids = {u: {t["id"] for t in page.tags if "id" in t} for u, page in site.pages.items()}
    dead = set()
    for url, page in site.pages.items():
        for tag in (*page.of("a"), *page.of("form"), *page.of("link"), *page.of("img")):
            to = tag.get("href") or tag.get("action") or tag.get("src") or url
            link = leading_to(url, to)
            path, _, anchor = link.removeprefix(SETTINGS.url).partition("#")
            if not path.startswith("/") or path.startswith(("/ftp/", *SETTINGS.prefixes)):
                continue
            path = path.partition("?")[0]
            if not site.has(path) and path not in old:
                dead.add((url, link))
            if anchor and path in ids and unquote(anchor) not in ids[path]:
                dead.add((url, link))

    assert dead == set()


def test_every_page_can_be_come_to_from_the_home_page(site):
    reached, left = {"/"}, ["/"]
    while left:
        url = left.pop()
        for tag in (*site.pages[url].of("a"), *site.pages[url].of("form")):
            link = leading_to(url, tag.get("href") or tag.get("action", ""))
            to = link.removeprefix(SETTINGS.url).partition("#")[0]
            if to in site.pages and to not in reached:
                reached.add(to)
                left.append(to)

    assert set(site.found_pages) - reached == set()


@pytest.mark.row("C08")
def test_the_sitemap_lists_exactly_the_pages_that_may_be_found(site):
    listed = re.findall(r"<loc>(.*?)</loc>", site.files["/sitemap.xml"].decode())

    assert sorted(listed) == sorted(SETTINGS.url + url for url in site.found_pages)


def test_robots_are_welcome_and_told_where_the_sitemap_is(site):
    assert site.files["/robots.txt"].decode().split("\n\n") == [
        "User-agent: *\nDisallow:",
        f"Sitemap: {SETTINGS.url}/sitemap.xml\n",
    ]


def test_whoever_found_a_hole_is_told_whom_to_write_to(site):
    lines = site.files["/.well-known/security.txt"].decode().splitlines()
    fields = dict(line.split(": ", 1) for line in lines)

    ends = datetime.datetime.fromisoformat(fields["Expires"])
    assert ends > datetime.datetime.now(datetime.UTC)
    assert fields["Contact"] == "mailto:security@python.org"
    assert fields["Canonical"] == f"{SETTINGS.url}/.well-known/security.txt"
    assert site.has(fields["Policy"])


@pytest.mark.parametrize(
    "path",
    ["/humans.txt", "/opensearch.xml", "/favicon.ico", "/apple-touch-icon.png", "/frame.json"],
)
def test_what_browsers_and_people_look_for_by_name_is_there(site, path):
    assert site.files[path]


@pytest.mark.row("S185")
def test_there_is_one_page_to_search_with_and_an_index_for_it(site):
    bundles = json.loads(site.files["/pagefind/bundles.json"])["bundles"]

    forms = {form.get("action") for page in site.pages.values() for form in page.of("form")}
    assert "/search/" in forms
    assert [b for b in bundles if f"{b['path']}pagefind.js" not in site.files] == []
    assert {b["name"] for b in bundles} >= {"pages", "releases"}


@pytest.mark.row("S255", "S259")
def test_search_tells_apart_every_kind_that_people_look_for(site):
    marked = re.compile(rb'data-pagefind-filter="kind:([a-z]+)')

    kinds = {kind.decode() for html in site.files.values() for kind in marked.findall(html)}

    assert kinds >= {"page", "release", "job", "event", "blog", "story", "minutes"}


@pytest.mark.row("S166")
def test_every_page_has_search_in_its_head_and_the_search_page_a_box(site):
    buttons = {
        url for url, page in site.pages.items() for tag in page.of("button")
        if "data-open-search" in tag
    }  # fmt: skip

    assert buttons == set(site.pages)
    assert [tag["type"] for tag in site.pages["/search/"].of("input", name="q")] == ["search"]


@pytest.mark.row("S148")
def test_the_foot_of_every_page_leads_somewhere(site):
    menu = json.loads(site.files["/frame.json"])["menu"]
    links = [item["url"] for top in menu for item in (top, *top["children"])]

    here = [link for link in links if link.startswith("/")]

    assert len(here) > 30
    assert [link for link in here if not site.has(link)] == []


def test_every_page_of_ours_says_who_looks_after_it_and_when_it_is_read_again():
    heads = {
        path.relative_to(ROOT).as_posix(): yaml.safe_load(
            path.read_text(encoding="utf-8").split("---\n")[1]
        )
        for path in sorted((ROOT / "content/pages").rglob("*.md"))
    }

    assert [name for name, head in heads.items() if not head.get("owner")] == []
    for name, head in heads.items():
        assert head["updated"] < head["review_by"], name
        assert (head["review_by"] - head["updated"]).days <= 366, name
    weeks = Counter(head["review_by"].isocalendar()[:2] for head in heads.values())
    assert max(weeks.values()) <= len(heads) // 10, "spread them: who reads ten pages in one week?"


@pytest.mark.row("S448", "S449")
@pytest.mark.parametrize("path", ["/psf/diversity/", "/about/help/"])
def test_pages_that_were_once_missed_are_there(site, path):
    old = {rule.url: rule.target for rule in rules.redirects(site.folder)}

    page = site.pages[old.get(path, path)]

    assert len(page.of("h2")) > 1


def leads_to(site: Site, path: str) -> set[str]:
    """The addresses that the text of a page leads to, without its menu and its foot."""
    text = site.files[f"{path}index.html"].decode().partition("<main")[2].partition("</main>")[0]
    return {tag["href"] for tag in Document(text).of("a")}


@pytest.mark.row("S170", "S059")
def test_community_and_events_lead_to_each_other(site):
    assert {"/events/", "/community/user-groups/", "/community/workshops/"} <= leads_to(
        site, "/community/"
    )
    assert {"/community/user-groups/", "/events/submit/"} <= leads_to(site, "/events/")
    assert "/community/user-groups/" in leads_to(site, "/community/workshops/")
    for path in ("/community/user-groups/", "/community/posts/", "/events/calendars/"):
        assert site.has(path)


@pytest.mark.row("S171")
def test_the_job_board_is_files_and_leads_to_the_form_that_the_sidecar_answers(site):
    rules_of_the_board = "/community/jobs/howto/"
    found = leads_to(site, "/jobs/")

    jobs = [path for path in found if re.fullmatch(r"/jobs/\d+/", path)]
    assert jobs
    assert all(site.has(job) for job in jobs)
    assert rules_of_the_board in found
    assert "/submit/job" in leads_to(site, rules_of_the_board)
    assert not site.has("/submit/job")
    assert "/submit/" in SETTINGS.prefixes


def test_no_page_says_none_or_comes_soon(site):
    words = re.compile(
        rb"<(?:a|dd|h\d|li|p|strong|td)(?: [^>]*)?>\s*(?:None|undefined|nan)\s*<|coming soon",
        re.IGNORECASE,
    )
    found = {path: words.search(html) for path, html in site.ending(".html").items()}

    assert {path: match[0] for path, match in found.items() if match} == {}


def test_below_every_heading_stands_something(site):
    alone = re.compile(
        rb"<h([2-6])[^>]*>(?:(?!</h\1>).)*</h\1>\s*"
        rb"(?:<(ul|ol|dl|p|div)\b[^>]*>\s*</\2>\s*)*(?=<h([1-6])\b|</(?:main|article|section)>)",
        re.DOTALL,
    )
    found = {
        (path, heading[0])
        for path, html in site.ending(".html").items()
        if path != "/404.html"  # there a script writes what was meant, and shows the heading
        for heading in alone.finditer(html)
        if not heading[3] or heading[3] <= heading[1]
    }

    assert found == set()


@pytest.mark.row("S230")
def test_no_page_says_how_long_ago_something_was(site):
    words = re.compile(rb"\b\d+ (?:second|minute|hour|day|week)s? ago\b|\b(?:yester|to)day\b")
    heads = {path: words.search(html) for path, html in site.ending(".html").items()
             if path.startswith("/downloads/")}  # fmt: skip

    assert {path: match[0] for path, match in heads.items() if match} == {}


@pytest.mark.row("S257")
def test_programs_find_what_search_finds_of_pages_in_one_file_that_is_documented(site):
    pages = json.loads(site.files["/api/v3/pages.json"])["pages"]

    assert len(pages) > 60
    assert [p for p in pages if p["url"].removeprefix(SETTINGS.url) not in site.pages] == []
    assert "/api/v3/pages.json" in (ROOT / "docs/api.md").read_text()


def test_the_index_of_the_interface_names_what_is_there_and_the_schema_holds_it(site):
    places = json.loads(site.files["/api/v3/index.json"])["places"]
    schema = json.loads(site.files["/api/v3/schema.json"])
    check = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    answers = [
        url for url in site.files if url.startswith("/api/v3/") and url != "/api/v3/schema.json"
    ]
    assert len(answers) > 600
    assert [url for url in answers if not check.is_valid(json.loads(site.files[url]))] == []
    for name in ("pages", "sponsors", "user_groups"):
        answer = json.loads(site.files[places[name].removeprefix(SETTINGS.url)])

        assert answer["schema_url"] == places["schema"]
        (kind,) = [
            kind
            for kind, wanted in schema["$defs"].items()
            if set(answer) == set(wanted["properties"])
        ]
        assert kind.lower() == name.replace("_", "")
    fixed = [url for url in places.values() if "{" not in url]
    assert [url for url in fixed if url.removeprefix(SETTINGS.url) not in site.files] == []


@pytest.mark.row("C01")
def test_a_second_build_by_a_new_process_writes_nothing(site, root):
    def looks():
        return {p: p.stat() for p in site.folder.rglob("*")}

    before = {path: (s.st_mtime_ns, s.st_ino, s.st_size) for path, s in looks().items()}

    with alone_in(root.parent):
        said = build(root, site.folder)

    assert said == "nothing to do: the site is as it should be\n"
    assert {p: (s.st_mtime_ns, s.st_ino, s.st_size) for p, s in looks().items()} == before


@pytest.mark.row("C03")
def test_another_folder_zone_language_seed_and_number_of_processes_give_the_same_bytes(
    site, root, tmp_path
):
    elsewhere = tmp_path / "elsewhere"
    with alone_in(root.parent):
        shutil.copytree(root, elsewhere)

    build(
        elsewhere, tmp_path / "other", "--jobs", "1",
        TZ="Asia/Kathmandu", LC_ALL="C", PYTHONHASHSEED="7", PYTHONPATH=str(elsewhere),
    )  # fmt: skip

    other = Site(tmp_path / "other").files
    assert [p for p in {*site.files, *other} if site.files.get(p) != other.get(p)] == []
