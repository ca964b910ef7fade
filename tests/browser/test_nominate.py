"""Nominating in a browser, by keyboard alone: on a phone without JavaScript, and on a wide screen."""

from __future__ import annotations

import asyncio
import datetime
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, select

from pydotorg_build.beside import Place
from pydotorg_build.content.elections import FILE, ElectionCard
from sidecar import people, sessions
from sidecar.clock import now
from sidecar.database import open_database
from sidecar.elections import File
from sidecar.lent import settings_at
from sidecar.permissions import NOBODY, Role
from sidecar.schema import prepare, sync_url
from sidecar.tables.elections import Nominee
from sidecar.tables.work import Mail
from tests.browser import test_account_journey
from tests.browser.conftest import LONG, wait_for
from tests.browser.measures import MEASURES, NOTHING_CUT, measured
from tests.browser.test_desk import PHONE, SERVER
from tests.conftest import ROOT, free_port

open_browser = test_account_journey.open_browser
DAY = datetime.timedelta(days=1)
WAYS = [
    pytest.param({**PHONE, "java_script_enabled": False}, "phone", id="phone without JavaScript"),
    pytest.param({"viewport": {"width": 1280, "height": 800}}, "wide", id="wide"),
]


def election(name, begins, ends):
    """An election whose nominations are open between two days from now."""
    return ElectionCard(
        id=name, title=f"Election {name}", url=f"/nominations/elections/{name}/", kind="board",
        year=now().year + 1, nominations_open=now() + begins * DAY,
        nominations_close=now() + ends * DAY,
    )  # fmt: skip


async def fill(settings):
    """Two who nominate, one of them with the desk; the tokens of their sessions."""
    db = open_database(settings)
    async with db.write() as tx:
        ada = await people.add(tx, NOBODY, "ada", "ada@a.example")
        eva = await people.add(tx, NOBODY, "eva", "eva@a.example", roles=[Role.STAFF])
        tokens = {
            user.name: await sessions.start(tx, user.id, "a browser", has_factor=True)
            for user in (ada, eva)
        }
    await db.close()
    return tokens


@pytest.fixture(scope="module")
def service(guide_folder, tmp_path_factory):
    """The address of site and sidecar, the database behind it, and sessions by name."""
    root = tmp_path_factory.mktemp("nominate")
    site = root / "dist"
    shutil.copytree(guide_folder, site)
    file = site / FILE.removeprefix("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    every = (election("phone", -1, 9), election("wide", -1, 9), election("later", 5, 9))
    file.write_bytes(msgspec.json.encode(File(every)))
    port = free_port()
    settings = settings_at(Place(root, site, "127.0.0.1", port), {})
    prepare(settings.database_url)
    with ThreadPoolExecutor(1) as thread:  # here a loop of Playwright's runs already
        tokens = thread.submit(asyncio.run, fill(settings)).result()
    code = SERVER.replace('"/account/"', '"/account/", "/nominate/"')
    process = subprocess.Popen(
        [sys.executable, "-uc", code, str(root), str(site), str(port)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    engine = create_engine(sync_url(settings.database_url))
    address = f"http://127.0.0.1:{port}"
    cookies = {
        name: {"name": sessions.cookie_name(settings, "session"), "value": token, "url": address}
        for name, token in tokens.items()
    }
    try:
        wait_for(f"{address}/nominate/later")
        yield address, engine, cookies
    finally:
        engine.dispose()
        process.terminate()
        process.communicate()


def rows(engine, asked):
    with engine.connect() as connection:
        return list(connection.execute(asked))


def type_into(page, label, text):
    page.get_by_label(label).first.focus()
    page.keyboard.type(text)


def press(page, button):
    page.get_by_role("button", name=button).last.focus()
    page.keyboard.press("Enter")


@pytest.mark.row("S115")
@pytest.mark.parametrize(("way", "name"), WAYS)
def test_somebody_is_nominated_looks_at_the_page_and_accepts_by_keyboard(
    service, open_browser, way, name
):
    address, engine, cookies = service
    ada = open_browser(**way)
    ada.context.add_cookies([cookies["ada"]])
    ada.goto(f"{address}/nominate/{name}")
    type_into(ada, "Name", "Grace Hopper")
    type_into(ada, "E-mail address or user name", f"grace@{name}.example")
    press(ada, "Nominate them")
    expect(ada.get_by_role("status")).to_contain_text("They are asked by mail")

    asked = select(Mail.text).where(Mail.recipient == f"grace@{name}.example")
    link = re.search(r"http\S+/nominate/open\S+", rows(engine, asked)[0][0])[0]
    grace = open_browser(**way)
    grace.goto(address + link[link.index("/nominate/") :])
    press(grace, "See who nominated you")
    type_into(grace, "Your statement", "I **sail**.")
    press(grace, "Accept, and stand")
    expect(grace.get_by_role("alert").first).to_contain_text("tick this to stand")
    expect(grace.get_by_label("Your statement")).to_have_value("I **sail**.")
    grace.get_by_label("I want to stand").focus()
    grace.keyboard.press("Space")
    with grace.context.expect_page() as opened:
        press(grace, "See how it will look")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Grace Hopper")
    press(grace, "Accept, and stand")

    expect(grace.get_by_role("status")).to_contain_text("You stand in this election")
    found = select(Nominee.answer, Nominee.statement).where(Nominee.election == name)
    assert rows(engine, found) == [("accepted", "I **sail**.")]


@pytest.mark.parametrize(
    "path",
    ["/nominate/phone", "/nominate/phone/myself", "/nominate/later", "/account/nominations",
     "/admin/nominations", "/admin/nominations/1"],
)  # fmt: skip
def test_nothing_scrolls_sideways_on_a_phone_and_all_can_be_read_in_both_themes(
    service, open_browser, path
):
    address, _, cookies = service
    page = open_browser(viewport={"width": 360, "height": 740})
    page.context.add_cookies([cookies["eva"]])
    page.goto(f"{address}/nominate/wide")
    page.get_by_label("Name").first.fill(LONG)
    page.get_by_label("E-mail address or user name").fill("joan@a.example")
    page.get_by_role("button", name="Nominate them").click()
    page.goto(address + path)
    page.evaluate(MEASURES)

    page.emulate_media(color_scheme="light")
    light = measured(page, *NOTHING_CUT, "small", "pale")
    page.emulate_media(color_scheme="dark")

    assert light == NOTHING_CUT | {"small": [], "pale": []}
    assert measured(page, "pale") == {"pale": []}
