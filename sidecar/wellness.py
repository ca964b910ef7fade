"""Asking a sidecar that runs whether it is well, as those do who watch over it."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from sidecar.settings import Settings

PATIENCE = 2.5  # seconds
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (where it is asked, not listened)


def is_ready(settings: Settings) -> bool:
    """Does it answer, and can it write?"""
    host = ANYWHERE.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health/ready", headers={"Host": urlsplit(settings.url).netloc})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
