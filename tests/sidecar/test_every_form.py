"""Every field of every form, found by walking the pages: what nobody can mean is told by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import count
from typing import NamedTuple

import httpx
import pytest

from sidecar import limits
from sidecar.bodies import called
from sidecar.rates import Rates
from sidecar.routes import account_sign_in
from tests.sidecar.conftest import FORM, Browser
from tests.sidecar.test_outcomes import desk, is_late  # noqa: F401 (a fixture)
from tests.sidecar.test_whole_desk import walked

STARTS = {
    "nobody": ("/account/sign-in", "/account/register", "/account/forgotten",
               "/account/confirm/again", "/submit/job", "/submit/event", "/submit/story"),
    "member": ("/account/", "/account/password", "/account/address", "/submit/job"),
    "superuser": ("/admin/",),
}  # fmt: skip
# What no field takes: it is refused, and each field that was typed into is named.
REFUSED = {
    "nul": "a\x00b",
    "control": "a\x07b\x1b[31m",
    "backwards": "abc\u202ecba",
    "too much": "x" * 100_000,
}
# What is a good text here and none there.
ODD = {
    "nothing": "",
    "space": " \t ",
    "wrong type": "1e999",
    "long number": "9" * 400,
    "emoji": "🐍" * 50,
    "other script": "Здравствуй, مرحبا, 你好",
    "markup": "<script>alert(1)</script>",
    "template": "{{ 7 * 7 }}{% raw %}",
}
ACT = re.compile(r'<form\b[^>]* action="([^"]+)"')
FIELD = re.compile(r'<(?:input|textarea|select)\b[^>]* name="([^"]+)"[^>]*>')
# What a person fills in: no box or button, and not what only machines see.
NOT_TYPED = re.compile(r'type="(?:hidden|checkbox|radio|file|submit)"|tabindex="-1"')
WRONG = re.compile(r'<div class="alert alert-(?:danger|warning).*?</div>', re.DOTALL)
# A few of many letters, tables and records stand for the others: their forms are the same.
VARIES = re.compile(r"\d+|(?<=/letters/)[^/]+")
MOST = 900_000
TEN_MEGABYTES = b"x" * 10_000_000
IN_FORM = "application/x-www-form-urlencoded", b"&%s=%s", b""
IN_PARTS = (
    "multipart/form-data; boundary=b",
    b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n',
    b"--b--\r\n",
)
# Sent only once something else is right: whom it goes to, and what a line of the sheet is.
LATER = {("/admin/mail/news", "addresses"), ("/admin/sponsors/sheet", "sheet")}


class Typed(NamedTuple):
    """A form that somebody sees, on its page, with the fields that are typed into."""

    browser: Browser
    shown: httpx.Response
    act: str
    fields: tuple[str, ...]

    def sent(self, text: str) -> httpx.Response:
        """Fill every field with one text."""
        most = MOST // max(1, len(self.fields))
        return self.browser.submit(self.shown, self.act, **dict.fromkeys(self.fields, text[:most]))


def forms_of(browser: Browser, start: str) -> Iterator[Typed]:
    """Every form of the pages from here, once each."""
    for _, _, shown in walked(browser, start):
        for form in FORM.findall(shown.text):
            if 'method="post"' in form and (act := ACT.search(form)):
                fields = tuple(
                    found[1] for found in FIELD.finditer(form) if not NOT_TYPED.search(found[0])
                )
                yield Typed(browser, shown, unescape(act[1]), fields)


@pytest.fixture(params=STARTS)
def forms(request, desk, monkeypatch):  # noqa: F811 (it is that fixture)
    """The forms of somebody whom no limit stops, each once; those that close others come last."""
    monkeypatch.setattr(account_sign_in, "MOST_FROM_ONE", 10_000)
    monkeypatch.setattr(limits, "MAILS_TO", 10_000)
    monkeypatch.setattr(limits, "MAILS_FROM", 10_000)
    desk.app.inner.state.rates = Rates(clock=count(step=60).__next__)
    browser = {
        "nobody": desk.browser,
        "member": lambda: desk.signed_in(name="eve", is_member=True),
        "superuser": lambda: desk.signed_in("superuser", "grace"),
    }[request.param]()
    found = {}
    for start in STARTS[request.param]:
        for form in forms_of(browser, start):
            found.setdefault((VARIES.sub("1", form.act), form.fields), form)
    return sorted(
        (form for form in found.values() if form.fields), key=lambda one: is_late(one.act)
    )


def unnamed(form: Typed, answer: httpx.Response) -> set[str]:
    """The fields that an answer does not name, neither beside them nor above the form."""
    above = " ".join(WRONG.findall(answer.text))
    return {
        name
        for name in form.fields
        if f'id="{name}-error"' not in answer.text
        and f"{name.capitalize()}:" not in above
        and (form.act, name) not in LATER
    }


def refused_as_huge(form: Typed, name: str, encoding: tuple[str, bytes, bytes]) -> bool:
    """Is one field of ten megabytes refused by its name, on a page that does not have it?"""
    kind, part, end = encoding
    # That the token of its page is left out changes nothing.
    typed = [(one, b"") for one in form.fields if one != name] + [(name, TEN_MEGABYTES)]
    content = b"".join(part % (one.encode(), text) for one, text in typed) + end
    answer = form.browser.ask("POST", form.act, content=content, headers={"content-type": kind})
    words = "is too large; all that is sent"
    by_name = f'id="{name}-error"', f"{called(name)} {words}", f"{called(name)}: {words}"
    return (
        answer.status_code == 413
        and any(one in answer.text for one in by_name)
        and len(answer.content) < 200_000
    )


@pytest.mark.row("S287", "S291")
def test_what_no_field_takes_is_refused_by_its_name_and_what_is_odd_is_never_a_failure(forms):
    for form in forms:
        for what, text in REFUSED.items():
            answer = form.sent(text)
            assert answer.status_code == 422, (form.act, what)
            assert unnamed(form, answer) == set(), (form.act, what)
        for name in form.fields:
            # In parts it is parsed whole, so one field stands for all of its form.
            for encoding in (IN_FORM, IN_PARTS)[: 2 if name == form.fields[-1] else 1]:
                assert refused_as_huge(form, name, encoding), (form.act, name, encoding[0])
    # Some of it is taken, and what was taken changes what comes after.
    for form in forms:
        for what, text in ODD.items():
            answer = form.sent(text)
            assert answer.status_code < 500, (form.act, what)
            assert "<script>alert" not in answer.text, (form.act, what)
