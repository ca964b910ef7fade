"""docs/model.md: every kind of content and every table, with all their fields."""

from __future__ import annotations

import re

import msgspec
import pytest
from click.testing import CliRunner

from pydotorg_build.content import NAMES, types_of
from sidecar.cli import sidecar
from sidecar.tables import Table
from tests.conftest import ROOT

MODEL = ROOT / "docs/model.md"


def part(name):
    """What stands below a heading."""
    return re.search(
        rf"^### {re.escape(name)}\n(.*?)(?=^##|\Z)", MODEL.read_text(), re.MULTILINE | re.DOTALL
    )[1]


@pytest.mark.row("S315")
def test_the_document_is_that_of_the_code():
    printed = CliRunner().invoke(sidecar, ["model"]).output

    assert MODEL.read_text() == printed, "run: pydotorg sidecar model >docs/model.md"


@pytest.mark.row("S315")
@pytest.mark.parametrize("kind", types_of(NAMES), ids=lambda kind: kind.name)
def test_every_kind_of_content_is_there_with_its_fields(kind):
    said = part(kind.name)

    fields = {f.encode_name for f in msgspec.structs.fields(kind.entry)} - {"source", "body"}
    assert [field for field in sorted(fields) if f"| `{field}`" not in said] == []


@pytest.mark.row("S315")
@pytest.mark.parametrize("table", Table.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_is_there_with_its_columns(table):
    said = part(f"`{table.name}`")

    assert [column.name for column in table.columns if f"| `{column.name}` |" not in said] == []
