"""A job from the form until it is gone again, in a browser, beside the real builder and worker.

Once on a phone without JavaScript on PostgreSQL, once on a wide screen with it on SQLite.
"""

from __future__ import annotations

import asyncio
import datetime
import io
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import create_engine, select, update

from pydotorg_build.beside import Place
from pydotorg_build.content.base import last_day_of
from sidecar import cases, people, sessions
from sidecar.clock import now
from sidecar.database import open_database
from sidecar.kinds.base import ends_of
from sidecar.kinds.jobs import JOB, JobForm
from sidecar.lent import settings_at
from sidecar.permissions import NOBODY, Role
from sidecar.queue import enqueue
from sidecar.schema import prepare, sync_url
from sidecar.tables.cases import Revision, Submission
from sidecar.tables.work import Mail
from tests.browser import test_account_journey
from tests.browser.conftest import wait_for
from tests.browser.test_desk import PHONE
from tests.conftest import ROOT, free_port
from tests.sidecar.conftest import emptied, postgres, project_beside  # noqa: F401 (a fixture)

open_browser = test_account_journey.open_browser
WIDE = {"viewport": {"width": 1280, "height": 800}}
WAYS = [
    pytest.param(("sqlite", WIDE), id="wide"),
    pytest.param(("postgresql", {**PHONE, "java_script_enabled": False}), id="phone"),
]
PREFIXES = '"/account/", "/admin/", "/mail/", '
PATIENCE = 20_000  # milliseconds until a page is built and seen
# What a form might encode otherwise than it was typed.
TITLE = "Baker of “bytes” & 100% pie+cream = 🥧 <b>"
TEXT = "You bake **Python**.\n\n- Übung = Meister & 1+1\n- 日本語, עברית"
LOGO = "wappen & so “é”.png"
AUTHOR = "ada@ada.example"


class Deployment:
    """Site, builder, sidecar and worker at one address, as `pydotorg serve` has them."""

    def __init__(self, address: str, settings: Any, way: dict[str, Any]) -> None:
        self.address, self.settings, self.way = address, settings, way
        self.engine = create_engine(sync_url(settings.database_url))

    def write(self, story: Callable[[Any], Awaitable[Any]]) -> Any:
        """Do something in a transaction of the sidecar."""

        async def told() -> Any:
            db = open_database(self.settings)
            try:
                async with db.write() as tx:
                    return await story(tx)
            finally:
                await db.close()

        with ThreadPoolExecutor(1) as thread:  # here a loop of Playwright's runs already
            return thread.submit(asyncio.run, told()).result()

    def signed_in(self, open_browser: Any, name: str, *roles: Role, **options: Any) -> Any:
        """A page of somebody who signed in a moment ago."""

        async def begun(tx: Any) -> str:
            user = await people.add(tx, NOBODY, name, f"{name}@desk.example", roles=list(roles))
            return await sessions.start(tx, user.id, "a browser of the tests", has_factor=True)

        page = open_browser(**self.way | options)
        cookie = {"name": sessions.cookie_name(self.settings, "session"), "url": self.address}
        page.context.add_cookies([{**cookie, "value": self.write(begun)}])
        return page

    def mails(self) -> list[tuple[str, str]]:
        """The templates and subjects of what was written to the author."""
        asked = select(Mail.template, Mail.subject).where(Mail.recipient == AUTHOR)
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(asked.order_by(Mail.id))]

    def payload(self, reference: str) -> Any:
        """What is kept of what was handed in first."""
        asked = select(Revision.payload).join(Submission).where(Submission.public_id == reference)
        with self.engine.connect() as connection:
            return connection.execute(asked.order_by(Revision.n)).scalars().first()

    def until(self, page: Any, path: str, words: str, status: int = 200) -> None:
        """Wait until the site answers so; a look at what is not there yet is no complaint."""
        for _ in range(PATIENCE // 100):
            answer = page.request.get(self.address + path)
            if answer.status == status and words in answer.text():
                return
            page.wait_for_timeout(100)
        pytest.fail(f"{path} answers {answer.status}, without {words!r}")


@pytest.fixture(scope="module", params=WAYS)
def deployment(request, tmp_path_factory):
    """A job board of nobody yet."""
    kind, way = request.param
    root = tmp_path_factory.mktemp("deployment")
    environ = {"DATABASE_URL": f"sqlite:///{root}/data/deployment.sqlite"}
    if kind == "postgresql":
        environ["DATABASE_URL"] = emptied(request.getfixturevalue("postgres"))
    project_beside(root)
    config = root / "build.toml"
    config.write_text(config.read_text().replace("prefixes = [", f"prefixes = [{PREFIXES}"))
    port = free_port()
    settings = settings_at(Place(root, root / ".pydotorg/site", "127.0.0.1", port), environ)
    prepare(settings.database_url)
    process = subprocess.Popen(
        [sys.executable, "-m", "pydotorg_build", "serve", "--config", config, "--port", str(port)],
        stdout=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, **environ},
    )  # fmt: skip
    found = Deployment(f"http://localhost:{port}", settings, way)
    try:
        wait_for(f"{found.address}/submit/job")
        yield found
    finally:
        found.engine.dispose()
        process.terminate()
        process.communicate()


