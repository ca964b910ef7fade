"""What is measured in a page that a browser shows: the functions of measures.js."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

MEASURES = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
# As `measured` answers where nothing reaches beyond its place.
NOTHING_CUT = {"sideways": 0, "cut": [], "broad": [], "clipped": []}


def measured(page: Page, *names: str) -> dict[str, Any]:
    """What each finds in a page in which `MEASURES` ran, once its styles are there."""
    page.wait_for_load_state()
    return {name: page.evaluate(f"measures.{name}()") for name in names}
