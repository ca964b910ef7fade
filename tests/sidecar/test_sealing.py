"""What is sealed opens for whom it belongs to, and for nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.sealing import Unreadable, Use, digest, seal, sign, signed_words, unseal

SECRET = "a secret of the settings of at least 32 characters"


@given(st.text(), st.text())
def test_what_is_sealed_opens_for_whom_it_belongs_to(text, owner):
    text, owner = (word.encode(errors="ignore").decode() for word in (text, owner))

    assert unseal(SECRET, Use.FACTORS, owner, seal(SECRET, Use.FACTORS, owner, text)) == text


@pytest.mark.parametrize(
    ("secret", "use", "owner", "changed"),
    [
        (SECRET + "x", Use.FACTORS, "user 1", False),
        (SECRET, Use.ENROLMENT, "user 1", False),
        (SECRET, Use.FACTORS, "user 2", False),
        (SECRET, Use.FACTORS, "user 1", True),
    ],
)
def test_it_opens_with_no_other_secret_for_no_other_purpose_and_no_other_owner(
    secret, use, owner, changed
):
    sealed = seal(SECRET, Use.FACTORS, "user 1", "JBSWY3DPEHPK3PXP")

    with pytest.raises(Unreadable):
        unseal(
            secret,
            use,
            owner,
            ("B" if sealed[0] == "A" else "A") + sealed[1:] if changed else sealed,
        )


@pytest.mark.parametrize("sealed", ["", "x", "not sealed at all", "é" * 40, "A" * 100])
def test_what_was_never_sealed_does_not_open(sealed):
    with pytest.raises(Unreadable):
        unseal(SECRET, Use.FACTORS, "user 1", sealed)


def test_nothing_of_a_text_stands_in_its_seal_and_no_two_seals_are_alike():
    first, second = (seal(SECRET, Use.FACTORS, "user 1", "JBSWY3DP") for _ in range(2))

    assert first != second
    assert "JBSWY3DP" not in first


def test_a_digest_is_of_one_use_and_one_secret():
    assert digest(SECRET, Use.CHALLENGES, "a") == digest(SECRET, Use.CHALLENGES, "a")
    assert digest(SECRET, Use.CHALLENGES, "a") != digest(SECRET, Use.FACTORS, "a")
    assert digest(SECRET, Use.CHALLENGES, "a") != digest(SECRET + "x", Use.CHALLENGES, "a")


@given(st.text(), st.text())
def test_what_is_signed_is_read_as_it_was_and_nothing_else_is(words, other):
    words = words.encode(errors="ignore").decode()
    signed = sign(SECRET, Use.DRAFTS, words)

    assert signed_words(SECRET, Use.DRAFTS, signed) == words
    assert signed_words(SECRET, Use.SENT, signed) == ""
    assert signed_words(SECRET + "x", Use.DRAFTS, signed) == ""
    assert signed_words(SECRET, Use.DRAFTS, other) == ""
    assert signed_words(SECRET, Use.DRAFTS, f"x{signed}") == ""
