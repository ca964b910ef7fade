"""The JSON interface: keys, tokens, errors, pages, and its descriptions."""

from __future__ import annotations

import datetime
import re

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import select, update

from sidecar.api import TAGS, V1
from sidecar.clock import now
from sidecar.keys import MOST_KEYS, SCOPES, make
from sidecar.letters import LETTERS
from sidecar.mail import post
from sidecar.openapi import document, operations
from sidecar.permissions import Actor, Permission, Role, permissions_of
from sidecar.tables.accounts import ApiKey, Refresh, User
from sidecar.tables.work import Audit, Flag, Mail, MailOverride
from sidecar.tokens import digest_of

EVERY = tuple(scope.value for scope in SCOPES if scope is not Permission.MAIL_SEE)


def key_for(service, user, *scopes, days=90):
    """A key of an account, its text."""
    permissions = permissions_of(frozenset({Role.STAFF}), has_factor=True)
    actor = Actor(user=user, permissions=permissions)
    return service.write(lambda tx: make(tx, actor, "a program", scopes or EVERY, days)).text


def asked(service, method, path, key="", **given):
    headers = {"accept": "application/json", **given.pop("headers", {})}
    if key:
        headers["authorization"] = f"Bearer {key}"
    return service.ask(method, f"{V1}{path}", headers=headers, **given)


@pytest.fixture
def ada(service):
    """An account with a key that may do everything an own key may."""
    return key_for(service, service.account("ada"))


