"""Whatever is typed into the forms of an account is taken, or refused with the name of its field."""

from __future__ import annotations

from itertools import count

import pytest

from sidecar import limits
from sidecar.rates import Rates
from sidecar.routes import account_sign_in
from tests.sidecar.conftest import PASSWORD

GOOD = {
    "/account/register": {"name": "eve", "email": "eve@example.org", "password": PASSWORD},
    "/account/sign-in": {"who": "ada", "password": "three dry boots", "then": "/"},
    "/account/forgotten": {"email": "ada@example.org"},
    "/account/confirm/again": {"email": "ada@example.org"},
    "/account/address": {"email": "eve@example.org"},
    "/account/password": {"password": PASSWORD},
}
FIELDS = [(path, name) for path, typed in GOOD.items() for name in typed]
# What nobody sees is refused in an address; another alphabet makes another address.
# With a comment in it an address is another text, and the same mailbox.
COMMENT = "ada(1)@example.org"
UNSEEN, CYRILLIC = "\u202eada@example.org", "аdа@example.org"
BAD = (
    "", " ", "\x00", "a\x07b", "x" * 100_000, "<script>alert(1)</script>", "{{ 7*7 }}", "' OR 1=1 --",
    UNSEEN, CYRILLIC, "🐍" * 50, "-1", "9" * 400, "a\r\nBcc: b@example.org",
    "@", "a@b@c.example", COMMENT,
)  # fmt: skip
# Any signs make a password, but not too few, and not one's own address.
PHRASES = {"<script>alert(1)</script>", "' OR 1=1 --", CYRILLIC, "a\r\nBcc: b@example.org",
           "a@b@c.example", COMMENT}  # fmt: skip
# What is taken of them; all else is refused.
TAKEN = {
    ("/account/register", "email"): {CYRILLIC},
    ("/account/register", "password"): PHRASES,
    ("/account/forgotten", "email"): {CYRILLIC},
    ("/account/confirm/again", "email"): {CYRILLIC},
    ("/account/address", "email"): {CYRILLIC},
    ("/account/password", "password"): PHRASES,
}


@pytest.fixture
def quick(service, monkeypatch):
    """Somebody whom no limit stops."""
    monkeypatch.setattr(account_sign_in, "MOST_FROM_ONE", 10_000)
    monkeypatch.setattr(limits, "MAILS_TO", 10_000)
    monkeypatch.setattr(limits, "MAILS_FROM", 10_000)
    service.app.inner.state.rates = Rates(clock=count(step=60).__next__)
    return service


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_what_is_typed_is_taken_or_refused_beside_its_field(quick, path, field):
    own = path in ("/account/address", "/account/password")
    browser = quick.signed_in(name="ada") if own else quick
    shown = browser.get(path)

    for number, typed in enumerate(BAD):
        good = {"name": f"eve{number}"} if path == "/account/register" else {}
        answer = browser.submit(shown, path, **{**GOOD[path], **good, field: typed})

        is_taken = typed in TAKEN.get((path, field), ())
        assert answer.status_code == (303 if is_taken else 422), typed[:40]
        assert "<script>alert" not in answer.text
        if not is_taken and path != "/account/sign-in":
            assert f'id="{field}-error"' in answer.text, typed[:40]


@pytest.mark.parametrize("path", GOOD)
def test_a_form_of_ten_megabytes_is_refused(quick, path):
    own = path in ("/account/address", "/account/password")
    browser = quick.signed_in(name="ada") if own else quick

    (first, *_) = GOOD[path]
    answer = browser.send(path, **{first: "x" * 10_000_000})

    assert answer.status_code == 413
    assert f'id="{first}-error"' in answer.text


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", "x"])
def test_what_is_no_form_changes_nothing_and_is_no_failure(quick, path, kind):
    own = path in ("/account/address", "/account/password")
    browser = quick.signed_in(name="ada") if own else quick

    answer = browser.ask("POST", path, content=b'{"a": [', headers={"content-type": kind})

    assert 400 <= answer.status_code < 500
