"""Forms: what is wrong stands beside the field, what was typed stays, and secrets are never shown."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from pydotorg_build.content.base import Fault
from sidecar.forms import EMPTY, Form, filled, in_form, values_of
from sidecar.kinds.jobs import JobForm
from sidecar.routes.account_sign_in import SignIn
from tests.sidecar.conftest import PASSWORD

URL = "/account/sign-in"


def test_what_is_missing_is_told_beside_its_field_and_above_the_form(service):
    shown = service.send(URL)

    assert shown.status_code == 422
    assert shown.text.count(EMPTY) == 2
    assert '<a href="#who">User name or e-mail address: fill this in</a>' in shown.text
    assert '<a href="#password">Password: fill this in</a>' in shown.text
    assert 'aria-describedby="password-error" aria-invalid="true"' in shown.text


@pytest.mark.parametrize("url", [URL, "/account/register", "/submit/job", "/submit/story"])
def test_the_summary_above_a_form_calls_fields_by_their_labels(service, url):
    shown = service.send(url).text

    summary = shown.partition("error-summary")[2].partition("</ul>")[0]
    named = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', summary)
    labels = dict(re.findall(r'<label for="([^"]+)">([^<]+)', shown))
    assert len(named) > 1
    for name, words in named:
        assert words.startswith(f"{unescape(labels[name]).strip()}: "), name


@pytest.mark.parametrize("url", ["/account/register", "/submit/job", "/submit/story"])
def test_the_summary_above_a_form_has_the_order_of_its_fields(service, url):
    shown = service.send(url).text

    summary, _, form = shown.partition("error-summary")[2].partition("</ul>")
    named = re.findall(r'<a href="#([^"]+)">', summary)
    assert len(named) > 1
    assert named == sorted(named, key=lambda name: form.index(f'id="{name}"'))


def test_what_was_typed_stays_but_a_password_is_never_shown_again(service):
    shown = service.send(URL, who="<ada & co>", password="my wrong password", then="/jobs/")

    assert shown.status_code == 422
    assert 'value="&lt;ada &amp; co&gt;"' in shown.text
    assert 'name="then" value="/jobs/"' in shown.text
    assert "my wrong password" not in shown.text


@pytest.mark.row("S043", "S048")
def test_a_form_without_the_token_of_its_page_is_refused_and_shown_again(service):
    service.account()

    bare = service.post(URL, {"who": "ada", "password": PASSWORD})
    strange = service.send(URL, who="ada", password=PASSWORD, form_token="another")

    for answer in (bare, strange):
        assert answer.status_code == 403
        assert "The form was open for too long" in answer.text
        assert 'value="ada"' in answer.text
    assert "session" not in service.client.cookies
    assert service.submit(strange, URL, who="ada", password=PASSWORD).status_code == 303


@pytest.mark.row("S043", "S048")
def test_a_token_shown_to_another_browser_does_not_count(service):
    theirs = service.browser().get(URL)
    service.get(URL)

    assert service.submit(theirs, URL, who="ada", password=PASSWORD).status_code == 403


@pytest.mark.row("S060", "S291")
@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a" * 255, "a" * 600_000])
def test_what_no_field_may_hold_is_a_fault_of_the_field(service, text):
    shown = service.send(URL, who=text, password="x")

    assert shown.status_code == 422
    assert 'id="who-error"' in shown.text


@pytest.mark.row("S291")
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 1_100_000, "application/x-www-form-urlencoded", 413),
        (b"--no boundary", "multipart/form-data; boundary=b", 400),
        (b"\xff\xfe=%ff&who=%ed%a0%80", "application/x-www-form-urlencoded", 403),
        (json.dumps({"who": "ada"}).encode(), "application/json", 403),
        (b"", "", 403),
    ],
)
def test_a_body_that_is_no_form_is_refused(service, body, kind, status):
    headers = {"content-type": kind} if kind else {}

    assert service.ask("POST", URL, content=body, headers=headers).status_code == status


ENCODED = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.row("S291")
@pytest.mark.parametrize("is_told", [True, False], ids=["it says its length", "it does not"])
def test_a_form_that_is_too_large_is_shown_again_with_what_else_was_typed(service, is_told):
    body = b"who=Ada+L%C3%B6we&password=" + b"x" * 1_100_000

    async def pieces():
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    answer = service.ask("POST", URL, content=body if is_told else pieces(), headers=ENCODED)

    assert answer.status_code == 413
    assert "may have 1 MB together" in answer.text
    assert ('id="password-error"' in answer.text) == is_told
    assert ('value="Ada Löwe"' in answer.text) == is_told
    assert "xxx" not in answer.text


def test_space_around_a_text_is_no_part_of_it_but_of_a_password_it_is():
    values = values_of(SignIn, {"who": (" ada\r\n",), "password": (" secret ",)})

    assert values == {"who": "ada", "password": " secret "}


@pytest.mark.parametrize("pay", ["4500000", "4,500,000", "4.500.000", "4 500 000", "4'500'000"])
def test_a_number_is_read_with_what_people_put_between_its_thousands(pay):
    given = {"pay_from": (pay,), "currency": ("jpy",), "title": ("4,500,000 lines",)}

    assert values_of(JobForm, given) == {
        "pay_from": "4500000", "currency": "JPY", "title": "4,500,000 lines",
    }  # fmt: skip


@pytest.mark.parametrize("pay", ["60k", "4.5", "1,2", "4,500.00", "45,00", "4,500 000"])
def test_what_is_no_whole_number_is_left_as_it_was_typed(pay):
    assert values_of(JobForm, {"pay_from": (pay,)}) == {"pay_from": pay}


def test_what_is_wrong_with_a_secret_does_not_tell_it():
    told = in_form(
        SignIn,
        Fault("password", "`password` must be longer: at least 8 characters, not 'hunter2'"),
        {},
    )

    assert told == Fault("password", "`password` must be longer: at least 8 characters")


def test_a_form_shows_what_is_kept():
    form = filled({"name": "Ada", "votes": True, "announcements": False, "tags": ["a", "b"]})

    assert (form.typed("name"), form.ticked("votes"), form.ticked("announcements")) == (
        "Ada", True, False,
    )  # fmt: skip
    assert form.ticked("tags", "b")
    assert Form().typed("name", "nobody") == "nobody"
