"""Any record of any table, for superusers: what may be seen of it, and how it is mended.

The forms follow from the tables: a column's type says how it is typed, and `columns.py` by which
rules.  The key of a name or an address follows from it.  Digests, hashes and sealed secrets are
never shown; what has rules of its own (roles, states, switches, the audit log) is mended where
these are kept, and only looked at here.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import JSON, Boolean, Date, Integer, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapper

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import odd_in
from pydotorg_build.digests import digest_texts
from sidecar.columns import LONGEST, broken, choices_of, rules_of
from sidecar.people import key_of
from sidecar.tables.base import Table, UtcDateTime

# What came about by a rule of its own, or must stay as it was written.
READ_ONLY = frozenset({
    "api_keys", "audit", "case_links", "contracts", "decisions", "deploys", "download_days",
    "download_files", "drafts", "factors", "failures", "firings", "flags",
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
    "answer", "answered_at", "archived_at", "created", "deleted_at", "email_key", "is_active", "latest", "live",
    "name_key", "state", "updated", "version", "withdrawn_at",
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


@dataclasses.dataclass(frozen=True)
class Field:
    """A column of a table, as it is shown and typed."""

    name: str
    kind: Kind
    optional: bool
    is_key: bool
    is_fixed: bool
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    leads_to: tuple[str, str] | None = None  # the table, and the column that is its key
    longest: int = LONGEST
    may_be_empty: bool = False
    is_number: bool = False
    rule: Any = str

    @property
    def needed(self) -> bool:
        """Must something stand in it?"""
        return not (self.optional or self.may_be_empty)

    @property
    def options(self) -> list[tuple[str, str]]:
        """What may be chosen, as pairs of what is sent and what is read."""
        choices = self.choices or {"yes": "yes", "no": "no"}
        return list(choices.items())

    @property
    def hint(self) -> str:
        """How it is typed."""
        words = {
            Kind.DAY: "A day, as 2026-11-26.", Kind.NUMBER: "A whole number.",
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


def _choice(field: Field, text: str) -> str | int:
    if text not in field.choices:
        raise ValueError(f"must be one of {', '.join(field.choices)}")
    return int(text) if field.is_number else text


def _number(field: Field, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None
    if not 0 <= number <= BIGGEST:
        raise ValueError(f"must be between 0 and {BIGGEST}")
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


def _text(field: Field, text: str) -> str:
    if odd := odd_in(text):
        raise ValueError(f"holds the invisible character {odd}")
    if field.needed and not text.strip():
        raise ValueError("must not be empty")
    if len(text) > field.longest:
        raise ValueError(f"must have at most {field.longest} characters")
    for fault in broken(field.name, field.rule, text):
        raise ValueError(fault)
    return text


READERS = {
    Kind.YES_OR_NO: _yes_or_no, Kind.CHOICE: _choice, Kind.NUMBER: _number,
    Kind.DAY: _day, Kind.MOMENT: _moment, Kind.TEXT: _text,
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
    rules = rules_of(mapper.class_.__tablename__)
    for attribute in mapper.column_attrs:
        column, name = attribute.columns[0], attribute.key
        if name in SECRET or (mapper.class_.__tablename__, name) in SECRET_IN:
            continue
        rule = rules.get(name, str)
        choices = choices_of(mapper, name, rule)
        kind = kind_of(column.type, choices)
        is_fixed = is_read_only or bool(column.primary_key) or name in FIXED or kind is Kind.DATA
        yield Field(
            name=name, kind=kind, optional=bool(column.nullable), is_key=bool(column.primary_key),
            is_fixed=is_fixed, choices=choices, rule=rule,
            leads_to=next(((key.column.table.name, key.column.name) for key in column.foreign_keys), None),
            longest=getattr(column.type, "length", None) or LONGEST,
            may_be_empty=kind is Kind.TEXT and column.default is not None,
            is_number=isinstance(column.type, Integer),
        )  # fmt: skip


def kind_of(type: Any, choices: Mapping[str, str]) -> Kind:
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
    """What was changed in a form as values, or every fault at once; what was not sent stays."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in shape.mendable:
        text = given.get(field.name, "").replace("\r\n", "\n")
        if field.name in given and text != field.typed(getattr(record, field.name)):
            try:
                values[field.name] = field.read(text)
            except ValueError as error:
                faults.append(Fault(field.name, f"`{field.name}` {error}"))
    return values, faults


def mend(record: Table, values: Mapping[str, Any]) -> None:
    """Put values into a record, and into the keys that follow from them."""
    for name, value in values.items():
        setattr(record, name, value)
        if hasattr(record, f"{name}_key"):
            setattr(record, f"{name}_key", key_of(value))
