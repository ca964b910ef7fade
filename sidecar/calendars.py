"""Events of a calendar that somebody has elsewhere, as the fields of our form.

    found = read_calendar(data)          # or raises NoCalendar, in words for who sent it
    found[0].fields["title"]

A calendar is a stranger's: it may be huge, broken or hostile.  Only its events are read, so many of
them at most, each by itself, so that a broken one spoils no other.  Nothing of it is taken for
markup, and what the form cannot say is told in `notes`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from pydotorg_build.calendar_reading import EVENT, event_of, is_cancelled, website_of
from pydotorg_build.content.event_times import left_out
from pydotorg_build.visits import Limits, NoAnswer, Visitor
from sidecar.calendar_words import decoded, plain
from sidecar.kinds.event_dates import WEEKDAYS, time_faults, times_of, zones

MOST_BYTES = 1_000_000
MOST_EVENTS = 500
LONGEST_ADDRESS = 400
LIMITS = Limits(total=5, wait=5, most=MOST_BYTES, redirects=3, ports=frozenset({80, 443}))
AGENT = "pydotorg (event form)"
NEVER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
FREQUENCIES = {"WEEKLY": "weekly", "MONTHLY": "monthly", "YEARLY": "yearly"}
# The zone of who keeps the calendar.
OWN_ZONE = re.compile(r"^X-WR-TIMEZONE[^:\r\n]*:(\S+)\s*$", re.MULTILINE | re.IGNORECASE)
# What a rule may say beside the parts that the form has, as long as it means the same.
PLAIN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})


class NoCalendar(Exception):
    """Why nothing can be taken from a calendar, for who sent it."""


@dataclass(frozen=True)
class Found:
    """An event of a calendar: the fields of our form that it fills, and what did not fit there."""

    fields: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return self.fields.get("title", "")


@dataclass
class Reading:
    """The fields of one event, as they are found."""

    fields: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def fetch(address: str) -> bytes:
    """Get a calendar from an address of the public internet.  Raises NoCalendar."""
    url = re.sub(r"^webcals?://", "https://", address.strip(), flags=re.IGNORECASE)
    try:
        return Visitor(AGENT, LIMITS).ask(url).body
    except NoAnswer as error:
        raise NoCalendar(f"It could not be fetched: {error}.") from None


def read_calendar(data: bytes, at: datetime.datetime) -> list[Found]:
    """The events of a calendar that are still to come, in its order.  Raises NoCalendar."""
    if len(data) > MOST_BYTES:
        raise NoCalendar("It has more than 1 MB. Send the file of the one event.")
    text = decoded(data)
    blocks, own = EVENT.findall(text), OWN_ZONE.search(text)
    if not blocks:
        raise NoCalendar(
            "There is no event in it: it is no iCalendar file (.ics), or an empty one."
        )
    if len(blocks) > MOST_EVENTS:
        raise NoCalendar(
            f"It has {len(blocks):,} events, and at most {MOST_EVENTS} are read. "
            "Send the file of the one event."
        )
    read = [found for block in blocks if (found := _read(block, own[1] if own else ""))]
    if not read:
        raise NoCalendar("No event in it can be read: each lacks a title, or a day that exists.")
    coming = [found for found in read if _is_coming(found, at)]
    if not coming:
        raise NoCalendar("All events in it are over.")
    return coming


def _is_coming(found: Found, at: datetime.datetime) -> bool:
    """Is it not over, as far as its fields say?  A zone may still have to be chosen."""
    given = {"zone": "Etc/UTC", **found.fields}
    return not any(fault.name == "day" for fault in time_faults(given, at))


def _read(block: str, own_zone: str) -> Found | None:
    """One event, or None where it cannot be one of our form."""
    try:
        event = event_of(block)
        reading = Reading()
        _words(event, reading)
        _times(event, reading, own_zone)
        _rule(event, reading)
    except Exception:  # noqa: BLE001 - a stranger's file may break the library anywhere
        return None
    is_whole = reading.fields.get("title") and reading.fields.get("day")
    return Found(reading.fields, tuple(reading.notes)) if is_whole else None


def _words(event: Mapping[str, Any], reading: Reading) -> None:
    """Title, text, place and website."""
    for name, ours, most in (
        ("SUMMARY", "title", 200), ("DESCRIPTION", "text", 5000), ("LOCATION", "venue", 200),
    ):  # fmt: skip
        text = NEVER.sub("", str(event.get(name) or "")).strip()
        if ours == "venue":
            text = ", ".join(line.strip(" ,") for line in text.splitlines() if line.strip(" ,"))
        text = plain(text) if ours == "text" else " ".join(text.split())
        if len(text) > most:
            reading.notes.append(f"“{name.capitalize()}” was longer than fits, and is cut.")
        if text:
            reading.fields[ours] = text[:most].strip()
    website = website_of(event)
    if len(website) > LONGEST_ADDRESS:
        reading.notes.append("Its website has a longer address than fits, and is left out.")
    elif website:
        reading.fields["website"] = website
    if is_cancelled(event):
        reading.notes.append("The calendar says that it does not take place.")


def _times(event: Any, reading: Reading, own_zone: str) -> None:
    """Days and hours; a calendar ends whole days with the day after the last one."""
    start = event.get("DTSTART").dt
    end = event.get("DTEND")
    last = end.dt if end else None
    if last is None and event.get("DURATION"):
        last = start + event.get("DURATION").dt
    if isinstance(last, datetime.datetime) and _is_of_days(event, start, last):
        start, last = start.date(), last.date()
    fields = reading.fields
    fields["day"] = f"{start:%Y-%m-%d}"
    if not isinstance(start, datetime.datetime):
        if last is not None and last - datetime.timedelta(days=1) > start:
            fields["last_day"] = f"{last - datetime.timedelta(days=1):%Y-%m-%d}"
        return
    if _is_utc(start) and own_zone in dict(zones()) and "RRULE" not in event:
        start = start.astimezone(ZoneInfo(own_zone))
        fields["day"] = f"{start:%Y-%m-%d}"
        reading.notes.append(f"Its hours are by the clock of {own_zone}, which the calendar names.")
    fields["time"] = f"{start:%H:%M}"
    fields |= _zone(start, event.get("DTSTART").params.get("TZID", ""), reading)
    if isinstance(last, datetime.datetime) and last > start:
        local = _by_its_clock(last, start)
        fields["end_time"] = f"{local:%H:%M}"
        if local.date() != start.date():
            fields["last_day"] = f"{local:%Y-%m-%d}"


def _is_of_days(event: Any, start: Any, last: Any) -> bool:
    """Does it take whole days, though its program wrote down midnights?"""
    at = [one.time() for one in (start, last) if isinstance(one, datetime.datetime)]
    said = str(event.get("X-MICROSOFT-CDO-ALLDAYEVENT", "")).upper() == "TRUE"
    return said and at == [datetime.time()] * 2


def _is_utc(at: datetime.datetime) -> bool:
    is_named_so = str(at.tzinfo).upper() in ("UTC", "Z", "UTC+00:00")
    return at.utcoffset() == datetime.timedelta() and is_named_so


def _by_its_clock(at: Any, start: Any) -> Any:
    """A moment by the clock of the event, where both have one."""
    zone = getattr(start, "tzinfo", None)
    return at.astimezone(zone) if zone and getattr(at, "tzinfo", None) else at


def _zone(start: datetime.datetime, called: str, reading: Reading) -> dict[str, str]:
    """The name of the zone, where it has one that the form offers."""
    name = str(start.tzinfo or called)
    if start.tzinfo and _is_utc(start):
        return {"zone": "Etc/UTC"}
    if start.tzinfo and name in dict(zones()):
        return {"zone": name}
    reading.notes.append(
        f"What the calendar calls “{NEVER.sub('', name)[:80]}” is no time zone that we know: choose the time zone."
        if name else "The calendar does not say by which clock: choose the time zone."
    )  # fmt: skip
    return {}


def _rule(event: Any, reading: Reading) -> None:
    """How it repeats, where the simple control of the form can say it."""
    if "RDATE" in event:
        reading.notes.append(
            "The calendar has further dates, which the form cannot say: tell them in the text."
        )
    if "RRULE" not in event:
        return
    rule = {name.upper(): [str(one) for one in _listed(value)]
            for name, value in event["RRULE"].items()}  # fmt: skip
    repeats = _repeats(_shortest(rule, reading.fields["day"]), reading.fields["day"])
    if not repeats or isinstance(event["RRULE"], list):
        said = event["RRULE"].to_ical().decode("utf-8", "replace")[:200]
        reading.notes.append(
            f"It repeats in a way that the form cannot say ({NEVER.sub('', said)}): choose what is "
            "nearest, and tell the rest in the text."
        )
        return
    reading.fields["repeats"] = repeats
    if "COUNT" in rule:
        reading.fields["count"] = rule["COUNT"][0]
    elif until := next(iter(_listed(event["RRULE"].get("UNTIL", []))), None):
        last = _by_its_clock(until, event.get("DTSTART").dt)
        reading.fields["until"] = f"{last:%Y-%m-%d}"
    if "EXDATE" in event:
        _left_out(event, reading)


def _left_out(event: Any, reading: Reading) -> None:
    """The dates of its rule that it leaves out, by the clock of the event; others mean nothing."""
    start = event.get("DTSTART").dt
    try:
        named = [one.dt for those in _listed(event["EXDATE"]) for one in those.dts]
        days = [f"{_by_its_clock(at, start):%Y-%m-%d}" for at in named]
        but = left_out(times_of({**reading.fields, "left_out": "\n".join(days)}))
    except Exception:  # noqa: BLE001 - see _read
        reading.notes.append("Which dates the calendar leaves out cannot be read: name them.")
        return
    if but:
        reading.fields["left_out"] = "\n".join(f"{begin:%Y-%m-%d}" for begin in but)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _shortest(rule: Mapping[str, list[str]], day: str) -> dict[str, list[str]]:
    """A rule without what its first day says anyway; Outlook writes 2TU as the second of all TU."""
    frequency, month, date = rule.get("FREQ"), [str(int(day[5:7]))], [str(int(day[8:]))]
    spare: set[str] = set()
    if frequency == ["YEARLY"] and rule.get("BYMONTH") == month:
        spare = {"BYMONTH", *({"BYMONTHDAY"} if rule.get("BYMONTHDAY") == date else ())}
    if frequency == ["MONTHLY"] and rule.get("BYMONTHDAY") == date and "BYDAY" not in rule:
        spare = {"BYMONTHDAY"}
    short = {name: values for name, values in rule.items() if name not in spare}
    by, place = rule.get("BYDAY", []), rule.get("BYSETPOS", [])
    if frequency == ["MONTHLY"] and len(by) == len(place) == 1 and by[0] in WEEKDAYS:
        del short["BYSETPOS"]
        short["BYDAY"] = [place[0] + by[0]]
    return short


def _repeats(rule: Mapping[str, list[str]], day: str) -> str:
    """The choice of the form that means the same as a rule; empty where none does."""
    choice = FREQUENCIES.get("".join(rule.get("FREQ", [])).upper(), "")
    interval = "".join(rule.get("INTERVAL", ["1"]))
    weekday = WEEKDAYS[datetime.date.fromisoformat(day).weekday()]
    by = rule.get("BYDAY", [])
    is_of_none = int(rule.get("COUNT", ["1"])[0]) < 1
    if not choice or not set(rule) <= PLAIN or len(by) > 1 or is_of_none:
        return ""
    if choice == "weekly" and interval in ("1", "2") and by in ([], [weekday]):
        return "weekly" if interval == "1" else "fortnight"
    if interval != "1":
        return ""
    nth = (int(day[8:]) - 1) // 7 + 1
    if choice == "monthly" and by == [f"{nth if nth < 5 else -1}{weekday}"]:
        return "weekday"
    return choice if not by and choice in ("monthly", "yearly") else ""
