"""What ended long ago: it is put away, and its author still sees it."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import update

from sidecar.clock import now
from sidecar.queue import enqueue
from sidecar.tables.cases import Decision, Submission
from tests.sidecar.test_cases import handed_in, only, published, work

DAY = datetime.timedelta(days=1)


def ended(service, site, author, *, how, ago):
    """A job that was on the site and ended some days ago, once the clock has struck."""
    published(service, site, service.signed_in(role="jobs team"))
    if how == "expire":
        past = update(Submission).values(ends=now())
        service.write(lambda tx: tx.execute(past))
        service.write(lambda tx: enqueue(tx, "cases.end", {}))
    else:
        author.send(author.page, f"{author.page}/{how}")
    work(service)
    long_ago = update(Decision).values(created=now() - ago * DAY)
    service.write(lambda tx: tx.execute(long_ago))
    service.write(lambda tx: enqueue(tx, "cases.archive", {}))
    work(service)


@pytest.mark.row("S204")
@pytest.mark.parametrize(
    ("how", "called"), [("expire", "expired"), ("settle", "filled"), ("withdraw", "withdrawn")]
)
def test_what_ended_ninety_days_ago_is_put_away_and_its_author_still_sees_it(
    service, site, how, called
):
    author = handed_in(service)
    account = service.signed_in(user=service.account("ada", email="ada@ada.example"))

    ended(service, site, author, how=how, ago=91)

    desk = service.signed_in(role="superuser")
    state = only(service).state
    assert "Baker of bytes" not in desk.get(f"/admin/cases?state={state}").text
    assert "Baker of bytes" in desk.get("/admin/cases?state=archived").text
    assert "Baker of bytes" in desk.get("/admin/cases?state=all").text
    assert f"{called} and in the archive" in account.get("/account/submissions").text
    assert "is in the archive since" in author.get(author.page).text
    assert 'value="Baker of bytes"' in author.get(f"{author.page}/again").text


@pytest.mark.row("S204")
def test_what_ended_less_than_ninety_days_ago_is_not_put_away(service, site):
    ended(service, site, handed_in(service), how="settle", ago=89)

    assert only(service).archived_at is None


def test_what_is_renewed_comes_out_of_the_archive(service, site):
    author = handed_in(service)
    ended(service, site, author, how="expire", ago=91)

    author.send(author.page, f"{author.page}/renew")

    assert (only(service).state, only(service).archived_at) == ("published", None)
