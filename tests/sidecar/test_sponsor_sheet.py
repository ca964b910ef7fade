"""A sheet of sponsorships that comes back: shown first, taken then, and nothing a second time."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from sidecar.tables.sponsors import SponsorshipStep
from tests.sidecar.sponsoring import applied, approve, desk, newest, page_of
from tests.sidecar.tables import plain

SHEET = "/admin/sponsors/sheet"


def exported(staff):
    return staff.get("/admin/sponsors/export.csv").text


def test_what_was_exported_changes_nothing(service):
    applied(service, city="-2+3", address="=1\nB")
    staff = desk(service)

    answer = staff.send(SHEET, sheet=exported(staff))

    assert "The sheet changes nothing." in answer.text


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_sheet_is_read_as_a_spreadsheet_writes_and_copies_it(service, between):
    """Some write semicolons, for commas are in their numbers; copied cells have tabs between them."""
    applied(service, city="Köln; Süd, West", address="Rua 1\nB")
    staff = desk(service)
    rows = list(csv.reader(io.StringIO(exported(staff).removeprefix("\ufeff"))))
    file = io.StringIO()
    csv.writer(file, delimiter=between).writerows(rows)

    answer = staff.send(SHEET, sheet=file.getvalue())
    changed = staff.send(SHEET, sheet=file.getvalue().replace("Köln", "Bonn"))

    assert "The sheet changes nothing." in answer.text
    assert '<del>Köln; Süd, West</del></td><td class="whole-text">Bonn; Süd, West</td>' in plain(
        changed.text
    )


def test_a_spreadsheet_is_told_that_a_sheet_is_utf_8(service):
    applied(service, city="Köln")

    content = desk(service).get("/admin/sponsors/export.csv").content

    assert content.startswith(b"\xef\xbb\xbfreference,")
    assert "Köln".encode() in content


def test_a_sheet_is_shown_first_and_taken_once(service):
    applied(service)
    staff = desk(service)
    sheet = exported(staff).replace("Lisbon", "Porto <b>").replace("154000", "99")

    shown = staff.send(SHEET, sheet=sheet)
    before = newest(service)
    staff.send(SHEET, sheet=sheet, take="yes")
    again = staff.send(SHEET, sheet=sheet)

    assert '<del>Lisbon</del></td><td class="whole-text">Porto &lt;b&gt;</td>' in plain(shown.text)
    assert (before.price, before.payload["city"]) == (154_000, "Lisbon")
    row = newest(service)
    assert (row.price, row.payload["city"], row.payload["company"]) == (
        99,
        "Porto <b>",
        "Ada & Sons",
    )
    assert "The sheet changes nothing." in again.text
    steps = service.rows(select(SponsorshipStep).order_by(SponsorshipStep.id))
    assert [step.step for step in steps] == ["apply", "change"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("154000", "much", "Line 2, price: Must be a whole number"),
        ("https://ada.example/", "javascript:alert(1)", "Line 2, website: Must be written like"),
        ("Ada,+351", ",+351", "Line 2, contact_name: Must not be empty"),
        ("reference", "number", "Line 2: there is no sponsorship with this reference."),
    ],
)
def test_what_is_wrong_is_told_by_line_and_nothing_is_taken(service, old, new, told):
    applied(service, phone="+351")
    staff = desk(service)
    sheet = exported(staff).replace("'+351", "+351").replace(old, new)

    answer = staff.send(SHEET, sheet=sheet, take="yes")

    assert answer.status_code == 422
    assert told in answer.text
    assert newest(service).price == 154_000


def test_what_stands_in_a_contract_that_was_sent_stays(service):
    applied(service)
    staff = desk(service)
    approve(staff, service)
    page = page_of(newest(service))
    staff.send(f"{page}/send", f"{page}/send")

    answer = staff.send(SHEET, sheet=exported(staff).replace("150000", "1"), take="yes")

    assert "Line 2, price: Stands in a contract that was sent." in answer.text
    assert newest(service).price == 150_000
