"""A tag for templates: what depends on the frame alone is made once, not on every page.

    {% once %}<nav>{% for item in frame.menu %}…{% endfor %}</nav>{% endonce %}

Inside, no name but `frame` may stand; so what was made for one page is right for all.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser


class Once(Extension):
    """The tag; what it made lives as long as the environment, which has one frame."""

    tags = {"once"}  # noqa: RUF012 - as Jinja declares it

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._made: dict[str, str] = {}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endonce",), drop_needle=True)
        whole = nodes.Template(body, lineno=line)
        whole.set_environment(self.environment)
        if others := sorted(meta.find_undeclared_variables(whole) - {"frame"}):
            message = f"`once` may use nothing but `frame`, not {', '.join(others)}"
            raise TemplateSyntaxError(message, line, parser.name, parser.filename)
        place = nodes.Const(f"{parser.name}:{line}")
        call = self.call_method("_once", [place], lineno=line)
        return nodes.CallBlock(call, [], [], body, lineno=line)

    def _once(self, place: str, caller: Callable[[], str]) -> str:
        if place not in self._made:
            self._made[place] = caller()
        return self._made[place]
