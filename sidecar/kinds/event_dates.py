"""When an event is that was typed into the form: its times, its rule, and the dates these mean.

The form has a simple control; the entry has a rule of RFC 5545:

    every week                       FREQ=WEEKLY
    every month on the weekday       FREQ=MONTHLY;BYDAY=2TU     (the second Tuesday)
    … until a day, or so many times  ;UNTIL=20271231  ;COUNT=12

Dates of the rule that are left out are typed one a line, or with commas between them.
"""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import takewhile
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, structs

from pydotorg_build.content.base import Fault
from pydotorg_build.content.event_dates import said
from pydotorg_build.content.event_times import DAY, Times, kept, named_by_rule, spans
from pydotorg_build.content.events import MOST_DATES

Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2027-05-14"])]
DayOrNone = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$", examples=["2027-05-14"])]
Hour = Annotated[str, Meta(pattern=r"^(\d{2}:\d{2})?$", examples=["19:30"])]
Repeats = Literal["once", "weekly", "fortnight", "monthly", "weekday", "yearly"]
Count = Annotated[int, Meta(ge=1, le=500)]
LeftOut = Annotated[str, Meta(max_length=6000)]
RULES = {
    "weekly": "FREQ=WEEKLY", "fortnight": "FREQ=WEEKLY;INTERVAL=2", "monthly": "FREQ=MONTHLY",
    "weekday": "FREQ=MONTHLY;BYDAY={nth}{weekday}", "yearly": "FREQ=YEARLY",
}  # fmt: skip
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SHOWN = 6
# As far as six dates of a yearly series, one on 29 February too.
YEARS_AHEAD = 25
# How many years from now a day may be: a slip of the year would give a series of ages.
YEARS = {"day": (-30, 10), "last_day": (-30, 10), "until": (-30, YEARS_AHEAD)}
WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Of so many dates at once it is told what is wrong with them.
TOLD = 5


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What of the form says when it is."""

    day: Day
    time: Hour = ""
    last_day: DayOrNone = ""
    end_time: Hour = ""
    zone: str = ""
    repeats: Repeats = "once"
    until: DayOrNone = ""
    count: Count | None = None
    left_out: LeftOut = ""


TIMES = Typed.__struct_fields__


@cache
def zones() -> tuple[tuple[str, str], ...]:
    """The zones that may be chosen, as pairs of what is sent and what is read."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe",
             "Indian", "Pacific")  # fmt: skip
    names = sorted(
        name for name in zoneinfo.available_timezones() if name.partition("/")[0] in areas
    )
    return (("Etc/UTC", "UTC"), *((name, name.replace("_", " ")) for name in names))


def is_day(text: str) -> bool:
    """Is there such a day?

    >>> is_day("2027-02-28"), is_day("2027-02-29")
    (True, False)
    """
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def repeats(payload: Mapping[str, Any]) -> bool:
    """Is it a series?"""
    return payload.get("repeats") in RULES


def rule_of(payload: Mapping[str, Any]) -> str:
    """The rule of the simple control; empty for an event that is once.

    >>> rule_of({"day": "2027-01-12", "repeats": "weekday", "count": 12})
    'FREQ=MONTHLY;BYDAY=2TU;COUNT=12'
    >>> rule_of({"day": "2027-01-31", "repeats": "weekday", "until": "2027-12-31"})
    'FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20271231'
    """
    if not repeats(payload) or not is_day(str(payload.get("day", ""))):
        return ""
    day = datetime.date.fromisoformat(payload["day"])
    nth = (day.day - 1) // 7 + 1
    parts = [RULES[payload["repeats"]].format(
        nth=nth if nth < 5 else -1, weekday=WEEKDAYS[day.weekday()]
    )]  # fmt: skip
    if payload.get("until"):
        parts.append(f"UNTIL={payload['until'].replace('-', '')}")
    elif payload.get("count"):
        parts.append(f"COUNT={payload['count']}")
    return ";".join(parts)


def times_of(payload: Mapping[str, Any]) -> Times:
    """The times as the entry has them; a time of day is there for both ends or for none."""
    start, hour = str(payload.get("day", "")), payload.get("time", "")
    last, end_hour = payload.get("last_day", ""), payload.get("end_time", "")
    if hour:
        end = f"{last or start} {end_hour}" if end_hour else ""
        return _series(Times(f"{start} {hour}", end, payload.get("zone", "")), payload)
    return _series(Times(start, last if last != start else ""), payload)


def _series(once: Times, payload: Mapping[str, Any]) -> Times:
    """The same with its rule, and the dates of that which are left out."""
    if not (rule := rule_of(payload)):
        return once
    but = dict.fromkeys(text for _, text in left_out(payload) if not _flaw(text))
    return structs.replace(once, rule=rule, but=tuple(but))


def left_out(payload: Mapping[str, Any]) -> list[tuple[int, str]]:
    r"""What stands in the field of the dates that are left out, each with the number of its line.

    >>> left_out({"left_out": "2027-05-14, 2027-05-21\n2027-06-04"})
    [(1, '2027-05-14'), (1, '2027-05-21'), (2, '2027-06-04')]
    """
    lines = str(payload.get("left_out") or "").split("\n")
    return [(number, text) for number, line in enumerate(lines, 1)
            for part in line.split(",") if (text := part.strip())]  # fmt: skip


def _flaw(text: str) -> str:
    """Why a text is no day; nothing where it is one."""
    if not WRITTEN.fullmatch(text):
        return f"write a day as 2027-05-14, not {text[:30]!r}"
    return "" if is_day(text) else f"there is no day {text}"


