"""Release managers: what is known of their keys, and never more."""

from pydotorg_build.content.cycle import Series
from pydotorg_build.content.managers import MANAGERS, Manager, check
from pydotorg_build.content.read import read
from tests.content.entries import NOW, published

PAGE = "https://www.python.org/downloads/signing/"


def names(**fields):
    return [fault.name for fault in check(Manager(title="Ada", **fields))]


def test_a_manager_needs_no_key():
    assert names() == []


def test_an_identity_needs_who_vouches_for_it_and_where_it_was_published():
    whole = {
        "sigstore_identity": "ada@example.org",
        "sigstore_issuer": "https://issuer.example",
        "evidence": PAGE,
    }

    assert names(sigstore_identity="ada@example.org") == ["sigstore_identity", "evidence"]
    assert names(**whole) == []


def test_a_fingerprint_has_forty_digits():
    _, faults = read(Manager, {"title": "Ada", "openpgp": ["ABCD"], "evidence": PAGE})

    assert [fault.name for fault in faults] == ["openpgp[0]"]


def test_an_identity_that_a_shell_would_not_read_as_one_word_is_refused():
    _, faults = read(Manager, {"title": "Ada", "sigstore_identity": "ada; rm"})

    assert [fault.name for fault in faults] == ["sigstore_identity"]


def test_the_page_says_which_series_somebody_releases():
    series = Series(version="3.14", end_of_life=NOW, release_managers=("Ada",))

    page = published(MANAGERS, Manager(title="Ada"), series)["/downloads/signing/"]

    assert [card.id for card in page.data["series"]["Ada"]] == ["3.14"]
