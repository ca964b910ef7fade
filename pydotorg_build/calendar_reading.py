"""Calendars that strangers send (.ics), cut into events, so that a broken one spoils no other."""

from __future__ import annotations

import re
from typing import Any

EVENT = re.compile(r"^BEGIN:VEVENT\s*$.*?^END:VEVENT\s*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
LINE_END = re.compile(r"\r\n|\r|\n")
WEBSITE = re.compile(r"https?://[^\s<>\"]+")


def event_of(text: str) -> Any:
    """An event as icalendar has it; a file that is broken may raise whatever the library does."""
    from icalendar import Event

    lines = [line for line in LINE_END.split(text) if line.strip()]
    return Event.from_ical("\r\n".join(lines) + "\r\n")


def website_of(event: Any) -> str:
    """Its website, where what stands there is one."""
    said = " ".join(str(event.get("URL") or "").split())
    return said if WEBSITE.fullmatch(said) else ""


def is_cancelled(event: Any) -> bool:
    """Does the calendar say that it does not take place?"""
    return str(event.get("STATUS") or "").upper() == "CANCELLED"
