"""What those who decide are told of a text: its language, its sender's address, and what is like it."""

from __future__ import annotations

import datetime
import json
import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.disposable import LIST, domains
from sidecar.language import common_in, is_english
from sidecar.likeness import likeness, runs_of
from sidecar.tables.cases import Revision, Submission
from tests.sidecar.test_cases import FORM, GOOD, link_in, mails

ENGLISH = """We are looking for somebody who writes **Python** all day, and who likes to teach it.
You work with Django and PostgreSQL in a team of five, from Lisbon or from where you live. There are
no meetings before ten. Send us what you have written, and say which part of it you would do again."""
SKILLS = """Senior Python developer. Requirements: Python, Django, PostgreSQL, Docker, Kubernetes,
AWS. Five years of experience with REST services. Experience with React is a plus. Salary by
agreement. Remote, full time. Send your CV to our office."""
OTHERS = {
    "German": """Wir suchen eine erfahrene Entwicklerin oder einen Entwickler für unser Team in
        Berlin. Sie arbeiten mit Python und Django an einer Plattform, die von vielen Kunden in
        Europa genutzt wird. Wir bieten flexible Arbeitszeiten und ein gutes Gehalt.""",
    "Dutch": """Wij zoeken een ervaren ontwikkelaar voor ons team in Utrecht. Je werkt met Python
        en Django aan een platform dat door veel klanten wordt gebruikt. We bieden flexibele
        werktijden, een goed salaris en de mogelijkheid om thuis of op kantoor te werken.""",
    "Danish": """Vi søger en erfaren udvikler til vores team i København. Du skal arbejde med Python
        og Django på en platform som bruges af mange kunder. Vi har fleksible arbejdstider, en god
        løn og mulighed for at arbejde hjemmefra flere dage om ugen.""",
    "Portuguese": """Procuramos uma pessoa com experiência para a nossa equipa em Lisboa. Vais
        trabalhar com Python e Django numa plataforma que muitos clientes usam. Oferecemos horários
        flexíveis, bom salário e a possibilidade de trabalhar em casa.""",
    "Russian": """Мы ищем опытного разработчика в нашу команду. Вы будете работать с Python и Django
        над платформой, которой пользуются многие клиенты. Мы предлагаем гибкий график, хорошую
        зарплату и возможность работать из дома каждый день недели.""",
}


@pytest.mark.parametrize("text", [ENGLISH, SKILLS])
def test_english_prose_and_a_bare_list_of_skills_read_as_english(text):
    assert is_english(*common_in(text))


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_hardly_reads_as_english_though_it_names_english_tools(language):
    assert not is_english(*common_in(OTHERS[language]))


def test_of_a_few_words_no_language_is_told():
    assert common_in("Python all day. See https://the.and.of.the.example/" + "and/" * 30) is None


def test_a_text_is_like_itself_and_unlike_another_and_in_between_when_it_was_changed():
    one, other = runs_of({"text": ENGLISH}), runs_of({"text": SKILLS})
    changed = runs_of({"text": ENGLISH.replace("There are\nno meetings before ten. ", "")})

    assert likeness(one, one) == 100
    assert 70 < likeness(one, changed) < 100
    assert likeness(one, other) < 5


@pytest.mark.parametrize("domain", sorted(domains()))
def test_each_domain_of_the_list_is_written_as_addresses_are_compared(domain):
    assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]+", domain)
    assert LIST.read_text(encoding="utf-8").splitlines().count(domain) == 1


def hand_in(service, sender="ada@ada.example", **typed):
    """A job that waits; its number."""
    browser = service.browser()
    browser.send(FORM, **{**GOOD, "text": ENGLISH, "sender": sender, **typed})
    link = link_in(mails(service, sender)[-1])
    assert browser.send(link, link.partition("?")[0]).status_code == 303
    return max(service.rows(select(Submission.id)))


