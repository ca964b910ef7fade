"""What `pydotorg check` looks at besides all that a build does: the ledger, invariants, prose."""

from __future__ import annotations

import json
import subprocess

import pytest
from click.testing import CliRunner

from pydotorg_build.cli import main
from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row
from tests.conftest import BUILD_TOML, HOME

PAGES = """
-- content/pages/notes/index.md --
---
title: Notes
---
See [what it is used for](apps/).
-- content/pages/notes/apps.md --
---
title: Applications
aliases: [/notes/uses/]
---
Many.
"""
LEDGER = """-- content/ledger.txt --
pages 2
/notes/
/notes/apps/
/notes/uses/
"""


@pytest.fixture
def site(project):
    """A project of pages and invariants, with what runs a command in it."""
    nouns = '["pages", "home", "around", "redirects", "invariants"]'
    settings = BUILD_TOML.replace('["pages"]', nouns)
    project.write(f"-- build.toml --{settings}{HOME}{PAGES}")
    config = str(project.root / "build.toml")
    where = ["--config", config, "--output", str(project.output), "--now", "2026-11-25"]
    project.run = lambda *words: CliRunner().invoke(main, [*words, *where])
    return project


def git(site, *words):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(site.root), *who, *words], check=True)


def lines(done):
    return done.stderr.splitlines()


def test_a_check_that_finds_nothing_says_so(site):
    assert site.run("check").stdout == "nothing is wrong\n"
    assert json.loads(site.run("check", "--json").stdout) == {"problems": [], "notices": []}


# -- what browsers pass over


def told(done):
    return done.stderr.splitlines()[::2][:-1]


def change(site, name, old, new):
    path = site.root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_tag_that_a_template_leaves_open_is_told_once_with_its_place(site):
    site.write("-- content/pages/notes/tools.md --\n---\ntitle: Tools\n---\n")
    change(site, "templates/pages/page.html", "</header>", "")

    done = site.run("check")

    assert done.exit_code == 1
    assert told(done) == [
        "templates/pages/page.html:8: `<header>` is not closed, on /notes/apps/ and 1 more"
    ]


def test_a_tag_that_the_frame_closes_twice_is_told(site):
    change(site, "templates/base.html", "</footer>", "</footer></div>")

    (page, *_) = told(site.run("check"))

    assert page.startswith("templates/base.html:")
    assert "`</div>` closes nothing, on /" in page


def test_a_tag_that_the_frame_leaves_open_on_a_single_page_is_told(site):
    site.write("-- content/pages/notes/tools.md --\n---\ntitle: Tools\n---\n")
    change(site, "templates/base.html", "</footer>",
           '{% if meta.title == "Tools" %}<div>{% endif %}</footer>')  # fmt: skip

    assert told(site.run("check")) == [
        "templates/base.html:"
        + str((site.root / "templates/base.html").read_text().split('"Tools"')[0].count("\n") + 1)
        + ": `<div>` is not closed, on /notes/tools/"
    ]


def test_what_html_lets_one_leave_open_is_no_fault(site):
    change(site, "templates/pages/page.html", "</header>", "<ul><li>a<li>b</ul></header>")

    assert site.run("check").exit_code == 0


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a { color: red", "static/css/x.css:1:3: `{` is not closed"),
        ("a { color: red }\n}", "static/css/x.css:2:1: `}` closes nothing"),
        ("a { color: red } /* b {}", "static/css/x.css:1:18: this comment has no end"),
        ("a { background: url(nope.png) }", "static/css/x.css:1:17: there is no `nope.png`"),
        ('a { background: url("/x.svg#b") }', "static/css/x.css:1:17: there is no `/x.svg`"),
    ],
)
def test_what_a_browser_passes_over_in_a_sheet_is_told(site, css, expected):
    site.write(f"-- static/css/x.css --\n{css}\n")

    assert told(site.run("check")) == [expected]


def test_a_sheet_may_say_anything_in_comments_and_texts_and_name_what_is_there(site):
    site.write("""-- static/css/x.css --
/* a { url(nope.png) */ a::before { content: "}" }
b { background: url(/favicon.ico), url("data:image/png;base64,AAAA"), url(#c) }
""")

    assert site.run("check").exit_code == 0


