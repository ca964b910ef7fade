"""Contracts: drafted, sent, signed, executed, nullified; and what they are made of."""

from __future__ import annotations

import asyncio
import datetime
import io
import re

import pytest
from docx import Document
from sqlalchemy import select, update

from sidecar import attachments, store
from sidecar.sponsors.paper import as_docx, as_pdf, blocks_of, words_of
from sidecar.tables.sponsors import Contract, Sponsorship
from sidecar.workflow import Refused
from tests.sidecar.sponsoring import (
    GOOD,
    TEAM,
    applied,
    approve,
    desk,
    mails,
    newest,
    page_of,
    take,
)
from tests.sidecar.test_sponsors import token_of

EVIL = '#read("/etc/passwd") *b* $x$ @a \\ `c` = h // {{ 7*7 }} <script>alert(1)</script>'
COPY = {"copy": ("signed.pdf", b"%PDF-1.7 signed", "application/pdf")}


def words(text=EVIL, **other):
    terms = {
        "level": {"title": text, "benefits": [text]}, "addons": [],
        "clauses": [{"title": text, "text": "A **b**.\n\n- one\n- " + text}],
    }  # fmt: skip
    payload = dict.fromkeys(("address", "postal_code", "city", "country", "contact_name"), text)
    given = {
        "company": text, "payload": payload, "terms": terms, "price": 5, "revision": 1,
        "start": datetime.date(2026, 1, 1), "end": datetime.date(2026, 12, 31), "reference": "7",
    }  # fmt: skip
    return words_of(**{**given, **other})


def texts(docx):
    """All that a document says."""
    document = Document(io.BytesIO(docx))
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    return [*cells, *(paragraph.text for paragraph in document.paragraphs)]


def headings(pdf):
    """Where the outline of a PDF leads, without the title of the whole."""
    found = re.findall(rb"/Title\((.*?)\)", pdf)
    return {title.decode() for title in found} - {"Sponsorship agreement"}


def test_what_was_typed_is_never_markup():
    pdf = asyncio.run(as_pdf(words()))

    assert pdf.startswith(b"%PDF-")
    assert b"root:" not in pdf
    assert EVIL in texts(as_docx(words()))


@pytest.mark.row("S107")
def test_a_contract_lists_what_level_and_addons_bring_and_has_no_heading_of_nothing():
    clause = {"title": "Who agrees", "text": "Both."}
    level, addon = {"title": "Partner", "benefits": ["A mention"]}, {"title": "Lunch"}
    both = words("A", terms={"level": level, "addons": [addon], "clauses": [clause]})
    bare = level | {"benefits": []}
    neither = words("A", terms={"level": bare, "addons": [], "clauses": [clause]})

    assert "Benefits\nA mention\nLunch\n1. Who agrees" in "\n".join(texts(as_docx(both)))
    assert "Benefits" not in texts(as_docx(neither))
    assert headings(asyncio.run(as_pdf(both))) == {"Benefits", "1. Who agrees"}
    assert headings(asyncio.run(as_pdf(neither))) == {"1. Who agrees"}


def test_the_same_words_give_the_same_bytes():
    assert asyncio.run(as_pdf(words())) == asyncio.run(as_pdf(words()))
    assert as_docx(words()) == as_docx(words())


def test_letters_that_the_fonts_lack_are_told_and_never_become_boxes():
    with pytest.raises(Refused, match="The contract has no letters for “漢”"):
        asyncio.run(as_pdf(words("漢")))


def test_a_renewal_names_the_one_before():
    facts = dict(words("A", renews=datetime.date(2025, 1, 1))["facts"])

    assert facts["Renews"] == "the agreement that began on 1 January 2025"


def test_a_clause_is_text_and_lists_and_shows_no_picture():
    found = list(blocks_of("See ![a](http://a.example/x.png)\n\n1. **one**\n\n<b>x</b>"))

    assert [block["kind"] for block in found] == ["text", "item", "text"]
    assert found[1]["runs"] == [{"text": "one", "bold": True}]