def press(page: Any, button: str) -> None:
    page.get_by_role("button", name=button).last.click()


def opened(page: Any, role: str, name: str) -> Any:
    """The tab that a button or a link opens."""
    with page.context.expect_page() as found:
        page.get_by_role(role, name=name).click()
    found.value.wait_for_load_state()
    return found.value


def fill_in(page: Any) -> None:
    """Type a job into the form, with what a form might encode otherwise."""
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Category").select_option("web")
    page.get_by_label("Full time").check()
    page.get_by_label("What is to be done").fill(TEXT)
    page.get_by_label("City").fill("Lisboa / Lissabon")
    page.get_by_label("Company or group").fill("Ada & Söhne")
    page.get_by_label("Logo of the company").set_input_files(
        {"name": LOGO, "mimeType": "image/png", "buffer": logo()}
    )
    page.get_by_label("E-mail for applications").fill("jobs@ada.example")
    page.get_by_label("Shown for").select_option("30")
    page.get_by_label("Your e-mail address").fill(AUTHOR)


def logo() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (320, 160), "teal").save(content, "PNG")
    return content.getvalue()


def follow_mail(deployment: Deployment, page: Any, subject: str) -> None:
    """Open the newest mail of a subject, and follow its link."""
    page.goto(f"{deployment.address}/mail/")
    page.get_by_role("link", name=subject).first.click()
    text = page.locator(".mail-text")
    text.wait_for()
    page.wait_for_load_state()
    assert text.evaluate("one => one.scrollWidth <= one.clientWidth"), "a line is not wrapped"
    text.locator("a").first.click()


def decide(page: Any, step: str, reason: str = "") -> None:
    page.get_by_label("Why").fill(reason)
    page.get_by_label("At once").check()
    page.get_by_role("button", name=step, exact=True).click()


def press_key(page: Any, key: str) -> None:
    """Press a key with Alt, as a keyboard tells it: Playwright leaves the letter out."""
    told = {"type": "keyDown", "key": key, "text": key, "unmodifiedText": key, "modifiers": 1}
    page.context.new_cdp_session(page).send("Input.dispatchKeyEvent", told)


def heading(page: Any) -> Any:
    return page.get_by_role("heading", level=1)


def notice(page: Any) -> Any:
    return page.get_by_role("status").first


async def let_end(tx: Any, reference: str) -> None:
    """Let the last day of one be over, and the clock strike that takes what has ended away."""
    over = {"ends": now() - datetime.timedelta(seconds=1)}
    await tx.execute(update(Submission).where(Submission.public_id == reference).values(over))
    await enqueue(tx, "cases.end", {})


async def waiting(tx: Any, settings: Any, title: str) -> int:
    """Hand a job in and confirm it; its number."""
    form = JobForm(title=title, company="Ada & Sons", category="web", city="Lisbon", text="Python",
                   email="jobs@ada.example", sender=f"{title}@ada.example")  # fmt: skip
    made = await cases.hand_in(tx, settings, JOB, form, NOBODY)
    await cases.confirm(tx, settings, await cases.load(tx, made.id))
    return made.id


