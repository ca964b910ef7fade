"""An account in a browser: its link, second factors with and without JavaScript, a passkey."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pyotp
import pytest
from playwright.sync_api import expect

from pydotorg_build.beside import Place
from sidecar import factors, people, sessions, tokens
from sidecar.clock import now
from sidecar.database import open_database
from sidecar.lent import settings_at
from sidecar.passwords import RULES, make_hash
from sidecar.permissions import NOBODY, Role
from sidecar.schema import prepare
from sidecar.tables.accounts import Identity, Membership, MembershipKind, Purpose
from tests.browser.conftest import LONG, wait_for
from tests.browser.measures import MEASURES, NOTHING_CUT, measured
from tests.browser.test_desk import PHONE, SERVER
from tests.conftest import ROOT, free_port

PASSWORD = "three wet boots"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
# Pages of whoever is signed in; of somebody who sets up an account; of everybody.
OWN = (
    "/account/", "/account/profile", "/account/security", "/account/security/app",
    "/account/security/factors/1/remove", "/account/membership", "/account/membership/end",
    "/account/data", "/account/sessions", "/account/password", "/account/address", "/account/keys",
    "/users/ada/",
)  # fmt: skip
OPEN = (
    "/account/sign-in", "/account/register", "/account/register/sent", "/account/forgotten",
    "/account/confirm/again",
    "/users/", "/users/?q=ada", "/users/?q=nobody", "/users/nobody/", "/account/with/github/back",
)  # fmt: skip


async def fill(settings):
    """Accounts to sign in with; the session of one, and the links of others."""
    db, hashed = open_database(settings), make_hash(PASSWORD)
    async with db.write() as tx:
        ada = await people.add(tx, NOBODY, "ada", "ada@example.org", password=hashed)
        ada.full_name, ada.bio, ada.email_privacy = f"Ada {LONG}", f"One\n{LONG}", 0
        code = pyotp.TOTP(SECRET).at(time.time(), counter_offset=-1)
        await factors.keep_app(tx, settings, ada.id, SECRET, code, LONG[:60])
        tx.add(Membership(user_id=ada.id, legal_name="Ada", kind=MembershipKind.FELLOW.value))
        tx.add(Identity(user_id=ada.id, provider="github", subject="1", email=f"a@{LONG}.example"))
        own = await sessions.start(tx, ada.id, f"Mozilla {LONG}", has_factor=True)
        links = {}
        for name in ("grace", "joan", "mary"):
            user = await people.add(tx, NOBODY, name, f"{name}@example.org", roles=[Role.SUPERUSER])
            links[name] = await tokens.make(tx, Purpose.ENROL, user.id)
        for name in ("kay", "tim", "ida"):
            await people.add(tx, NOBODY, name, f"{name}@example.org", password=hashed)
    await db.close()
    return own, links


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The folder of the sidecar."""
    return tmp_path_factory.mktemp("accounts")


