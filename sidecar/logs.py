"""How the sidecar writes its log: a line of text for people, or of JSON for programs."""

from __future__ import annotations

import sys
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TextIO, cast

import structlog

from sidecar.settings import Settings

# The id of the request that is being answered: in its lines, in the audit log, in its headers.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class Log:
    """A file for the log: what it does not take is lost, and whoever asks is answered all the same."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()


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
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", Log(file))),
        cache_logger_on_first_use=False,
    )
