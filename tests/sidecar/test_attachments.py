"""Pictures that people send: what is taken, who sees it, and its way onto the site."""

from __future__ import annotations

import asyncio
import datetime
import re
import zlib
from html import unescape
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select, update

from sidecar import store
from sidecar.attachments import address, remake
from sidecar.backup import take
from sidecar.clock import now
from sidecar.queue import enqueue
from sidecar.restore import restore
from sidecar.settings import read_settings
from sidecar.tables.attachments import Attachment
from sidecar.tables.cases import Submission
from tests.sidecar.test_cases import (
    FORM,
    GOOD,
    LONG_AGO,
    decide,
    link_in,
    mails,
    only,
    published,
    work,
)

SHOWN = re.compile(r'src="(/submit/picture/[^"]+)"')
NAME = re.compile(r'name="logo" value="([0-9a-f]{64}\.png)"')
HUGE = b"\x89PNG\r\n\x1a\n" + b"".join(
    len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
    for kind, body in (
        (b"IHDR", (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"),
        (b"IDAT", zlib.compress(b"\0" * 1_000_000)),
        (b"IEND", b""),
    )
)


def picture(form="png", size=(300, 100), mode="RGB", **options) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "#306998").convert(mode).save(file, form, **options)
    return file.getvalue()


def moving(form) -> bytes:
    return picture(form, save_all=True, append_images=[Image.new("RGB", (300, 100), "red")])


def send(browser, path=FORM, content=b"", name="logo.png", act="", **typed):
    """Fill in a form with a picture and send it as browsers send files."""
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(path).text)[1]
    files = {"logo_file": (name, content, "image/png")}
    return browser.post(act or path, {**GOOD, "form_token": token, **typed}, files=files)


def handed_in(service, content):
    author = service.browser()
    send(author, content=content)
    link = link_in(mails(service)[-1])
    author.page = author.send(link, link.partition("?")[0]).headers["location"]
    return author


def attached(service):
    return service.rows(select(Attachment))


@pytest.mark.row("S110")
def test_a_logo_goes_from_the_form_to_the_page_of_the_site(service, site):
    author = handed_in(service, picture())
    moderator = service.signed_in(role="jobs team")
    (one,) = attached(service)

    published(service, site, moderator)

    page = site.pages()[f"/jobs/{only(service).public_id}/"]
    shown = re.search(r'<img[^>]+class="job-logo"[^>]*>', page)[0]
    assert 'width="160"' in shown
    assert (site.output / re.search(r'src="/([^"]+)"', shown)[1]).is_file()
    assert (one.format, one.width, one.height) == ("png", 300, 100)
    assert SHOWN.search(author.get(author.page).text)


def logos(answer):
    """The cells of the logo in what a version says: whose pictures they show."""
    row = re.search(
        r'<th scope="row"[^>]*>Logo of the company</th>(.*?)</tr>', answer.text, re.DOTALL
    )[1]
    cells = re.findall(r"<td[^>]*>(?:<div>)?(.*?)(?:</div>)?</td>", row)
    named = re.compile(r'<img class="sent-picture" src="/submit/picture/([^?"]+)[^>]*>$')
    return [found[1] if (found := named.match(cell)) else cell for cell in cells]


def test_what_a_version_says_shows_the_picture_and_not_the_name_of_its_file(service, site):
    author = handed_in(service, picture())
    moderator = service.signed_in(role="jobs team")
    (first,) = attached(service)
    new, own = moderator.get(f"/admin/cases/{only(service).id}"), author.get(author.page)
    published(service, site, moderator)

    send(author, f"{author.page}/change", picture(size=(90, 90)))
    case = moderator.get(f"/admin/cases/{only(service).id}")
    second = attached(service)[1]

    assert logos(new) == logos(own) == [first.name]
    assert logos(case) == [first.name, second.name]
    src = re.findall(r'<img class="sent-picture" src="([^"]+)"', case.text)
    assert [moderator.get(unescape(each)).status_code for each in src] == [200, 200]


