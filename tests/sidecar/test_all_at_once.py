"""What is wrong with a form is told at once: nothing new comes once all of it is mended."""

from __future__ import annotations

import pytest

from tests.sidecar import sponsoring
from tests.sidecar.test_cases import FORM, GOOD


@pytest.mark.row("S003")
def test_an_empty_form_of_a_job_tells_also_what_only_the_whole_of_it_lacks(service):
    empty = dict.fromkeys(GOOD, "")

    answer = service.browser().send(FORM, **empty)

    assert answer.status_code == 422
    assert "it is not said where the job is" in answer.text
    assert "it is not said how to apply" in answer.text
    for name in ("title", "company", "category", "text", "sender"):
        assert f'href="#{name}"' in answer.text


def test_an_address_that_is_wrong_hides_no_pay_that_cannot_be(service):
    typed = {**GOOD, "sender": "nobody", "pay_from": "5", "pay_to": "3", "currency": "EUR"}

    answer = service.browser().send(FORM, **typed)

    assert 'href="#sender"' in answer.text
    assert "is less than what is paid at least" in answer.text


def test_a_preview_of_a_sponsor_tells_the_level_with_all_else(service):
    sponsoring.offer(service)
    typed = {**sponsoring.GOOD, "company": "", "level": ""}

    browser = service.browser()
    page = browser.get(sponsoring.FORM).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]

    answer = browser.post(f"{sponsoring.FORM}/preview", {**typed, "form_token": token})

    assert answer.status_code == 422
    assert 'href="#company"' in answer.text
    assert 'href="#level"' in answer.text
