"""What people may type into the forms and addresses of the desk: never an error of ours."""

from __future__ import annotations

import pytest

from sidecar.mending import shapes

ODD = {
    "nothing": "",
    "space": " \t ",
    "long": "x" * 100_000,
    "nul": "a\x00b",
    "control": "a\x07b\x1b[31m",
    "backwards": "abc\u202ecba",
    "emoji": "🐍" * 50,
    "other script": "Здравствуй, مرحبا, 你好",
    "markup": "<script>alert(1)</script>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "quotes": "'; DROP TABLE users; --\"",
    "number": "9" * 400,
    "negative": "-1",
    "float": "1e999",
    "moment": "9999-12-31T23:59:59.999999+23:59",
    "deep": "[" * 2000,
    "infinite": '{"a": Infinity}',
    "none": "None",
}
TEXTS = {
    "/admin/announcements/new": ("title", "message", "link", "kind", "start", "end"),
    "/admin/settings": ("registration-words", "registration-until"),
}
UNREADABLE = {"nul", "control", "backwards"}
TOO_LONG = {"long", "deep"}  # and "number", for what is shorter still
EMPTY = {"nothing", "space"}
# What is refused; a moment may be written with any day and zone.
REFUSED = {
    "title": UNREADABLE | TOO_LONG | EMPTY | {"number"},
    "message": UNREADABLE | TOO_LONG | {"number"},
    "link": set(ODD) - EMPTY,
    "kind": set(ODD) - EMPTY,
    "start": set(ODD),
    "end": set(ODD) - {"moment"},
    "registration-words": UNREADABLE | TOO_LONG,
    "registration-until": set(ODD) - EMPTY - {"moment"},
}
# Of a record in the database each is what its form takes; the table says only of which type it is.
WRITTEN = UNREADABLE | {"long"}
RECORD = {
    "name": set(ODD) - {"none", "float"},
    "email": set(ODD),
    "full_name": WRITTEN | {"deep", "number"},
    "bio": WRITTEN,
    "employers": WRITTEN | {"deep"},
    "confirmed_at": set(ODD) - {"nothing", "moment"},
    "last_sign_in": set(ODD) - {"nothing", "moment"},
    "search_visibility": set(ODD),
    "email_privacy": set(ODD),
    "public_profile": set(ODD),
}
GOOD = {"title": "Hi", "kind": "info", "start": "2026-11-01", "end": "2026-11-02"}


@pytest.fixture
def root(service):
    return service.signed_in(role="superuser")


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("page", TEXTS)
def test_a_form_takes_odd_texts_or_says_what_is_wrong_with_them(root, page, odd):
    act = "/admin/settings/registration" if page == "/admin/settings" else page
    for field in TEXTS[page]:
        given = {**(GOOD if act == page else {}), field: ODD[odd]}
        answer = root.send(page, act, **given)
        assert answer.status_code == (422 if odd in REFUSED[field] else 303), field
        assert "<script>alert" not in answer.text


@pytest.mark.row("S264")
@pytest.mark.parametrize("odd", ODD)
def test_a_record_takes_what_its_form_takes_or_says_beside_the_field_what_is_wrong(
    service, root, odd
):
    path = f"/admin/db/users/record?id={service.account('ada')}"
    assert {field.name for field in shapes()["users"].mendable} == RECORD.keys()

    for field, refused in RECORD.items():
        answer = root.submit(root.get(path), path, **{field: ODD[odd]})
        assert answer.status_code == (422 if odd in refused else 303), field
        assert (f'id="{field}-error"' in answer.text) is (odd in refused), field
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "path",
    ["users", "announcements", "audit", "failures", "db/users", "db/mails", "mail", "work"],
)
def test_an_address_takes_odd_values(root, odd, path):
    names = ("q", "role", "state", "since", "until", "who", "action", "subject", "page", "sort")
    value = ODD[odd][:2000]

    answer = root.get(f"/admin/{path}", params=dict.fromkeys(names, value))

    # A NUL in an address ends at the door.
    assert answer.status_code == (400 if odd == "nul" else 200)
    assert "<script>alert" not in answer.text


def test_a_form_that_is_too_large_is_refused(root):
    answer = root.post("/admin/announcements/new", {"title": "x" * 2_000_000})

    assert answer.status_code == 413


def test_a_form_of_another_encoding_is_refused_and_not_broken(root):
    for content in ("application/json", "multipart/form-data", "text/plain", ""):
        answer = root.ask(
            "POST",
            "/admin/announcements/new",
            content=b"\xff\xfe{",
            headers={"content-type": content},
        )
        assert 400 <= answer.status_code < 500, content
