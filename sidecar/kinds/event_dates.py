"""When an event is that was typed into the form: its times, its rule, and the dates these mean.

The form has a simple control; the entry has a rule of RFC 5545:

    every week                       FREQ=WEEKLY
    every month on the weekday       FREQ=MONTHLY;BYDAY=2TU     (the second Tuesday)
    … until a day, or so many times  ;UNTIL=20271231  ;COUNT=12
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pydotorg_build.content.base import Fault
from pydotorg_build.content.event_dates import said
from pydotorg_build.content.event_times import Times, spans

Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2027-05-14"])]
DayOrNone = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$", examples=["2027-05-14"])]
Hour = Annotated[str, Meta(pattern=r"^(\d{2}:\d{2})?$", examples=["19:30"])]
Repeats = Literal["once", "weekly", "fortnight", "monthly", "weekday", "yearly"]
Count = Annotated[int, Meta(ge=0, le=500)]
RULES = {
    "weekly": "FREQ=WEEKLY", "fortnight": "FREQ=WEEKLY;INTERVAL=2", "monthly": "FREQ=MONTHLY",
    "weekday": "FREQ=MONTHLY;BYDAY={nth}{weekday}", "yearly": "FREQ=YEARLY",
}  # fmt: skip
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SHOWN = 6
# As far as six dates of a yearly series, one on 29 February too.
YEARS_AHEAD = 25
FAREST = 10


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What of the form says when it is."""

    day: Day
    time: Hour = ""
    last_day: DayOrNone = ""
    end_time: Hour = ""
    zone: str = ""
    repeats: Repeats = "once"
    until: DayOrNone = ""
    count: Count = 0


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
        return Times(f"{start} {hour}", end, payload.get("zone", ""), rule_of(payload))
    return Times(start, last if last != start else "", "", rule_of(payload))


def time_faults(payload: Mapping[str, Any], at: datetime.datetime) -> Iterator[Fault]:
    """What is wrong with the times of a form; where something is, nothing further is looked at."""
    found = [*_unreal(payload), *_incomplete(payload)]
    yield from found
    if not found:
        yield from _order(payload, at)


def _unreal(payload: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("day", "last_day", "until"):
        if (text := payload.get(name)) and not is_day(text):
            yield Fault(name, "there is no such day")
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
    if (payload.get("until") or payload.get("count")) and not repeats(payload):
        yield Fault("repeats", "say how it repeats, or leave out until when and how often")


def _order(payload: Mapping[str, Any], at: datetime.datetime) -> Iterator[Fault]:
    times = times_of(payload)
    is_backwards = "" < times.end <= times.start
    if is_backwards:
        field = "last_day" if payload.get("last_day") else "end_time"
        yield Fault(
            field, "it ends before it begins; give its last day where it goes past midnight"
        )
    if payload.get("until") and payload["until"] < payload["day"]:
        yield Fault("until", "it ends before it begins")
    elif int(payload["day"][:4]) > at.year + FAREST:
        yield Fault("day", f"it must be within {FAREST} years")
    elif not is_backwards and not any(span.end > at for span in spans(times, horizon(at))):
        yield Fault("day", "it is over already")


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
