"""How the sidecar writes its log: a line of text for people, or of JSON for programs."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import Any

import structlog

# The id of the request that is being answered: in its lines, in the audit log, in its headers.
request_id: ContextVar[str] = ContextVar("request_id", default="")


def set_up(*, as_json: bool) -> None:
    """Log to the error output, with the time in UTC; no level is left out."""
    ending: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            ending,
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
