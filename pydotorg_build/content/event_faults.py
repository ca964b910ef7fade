"""What is wrong with the times of an event: zones, days and rules that are none.

A rule must be one that calendars of others understand as well, and looking for its faults ends
soon whatever it says, since strangers hand rules in.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from pydotorg_build.content.base import Fault
from pydotorg_build.content.event_times import (
    Times,
    by_rule,
    kept,
    moment,
    named_by_rule,
    names,
    zone_of,
)

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYDAY"}
    | {"BYSETPOS", "BYWEEKNO", "BYYEARDAY"}
)
# The calendar repeats after this many years, and no rule is looked at beyond year 9999.
CYCLE = 400
LAST_CYCLE = 9600
# What the files of zones on some systems hold beside zones that all programs know.
NO_ZONES = ("Factory", "localtime", "posix", "posixrules", "right")
# By the frequency, the parts that RFC 5545 has no meaning for.
MEANINGLESS = {
    "MONTHLY": {"BYWEEKNO", "BYYEARDAY"},
    "WEEKLY": {"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"},
    "DAILY": {"BYWEEKNO", "BYYEARDAY"},
}


def faults(times: Times) -> Iterator[Fault]:
    """What is wrong with times, by the names of the fields in files."""
    found = [*_zone_faults(times.zone, "zone"), *_unreal(times)]
    if found:
        yield from found
        return
    yield from _order(times)
    if times.rule:
        yield from _rule_faults(times)
    elif times.but:
        yield Fault("without", "`without` leaves out dates of a rule, and there is no `rule`")


def _zone_faults(name: str, field: str) -> Iterator[Fault]:
    try:
        known = name.partition("/")[0] not in NO_ZONES and zone_of(name)
    except (KeyError, ValueError, OSError):
        known = False
    if not known:
        hint = "write it as the IANA has it: Europe/Berlin, America/New_York"
        yield Fault(field, f"there is no time zone {name!r}", hint)


def _unreal(times: Times) -> Iterator[Fault]:
    """Texts that look like days and are none."""
    lists = (("dates", times.more), ("without", times.but))
    named = [("start", times.start), ("end", times.end)]
    named += [(f"{name}[{n}]", text) for name, texts in lists for n, text in enumerate(texts)]
    for name, text in named:
        yield from time_faults(text, name)


def time_faults(text: str, name: str, zone: str = "") -> Iterator[Fault]:
    """Is there such a day, and such a zone?"""
    try:
        if text:
            datetime.datetime.fromisoformat(text)
    except ValueError:
        yield Fault(name, f"`{name}` is no day or time that exists: {text}")
    yield from _zone_faults(zone, "cfp.zone")


def _order(times: Times) -> Iterator[Fault]:
    texts = (*((times.end,) if times.end else ()), *times.more)
    if any((" " in text) is times.all_day for text in texts):
        hint = "give the hour to all of them, or to none"
        yield Fault("start", "some times have an hour and some are only days", hint)
        return
    if not times.all_day and not times.zone:
        hint = "add `zone`, as Europe/Berlin; for UTC write Etc/UTC"
        yield Fault("start", "a time of day needs the zone of its clock", hint)
    before = times.days < 1 if times.all_day else (
        bool(times.end) and moment(times.end, times.zone) <= times.first
    )  # fmt: skip
    if before:
        yield Fault("end", "`end` must not be before `start`")


def _rule_faults(times: Times) -> Iterator[Fault]:
    written = [part.partition("=")[::2] for part in times.rule.split(";")]
    parts = dict(written)
    if unknown := [name for name in parts if name not in PARTS]:
        hint = f"it may have: {', '.join(sorted(PARTS))}"
        yield Fault("rule", f"{unknown[0]!r} is no part of a rule", hint)
    elif parts.get("FREQ") not in FREQUENCIES:
        yield Fault("rule", f"`rule` needs FREQ, one of {', '.join(FREQUENCIES)}")
    elif len(parts) < len(written):
        yield Fault("rule", "`rule` has a part twice")
    elif found := _misfit(parts):
        yield Fault("rule", f"`rule` is not a rule of RFC 5545: {found}")
    else:
        yield from _dates_faults(times)


def _misfit(parts: dict[str, str]) -> str:
    """What calendars of others would stumble over, though it can be counted."""
    often = parts["FREQ"]
    if wrong := MEANINGLESS.get(often, set()).intersection(parts):
        return f"{min(wrong)} has no meaning with FREQ={often}"
    if often in ("WEEKLY", "DAILY") and re.search(r"\d", parts.get("BYDAY", "")):
        return f"a number in BYDAY has no meaning with FREQ={often}"
    if "BYSETPOS" in parts and sum(name.startswith("BY") for name in parts) == 1:
        return "BYSETPOS chooses among the days of another part"
    if "COUNT" in parts and "UNTIL" in parts:
        return "it ends by COUNT or by UNTIL, not by both"
    for name in ("COUNT", "INTERVAL"):
        if not re.fullmatch(r"[1-9]\d{0,3}", parts.get(name, "1")):
            return f"{name} is a number from 1 to 9999"
    return ""


def _dates_faults(times: Times) -> Iterator[Fault]:
    try:
        found = _first(times)
        is_start = found == times.first.replace(tzinfo=None)
        if is_start:
            found = next(by_rule(times), None)
    except (ValueError, TypeError, OverflowError) as error:
        yield Fault("rule", f"`rule` is not a rule of RFC 5545: {error}")
        return
    if found is None:
        yield Fault("rule", "`rule` has no date at all")
    elif not is_start:
        hint = f"the first date of the rule is {found:%Y-%m-%d}: begin there"
        yield Fault("start", "`start` is not a date of `rule`", hint)
    else:
        yield from _exception_faults(times)


def _first(times: Times) -> datetime.datetime | None:
    """The first date of a rule by the clock, whenever it ends.

    A day that never comes (the 30th of February) is looked for until year 9999; in the last cycle
    of the calendar that is soon.
    """
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    start = datetime.datetime.fromisoformat(times.start)
    later = LAST_CYCLE - start.year // CYCLE * CYCLE
    parts = times.rule.split(";")
    endless = ";".join(part for part in parts if not part.startswith(("COUNT=", "UNTIL=")))
    dates = rrulestr(endless, dtstart=start.replace(year=start.year + later))
    found = next(iter(dates), None)
    return found and found.replace(year=found.year - later)


def _exception_faults(times: Times) -> Iterator[Fault]:
    if not times.but:
        return
    known = {name for begin in named_by_rule(times) for name in names(begin)}
    unknown = [Fault(f"without[{number}]", f"the rule has no date {text}")
               for number, text in enumerate(times.but) if text not in known]  # fmt: skip
    yield from unknown
    if not unknown and not times.more and next(kept(times), None) is None:
        yield Fault("without", "`without` leaves out every date of the rule")
