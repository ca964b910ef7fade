"""What a person who wants Python does: choose a download, check it, ask whether theirs is alive."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from playwright.sync_api import expect

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"
SYSTEMS = {"windows", "macos", "source", "android", "ios"}
# What a browser says of the processor, or that it says nothing.
HINTS = """Object.defineProperty(navigator, "userAgentData", { value: %s })"""
FINGERS = """Object.defineProperty(navigator, "maxTouchPoints", { value: %d })"""
TELLS = '{ platform: "Windows", getHighEntropyValues: async () => ({ architecture: "%s" }) }'


@pytest.fixture
def from_system(visit):
    """Open a page as a browser of this system, with what it tells of processor and touch."""

    def open_page(path, agent, processor="", fingers=0, **options):
        page = visit("/about/", user_agent=agent, **options)
        page.add_init_script(FINGERS % fingers)
        page.add_init_script(HINTS % (TELLS % processor if processor else "undefined"))
        page.goto(page.url.replace("/about/", path))
        return page

    return open_page


def mine(page):
    """The part for the visitor's system, which comes first."""
    expect(page.locator("[data-visitor]")).to_have_count(1)
    return page.locator("[data-download-choices] > :first-child[data-visitor]")


@pytest.mark.row("S156")
@pytest.mark.parametrize(
    ("agent", "options", "name"),
    [
        (WINDOWS, {}, "Windows"),
        (MAC, {}, "macOS"),
        (LINUX, {}, "Linux and source code"),
        (ANDROID, {"fingers": 5}, "Android"),
        (IPHONE, {"fingers": 5}, "iOS"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)", {}, "Linux and source code"),
    ],
)
def test_the_visitors_system_comes_first(from_system, agent, options, name):
    page = from_system("/downloads/", agent, **options)

    expect(mine(page).locator("h2")).to_have_text(name)
    expect(mine(page)).to_contain_text("This seems to be your system")
    assert page.locator("[data-os]").count() == 5


def test_an_ipad_that_says_it_is_a_mac_is_none(from_system):
    page = from_system("/downloads/", MAC, fingers=5)

    expect(mine(page).locator("h2")).to_have_text("iOS")


def test_on_a_system_that_is_not_known_nothing_is_put_first(from_system):
    page = from_system("/downloads/", "Mozilla/5.0 (PlayStation 5)")

    expect(page.locator("[data-visitor]")).to_have_count(0)
    expect(page.locator("[data-os]").first).to_have_attribute("data-os", "windows")


@pytest.mark.row("S162")
def test_a_phone_shows_all_that_is_told_of_a_file_without_scrolling_sideways(visit):
    page = visit("/downloads/release/python-3140/", viewport={"width": 360, "height": 740})
    table = page.get_by_role("region", name="Files of Python 3.14.0")

    assert table.evaluate("one => one.scrollWidth - one.clientWidth") == 0
    row = table.get_by_role("row", name="XZ compressed source tarball")
    for words in ("22.5 MiB", "Sigstore", "SHA-256"):
        expect(row.get_by_text(words, exact=True)).to_be_visible()
    assert table.get_by_role("columnheader").all_inner_texts() == [
        "File", "System", "Size", "Proofs", "Checksum",
    ]  # fmt: skip


@pytest.mark.row("S156")
@pytest.mark.parametrize(
    ("processor", "label", "end", "note"),
    [
        ("x86", "Windows installer (64-bit)", "-amd64.exe", "Intel or AMD processor"),
        ("arm", "Windows installer (ARM64)", "-arm64.exe", "ARM processor: the button"),
        ("", "Windows installer (64-bit)", "-amd64.exe", "Your browser hides the processor"),
    ],
)
def test_the_windows_installer_fits_the_processor(from_system, processor, label, end, note):
    page = from_system("/downloads/", WINDOWS, processor)

    expect(mine(page)).to_contain_text(note)
    assert mine(page).locator("[data-installer]").get_attribute("href").endswith(end)
    assert mine(page).locator("[data-installer-about] > :first-child").inner_text() == label
    files = [link.get_attribute("href") for link in mine(page).locator("a[href*=ftp]").all()]
    assert len(files) == len(set(files))
    assert {"-amd64.exe", "-arm64.exe"} <= {f"-{name.rpartition('-')[2]}" for name in files}


