"""What all tables have in common: names of constraints, moments in UTC, plain texts for choices."""

from __future__ import annotations

import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, CheckConstraint, DateTime, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sidecar.clock import now

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime.datetime]):
    """A moment.  SQLite keeps no zone: what comes back is in UTC, as what went in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: Any
    ) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone: {value!r}")
        return value.astimezone(datetime.UTC)

    def process_result_value(
        self, value: datetime.datetime | None, dialect: Any
    ) -> datetime.datetime | None:
        if value is None:
            return None
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return aware.astimezone(datetime.UTC)


class Table(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime.datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        str: Text,
    }


Id = Annotated[int, mapped_column(primary_key=True)]
Key = Annotated[str, mapped_column(String(64))]
Created = Annotated[datetime.datetime, mapped_column(UtcDateTime, default=now)]
Updated = Annotated[datetime.datetime, mapped_column(UtcDateTime, default=now, onupdate=now)]


class Link(Table):
    """What all links have that need no account; each table says what its own are of."""

    __abstract__ = True

    id: Mapped[Id]
    token: Mapped[Key] = mapped_column(unique=True)
    created: Mapped[Created]
    expires: Mapped[datetime.datetime]
    revoked_at: Mapped[datetime.datetime | None]


def one_of(column: str, choices: type[StrEnum]) -> CheckConstraint:
    """A column holds one of some words; a type of the database's own would be hard to add to."""
    values = [choice.value for choice in choices]
    words = ", ".join(f"'{value}'" for value in values)
    info = {"column": column, "choices": values}
    return CheckConstraint(f"{column} IN ({words})", name=column, info=info)


def numbered(choices: type[IntEnum]) -> dict[str, Any]:
    """For the `info` of a column that holds one of some numbers: what each of them means."""
    return {"choices": {str(one.value): one.name.replace("_", " ").lower() for one in choices}}