def sent(service):
    """A sponsorship whose contract was sent; its sponsor and the staff."""
    sponsor, staff = applied(service), desk(service)
    approve(staff, service)
    page = page_of(newest(service))
    answer = staff.send(f"{page}/send", f"{page}/send")
    assert answer.status_code == 303, answer.text
    return sponsor, staff


def signed(service):
    """The same, signed by the sponsor."""
    sponsor, staff = sent(service)
    answer = sign(sponsor)
    assert answer.status_code == 303, answer.text
    return sponsor, staff


def sign(browser, page="", files=None):
    page = page or browser.page
    token = token_of(browser.get(page))
    return browser.ask("POST", f"{page}/sign", data=token, files=files or COPY)


def change(sponsor, **typed):
    return sponsor.send(f"{sponsor.page}/change", **{**GOOD, **typed})


def the_contract(service):
    return service.rows(select(Contract).order_by(Contract.id.desc()))[0]


@pytest.mark.row("S108")
def test_a_contract_is_sent_signed_and_executed_and_that_finalizes_the_sponsorship(service):
    sponsor, staff = signed(service)
    waiting = the_contract(service)
    page = page_of(newest(service))

    staff.send(f"{page}/execute", f"{page}/execute")

    contract = the_contract(service)
    assert (waiting.state, contract.state) == ("awaiting signature", "executed")
    assert contract.revision == 1
    assert None not in (contract.sent_at, contract.signed_at, contract.executed_at)
    assert newest(service).state == "finalized"
    assert [mail.template for mail in mails(service)][-2:] == [
        "sponsor-contract", "sponsor-finalized",
    ]  # fmt: skip
    assert mails(service, TEAM)[-1].template == "sponsor-signed"
    assert "You sponsor Python." in sponsor.get(sponsor.page).text


def test_a_contract_leaves_only_after_a_question_that_says_to_whom_and_for_what(service):
    applied(service)
    staff = desk(service)
    approve(staff, service)
    page = page_of(newest(service))
    before = len(mails(service))

    asked = staff.get(f"{page}/send").text

    assert f'href="{page}/send"' in staff.get(page).text
    assert f'action="{page}/send"' not in staff.get(page).text
    assert "to Ada &amp; Sons: 150,000 US dollars a year, from 1 December 2026 until" in asked
    assert "goes to ada@ada.example at once" in asked
    assert (len(mails(service)), newest(service).state) == (before, "approved")


@pytest.mark.parametrize(
    "typed", [{"level": "partner", "addons": []}, {"addons": []}, {"company": "Bo"}], ids=str
)
def test_what_a_contract_names_is_changed_only_once_it_is_nullified(service, typed):
    sponsor, staff = sent(service)
    take(staff, service, "unlock")
    page = page_of(newest(service))

    refused = change(sponsor, **typed)
    kept = newest(service)
    sign(sponsor)
    asked = staff.get(f"{page}/execute").text
    signed = change(sponsor, **typed)
    staff.send(f"{page}/execute", f"{page}/execute")
    executed = change(sponsor, **typed)

    assert [answer.status_code for answer in (refused, signed, executed)] == [422] * 3
    for answer in (refused, signed):
        assert "Before they are changed it has to be nullified: ask us for that." in answer.text
    assert "and both have signed it: they stay." in executed.text
    assert (kept.level, kept.price, kept.payload["company"]) == ("visionary", 150_000, "Ada & Sons")
    assert "with Ada &amp; Sons: 150,000 US dollars a year, from 1 December 2026 until" in asked


def test_what_no_contract_names_is_changed_beside_it_and_all_once_it_is_nullified(service):
    sponsor, staff = sent(service)
    take(staff, service, "unlock")

    beside = change(sponsor, phone="+351 2")
    take(staff, service, "nullify", reason="Choose again.")
    after = change(sponsor, level="partner", addons=[])

    assert [answer.status_code for answer in (beside, after)] == [303, 303]
    row = newest(service)
    assert (row.state, row.level, row.price) == ("approved", "partner", 10_000)


