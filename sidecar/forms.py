"""Forms: reading what was sent, and showing it again with what is wrong beside each field.

    form = await read_form(request, SignIn)
    if form.value is None:
        return page(request, "sidecar/account/sign_in.html", "Sign in", form=form)

`SignIn` is a struct; its types are the rules.  Texts lose the space around them, unless they are
Secret: those are taken as typed, never shown again, and never told in what is wrong with them.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Generic, TypeVar, get_args

import msgspec
from litestar.datastructures import Cookie, FormMultiDict, UploadFile
from litestar.exceptions import ClientException
from msgspec import Meta

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import read
from sidecar.bodies import FILE, LARGEST, TooLarge, called
from sidecar.clients import Asked
from sidecar.clock import now
from sidecar.compared import Saying
from sidecar.passwords import LONGEST
from sidecar.sealing import Use, digest
from sidecar.sessions import cookie, in_cookie
from sidecar.settings import Settings

T = TypeVar("T", bound=msgspec.Struct)
TOKEN = "form_token"  # noqa: S105 (the name of a field)
STALE = Fault(
    "", "The form was open for too long, or your browser keeps no cookies. Send it again."
)
EMPTY = "Fill this in"
THOUSANDS = re.compile(r"\d{1,3}([ ,.'’\u00a0\u202f])\d{3}(\1\d{3})*")
# A text that nobody may read over a shoulder: twice what a good password may have.
Secret = Annotated[str, Meta(min_length=1, max_length=2 * LONGEST, extra={"is_secret": True})]


class Nothing(msgspec.Struct, frozen=True):
    """A form with only a button."""


@dataclass(frozen=True)
class Form(Generic[T]):
    """A form: `value` where all is well, else `faults`; `given` is what was typed.

    `labels` are what its fields are called on the page, which they tell while they are shown, and
    `choices` what can be chosen in them.
    `is_cut`: it was too large, and only what stood whole in its beginning is given.  `overtaken` is
    what of it was changed elsewhere since it was opened, where something was.
    """

    value: T | None = None
    faults: tuple[Fault, ...] = ()
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict, compare=False)
    choices: dict[str, dict[str, str]] = field(default_factory=dict, compare=False)
    is_cut: bool = False
    overtaken: Callable[[Form[T]], Saying] | None = None

    def typed(self, name: str, otherwise: str = "") -> str:
        """What stood in a field."""
        return self.given[name][-1] if self.given.get(name) else otherwise

    def ticked(self, name: str, value: str = "") -> bool:
        """Was a box ticked, or one of several?"""
        return value in self.given.get(name, ()) if value else name in self.given

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return next((told(fault) for fault in self.faults if fault.name == name), "")

    def called(self, name: str, label: str, options: Iterable[tuple[str, str]] = ()) -> str:
        """Take the words of a field, for the summary above it; give them back to be shown.

        `options` are what can be chosen in it: pairs of what is sent and what is read.
        """
        self.labels[name], self.choices[name] = label, dict(options)
        return label

    @property
    def errors(self) -> list[tuple[str, str]]:
        """For the summary above the form: the field, and what is wrong with it, in one line.

        They stand in the order of the page; what is wrong with the whole comes first.
        """
        order = ["", *self.labels]
        faults = sorted(self.faults, key=lambda fault: _place(order, fault.name))
        return [(fault.name, self._line(fault)) for fault in faults]

    def _line(self, fault: Fault) -> str:
        if not fault.name:
            return told(fault)
        label = self.labels.get(fault.name) or called(fault.name)
        words = told(fault)
        first = words[:1] if words[1:2].isupper() else words[:1].lower()
        return f"{label}: {first}{words[1:]}"

    @property
    def is_refused(self) -> bool:
        """Does nothing in it count, since it is no page's of ours or was too large?"""
        return self.is_cut or STALE in self.faults

    @property
    def status(self) -> int:
        """The status of the page that shows the form (again)."""
        if self.is_cut:
            return 413
        if STALE in self.faults:
            return 403
        return 422 if self.faults else 200

    def but(self, *faults: Fault) -> Form[T]:
        """The same form, with what only the database could tell to be wrong."""
        return replace(self, value=None, faults=(*self.faults, *faults))

    def and_these(self, faults: Iterable[Fault]) -> Form[T]:
        """The same form, with what the whole of it tells of fields that could be read."""
        if self.is_cut:
            return self
        wrong = {fault.name for fault in self.faults}
        more = [fault for fault in faults if not fault.name or fault.name not in wrong]
        return self.but(*more) if more else self


