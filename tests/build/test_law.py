"""The law: an incremental build is a clean build, byte for byte, whatever came before it.

A small site is edited at random: files, templates, assets, settings, commits, the clock, the output
itself; builds are killed at random file operations.  After every step, what is served, what is
told and how the build ends must be what a build without any cache gives at the same moment.
"""

from __future__ import annotations

import datetime
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pydotorg_build import compiled
from pydotorg_build.build import build
from pydotorg_build.problems import Problems
from pydotorg_build.settings import read_settings
from pydotorg_build.workshop import Options, Workshop
from tests.conftest import Project

pytestmark = pytest.mark.usefixtures("posters_as_the_program_draws_them")

SITE = """
-- build.toml --
[site]
name = "Law"
url = "https://law.example"
[build]
nouns = ["pages", "menu", "redirects", "managers", "series", "releases"]
page_size = 3
kept_days = 0
[search]
enabled = false
-- templates/base.html --
<html lang="en"><title>{{ meta.title }}</title><link href="{{ frame.assets["css/site.css"].url }}">
{% include "nav.html" %}{% for crumb in meta.crumbs %}<a href="{{ crumb.url }}">{{ crumb.title }}</a>
{% endfor %}{{ meta.changed }}<main>{% block main %}{% endblock %}</main></html>
-- templates/nav.html --
{% for item in frame.menu %}<a href="{{ item.url }}">{{ item.title }}</a>{% endfor %}
-- templates/pages/page.html --
{% extends "base.html" %}{% block main %}<h1>{{ page.title }}</h1>{{ body.html if body }}
{% for card in nav %}<a href="{{ card.url }}">{{ card.title }}</a>{% endfor %}
{{ previous.title if previous }}{{ next.title if next }}
{% for tag in tag_links %}<a href="{{ tag.url }}">{{ tag.title }}</a>{% endfor %}{% endblock %}
-- templates/pages/section.html --
{% extends "base.html" %}{% block main %}<h1>{{ section.title }}</h1>{{ body.html if body }}
{% for card in cards %}<a href="{{ card.url }}">{{ card.title }} {{ card.date }}</a>{% endfor %}
{% for page in pages.numbers %}<a href="{{ page.url }}">{{ page.title }}</a>{% endfor %}{% endblock %}
-- templates/pages/tag.html --
{% extends "base.html" %}{% block main %}<h1>{{ tag }}</h1>
{% for card in cards %}<a href="{{ card.url }}">{{ card.title }}</a>{% endfor %}{% endblock %}
-- templates/pages/tags.html --
{% extends "base.html" %}{% block main %}
{% for tag in tags %}<a href="{{ tag.url }}">{{ tag.title }} {{ tag.count }}</a>{% endfor %}{% endblock %}
-- static/css/site.css --
body { color: black }
-- static/root/humans.txt --
People.
-- content/menu.yaml --
- {title: About, url: /about/}
-- content/redirects.yaml --
- {from: /old/, to: /about/}
-- content/pages/about/index.md --
---
title: About
---
## Us
"""
SERIES = """---
version: 3.14
first_release: 2025-10-07
end_of_life: 2030-10-01
---
"""
# What these show stands in their `meta`; the others are not told apart by what a test can see.
SITE += f"-- content/series/3.14.md --\n{SERIES}"
SITE += """-- content/releases/3.14/3.14.0.md --
---
version: 3.14.0
date: 2025-10-07
api_id: 100
files: [{name: Python-3.14.0.tgz}]
---
"""
for name in (
    *("releases/downloads", "releases/index", "releases/system", "releases/systems"),
    *("series/detail", "series/support", "managers/index"),
):
    block = '{% extends "base.html" %}{% block main %}{{ meta | json }}{% endblock %}'
    SITE += f"-- templates/{name}.html --\n{block}\n"
SITE += """-- templates/releases/detail.html --
{% extends "base.html" %}{% block main %}{{ release | json }} {{ badges | json }}{% endblock %}
"""
VERSIONS = ("3.14.0", "3.14.1", "3.14.2rc1")
FOLDERS = ("about", "news", "news/deep", "x")
NAMES = ("index", "a", "b", "c")
TITLES = ("One", "Two", "Three & more")
TAGS = ("web", "data")
BODIES = (
    "Text.",
    "## Us\n\nText *here*.",
    "[us](/about/#us)",
    "[a](/news/a/)",
    "[old](/old/)",
    "![p](/p.png)",
    "```python\nprint(1)\n```",
    "Other text.",
    "[a](/news/)",
)
MISTAKES = ("nope", "nope: 1", "aliases: [/old/]", "tags: [Web, web]", "title: twice")
DAYS = ("2026-11-20", "2026-11-25", "2026-12-24")
START = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC).timestamp()


