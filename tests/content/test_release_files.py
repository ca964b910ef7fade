"""The files of a release: what their names say, what proves them, and which is the button."""

import datetime

import pytest

from pydotorg_build.content.file_names import label_of, naming
from pydotorg_build.content.release import Release, buttons_of, check
from pydotorg_build.content.release_files import ReleaseFile

DAY = datetime.date(2025, 10, 7)
DIGEST = "2299dae542d395ce3883aca00d3c910307cd68e0b2f7336098c8e7b7eee9f3e9"


def release(*files, **fields):
    return Release(**{"version": "3.14.0", "date": DAY, "files": files, **fields})


def messages(entry):
    return [fault.message for fault in check(entry)]


@pytest.mark.row("S080")
@pytest.mark.parametrize(
    ("name", "os", "arch", "kind"),
    [
        ("Python-3.14.0.tar.xz", "source", "any", "source"),
        ("Python-3.14.0.tgz", "source", "any", "source"),
        ("python-3.14.0-amd64.exe", "windows", "x86-64", "installer"),
        ("python-3.14.0-arm64.exe", "windows", "arm64", "installer"),
        ("python-3.14.0.exe", "windows", "x86", "installer"),
        ("python-3.14.0-embed-win32.zip", "windows", "x86", "embeddable-package"),
        ("python-3.14.0t-arm64.zip", "windows", "arm64", "install-manager-package"),
        ("python-3.14.0-test-amd64.zip", "windows", "x86-64", "test-package"),
        ("windows-3.14.0.json", "windows", "any", "install-manager-index"),
        ("python-3.14.0-macos11.pkg", "macos", "universal2", "installer"),
        ("python-3.8.1-macosx10.9.pkg", "macos", "x86_64", "installer"),
        ("python-3.14.0-aarch64-linux-android.tar.gz", "android", "aarch64", "embeddable-package"),
        ("python-3.15.0-iOS-XCframework.tar.gz", "ios", "universal", "embeddable-package"),
        ("python-2.7.6.amd64-pdb.zip", "windows", "x86-64", "debug-symbols"),
        ("python-manager-25.0b9.msix", "windows", "any", "install-manager"),
    ],
)
def test_the_name_of_a_file_says_what_it_is(name, os, arch, kind):
    assert naming(name).words == (os, arch, kind)


def test_a_file_is_called_as_it_was_called_in_its_day():
    name = "python-3.9.1-amd64.exe"

    assert label_of(name, datetime.date(2020, 11, 3)) == "Windows x86-64 executable installer"
    assert label_of(name, datetime.date(2020, 12, 7)) == "Windows installer (64-bit)"


@pytest.mark.row("S080")
@pytest.mark.row("S084")
def test_address_and_proofs_follow_from_the_name():
    file = ReleaseFile(name="Python-3.14.0.tgz", sha256=DIGEST, size=30587509)

    (download,) = release(file, proofs=("sigstore", "sbom")).downloads()

    base = "https://www.python.org/ftp/python/3.14.0/Python-3.14.0.tgz"
    assert download.url == base
    assert download.sigstore_url == f"{base}.sigstore"
    assert download.sbom_url == f"{base}.spdx.json"
    assert download.gpg_url == ""
    assert download.digest == ("SHA-256", DIGEST)


def test_a_file_may_have_other_proofs_than_its_release():
    file = ReleaseFile(name="Python-3.14.0.tgz", proofs=("gpg",))

    (download,) = release(file, proofs=("sigstore",)).downloads()

    assert (download.gpg_url, download.sigstore_url) == (f"{download.url}.asc", "")


def test_pre_releases_lie_in_the_folder_of_their_final_version():
    file = ReleaseFile(name="Python-3.14.0rc1.tgz")

    (download,) = release(file, version="3.14.0rc1").downloads()

    assert download.url == "https://www.python.org/ftp/python/3.14.0/Python-3.14.0rc1.tgz"


def test_an_old_address_is_kept_for_programs_and_linked_as_https():
    old = "http://www.python.org/ftp/python/3.14.0/Python-3.14.0.tgz"
    entry = release(ReleaseFile(name="Python-3.14.0.tgz", url=old), legacy=("http",))

    (download,) = entry.downloads()

    assert messages(entry) == []
    assert download.recorded_url == old
    assert download.url == old.replace("http:", "https:")