def error(answer):
    """The words of a failure, which always has the one shape."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"status", "message", "fields"}
    assert body["error"]["status"] == answer.status_code
    return answer.status_code, body["error"]["message"]


# Keys


@pytest.mark.row("S191", "S200")
def test_a_program_with_a_key_is_who_its_owner_is(service, ada):
    found = asked(service, "GET", "/account", ada).json()

    assert (found["name"], found["email"], found["roles"]) == ("ada", "ada@example.org", [])
    assert found["key"] == {
        "prefix": ada[:12], "name": "a program", "scopes": sorted(EVERY), "state": "live",
    }  # fmt: skip


@pytest.mark.row("S200")
def test_a_key_is_told_once_and_only_its_digest_is_kept(service, ada):
    made = asked(service, "POST", "/keys", ada, json={"name": "x", "scopes": ["account:read"]})

    secret = made.json()["secret"]
    assert made.status_code == 201
    assert asked(service, "GET", "/account", secret).status_code == 200
    assert secret not in asked(service, "GET", "/keys", ada).text
    (row,) = service.rows(select(ApiKey).where(ApiKey.name == "x"))
    assert row.digest == digest_of(secret)
    assert secret.startswith(row.prefix)
    assert secret[len(row.prefix) :] not in str(vars(row))
    assert [a.action for a in service.rows(select(Audit))] == ["key made", "key made"]


@pytest.mark.row("S200", "S386")
def test_a_key_does_what_its_scopes_say_and_no_more(service):
    key = key_for(service, service.account("ada"), "account:read")

    assert asked(service, "GET", "/account", key).status_code == 200
    assert error(asked(service, "GET", "/keys", key)) == (
        403, "This key may not do this: its scopes lack keys:change.",
    )  # fmt: skip


def test_a_key_lets_none_do_more_than_itself(service):
    key = key_for(service, service.account("ada"), "keys:change")

    answer = asked(service, "POST", "/keys", key, json={"name": "x", "scopes": ["account:read"]})

    assert error(answer) == (400, "Not as it should be: scopes.")
    assert answer.json()["error"]["fields"] == {"scopes": "you cannot give account:read"}


def ended(**values):
    return lambda service: service.write(lambda tx: tx.execute(update(ApiKey).values(**values)))


def disabled(service):
    service.write(lambda tx: tx.execute(update(User).values(is_active=False)))


@pytest.mark.row("S200", "S031")
@pytest.mark.parametrize(
    ("end", "message"),
    [
        (ended(revoked_at=now()), "This key was revoked. Make another at /account/keys."),
        (ended(expires=now() - datetime.timedelta(seconds=1)),
         "This key has expired. Make another at /account/keys."),
        (ended(digest="0" * 64), "This is no key or token of ours."),
        (disabled, "This is no key or token of ours."),
    ],
)  # fmt: skip
def test_a_key_that_has_ended_is_refused_at_once_and_told_why(service, ada, end, message):
    end(service)

    answer = asked(service, "GET", "/account", ada)

    assert error(answer) == (401, message)
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert error(asked(service, "GET", "/health", ada))[0] == 401


def test_a_revoked_key_cannot_be_used_for_anything_else_either(service, ada):
    (row,) = service.rows(select(ApiKey))

    gone = asked(service, "DELETE", f"/keys/{row.id}", ada)

    assert gone.status_code == 204
    assert asked(service, "GET", "/keys", ada).status_code == 401


@pytest.mark.row("S191")
def test_the_keys_of_others_are_not_there(service, ada):
    key_for(service, service.account("bea"))
    theirs = service.rows(select(ApiKey))[1]

    assert error(asked(service, "GET", f"/keys/{theirs.id}", ada))[0] == 404
    assert error(asked(service, "DELETE", f"/keys/{theirs.id}", ada))[0] == 404
    assert asked(service, "GET", "/keys", ada).json()["total"] == 1
    assert service.rows(select(ApiKey.revoked_at)) == [None, None]


def test_nobody_has_more_keys_than_can_be_looked_after(service, ada):
    for _ in range(MOST_KEYS - 1):
        service.write(
            lambda tx: make(tx, Actor(user=1), "k", ["account:read"])
        )  # each in a transaction

    answer = asked(service, "POST", "/keys", ada, json={"name": "x", "scopes": ["account:read"]})

    assert "20 keys" in answer.json()["error"]["fields"]["name"]


@pytest.mark.row("S044")
def test_a_cookie_counts_for_nothing_below_api(service):
    browser = service.signed_in("staff")

    answer = browser.get(f"{V1}/account")

    assert error(answer) == (401, "Sign in first.")


def test_the_use_of_a_key_is_noted_after_the_answer_and_not_each_time(service, ada):
    asked(service, "GET", "/account", ada)
    (first,) = service.rows(select(ApiKey.used))
    asked(service, "GET", "/account", ada)

    assert first is not None
    assert service.rows(select(ApiKey.used)) == [first]


# Tokens


@pytest.fixture
def pair(service, ada):
    """Tokens for a key."""
    return asked(service, "POST", "/token", ada).json()


def refresh(service, token):
    return asked(service, "POST", "/token/refresh", json={"refresh_token": token})


@pytest.mark.row("S032")
def test_an_access_token_does_what_its_key_does_for_five_minutes(service, pair, monkeypatch):
    token = pair["access_token"]
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 300)
    assert asked(service, "GET", "/account", token).json()["name"] == "ada"

    later = now() + datetime.timedelta(minutes=5)
    monkeypatch.setattr("sidecar.bearers.now", lambda: later)

    message = "This token has expired. Get another by your refresh token."
    assert error(asked(service, "GET", "/account", token)) == (401, message)


@pytest.mark.row("S033", "S032")
def test_a_refresh_token_works_once_and_gives_the_next_pair(service, pair):
    second = refresh(service, pair["refresh_token"]).json()

    assert asked(service, "GET", "/account", second["access_token"]).status_code == 200
    assert refresh(service, second["refresh_token"]).status_code == 201


@pytest.mark.row("S033", "S032")
def test_a_refresh_token_that_comes_twice_ends_all_of_its_family(service, pair):
    second = refresh(service, pair["refresh_token"]).json()

    again = refresh(service, pair["refresh_token"])

    assert error(again) == (401, "This refresh token does not work. Get another by your key.")
    assert refresh(service, second["refresh_token"]).status_code == 401
    message = "This token was revoked. Get another by your key."
    assert error(asked(service, "GET", "/account", second["access_token"])) == (401, message)


@pytest.mark.row("S031", "S032")
def test_what_is_revoked_is_refused_at_once(service, pair, ada):
    other = asked(service, "POST", "/token", ada).json()

    gone = asked(service, "POST", "/token/revoke", json={"refresh_token": pair["refresh_token"]})

    assert gone.status_code == 204
    assert asked(service, "GET", "/account", pair["access_token"]).status_code == 401
    assert asked(service, "GET", "/account", other["access_token"]).status_code == 200


def test_with_the_key_its_tokens_end(service, pair):
    ended(revoked_at=now())(service)

    assert asked(service, "GET", "/account", pair["access_token"]).status_code == 401
    assert refresh(service, pair["refresh_token"]).status_code == 401


def test_after_a_restore_the_tokens_of_before_count_no_more(service, pair):
    service.write(lambda tx: tx.execute(update(Flag).values(value={"epoch": "another"})))

    assert asked(service, "GET", "/account", pair["access_token"]).status_code == 401


def test_refresh_tokens_end_by_themselves_and_are_kept_as_digests(service, pair):
    (kept,) = service.rows(select(Refresh.digest))
    past = now() - datetime.timedelta(seconds=1)
    service.write(lambda tx: tx.execute(update(Refresh).values(expires=past)))

    assert kept == digest_of(pair["refresh_token"])
    assert refresh(service, pair["refresh_token"]).status_code == 401


def forged(token):
    head, body, _ = token.split(".")
    return (
        f"{head}.{body}.", f"{head}.{body}.AAAA", f"eyJhbGciOiJub25lIn0.{body}.", "pyk_", "x" * 5000,
        "..", "\xff",
    )  # fmt: skip


@pytest.mark.row("S032")
def test_a_token_that_is_not_ours_is_refused(service, pair):
    answers = [
        asked(service, "GET", "/account", headers={"authorization": f"Bearer {t}".encode("latin-1")})
        for t in forged(pair["access_token"])
    ]  # fmt: skip

    assert [error(answer) for answer in answers] == [
        (401, "This is no key or token of ours.")
    ] * len(answers)


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "nonsense", "bearer  "])
def test_another_way_to_sign_in_is_told_that_it_is_none(service, header):
    answer = asked(service, "GET", "/account", headers={"authorization": header})

    assert error(answer)[0] == 401


# Pages and errors


@pytest.mark.row("S299", "S465")
def test_a_list_has_its_total_and_leads_to_its_other_pages(service, ada):
    for _ in range(4):
        service.write(lambda tx: make(tx, Actor(user=1), "k", ["account:read"]))

    found = asked(service, "GET", "/keys?page=2&page_size=2", ada).json()

    assert (len(found["items"]), found["total"], found["page"]) == (2, 5, 2)
    assert found["links"] == {
        "first": "/api/v1/keys?page=1&page_size=2", "prev": "/api/v1/keys?page=1&page_size=2",
        "next": "/api/v1/keys?page=3&page_size=2", "last": "/api/v1/keys?page=3&page_size=2",
    }  # fmt: skip
    assert asked(service, "GET", "/keys?page=9", ada).json()["items"] == []


@pytest.mark.row("S299", "S465")
@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page_size=101", "page_size=0", "page=" + "9" * 30]
)
def test_a_page_that_cannot_be_is_400_by_its_name(service, ada, query):
    answer = asked(service, "GET", f"/keys?{query}", ada)

    assert error(answer) == (400, f"Not as it should be: {query.partition('=')[0]}.")


def test_an_empty_value_is_as_if_it_were_not_there(service, ada):
    assert asked(service, "GET", "/keys?page=&page_size=", ada).json()["page"] == 1


BAD = [
    ({}, "name"),
    ({"name": "", "scopes": ["account:read"]}, "name"),
    ({"name": " ", "scopes": ["account:read"]}, "name"),
    ({"name": "a\0b", "scopes": ["account:read"]}, "name"),
    ({"name": "a\nb", "scopes": ["account:read"]}, "name"),
    ({"name": "x" * 101, "scopes": ["account:read"]}, "name"),
    ({"name": 7, "scopes": ["account:read"]}, "name"),
    ({"name": "x", "scopes": []}, "scopes"),
    ({"name": "x", "scopes": "account:read"}, "scopes"),
    ({"name": "x", "scopes": ["everything"]}, "scopes"),
    ({"name": "x", "scopes": ["account:read"], "days": 0}, "days"),
    ({"name": "x", "scopes": ["account:read"], "days": "many"}, "days"),
]


@pytest.mark.row("S060", "S466")
@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_body_that_is_wrong_is_400_and_names_the_field(service, ada, body, field):
    answer = asked(service, "POST", "/keys", ada, json=body)

    assert answer.status_code == 400
    assert field in answer.text


@pytest.mark.row("S060", "S466")
def test_all_that_is_wrong_with_a_body_is_told_at_once(service, ada):
    body = {"name": "", "scopes": ["everything"], "days": 0, "colour": "red"}

    empty = asked(service, "POST", "/keys", ada, json={})
    wrong = asked(service, "POST", "/keys", ada, json=body)

    assert error(empty) == (400, "Not as it should be: name, scopes.")
    assert error(wrong) == (400, "Not as it should be: colour, days, name, scopes.")
    assert wrong.json()["error"]["fields"] == {
        "colour": "`colour` is not a field of NewKey", "name": "`name` must not be empty",
        "days": "`days` must be a larger number: at least 1, not 0",
        "scopes": "you cannot give everything",
    }  # fmt: skip


@pytest.mark.row("S466")
@pytest.mark.parametrize("path", ["/keys", "/submissions", "/token/refresh", "/token/revoke"])
def test_of_every_body_also_what_it_should_not_have_is_told_with_what_it_lacks(service, ada, path):
    told = asked(service, "POST", path, ada, json={"colour": "red"}).json()["error"]["fields"]

    assert "colour" in told
    assert len(told) > 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Nothing was sent"),
        (b"{", "The body cannot be read: Input data was truncated."),
        (b'{"name": 1e400}', "The body cannot be read: Number out of range"),
    ],
)
def test_of_a_body_that_cannot_be_read_the_answer_says_what_it_lacks(service, ada, body, says):
    answer = asked(
        service, "POST", "/keys", ada, content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 400
    assert says in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"\\ud800"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_400(service, ada, body):
    answer = asked(
        service, "POST", "/keys", ada, content=body, headers={"content-type": "application/json"}
    )

    assert error(answer)[0] == 400


@pytest.mark.row("C18")
def test_a_body_that_is_too_large_is_413_and_the_field_is_named(service, ada):
    answer = asked(service, "POST", "/keys", ada, json={"scopes": [], "name": "x" * 10_000_000})

    most = "too large; all that is sent at once may have 1 MB together"
    assert error(answer) == (413, f"Name is {most}.")
    assert answer.json()["error"]["fields"] == {"name": f"is {most}"}


@pytest.mark.row("S381", "S466")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/keys/0", 404),
        ("GET", "/api/v1/keys/99999999999999999999", 404),
        ("GET", "/api/v1/keys/x", 404),
        ("PATCH", "/api/v1/keys", 405),
        ("GET", "/api/v1/downloads/", 404),
        ("GET", "/api/v9/account", 404),
    ],
)
def test_every_refusal_below_api_is_json_of_one_shape_also_for_a_browser(
    service, ada, method, path, status
):
    headers = {"authorization": f"Bearer {ada}", "accept": "text/html"}

    answer = service.ask(method, path, headers=headers)

    assert error(answer)[0] == status
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.row("S198")
def test_an_unknown_version_names_those_there_are(service):
    answer = service.get("/api/v9/account")

    message = "There is nothing at this address. Versions of the interface: v1, v2, v3."
    assert error(answer) == (404, message)


@pytest.mark.row("S392")
def test_the_sixty_first_question_a_minute_of_nobody_is_429(service):
    answers = [asked(service, "GET", "/account") for _ in range(61)]

    assert [answer.status_code for answer in answers[-2:]] == [401, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


# Staff


def letter(number, state="sent", template="confirm"):
    return Mail(template=template, recipient=f"{number}@example.org", subject="S", text="secret",
                message_id=f"<{number}>", state=state)  # fmt: skip


@pytest.mark.row("S128", "S142", "S143")
def test_staff_see_the_log_of_mails_and_all_filters_count_together(service):
    async def add(tx):
        tx.add_all([letter(1), letter(2, "dead"), letter(3, "dead", "reset")])

    service.write(add)
    key = key_for(service, service.account("eve", "staff"), "mail:see")

    every = asked(service, "GET", "/staff/mails", key)
    some = asked(service, "GET", "/staff/mails?state=dead&template=confirm", key).json()
    one = asked(service, "GET", f"/staff/mails/{some['items'][0]['id']}", key).json()

    assert (every.json()["total"], "secret" in every.text) == (3, False)
    assert [mail["recipient"] for mail in some["items"]] == ["2@example.org"]
    assert one["state"] == "dead"
    assert error(asked(service, "GET", "/staff/mails/999", key))[0] == 404


@pytest.mark.row("S142", "S386")
@pytest.mark.row("S132", "S133", "S134")
def test_staff_see_the_letters_and_what_each_is_given(service):
    key = key_for(service, service.account("eve", "staff"), "mail:see")
    service.write(lambda tx: post(tx, "test", "a@a.example", LETTERS["test"].sample))
    worded = MailOverride(template="test", subject="Hi {{ name }}", text="{{ site }}", author=1)
    service.write(lambda tx: added(tx, worded))

    listed = asked(service, "GET", "/staff/letters", key).json()["items"]
    one = asked(service, "GET", "/staff/letters/test", key).json()
    file = asked(service, "GET", "/staff/letters/reset", key).json()

    known = {letter["name"]: letter for letter in listed}
    assert set(known) == set(LETTERS)
    assert (known["test"]["words_of"], known["reset"]["words_of"]) == ("staff", "file")
    assert known["test"]["last_used"]
    assert known["reset"]["last_used"] is None
    assert one["source"] == "Subject: Hi {{ name }}\n{{ site }}"
    assert (one["subject"], one["text"]) == ("Hi ada", "https://www.python.org/\n")
    assert one["given"] == [
        {"name": "name", "type": "str", "example": "ada"},
        {"name": "site", "type": "str", "example": "https://www.python.org/"},
    ]
    assert "{{ link }}" in file["source"]
    assert error(asked(service, "GET", "/staff/letters/nothing", key))[0] == 404
    assert error(asked(service, "GET", "/staff/letters"))[0] == 401


async def added(tx, row):
    tx.add(row)


def test_a_key_with_a_staffs_scope_of_whom_the_role_was_taken_may_nothing(service):
    key = key_for(service, service.account("eve"), "mail:see")

    assert error(asked(service, "GET", "/staff/mails", key))[0] == 403


# Descriptions


PUBLIC = document("http://test.example")
STAFF = document("http://test.example", is_for_staff=True)


@pytest.mark.row("S197", "S387", "S384")
def test_everybody_gets_the_public_description_and_it_has_no_staff_route(service):
    answer = asked(service, "GET", "/openapi.json")

    assert answer.json() == PUBLIC
    assert [path for path in PUBLIC["paths"] if "staff" in path or "admin" in path] == []
    assert "MailEntry" not in answer.text


@pytest.mark.row("S385")
def test_only_staff_get_the_description_for_staff(service, ada):
    key = key_for(service, service.account("eve", "staff"), "mail:see")

    assert asked(service, "GET", "/staff/openapi.json", key).json() == STAFF
    assert error(asked(service, "GET", "/staff/openapi.json", ada))[0] == 403
    assert error(asked(service, "GET", "/staff/openapi.json"))[0] == 401


@pytest.mark.row("S388", "S300")
def test_each_route_below_api_is_in_one_description_and_no_other_route_is(service):
    served = {
        (method, route.path.replace(":int", "").replace(":str", ""))
        for route in service.app.inner.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(V1)
        for method in set(route.methods) - {"OPTIONS", "HEAD"}
    }
    described = {(o["method"], o["path"]) for d in (PUBLIC, STAFF) for o in operations(d)}
    no_answers = {"/openapi.json", "/staff/openapi.json", "/staff/snapshot"}  # but files

    assert served == described | {("GET", V1 + path) for path in no_answers}
    assert len(operations(PUBLIC)) + len(operations(STAFF)) == len(described)


@pytest.mark.row("S310", "S197", "S382", "S307")
@pytest.mark.parametrize(
    "operation", operations(PUBLIC) + operations(STAFF), ids=lambda o: o["operationId"]
)
def test_each_operation_says_what_it_does_what_it_answers_and_how_it_refuses(operation):
    assert operation["summary"]
    assert operation["description"].endswith((".", "fault."))
    assert [tag for tag in operation["tags"] if tag not in TAGS] == []
    assert all(tag == tag.title() for tag in operation["tags"])
    for code, response in operation["responses"].items():
        if code >= "400":
            content = response["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Failure"}
            assert content["examples"]
        elif code != "204":
            assert response["content"]["application/json"]["examples"]


def bodies(found):
    return [
        (operation, example)
        for operation in operations(found)
        for example in operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema", {})
        .get("examples", [])
    ]


@pytest.mark.row("S308", "S295")
def test_each_example_of_a_body_is_taken_as_it_stands(service, ada):
    taken = {}
    for operation, example in bodies(PUBLIC):
        sent = example
        if operation["path"].endswith("/refresh"):
            token = asked(service, "POST", "/token", ada).json()["refresh_token"]
            assert set(example) == {"refresh_token"}
            sent = {"refresh_token": token}
        path = operation["path"].removeprefix(V1)
        taken[path] = asked(service, operation["method"], path, ada, json=sent).status_code

    assert taken == {
        "/keys": 201, "/submissions": 201, "/token/refresh": 201, "/token/revoke": 204,
    }  # fmt: skip


def keys_in(value):
    if isinstance(value, dict):
        return {name: keys_in(inner) for name, inner in value.items()}
    return [keys_in(value[0])] if isinstance(value, list) and value else None


@pytest.mark.row("S308")
def test_while_nothing_can_be_written_programs_are_told_so_in_the_shape_of_all_failures(
    service, monkeypatch
):
    well = service.get(f"{V1}/health")

    async def never(_):
        return False

    monkeypatch.setattr(type(service.db), "can_write", never)

    assert (well.status_code, well.json()) == (200, {"status": "ready"})
    assert error(service.get(f"{V1}/health")) == (503, "Nothing can be written at the moment.")


@pytest.mark.parametrize("path", ["/account", "/keys", "/health"])
def test_what_is_answered_has_the_fields_of_the_example(service, ada, path):
    (example,) = PUBLIC["paths"][f"{V1}{path}"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]["examples"].values()

    answer = asked(service, "GET", path, ada).json()

    assert set(answer) == set(example["value"])


@pytest.mark.row("S306", "S197")
def test_the_description_is_a_page_of_ours_and_loads_nothing_from_elsewhere(service):
    answer = service.get("/api/docs")

    loaded = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="(https?://[^"]+)"', answer.text)
    assert answer.status_code == 200
    for operation in operations(PUBLIC):
        assert operation["summary"] in answer.text
    assert [url for url in loaded if not url.startswith(service.settings.url)] == []


# The page of keys


def test_somebody_makes_and_revokes_a_key_on_a_page(service):
    browser = service.signed_in()

    made = browser.send("/account/keys", name="my script", scopes="account:read", days="30")
    secret = re.search(r"pyk_[\w-]+", made.text)[0]
    was = asked(service, "GET", "/account", secret).status_code
    listed = browser.get("/account/keys")
    (row,) = service.rows(select(ApiKey))
    act = f"/account/keys/{row.id}/revoke"
    gone = browser.submit(listed, act)

    assert was == 200
    assert "Copy it now" in made.text
    assert secret not in listed.text
    assert row.prefix in listed.text
    assert (gone.status_code, gone.headers["location"]) == (303, "/account/keys")
    assert "The key “my script” works no more." in browser.get("/account/keys").text
    assert asked(service, "GET", "/account", secret).status_code == 401


def test_the_form_of_a_key_sent_again_makes_no_second_one(service):
    browser = service.signed_in()
    page = browser.get("/account/keys")
    typed = {"name": "my script", "scopes": "account:read", "days": "30"}

    made = browser.submit(page, "/account/keys", **typed)
    again = browser.submit(page, "/account/keys", **typed)
    after = browser.get("/account/keys").text
    other = browser.submit(page, "/account/keys", **{**typed, "name": "another"})

    assert "Copy it now" in made.text
    assert (again.status_code, again.headers["location"]) == (303, "/account/keys")
    assert "The key “my script” was made before, and it is shown only once." in after
    assert "Copy it now" in other.text
    assert [key.name for key in service.rows(select(ApiKey))] == ["my script", "another"]
    assert len({key.prefix for key in service.rows(select(ApiKey))}) == 2


def test_a_form_of_a_key_that_came_back_makes_one_once_too(service):
    browser = service.signed_in()
    typed = {"name": "my script", "scopes": "account:read", "days": "30"}
    back = browser.send("/account/keys", **{**typed, "name": ""})

    browser.submit(back, "/account/keys", **typed)
    browser.submit(back, "/account/keys", **typed)

    assert len(service.rows(select(ApiKey))) == 1


def test_an_empty_form_of_a_key_tells_all_that_it_lacks(service):
    answer = service.signed_in().send("/account/keys", name="", days="30")

    assert 'href="#name"' in answer.text
    assert "Choose what the key may do" in answer.text


def test_a_form_without_a_name_or_a_scope_comes_back_with_what_was_typed(service):
    browser = service.signed_in()

    answer = browser.send("/account/keys", name="", scopes="account:read", days="30")
    other = browser.send("/account/keys", name="my script", days="30")

    assert answer.status_code == other.status_code == 422
    assert 'value="account:read" checked' in answer.text
    assert 'value="my script"' in other.text
    assert "Choose what the key may do" in other.text
    assert service.rows(select(ApiKey)) == []


def test_whoever_did_not_prove_a_moment_ago_who_they_are_makes_no_key(service):
    from sidecar.tables.accounts import Session

    browser = service.signed_in()
    service.write(lambda tx: tx.execute(update(Session).values(stepped_up_at=None)))

    page = browser.get("/account/keys")
    refused = browser.post("/account/keys", {"name": "x", "scopes": "account:read", "days": "30"})

    assert "/account/step-up?then=/account/keys" in page.text
    assert refused.status_code == 403
    assert service.rows(select(ApiKey)) == []


def test_staff_may_give_a_key_what_they_may_and_others_are_not_offered_it(service):
    assert 'value="mail:see"' in service.signed_in("staff").get("/account/keys").text
    assert 'value="mail:see"' not in service.signed_in(name="bea").get("/account/keys").text