def test_a_redirect_to_nowhere_is_told_with_the_likeliest_page(site):
    site.write("-- content/redirects.yaml --\n- {from: /old/, to: /notes/aps/}\n"
               '- {from: /older/, to: /old/}\n- {from: /x/*, to: "/y/:splat"}\n')  # fmt: skip

    done = site.run("check")

    assert done.stderr.splitlines() == [
        "content/redirects.yaml:1:3: the redirect to /notes/aps/ leads nowhere",
        "  hint: did you mean `/notes/apps/`?",
        "1 problem",
    ]


# -- the ledger


def test_the_ledger_is_what_files_publish_by_kind(site):
    done = site.run("check", "--ledger")

    text = (site.root / "content/ledger.txt").read_text()
    assert done.exit_code == 0
    assert text.splitlines() == [
        "# Addresses that must be answered for good.  Written by `pydotorg check --ledger`.",
        "home 1",
        "/",
        "",
        "pages 2",
        "/notes/",
        "/notes/apps/",
        "/notes/uses/",
    ]
    assert not site.output.exists()


@pytest.mark.parametrize("clean", [True, False])
def test_a_page_that_moves_without_a_redirect_stops_the_build(site, clean):
    site.write(LEDGER)
    if not clean:
        site.build()
    (site.root / "content/pages/notes/apps.md").unlink()
    site.write("-- content/pages/notes/index.md --\n---\ntitle: Notes\n---\n")
    site.write("-- content/pages/notes/applications.md --\n---\ntitle: Applications\n---\n")

    with pytest.raises(Problems) as caught:
        site.build()

    assert [str(problem) for problem in caught.value.problems] == [
        "content/ledger.txt:3:1: /notes/apps/ was published, and nothing answers there any more\n"
        "  hint: did it become /notes/applications/? then write `aliases: [/notes/apps/]` there, or "
        "in redirects.yaml {from: /notes/apps/, to: /notes/applications/}; if it is gone for good, "
        "{from: /notes/apps/, status: 410}",
        "content/ledger.txt:4:1: /notes/uses/ was published, and nothing answers there any more\n"
        "  hint: did it become /notes/applications/? then write `aliases: [/notes/uses/]` there, or "
        "in redirects.yaml {from: /notes/uses/, to: /notes/applications/}; if it is gone for good, "
        "{from: /notes/uses/, status: 410}",
    ]


def test_the_ledger_has_each_page_also_the_lists_that_are_of_no_single_file(site):
    change(site, "build.toml", '"around",', '"around", "code_samples",')
    site.write("-- content/code_samples/words.md --\n---\ntitle: Words\norder: 1\n---\n"
               "\n```python\nprint(1)\n```\n\n```text\n1\n```\n")  # fmt: skip

    site.run("check", "--ledger")
    site.build()

    known = (site.root / "content/ledger.txt").read_text().splitlines()
    assert {"/about/samples/", "/about/samples/words/"} <= set(known)


def test_the_ledger_has_the_lists_of_groups_that_files_stand_in(site):
    change(site, "build.toml", '"around",', '"around", "user_groups",')
    group = {"area": "europe", "website": "https://x.example/"}
    site.take_snapshot(Row("user_groups", "1", {"title": "B", "country": "Chile"} | group))
    site.write("-- content/user_groups/some.yaml --\n"
               "- {title: A, area: europe, country: Malta, website: 'https://a.example/'}\n")  # fmt: skip

    site.run("check", "--ledger")
    done = site.run("check")

    known = (site.root / "content/ledger.txt").read_text().splitlines()
    lists = [one for one in known if one.startswith("/community/user-groups/")]
    assert lists == ["/community/user-groups/", "/community/user-groups/europe/",
                     "/community/user-groups/malta/"]  # fmt: skip
    assert done.stdout == "nothing is wrong\n"


def test_an_address_that_the_ledger_lacks_is_told_with_how_it_gets_there(site):
    site.write(LEDGER)
    site.write("-- content/pages/notes/more.md --\n---\ntitle: More\n---\nMore.\n")

    done = site.run("check")

    assert done.exit_code == 0
    assert lines(done) == [
        "notice: content/ledger.txt: it lacks / and 1 more",
        "  hint: run `pydotorg check --ledger` and commit it, once they are to stay for good",
    ]


