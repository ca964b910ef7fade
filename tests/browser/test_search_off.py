"""The search page of a site without a search index, in a real browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not BROWSER, reason="there is no chromium")]
SERVER = """
import sys
from pathlib import Path
from pydotorg_build.serve import make_app, run
sys.exit(run(make_app(lambda: Path(sys.argv[1])), "127.0.0.1", int(sys.argv[2])))
"""


def test_it_says_that_there_is_none_and_where_to_go_on(built, project):
    from playwright.sync_api import sync_playwright

    built("-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    command = [sys.executable, "-uc", SERVER, str(project.output), port]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        address = server.stdout.readline().strip()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=BROWSER, args=["--no-sandbox", "--disable-quic"]
            )
            page = browser.new_page()
            page.goto(f"{address}search/?q=hello")
            status = page.locator("main .search-status").filter(has_text="no search index")
            status.wait_for()
            said = status.inner_text()
            browser.close()
    finally:
        server.kill()
        server.communicate()

    assert said == (
        "This copy of the site has no search index. "
        "The map at the foot of the page leads everywhere."
    )
