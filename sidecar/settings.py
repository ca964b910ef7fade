"""The settings of the sidecar, from the environment, read once at the start.

Each is named PYDOTORG_ and the field in capitals, but for DATABASE_URL, which hosts set by that
name.  `.env.example` has them all.  In production unsafe ones are refused by name.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from pydotorg_build.content.base import Entry, Fault
from pydotorg_build.content.read import read
from pydotorg_build.problems import Problem, Problems, Source
from sidecar.clients import networks

PREFIX = "PYDOTORG_"
NAMES = {"database_url": "DATABASE_URL"}
SHORTEST = 32
KNOWN_PASSWORDS = frozenset({"postgres", "password", "pydotorg"})
HEADER = Meta(pattern=r"^([A-Za-z0-9-]{1,60})?$", examples=["CF-IPCountry"])
URL = Meta(pattern=r"^https?://[^/\s]+$", examples=["https://www.python.org"])
HOOK = re.compile(r"https?://[^/\s]\S*")
BUCKET = Meta(pattern=r"^((s3|gs|az|file)://[^\s]+)?$", examples=["s3://our-bucket/pictures"])
COUNT = Meta(ge=1, le=1000)
ADDRESS = Meta(pattern=r"^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$", examples=["Us <us@example.org>"])
PLAIN_OR_NONE = Meta(pattern=r"^([^<>@\s]+@[^<>@\s]+)?$", examples=["jobs@example.org"])
PLAIN = Meta(pattern=r"^[^<>@\s]+@[^<>@\s]+$", examples=["us@example.org"])


class Settings(Entry, frozen=True, kw_only=True):
    """What an operator decides.

    `url` is the public address; `probe_url` is where published pages are looked for before they are
    told to be live, where that is not the folder `site`; `build_hook` is the address of a host that
    builds by itself, called when there is something to build; `secret` signs and encrypts (at least 32 characters; keep it out of
    backups).  `site` is the folder of the built site, `data` that of the database.  `proxies` are the
    addresses of what stands in front, whose word about the visitor's address is taken; where they
    tell the visitor's country, `country_header` is the header that they tell it in.  People may
    sign in with an account at GitHub or Google where the sidecar has an id and a secret there.
    `attachments` is the address of a bucket for pictures; without it they lie in the data folder.
    Without `smtp_host`, mail is put into the data folder; `mail_from` is whom it comes from,
    `sponsors_mail` the team that is told of applications of sponsors; `jobs_mail`, `events_mail` and
    `stories_mail` those that are told of what waits for them, where they want to be.

    `env` says how much is guarded and told: `staging` is refused what production is, and logs as
    much as development.  `log` and `log_level` follow from it where they are not set; the log goes
    to the error output, or to `log_file`.
    """

    title: str = ""
    env: Literal["development", "staging", "production"] = "development"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8001
    url: Annotated[str, URL] = "http://localhost:8001"
    secret: str = ""
    database_url: str = ""
    pool_size: Annotated[int, COUNT] = 20
    pool_overflow: Annotated[int, Meta(ge=0, le=1000)] = 10
    proxies: str = ""
    country_header: Annotated[str, HEADER] = ""
    data: str = "data"
    attachments: Annotated[str, BUCKET] = ""
    site: str = "dist"
    build_hook: str = ""
    probe_url: Annotated[str, Meta(pattern=r"^(https?://[^/\s]+)?$")] = ""
    log: Literal["", "text", "json"] = ""
    log_level: Literal["", "debug", "info", "warning", "error"] = ""
    log_file: str = ""
    smtp_host: str = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    mail_from: Annotated[str, ADDRESS] = "Python.org <noreply@python.org>"
    sponsors_mail: Annotated[str, PLAIN] = "sponsors@python.org"
    jobs_mail: Annotated[str, PLAIN_OR_NONE] = ""
    events_mail: Annotated[str, PLAIN_OR_NONE] = ""
    stories_mail: Annotated[str, PLAIN_OR_NONE] = ""
    github_id: str = ""
    github_secret: str = ""
    github_url: Annotated[str, URL] = "https://github.com"
    github_api: Annotated[str, URL] = "https://api.github.com"
    google_id: str = ""
    google_secret: str = ""
    google_url: Annotated[str, URL] = "https://accounts.google.com"

    @property
    def is_production(self) -> bool:
        """Do people rely on it?  What is tried before they do is guarded in the same way."""
        return self.env != "development"

    @property
    def logs_json(self) -> bool:
        return self.log == "json" or (not self.log and self.is_production)

    @property
    def level(self) -> str:
        return self.log_level or ("info" if self.env == "production" else "debug")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The values of the Host header that are ours."""
        own = urlsplit(self.url).netloc
        if self.is_production:
            return (own,)
        return (own, *(f"{name}:{self.port}" for name in ("localhost", "127.0.0.1")))

    @property
    def backups(self) -> Path:
        """Where copies of the database are put that nobody named a place for."""
        return Path(self.data) / "backups"

    @property
    def is_secure(self) -> bool:
        return self.url.startswith("https://")


def variable(field: str) -> str:
    """The environment variable of a field."""
    return NAMES.get(field, PREFIX + field.upper())


FIELDS = tuple(name for name in Settings.__struct_fields__ if name not in Entry.__struct_fields__)


