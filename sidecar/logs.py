"""How the sidecar writes its log: a line of text for people, or of JSON for programs."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import structlog

from sidecar.settings import Settings

# The id of the request that is being answered: in its lines, in the audit log, in its headers.
request_id: ContextVar[str] = ContextVar("request_id", default="")


def set_up(settings: Settings) -> None:
    """Log as the settings say, with the time in UTC; what is below their level is left out."""
    file = Path(settings.log_file).open("a", encoding="utf-8") if settings.log_file else sys.stderr  # noqa: SIM115
    ending: Any = (
        structlog.processors.JSONRenderer()
        if settings.logs_json
        else structlog.dev.ConsoleRenderer(colors=file.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        logger_factory=structlog.WriteLoggerFactory(file),
        cache_logger_on_first_use=False,
    )
