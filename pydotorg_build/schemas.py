"""JSON Schemas of the content, and settings by which VS Code completes it as one writes.

A schema follows from the struct that the build reads by, so there is no second list of fields.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from pydotorg_build.beginnings import BEGINNINGS
from pydotorg_build.content import NAMES, types_of
from pydotorg_build.content.base import ContentType
from pydotorg_build.content.read import RESERVED
from pydotorg_build.meanings import meaning_of
from pydotorg_build.new import in_plural, not_a_noun, shown
from pydotorg_build.problems import Problem, Problems, Source

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# The loader reads every value as text and takes a day for its first moment.
MOMENT = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$"
SETTINGS = "settings.json"
SNIPPETS = "front-matter.code-snippets"
# In front matter, VS Code is to offer what it knows without being asked.
WHILE_TYPING = {
    "editor.quickSuggestions": {"other": "on", "comments": "off", "strings": "on"},
    "editor.snippetSuggestions": "top",
}


def schema_of(noun: str) -> dict[str, Any]:
    """The schema of one kind: a file in YAML is one entry or a list of them."""
    kind = _kind(in_plural(noun))
    ((whole,), parts) = msgspec.json.schema_components([kind.entry], ref_template="#/$defs/{name}")
    defs = {name: _readable(part) for name, part in parts.items() if name not in ("Source", "Body")}
    own = {"$ref": whole["$ref"]}
    many = {"anyOf": [own, {"type": "array", "items": own}]}
    top = own if kind.files.endswith(".md") else many
    return {"$schema": DRAFT, "title": kind.name, **top, "$defs": defs}


def _kind(noun: str) -> ContentType:
    if noun not in BEGINNINGS:
        raise not_a_noun(noun)
    return types_of((noun,))[0]


def _readable(part: dict[str, Any]) -> dict[str, Any]:
    """A struct as authors may write it, each field with what it means."""
    fields = {
        name: {"description": meaning_of(part["title"], name)} | _as_written(field)
        for name, field in part["properties"].items()
        if name not in RESERVED
    }
    first = " ".join(part.get("description", "").split())
    required = [name for name in part.get("required", ()) if name not in RESERVED]
    return {
        "title": part["title"],
        "description": first,
        "type": "object",
        "properties": fields,
        "required": required,
        "additionalProperties": False,
    }


def _as_written(field: Any) -> Any:
    """A type as it is in YAML: `3.14` is a number there, and a text to us."""
    if isinstance(field, list):
        return [_as_written(item) for item in field]
    if not isinstance(field, dict):
        return field
    kept = {
        name: value if name in ("examples", "enum") else _as_written(value)
        for name, value in field.items()
        if name != "default"
    }
    if kept.get("type") != "string" or kept.get("format") == "date":
        return kept
    if kept.get("format") == "date-time":
        return {"type": "string", "pattern": MOMENT}
    return kept | {"type": ["string", "number"]}


def write_all(folder: Path, content: str) -> list[Path]:
    """Write every schema, the settings that name them, and what completes front matter."""
    settings = folder / SETTINGS
    before = _settings_before(settings)
    folder.mkdir(parents=True, exist_ok=True)
    kinds = [kind for kind in types_of(NAMES) if kind.name in BEGINNINGS]
    files = {folder / f"{kind.name}.schema.json": schema_of(kind.name) for kind in kinds}
    matched = dict(before.get("yaml.schemas", {}))
    for kind in kinds:
        if not kind.files.endswith(".md"):
            pattern = kind.files if kind.files.endswith(".yaml") else f"{kind.files}.yaml"
            matched[f"./{folder.name}/{kind.name}.schema.json"] = f"{content}/{pattern}"
    files[settings] = before | {"yaml.schemas": matched, "[markdown]": WHILE_TYPING}
    files[folder / SNIPPETS] = _snippets(kinds)
    for path, value in files.items():
        path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return list(files)


def _settings_before(path: Path) -> dict[str, Any]:
    """What the settings hold already: it is kept, and what is ours put in."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    hint = "take its comments out, or write into another folder and copy what you want"
    raise Problems([Problem(Source(shown(path)), "this is not plain JSON", hint)])


def _snippets(kinds: list[ContentType]) -> dict[str, Any]:
    """A snippet a field of what has front matter, for VS Code offers no schema there."""
    snippets: dict[str, Any] = {}
    for kind in kinds:
        if not kind.files.endswith((".md", "*")):
            continue
        schema = schema_of(kind.name)
        entry = schema["$defs"][kind.entry.__name__]
        for name, field in entry["properties"].items():
            snippets[f"{kind.name}: {name}"] = {
                "scope": "markdown,yaml",
                "prefix": name,
                "body": f"{name}: {_placeholder(field)}",
                "description": f"{kind.name}: {field['description']}",
            }
    return snippets


def _placeholder(field: dict[str, Any]) -> str:
    """Where the cursor goes, with the choices where there are any."""
    for part in (field, *field.get("anyOf", ())):
        if part.get("type") == "boolean":
            return "${1|true,false|}"
        if "enum" in part:
            return "${1|" + ",".join(str(choice) for choice in part["enum"]) + "|}"
        if part.get("type") == "array":
            return "[$1]"
    return "$1"
