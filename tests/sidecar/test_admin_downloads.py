"""The numbers of downloads for staff: choices change them, and in every way they add up."""

from __future__ import annotations

import csv
import datetime
import io
import re

import pytest
from sqlalchemy import func, select

from pydotorg_build.content.download_numbers import DownloadNumbers
from pydotorg_build.content.read import read
from pydotorg_build.snapshot import Snapshots
from sidecar import download_numbers
from sidecar.clock import now
from sidecar.schedules import SCHEDULES
from sidecar.snapshots import snapshot_of
from sidecar.tables.downloads import DownloadDay, DownloadFile
from sidecar.worker import Worker

URL = "/admin/downloads"
TODAY = now().date()
DAY = datetime.timedelta(days=1)
FILES = {
    "3.14.0/Python-3.14.0.tgz": ("3.14.0", "source"),
    "3.14.0/python-3.14.0-amd64.exe": ("3.14.0", "windows"),
    "3.9.1/python-3.9.1-amd64.exe": ("3.9.1", "windows"),
}
TGZ, EXE, OLD = FILES
COUNTS = (
    (TODAY, TGZ, "DE", 5), (TODAY - DAY, TGZ, "", 3), (TODAY - DAY, EXE, "DE", 7),
    (TODAY - DAY, OLD, "FR", 2), (TODAY - 60 * DAY, OLD, "DE", 100),
    (TODAY - 500 * DAY, TGZ, "DE", 30), (TODAY - 500 * DAY, TGZ, "FR", 10),
)  # fmt: skip


@pytest.fixture
def counted(service):
    """Numbers of two releases, four days and three countries, one of them not known."""

    async def write(tx):
        tx.add_all(
            DownloadFile(path=path, release=release, system=system)
            for path, (release, system) in FILES.items()
        )
        tx.add_all(
            DownloadDay(day=day, path=path, country=country, count=count)
            for day, path, country, count in COUNTS
        )

    service.write(write)
    return service


@pytest.fixture
def staff(counted):
    return counted.signed_in(role="staff")


def total(page):
    return int(
        re.search(r"<strong>([^<]*)</strong> downloads from", page).group(1).replace(",", "")
    )


def table(page, caption):
    """The rows of a table: what each is of, and its number."""
    found = page.partition(f">{caption}</caption>")[2].partition("</tbody>")[0]
    cells = re.findall(r'<th scope="row">([^<]*)</th>\s*<td class="number">([^<]*)</td>', found)
    return {name: int(number.replace(",", "")) for name, number in cells}


def columns(page):
    """The numbers of the chart."""
    return [
        int(n.replace(",", "")) for n in re.findall(r"<title>[^<]*: ([^<]*)</title></rect>", page)
    ]


ALL = f"since={TODAY - 600 * DAY}"


@pytest.mark.row("S408", "S409")
@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("", 17),
        (f"since={TODAY}", 5),
        (f"since={TODAY - 90 * DAY}", 117),
        (ALL, 157),
        (f"{ALL}&release=3.14.0", 55),
        (f"{ALL}&release=3.9.1", 102),
        (f"{ALL}&system=windows", 109),
        (f"{ALL}&country=DE", 142),
        (f"{ALL}&country=none", 3),
        (f"{ALL}&system=windows&country=FR", 2),
        (f"{ALL}&system=source&release=3.9.1", 0),
        (f"{ALL}&until={TODAY - 61 * DAY}&by=month", 40),
    ],
)
def test_choices_change_the_numbers_and_all_sums_agree(staff, query, whole):
    page = staff.get(f"{URL}?{query}").text

    assert total(page) == whole
    if whole:
        captions = ("By release", "By system", "By country", "By file")
        sums = [sum(table(page, caption).values()) for caption in captions]
        assert sums == [whole] * 4
        assert sum(columns(page)) == whole