def test_a_page_that_moves_became_the_new_one_beside_it_however_that_is_called(site):
    change(site, "build.toml", '"around",', '"around", "code_samples",')
    site.write(LEDGER)
    site.write("-- content/code_samples/apps.md --\n---\ntitle: Words\norder: 1\n---\n"
               "\n```python\nprint(1)\n```\n\n```text\n1\n```\n")  # fmt: skip
    (site.root / "content/pages/notes/apps.md").unlink()
    site.write("-- content/pages/notes/uses.md --\n---\ntitle: Uses\n---\n")
    site.write("-- content/pages/notes/in-the-world.md --\n---\ntitle: In the world\n---\n")

    with pytest.raises(Problems) as caught:
        site.build()

    hints = [problem.hint.partition("?")[0] for problem in caught.value.problems]
    assert hints == ["did it become /notes/in-the-world/"] * 2


MOVED = "---\ntitle: Applications\naliases: [/notes/uses/]\n---\nMany.\n"


@pytest.mark.parametrize("known", ["", "/notes/in-the-world/\n"])
@pytest.mark.parametrize("committed", [True, False])
def test_a_page_that_moves_became_the_one_that_says_the_same(site, known, committed):
    git(site, "init", "-q")
    site.write(LEDGER.rstrip() + f"\n{known}")
    git(site, "add", ".")
    git(site, "commit", "-qm", "All")
    (site.root / "content/pages/notes/in-the-world.md").write_text(MOVED)
    (site.root / "content/pages/notes/apps.md").unlink()
    site.write("-- content/pages/notes/apps2.md --\n---\ntitle: Other\n---\nElse.\n")
    if committed:
        git(site, "add", ".")
        git(site, "commit", "-qm", "Moved")

    with pytest.raises(Problems) as caught:
        site.build()

    hints = {problem.hint.partition("?")[0] for problem in caught.value.problems}
    assert hints == {"did it become /notes/in-the-world/"}


def test_a_page_that_moves_became_no_old_page_of_another_name(site):
    site.write(LEDGER + "/notes/pip/\n")
    site.write("-- content/pages/notes/pip.md --\n---\ntitle: Pip\n---\nInstalls.\n")
    (site.root / "content/pages/notes/apps.md").unlink()

    with pytest.raises(Problems) as caught:
        site.build()

    assert not [problem for problem in caught.value.problems if "/pip/" in problem.hint]


def test_a_dead_link_into_a_section_that_is_not_there_proposes_the_page_called_alike(site):
    site.write("-- content/pages/notes/tutorial.md --\n---\ntitle: Tutorial\n---\n")
    site.write("-- content/pages/start.md --\n---\ntitle: Start\n---\n"
               "[Learn](/handbook/tutorail/), [go](/handbook/zebra/).\n")  # fmt: skip

    with pytest.raises(Problems) as caught:
        site.build()

    assert [(problem.message, problem.hint) for problem in caught.value.problems] == [
        ("the link to /handbook/tutorail/ leads nowhere", "did you mean `/notes/tutorial/`?"),
        ("the link to /handbook/zebra/ leads nowhere", "mend or remove it"),
    ]


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("https://test.example/notes/aps/", "the link to /notes/aps/ leads nowhere"),
        ("http://test.example/notes/apps/#x", "/notes/apps/ has no anchor #x"),
        ("http://localhost:8000/notes/",
         "the link to http://localhost:8000/notes/ leads to no host that others reach"),
        ("http://127.0.0.1/", "the link to http://127.0.0.1/ leads to no host that others reach"),
        ("http://", "the link to http:// leads to no host that others reach"),
        ("http://htt//bad", "the link to http://htt//bad leads to no host that others reach"),
    ],
)  # fmt: skip
def test_an_absolute_link_that_leads_nowhere_is_told_with_its_line(site, link, told):
    site.write(f"-- content/pages/start.md --\n---\ntitle: Start\n---\nIt.\n\nSee [it]({link}).\n")

    with pytest.raises(Problems) as caught:
        site.build()

    ((problem),) = caught.value.problems
    assert (problem.source.path, problem.source.line) == ("content/pages/start.md", 6)
    assert problem.message == told


def test_an_absolute_link_may_lead_to_what_is_there(site):
    site.write("-- content/pages/start.md --\n---\ntitle: Start\n---\n"
               "[A](https://test.example/notes/apps/), [b](https://test.example/submit/job),\n"
               "[c](https://test.example/ftp/a.zip), [d](https://test.example),\n"
               "[e](https://docs.example/none/), [f](https://test.example/notes/uses/?a=b).\n")  # fmt: skip

    assert site.run("check").stdout == "nothing is wrong\n"


