"""How staff word letters otherwise than their files do.

A wording is data, never code: of the template language it has only names, conditions and loops, and
it is tried with the letter's sample before it is kept.  The links of a letter are fixed: each must
stand in it on a line of its own, and there are no others.  Letters about the safety of an account
cannot be worded otherwise.  Each wording is kept, so that one can go back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from jinja2 import TemplateError, TemplateSyntaxError, nodes
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar.audit import note
from sidecar.letters import LETTERS
from sidecar.letters.base import Letter
from sidecar.mail import ADDRESS, LONGEST_SUBJECT, as_wording, compose, environment, wording_of
from sidecar.permissions import Actor
from sidecar.tables.work import MailOverride

LONGEST = 10_000
# What a wording may be made of; calls, filters, attributes and imports are not among it.
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.For, nodes.Not,
    nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Const,
)  # fmt: skip


def may_be_worded(template: str) -> bool:
    """May staff word this letter otherwise?"""
    return not LETTERS[template].is_security


def faults_of(template: str, subject: str, text: str) -> Iterator[Fault]:
    """What is wrong with a wording, beside its field."""
    limits = (("subject", subject, LONGEST_SUBJECT), ("text", text, LONGEST))
    too_long = [
        Fault(name, f"`{name}` must have at most {most} characters")
        for name, part, most in limits
        if len(part) > most
    ]
    if too_long:
        yield from too_long
        return
    if "\n" in subject:
        yield Fault("subject", "`subject` must be one line")
        return
    found = [fault for name, part in (("subject", subject), ("text", text))
             for fault in _broken(template, name, part)]  # fmt: skip
    yield from found or _links(template, subject, text)


def _broken(template: str, name: str, source: str) -> Iterator[Fault]:
    """What of a part is no template, or wants what the letter is not given, with its line."""
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError as error:
        yield Fault(name, f"line {error.lineno}: {error.message}")
        return
    given = set(LETTERS[template].given.__struct_fields__)
    given |= {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    for node in [tree, *tree.find_all(nodes.Node)]:
        if not isinstance(node, ALLOWED):
            words = "only names, conditions and loops can be used between the braces"
            yield Fault(name, f"line {node.lineno}: {words}")
            return
        if isinstance(node, nodes.Name) and node.name not in given:
            words = f"this letter is not given “{node.name}”; it has {', '.join(sorted(given))}"
            yield Fault(name, f"line {node.lineno}: {words}")
            return


def _links(template: str, subject: str, text: str) -> Iterator[Fault]:
    """The links of a letter are what it is given, each on a line of its own, and no others."""
    try:
        letter = compose(template, LETTERS[template].sample, as_wording(subject, text))
    except (TemplateError, TypeError, ValueError) as error:
        yield Fault("text", f"this cannot be written with the sample: {error}")
        return
    known = links_of(template)
    lines = letter.text.split("\n")
    for name, address in known.items():
        if address not in lines:
            yield Fault("text", f"{{{{ {name} }}}} must stand on a line of its own")
    others = set(ADDRESS.findall(letter.subject + "\n" + letter.text)) - set(known.values())
    for address in sorted(others):
        yield Fault("text", f"has the address {address}; a letter has only the links it is given")


def links_of(template: str) -> dict[str, str]:
    """The links that a letter is given, by name, as in its sample; of a list the name is the list's."""
    sample: Letter = LETTERS[template].sample
    return {
        name: text
        for name, value in msgspec.structs.asdict(sample).items()
        for text in _texts(value)
        if ADDRESS.fullmatch(text)
    }


def _texts(value: Any) -> Iterator[str]:
    """The texts of what a letter is given, those in lists too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


async def save(tx: AsyncSession, actor: Actor, template: str, subject: str, text: str) -> None:
    """Let a letter be worded so from now on; what was found wrong must be asked for before."""
    tx.add(MailOverride(template=template, subject=subject, text=text, author=actor.user))
    await note(tx, actor, "letter worded", f"letters/{template}",
               {"subject": (None, None), "text": (None, None)})  # fmt: skip


async def remove(tx: AsyncSession, actor: Actor, template: str) -> None:
    """Go back to the file; the history stays."""
    if await wording_of(tx, template):
        tx.add(MailOverride(template=template, subject="", text="", author=actor.user,
                            is_removed=True))  # fmt: skip
        await note(tx, actor, "letter as in its file", f"letters/{template}")