def read_settings(environ: Mapping[str, str], root: Path) -> Settings:
    """Read the settings, or tell every fault.  `root` is where relative folders begin."""
    given = {name: environ[variable(name)] for name in FIELDS if environ.get(variable(name))}
    known = {variable(name) for name in FIELDS} | {"PYDOTORG_NOINDEX"}
    faults = [
        Fault(name, f"{name} is no setting", f"there are {', '.join(sorted(known))}")
        for name in environ
        if name.startswith(PREFIX) and name not in known
    ]
    settings, found = read(Settings, given)
    faults += [Fault(variable(f.name), f.message.replace(f"`{f.name}`", variable(f.name)), f.hint)
               for f in found]  # fmt: skip
    if settings:
        faults += _no_networks(settings)
        faults += _no_database(settings)
        faults += _no_hook(settings)
        faults += _no_host(settings)
    if settings and settings.is_production:
        faults += _unsafe(settings)
    if settings is None or faults:
        source = Source("(environment)")
        raise Problems(Problem(source, fault.message, fault.hint) for fault in faults)
    return _completed(settings, root)


def settings_here() -> Settings:
    """The settings of the environment; folders begin where the command is run."""
    return read_settings(os.environ, Path.cwd())


def _no_networks(settings: Settings) -> Iterator[Fault]:
    try:
        networks(settings.proxies)
    except ValueError:
        name = variable("proxies")
        message = f"{name} must be addresses or networks, not {settings.proxies!r}"
        yield Fault(name, message, "write them with commas, as 127.0.0.1, 10.0.0.0/8")


def _no_host(settings: Settings) -> Iterator[Fault]:
    try:
        ipaddress.ip_address(settings.host)
    except ValueError:
        name = variable("host")
        hint = "0.0.0.0 for all of this machine; PYDOTORG_URL is what people ask for"
        yield Fault(name, f"{name} must be written like 127.0.0.1, not {settings.host!r}", hint)


def _no_hook(settings: Settings) -> Iterator[Fault]:
    """What is wrong with the address of the hook; whoever has it can call it, so it is not told."""
    if settings.build_hook and not HOOK.fullmatch(settings.build_hook):
        name = variable("build_hook")
        yield Fault(name, f"{name} is no address", "as the host of the site shows it, https://…")


def _no_database(settings: Settings) -> Iterator[Fault]:
    """What is wrong with the address of the database; it may hold a password, and is not told."""
    if not settings.database_url:
        return
    from sqlalchemy import make_url  # slow to import
    from sqlalchemy.exc import ArgumentError

    name, hint = variable("database_url"), "empty is a file of SQLite in the data folder"
    try:
        url = make_url(settings.database_url)
        backend, database = url.drivername.partition("+")[0], url.database
    except (ArgumentError, ValueError):
        backend, database = "", ""
    if backend not in ("postgresql", "postgres", "sqlite"):
        hint = f"as postgresql://name:password@host/database; {hint}"
        yield Fault(name, f"{name} is no address of PostgreSQL or SQLite", hint)
    elif backend == "sqlite" and database in (None, "", ":memory:"):
        yield Fault(name, f"{name} names no file, so nothing would be kept", hint)


def _unsafe(settings: Settings) -> Iterator[Fault]:
    """What production may not be run with, by the name of the variable."""

    def fault(field: str, why: str, hint: str = "") -> Fault:
        name = variable(field)
        return Fault(name, f"{name} {why}", hint)

    if len(settings.secret) < SHORTEST or len(set(settings.secret)) < 10:
        hint = "make one with `python -c 'import secrets; print(secrets.token_urlsafe(48))'`"
        yield fault("secret", f"must be a random text of at least {SHORTEST} characters", hint)
    for name in ("github_url", "github_api", "google_url"):
        if not getattr(settings, name).startswith("https://"):
            yield fault(name, f"must begin with https://, not be {getattr(settings, name)!r}")
    if not settings.is_secure:
        yield fault("url", f"must begin with https:// in production, not be {settings.url!r}")
    if not settings.smtp_host:
        yield fault(
            "smtp_host", "must name the server that mail is sent by", "such as smtp.internal"
        )
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        yield fault("smtp_password", "and PYDOTORG_SMTP_USER must both be set, or neither")
    if settings.smtp_password and settings.smtp_security == "none":
        yield fault(
            "smtp_security", "must be starttls or tls, or the password is sent in the clear"
        )
    if urlsplit(settings.database_url).password in KNOWN_PASSWORDS:
        yield fault("database_url", "has a password that everybody knows", "choose another")


def _completed(settings: Settings, root: Path) -> Settings:
    """Fill in what depends on the folder; in development a secret is made once and kept there."""
    from msgspec.structs import replace

    data = root / settings.data
    url = settings.database_url or f"sqlite:///{(data / 'sidecar.sqlite').absolute()}"
    secret = settings.secret or _kept_secret(data / "secret")
    return replace(settings, data=str(data), site=str(root / settings.site), database_url=url,
                   secret=secret)  # fmt: skip


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def unset(settings: Settings) -> Iterator[str]:
    """What is not set, and what that means: said at the start."""
    if not (Path(settings.site) / "frame.json").exists():
        yield f"there is no built site in {settings.site}: pages are plain until `pydotorg build`"
    if not settings.smtp_host:
        yield f"PYDOTORG_SMTP_HOST is not set: mail is put into {settings.data}/mail"
    if settings.build_hook and not settings.probe_url:
        yield "PYDOTORG_PROBE_URL is not set: what the host of PYDOTORG_BUILD_HOOK shows is not seen"
    if settings.is_production and not settings.proxies:
        yield "PYDOTORG_PROXIES is not set: behind a proxy, all visitors count as one"