def _place(order: list[str], name: str) -> int:
    """Where a field stands; one that the page does not show comes last."""
    return order.index(name) if name in order else len(order)


def told(fault: Fault) -> str:
    """What is wrong, as a person reads it beside the field.

    >>> told(Fault("size", "`size` must be a number, not 'big'"))
    "Must be a number, not 'big'"
    """
    words = fault.message.removeprefix(f"`{fault.name}` ")
    return words[:1].upper() + words[1:]


def filled(given: Mapping[str, Any]) -> Form[Any]:
    """A form that shows what is kept, for whoever wants to change it."""
    return Form(given={
        name: tuple(map(str, value)) if isinstance(value, list | tuple | set) else (str(value),)
        for name, value in given.items()
        if value is not None and value is not False
    })  # fmt: skip


def token_for(settings: Settings, browser: str) -> str:
    """What a form of ours carries that is shown to the browser with this cookie."""
    return digest(settings.secret, Use.FORMS, browser)[:32]


def browser_cookie(settings: Settings) -> Cookie:
    """A cookie that only tells one browser from another, for the token of forms."""
    return cookie(settings, "form", secrets.token_urlsafe(16))


def has_token(request: Asked, given: str) -> bool:
    """Did a form come from a page that we showed to this browser?"""
    settings = request.app.state.settings
    browser = in_cookie(request, "form")
    expected = token_for(settings, browser)
    return bool(browser) and hmac.compare_digest(
        expected.encode(), given.encode("utf-8", "replace")
    )


async def read_form(
    request: Asked, kind: type[T], *, of_ours: bool = True,
    also: Mapping[str, tuple[str, ...]] | None = None,
) -> Form[T]:  # fmt: skip
    """Read a form that was sent.  One `of_ours` must have its token; a static page's has none.

    `also` is what stands in fields instead of what was sent.
    """
    try:
        given = {**await sent(request), **(also or {})}
    except TooLarge as error:
        return cut(kind, error)
    token = given.pop(TOKEN, ("",))[-1]
    # A browser sends an empty text where no file was chosen.
    given = {name: texts for name, texts in given.items() if not name.endswith(FILE)}
    value, faults = read(kind, values_of(kind, given))
    shown = {name: texts for name, texts in given.items() if name not in secrets_of(kind)}
    if of_ours and not has_token(request, token):
        faults = [STALE, *faults]
    faults = [in_form(kind, fault, given) for fault in faults]
    return Form(None if faults else value, tuple(faults), shown)


def cut(kind: type[T], error: TooLarge) -> Form[T]:
    """A form that was too large: what is, and the other texts, where they stood before it."""
    is_known = error.field in {f.encode_name for f in msgspec.structs.fields(kind)}
    fault = Fault(error.field, f"is {error.why}") if is_known else Fault("", error.detail)
    left_out = {error.field, TOKEN, *secrets_of(kind)}
    shown = {name: texts for name, texts in error.texts.items() if name not in left_out}
    emptied = {error.field: ("",)} if is_known else {}
    return Form(None, (fault,), {**shown, **emptied}, is_cut=True)


def readable(kind: type[T], form: Form[T]) -> T | None:
    """A form that is wrong, as if what is wrong were not: for what else only the whole of it tells.

    None, where that is not enough, or where only the beginning was read.
    """
    if form.is_cut:
        return None
    wrong = {fault.name for fault in form.faults}
    given = {name: texts for name, texts in form.given.items() if name not in wrong}
    return spared(kind, values_of(kind, given))


def spared(kind: type[T], values: Mapping[str, Any]) -> T | None:
    """A form of what could be read; what must be there holds a day, which is a text as well."""
    asked = {f.name for f in msgspec.structs.fields(kind) if f.required}
    value, _ = read(kind, values, **dict.fromkeys(asked - set(values), f"{now():%Y-%m-%d}"))
    return value


