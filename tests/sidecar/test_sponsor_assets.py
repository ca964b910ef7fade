"""What sponsors owe, who is reminded, what ends soon and is renewed, and the sheet of it all."""

from __future__ import annotations

import csv
import datetime
import io

import pytest
from PIL import Image
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.sponsors.assets import remind_due
from sidecar.tables.sponsors import SponsorAsset, Sponsorship
from tests.sidecar.sponsoring import (
    GOOD,
    applied,
    approve,
    desk,
    mails,
    newest,
    offer,
    page_of,
    take,
)
from tests.sidecar.tables import plain
from tests.sidecar.test_sponsor_contracts import finalized
from tests.sidecar.test_sponsors import token_of

DAY = datetime.timedelta(days=1)


def year(days_left=300):
    end = now().date() + days_left * DAY
    return {"start": str(end - 364 * DAY), "end": str(end)}


def approved(service, **typed):
    sponsor, staff = applied(service, **typed), desk(service)
    approve(staff, service, **year())
    return sponsor, staff


def asset(service, slug):
    return service.rows(select(SponsorAsset).where(SponsorAsset.slug == slug))[0]


def remind(service):
    return service.write(lambda tx: remind_due(tx, service.settings))


def test_a_sponsor_gives_what_is_asked_for_and_the_board_shows_what_is_missing(service):
    sponsor, staff = approved(service)
    post, white = asset(service, "post"), asset(service, "white")
    before = staff.get("/admin/sponsors").text

    give = f"{sponsor.page}/give/{post.id}"
    sponsor.send(give, text="We <b>bake</b>.")

    assert "A text for our blog (until" in before
    after = staff.get("/admin/sponsors").text
    assert "A text for our blog" not in after
    assert f"{white.title} (until" in after
    assert "We &lt;b&gt;bake&lt;/b&gt;." in staff.get(page_of(newest(service))).text


def test_a_picture_that_is_asked_for_is_given_and_seen_by_staff(service):
    sponsor, staff = approved(service)
    give = f"{sponsor.page}/give/{asset(service, 'white').id}"
    picture = io.BytesIO()
    Image.new("RGB", (30, 10), "white").save(picture, "PNG")

    files = {"picture_file": ("logo.png", picture.getvalue(), "image/png")}
    answer = sponsor.ask("POST", give, data=token_of(sponsor.get(give)), files=files)

    assert answer.status_code == 303
    assert 'alt="A white logo"' in staff.get(page_of(newest(service))).text


@pytest.mark.parametrize("slug", ["post", "white"])
def test_nothing_is_no_gift(service, slug):
    sponsor, _ = approved(service)

    answer = sponsor.send(f"{sponsor.page}/give/{asset(service, slug).id}")

    assert answer.status_code == 422
    assert "Fill this in" in answer.text


def owed(service):
    return {one.slug: one.due - now().date() for one in service.rows(select(SponsorAsset))}


def led_back(service):
    """Approved, owed for ten days, and led back to its application."""
    sponsor, staff = approved(service)
    before = now().date() - 10 * DAY
    service.write(lambda tx: tx.execute(update(SponsorAsset).values(due=before)))
    take(staff, service, "roll back", reason="Choose again.")
    return sponsor, staff


def test_what_was_led_back_owes_nothing_and_once_approved_has_all_its_days_again(service):
    sponsor, staff = led_back(service)

    between = [staff.get(page).text for page in ("/admin/sponsors", page_of(newest(service)))]
    own = sponsor.get(sponsor.page).text
    approve(staff, service, **year())

    assert ["A text for our blog" in text for text in (*between, own)] == [False] * 3
    assert owed(service) == {"post": 20 * DAY, "white": 30 * DAY}
    assert "A text for our blog" in sponsor.get(sponsor.page).text


def test_what_goes_with_nothing_that_is_chosen_is_asked_no_more(service):
    sponsor, staff = led_back(service)

    sponsor.send(f"{sponsor.page}/change", **{**GOOD, "level": "partner", "addons": []})
    approve(staff, service, **year())

    assert (newest(service).level, owed(service)) == ("partner", {})


def test_what_is_chosen_while_it_is_unlocked_is_asked_for(service):
    sponsor, staff = approved(service, level="partner", addons=[])
    take(staff, service, "unlock")

    sponsor.send(f"{sponsor.page}/change", **{**GOOD, "addons": []})

    assert (newest(service).level, set(owed(service))) == ("visionary", {"post", "white"})