OTHERWISE = {
    "Level: “Visionary” in the contract, “partner” here": {"level": "partner"},
    "Fee: “150,000 US dollars a year” in the contract, “10,000 US dollars a year” here":
        {"price": 10_000},
    "Until: “30 November 2027” in the contract, “no day” here": {"end": None},
    "Benefits: “A mention, Lunch” in the contract, “none” here; Level":
        {"terms": {"level": None, "addons": [], "clauses": []}},
}  # fmt: skip


@pytest.mark.parametrize(("told", "values"), OTHERWISE.items())
def test_what_is_not_what_its_contract_says_is_not_executed_however_it_came_about(
    service, told, values
):
    _, staff = signed(service)
    page = page_of(newest(service))
    asked = staff.get(f"{page}/execute")
    service.write(lambda tx: tx.execute(update(Sponsorship).values(**values)))

    pressed = staff.submit(asked, f"{page}/execute")
    again = staff.get(f"{page}/execute")

    assert (pressed.status_code, again.status_code) == (409, 409)
    for answer in (pressed, again):
        assert told.partition("; ")[0] in answer.text
        assert "Nullify the contract, put right what is wrong here, and send" in answer.text
    assert (newest(service).state, the_contract(service).state) == ("signed", "awaiting signature")


def test_what_was_put_right_after_its_contract_was_nullified_is_executed_by_the_next(service):
    _, staff = signed(service)
    page = page_of(newest(service))
    service.write(lambda tx: tx.execute(update(Sponsorship).values(price=10_000)))

    take(staff, service, "nullify", reason="A wrong fee.")
    staff.send(f"{page}/send", f"{page}/send")
    sign(staff, page)
    answer = staff.send(f"{page}/execute", f"{page}/execute")

    assert answer.status_code == 303
    assert newest(service).state == "finalized"


def test_what_a_contract_names_stands_in_the_form_of_a_change_as_text_with_the_reason(service):
    sponsor, staff = sent(service)
    take(staff, service, "unlock")

    form = sponsor.get(f"{sponsor.page}/change").text
    answer = sponsor.send(f"{sponsor.page}/change", **{
        name: value for name, value in GOOD.items() if name not in ("company", "level", "addons")
    } | {"phone": "+351 3"})  # fmt: skip

    assert "names the company, the level and the add-ons. Before they are changed" in form
    assert "Visionary: 150,000 US dollars" in form
    for name in ("company", "level", "addons"):
        assert re.findall(rf'<input [^>]*name="{name}"', form) == [
            f'<input type="hidden" name="{name}"'
        ]
    assert "Work out the price" not in form
    assert answer.status_code == 303
    row = newest(service)
    assert (row.payload["phone"], row.level, row.payload["addons"]) == (
        "+351 3", "visionary", ["lunch"],
    )  # fmt: skip


def test_what_was_changed_while_it_was_asked_is_not_sent(service):
    applied(service)
    staff = desk(service)
    approve(staff, service)
    page = page_of(newest(service))
    asked = staff.get(f"{page}/send")
    take(staff, service, "unlock")

    answer = staff.submit(asked, f"{page}/send")

    assert answer.status_code == 409
    assert "Somebody else changed this a moment before you." in answer.text
    assert service.rows(select(Contract)) == []


@pytest.mark.parametrize("step", ["send", "execute"])
def test_nothing_is_asked_that_cannot_be_done(service, step):
    applied(service)

    answer = desk(service).get(f"{page_of(newest(service))}/{step}")

    assert answer.status_code == 409
    assert f"This is applied, so you cannot {step} it." in answer.text


def test_both_sides_read_whose_signature_is_awaited(service):
    sponsor, staff = sent(service)
    page = page_of(newest(service))

    before = [browser.get(at).text for browser, at in ((sponsor, sponsor.page), (staff, page))]
    sign(sponsor)
    after = [browser.get(at).text for browser, at in ((sponsor, sponsor.page), (staff, page))]
    staff.send(f"{page}/execute", f"{page}/execute")

    assert ["Revision 1, awaiting signature:" in text for text in before] == [True, True]
    assert ["Revision 1, signed by the sponsor:" in text for text in after] == [True, True]
    assert ["awaiting signature" in text for text in after] == [False, False]
    assert "Revision 1, executed:" in sponsor.get(sponsor.page).text