@pytest.mark.row("S156")
def test_without_javascript_every_system_and_variant_is_shown(visit):
    page = visit("/downloads/", java_script_enabled=False, user_agent=WINDOWS)

    assert {one.get_attribute("data-os") for one in page.locator("[data-os]").all()} == SYSTEMS
    for name in ("64-bit", "32-bit", "ARM64"):
        expect(page.get_by_text(f"Windows installer ({name})")).to_be_visible()
    for name in ("macOS", "XZ compressed source", "aarch64", "x86_64", "iOS XCframework"):
        expect(page.locator("[data-os]").get_by_text(name).first).to_be_visible()
    expect(page.get_by_text("This seems to be your system")).to_be_hidden()


@pytest.mark.row("S156")
@pytest.mark.parametrize("path", ["/", "/downloads/"])
def test_no_page_asks_for_an_address_for_a_newsletter(visit, path):
    page = visit(path)

    expect(page.locator("input[type=email]")).to_have_count(0)
    assert "newsletter" not in page.locator("body").inner_text().lower()


@pytest.mark.parametrize(
    ("agent", "words", "end"),
    [
        (WINDOWS, "for Windows", ".exe"),
        (MAC, "for macOS", ".pkg"),
        (LINUX, "for every system", "/"),
    ],
)
def test_the_button_of_the_home_page_is_for_the_visitors_system(from_system, agent, words, end):
    page = from_system("/", agent)

    button = page.locator("[data-hero-download]")
    expect(button).to_contain_text("Download Python 3.15.0")
    expect(button.locator("small")).to_have_text(words)
    assert button.get_attribute("href").endswith(end)


def test_the_button_of_the_home_page_is_no_installer_for_another_processor(from_system):
    page = from_system("/", WINDOWS, "arm")

    page.wait_for_load_state("networkidle")
    assert page.locator("[data-hero-download]").get_attribute("href") == "/downloads/"


RELEASE = "/downloads/release/python-3140/"
OURS = b"what one downloaded"


@pytest.mark.parametrize(
    ("agent", "options", "words"),
    [
        (WINDOWS, {}, ["Download for Windows"]),
        (MAC, {}, ["Download for macOS"]),
        (LINUX, {}, ["Download the source"]),
        (IPHONE, {"fingers": 5}, []),
        (MAC, {"java_script_enabled": False}, []),
    ],
)
def test_of_a_release_the_visitors_button_stands_out_where_it_is(
    from_system, agent, options, words
):
    page = from_system(RELEASE, agent, **options)

    expect(page.locator("[data-download-buttons] .button-primary")).to_have_text(words)
    systems = [one.get_attribute("data-os") for one in page.locator("[data-os]").all()]
    assert systems == ["source", "macos", "windows"]


@pytest.mark.parametrize(
    ("processor", "end", "about", "other"),
    [
        ("x86", "-amd64.exe", "64-bit", "For an ARM processor: Windows installer (ARM64)"),
        ("arm", "-arm64.exe", "ARM64", "For an Intel or AMD processor: Windows installer (64-bit)"),
        ("", "-amd64.exe", "64-bit", "For an ARM processor: Windows installer (ARM64)"),
    ],
)
def test_of_a_release_the_installer_is_for_the_visitors_processor_and_the_other_is_named(
    from_system, processor, end, about, other
):
    page = from_system(RELEASE, WINDOWS, processor)

    button = page.locator("[data-download-buttons] .button-primary")
    expect(button).to_have_attribute("href", re.compile(rf"{end}$"))
    expect(page.locator("[data-os=windows] [data-about]")).to_contain_text(f"installer ({about})")
    arm = page.locator("[data-arm]")
    expect(arm).to_contain_text(other)
    assert (
        arm.bounding_box()["y"] > page.locator("[data-os=windows] [data-about]").bounding_box()["y"]
    )