@pytest.fixture
def facts(service):
    """What was looked at of a case, as its page tells it."""
    moderator = service.signed_in(role="jobs team")

    def told(number):
        page = moderator.get(f"/admin/cases/{number}").text
        part = page.partition("<h2>What was looked at</h2>")[2].partition("</ul>")[0]
        return [unescape(" ".join(re.sub(r"<(?!a |/a)[^>]+>", "", item).split()))
                for item in part.split("</li>") if item.strip()]  # fmt: skip

    return told


def test_the_page_says_of_which_language_it_hardly_is_and_whose_address_lives_for_minutes(
    service, facts
):
    number = hand_in(service, "bo@eu.mailinator.com", text=OTHERS["German"])

    told = facts(number)

    assert "! Look: It hardly reads as English: 0 of 38 words are common English ones" in told
    assert "! Look: Addresses at eu.mailinator.com live for minutes" in told


def test_of_a_usual_one_nothing_is_held_against_it(service, facts):
    told = facts(hand_in(service))

    assert "✓ Good: Nothing of 90 days is like it, of 0 compared" in told
    assert "✓ Good: Addresses at ada.example are not known to be thrown away" in told
    assert any(fact.startswith("✓ Good: It reads as English: ") for fact in told)


def test_what_is_like_it_is_named_with_how_much_whose_it_is_and_a_link(service, facts):
    first = hand_in(service)
    hand_in(service, "zoe@zoe.example", title="Else", text=SKILLS, company="Zoe")
    again = hand_in(service, text=ENGLISH.replace("five", "six"))
    stolen = hand_in(service, "eve@eve.example", title="Baker", text=ENGLISH)

    def like(number):
        return [(int(score), whose, int(link)) for fact in facts(number) for score, whose, link in
                re.findall(r"Look: (\d+) % like one (.+), which .+/admin/cases/(\d+)", fact)]  # fmt: skip

    ((score, whose, _),) = [one for one in like(again) if one[2] == first]
    assert 80 < score < 100
    assert whose == "posted before by the same sender"
    assert [(whose, link) for _, whose, link in like(stolen)] == [
        ("of another sender", first), ("of another sender", again),
    ]  # fmt: skip


def test_what_nobody_confirmed_or_is_old_is_not_compared(service, facts):
    hand_in(service)
    old = now() - datetime.timedelta(days=91)
    service.write(lambda tx: tx.execute(update(Submission).values(created=old)))
    service.browser().send(FORM, **{**GOOD, "text": ENGLISH, "sender": "eve@eve.example"})
    number = hand_in(service, "zoe@zoe.example")

    assert "✓ Good: Nothing of 90 days is like it, of 0 compared" in facts(number)


COUNTRIES = {
    "country": [{"slug": "germany", "title": "Germany"},
                {"slug": "united-states", "title": "United States"}],
    "country_also": [{"slug": "usa", "name": "USA", "title": "United States"}],
}  # fmt: skip


@pytest.fixture
def countries(service):
    """The countries that the site knows."""
    file = Path(service.settings.site) / "jobs/terms.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(COUNTRIES))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Atlantis", "! Look: No country is called “Atlantis”"),
        ("Germny", "! Look: No country is called “Germny”: is Germany meant?"),
        ("germany", "✓ Good: The country is known: Germany"),
        ("USA", "✓ Good: The country is known: United States"),
    ],
)
def test_a_country_that_is_none_is_told_to_its_author_and_to_the_desk(
    service, facts, countries, typed, told
):
    token = re.search(r'name="form_token" value="([^"]+)"', service.get(FORM).text)[1]
    typed_in = {**GOOD, "country": typed, "form_token": token}

    look = service.post(f"{FORM}/preview", typed_in).text

    assert told in facts(hand_in(service, country=typed))
    assert told.partition(": ")[2] in unescape(look)


def test_another_name_of_a_country_is_taken_by_its_title(service, countries):
    hand_in(service, country="USA")

    (payload,) = service.rows(select(Revision.payload))
    assert payload["country"] == "United States"