@pytest.mark.row("S408")
def test_a_chart_has_a_column_for_each_day_and_says_in_words_what_it_shows(staff):
    page = staff.get(f"{URL}?since={TODAY - 9 * DAY}").text

    assert columns(page) == [0] * 8 + [12, 5]
    assert 'role="img" aria-label="Downloads by day: ' in page
    assert "at most 12 (" in page
    assert "style=" not in page.partition("<main")[2]


def test_a_long_time_is_shown_by_month(staff):
    page = staff.get(f"{URL}?{ALL}").text

    assert "Over 400 days are shown by month." in page
    assert len(columns(page)) in (20, 21)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=soon", "must be a day"),
        (f"since={TODAY}&until={TODAY - DAY}", "lies after"),
        ("release=9.9", "Nothing was counted for release “9.9”"),
        ("country=%3Cscript%3E", "Nothing was counted for country “&lt;script&gt;”"),
        ("by=hour", "Nothing was counted for by “hour”"),
    ],
)
def test_what_cannot_be_meant_is_told_and_left_out(staff, query, words):
    answer = staff.get(f"{URL}?{query}")

    assert answer.status_code == 200
    assert words in answer.text


def test_without_numbers_it_says_so(service):
    page = service.signed_in(role="staff").get(URL).text

    assert "Nothing was counted of this." in page


def sheet(staff, query):
    answer = staff.get(f"{URL}/csv?{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.row("S409")
def test_the_sheet_has_the_rows_that_the_page_adds_up(staff):
    head, *rows = sheet(staff, f"{ALL}&country=DE")

    assert head == ["day", "file", "release", "system", "country", "downloads"]
    assert rows[-1] == [f"{TODAY}", TGZ, "3.14.0", "source", "DE", "5"]
    assert sum(int(row[-1]) for row in rows) == 142


def test_no_cell_of_the_sheet_is_a_formula(service):
    evil = ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)")

    async def write(tx):
        for path in evil:
            tx.add(DownloadFile(path=path, release=path, system="source"))
            tx.add(DownloadDay(day=TODAY, path=path, country="", count=1))

    service.write(write)
    _, *rows = sheet(service.signed_in(role="staff"), "")

    assert {row[1] for row in rows} == {f"'{path}" for path in evil}


# What is kept, and what the site is given


def run(service, name):
    """Do what is scheduled by a name."""
    service.write(lambda tx: enqueue(tx, name))
    service.run(Worker(service.db, service.settings).drain())


async def enqueue(tx, name):
    from sidecar import queue

    assert name in SCHEDULES
    await queue.enqueue(tx, name, {})


@pytest.mark.row("S411", "S413")
def test_countries_of_long_ago_are_added_up_and_the_totals_stay(counted):
    before = counted.rows(select(func.sum(DownloadDay.count)))

    run(counted, "downloads.publish")

    assert counted.rows(select(func.sum(DownloadDay.count))) == before
    old = counted.rows(select(DownloadDay).where(DownloadDay.day < TODAY - 400 * DAY))
    assert [(row.path, row.country, row.count) for row in old] == [(TGZ, "", 40)]
    assert len(counted.rows(select(DownloadDay))) == len(COUNTS) - 1


@pytest.mark.row("C22")
def test_the_snapshot_has_the_numbers_of_the_days_that_are_over(counted):
    run(counted, "downloads.publish")

    path = snapshot_of(counted.settings)
    reader = Snapshots(path.parent, [path.name])
    (row,) = reader.rows(path.name, "download_numbers")
    reader.close()
    numbers, faults = read(DownloadNumbers, dict(row.data))
    assert faults == []
    assert numbers.through == TODAY - DAY
    assert numbers.total == 152
    for parts in (numbers.months, numbers.systems, numbers.series, numbers.releases):
        assert sum(one.count for one in parts) == 152
    assert [one.count for one in numbers.days][-1] == 12
    assert len(numbers.days) == 90


def test_without_numbers_the_snapshot_has_none(service):
    assert list(service.write(download_numbers.rows)) == []
