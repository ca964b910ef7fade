"""Any record of any table, for superusers: what may be seen of it, and how it is mended.

The forms follow from the tables: a column's type says how it is typed, its constraint what may be
chosen.  Digests, hashes and sealed secrets are never shown; what has rules of its own (roles,
states, the audit log) is mended where these are kept, and only looked at here.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import JSON, Boolean, Date, Integer, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapper

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import odd_in
from pydotorg_build.digests import digest_texts
from sidecar.tables.base import Table, UtcDateTime

# What came about by a rule of its own, or must stay as it was written.
READ_ONLY = frozenset({
    "api_keys", "audit", "case_links", "contracts", "decisions", "deploys", "download_days",
    "download_files", "drafts", "factors", "failures", "firings",
    "identities", "limits", "mail_overrides", "mails", "nominee_links", "probe", "publishings",
    "recovery_codes", "refresh_tokens", "revisions", "roles", "sessions", "sponsor_assets", "sponsor_links",
    "sponsors", "sponsorship_steps", "sponsorships", "tasks", "tokens",
})  # fmt: skip
# Columns that nobody sees here: with some of them one could be somebody else.
SECRET = frozenset({"code", "credential", "digest", "family", "password", "secret", "token"})
# The same of one table: mails hold the links that confirm an address or choose a password.
SECRET_IN = frozenset({("mails", "html"), ("mails", "text")})
# Columns that are changed by a step and not by hand, or by the sidecar itself.
FIXED = frozenset({
    "answer", "answered_at", "archived_at", "created", "deleted_at", "is_active", "latest", "live", "state",
    "updated", "version", "withdrawn_at",
})  # fmt: skip
LONG = 60
BIGGEST = 2**31 - 1


class Kind(Enum):
    """How a value is typed."""

    YES_OR_NO = "yes or no"
    CHOICE = "choice"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    DATA = "data"
    TEXT = "text"


@dataclass(frozen=True)
class Field:
    """A column of a table, as it is shown and typed."""

    name: str
    kind: Kind
    optional: bool
    is_key: bool
    is_fixed: bool
    choices: tuple[str, ...] = ()
    leads_to: str = ""
    longest: int | None = None

    @property
    def options(self) -> list[tuple[str, str]]:
        """What may be chosen, as pairs of what is sent and what is read."""
        words = self.choices if self.kind is Kind.CHOICE else ("yes", "no")
        return [(word, word) for word in words]

    @property
    def hint(self) -> str:
        """How it is typed."""
        words = {
            Kind.DAY: "A day, as 2026-11-26.", Kind.NUMBER: "A whole number.", Kind.DATA: "JSON.",
            Kind.MOMENT: "A moment in UTC, as 2026-11-26T18:00:00Z.",
        }.get(self.kind, "")  # fmt: skip
        return f"{words} It may be empty." if words and self.optional else words

    def typed(self, value: Any) -> str:
        """A value as it stands in a form."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime.datetime):
            return value.isoformat().replace("+00:00", "Z")
        return json.dumps(value, indent=1, ensure_ascii=False) if self.kind is Kind.DATA \
            else str(value)  # fmt: skip

    def read(self, text: str) -> Any:
        """What was typed as a value; a ValueError says in words what must be typed."""
        if text == "" and self.optional:
            return None
        return READERS[self.kind](self, text)