def test_an_address_elsewhere_is_refused():
    entry = release(ReleaseFile(name="Python-3.14.0.tgz", url="https://python.example/x.tgz"))

    (message,) = messages(entry)
    assert message.endswith(
        "must begin with https://www.python.org/, not 'https://python.example/x.tgz'"
    )


def test_an_address_without_https_is_refused_unless_marked_as_legacy():
    entry = release(ReleaseFile(name="Python-3.14.0.tgz", url="http://www.python.org/x.tgz"))

    (message,) = messages(entry)
    assert message.endswith(
        "must begin with https://www.python.org/, not 'http://www.python.org/x.tgz'"
    )


def test_a_name_that_no_rule_knows_must_be_explained():
    entry = release(ReleaseFile(name="python-3.14.0.rpm"))

    assert messages(entry) == ["no naming rule says what python-3.14.0.rpm is"]


def test_a_name_that_a_shell_would_not_read_as_one_word_is_refused():
    entry = release(ReleaseFile(name="Python-3.14.0.tgz; rm"))

    assert messages(entry) == ["'Python-3.14.0.tgz; rm' is not the name of a file"]


def test_a_release_without_files_is_a_draft_or_refused_but_for_the_oldest():
    assert messages(release()) == ["the release has no files"]
    assert messages(release(draft=True)) == []
    assert messages(release(version="1.6.0")) == []


def test_one_system_cannot_have_two_buttons():
    entry = release(
        ReleaseFile(name="Python-3.14.0.tgz", button=True),
        ReleaseFile(name="Python-3.14.0.tar.xz", button=True),
    )

    assert messages(entry) == ["Source has 2 download buttons, and may have one"]


@pytest.mark.parametrize(
    ("names", "button"),
    [
        (["Python-3.14.0.tgz", "Python-3.14.0.tar.xz"], "Python-3.14.0.tar.xz"),
        (["Python-3.14.0.tgz", "Python-3.14.0.tar.bz2"], "Python-3.14.0.tgz"),
        (["python-3.14.0.exe", "python-3.14.0-amd64.exe"], "python-3.14.0-amd64.exe"),
        (["python-3.14.0-arm64.exe", "python-3.14.0.exe"], "python-3.14.0.exe"),
        (["python-3.8.9-macosx10.9.pkg", "python-3.8.9-macos11.pkg"], "python-3.8.9-macos11.pkg"),
    ],
)
def test_the_button_is_the_most_usual_installer(names, button):
    assert buttons_of(ReleaseFile(name=name) for name in names) == {button}


def test_a_file_can_be_made_the_button_or_kept_from_it():
    files = (
        ReleaseFile(name="python-3.8.0-amd64.exe"),
        ReleaseFile(name="python-3.8.0.exe", button=True),
        ReleaseFile(name="Python-3.8.0.tgz", button=False),
    )

    assert buttons_of(files) == {"python-3.8.0.exe"}


def test_source_comes_first_and_windows_last_and_in_its_order():
    names = [
        *("python-3.14.0-embed-arm64.zip", "python-3.14.0.exe", "python-3.14.0-macos11.pkg"),
        *("python-3.14.0-arm64.exe", "Python-3.14.0.tgz", "python-3.14.0-embed-amd64.zip"),
        *("python-3.14.0-amd64.exe", "python3140.chm"),
    ]

    downloads = release(*(ReleaseFile(name=name) for name in names)).downloads()

    assert [download.name for download in downloads] == [
        *("Python-3.14.0.tgz", "python-3.14.0-macos11.pkg", "python-3.14.0-amd64.exe"),
        *("python-3.14.0.exe", "python-3.14.0-arm64.exe", "python3140.chm"),
        *("python-3.14.0-embed-amd64.zip", "python-3.14.0-embed-arm64.zip"),
    ]


@pytest.mark.parametrize("version", ["3.11.9", "3.12.1", "3.13.0a1", "3.13.0a3"])
def test_a_bill_of_materials_is_linked_only_since_there_are_any(version):
    file = ReleaseFile(name=f"Python-{version}.tar.xz", proofs=("sbom",))

    assert messages(release(file, version=version)) == [
        f"no bill of materials was made for {version}"
    ]


@pytest.mark.parametrize("version", ["3.12.2", "3.13.0a4", "3.13.0rc1", "3.14.0a1"])
def test_since_then_it_may_be(version):
    file = ReleaseFile(name=f"Python-{version}.tar.xz", proofs=("sbom",))

    assert messages(release(file, version=version)) == []
