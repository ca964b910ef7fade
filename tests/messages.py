"""What the command line may say is wrong, read from its code: each text, and whether a hint follows.

A text is what a carrier is given (`CARRIERS`), or a function that passes it on to one.  What is put
into it stands as `…`.  One that is nothing else is not listed: it comes from the system, or from
another carrier, where it was listed already.  Click's own refusals end with where to find help.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
ELSEWHERE = "…"


class Carrier(NamedTuple):
    """Which arguments of a call are the message and its hint; at -1 is none, but by its name."""

    message: int
    hint: int = -1
    name: str = "message"


CARRIERS = {
    "Problem": Carrier(1, 2),
    "Fault": Carrier(1, 2),
    "Flaw": Carrier(2, 3),
    "Mistake": Carrier(0, 3),
    "Dead": Carrier(1, 2),
    "Finding": Carrier(2),
    "Impossible": Carrier(0),
    "NotADrawing": Carrier(0),
    "NoAnswer": Carrier(0),
    "NoFeed": Carrier(0),
    "_asked": Carrier(-1, name="why"),
}
# Of the sidecar, what its commands are made of: the other modules speak on pages.
OF_COMMANDS = ("backup", "cli_user", "people", "restore", "samples", "schema", "settings")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Message(NamedTuple):
    """A text that may be said, where that stands, and whether a hint always follows."""

    text: str
    place: str
    has_hint: bool


def messages() -> list[Message]:
    """Every message of the builder, and of the sidecar's commands."""
    files = sorted((ROOT / "pydotorg_build").rglob("*.py"))
    files += [ROOT / f"sidecar/{name}.py" for name in OF_COMMANDS]
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    carriers = dict(CARRIERS)
    for tree in trees.values():
        carriers |= {k: c for k, c in Code(tree, CARRIERS).passing.items() if k[0] != "_"}
    return [
        Message(text, f"{file.relative_to(ROOT)}:{line}", has_hint)
        for file, tree in trees.items()
        for text, line, has_hint in Code(tree, carriers).said()
    ]


class Code:
    """One module: what it gives to carriers."""

    def __init__(self, tree: ast.Module, carriers: Mapping[str, Carrier]) -> None:
        self._around = {
            inner: node for node in ast.walk(tree) for inner in ast.iter_child_nodes(node)
        }
        self._tree, self._carriers = tree, dict(carriers)
        self._functions = {n.name: n for n in ast.walk(tree) if isinstance(n, Function)}
        self.passing = dict(self._passing())
        self._carriers |= self.passing

    def said(self) -> Iterator[tuple[str, int, bool]]:
        """Each text, its line, and whether a hint always follows."""
        for call, carrier in self._calls():
            hints = self._texts(argument(call, carrier.hint, "hint"), call)
            for text in self._texts(argument(call, carrier.message, carrier.name), call):
                if letters(text):
                    yield text, call.lineno, "" not in hints

    def _calls(self) -> Iterator[tuple[ast.Call, Carrier]]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in self._carriers and "good" not in map(literal, node.args):
                    yield node, self._carriers[name]

    def _passing(self) -> Iterator[tuple[str, Carrier]]:
        """The functions here that pass what they are given on to a carrier."""
        for call, carrier in self._calls():
            function = self._function_of(call)
            given = parameters(function) if function else []
            said = argument(call, carrier.message, carrier.name)
            inside = ast.walk(said) if said else ()
            names = [n.id for n in inside if isinstance(n, ast.Name) and n.id in given]
            if function and names and not any(map(letters, self._texts(said, call))):
                hint = argument(call, carrier.hint, "hint")
                at = given.index(hint.id) if isinstance(hint, ast.Name) and hint.id in given else -1
                yield function.name, Carrier(given.index(names[-1]), at)

    def _function_of(self, node: ast.AST | None) -> Function | None:
        while node is not None and not isinstance(node, Function):
            node = self._around.get(node)
        return node

    # What an expression may be

    def _texts(self, node: ast.AST | None, place: ast.AST) -> set[str]:
        match node:
            case None:
                return {""}
            case ast.Constant(value=str(text)):
                return {text}
            case ast.JoinedStr(values=parts):
                return {"".join(p.value if isinstance(p, ast.Constant) else "…" for p in parts)}
            case ast.IfExp(body=one, orelse=other):
                return self._texts(one, place) | self._texts(other, place)
            case ast.BoolOp(values=parts):
                return {text for part in parts for text in self._texts(part, place)}
            case ast.BinOp(left=one, op=ast.Add(), right=other):
                after = self._texts(other, place)
                return {a + b for a in self._texts(one, place) for b in after}
            case ast.Name(id=name):
                return self._named(name, place)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(ast.Name("self"), name)):
                function = self._functions.get(name)
                return self._returned(function) if function else {ELSEWHERE}
            case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
                return {ELSEWHERE} | self._texts(default, place)
        return {ELSEWHERE}

    def _named(self, name: str, place: ast.AST) -> set[str]:
        """What a name may be: all that its function, or else the module, lets it be."""
        function = self._function_of(place)
        for scope in (function, self._tree):
            values = list(assigned(scope, name)) if scope else []
            if values:
                return {text for value in values for text in self._texts(value, place)}
        return {ELSEWHERE}

    def _returned(self, function: Function) -> set[str]:
        found = (node for node in ast.walk(function) if isinstance(node, ast.Return))
        return {text for node in found for text in self._texts(node.value, node)}


def argument(call: ast.Call, at: int, name: str) -> ast.AST | None:
    """An argument by its place or name; a starred one is a place, of line and column."""
    given: list[ast.AST] = []
    for one in call.args:
        given += [one, one] if isinstance(one, ast.Starred) else [one]
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    if 0 <= at < len(given):
        return given[at]
    return named[0] if named else None


def parameters(function: Function) -> list[str]:
    """The names of what a function is given."""
    given = function.args
    return [one.arg for one in (*given.args, *given.kwonlyargs) if one.arg != "self"]


def assigned(scope: ast.AST, name: str) -> Iterator[ast.AST]:
    """What a name is set to by plain assignments, also where several are set at once."""
    for node in ast.walk(scope):
        if isinstance(node, ast.NamedExpr) and node.target.id == name:
            yield node.value
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                yield from (v for t, v in pairs if isinstance(t, ast.Name) and t.id == name)


def literal(node: ast.AST) -> object:
    """The value of a constant."""
    return node.value if isinstance(node, ast.Constant) else None


def letters(text: str) -> bool:
    """Does it say anything of its own?"""
    return bool(re.search(r"\w", text))