@pytest.mark.row("S108")
def test_a_nullified_contract_is_followed_by_one_of_the_next_revision(service):
    _, staff = sent(service)

    take(staff, service, "nullify", reason="A wrong price.")
    page = page_of(newest(service))
    staff.send(f"{page}/send", f"{page}/send")

    new, old = service.rows(select(Contract).order_by(Contract.id.desc()))
    assert [(one.revision, one.state) for one in (old, new)] == [
        (1, "nullified"), (2, "awaiting signature"),
    ]  # fmt: skip
    assert old.nullified_at is not None
    assert "revision 2" in new.words["reference"]
    assert "A wrong price." in mails(service)[-2].text
    assert old.pdf != new.pdf


def test_what_was_sent_is_what_both_sides_read(service):
    sponsor, staff = sent(service)
    contract = the_contract(service)

    mine = sponsor.get(f"{sponsor.page}/contracts/1/pdf")
    theirs = staff.get(f"{page_of(newest(service))}/contracts/1/pdf")
    word = sponsor.get(f"{sponsor.page}/contracts/1/docx")

    assert mine.content == theirs.content == store.get(service.settings, contract.pdf)
    assert mine.headers["content-disposition"] == 'attachment; filename="Contract.pdf"'
    assert "Ada & Sons" in texts(word.content)
    assert service.browser().get(f"{sponsor.page}/contracts/1/pdf").status_code == 404


@pytest.mark.parametrize("file", ["words", "id", "signed", "../pdf"])
def test_only_the_files_of_a_contract_are_given(service, file):
    sponsor, _ = sent(service)

    assert sponsor.get(f"{sponsor.page}/contracts/1/{file}").status_code == 404


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"copy": ("a.pdf", b"<script>", "application/pdf")}, "Choose the signed copy as a PDF."),
        ({"other": ("a.pdf", b"", "application/pdf")}, "Choose the file of the signed copy."),
    ],
)
def test_what_is_no_signed_copy_is_refused(service, files, told):
    sponsor, _ = sent(service)

    answer = sign(sponsor, files=files)

    assert answer.status_code == 409
    assert told in answer.text
    assert newest(service).state == "sent"


def test_the_files_of_contracts_are_not_swept_away(service):
    signed(service)

    known = service.write(attachments.known_names)

    contract = the_contract(service)
    assert {contract.pdf, contract.docx, contract.signed} <= known


def test_before_it_is_approved_there_is_no_contract(service):
    applied(service)
    page = page_of(newest(service))

    answer = desk(service).get(f"{page}/draft.pdf")

    assert answer.status_code == 409
    assert "Approve it first" in answer.text


def test_the_draft_can_be_read_before_it_is_sent(service):
    applied(service)
    staff = desk(service)
    approve(staff, service)

    answer = staff.get(f"{page_of(newest(service))}/draft.pdf")

    assert answer.content.startswith(b"%PDF-")
    assert service.rows(select(Contract)) == []


def finalized(service, sponsor, staff, **year):
    """Take an application all the way."""
    row = newest(service)
    page = page_of(row)
    approve(staff, service, row, **year)
    staff.send(f"{page}/send", f"{page}/send")
    sign(staff, page)
    staff.send(f"{page}/execute", f"{page}/execute")


def test_the_one_that_still_runs_is_marked_as_overlapped(service):
    staff = desk(service)
    finalized(service, applied(service), staff, start="2026-01-01", end="2026-12-31")
    second = applied(service, level="partner", addons=[])
    finalized(service, second, staff, start="2026-12-01", end="2027-11-30")

    old, new = service.rows(select(Sponsorship).order_by(Sponsorship.id))

    assert (old.overlapped_by, new.overlapped_by) == (new.id, None)