def test_an_absolute_link_of_a_stranger_that_leads_nowhere_stops_no_build(site):
    change(site, "build.toml", '"around",', '"around", "job_terms", "jobs", "countries",')
    change(site, "build.toml", '"/about/",', '"/about/", "/jobs/",')
    site.write("-- content/job_terms.yaml --\n- {title: Web, of: category, slug: web}\n")
    job = {"title": "A", "company": "B", "category": "web", "remote": True, "email": "a@b.example",
           "date": "2026-11-20", "ends": "2026-12-20"}  # fmt: skip
    site.take_snapshot(Row("jobs", "1", job | {"body": "[Apply](http://localhost/me)"}))

    report = site.build()

    ((note),) = report.notes
    assert "http://localhost/me leads to no host that others reach" in note


def test_a_dead_link_and_the_address_that_was_dropped_are_told_in_one_run(site):
    site.write(LEDGER)
    (site.root / "content/pages/notes/apps.md").unlink()
    site.write("-- content/pages/notes/applications.md --\n---\ntitle: Applications\n---\n")

    with pytest.raises(Problems) as caught:
        site.build()

    assert [problem.message for problem in caught.value.problems] == [
        "/notes/apps/ was published, and nothing answers there any more",
        "/notes/uses/ was published, and nothing answers there any more",
        "the link to /notes/apps/ leads nowhere",
    ]
    hint = "did it become /notes/applications/? then write `aliases: [/notes/apps/]` there"
    assert [p.hint.partition(", or")[0] for p in caught.value.problems[::2]] == [hint, hint]


def test_of_very_many_dead_links_each_is_told_with_its_line_and_the_first_with_a_proposal(site):
    links = "\n".join(f"[Apps](/notes/apps{number}/)" for number in range(300))
    site.write(f"-- content/pages/notes/tools.md --\n---\ntitle: Tools\n---\n{links}\n")

    with pytest.raises(Problems) as caught:
        site.build()

    problems = caught.value.problems
    assert [(p.source.line, p.message) for p in problems] == [
        (number + 4, f"the link to /notes/apps{number}/ leads nowhere") for number in range(300)
    ]
    proposed = [p for p in problems if p.hint == "did you mean `/notes/apps/`?"]
    assert len(proposed) == 20
    assert {p.hint for p in problems} - {proposed[0].hint} == {"mend or remove it"}


def test_of_very_many_dropped_addresses_each_is_told_and_the_first_with_a_proposal(site):
    lost = "".join(f"/notes/apps{number:03}/\n" for number in range(60))
    site.write(f"{LEDGER.rstrip()}\n{lost}")

    with pytest.raises(Problems) as caught:
        site.build()

    hints = [problem.hint.partition("?")[0] for problem in caught.value.problems]
    assert hints[:20] == ["did it become /notes/apps/"] * 20
    assert [one[:44] for one in hints[20:]] == ["in redirects.yaml write where it leads now, "] * 40


@pytest.mark.parametrize(
    "mended",
    [
        "-- content/pages/notes/applications.md --\n---\ntitle: Applications\n"
        "aliases: [/notes/apps/, /notes/uses/]\n---\n",
        "-- content/redirects.yaml --\n- {from: /notes/apps/, to: /notes/}\n"
        "- {from: /notes/uses/, status: 410}\n",
        "-- content/redirects.yaml --\n- {from: /notes/*, to: /notes/}\n",
    ],
)
def test_a_dropped_address_is_answered_by_an_alias_a_redirect_or_a_stated_end(site, mended):
    site.write(LEDGER)
    site.build()
    (site.root / "content/pages/notes/apps.md").unlink()
    site.write("-- content/pages/notes/index.md --\n---\ntitle: Notes\n---\n" + mended)

    site.build()

    assert "/notes/apps/" not in site.pages()


def test_what_only_the_clock_takes_away_is_not_dropped(site):
    site.write(LEDGER)
    site.write("-- content/pages/notes/index.md --\n---\ntitle: Notes\n---\n")
    site.write("-- content/pages/notes/apps.md --\n---\ntitle: Applications\n"
               "aliases: [/notes/uses/]\nexpires: 2026-11-01\n---\n")  # fmt: skip

    site.build()

    assert "/notes/apps/" not in site.pages()


