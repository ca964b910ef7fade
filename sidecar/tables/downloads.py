"""How often files were downloaded: a number a day, file and country, and nothing about anybody."""

from __future__ import annotations

import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sidecar.tables.base import Table

LONGEST_PATH = 300


class DownloadFile(Table):
    """A file that was downloaded: its release and system as the site said last."""

    __tablename__ = "download_files"

    path: Mapped[str] = mapped_column(String(LONGEST_PATH), primary_key=True)
    release: Mapped[str] = mapped_column(index=True)
    system: Mapped[str]


class DownloadDay(Table):
    """What was counted of a file on a day; `country` is empty where it is not known.

    There are no rows below a day: they are added up as they are written, and kept for ever.
    """

    __tablename__ = "download_days"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String(LONGEST_PATH), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    count: Mapped[int]

    __table_args__ = (Index(None, "path", "day"),)