@pytest.mark.row("S094", "S097", "S098", "S329", "S425", "S426")
def test_a_job_is_handed_in_decided_read_corrected_renewed_and_gone_again(deployment, open_browser):
    author = open_browser(**deployment.way)
    moderator = deployment.signed_in(open_browser, "moe", Role.JOBS_TEAM)
    other = deployment.signed_in(open_browser, "ann")

    author.goto(f"{deployment.address}/submit/job")
    look = opened(author, "button", "See how it will look")
    expect(look.get_by_role("alert").first).to_contain_text("Title: fill this in")
    look.close()
    fill_in(author)
    look = opened(author, "button", "See how it will look")
    expect(heading(look)).to_have_text(TITLE)
    expect(look.locator(".job-logo")).to_be_visible()
    expect(look.get_by_role("heading", name="How it looks elsewhere")).to_be_visible()
    expect(look.get_by_alt_text("The picture that other sites show")).to_be_visible()
    look.close()
    author.get_by_label("City").fill("")
    press(author, "Hand it in")
    expect(author.locator("#city-error")).to_contain_text("It is not said where the job is")
    author.get_by_label("City").fill("Lisboa / Lissabon")
    author.get_by_label("Shown for").select_option("30")
    if deployment.way.get("java_script_enabled", True):
        expect(author.locator("[name=stamp]")).not_to_have_value("")
    press(author, "Hand it in")
    expect(heading(author)).to_have_text("One step is left")
    expect(author.get_by_text("A person of the team reads it.")).to_be_visible()
    reference = author.locator("p > strong").nth(1).inner_text()
    payload = deployment.payload(reference)
    assert [payload[name] for name in ("title", "text", "types")] == [TITLE, TEXT, ["full-time"]]
    follow_mail(deployment, author, "Confirm the job")
    press(author, "Yes, hand it in")
    expect(notice(author)).to_have_text("Thank you. It is in the queue now.")

    assert other.request.get(f"{deployment.address}/admin/cases").status == 403
    moderator.goto(f"{deployment.address}/admin/cases")
    moderator.get_by_role("link", name=TITLE).click()
    moderator.locator(".becomes").scroll_into_view_if_needed()
    beside = moderator.frame_locator(".becomes")
    expect(beside.get_by_role("heading", level=1)).to_have_text(TITLE)
    decide(moderator, "Reject", "Say what is paid.")
    follow_mail(deployment, author, "Your job was not taken")
    press(author, "Open it")
    author.get_by_role("link", name="Change it").click()
    author.locator("#pay_from").fill("50000")
    author.get_by_label("Currency").fill("EUR")
    press(author, "Hand in the change")
    expect(notice(author)).to_have_text("Your change is in the queue.")

    moderator.reload()
    look = opened(moderator, "link", "See the page that it becomes")
    promised = look.locator("article").inner_text()
    assert "EUR 50,000 a year" in promised
    decide(moderator, "Approve")
    address = f"/jobs/{reference}/"
    deployment.until(author, address, "EUR 50,000 a year")
    author.goto(deployment.address + address)
    assert author.locator("article").inner_text() == promised
    deployment.until(author, "/mail/", "Your job is on Python.org")
    follow_mail(deployment, author, "Your job is on Python.org")
    expect(heading(author)).to_have_text(TITLE)
    author.goto(f"{deployment.address}/jobs/")
    expect(author.get_by_role("link", name=TITLE)).to_be_visible()

    follow_mail(deployment, author, "We have your job")
    press(author, "Open it")
    author.get_by_role("link", name="Change it").click()
    author.get_by_label("What is to be done").fill(TEXT.replace("bake", "roast"))
    press(author, "Hand in the change")
    expect(notice(author)).to_contain_text("Your correction is small")
    deployment.until(author, address, "You roast <strong>Python</strong>")

    press(author, f"Show it until {last_day_of(ends_of({'days': 60}, now())):%-d %B %Y}")
    expect(notice(author)).to_have_text("It is shown for longer now.")
    deployment.until(author, address, f"{last_day_of(ends_of({'days': 60}, now())):%-d %B %Y}")

    deployment.write(lambda tx: let_end(tx, reference))
    deployment.until(author, address, "This job has ended", 410)
    author.goto(f"{deployment.address}/jobs/")
    expect(author.get_by_role("link", name=TITLE)).to_have_count(0)
    author.goto(f"{deployment.address}/submit/job/{reference}")
    expect(author.get_by_text("its time is over")).to_be_visible()

    assert deployment.mails() == [
        ("case-confirm", "Confirm the job that you handed in at Python.org"),
        ("case-received", f"We have your job: {TITLE}"),
        ("case-rejected", f"Your job was not taken: {TITLE}"),
        ("case-live", f"Your job is on Python.org: {TITLE}"),
        ("case-live", f"Your job is on Python.org: {TITLE}"),
    ]


def test_with_the_keys_of_the_browser_one_goes_on_approves_and_undoes(deployment, open_browser):
    for title in ("Older", "Younger"):
        number = deployment.write(lambda tx, title=title: waiting(tx, deployment.settings, title))
    page = deployment.signed_in(open_browser, "kay", Role.JOBS_TEAM)
    page.goto(f"{deployment.address}/admin/cases/{number - 1}")

    press_key(page, "n")
    expect(heading(page)).to_have_text("Younger")
    press_key(page, "a")
    expect(notice(page)).to_have_text("Done: approved. You can undo it for half a minute.")
    press_key(page, "u")

    expect(notice(page)).to_have_text("Your decision was undone.")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()


def test_a_letter_alone_is_a_key_where_nobody_types_until_somebody_says_no(
    deployment, open_browser
):
    for title in ("First", "Second"):
        number = deployment.write(lambda tx, title=title: waiting(tx, deployment.settings, title))
    page = deployment.signed_in(open_browser, "lee", Role.JOBS_TEAM, java_script_enabled=True)
    page.goto(f"{deployment.address}/admin/cases/{number - 1}")
    page.keyboard.press("n")
    expect(heading(page)).to_have_text("Second")
    expect(page.get_by_label("The letter alone is enough")).to_be_checked()  # the script listens

    page.keyboard.press("r")
    page.keyboard.type("a nu")
    expect(page.get_by_label("Why")).to_have_value("a nu")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(notice(page)).to_have_text("Done: approved. You can undo it for half a minute.")
    expect(page.get_by_label("The letter alone is enough")).to_be_checked()
    page.keyboard.press("u")
    expect(notice(page)).to_have_text("Your decision was undone.")

    page.get_by_label("The letter alone is enough").uncheck()
    page.reload()
    expect(page.get_by_label("The letter alone is enough")).not_to_be_checked()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    press_key(page, "a")
    expect(notice(page)).to_contain_text("Done: approved.")