def test_a_redirect_that_is_taken_away_is_told(site):
    site.write("-- content/redirects.yaml --\n- {from: /old/, to: /notes/}\n")
    site.run("check", "--ledger")
    site.build()
    site.write("-- content/redirects.yaml --\n[]\n")

    with pytest.raises(Problems) as caught:
        site.build()

    (problem,) = caught.value.problems
    assert problem.message == "/old/ was published, and nothing answers there any more"


def test_a_new_ledger_keeps_what_was_there_and_is_answered_otherwise(site):
    site.write(LEDGER + "/notes/old/\n")
    site.write("-- content/redirects.yaml --\n- {from: /notes/o*, to: /notes/}\n")

    site.run("check", "--ledger")

    text = (site.root / "content/ledger.txt").read_text()
    assert "pages 2\n/notes/\n/notes/apps/\n/notes/old/\n/notes/uses/\n" in text


def test_a_new_ledger_is_not_written_while_an_address_of_the_old_one_is_lost(site):
    site.write(LEDGER + "/notes/old/\n")
    before = (site.root / "content/ledger.txt").read_text()

    done = site.run("check", "--ledger")

    assert done.exit_code == 1
    assert lines(done)[0].startswith("content/ledger.txt:5:1: /notes/old/ was published")
    assert (site.root / "content/ledger.txt").read_text() == before


# -- invariants


def holds(site, *fields):
    entry = "\n  ".join(("- title: It holds", *fields))
    site.write(f"-- content/invariants.yaml --\n{entry}\n")
    return site.run("check")


LIST = """
-- static/root/list.json --
{"rows": [{"title": "A", "start": "2026-12-01", "sample": true}, {"title": "B", "start": "%s"}]}
"""


def test_a_list_without_a_real_record_is_told(site):
    site.write(LIST % "2026-12-02")

    one = holds(site, "check: records", "of: /list.json", "least: 1")
    two = holds(site, "check: records", "of: /list.json", "least: 2")

    assert one.exit_code == 0
    assert two.exit_code == 1
    assert lines(two) == [
        "content/invariants.yaml:1:3: «It holds» does not hold: /list.json has 1 of them, and 2 are "
        "wanted",
        "  hint: add what is missing, or lower `least`",
        "1 problem",
    ]


@pytest.mark.parametrize(
    ("start", "code"),
    [("2026-12-02", 0), ("2026-12-01", 0), ("2026-11-30T20:00:00+00:00", 0), ("2026-11-29", 1)],
)
def test_a_list_in_the_wrong_order_is_told(site, start, code):
    site.write(LIST % start)

    done = holds(site, "check: records", "of: /list.json", "ascending: start")

    assert done.exit_code == code, done.stderr
    if code:
        assert "in /list.json, A (2026-12-01) stands before B (2026-11-29)" in done.stderr


def test_the_newest_may_stand_first(site):
    site.write(LIST % "2026-11-20")

    done = holds(site, "check: records", "of: /list.json", "descending: start")

    assert done.exit_code == 0, done.stderr


def test_a_kind_that_loses_more_than_a_tenth_is_told(site):
    site.write("-- content/ledger.txt --\npages 3\n")

    one_of_three = holds(site, "check: kept")
    site.write("-- content/ledger.txt --\npages 4\n")
    two_of_four = holds(site, "check: kept")

    assert one_of_three.exit_code == 0
    assert two_of_four.exit_code == 1
    (told,) = [line for line in lines(two_of_four) if "entries" in line]
    assert told.endswith("pages had 4 entries, and has 2")


@pytest.mark.parametrize(
    ("word", "of", "told"),
    [
        ("many", "/notes/apps/", ""),
        ("many", "/notes/", "search does not find 'many' on /notes/"),
        ("snakes", "", "search finds 'snakes' on no page"),
        ("many", "/nowhere/", "search does not look at /nowhere/"),
    ],
)
def test_what_search_must_find_is_looked_for(site, word, of, told):
    done = holds(site, "check: search", f"word: {word}", *([f"of: {of}"] if of else []))

    assert done.exit_code == (1 if told else 0)
    assert told in done.stderr