async def parts(request: Asked) -> FormMultiDict:
    """What a form was sent as; one whose texts cannot be read is refused."""
    try:
        return await request.form()
    except (UnicodeDecodeError, LookupError):
        raise ClientException("The form has a text that cannot be read.") from None


async def sent(request: Asked) -> dict[str, tuple[str, ...]]:
    """The fields of a form, each with all its values; files are no texts and are left out."""
    data = await parts(request)
    texts = {name: tuple(t for t in data.getall(name) if isinstance(t, str)) for name in data}
    sizes = {name: sum(map(len, those)) for name, those in texts.items()}
    if sum(sizes.values()) > LARGEST:
        raise TooLarge(LARGEST, sizes, texts)
    return texts


async def sent_files(request: Asked, kind: type[msgspec.Struct]) -> dict[str, UploadFile]:
    """The files that were chosen for the pictures of a form, by field."""
    data = await parts(request)
    chosen = ((name, data.getall(f"{name}{FILE}", [])) for name in marked(kind, "is_picture"))
    return {name: files[-1] for name, files in chosen
            if files and isinstance(files[-1], UploadFile)}  # fmt: skip


def values_of(kind: type[msgspec.Struct], given: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The fields as the reader of entries takes them: lists where they are many, a box as yes or no."""
    hidden, capitals = secrets_of(kind), marked(kind, "is_upper")
    values: dict[str, Any] = {}
    known = {f.encode_name: f for f in msgspec.structs.fields(kind)}
    for name, texts in given.items():
        found = known.get(name)
        if found is not None and is_many(found.type):
            values[name] = [tidy(text) for text in texts if text.strip()]
        elif texts:
            text = texts[-1] if name in hidden else tidy(texts[-1])
            if name in capitals:
                text = text.upper()
            if found is not None and is_number(found.type):
                text = ungrouped(text)
            if found is not None and found.type is bool:
                values[name] = text not in ("", "false", "0")
            elif text or found is None or found.required or is_text(found.type):
                values[name] = text
    return values


def ungrouped(text: str) -> str:
    """A whole number without what people put between its thousands.

    >>> ungrouped("4,500,000"), ungrouped("60 000"), ungrouped("4.5"), ungrouped("1,2")
    ('4500000', '60000', '4.5', '1,2')
    """
    return re.sub(r"\D", "", text) if THOUSANDS.fullmatch(text) else text


def tidy(text: str) -> str:
    """A text without space around it, with the line ends that we use."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def is_many(kind: Any) -> bool:
    """Does a field hold several?"""
    return getattr(kind, "__origin__", None) in (tuple, list)


def is_number(kind: Any) -> bool:
    """Does a field hold a whole number?"""
    return kind is int or int in get_args(kind)[:1]


def is_text(kind: Any) -> bool:
    """Does a field hold any text, so that an empty one says something?"""
    return kind is str or str in get_args(kind)[:1]


def secrets_of(kind: type[msgspec.Struct]) -> set[str]:
    """The fields that hold a secret."""
    return marked(kind, "is_secret")


def marked(kind: type[msgspec.Struct], mark: str) -> set[str]:
    """The fields whose type has a mark: is_secret, is_picture, or is_upper."""
    return {
        f.encode_name
        for f in msgspec.structs.fields(kind)
        for meta in get_args(f.type)[1:]
        if (getattr(meta, "extra", None) or {}).get(mark)
    }


def in_form(
    kind: type[msgspec.Struct], fault: Fault, given: Mapping[str, tuple[str, ...]]
) -> Fault:
    """A fault in the words of a form: the reader's are for authors of files."""
    is_empty = fault.name in given and not any(text.strip() for text in given[fault.name])
    if is_empty or "is missing" in fault.message or "must not be empty" in fault.message:
        return Fault(fault.name, EMPTY)
    if fault.name in secrets_of(kind):
        return Fault(fault.name, fault.message.partition(", not ")[0])
    return Fault(fault.name, fault.message)


def all_of(faults: Iterable[str], name: str) -> list[Fault]:
    """Broken rules as faults of a field."""
    return [Fault(name, f"must be {rule}") for rule in faults]
