"""Begins a new piece of content: a file in its place with what must stand in it.

It asks nothing, and never writes over a file.
"""

from __future__ import annotations

import calendar
import datetime
import json
import re
from pathlib import Path
from typing import Any

from pydotorg_build import front_matter
from pydotorg_build.artifacts import Body
from pydotorg_build.beginnings import BEGINNINGS, Beginning
from pydotorg_build.content import NAMES, types_of
from pydotorg_build.content.base import ContentType, Fault
from pydotorg_build.content.events import YEAR
from pydotorg_build.content.lists import slug
from pydotorg_build.content.read import read
from pydotorg_build.front_matter import WORDS_OF_YAML
from pydotorg_build.problems import Problem, Problems, Source, meant

PLAIN = re.compile(r"[A-Za-z/][\w ./,()!?*+'-]*")
FIRST_OF = re.compile(r"\{one of (\w+)\}")
# Within a word: the `'` of Ada's parts nothing.
APOSTROPHE = re.compile(r"(?<=\w)['\u2019](?=\w)")
ASKED = "(noun)"


def shown(path: Path) -> str:
    """A path as it is said to whoever stands in this folder."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def begin(
    content: Path, noun: str, title: str, under: str, today: datetime.date
) -> tuple[Path, int]:
    """Write a new entry; say in which file, and in which of its lines, it begins."""
    noun = in_plural(noun)
    kind, beginning = _kind(noun)
    title = title or beginning.called.format(day=today, year=today.year)
    if not title:
        example = f"pydotorg new {noun} {EXAMPLES[noun]}"
        raise _problem(f"a new entry of `{noun}` needs its name", f"as in: {example}")
    if "{name" in beginning.file + beginning.text and slug(title) == f"tag-{title.encode().hex()}":
        hint = "begin it with a name in Latin letters, and write its title into the file"
        raise _problem(f"{title!r} has no letter or digit that an address could be made of", hint)
    _check_section(beginning, under.strip("/"), content)
    filled = _filled(beginning, title, under, today, content)
    path = content / filled.file.removesuffix("+")
    _check(kind, filled, f"{content.name}/{filled.file.removesuffix('+')}")
    return path, (_append if filled.file.endswith("+") else _create)(path, filled.text)


EXAMPLES = {
    "events": '"PyCon Wonderland 2027"',
    "redirects": "/old/address/",
    "series": "3.17",
    "releases": "3.17.0a1",
    "snippets": "sponsors",
}


def _kind(noun: str) -> tuple[ContentType, Beginning]:
    if noun not in BEGINNINGS:
        raise not_a_noun(noun)
    (kind,) = types_of((noun,))
    return kind, BEGINNINGS[noun]


def in_plural(noun: str) -> str:
    """A noun as its kind is called; what is none stays as it is.

    >>> in_plural("event"), in_plural("story"), in_plural("events"), in_plural("evnt")
    ('events', 'stories', 'events', 'evnt')
    """
    plurals = (noun, f"{noun}s", f"{noun.removesuffix('y')}ies")
    return next((one for one in plurals if one in BEGINNINGS), noun)


def not_a_noun(noun: str) -> Problems:
    """What to say of a noun that has no files, or is none."""
    known = meant(noun, BEGINNINGS, f"there are {', '.join(BEGINNINGS)}")
    if noun not in NAMES:
        return _problem(f"`{noun}` is no kind of content", known)
    (kind,) = types_of((noun,))
    if kind.files:
        return _problem(f"`{noun}` is not begun by this command", f"see content/{kind.files}")
    return _problem(f"`{noun}` is made of the others and has no files", known)


def _check_section(beginning: Beginning, under: str, content: Path) -> None:
    """A page stands below one that is there, or in a folder that is."""
    if not under or ".." in under:  # which is refused with the name of the file
        return
    if "{under}" not in beginning.file:
        raise _problem("`--under` is for pages", "leave it out: this kind has its own place")
    pages = content / "pages"
    if (pages / under).is_dir() or (pages / f"{under}.md").is_file():
        return
    found = (path.relative_to(pages) for path in pages.rglob("*"))
    sections = sorted({path.with_suffix("").as_posix() for path in found if path.stem != "index"})
    above, _, last = under.rpartition("/")
    first = f"pydotorg new pages {last.capitalize()}" + (f" --under {above}" if above else "")
    near = meant(under, sections)
    begin_it = f"{near} A new one begins with its page: {first}".strip()
    raise _problem(f"there is no section {under}", begin_it)


def _filled(
    beginning: Beginning, title: str, under: str, today: datetime.date, content: Path
) -> Beginning:
    """The beginning with all that stood in braces."""
    values = _values(title, under, today)

    def fill(text: str, said: str) -> str:
        text = FIRST_OF.sub(lambda found: _first(content, found[1]), text)
        return text.format(**values | {"title": said})

    return Beginning(fill(beginning.file, title), title, fill(beginning.text, _quoted(title)))


def _values(title: str, under: str, today: datetime.date) -> dict[str, Any]:
    name, month = slug(APOSTROPHE.sub("", title)), _months_on(today, 1)
    years = [found[0] for found in YEAR.finditer(title)]
    year = years[-1] if years and str(month.year) not in years else str(month.year)
    below = under.strip("/")
    return {
        "name": name,
        "name_with_year": name if year in name.split("-") else f"{name}-{year}",
        "under": f"{below}/" if below else "",
        "series": ".".join(re.findall(r"\d+", title)[:2]),
        "day": today,
        "year": today.year,
        "month_later": month,
        "month_later_in_that_year": _months_on(month, 12 * (int(year) - month.year)),
        "half_year_later": _months_on(today, 6),
        "year_later": _months_on(today, 12),
        "five_years_later": _months_on(today, 60),
    }


def _months_on(day: datetime.date, months: int) -> datetime.date:
    """The same day some months later, or the last one that month has.

    >>> _months_on(datetime.date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def _quoted(title: str) -> str:
    """A title as YAML has it: between quotes where it would be taken for something else."""
    plain = PLAIN.fullmatch(title) and title == title.strip() and title.lower() not in WORDS_OF_YAML
    is_version = re.fullmatch(r"\d+(\.\d+)+\w*", title)
    return title if plain or is_version else json.dumps(title, ensure_ascii=False)


def _first(content: Path, noun: str) -> str:
    """What the new entry may belong to: the first in the list, or the file that sorts last."""
    single = content / f"{noun}.yaml"
    if single.is_file():
        rows = front_matter.read_yaml(front_matter.decode(single.read_bytes())).data or []
        names = [str(row["slug"]) for row in rows if isinstance(row, dict) and "slug" in row]
        if names:
            return names[0]
    files = sorted((content / noun).glob("*.md"))
    if files:
        return files[-1].stem
    hint = f"begin one first: pydotorg new {noun}"
    raise _problem(f"there is none of `{noun}` that it could belong to", hint)


def _check(kind: ContentType, filled: Beginning, path: str) -> None:
    """A new file is read as the build will read it, before it is written."""
    is_markdown = path.endswith(".md")
    reader = front_matter.read_markdown if is_markdown else front_matter.read_yaml
    document = reader(filled.text)
    body = Body("new", path) if document.body.strip() else Body()
    entry, faults = read(kind.entry, document.data, body=body, source=Source(path))
    faults = faults or list(kind.check(entry))
    is_address = re.fullmatch(r"[\w./-]+", path) and ".." not in path and "//" not in path
    if not (is_address or faults):
        faults = [Fault("", "the name of the file would not be an address", "use other words")]
    if faults:
        source = Source(path if is_address else ASKED)
        raise Problems(Problem(source, fault.message, fault.hint) for fault in faults)


def _create(path: Path, text: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        problem = Problem(
            Source(shown(path)),
            "there is such a file already, and it stays as it is",
            "choose another title",
        )
        raise Problems([problem]) from None
    return 1


def _append(path: Path, entry: str) -> int:
    """Put an entry at the end of a list; one that says the same twice is refused."""
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = entry.rstrip("\n").split("\n")
    item = "\n".join(f"{'  ' if number else '- '}{line}" for number, line in enumerate(lines))
    _refuse_double(path, before, entry)
    before = before and before.rstrip("\n") + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}{item}\n", encoding="utf-8")
    return before.count("\n") + 1


def _refuse_double(path: Path, before: str, entry: str) -> None:
    known = front_matter.read_yaml(before).data or []
    new = front_matter.read_yaml(entry).data
    key = next(key for key in ("slug", "from", "url", "title") if key in new)
    if key == "url" and new["url"] == "/":
        key = "title"
    if any(isinstance(row, dict) and row.get(key) == new[key] for row in known):
        message = f"there is an entry with the {key} {new[key]} already"
        raise Problems([Problem(Source(shown(path)), message, "choose another title")])


def _problem(message: str, hint: str) -> Problems:
    return Problems([Problem(Source(ASKED), message, hint)])
