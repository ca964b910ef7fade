"""An account from its beginning to a new password, in a browser, on either database.

Once on a phone without JavaScript, once on a wide screen with it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import count

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, select

from sidecar.schema import sync_url
from sidecar.tables.work import Mail
from tests.browser.conftest import NO_FAULT, wait_for
from tests.browser.test_desk import PHONE, SERVER
from tests.conftest import ROOT, free_port
from tests.sidecar.conftest import emptied, postgres  # noqa: F401 (a fixture)

LINK = re.compile(r"http://localhost:\d+/account/\S+")
WAYS = [
    pytest.param({**PHONE, "java_script_enabled": False}, id="phone without JavaScript"),
    pytest.param({"viewport": {"width": 1280, "height": 800}}, id="wide"),
]
WHO, EMAIL = "User name or e-mail address", "E-mail address"
EMPTY: Mapping[str, str] = {}
FIRST, SECOND, THIRD = "three wet boots", "four dry socks", "nine red kites"


class Deployment:
    """Site and sidecar at one address, and what people do there."""

    def __init__(self, address: str, database: str) -> None:
        self.address, self.engine = address, create_engine(sync_url(database))
        self.visitors = count(1)

    def link(self, to: str, template: str) -> str:
        """The link in the newest mail to somebody."""
        newest = (
            select(Mail.text)
            .where(Mail.recipient == to, Mail.template == template)
            .order_by(Mail.id.desc())
        )
        with self.engine.connect() as connection:
            return LINK.search(connection.execute(newest).scalars().first())[0]

    def send(self, page, button: str, typed: Mapping[str, str] = EMPTY) -> None:
        """Fill in a form by its labels and send it, from a network that has sent little yet."""
        number = next(self.visitors)
        page.set_extra_http_headers({"X-Forwarded-For": f"203.0.{number // 250}.{number % 250}"})
        for label, text in typed.items():
            page.get_by_label(label, exact=True).fill(text)
        page.get_by_role("button", name=button, exact=True).click()

    def sign_in(self, page, who: str, password: str) -> None:
        page.goto(f"{self.address}/account/sign-in")
        self.send(page, "Sign in", {WHO: who, "Password": password})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def deployment(request, guide_folder, tmp_path_factory):
    """A deployment without accounts."""
    root = tmp_path_factory.mktemp("deployment")
    database = f"sqlite:///{root}/data/deployment.sqlite"
    if request.param == "postgresql":
        database = emptied(request.getfixturevalue("postgres"))
    port = free_port()
    environ = {"DATABASE_URL": database, "PYDOTORG_PROXIES": "127.0.0.1"}
    process = subprocess.Popen(
        [sys.executable, "-uc", SERVER, str(root), str(guide_folder), str(port)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **environ},
    )  # fmt: skip
    found = Deployment(f"http://localhost:{port}", database)
    try:
        wait_for(f"{found.address}/account/sign-in")
        yield found
    finally:
        found.engine.dispose()
        process.terminate()
        process.communicate()


@pytest.fixture
def open_browser(browser):
    """A fresh profile; whatever a script or the policy complains of is a failure."""
    said, contexts = [], []

    def opened(**options):
        contexts.append(browser.new_context(**options))
        # What shows what was saved has tests of its own.
        contexts[-1].route("**/__reload__.js", lambda route: route.fulfill(body=""))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: said.append(f"{message.text} {message.location['url']}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in said if not NO_FAULT.search(text)] == []


def heading(page):
    return page.get_by_role("heading", level=1)


def notice(page):
    return page.get_by_role("status").first


@pytest.mark.row("S036", "S037", "S252", "S272")
@pytest.mark.parametrize("way", WAYS)
def test_somebody_makes_an_account_looks_after_it_and_comes_back(deployment, open_browser, way):
    name = f"ada{next(deployment.visitors)}"
    first, second = f"{name}@example.org", f"{name}@new.example"
    page = open_browser(**way)

    page.goto(f"{deployment.address}/account/register")
    deployment.send(
        page, "Make the account", {"User name": name, EMAIL: first, "Password": "short"}
    )
    expect(page.get_by_role("alert").first).to_contain_text(
        "Password: must be at least 10 characters"
    )
    expect(page.get_by_label("User name")).to_have_value(name)
    expect(page.get_by_label("Password")).to_have_value("")
    deployment.send(page, "Make the account", {"Password": FIRST})
    expect(heading(page)).to_have_text("Look into your mail")

    page.goto(deployment.link(first, "confirm"))
    deployment.send(page, "Yes, confirm the address")
    expect(notice(page)).to_contain_text("Your address is confirmed.")

    deployment.send(page, "Sign in", {WHO: name, "Password": "not this one"})
    expect(page.get_by_role("alert").first).to_contain_text("do not belong together")
    deployment.send(page, "Sign in", {"Password": FIRST})
    expect(heading(page)).to_have_text("Your account")

    page.get_by_role("link", name="Signing in").first.click()
    page.get_by_role("link", name="Change your address").click()
    deployment.send(page, "Send the link", {"New e-mail address": second})
    expect(notice(page)).to_contain_text(f"We wrote to {second}.")
    page.goto(deployment.link(second, "change-email"))
    deployment.send(page, "Yes, confirm the address")
    expect(notice(page)).to_contain_text("Your address was changed.")

    page.goto(f"{deployment.address}/account/password")
    deployment.send(page, "Change the password", {"New password": SECOND})
    expect(notice(page)).to_contain_text("Your password was changed.")

    elsewhere = open_browser()
    deployment.sign_in(elsewhere, second, SECOND)
    expect(heading(elsewhere)).to_have_text("Your account")
    page.goto(f"{deployment.address}/account/sessions")
    deployment.send(page, "Sign this browser out")
    expect(notice(page)).to_contain_text("That browser was signed out.")
    elsewhere.reload()
    expect(heading(elsewhere)).to_have_text("Sign in")

    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto(f"{deployment.address}/account/forgotten")
    deployment.send(page, "Send the link", {EMAIL: second})
    page.goto(deployment.link(second, "reset"))
    deployment.send(page, "Set the password", {"New password": THIRD})
    expect(notice(page)).to_contain_text("Sign in with it.")
    deployment.send(page, "Sign in", {WHO: second, "Password": THIRD})
    expect(heading(page)).to_have_text("Your account")


def test_by_keyboard_alone_somebody_is_led_from_the_summary_to_the_field(deployment, open_browser):
    page = open_browser()
    page.goto(f"{deployment.address}/account/register")

    page.get_by_label("User name").focus()
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="User name: must be longer: at least 2 characters").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_label("User name")).to_be_focused()