def test_a_second_snapshot_still_has_the_picture(service, site):
    handed_in(service, picture())
    published(service, site, service.signed_in(role="jobs team"))
    (one,) = attached(service)

    service.write(lambda tx: enqueue(tx, "snapshot.take", {"why": "again"}))
    store._store(service.settings).delete(store.path_of(one.name))
    work(service)
    site.build(now())

    assert "job-logo" in site.pages()[f"/jobs/{only(service).public_id}/"]


def test_a_page_stands_without_a_picture_that_is_lost(service, site):
    handed_in(service, picture())
    (one,) = attached(service)
    store._store(service.settings).delete(store.path_of(one.name))

    published(service, site, service.signed_in(role="jobs team"))

    assert "job-logo" not in site.pages()[f"/jobs/{only(service).public_id}/"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG is not"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><svg/>", "SVG is not taken"),
        (picture("gif"), "GIF is not taken"),
        (moving("gif"), "GIF is not taken"),
        (moving("webp"), "What moves is not taken. Send a PNG, JPEG, WebP or AVIF."),
        (moving("png"), "What moves is not taken."),
        (b"\0\0\0\x18ftypheic" + bytes(500), "HEIC is not taken. Send a PNG, JPEG, WebP or AVIF."),
        (picture("tiff"), "TIFF is not taken"),
        (b"MZ" + bytes(500), "not a whole picture of a known format"),
        (picture()[:-30], "not a whole picture"),
        (b"<!doctype html><script>alert(1)</script>", "not a whole picture"),
        (HUGE, "more than 25 million pixels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5_000_001), "more than 5 MB"),
        (b"", "The file is empty"),
    ],
    ids=[
        "svg",
        "svg-with-mark",
        "gif",
        "moving-gif",
        "moving-webp",
        "moving-png",
        "heic",
        "tiff",
        "program",
        "half",
        "page",
        "bomb",
        "large",
        "empty",
    ],
)
def test_what_is_no_picture_is_told_beside_its_field_and_nothing_is_kept(service, content, told):
    answer = send(service, content=content)

    assert answer.status_code == 422
    error = re.search(r'id="logo-error">(.*?)</p>', answer.text, re.DOTALL)[1]
    assert told in error
    assert "Logo of the company: sVG" not in answer.text
    assert "Ada &amp; Sons" in answer.text
    assert attached(service) == []
    assert service.rows(select(Submission)) == []


def test_a_picture_beyond_what_a_route_takes_is_told_beside_its_field_and_nothing_typed_is_lost(
    service,
):
    answer = send(service, content=bytes(25_000_000))

    assert answer.status_code == 413
    assert 'id="logo-error"' in answer.text
    assert "may have 20 MB together" in answer.text
    assert "Ada &amp; Sons" in answer.text
    assert attached(service) == []


def test_a_picture_is_not_lost_when_another_field_is_wrong(service):
    answer = send(service, content=picture(), title="")
    name = NAME.search(answer.text)[1]

    again = send(service, content=b"", logo=name)

    assert answer.status_code == 422
    assert again.status_code == 422  # an empty file was chosen, and is told
    token = re.search(r'name="form_token" value="([^"]+)"', again.text)[1]
    assert service.post(FORM, {**GOOD, "logo": name, "form_token": token}).status_code == 303
    assert service.rows(select(Submission))[0].title == GOOD["title"]


def test_a_form_without_a_file_is_as_good_in_either_encoding(service):
    token = re.search(r'name="form_token" value="([^"]+)"', service.get(FORM).text)[1]
    given = {**GOOD, "form_token": token}

    plain = service.post(FORM, given)
    parts = service.post(FORM, given, files={"logo_file": ("", b"")})

    assert (plain.status_code, parts.status_code) == (303, 303)


def test_a_picture_can_be_taken_away_again(service, site):
    author = handed_in(service, picture())
    form = author.get(f"{author.page}/change")
    assert NAME.search(form.text)

    author.submit(form, f"{author.page}/change", **{**GOOD, "logo": ""})

    assert SHOWN.search(author.get(author.page).text) is None


