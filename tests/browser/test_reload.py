"""The script that shows what was saved, in a real browser and under the site's own policy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pydotorg_build.hosting import headers
from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><html lang="en"><head><title>Page</title>
<link rel="stylesheet" href="/site.css"><script src="/__reload__.js" defer></script></head>
<body><h1>First</h1></body></html>"""
TALL = "body { height: 5000px } h1 { color: rgb(1, 2, 3) }"
SERVER = """
import json, sys, threading
from pathlib import Path
from pydotorg_build.reloads import Reloads
from pydotorg_build.serve import make_app, run
reloads = Reloads()
def pass_on():
    for line in sys.stdin:
        message = json.loads(line)
        reloads.publish(message.pop("kind"), message)
threading.Thread(target=pass_on, daemon=True).start()
sys.exit(run(make_app(lambda: Path(sys.argv[1]), reload=reloads), "127.0.0.1", int(sys.argv[2])))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of one page."""
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "site.css").write_text(TALL)
    (tmp_path / "_headers").write_text(headers((), noindex=False, dev=True))
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that publishes the lines it is given, and its address."""
    port = str(free_port())
    process = subprocess.Popen(
        [sys.executable, "-uc", SERVER, str(folder), port],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )  # fmt: skip
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def page(browser, server):
    """The page in a browser that has begun to listen; whatever the console says is a failure."""
    said = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    with page.expect_response("**/__reload__"):
        page.goto(server[1])
    yield page
    page.close()
    assert [text for text in said if "favicon" not in text and "404" not in text] == []


def reloaded(page, server):
    """Let the page be loaded anew, and listen again."""
    with page.expect_response("**/__reload__"):
        server[0].stdin.write('{"kind": "page"}\n')


def test_a_saved_page_is_shown_where_one_had_scrolled_to(page, server, folder):
    page.evaluate("scrollTo(0, 1234)")
    (folder / "index.html").write_text(PAGE.replace("First", "Second"))

    server[0].stdin.write('{"kind": "page"}\n')
    expect(page.locator("h1")).to_have_text("Second")

    expect(page.locator("html")).to_have_js_property("scrollTop", 1234)


def test_a_saved_style_is_shown_without_a_reload(page, server, folder):
    page.evaluate("window.same = true")
    (folder / "site.css").write_text(TALL.replace("1, 2, 3", "4, 5, 6"))

    server[0].stdin.write('{"kind": "css"}\n')
    expect(page.locator("h1")).to_have_css("color", "rgb(4, 5, 6)")
    expect(page.locator("link")).to_have_count(1)

    assert page.evaluate("window.same") is True


def test_a_form_that_somebody_types_into_is_not_taken_away(page, server, folder):
    (folder / "index.html").write_text(
        PAGE.replace(
            "<h1>", '<form method="post"><input name="title" aria-label="Title"></form><h1>'
        )
    )
    reloaded(page, server)
    page.get_by_label("Title").fill("Night watch")

    server[0].stdin.write('{"kind": "page"}\n')
    (folder / "site.css").write_text(TALL.replace("1, 2, 3", "4, 5, 6"))
    server[0].stdin.write('{"kind": "css"}\n')

    expect(page.locator("h1")).to_have_css("color", "rgb(4, 5, 6)")
    expect(page.get_by_label("Title")).to_have_value("Night watch")


def test_what_is_said_once_after_a_step_stays_until_it_is_left(page, server, folder):
    said = '<div class="alert alert-success" role="status"><p>It is shown for longer now.</p></div>'
    (folder / "index.html").write_text(PAGE.replace("<h1>", f"{said}<h1>"))
    reloaded(page, server)

    (folder / "index.html").write_text(PAGE)
    server[0].stdin.write('{"kind": "page"}\n')
    (folder / "site.css").write_text(TALL.replace("1, 2, 3", "4, 5, 6"))
    server[0].stdin.write('{"kind": "css"}\n')

    expect(page.locator("h1")).to_have_css("color", "rgb(4, 5, 6)")
    expect(page.get_by_role("status")).to_have_text("It is shown for longer now.")


PROBLEM = (
    '{"kind": "problems", "problems": [{"place": "content/a.md:3:1", '
    '"message": "no <b>field</b>", "hint": "did you mean x?"}]}\n'
)


def test_problems_are_shown_as_text_over_the_page_and_can_be_closed(page, server):
    server[0].stdin.write(PROBLEM)
    panel = page.get_by_role("alert")
    panel.wait_for()

    assert "content/a.md:3:1: no <b>field</b>" in panel.inner_text()
    assert "hint: did you mean x?" in panel.inner_text()
    panel.get_by_role("button", name="Close").click()
    panel.wait_for(state="detached")


def test_problems_go_when_they_are_put_right_and_come_to_whoever_looks_later(page, server):
    server[0].stdin.write(PROBLEM)
    panel = page.get_by_role("alert")
    panel.wait_for()

    page.reload()
    panel.wait_for()
    server[0].stdin.write('{"kind": "css"}\n')

    panel.wait_for(state="detached")