def _yes_or_no(field: Field, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text == "yes"


def _choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise ValueError(f"must be one of {', '.join(field.choices)}")
    return text


def _number(field: Field, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None
    if abs(number) > BIGGEST:
        raise ValueError(f"must be at most {BIGGEST}")
    return number


def _day(field: Field, text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day, as 2026-11-26") from None


def _moment(field: Field, text: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a moment, as 2026-11-26T18:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("needs a time zone: end it with Z for UTC")
    try:
        return moment.astimezone(datetime.UTC)
    except OverflowError:
        raise ValueError("must be a moment of our time, as 2026-11-26T18:00:00Z") from None


def _data(field: Field, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"must be JSON: {error}") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _text(field: Field, text: str) -> str:
    if odd := odd_in(text):
        raise ValueError(f"holds the invisible character {odd}")
    if field.longest and len(text) > field.longest:
        raise ValueError(f"must have at most {field.longest} characters")
    return text.replace("\r\n", "\n")


READERS = {
    Kind.YES_OR_NO: _yes_or_no, Kind.CHOICE: _choice, Kind.NUMBER: _number,
    Kind.DAY: _day, Kind.MOMENT: _moment, Kind.DATA: _data, Kind.TEXT: _text,
}  # fmt: skip


class Shape(NamedTuple):
    """A table as it is looked at: its records' class, its fields, and whether they are mended."""

    name: str
    about: str
    record: type[Table]
    fields: tuple[Field, ...]
    is_read_only: bool

    @property
    def keys(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.is_key)

    @property
    def mendable(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.is_fixed)

    def attribute(self, name: str) -> InstrumentedAttribute[Any]:
        """The attribute of the class that stands for a column."""
        found: InstrumentedAttribute[Any] = getattr(self.record, name)
        return found

    def key_of(self, record: Table) -> dict[str, str]:
        """What leads to a record: the values of its key, as they stand in an address."""
        return {field.name: field.typed(getattr(record, field.name)) for field in self.keys}

    def subject_of(self, record: Table) -> str:
        """What the audit log calls a record."""
        return f"{self.name}/{'/'.join(self.key_of(record).values())}"

    def seen(self, record: Table) -> str:
        """The digest of a record as it is: with it one sees whether somebody changed it since."""
        values = (field.typed(getattr(record, field.name)) for field in self.fields)
        return digest_texts(*values)


def shapes() -> dict[str, Shape]:
    """All tables, by name."""
    found = map(shape_of, Table.registry.mappers)
    return {shape.name: shape for shape in sorted(found, key=lambda shape: shape.name)}


def shape_of(mapper: Mapper[Any]) -> Shape:
    """How the table of a class is looked at."""
    name = mapper.class_.__tablename__
    is_read_only = name in READ_ONLY
    fields = tuple(fields_of(mapper, is_read_only=is_read_only))
    about = (mapper.class_.__doc__ or "").partition(".")[0].replace("`", "") + "."
    return Shape(name, about, mapper.class_, fields, is_read_only)


def fields_of(mapper: Mapper[Any], *, is_read_only: bool) -> Iterator[Field]:
    """The fields of a table that may be seen."""
    for attribute in mapper.column_attrs:
        column, name = attribute.columns[0], attribute.key
        if name in SECRET or (mapper.class_.__tablename__, name) in SECRET_IN:
            continue
        choices = choices_of(mapper, column.name)
        leads = next((key.column.table.name for key in column.foreign_keys), "")
        yield Field(
            name=name, kind=kind_of(column.type, choices), optional=bool(column.nullable),
            is_key=bool(column.primary_key), choices=choices, leads_to=leads,
            longest=getattr(column.type, "length", None),
            is_fixed=is_read_only or bool(column.primary_key) or name in FIXED,
        )  # fmt: skip


def choices_of(mapper: Mapper[Any], column: str) -> tuple[str, ...]:
    """The words a column may hold, where its table says so."""
    for constraint in mapper.local_table.constraints:  # type: ignore[attr-defined]
        if constraint.info.get("column") == column:
            return tuple(constraint.info["choices"])
    return ()


def kind_of(type: Any, choices: tuple[str, ...]) -> Kind:
    """How values of a column are typed."""
    if choices:
        return Kind.CHOICE
    kinds = {Boolean: Kind.YES_OR_NO, Integer: Kind.NUMBER, Date: Kind.DAY, UtcDateTime: Kind.MOMENT,
             JSON: Kind.DATA, String: Kind.TEXT}  # fmt: skip
    return next(kind for known, kind in kinds.items() if isinstance(type, known))


async def find(
    tx: AsyncSession, shape: Shape, query: Mapping[str, str], *, lock: bool = False
) -> Table | None:
    """The record that an address leads to; None where there is none."""
    try:
        key = {field.name: field.read(query.get(field.name, "")) for field in shape.keys}
    except ValueError:
        return None
    asked = select(shape.record).filter_by(**key)
    return await tx.scalar(asked.with_for_update() if lock else asked)


def read_all(
    shape: Shape, given: Mapping[str, str], record: Table
) -> tuple[dict[str, Any], list[Fault]]:
    """What was typed into a form as values, or every fault at once; what was not sent stays."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in shape.mendable:
        if field.name in given:
            try:
                values[field.name] = field.read(given[field.name])
                _check_shape(getattr(record, field.name), values[field.name])
            except ValueError as error:
                faults.append(Fault(field.name, f"`{field.name}` {error}"))
    return values, faults


def _check_shape(before: Any, after: Any) -> None:
    """Data that has names stays so, and a list a list: the code reads it that way."""
    words: dict[type, str] = {dict: "an object: {…}", list: "a list: […]"}
    if type(before) in words and type(after) is not type(before):
        raise ValueError(f"must be {words[type(before)]}")


def mend(record: Table, values: Mapping[str, Any]) -> None:
    """Put values into a record; one that is the same stays untouched, and is no change."""
    for name, value in values.items():
        if getattr(record, name) != value:
            setattr(record, name, value)