def test_feeds_of_this_site_can_be_read(site):
    done = holds(site, "check: feeds")

    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize(
    ("kind", "raw", "fault"),
    [
        ("rss", "<rss><channel><title/><link/></channel></rss>", "it has no description"),
        ("rss", "<rss/>", "there is no channel"),
        ("rss", "<rss><channel><title/><link/><description/><item/></channel></rss>",
         "an entry: it has no guid"),
        ("atom", '<feed xmlns="http://www.w3.org/2005/Atom"><id/><title/></feed>',
         "it has no updated"),
        ("json", '{"items": []}', "it does not say which version of JSON Feed it is"),
        ("json", '{"version": "https://jsonfeed.org/version/1.1", "items": [{}]}',
         "an id is missing or stands twice"),
        ("ics", "BEGIN:VCALENDAR\r\n", "it is not one whole calendar"),
        ("ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
         "an event has no UID, or a line is longer than 75 bytes"),
    ],
)  # fmt: skip
def test_a_feed_that_lacks_something_is_told(kind, raw, fault):
    from pydotorg_build.invariance import FEEDS

    assert FEEDS[kind](raw.encode()) == fault


# -- prose and freshness


TEXT = """-- content/pages/notes/apps.md --
---
title: Applications
aliases: [/notes/uses/]
review_by: 2026-11-24
owner: Writers%s
---

For more click [here](/notes/).

![image](/notes/a.png)
"""


def write_text(site, more=""):
    site.write(TEXT.replace("![image](/notes/a.png)\n", "Code: `[here](/x/)`.\n") % more)


def test_notices_say_where_what_and_how_to_mend_it_and_stop_nothing(site):
    write_text(site)

    done = site.run("check")

    assert done.exit_code == 0
    assert lines(done) == [
        "notice: content/pages/notes/apps.md:4:1: this was to be read again by Writers before "
        "2026-11-24",
        "  hint: read it, mend what is not true any more, and set `updated` and `review_by` anew",
        "notice: content/pages/notes/apps.md:8:16: the link says only «here»",
        "  hint: let the link say where it leads, as [the calendar of events](…)",
    ]


def test_a_page_may_say_which_check_it_need_not_pass_and_why(site):
    write_text(site, "\nunchecked:\n- {check: links, reason: It quotes a letter of 1998.}\n"
                     "- {check: review, reason: It is history.}")  # fmt: skip

    done = site.run("check")

    assert (done.exit_code, done.stderr) == (0, "")


def test_an_exception_needs_a_reason(site):
    write_text(site, "\nunchecked: [{check: links}]")

    done = site.run("check")

    assert done.exit_code == 1
    assert "content/pages/notes/apps.md:6:13: `reason` is missing" in done.stderr


def test_an_exception_that_excuses_nothing_is_told(site):
    write_text(site, "\nunchecked: [{check: alt, reason: An old picture.}]")

    done = site.run("check")

    assert "notice: content/pages/notes/apps.md:6:13: there is nothing that `alt` would tell" in (
        lines(done)
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("![photo](a.png)", [("alt", 1, 1)]),
        ("![snake.png](a.png)", [("alt", 1, 1)]),
        ("![A snake](a.png)", []),
        ("One\n\nTwo **[Click here](/a/)**", [("links", 3, 7)]),
        ("[this page][1]\n\n[1]: /a/", [("links", 1, 1)]),
        ("[here you find all](/a/)", []),
        ("```\n[here](/a/)\n```\n~~~~\n[here](/a/)\n```\n~~~~\n", []),
        ("    [here](/a/)", []),
        ("`` [here](/a/) ` ``", []),
        ("## Two\n\n#### Four", [("headings", 3, 1)]),
        ("# One", [("headings", 1, 1)]),
        ("A\n\n```python\nprint()\n\nB", [("code", 3, 1)]),
        ("```\na\n```\n\n~~~\nb\n~~~", []),
        ("A <b>c\n\n<div>\n\nD</i>", [("html", 1, 3), ("html", 3, 1), ("html", 5, 2)]),
        ("<details>\n\nA <pep:8>, <https://a.example> and `<div>`<br>\n\n</details>", []),
    ],
)
def test_what_is_said_badly_is_found_in_prose_and_not_in_code(text, told):
    from pydotorg_build.reading_aloud import notices

    assert [note[:3] for note in notices(text)] == told