def test_only_whoever_is_given_its_address_sees_a_picture_and_for_an_hour(service, monkeypatch):
    answer = send(service, content=picture(), title="")
    shown = SHOWN.search(answer.text)[1].replace("&amp;", "&")

    seen = service.browser().get(shown)
    bare = service.browser().get(shown.partition("?")[0])
    other = service.browser().get(shown[:-1] + ("0" if shown[-1] != "0" else "1"))
    monkeypatch.setattr("sidecar.attachments.now", lambda: now() + datetime.timedelta(hours=2))
    late = service.browser().get(shown)

    assert seen.headers["content-type"] == "image/png"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert [one.status_code for one in (seen, bare, other, late)] == [200, 404, 404, 404]


def test_no_address_leads_to_another_file(service):
    until = str(int(now().timestamp()) + 100)

    answers = [
        service.get(f"/submit/picture/{name}?until={when}&key={key}")
        for name in ("..%2Fsecret", "secret", "0" * 64 + ".png")
        for when in (until, "x", "", "9" * 400)
        for key in ("", "0" * 32, "ü")
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_what_cameras_and_programs_add_is_gone():
    added = PngImagePlugin.PngInfo()
    added.add_text("Comment", "taken at home")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    shots = [picture(pnginfo=added), picture("jpeg", exif=exif), picture("webp", exif=exif)]

    made = [remake(shot + b"<script>alert(1)</script>") for shot in shots]

    for one in made:
        assert b"taken at home" not in one.bytes
        assert b"<script>" not in one.bytes
    assert [one.format for one in made] == ["png", "jpeg", "webp"]


def test_a_picture_of_a_telephone_stands_upright_and_says_not_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif.get_ifd(0x8825)[1] = "N"
    shot = picture("jpeg", (80, 40), exif=exif)
    in_print = picture("jpeg", (80, 40), "CMYK")
    deep = BytesIO()
    Image.new("I;16", (80, 40), 40_000).save(deep, "PNG")
    with_depth = BytesIO()
    Image.new("RGB", (80, 40)).save(with_depth, "MPO", save_all=True, exif=exif,
                                    append_images=[Image.new("L", (20, 10))])  # fmt: skip

    made = [remake(one) for one in (shot, with_depth.getvalue(), in_print, deep.getvalue())]

    assert [(one.format, one.width, one.height) for one in made] == [
        ("jpeg", 40, 80), ("jpeg", 40, 80), ("jpeg", 80, 40), ("png", 80, 40),
    ]  # fmt: skip
    kept = [Image.open(BytesIO(one.bytes)) for one in made]
    assert [dict(one.getexif()) for one in kept] == [{}] * 4
    assert [one.mode for one in kept] == ["RGB", "RGB", "RGB", "L"]


def test_a_wide_picture_becomes_as_wide_as_it_is_shown_at_most():
    made = remake(picture("jpeg", (4000, 1000)))

    assert (made.width, made.height) == (1600, 400)


def test_the_same_picture_is_kept_once(service):
    for _ in range(2):
        send(service.browser(), content=picture(), title="")

    assert len(attached(service)) == 1
    assert len(list(store.everything(service.settings))) == 1


def test_a_picture_that_arrives_twice_at_once_is_one(service):
    content = picture()
    browsers = [service.browser() for _ in range(6)]
    tokens = [re.search(r'name="form_token" value="([^"]+)"', one.get(FORM).text)[1]
              for one in browsers]  # fmt: skip

    async def all_at_once():
        return await asyncio.gather(*(
            one.client.post(FORM, data={**GOOD, "title": "", "form_token": token},
                            files={"logo_file": ("logo.png", content, "image/png")})
            for one, token in zip(browsers, tokens, strict=True)
        ))  # fmt: skip

    answers = service.run(all_at_once())

    assert [answer.status_code for answer in answers] == [422] * 6
    assert all(NAME.search(answer.text) for answer in answers)
    assert len(attached(service)) == 1


def test_too_many_pictures_a_day_are_told_beside_the_field(service, monkeypatch):
    monkeypatch.setattr("sidecar.attachments.MOST_A_DAY", 1)
    send(service, content=picture(), title="")

    answer = send(service, content=picture(size=(20, 20)))

    assert answer.status_code == 422
    assert "This was tried too often" in answer.text
    assert "Ada &amp; Sons" in answer.text


def test_a_name_of_no_picture_of_ours_is_told(service):
    answer = service.send(FORM, **{**GOOD, "logo": "0" * 64 + ".png"})

    assert answer.status_code == 422
    assert "Send it again" in answer.text


def age(service):
    """Let everything be two days old: what the database knows and what lies in the store."""
    import os

    service.write(lambda tx: tx.execute(update(Attachment).values(created=LONG_AGO)))
    for file in store.folder(service.settings).rglob("*.png"):
        os.utime(file, (0, LONG_AGO.timestamp()))


def test_what_nothing_refers_to_is_swept_after_a_day_and_what_is_used_stays(service, site):
    handed_in(service, picture())
    used = attached(service)[0].name
    send(service, content=picture(size=(20, 20)), title="")
    store.put(service.settings, "f" * 64 + ".png", b"left by a crash")
    service.write(lambda tx: enqueue(tx, "attachments.sweep", {}))
    work(service)
    assert len(list(store.everything(service.settings))) == 3

    age(service)
    service.write(lambda tx: enqueue(tx, "attachments.sweep", {}))
    work(service)

    assert [one.name for one in attached(service)] == [used]
    assert [name for name, _ in store.everything(service.settings)] == [used]


def test_pictures_may_lie_in_a_bucket_and_a_backup_brings_them(tmp_path):
    """A folder by its address is read as a bucket is: by the same library, under its own path."""
    (tmp_path / "bucket").mkdir()
    first = read_settings({"PYDOTORG_ATTACHMENTS": f"file://{tmp_path}/bucket"}, tmp_path / "first")
    second = read_settings({}, tmp_path / "second")
    from sidecar.schema import prepare

    prepare(first.database_url)
    name = "a" * 64 + ".png"
    store.put(first, name, b"logo")

    restore(second, take(first, tmp_path / "backups", now()))

    assert (tmp_path / "bucket/aa" / name).read_bytes() == b"logo"
    assert store.get(second, name) == b"logo"


def test_those_who_decide_see_the_picture_and_the_page_with_it(service, site):
    site.build(now())
    handed_in(service, picture())
    moderator = service.signed_in(role="jobs team")
    case = f"/admin/cases/{only(service).id}"

    shown = SHOWN.search(moderator.get(case).text)[1].replace("&amp;", "&")
    page = moderator.get(f"{case}/page").text

    assert moderator.get(shown).status_code == 200
    assert SHOWN.search(page)
    assert decide(moderator, service, "approve").status_code == 303


def test_an_address_is_made_for_one_name(ready):
    given = address(ready, "a" * 64 + ".png")

    assert given.startswith("/submit/picture/" + "a" * 64 + ".png?until=")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\xfe\r\n--x--\r\n', 400),
        (b'--x\r\nContent-Disposition: form-data; name="title"\r\n'
         b"Content-Type: text/plain; charset=no-such\r\n\r\nhello\r\n--x--\r\n", 400),
        (b"--x\r\n", 400),
        (b"--y\r\n\r\n", 400),
        (b"", 403),
        (b'--x\r\nContent-Disposition: form-data; name="logo_file"; filename="\xff\0.png"\r\n\r\n'
         b"hello\r\n--x--\r\n", 400),
    ],
    ids=["bytes", "charset", "cut", "other", "empty", "name"],
)  # fmt: skip
def test_a_form_that_is_broken_in_itself_is_refused_and_never_a_failure(service, body, status):
    headers = {"content-type": "multipart/form-data; boundary=x"}

    answer = service.ask("POST", FORM, content=body, headers=headers)

    assert answer.status_code == status