@pytest.fixture
def release(visit):
    """A release whose page records the checksum of a file that we have."""

    def open_page(**digests):
        page = visit("/about/")
        page.route(f"**{RELEASE}", lambda route: answer_with(route, digests))
        page.goto(page.url.replace("/about/", RELEASE))
        return page

    return open_page


def answer_with(route, digests):
    """The real page, which records these files in place of its own: we have none of those."""
    answer = route.fetch()
    head, tag, tail = answer.text().partition('<script type="application/json" id="digests">')
    assert tag, "the page records no checksums"
    _, end, tail = tail.partition("</script>")
    route.fulfill(response=answer, body=head + tag + json.dumps(digests) + end + tail)


def choose(page, name, content):
    page.get_by_label("Choose the file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    return page.locator("form[data-check-download] output")


def test_check_my_download_says_right_of_a_right_file_whatever_its_name(release):
    page = release(**{"python-3.14.0.exe": hashlib.sha256(OURS).hexdigest()})

    for name in ("python-3.14.0.exe", "python-3.14.0 (1).exe"):
        said = choose(page, name, OURS)
        expect(said).to_have_text(
            "Match: this is python-3.14.0.exe, byte for byte as recorded on this page."
        )
        expect(said).to_have_attribute("data-state", "match")


@pytest.mark.row("S164")
def test_the_name_of_a_file_is_shown_as_text_whatever_it_is(release):
    page = release(**{"<img src=x>": "0" * 64})

    said = choose(page, "<img src=x>", OURS)

    expect(said).to_contain_text("No match: this is not <img src=x> as recorded here.")
    expect(said.locator("img")).to_have_count(0)


def test_check_my_download_says_wrong_of_a_wrong_file_and_what_to_do(visit):
    page = visit(RELEASE)

    said = choose(page, "Python-3.14.0.tgz", OURS)

    expect(said).to_have_attribute("data-state", "mismatch")
    expect(said).to_contain_text("No match: this is not Python-3.14.0.tgz as recorded here.")
    expect(said).to_contain_text("Do not run it")


def test_check_my_download_says_that_it_does_not_know_another_file(visit):
    page = visit(RELEASE)

    said = choose(page, "holiday.png", OURS)

    expect(said).to_have_attribute("data-state", "unknown")
    expect(said).to_contain_text(hashlib.sha256(OURS).hexdigest())


def test_check_my_download_says_of_which_file_no_checksum_is_recorded(release):
    page = release(**{"python-3.14.0.exe": ""})

    said = choose(page, "python-3.14.0.exe", OURS)

    expect(said).to_have_attribute("data-state", "unknown")
    expect(said).to_contain_text("No SHA-256 of python-3.14.0.exe is recorded")


def test_the_files_of_a_release_fit_on_a_tablet(visit):
    page = visit("/downloads/release/python-3150/", viewport={"width": 768, "height": 1024})

    beyond = page.locator(".table-wrap").evaluate_all(
        "(found) => found.map((one) => one.scrollWidth - one.clientWidth)"
    )

    assert beyond
    assert not any(beyond)


def test_check_my_download_sends_nothing(visit):
    page = visit(RELEASE)
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    expect(choose(page, "holiday.png", OURS)).to_have_attribute("data-state", "unknown")

    assert asked == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "Python 3.15.0 (main, Oct  9 2026, 10:00:00) [GCC 14.2.0]",
            "Python 3.15: It gets bugfixes and security fixes. It is supported until October 2031.",
        ),
        (
            "Python 3.14.0 (tags/v3.14.0:ebf955d, Oct  7 2025) [MSC v.1944 64 bit (AMD64)]",
            "Python 3.14: It gets bugfixes and security fixes. It is supported until October 2030. "
            "The newest release of 3.14 is Python 3.14.8.",
        ),
        (
            "Python 3.12.15",
            "Python 3.12: It gets security fixes only, as source: plan to move to a newer series. "
            "It is supported until October 2028.",
        ),
        (
            "Python 2.7.18",
            "Python 2.7: It gets no fixes any more, not even for security holes: move to a newer "
            "series. Its support ended on 1 January 2020. The newest Python is on the downloads page.",
        ),
        (
            "Python 3.15.0rc1",
            "Python 3.15: It gets bugfixes and security fixes. It is supported until October 2031. "
            "3.15.0rc1 is a pre-release: the newest release of 3.15 is Python 3.15.0.",
        ),
        (
            "Python 3.16.0a1",
            "Python 3.16: It is in development: do not use it for work that matters. "
            "It is supported until October 2032.",
        ),
        (
            "me@10.0.0.7 ~ % python -VV\nPython 3.15.0",
            "Python 3.15: It gets bugfixes and security fixes. It is supported until October 2031.",
        ),
        (
            "Python 9.9.9",
            "Python 9.9 is not known here: look at the number again, or for your version in the "
            "table below.",
        ),
        ("hello", "No version stands in this text. Paste what `python -VV` prints."),
        ("", "No version stands in this text. Paste what `python -VV` prints."),
    ],
)
def test_whoever_pastes_a_version_is_told_what_to_do(visit, text, answer):
    page = visit("/downloads/support/")
    page.get_by_label("Paste what python -VV prints").fill(text)

    page.get_by_role("button", name="What should I do?").click()

    expect(page.locator("form[data-support-check] output")).to_have_text(answer)