def time_faults(payload: Mapping[str, Any], at: datetime.datetime) -> Iterator[Fault]:
    """All that is wrong with the times of a form, as far as it can be told beside what else is."""
    found = [*_unreal(payload, at), *_incomplete(payload)]
    yield from found
    wrong = {fault.name for fault in found}
    given = _readable(payload, wrong)
    found = [*_order(given)] if is_day(str(payload.get("day", ""))) else []
    yield from found
    is_in_order = not found and "day" not in wrong
    yield from _left_out_faults(given, is_in_order=is_in_order)
    if is_in_order and "last_day" not in wrong and _is_over(given, at - DAY if wrong else at):
        yield Fault("day", "it is over already")


def _unreal(payload: Mapping[str, Any], at: datetime.datetime) -> Iterator[Fault]:
    for name, (back, ahead) in YEARS.items():
        if not (text := payload.get(name)):
            continue
        if not is_day(text):
            yield Fault(name, "there is no such day")
        elif not at.year + back <= int(text[:4]) <= at.year + ahead:
            yield Fault(name, f"it must be from {at.year + back} to {at.year + ahead}")
    for name in ("time", "end_time"):
        if (text := payload.get(name)) and not _is_hour(text):
            yield Fault(name, "there is no such time of day")
    if payload.get("zone") and payload["zone"] not in dict(zones()):
        yield Fault("zone", "choose one of the list")


def _is_hour(text: str) -> bool:
    hour, _, minute = text.partition(":")
    return int(hour) < 24 and int(minute) < 60


def _incomplete(payload: Mapping[str, Any]) -> Iterator[Fault]:
    if payload.get("time") and not payload.get("zone"):
        yield Fault("zone", "choose the zone of the clock at the venue")
    if payload.get("end_time") and not payload.get("time"):
        yield Fault("time", "say when it begins, or leave out when it ends")
    if payload.get("time") and payload.get("last_day") and not payload.get("end_time"):
        yield Fault("end_time", "say when it ends on the last day")
    if payload.get("until") and payload.get("count"):
        yield Fault("count", "say either until when or how often")
    if repeats(payload):
        return
    if payload.get("until") or payload.get("count"):
        yield Fault("repeats", "say how it repeats, or leave out until when and how often")
    if left_out(payload):
        yield Fault("left_out", "say above how it repeats, or leave this empty")


def _readable(payload: Mapping[str, Any], wrong: set[str]) -> dict[str, Any]:
    """Times without what is wrong: by days where an hour is, and of no zone where that is."""
    given = {**payload, **dict.fromkeys(wrong & {"last_day", "until"}, "")}
    if wrong & {"time", "end_time", "last_day"}:
        given |= {"time": "", "end_time": ""}
    return given | {"zone": "Etc/UTC"} if "zone" in wrong else given


def _order(payload: Mapping[str, Any]) -> Iterator[Fault]:
    times = times_of(payload)
    if "" < times.end <= times.start:
        field = "last_day" if payload.get("last_day") else "end_time"
        yield Fault(
            field, "it ends before it begins; give its last day where it goes past midnight"
        )
    if payload.get("until") and payload["until"] < payload["day"]:
        yield Fault("until", "it ends before it begins")


def _left_out_faults(payload: Mapping[str, Any], *, is_in_order: bool) -> Iterator[Fault]:
    """What is wrong with the dates that are left out, by their lines; in one, as it is one field."""
    named = left_out(payload)
    if not named or not repeats(payload):
        return
    if len(named) > MOST_DATES:
        yield Fault("left_out", f"at most {MOST_DATES} dates can be left out")
        return
    times = times_of(payload)
    known = {f"{begin:%Y-%m-%d}" for begin in named_by_rule(times)} if (
        is_in_order and times.but) else set(times.but)  # fmt: skip
    flaws = [f"line {number}: {flaw}" for number, text in named
             if (flaw := _flaw(text) or ("" if text in known else f"the series has no date {text}"))]  # fmt: skip
    if len(flaws) > TOLD:
        flaws[TOLD:] = [f"and {len(flaws) - TOLD} more"]
    if flaws:
        yield Fault("left_out", "; ".join(flaws))
    elif is_in_order and next(kept(times), None) is None:
        yield Fault("left_out", "every date of the series is left out")


def _is_over(payload: Mapping[str, Any], at: datetime.datetime) -> bool:
    """Has its last date ended?  What has no date at all is not over."""
    times = times_of(payload)
    limit = datetime.datetime.combine(horizon(at), datetime.time(), times.tz)
    ends = [times.span(begin).end for begin in takewhile(lambda b: b < limit, kept(times))]
    return bool(ends) and max(ends) <= at


def horizon(at: datetime.datetime) -> datetime.date:
    """The day before which dates are looked for."""
    return datetime.date(at.year + YEARS_AHEAD, 1, 1)


def beginning(payload: Mapping[str, Any], at: datetime.datetime) -> datetime.datetime | None:
    """When it is next: the moment that its first date which is still to come begins."""
    ahead = (span.begin for span in spans(times_of(payload), horizon(at)) if span.begin > at)
    return next(ahead, None)


def next_dates(payload: Mapping[str, Any], at: datetime.datetime) -> list[str]:
    """The next six dates of a series, in words; none while they are not said rightly."""
    try:
        said_rightly = msgspec.convert({n: payload[n] for n in TIMES if payload.get(n)}, Typed,
                                       strict=False)  # fmt: skip
    except msgspec.ValidationError:
        return []
    given = msgspec.to_builtins(said_rightly)
    if not repeats(given) or [*time_faults(given, at)]:
        return []
    times = times_of(given)
    ahead = [span for span in spans(times, horizon(at)) if span.end > at]
    return [said(span, times) for span in ahead[:SHOWN]]