@pytest.fixture(scope="module")
def accounts(folder, root):
    """The address of site and sidecar, the session of an account, and links for new ones."""
    port = free_port()
    environ = {"PYDOTORG_GITHUB_ID": "x", "PYDOTORG_GITHUB_SECRET": "x",
               "PYDOTORG_PROXIES": "127.0.0.1"}  # fmt: skip
    settings = settings_at(Place(root, folder, "127.0.0.1", port), environ)
    prepare(settings.database_url)
    with ThreadPoolExecutor(1) as thread:  # here a loop of Playwright's runs already
        own, links = thread.submit(asyncio.run, fill(settings)).result()
    process = subprocess.Popen(
        [sys.executable, "-uc", SERVER.replace('"/account/"', '"/account/", "/users/"'),
         str(root), str(folder), str(port)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PATH": "/usr/bin:/bin", **environ},
    )  # fmt: skip
    process.stdout.readline()
    # Passkeys are for names of hosts, not for numbers.
    address = f"http://localhost:{port}"
    wait_for(f"{address}/account/sign-in")  # it begins with that
    yield address, own, links
    process.terminate()
    process.communicate()


@pytest.fixture
def visit(visit):
    """Each browser comes from an address of its own: from one, few sign-ins a minute are taken."""
    numbers = iter(range(1, 250))
    test = random.randrange(2**16)

    def open_page(path, **options):
        address = f"10.{test >> 8}.{test & 255}.{next(numbers)}"
        return visit(path, extra_http_headers={"X-Forwarded-For": address}, **options)

    return open_page


@pytest.fixture
def own(accounts, visit):
    """Open a page as somebody who signed in a moment ago."""
    address, token, _ = accounts

    def open_page(path, **options):
        page = visit(f"{address}/account/sign-in", **options)
        page.context.add_cookies([{"name": "session", "value": token, "url": address}])
        page.goto(address + path)
        return page

    return open_page


@pytest.fixture
def link_to(root):
    """The link in the newest mail to an address."""

    def read(address):
        with closing(sqlite3.connect(root / "data" / "sidecar.sqlite")) as db:
            asked = "SELECT text FROM mails WHERE recipient = ? ORDER BY id DESC"
            (text,) = db.execute(asked, (address,)).fetchone()
        return re.search(r"http://\S+\?token=\S+", text)[0]

    return read


def sign_in(page, address, name):
    page.goto(f"{address}/account/sign-in")
    page.get_by_label("User name or e-mail address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page):
    page.get_by_role("button", name="Sign out").click()


def enrol(page, accounts, name):
    """Choose a password with the link that came from the command line."""
    address, _, links = accounts
    page.goto(f"{address}/account/enrol?token={links[name]}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()


def set_up_app(page):
    """Set an app up by the secret that the page shows; the app."""
    page.get_by_role("link", name="Set up an app").click()
    shown = page.locator("details", has_text="The picture cannot be scanned").inner_html()
    secret = "".join(re.search(r"<code>([A-Z2-7 ]+)</code>", shown)[1].split())
    app = pyotp.TOTP(secret)
    page.get_by_label("A name for it").fill("Phone")
    page.get_by_label("Code of the app").fill(app.now())
    page.get_by_role("button", name="Set it up").click()
    return app


@pytest.mark.row("S172", "S301")
def test_without_javascript_the_first_superuser_comes_in_and_signs_in_with_an_app(accounts, visit):
    address, _, _ = accounts
    page = visit(f"{address}/account/sign-in", java_script_enabled=False, **PHONE)

    enrol(page, accounts, "grace")
    expect(page.get_by_role("status")).to_have_text("Your password was set.")
    app = set_up_app(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    recovery = page.locator(".codes code").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    page.goto(f"{address}/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Staff desk")
    page.goto(f"{address}/account/")
    sign_out(page)
    sign_in(page, address, "grace")
    page.get_by_label("Code").fill(app.at(now(), counter_offset=1))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("You are signed in as grace")).to_be_visible()
    sign_out(page)
    sign_in(page, address, "grace")
    page.get_by_label("Code").fill(recovery[0].upper())
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_text("You are signed in as grace")).to_be_visible()
    page.get_by_role("link", name="Signing in").first.click()
    expect(page.get_by_text("You have 9 codes left.")).to_be_visible()


def with_device(page):
    """A device with passkeys, as part of the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
               "hasUserVerification": True, "isUserVerified": True,
               "automaticPresenceSimulation": True}  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def test_a_passkey_is_made_and_signs_in_as_a_second_factor(accounts, visit):
    address, _, _ = accounts
    page = visit(f"{address}/account/sign-in")
    session, device = with_device(page)

    enrol(page, accounts, "joan")
    page.get_by_label("A name for the passkey").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.goto(f"{address}/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Staff desk")
    page.goto(f"{address}/account/")
    sign_out(page)
    sign_in(page, address, "joan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_text("You are signed in as joan")).to_be_visible()
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [(one["rpId"], one["signCount"]) for one in kept] == [("localhost", 2)]


def test_a_passkey_that_does_not_answer_is_told_and_a_code_does_it_instead(accounts, visit):
    address, _, _ = accounts
    page = visit(f"{address}/account/sign-in")
    session, device = with_device(page)
    enrol(page, accounts, "mary")
    app = set_up_app(page)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_label("A name for the passkey").fill("Key ring")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_have_text("The second factor was added.")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    with_no_keys = {"protocol": "ctap2", "transport": "internal"}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": with_no_keys})
    sign_out(page)

    sign_in(page, address, "mary")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was heard from your passkey.")
    page.get_by_label("Code").fill(app.at(now(), counter_offset=1))
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_text("You are signed in as mary")).to_be_visible()


def test_without_javascript_what_needs_it_is_hidden_and_said(accounts, visit):
    address, _, _ = accounts
    page = visit(f"{address}/account/sign-in", java_script_enabled=False)
    sign_in(page, address, "kay")

    page.goto(f"{address}/account/security")

    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    expect(
        page.get_by_text("Passkeys need JavaScript and a browser that knows them; an app does not.")
    ).to_be_visible()


@pytest.mark.row("S301")
def test_by_keyboard_alone_one_signs_in_changes_the_profile_and_signs_out(accounts, visit):
    address, _, _ = accounts
    page = visit(f"{address}/account/sign-in")
    keys = page.keyboard

    page.get_by_label("User name or e-mail address").focus()
    keys.type("tim")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.get_by_role("navigation", name="Your account").get_by_role("link", name="Profile").focus()
    keys.press("Enter")
    page.get_by_role("textbox", name="Full name").focus()
    keys.type("Tim")
    keys.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Your profile was changed.")
    expect(page.get_by_role("textbox", name="Full name")).to_have_value("Tim")
    page.get_by_role("button", name="Sign out").focus()
    keys.press("Enter")
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    page.goto(f"{address}/account/")
    assert page.url == f"{address}/account/sign-in?then=/account"


def is_fit(page):
    """Nothing scrolls sideways or is cut on a phone, and all can be read in both themes."""
    page.evaluate(MEASURES)
    assert measured(page, *NOTHING_CUT, "small") == NOTHING_CUT | {"small": []}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert measured(page, "pale") == {"pale": []}


@pytest.mark.row("S152", "S172")
@pytest.mark.parametrize("path", OWN)
def test_every_page_of_an_account_fits_a_phone_and_can_be_read_in_both_themes(own, path):
    page = own(path, viewport={"width": 360, "height": 740})

    expect(page.get_by_role("heading", level=1)).not_to_have_text("Not found")
    is_fit(page)


@pytest.mark.row("S152", "S172")
@pytest.mark.parametrize("path", OPEN)
def test_every_open_page_fits_a_phone_and_can_be_read_in_both_themes(accounts, visit, path):
    page = visit(f"{accounts[0]}{path}", viewport={"width": 360, "height": 740})

    is_fit(page)


@pytest.mark.row("S305")
def test_what_is_wrong_is_told_at_the_top_and_leads_to_its_field(accounts, visit):
    page = visit(f"{accounts[0]}/account/register", viewport={"width": 360, "height": 740})

    page.get_by_label("User name").fill("a b")
    with page.expect_navigation():
        page.get_by_role("button", name="Make the account").click()
    page.get_by_role("alert").get_by_role("link").first.click()

    expect(page.get_by_label("User name")).to_be_focused()
    expect(page.get_by_label("User name")).to_have_value("a b")
    is_fit(page)


@pytest.mark.row("S302")
def test_somebody_registers_is_told_the_rules_and_confirms_by_the_link(accounts, visit, link_to):
    address, _, _ = accounts
    page = visit(f"{address}/account/register", **PHONE)
    page.get_by_label("User name").fill("hedy")
    page.get_by_label("E-mail address").fill("hedy@example.org")
    page.get_by_label("Password", exact=True).fill("hedy1234")

    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_contain_text("must be at least 10 characters")
    expect(page.get_by_label("User name")).to_have_value("hedy")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    page.goto(link_to("hedy@example.org"))
    page.get_by_role("main").get_by_role("button").click()
    sign_in(page, address, "hedy")

    expect(page.get_by_text("You are signed in as hedy")).to_be_visible()


# In a page, the rules of passwords.js: for each password, of each rule whether it is kept.
KEPT = """async ([passwords, own]) => {
  const {kept} = await import(document.querySelector('script[src*="passwords"]').src);
  const {dataset} = document.querySelector("[data-known]");
  return passwords.map((password) => kept(password, own, dataset));
}"""
WORDS = ("ada lovelace", "Ada.Lovelace@example.org", "P4ssw0rd", "qwerty", "!", "2026-11-26", "Straße",
         "é", "🐍", "(0)", "١٢٣", " ", "L3tm31n", "x", "abcdefghij", "three wet boots")  # fmt: skip


@pytest.mark.row("S275")
def test_what_one_types_is_checked_in_the_browser_by_the_rules_of_the_server(accounts, visit):
    address, _, _ = accounts
    page = visit(f"{address}/account/register")
    page.get_by_label("User name").fill("hedy_lamarr")
    told = page.get_by_role("status")

    page.get_by_label("Password", exact=True).fill("hedy_lamarr")
    expect(told).to_have_text("Not yet: not your name or address with a little around it.")
    page.get_by_label("Password", exact=True).fill("20262027")
    expect(told).to_have_text(
        "Not yet: at least 10 characters; at least 5 different characters; not a number or a date."
    )
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    expect(told).to_have_text("It keeps every rule.")

    own = ("ada lovelace", "ada.lovelace@example.org")
    every = ["", "x" * 256, "x" * 257, *(a + b for a in WORDS for b in ("", *WORDS))]
    server = [[rule.is_kept(one, own) for rule in RULES] for one in every]
    assert all({kept[number] for kept in server} == {True, False} for number in range(len(RULES)))
    assert page.evaluate(KEPT, [every, own]) == server


@pytest.mark.row("S303")
def test_somebody_who_forgot_the_password_chooses_another_by_the_link(accounts, visit, link_to):
    address, _, _ = accounts
    page = visit(f"{address}/account/forgotten", **PHONE)

    page.get_by_label("E-mail address").fill("ida@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Forgotten your password?")
    page.goto(link_to("ida@example.org"))
    page.get_by_label("New password").fill("four dry boots")
    page.get_by_role("button", name="Set the password").click()
    page.goto(f"{address}/account/sign-in")
    page.get_by_label("User name or e-mail address").fill("ida")
    page.get_by_label("Password").fill("four dry boots")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_text("You are signed in as ida")).to_be_visible()