STORY = """-- content/stories/great.md --
---
title: Great
description: What Python did for whom, in a sentence.
company: {}
category: web
date: 2026-11-20
draft: {}
---
It did.
"""


@pytest.fixture
def stories(site):
    change(site, "build.toml", '"around",', '"around", "stories", "story_categories",')
    change(site, "build.toml", '"/about/",', '"/about/", "/success-stories/",')
    site.write("-- content/story_categories.yaml --\n- {title: Web, slug: web}\n")
    return site


def test_what_a_file_began_with_and_still_says_is_told_with_its_line(stories):
    stories.write(STORY.format("Name of the company", "false"))

    done, report = stories.run("check"), stories.build()

    told = [
        "content/stories/great.md:3:1: `description` still says what it began with: "
        "What Python did for whom, in a sentence.",
        "content/stories/great.md:4:1: `company` still says what it began with: "
        "Name of the company",
    ]
    assert done.exit_code == 0
    assert lines(done)[::2] == [f"notice: {line}" for line in told]
    assert [note.partition("\n")[0] for note in report.notes] == told


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://test.example/notes/aps/", "the link to /notes/aps/ leads nowhere"),
        ("http://localhost:8000/", "the link to http://localhost:8000/ leads to no host that others reach"),
    ],
)  # fmt: skip
def test_an_address_in_a_field_that_leads_nowhere_is_told_with_its_line(stories, address, told):
    stories.write(STORY.format(f"Us\ncompany_url: {address}", "false").replace("What Python", "It"))

    done = stories.run("check")

    assert done.exit_code == 1
    assert lines(done)[0] == f"content/stories/great.md:5:14: {told}"


@pytest.mark.parametrize(
    ("template", "link", "told"),
    [
        ("base.html", "https://test.example/nothing/", "the link to /nothing/ leads nowhere"),
        ("sidecar/page.html", "https://test.example/nothing/", "the link to /nothing/ leads nowhere"),
        ("errors/404.html", "http://localhost:8000/",
         "the link to http://localhost:8000/ leads to no host that others reach"),
    ],
)  # fmt: skip
def test_a_link_of_a_template_that_leads_nowhere_is_told_with_its_line(site, template, link, told):
    path = site.root / "templates" / template
    line = path.read_text().count("\n") + 1
    path.write_text(f'{path.read_text()}<a href="{link}">It</a>\n')

    done = site.run("check")

    assert done.exit_code == 1
    assert lines(done)[0].startswith(f"templates/{template}:{line}:")
    assert lines(done)[0].endswith(told)


def test_the_link_of_an_announcement_that_no_page_shows_is_told_with_its_line(site):
    change(site, "build.toml", '"around",', '"around", "banners",')
    site.write("-- content/banners/over.yaml --\ntitle: Over\nlink: /nothing/\n"
               "start: 2020-01-01\nend: 2020-02-01\n")  # fmt: skip

    assert lines(site.run("check"))[0] == (
        "content/banners/over.yaml:2:7: the link to /nothing/ leads nowhere"
    )


def test_links_to_a_home_page_that_is_gone_are_told_where_they_are_written(site):
    (site.root / "content/home.md").unlink()

    with pytest.raises(Problems) as caught:
        site.build()

    for problem in caught.value.problems:
        place = problem.source
        line = (site.root / place.path).read_text().splitlines()[place.line - 1]
        assert (problem.message.partition(",")[0], '"/"' in line) == (
            "the link to / leads nowhere",
            True,
        )


def test_a_link_that_will_be_dead_when_its_page_is_shown_is_noticed_before(site):
    front = "---\ntitle: Soon\npublish: 2026-12-24\n---\n"
    site.write(f"-- content/pages/notes/soon.md --\n{front}"
               "It.\n\nSee [it](../nothing/), [us](/notes/) and [more](/notes/later/).\n"
               f"-- content/pages/notes/later.md --\n{front}[Before](../soon/)\n")  # fmt: skip

    done = site.run("check")

    assert done.exit_code == 0
    assert [line for line in lines(done) if "leads nowhere" in line] == [
        "notice: content/pages/notes/soon.md:7:10: this is shown from 2026-12-24 on, "
        "and the link to /notes/nothing/ leads nowhere yet"
    ]


