"""`pydotorg fetch`, against real servers on this machine: good feeds, bad ones, hostile ones."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pydotorg_build.fetch import FETCHED, KIND, fetch
from pydotorg_build.fetch_report import lines, summary
from pydotorg_build.problems import Problems
from pydotorg_build.settings import read_settings
from pydotorg_build.snapshot import Row, Snapshots, add_rows, writing
from pydotorg_build.visits import Limits, is_public
from tests.build import feed_server
from tests.build.feed_server import (
    ATOM,
    FeedServer,
    TlsFeedServer,
    item,
    rss,
    status,
    text,
    validated,
)
from tests.conftest import BUILD_TOML, HOME, NOW

ROOT = Path(__file__).parents[2]
QUICK = Limits(
    total=2.0, wait=1.0, most=200_000, work=2, redirects=3, allow_private=True
)  # fmt: skip
NOUNS = 'nouns = ["pages", "home", "around", "blog_feeds", "blog_entries"]'


@contextlib.contextmanager
def serving(server):
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.stopped.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server():
    with serving(FeedServer()) as server:
        yield server


@pytest.fixture
def follow(project, server):
    """Fetch the blogs that have these answers; give what came of each."""
    settings = BUILD_TOML.replace('nouns = ["pages"]', NOUNS).replace(
        'snapshots = ["data/snapshot.sqlite"]', f'snapshots = ["{FETCHED}"]'
    )
    project.write(f"-- build.toml --{settings}")
    project.write(HOME)

    def run(limits=QUICK, now=NOW, only=(), stale=0, **answers):
        server.answers |= {f"/{slug}": answer for slug, answer in answers.items()}
        if answers:
            feeds = [f"- {{title: {slug}, slug: {slug}, feed: '{server.url}/{slug}'}}\n"
                     for slug in answers]  # fmt: skip
            project.write("-- content/blog_feeds.yaml --\n" + "".join(feeds))
        report = fetch(
            project.root, read_settings(project.root / "build.toml"), now, limits, only,
            datetime.timedelta(hours=stale),
        )  # fmt: skip
        return {one.slug: one for one in report.feeds}

    return run


def rows(project):
    """What is kept, the fields of each entry by their keys."""
    snapshots = Snapshots(project.root, (FETCHED,))
    try:
        return {row.key: row.data for row in snapshots.rows(FETCHED, KIND)}
    finally:
        snapshots.close()


def entries(project, slug="blog"):
    return [data for data in rows(project).values() if data["feed"] == slug]


def titles(project, slug="blog"):
    return sorted(data["title"] for data in entries(project, slug))


# -- what good feeds say


@pytest.mark.row("S087")
def test_rss_and_atom_are_read_into_entries_of_plain_text(follow, project, server):
    follow(rss=rss(item(words="&lt;p&gt;Fish &amp;amp; &lt;b&gt;chips&lt;/b&gt;")), atom=ATOM)

    assert entries(project, "rss") == [
        {"title": "Post a", "feed": "rss", "url": "https://blog.example/a/",
         "published": "2026-11-20T10:00:00Z", "summary": "Fish & chips",
         "guid": "https://blog.example/a/"},
    ]  # fmt: skip
    assert entries(project, "atom") == [
        {"title": "Fish & chips", "feed": "atom", "url": f"{server.url}/fish/",
         "published": "2026-11-20T10:00:00Z", "updated": "2026-11-21T10:00:00Z", "author": "Ada",
         "summary": "One. Two.", "guid": "urn:1"},
    ]  # fmt: skip


@pytest.mark.row("S090")
def test_a_new_post_is_on_the_site_after_the_next_fetch_and_build(follow, project):
    follow(blog=rss(item("a")))
    project.build()
    follow(blog=rss(item("b", date="Sat, 21 Nov 2026 10:00:00 GMT"), item("a")))
    project.build()

    page = project.pages()["/blogs/"]
    assert page.index("https://blog.example/b/") < page.index("https://blog.example/a/")


def test_the_same_answers_leave_the_same_bytes(follow, project):
    file = project.root / FETCHED
    follow(one=rss(item("b"), item("a")), two=ATOM)
    first = file.read_bytes()
    file.unlink()
    follow()
    again = file.read_bytes()
    before = file.stat().st_mtime_ns
    follow()

    assert again == first
    assert file.stat().st_mtime_ns == before


# -- what a feed may say wrongly


@pytest.mark.row("S087")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rss(item("a"), item("b", title="Cut")).partition("</channel>")[0], ["Cut", "Post a"]),
        (rss(item("a", title="Fish & chips")), ["Fish & chips"]),
        (rss(item("a", title="A &nbsp;&eacute;t&eacute;")), ["A été"]),
        (rss(item(), head='<?xml version="1.0" encoding="ascii"?>'), ["Post a"]),
        ("\ufeff\n " + rss(), ["Post a"]),
        (rss(item(title="Caf\u00e9"), head='<?xml version="1.0" encoding="iso-8859-1"?>')
         .encode("latin-1"), ["Café"]),
        (rss(item(title="Caf\u00e9")).encode("latin-1"), ["Café"]),
    ],
    ids=["cut off", "bare ampersand", "entities of HTML", "says ASCII", "space before", "latin-1",
         "latin-1 that says nothing"],
)  # fmt: skip
def test_a_feed_with_faults_is_read_all_the_same(follow, project, body, expected):
    found = follow(blog=body)

    assert found["blog"].outcome == "new"
    assert titles(project) == expected


def test_a_charset_that_the_server_names_wrongly_is_no_fault(follow, project):
    body = rss(item(title="Été"), head='<?xml version="1.0" encoding="utf-8"?>')
    follow(blog=text(body, Content_Type="application/rss+xml; charset=nonsense-8"))

    assert titles(project) == ["Été"]


def test_markup_becomes_words_and_nothing_of_it_is_left(follow, project):
    hostile = (
        "<![CDATA[<script>alert(1)</script><style>p{}</style>Hi <img src=x onerror=alert(2)>"
        "<a href='javascript:alert(3)'>there</a>\u202e\u0007 &lt;b&gt;]]>"
    )
    follow(blog=rss(item(title=hostile, words=hostile)))

    (entry,) = entries(project)
    assert entry["title"] == "Hi there <b>"
    assert entry["summary"] == "Hi there <b>"


def test_texts_are_cut_between_words(follow, project):
    follow(blog=rss(item(title="long " * 100, words="word " * 1000)))

    (entry,) = entries(project)
    assert entry["title"] == "long " * 38 + "long…"
    assert entry["summary"] == "word " * 78 + "word…"


@pytest.mark.parametrize(
    ("old", "new", "left_out"),
    [
        ("20 Nov 2026", "20 Nov 2027", ("1 dated in the future",)),
        ("Fri, 20 Nov 2026 10:00:00 GMT", "next Friday", ("1 without a day",)),
        ("Fri, 20 Nov 2026 10:00:00 GMT", "Fri, 31 Nov 1066 10:00:00 GMT", ("1 without a day",)),
        ("https://blog.example/a/", "javascript:alert(1)", ("1 without an address",)),
        ("https://blog.example/a/", "https://me:pw@blog.example/a/", ("1 without an address",)),
        ("<guid>", "<other>", ()),
    ],
)
def test_an_entry_that_cannot_be_shown_is_left_out_and_told(follow, project, old, new, left_out):
    body = rss(item()).replace(old, new).replace("</guid>" * (new == "<other>") or "\0", "</other>")

    found = follow(blog=rss(item("b")).replace("</channel></rss>", "") + body.partition("</d")[2]
                   .partition("ription>")[2])  # fmt: skip

    assert found["blog"].left_out == left_out
    assert "Post b" in titles(project)
    assert len(titles(project)) == 1 + (not left_out)


def test_an_entry_from_a_zone_that_is_ahead_waits_for_its_moment(follow, project):
    follow(blog=rss(item(date="Wed, 25 Nov 2026 20:00:00 GMT")))
    project.build()
    before = project.pages()["/blogs/"]
    project.build(NOW + datetime.timedelta(hours=9))

    assert "Post a" not in before
    assert "Post a" in project.pages()["/blogs/"]


def test_ids_that_are_there_twice_or_not_at_all_make_one_entry_each(follow, project):
    twice = item("a", title="Older", date="Thu, 19 Nov 2026 10:00:00 GMT")
    bare = item("c").replace("<guid>https://blog.example/c/</guid>", "")
    found = follow(blog=rss(twice, item("a"), bare))

    assert titles(project) == ["Post a", "Post c"]
    assert found["blog"].left_out == ("1 a second one of the same id",)


def test_relative_links_are_taken_from_where_the_feed_is(follow, project, server):
    server.answers["/new/feed"] = rss(item()).replace("https://blog.example/a/", "../a b/?q=ü")
    follow(blog=status(302, Location="/new/feed"))

    assert [entry["url"] for entry in entries(project)] == [f"{server.url}/a%20b/?q=%C3%BC"]


def test_the_newest_twenty_of_a_feed_are_kept(follow, project):
    items = [item(f"{n:02}", date=f"{n:02} Nov 2026 10:00:00 GMT") for n in range(1, 25)]
    found = follow(blog=rss(*items))

    assert titles(project) == [f"Post {n:02}" for n in range(5, 25)]
    assert found["blog"].left_out == ("4 older than the newest 20",)


# -- one bad feed never stops the others

SLOW = "it took longer than 2 seconds"
BAD = {
    "never": (feed_server.never, "it said nothing for 1 seconds"),
    "slow": (feed_server.slowly, SLOW),
    "slow-head": (feed_server.slow_head, SLOW),
    "endless": (feed_server.endless, "it is larger than 200,000 bytes"),
    "huge": ("x" * 200_001, "it is larger than 200,000 bytes"),
    "bomb": (feed_server.bomb, "it is larger than 200,000 bytes"),
    "broken-zip": (text("no gzip", Content_Encoding="gzip"),
                   "it does not speak proper HTTP: error"),
    "cut-zip": (text(gzip.compress(rss().encode())[:-20], Content_Encoding="gzip"),
                "it broke off before its end"),
    "other-zip": (text("x", Content_Encoding="br"), "it is packed as 'br', which was not asked for"),
    "broken-off": (feed_server.broken_off, "it broke off before its end"),
    "no-http": (feed_server.no_http, "it does not speak proper HTTP: BadStatusLine"),
    "html": ("<!doctype html><title>Parked</title><p>Buy this domain", "it is no feed"),
    "empty": ("", "it is empty"),
    "path": ("/etc/passwd", "it is no feed"),
    "xml": ('<rss version="2.0"><channel><<<', "its XML is broken, and no entry can be made out"),
    # Without an end of its own this one would be read for days.
    "dear": ("\n" * 199_000 + rss(), "reading it costs too much time or memory"),
    "odd": (rss(head='<?xml version="1.0" encoding="punycode"?>'),
            "it cannot be read: UnicodeError"),
    "error": (status(500), "it answers with 500"),
    "missing": (status(404), "it answers with 404"),
    "unasked-304": (status(304), "it says that nothing changed, and nothing was known of it"),
    "loop": (status(302, Location="/loop"), "it redirects more than 3 times"),
    "file": (status(302, Location="file:///etc/passwd"),
             "it leads to an address that is not asked"),
    "nowhere": (status(302, Location="http://[::1"), "it leads to an address that cannot be read"),
    "nowhere-else": (status(302), "it answers with 302"),
}  # fmt: skip


@pytest.mark.row("S087", "S441")
@pytest.mark.parametrize("slug", BAD)
def test_a_bad_feed_is_told_stops_no_other_and_keeps_what_it_had(follow, project, slug):
    answer, why = BAD[slug]
    good = {} if slug == "unasked-304" else {slug: rss(item("kept"))}
    if good:
        follow(good=rss(), **good)
    began = time.monotonic()
    found = follow(**{slug: answer}, good=rss(item("fresh")))

    assert (found[slug].outcome, found[slug].why) == ("failed", why)
    assert titles(project, slug) == (["Post kept"] if good else [])
    assert titles(project, "good") == ["Post fresh"]
    assert time.monotonic() - began < 60


def test_entities_that_grow_without_end_are_not_followed(follow, project):
    grown = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE rss [<!ENTITY a0 "ha">{grown}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    began = time.monotonic()
    follow(blog=rss(item(title="&a9;&f;")), file=rss(item(title="T &f;"), head=head),
           bomb=rss(item(title="B &a9;"), head=head))  # fmt: skip

    hostname = Path("/etc/hostname").read_text().strip()
    said = "".join(data["title"] for data in rows(project).values())
    assert hostname not in said
    assert len(said) < 600
    assert time.monotonic() - began < 60


def test_a_server_that_is_not_there_is_told(follow, project, server):
    project.write("-- content/blog_feeds.yaml --\n"
                  "- {title: A, slug: a, feed: 'http://127.0.0.1:9/'}\n"
                  "- {title: B, slug: b, feed: 'http://no-such-host.invalid/'}\n")  # fmt: skip
    found = follow()

    assert found["a"].why == "it cannot be reached: Connection refused"
    assert found["b"].why == "there is no such host"


def test_who_speaks_no_tls_is_not_asked_in_the_clear(follow, project, server):
    address = server.url.replace("http:", "https:")
    project.write(f"-- content/blog_feeds.yaml --\n- {{title: A, slug: a, feed: '{address}/a'}}\n")
    found = follow()

    assert found["a"].outcome == "failed"
    assert server.asked == {}


def test_a_feed_behind_tls_is_read_and_its_certificate_checked(
    follow, project, tmp_path, monkeypatch
):
    with serving(TlsFeedServer(tmp_path)) as server:
        server.answers |= {"/a": rss(), "/slow": feed_server.slowly}
        project.write(f"-- content/blog_feeds.yaml --\n"
                      f"- {{title: A, slug: a, feed: '{server.url}/a'}}\n"
                      f"- {{title: B, slug: b, feed: '{server.url}/slow'}}\n")  # fmt: skip
        unknown = follow(only=["a"])
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        known = follow()

    assert unknown["a"].why == "its certificate is not valid: self-signed certificate"
    assert known["a"].outcome == "new"
    assert known["b"].why == SLOW


# -- politeness


def test_what_has_not_changed_is_not_sent_again(follow, project, server):
    follow(blog=validated(rss()))
    found = follow()

    first, second = server.asked["/blog"]
    assert "If-None-Match" not in first
    assert second["If-None-Match"] == '"1"'
    assert second["If-Modified-Since"] == "Fri, 20 Nov 2026 10:00:00 GMT"
    assert found["blog"].outcome == "same"
    assert titles(project) == ["Post a"]


def test_without_the_entries_everything_is_asked_in_full(follow, project, server):
    follow(blog=validated(rss()))
    (project.root / FETCHED).unlink()
    follow()

    assert "If-None-Match" not in server.asked["/blog"][1]
    assert titles(project) == ["Post a"]


def test_a_state_that_is_damaged_costs_only_time(follow, project, server):
    follow(blog=validated(rss()))
    (project.root / ".pydotorg/fetch.json").write_text("{")
    follow()

    assert "If-None-Match" not in server.asked["/blog"][1]


def test_what_cannot_be_read_is_asked_for_again_in_full(follow, server):
    follow(blog=validated(rss(), etag='"1"'))
    follow(blog=validated("no feed", etag='"2"'))
    follow()

    assert [asked.get("If-None-Match") for asked in server.asked["/blog"]] == [None, '"1"', '"1"']


def test_the_site_says_who_it_is(follow, server):
    follow(blog=rss())

    assert server.asked["/blog"][0]["User-Agent"] == (
        "pydotorg/0.1.0 (+https://test.example/blogs/feeds/)"
    )


def test_of_one_host_one_thing_is_asked_at_a_time(follow, server):
    def wait(handler):
        time.sleep(0.03)
        feed_server.send(handler, rss())

    follow(**{f"blog{n}": wait for n in range(6)})

    assert server.peak == 1


def test_hosts_are_asked_at_the_same_time(follow, project, server):
    both = threading.Barrier(2, timeout=5)

    def meet(handler):
        both.wait()
        feed_server.send(handler, rss())

    server.answers |= {"/one": meet, "/two": meet}
    other = server.url.replace("127.0.0.1", "localhost")
    project.write(f"-- content/blog_feeds.yaml --\n"
                  f"- {{title: A, slug: a, feed: '{server.url}/one'}}\n"
                  f"- {{title: B, slug: b, feed: '{other}/two'}}\n")  # fmt: skip
    found = follow(Limits(allow_private=True))

    assert {one.outcome for one in found.values()} == {"new"}


def test_what_moved_for_good_is_asked_where_it_is_and_editors_are_told(follow, project, server):
    server.answers["/new"] = rss()
    follow(blog=status(301, Location="/new"))
    found = follow()

    assert (len(server.asked["/blog"]), len(server.asked["/new"])) == (1, 2)
    assert found["blog"].known.moved == f"{server.url}/new"


def test_what_moved_for_now_is_asked_where_it_was(follow, server):
    server.answers |= {"/new": status(301, Location="/newer"), "/newer": rss()}
    found = follow(blog=status(302, Location="/new"))
    follow()

    assert found["blog"].known.moved == ""
    assert len(server.asked["/blog"]) == 2


def test_where_it_moved_to_may_fail_then_the_old_address_is_asked_again(follow, server):
    server.answers["/new"] = rss()
    follow(blog=status(301, Location="/new"))
    server.answers |= {"/new": status(404), "/blog": rss()}
    failed = follow()
    good = follow()

    assert failed["blog"].outcome == "failed"
    assert good["blog"].outcome == "same"


def test_what_is_gone_is_never_asked_again(follow, project, server):
    follow(blog=rss())
    follow(blog=status(410))
    found = follow()

    assert len(server.asked["/blog"]) == 2
    assert (found["blog"].outcome, found["blog"].why) == (
        "gone",
        "it says that it is gone for good",
    )
    assert titles(project) == ["Post a"]


# -- what is not on the public internet


def test_private_addresses_are_not_asked_also_behind_a_name(follow, project, server):
    other = server.url.replace("127.0.0.1", "localhost")
    project.write(f"-- content/blog_feeds.yaml --\n"
                  f"- {{title: A, slug: a, feed: '{server.url}/a'}}\n"
                  f"- {{title: B, slug: b, feed: '{other}/b'}}\n"
                  f"- {{title: C, slug: c, feed: 'http://2130706433:{server.server_port}/c'}}\n"
                  f"- {{title: D, slug: d, feed: 'http://[::ffff:127.0.0.1]:{server.server_port}/d'}}\n"
                  )  # fmt: skip
    found = follow(Limits(total=1, wait=0.4))

    assert {one.why for one in found.values()} == {"its address is not on the public internet"}
    assert server.asked == {}


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
     "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
     "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"],
)  # fmt: skip
def test_an_address_that_is_near_or_stands_for_another_is_not_public(address):
    assert not is_public(address)


# -- what is said


def test_lines_name_the_place_and_what_to_do(follow, project, server):
    server.answers["/new"] = rss()
    follow(bad=rss(), moved=status(301, Location="/new"), good=rss())
    server.answers["/bad"] = status(500)
    follow()
    report = fetch(project.root, read_settings(project.root / "build.toml"), NOW, QUICK)

    assert list(lines(report)) == [
        "content/blog_feeds.yaml:1:3: bad: it answers with 500 (2 times now); its 1 entries are"
        " kept",
        f"content/blog_feeds.yaml:2:3: moved: it moved for good: write `feed: {server.url}/new`",
    ]
    assert summary(report) == "2026-11-25T12:00:00Z: 2 of 3 feeds answered, 0 new entries"


def test_a_blog_that_is_followed_no_more_leaves_nothing(follow, project):
    follow(one=rss(), two=rss())
    follow(two=rss())

    assert (titles(project, "one"), titles(project, "two")) == ([], ["Post a"])
    assert list(json.loads((project.root / ".pydotorg/fetch.json").read_text())["feeds"]) == [
        url for url in json.loads((project.root / ".pydotorg/fetch.json").read_text())["feeds"]
        if url.endswith("/two")
    ]  # fmt: skip


@pytest.mark.row("S202")
def test_only_the_blogs_that_are_named_are_asked_and_the_others_stay(follow, project, server):
    follow(one=rss(), two=rss())
    follow(only=["one"])

    assert (len(server.asked["/one"]), len(server.asked["/two"])) == (2, 1)
    assert titles(project, "two") == ["Post a"]


@pytest.mark.row("S202")
def test_a_blog_that_was_asked_lately_is_left_alone_and_a_new_one_is_not(follow, project, server):
    follow(one=rss())
    follow(one=rss(), two=rss(), now=NOW + datetime.timedelta(hours=5), stale=6)
    assert (len(server.asked["/one"]), len(server.asked["/two"])) == (1, 1)

    follow(now=NOW + datetime.timedelta(hours=6), stale=6)

    assert (len(server.asked["/one"]), len(server.asked["/two"])) == (2, 1)
    assert titles(project, "one") == ["Post a"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("slug: blog", "slog: blog",
         "content/blog_feeds.yaml:1:3: `slug` is missing\n  hint: add a line `slug: …`\n"
         "content/blog_feeds.yaml:1:17: `slog` is not a field of BlogFeed\n"
         "  hint: did you mean `slug`?"),
        ("- {", "- [", "content/blog_feeds.yaml:1:"),
    ],
)  # fmt: skip
def test_a_file_of_blogs_with_a_mistake_is_told_and_nothing_is_asked(
    follow, project, server, old, new, expected
):
    follow(blog=rss())
    file = project.root / "content/blog_feeds.yaml"
    file.write_text(file.read_text().replace(old, new))

    with pytest.raises(Problems) as problems:
        follow()

    assert str(problems.value).startswith(expected)
    assert len(server.asked["/blog"]) == 1


def test_an_unknown_blog_is_told(follow):
    follow(blog=rss())

    with pytest.raises(Problems) as problems:
        follow(only=["blag"])

    assert str(problems.value) == (
        "--only: there is no blog `blag`\n"
        "  hint: give the slug of one in content/blog_feeds.yaml that is active"
    )


def test_a_site_that_does_not_read_what_is_fetched_is_told(project):
    with pytest.raises(Problems) as problems:
        fetch(project.root, read_settings(project.root / "build.toml"), NOW)

    assert str(problems.value) == (
        "build.toml: data/fetched.sqlite is not on the site\n"
        '  hint: add "data/fetched.sqlite" to `snapshots` in [build]'
    )


def command(project, *words):
    """Run the real command line."""
    run = [sys.executable, "-m", "pydotorg_build", "fetch", "--config",
           str(project.root / "build.toml"), "--now", "2026-11-25T12:00:00Z", *words]  # fmt: skip
    return subprocess.run(run, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.row("S090")
def test_the_log_says_when_was_fetched_and_what_failed(follow, project):
    follow(good=rss(), bad=status(500))
    done = command(project, "--allow-private")

    assert done.returncode == 0
    assert done.stdout == "2026-11-25T12:00:00Z: 1 of 2 feeds answered, 0 new entries\n"
    assert done.stderr == ("content/blog_feeds.yaml:2:3: bad: it answers with 500 (2 times now)\n")


def test_programs_are_told_of_each_feed(follow, project, server):
    follow(good=rss())
    found = json.loads(command(project, "--allow-private", "--json").stdout)

    assert found == {
        "at": "2026-11-25T12:00:00Z",
        "well": True,
        "feeds": [
            {"slug": "good", "feed": f"{server.url}/good", "outcome": "same", "why": "",
             "moved": "", "entries": 1, "new": 0, "left_out": [],
             "asked": "2026-11-25T12:00:00Z", "answered": "2026-11-25T12:00:00Z", "failures": 0},
        ],
    }  # fmt: skip


def test_when_no_feed_answers_the_command_fails(follow, project):
    follow(bad=status(500))
    done = command(project, "--allow-private")

    assert done.returncode == 1
    assert done.stdout == "2026-11-25T12:00:00Z: 0 of 1 feed answered, 0 new entries\n"


def test_the_command_asks_nothing_private_unless_it_is_allowed(follow, project, server):
    follow(good=rss())
    done = command(project)

    assert done.returncode == 1
    assert "good: its address is not on the public internet; its 1 entries are kept" in done.stderr
    assert len(server.asked["/good"]) == 1


def test_two_runs_do_not_mix(follow, project, server):
    started, go_on = threading.Event(), threading.Event()

    def wait(handler):
        started.set()
        go_on.wait(5)
        feed_server.send(handler, rss())

    first = threading.Thread(target=follow, args=(Limits(allow_private=True),),
                             kwargs={"blog": wait})  # fmt: skip
    first.start()
    started.wait(5)
    done = command(project, "--allow-private")
    go_on.set()
    first.join()

    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "(fetch): another fetch is running"
    assert titles(project) == ["Post a"]


def test_without_feedparser_one_is_told_what_to_install(project):
    without = ("import sys; sys.modules['feedparser'] = None; "
               "from pydotorg_build.cli import main; main(sys.argv[1:])")  # fmt: skip
    config = str(project.root / "build.toml")
    done = subprocess.run([sys.executable, "-c", without, "fetch", "--config", config],
                          capture_output=True, text=True, check=False, cwd=ROOT)  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "(fetch): feedparser is not installed"


def snapshot_with(project, *marks):
    """A snapshot in which staff said something of blogs."""
    config = project.root / "build.toml"
    config.write_text(config.read_text().replace("snapshots = [", 'snapshots = ["data/s.sqlite", '))
    with writing(project.root / "data/s.sqlite") as db:
        add_rows(db, [Row("blog_marks", f"{m}.{of}", {"mark": m, "of": of}) for m, of in marks])


@pytest.mark.row("S335")
def test_a_blog_that_staff_switched_off_is_not_asked_and_keeps_its_entries(follow, project, server):
    follow(blog=rss(), other=rss())
    before = titles(project)
    snapshot_with(project, ("off", "blog"), ("featured", "other.1"))
    server.asked.clear()

    found = follow()

    assert set(found) == {"other"}
    assert titles(project) == before


@pytest.mark.row("S335")
def test_what_was_found_is_written_down_for_the_desk(follow, project):
    follow(blog=rss(), broken=status(500))

    told = json.loads((project.root / "data/feeds.json").read_text())
    feeds = {feed["slug"]: feed for feed in told["feeds"]}
    assert feeds["blog"]["entries"] == len(entries(project))
    assert (feeds["blog"]["good"], feeds["blog"]["why"]) == (told["at"], "")
    assert (feeds["broken"]["failures"], feeds["broken"]["good"]) == (1, "")
    assert "500" in feeds["broken"]["why"]
