"""A glance: the link of a mail to those who decide.  It shows what waits, and lets nobody act.

It works without signing in, for some days; nothing is kept of it.
"""

from __future__ import annotations

import datetime

from sidecar.clock import now
from sidecar.sealing import Use, sign, signed_words
from sidecar.settings import Settings

URL = "/submit/glance"
LASTS = datetime.timedelta(days=14)


def link_of(settings: Settings, number: int) -> str:
    """The whole address at which the team sees the submission of a number."""
    words = f"{number}.{int((now() + LASTS).timestamp())}"
    return f"{settings.url}{URL}?token={sign(settings.secret, Use.GLANCES, words)}"


def number_of(settings: Settings, token: str) -> int:
    """The number of the submission that a link of ours shows; 0 if it is none, or too old."""
    words = signed_words(settings.secret, Use.GLANCES, token)
    if not words:
        return 0
    number, until = map(int, words.split("."))
    return number if until > now().timestamp() else 0