def test_the_newest_release_that_is_named_is_a_link_to_it(visit):
    page = visit("/downloads/support/")
    page.get_by_label("Paste what python -VV prints").fill("3.14.1")
    page.get_by_role("button", name="What should I do?").click()

    page.get_by_role("main").get_by_role("link", name="Python 3.14.8").first.click()

    page.wait_for_url("**/downloads/release/python-3148/")


def test_on_a_phone_the_timeline_begins_at_today(visit):
    page = visit("/downloads/support/", viewport={"width": 360, "height": 740})

    expect(page.locator(".timeline-now")).to_be_in_viewport()
    for what in (".timeline-now", ".timeline-names text >> nth=0", ".timeline figcaption"):
        assert 0 < page.locator(what).bounding_box()["x"] < 360, what


def test_on_a_phone_no_name_of_a_version_lies_on_a_bar(visit):
    page = visit("/downloads/support/", viewport={"width": 360, "height": 740})
    names = page.locator(".timeline-names")

    page.locator(".timeline-scroll").evaluate("one => one.scrollLeft = 250")

    ground = names.locator("rect")
    expect(ground).to_have_css("fill", "rgb(255, 255, 255)")
    expect(names).not_to_have_attribute("transform", "translate(0)")
    box = ground.bounding_box()
    for text in names.locator("text").all():
        inside = text.bounding_box()
        assert inside["height"] > 12
        assert box["x"] <= inside["x"]
        assert inside["x"] + inside["width"] <= box["x"] + box["width"]
    assert names.evaluate("one => one.nextElementSibling") is None, "it is drawn last"


@pytest.mark.parametrize("path", ["/downloads/support/", "/downloads/"])
@pytest.mark.row("S152")
def test_on_a_phone_the_table_of_support_is_whole_without_scrolling(visit, path):
    page = visit(path, viewport={"width": 360, "height": 740})

    row = page.get_by_role("row").filter(has=page.locator("a[href='/downloads/series/3.14/']"))
    told = row.evaluate(
        """row => [...row.cells].map((cell) => {
          const { left, right } = cell.getBoundingClientRect();
          return left >= 0 && right <= 360 ? cell.innerText : `outside: ${cell.innerText}`;
        })"""
    )
    assert told == [
        "3.14",
        "bugfix",
        "Python 3.14.8",
        "7 October 2025",
        "October 2027",
        "October 2030",
        "PEP 745",
    ]
    labels = "cell => getComputedStyle(cell, '::before').content"
    assert row.locator("td").nth(4).evaluate(labels) == '"End of support"'
    wide = "[...document.querySelectorAll('.table-wrap:has(.cycle)')].map((it) => it.scrollWidth - it.clientWidth)"
    assert set(page.evaluate(wide)) == {0}