def test_a_dead_link_is_not_looked_for_within_words(site):
    site.write("-- content/pages/maps.md --\n---\ntitle: Maps\n---\n[a](/notes/) Perhaps.\n")
    change(site, "templates/pages/page.html", "</header>", '<a href="/haps/">It</a></header>')

    with pytest.raises(Problems) as caught:
        site.build()

    assert {problem.source.path for problem in caught.value.problems} == {
        "templates/pages/page.html"
    }


def test_an_address_in_a_field_may_lead_to_what_is_there(stories):
    address = "https://test.example/notes/apps/#some"
    stories.write(STORY.format(f"Us\ncompany_url: {address}", "false").replace("What Python", "It"))

    assert stories.run("check").stdout == "nothing is wrong\n"


def test_a_draft_may_say_what_it_began_with(stories):
    stories.write(STORY.format("Name of the company", "true"))

    assert stories.run("check").stdout == "nothing is wrong\n"
    assert stories.build().notes == []
    assert stories.run("check", "--drafts").stdout == "nothing is wrong\n"


def test_programs_are_told_problems_and_notices_as_json(site):
    write_text(site)

    done = site.run("check", "--json")

    told = json.loads(done.stdout)
    assert told["problems"] == []
    assert [notice["source"]["line"] for notice in told["notices"]] == [4, 8]


def test_a_check_after_a_build_finds_the_same_as_one_before_it(site):
    write_text(site)
    before = site.run("check")
    site.run("build")

    after = site.run("check")

    assert after.stderr == before.stderr != ""


def test_the_real_site_holds_what_its_editors_declared():
    from tests.conftest import ROOT

    text = (ROOT / "content/invariants.yaml").read_text()

    checks = [line.split(": ")[1] for line in text.splitlines() if "check: " in line]
    assert checks == ["records", "records", "kept", "search", "feeds"]


# -- files with a fault, and those without

FAULTY = "-- content/pages/notes/apps.md --\n---\ntitle: Applications\ntag: [big]\n---\nMany.\n"
LINKING = """
-- content/pages/notes/index.md --
---
title: Notes
---
[Apps](/notes/apps/), [nothing](/notes/nothing/), [old](/notes/old/).
"""


def test_the_links_of_sound_files_are_told_beside_the_faults_of_others(site):
    site.write(FAULTY + LINKING)

    done = site.run("check")

    assert done.exit_code == 1
    assert [line for line in lines(done) if "hint" not in line] == [
        "content/pages/notes/apps.md:3:1: `tag` is not a field of PageEntry",
        "content/pages/notes/index.md:4:32: the link to /notes/nothing/ leads nowhere",
        "content/pages/notes/index.md:4:56: the link to /notes/old/ leads nowhere",
        "3 problems",
    ]


def test_no_link_to_what_a_faulty_file_would_bring_is_told(site):
    site.write(FAULTY.replace("tag:", "aliases: [/notes/old/]\ntag:") + LINKING)
    site.write(LEDGER)

    told = [line for line in lines(site.run("check")) if "hint" not in line]

    assert told == [
        "content/ledger.txt:4:1: /notes/uses/ was published, and nothing answers there any more",
        "content/pages/notes/apps.md:4:1: `tag` is not a field of PageEntry",
        "content/pages/notes/index.md:4:32: the link to /notes/nothing/ leads nowhere",
        "3 problems",
    ]


def test_no_link_to_a_page_that_a_fault_keeps_from_being_made_is_told(site):
    site.write("-- content/pages/notes/lost.md --\n---\ntitle: Lost\n---\n"
               "![A cat](cat.png), [a dog](/notes/dog/).\n")  # fmt: skip
    site.write(
        "-- content/pages/notes/more.md --\n---\ntitle: More\n---\n[x](/notes/elsewhere/).\n"
    )

    told = [line for line in lines(site.run("check")) if "hint" not in line]

    assert told == [
        "content/pages/notes/lost.md:4: there is no picture `cat.png`",
        "content/pages/notes/lost.md:4:27: the link to /notes/dog/ leads nowhere",
        "content/pages/notes/more.md:4:4: the link to /notes/elsewhere/ leads nowhere",
        "3 problems",
    ]


def test_no_ledger_is_written_while_a_file_has_a_fault(site):
    site.write(FAULTY)

    done = site.run("check", "--ledger")

    assert done.exit_code == 1
    assert not (site.root / "content/ledger.txt").exists()
