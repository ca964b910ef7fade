"""Events of calendars that somebody has elsewhere (.ics): a file for each.

They are told apart by their UID.  The place is read as name, city and country, with commas between.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydotorg_build.calendar_reading import EVENT, event_of, is_cancelled, website_of
from pydotorg_build.content.base import Fault
from pydotorg_build.content.event_times import Times
from pydotorg_build.content.events import Event, check, name_of
from pydotorg_build.content.read import read
from pydotorg_build.front_matter import Mistake, decode, read_markdown
from pydotorg_build.importing.writing import Wanted, markdown
from pydotorg_build.problems import Problem, Problems, Source

DAY = datetime.timedelta(days=1)
Data = dict[str, Any]


def wanted(
    content: Path, files: list[Path], calendar: str, problems: list[Problem]
) -> Iterator[Wanted]:
    """A file for each event of the calendars."""
    there = _known(content / "events") if files else {}
    for file in files:
        try:
            text = decode(file.read_bytes())
        except OSError as error:
            problems.append(Problem(Source(str(file)), f"cannot be read: {error.strerror}"))
            continue
        except Mistake as mistake:
            problems.append(mistake.problem(str(file)))
            continue
        found = list(EVENT.finditer(text))
        if not found:
            problems.append(Problem(Source(str(file), 1), "has no event: it is no iCalendar file"))
        for block in found:
            source = Source(str(file), text.count("\n", 0, block.start()) + 1)
            yield from _one(content, block[0], calendar, source, there, problems)


def _known(folder: Path) -> dict[str, tuple[Path, Data, str]]:
    """The events there are in files of their own, by their UID."""
    found = {}
    for path in sorted(folder.glob("*.md")):
        try:
            document = read_markdown(decode(path.read_bytes()))
        except Mistake:
            continue
        if uid := document.data.get("uid"):
            found[uid] = (path, document.data, document.body)
    return found


def _one(
    content: Path, block: str, calendar: str, source: Source,
    there: dict[str, tuple[Path, Data, str]], problems: list[Problem],
) -> Iterator[Wanted]:  # fmt: skip
    data, body = _understood(block, calendar)
    times = Times(data.get("start", ""), data.get("end", ""), rule=data.get("rule", ""))
    name = name_of(data["title"], times) if data else ""
    path, before, body_before = there.get(data.get("uid", ""), (None, {}, ""))
    path = path or content / "events" / f"{name}.md"
    entry, faults = read(Event, data, source=Source(f"content/events/{path.name}"))
    faults = list(faults or (check(entry) if entry else ()))
    if not data or faults:
        problems.extend(_told(source, faults) if data else [_odd(source)])
        return
    is_same = _bare(before) == _bare(data) and body_before.strip() == body
    yield Wanted(path, markdown(data, body), source, is_same=is_same)


def _told(source: Source, faults: list[Fault]) -> Iterator[Problem]:
    return (Problem(source, f"this event was left out: {f.message}", f.hint) for f in faults)


def _odd(source: Source) -> Problem:
    return Problem(source, "this event cannot be read: it lacks a title, or a day that exists")


def _bare(data: Data) -> Data:
    """What an event says; the day of its last change is another with every export."""
    plain = {name: value for name, value in data.items() if name != "updated"}
    return {name: str(v).lower() if isinstance(v, bool) else v for name, v in plain.items()}


def _understood(block: str, calendar: str) -> tuple[Data, str]:
    """The fields and the text of one event; none where the file breaks the library."""
    try:
        event = event_of(block)
        return _data(event, calendar), str(event.get("DESCRIPTION") or "").strip()
    except ImportError:
        source, hint = Source("(pydotorg import)"), "pip install '.[sidecar]'"
        raise Problems([Problem(source, "icalendar is not installed", hint)]) from None
    except Exception:  # noqa: BLE001 - a stranger's file may break the library anywhere
        return {}, ""


def _data(event: Any, calendar: str) -> Data:
    """The fields of our entry; none where it has no title or day."""
    begin = getattr(event.get("DTSTART"), "dt", None)
    title = " ".join(str(event.get("SUMMARY") or "").split())
    if begin is None or not title:
        return {}
    data: Data = {"title": title, "calendar": calendar, "kind": "other"}
    data |= _place(" ".join(str(event.get("LOCATION") or "").split()))
    data |= _times(begin, getattr(event.get("DTEND"), "dt", None))
    if "RRULE" in event:
        data["rule"] = event["RRULE"].to_ical().decode()
    if left_out := _left_out(event):
        data["without"] = left_out
    if website := website_of(event):
        data["website"] = website
    if is_cancelled(event):
        data["cancelled"] = True
    changed = next((event[n].dt for n in ("LAST-MODIFIED", "DTSTAMP") if n in event), begin)
    uid = {"uid": str(event["UID"])} if event.get("UID") else {}
    return {**data, **uid, "updated": f"{changed:%Y-%m-%d}"}


def _place(text: str) -> Data:
    """Where it is: name, city, country; or online."""
    if not text or text.startswith("http") or "online" in text.lower():
        return {"online": True}
    parts = [part.strip() for part in text.split(",")]
    *name, city, country = parts if len(parts) > 1 else ["", text, ""]
    venue = {"name": ", ".join(filter(None, name)), "city": city, "country": country}
    return {"venue": {key: value for key, value in venue.items() if value}}


def _times(begin: Any, end: Any) -> Data:
    """Start, end and zone; whole days end with the last one, not with the day after."""
    if not isinstance(begin, datetime.datetime):
        last = end - DAY if end else begin
        return {"start": f"{begin}"} | ({"end": f"{last}"} if last > begin else {})
    found = {"start": f"{begin:%Y-%m-%d %H:%M}"}
    if isinstance(end, datetime.datetime):
        local = end.astimezone(begin.tzinfo) if end.tzinfo and begin.tzinfo else end
        found["end"] = f"{local:%Y-%m-%d %H:%M}"
    zone = str(begin.tzinfo or "UTC")
    return {**found, "zone": "Etc/UTC" if zone.upper() in ("UTC", "UTC+00:00") else zone}


def _left_out(event: Any) -> list[str]:
    """The dates of a series that do not take place."""
    given = event.get("EXDATE", [])
    many = given if isinstance(given, list) else [given]
    days = [one.dt for group in many for one in group.dts]
    return [f"{d:%Y-%m-%d %H:%M}" if isinstance(d, datetime.datetime) else f"{d}" for d in days]