@pytest.mark.parametrize("step", ["unlock", "roll back"])
def test_another_choice_gives_no_days_again_for_what_is_owed(service, step):
    sponsor, staff = approved(service)
    late = now().date() - 10 * DAY
    service.write(lambda tx: tx.execute(update(SponsorAsset).values(due=late)))
    take(staff, service, step, reason="Choose again.")

    sponsor.send(f"{sponsor.page}/change", **{**GOOD, "addons": []})

    assert newest(service).payload["addons"] == []
    assert owed(service) == {"post": -10 * DAY, "white": -10 * DAY}


def test_nobody_gives_for_another_sponsor(service):
    approved(service)
    other = applied(service, company="Bo", sender="bo@bo.example", addons=[])

    answer = other.get(f"{other.page}/give/{asset(service, 'post').id}")

    assert answer.status_code == 404


def test_who_owes_something_within_a_week_is_reminded_once(service):
    approved(service)
    far = remind(service)
    soon = now().date() + 5 * DAY
    service.write(lambda tx: tx.execute(
        update(SponsorAsset).where(SponsorAsset.slug == "post").values(due=soon)
    ))  # fmt: skip

    counts = [remind(service), remind(service)]

    assert (far, counts) == (0, [1, 0])
    (mail,) = [mail for mail in mails(service) if mail.template == "sponsor-due"]
    assert f"{soon:%-d %B %Y}: A text for our blog" in mail.text


def test_staff_remind_with_a_button(service):
    _, staff = approved(service)
    page = page_of(newest(service))

    staff.send(page, f"{page}/remind")

    assert mails(service)[-1].template == "sponsor-due"
    assert "reminded" in staff.get(page).text


@pytest.mark.row("S330")
def test_the_board_says_who_waits_for_whom(service):
    offer(service)
    staff = desk(service)
    said = []

    def look():
        page = plain(staff.get("/admin/sponsors?state=all").text)
        said.append(
            page.partition("<td><strong>")[2].partition("</td>")[0].replace("</strong>", "")
        )

    sponsor = applied(service)
    look()
    approve(staff, service, **year())
    look()
    page = page_of(newest(service))
    staff.send(f"{page}/send", f"{page}/send")
    look()

    assert said == ["us: decide", "us: send the contract", "sponsor: sign"]
    assert sponsor.page


@pytest.mark.row("S111")
def test_what_ends_within_90_days_is_listed_and_renewed_with_one_click(service):
    staff = desk(service)
    finalized(service, applied(service), staff, **year(60))
    finalized(service, applied(service, company="Bo", sender="bo@bo.example", addons=[]), staff,
              **year(200))  # fmt: skip
    old = service.rows(select(Sponsorship).order_by(Sponsorship.id))[0]
    listed = staff.get("/admin/sponsors?state=ending+in+90+days").text

    answer = staff.send(page_of(old), f"{page_of(old)}/renew")

    new = newest(service)
    assert ("Ada &amp; Sons" in listed, ">Bo<" in listed) == (True, False)
    assert answer.headers["location"] == page_of(new)
    assert (new.renews, new.state, new.price) == (old.id, "applied", 154_000)
    assert new.start == old.end + DAY
    assert new.payload == old.payload
    assert f'href="{page_of(old)}"' in staff.get(page_of(new)).text
    again = staff.send(page_of(old), f"{page_of(old)}/renew")
    assert again.status_code == 409
    assert "It is renewed already." in again.text


@pytest.mark.row("S331")
def test_a_sponsor_is_shown_with_all_its_sponsorships(service):
    staff = desk(service)
    applied(service)
    applied(service, level="partner", sender="eve@ada.example")
    first, second = service.rows(select(Sponsorship).order_by(Sponsorship.id))

    page = staff.get(f"/admin/sponsors/sponsors/{first.sponsor_id}").text

    assert "Ada &amp; Sons" in staff.get("/admin/sponsors/sponsors").text
    assert [f'href="{page_of(row)}"' in page for row in (first, second)] == [True, True]


def test_the_sheet_has_all_with_their_contacts_and_no_formula(service):
    applied(service, company="=1+1", contact_name="@SUM(A1)", city="-2+3")

    answer = desk(service).get("/admin/sponsors/export.csv")

    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert (line["sponsor"], line["contact_name"], line["city"]) == ("'=1+1", "'@SUM(A1)", "'-2+3")
    assert (line["email"], line["price"], line["level"]) == (
        "ada@ada.example", "154000", "Visionary",
    )  # fmt: skip


@pytest.mark.parametrize("path", ["export.csv", "sponsors", "sponsors/1", "1/draft.pdf"])
def test_only_the_team_sees_them(service, path):
    applied(service)

    assert service.signed_in(role="jobs team").get(f"/admin/sponsors/{path}").status_code == 403