class Law(RuleBasedStateMachine):
    """One site, edited at random, built incrementally and cleanly."""

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp(prefix="law"))
        self.project = Project(self.top / "site")
        self.project.root.mkdir()
        self.now = START
        self.steps = 0
        self.kept: Workshop | None = None
        self.touched: set[str] = set()
        self.looked = False
        self.flags: dict[str, bool] = {}

    @initialize()
    def begin(self) -> None:
        self.project.write(SITE)
        self._mend()
        self._git("init", "-q", "-b", "main")
        self._commit()

    def teardown(self) -> None:
        if self.kept:
            self.kept.close()
        shutil.rmtree(self.top)

    # -- what happens to a site

    @rule(
        folder=st.sampled_from(FOLDERS), name=st.sampled_from(NAMES), title=st.sampled_from(TITLES),
        tags=st.lists(st.sampled_from(TAGS), unique=True, max_size=2),
        body=st.sampled_from(BODIES), day=st.sampled_from(("", *DAYS)),
        more=st.sampled_from(("", "draft: true", f"publish: {DAYS[2]}", f"expires: {DAYS[2]}",
                              "aliases: [/alias/]", "list: false", "sort: date")),
        mistake=st.one_of(st.none(), st.none(), st.none(), st.none(), st.sampled_from(MISTAKES)),
    )  # fmt: skip
    def write_page(self, folder, name, title, tags, body, day, more, mistake) -> None:
        front = [f"title: {title}", f"tags: [{', '.join(tags)}]", more]
        front += [f"date: {day}"] if day else []
        text = "\n".join(["---", *filter(None, front), "---", body, ""])
        text = text.replace("title", mistake) if mistake and ":" not in mistake else text
        text = text.replace("---\n", f"---\n{mistake}\n", 1) if mistake and ":" in mistake else text
        self._write(f"content/pages/{folder}/{name}.md", text)

    @rule(version=st.sampled_from(VERSIONS), day=st.sampled_from(DAYS), size=st.integers(1, 2))
    def write_release(self, version, day, size) -> None:
        number = 100 + VERSIONS.index(version)
        file = f"{{name: Python-{version}.tar.xz, size: {size}, api_id: {number}}}"
        lines = ["---", f"version: {version}", f"date: {day}", f"api_id: {number}", "files:"]
        text = "\n".join([*lines, f"- {file}", "---", ""])
        self._write(f"content/releases/{version[:4]}/{version}.md", text)

    @rule(version=st.sampled_from(VERSIONS))
    def remove_release(self, version) -> None:
        self._remove(f"content/releases/{version[:4]}/{version}.md")

    @rule(day=st.sampled_from(DAYS))
    def end_a_series(self, day) -> None:
        self._write("content/series/3.14.md", SERIES.replace("2030-10-01", day))

    @rule(folder=st.sampled_from(FOLDERS), name=st.sampled_from(NAMES))
    def remove_page(self, folder, name) -> None:
        self._remove(f"content/pages/{folder}/{name}.md")

    @rule(
        old=st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)),
        new=st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)),
    )
    def rename_page(self, old, new) -> None:
        source = self.project.root / f"content/pages/{old[0]}/{old[1]}.md"
        target = f"content/pages/{new[0]}/{new[1]}.md"
        if source.exists() and not (self.project.root / target).exists():
            (self.project.root / target).parent.mkdir(parents=True, exist_ok=True)
            source.rename(self.project.root / target)
            self.touched |= {target, source.relative_to(self.project.root).as_posix()}

    @rule(
        name=st.sampled_from(("base.html", "nav.html", "pages/page.html", "pages/tag.html")),
        text=st.sampled_from(("", "<hr>", "<b>b</b>", "<i>i</i>", "{{ nothing }}")),
    )
    def edit_template(self, name, text) -> None:
        whole = SITE.split(f"-- templates/{name} --\n")[1].split("\n-- ", maxsplit=1)[0]
        self._write(f"templates/{name}", whole + "\n" + text)

    @rule(
        text=st.sampled_from(
            ("body { color: red }", "body { color: blue }", "body { top: 0 }", "body {{")
        )
    )
    def edit_style(self, text) -> None:
        self._write("static/css/site.css", text)

    @rule(text=st.sampled_from(("People.", "Others.")))
    def edit_note(self, text) -> None:
        self._write("content/pages/news/note.txt", text)
        self._write("static/root/humans.txt", text)

    @rule(there=st.booleans(), good=st.booleans())
    def edit_picture(self, there, good) -> None:
        if not there:
            self._remove("static/p.png")
            return
        from PIL import Image

        if good:
            Image.new("RGB", (8, 8), "red").save(self.project.root / "static/p.png")
            self.touched.add("static/p.png")
        else:
            self._write("static/p.png", "not a picture")

    @rule(title=st.sampled_from(TITLES), to=st.sampled_from(("/about/", "/news/", "/x/a/")))
    def edit_menu(self, title, to) -> None:
        self._write("content/menu.yaml", f"- {{title: {title}, url: {to}}}\n")

    @rule(old=st.sampled_from(("/old/", "/about/", "/x/*")))
    def edit_redirects(self, old) -> None:
        self._write(
            "content/redirects.yaml", f"- {{from: {old}, to: https://elsewhere.example/}}\n"
        )

    @rule(size=st.sampled_from((2, 3)), name=st.sampled_from(("Law", "Order")))
    def edit_settings(self, size, name) -> None:
        text = (self.project.root / "build.toml").read_text()
        lines = [
            f"page_size = {size}" if line.startswith("page_size")
            else f'name = "{name}"' if line.startswith("name") else line
            for line in text.splitlines()
        ]  # fmt: skip
        self._write("build.toml", "\n".join(lines) + "\n")
        self._forget()

    @rule(flag=st.sampled_from(("drafts", "noindex", "dev")))
    def switch_flag(self, flag) -> None:
        self.flags = {**self.flags, flag: not self.flags.get(flag, False)}
        self._forget()

    @rule()
    def commit(self) -> None:
        self._commit()

    @rule(days=st.sampled_from((-40, -3, -1, 1, 3, 40)))
    def move_the_clock(self, days) -> None:
        self.now += days * 86_400

    @rule(
        what=st.sampled_from(("empty", "gone", "other", "stray", "strange folder")),
        n=st.integers(0, 99),
    )
    def alter_the_output(self, what, n) -> None:
        served = self.project.output
        files = sorted(path for path in served.rglob("*") if path.is_file())
        if not files:
            return
        path = files[n % len(files)]
        if what == "empty":
            path.write_bytes(b"")
        elif what == "gone":
            path.unlink()
        elif what == "other":
            path.unlink()
            path.write_bytes(b"x" * 7)
        elif what == "stray":
            (path.parent / "stray.txt").write_text("stray")
        else:
            (path.parent / "strange").mkdir(exist_ok=True)
            (path.parent / "strange/stray.txt").write_text("stray")
        self._forget()

    @rule(what=st.sampled_from(("record.db", "memo.db")), how=st.sampled_from(("gone", "damaged")))
    def lose_the_cache(self, what, how) -> None:
        self._forget()
        for path in (self.project.root / ".pydotorg").rglob(f"{what}*"):
            if how == "gone":
                path.unlink()
            elif path.suffix == ".db":
                path.write_bytes(b"damaged" * 1000)

    @rule()
    def touch_everything(self) -> None:
        """As a fresh checkout: the content is as it was, every time is another."""
        for path in self.project.root.glob("content/**/*.md"):
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 1000))
            self.touched.add(path.relative_to(self.project.root).as_posix())

    @rule(after=st.integers(1, 400))
    def build_and_kill(self, after) -> None:
        """A build in a process of its own, killed at one of its file operations."""
        self._forget()
        if (pid := os.fork()) == 0:
            self._build_until_killed(after)
        os.waitpid(pid, 0)
        self._assert_whole()

    @rule()
    def roll_back(self) -> None:
        self._forget()
        shop = self._open()
        try:
            with shop.locked():
                shop.roll_back()
        except Problems:
            pass
        finally:
            shop.close()

    @rule(watching=st.booleans())
    def build(self, watching) -> None:
        """Build as a new process, or as the watcher that knows what was touched."""
        if self._compare(watching=watching):
            self._mend()
            problems = self._compare(watching=watching)
            event(f"mended: {not problems}")

    @invariant()
    def is_built_now_and_then(self) -> None:
        """Some edits come together, some builds follow each other."""
        self.steps += 1
        if self.steps % 3 == 0:
            self.build(watching=self.steps % 2 == 0)

    def _compare(self, *, watching: bool) -> list[str]:
        before = self.project.pages() if self.project.output.exists() else None
        problems = self._build_here(watching=watching)
        clean_problems, clean = self._build_clean()

        event("a build with problems" if problems else "a build without")
        assert problems == clean_problems
        if problems:
            assert (self.project.pages() if self.project.output.exists() else None) == before
        else:
            mine = self.project.pages()
            assert {url: (mine.get(url), clean.get(url)) for url in {*mine, *clean}
                    if mine.get(url) != clean.get(url)} == {}  # fmt: skip
        return problems

    def _mend(self) -> None:
        """Put right what may be wrong, and leave the rest as it was edited."""
        for part in SITE.split("\n-- ")[2:]:
            name, _, content = part.partition(" --\n")
            self._write(name, content)
        self._write("content/pages/news/note.txt", "A note.")
        self._write("content/pages/news/a.md", "---\ntitle: News\n---\nText.\n")
        self._remove("static/p.png")
        for path in self.project.root.glob("content/pages/**/*.md"):
            text = path.read_text()
            if any(
                word in text for word in ("nope", "aliases", "gone", "p.png", "note.txt", "Web")
            ):
                name = path.relative_to(self.project.root).as_posix()
                self._write(name, "---\ntitle: Mended\n---\nText.\n")

    # -- how

    def _build_here(self, *, watching: bool) -> list[str]:
        """Build; a watcher trusts what it was told was touched, once a full look went well."""
        if not (watching and self.kept):
            self._forget()
            self.kept = self._open()
        try:
            build(self.kept, self.now, self.touched if self.looked else None)
        except Problems as problems:
            return [str(problem) for problem in problems.problems]
        self.touched, self.looked = set(), True
        return []

    def _build_clean(self) -> tuple[list[str], dict[str, str]]:
        compiled._known.clear()  # nothing that is kept is seen by it, in memory neither
        other = Project(self.top / "clean")
        shutil.copytree(
            self.project.root, other.root, ignore=shutil.ignore_patterns("dist", ".pydotorg")
        )
        shop = self._open(other)
        try:
            build(shop, self.now)
        except Problems as problems:
            return [str(problem) for problem in problems.problems], {}
        else:
            return [], other.pages()
        finally:
            shop.close()
            shutil.rmtree(other.root)

    def _open(self, project: Project | None = None) -> Workshop:
        import msgspec

        project = project or self.project
        wanted = msgspec.structs.replace(read_settings(project.root / "build.toml"), **self.flags)
        return Workshop(project.root, wanted, Options(say=lambda text: None), project.output)

    def _build_until_killed(self, after: int) -> None:
        counted = {"left": after}

        def count(event: str, args: object) -> None:
            if event in {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir",
                         "sqlite3.connect", "ctypes.call_function"}:  # fmt: skip
                counted["left"] -= 1
                if counted["left"] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(count)
            build(self._open(), self.now)
        except Problems:
            pass
        finally:
            os._exit(0)

    def _assert_whole(self) -> None:
        """What is served refers to itself only: a page's style sheet is there."""
        pages = self.project.pages() if self.project.output.exists() else {}
        for url, text in pages.items():
            if url.endswith("/") and 'link href="' in text:
                style = text.split('link href="')[1].split('"')[0]
                assert style in pages

    def _forget(self) -> None:
        if self.kept:
            self.kept.close()
        self.kept, self.touched, self.looked = None, set(), False

    def _write(self, name: str, text: str) -> None:
        self.project.write(f"-- {name} --\n{text}")
        self.touched.add(name)

    def _remove(self, name: str) -> None:
        (self.project.root / name).unlink(missing_ok=True)
        self.touched.add(name)

    def _commit(self) -> None:
        self._git("add", "-A", "build.toml", "content", "templates", "static")
        self._git("commit", "-q", "--allow-empty", "-m", "x")

    def _git(self, *words: str) -> None:
        moment = f"{int(self.now)} +0000"
        names = {
            f"GIT_{who}_{what}": "t"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
        subprocess.run(
            ["git", *words], cwd=self.project.root, check=True, env={**os.environ, **names, **dates}
        )


EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "25"))
TestLaw = Law.TestCase
TestLaw.pytestmark = [
    pytest.mark.row("C03", "C01", "S402"),
    pytest.mark.timeout(max(600, 60 * EXAMPLES)),
]
TestLaw.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=int(os.environ.get("LAW_STEPS", "30")),
    deadline=None,
    # Shrinking builds a site hundreds of times; the steps that failed are told as they were.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
