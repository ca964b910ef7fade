"""`pydotorg sidecar user …`: accounts, without the web.

Passwords come from the standard input, never as an argument: arguments stand in lists of processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pydotorg_build.problems import Problem, Problems, Source

if TYPE_CHECKING:
    from sidecar.database import Database
    from sidecar.settings import Settings

SOURCE = Source("(user)")
ROLE = click.Choice(
    ["jobs team", "events team", "stories team", "sponsors team", "staff", "superuser"]
)
WHO = click.argument("who", metavar="NAME-OR-ADDRESS")
Step = Callable[["Database", "Settings"], Awaitable[Any]]


@click.group()
def user() -> None:
    """Add and look after accounts."""


def done(step: Step) -> Any:
    """Take a step on the database; what is impossible is told as a problem."""
    from sidecar.database import open_database
    from sidecar.people import Impossible
    from sidecar.schema import prepare
    from sidecar.settings import settings_here

    settings = settings_here()
    prepare(settings.database_url)

    async def take() -> Any:
        db = open_database(settings)
        try:
            return await step(db, settings)
        finally:
            await db.close()

    try:
        return asyncio.run(take())
    except Impossible as impossible:
        refuse(str(impossible))


def refuse(message: str, hint: str = "") -> NoReturn:
    """Tell what cannot be done."""
    raise Problems([Problem(SOURCE, message, hint)])


def read_password(*own: str) -> str:
    """A password from the standard input, as a hash; a weak one is refused with the rule it breaks."""
    from sidecar.passwords import broken_rules, make_hash

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    if broken := broken_rules(password, own):
        refuse("the password is not good enough", f"it must be {'; '.join(broken)}")
    return make_hash(password)


@user.command()
@click.argument("name")
@click.option("--email", required=True, help="The address; it is taken for confirmed.")
@click.option("--role", "roles", type=ROLE, multiple=True, help="May be given several times.")
@click.option("--password", "with_password", is_flag=True, help="Read one from standard input.")
def add(name: str, email: str, roles: tuple[str, ...], with_password: bool) -> None:
    """Add an account.  Without --password a link is printed that sets one, once, for 15 minutes.

    Where that was missed, `pydotorg sidecar user password` sets one.
    """
    from sidecar.people import add as add_account
    from sidecar.permissions import NOBODY, Role
    from sidecar.tables.accounts import Purpose
    from sidecar.tokens import make

    check(name, email)
    password = read_password(name, email) if with_password else ""

    async def step(db: Database, settings: Settings) -> str:
        async with db.write() as tx:
            made = await add_account(
                tx, NOBODY, name, email, password=password, roles=map(Role, roles)
            )
            if password:
                return ""
            token = await make(tx, Purpose.ENROL, made.id)
        return f"{settings.url}/account/enrol?token={token}"

    link = done(step)
    click.echo(f"added {name}")
    if link:
        click.echo(f"open this within 15 minutes to choose a password; it works once:\n{link}")
        click.echo(f"later, `pydotorg sidecar user password {name}` sets one")
    elif roles:
        click.echo(
            "a role counts once its owner has set up a second factor under /account/security"
        )


def check(name: str, email: str) -> None:
    """Refuse a name or an address that no account can have."""
    from pydotorg_build.content.read import read
    from sidecar.people import NewAccount, faults_of_name

    _, faults = read(NewAccount, {"name": name, "email": email})
    faults = [*faults, *faults_of_name(name)]
    if faults:
        raise Problems(Problem(SOURCE, fault.message, fault.hint) for fault in faults)


@user.command()
@WHO
@click.argument("role", type=ROLE)
@click.option("--remove", is_flag=True, help="Take it away.")
def role(who: str, role: str, remove: bool) -> None:
    """Give somebody a role, or take it away; it counts from their next request on."""
    from sidecar.people import account, give, roles_of, take
    from sidecar.permissions import NOBODY, Role

    async def step(db: Database, _: Settings) -> str:
        async with db.write() as tx:
            found = await account(tx, who)
            await (take if remove else give)(tx, NOBODY, found, Role(role))
            return f"{found.name} has the roles: {', '.join(roles_of(found)) or 'none'}"

    click.echo(done(step))


@user.command()
@WHO
def password(who: str) -> None:
    """Set a password from standard input; open sessions end."""
    from sidecar.people import account, set_password
    from sidecar.permissions import NOBODY

    async def look(db: Database, _: Settings) -> tuple[str, str, str]:
        async with db.read() as tx:
            found = await account(tx, who)
            return found.name, found.email, found.full_name

    hashed = read_password(*done(look))

    async def step(db: Database, _: Settings) -> str:
        async with db.write() as tx:
            found = await account(tx, who)
            await set_password(tx, NOBODY, found, hashed)
            return found.name

    click.echo(f"{done(step)} has a new password and was signed out everywhere")


@user.command("reset-factor")
@WHO
def reset_factor(who: str) -> None:
    """Take the second factors from somebody who lost them; open sessions end."""
    from sidecar.people import account
    from sidecar.people import reset_factor as reset
    from sidecar.permissions import NOBODY

    async def step(db: Database, _: Settings) -> str:
        async with db.write() as tx:
            found = await account(tx, who)
            gone = await reset(tx, NOBODY, found)
            return f"{found.name} lost {gone} second factor{'s' * (gone != 1)} and was signed out"

    click.echo(done(step))


@user.command()
@WHO
@click.option("--undo", is_flag=True, help="Let them in again.")
def disable(who: str, undo: bool) -> None:
    """Let somebody in no more; open sessions end, and what they published stays."""
    from sidecar.people import account, enable
    from sidecar.people import disable as shut_out
    from sidecar.permissions import NOBODY

    async def step(db: Database, _: Settings) -> str:
        async with db.write() as tx:
            found = await account(tx, who)
            await (enable if undo else shut_out)(tx, NOBODY, found)
            return f"{found.name} may {'sign in again' if undo else 'sign in no more'}"

    click.echo(done(step))


@user.command("list")
@click.option("--role", type=ROLE, help="Only those who have it.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def show(role: str | None, as_json: bool) -> None:
    """List accounts: name, address, roles, second factor, and what keeps them out."""
    from sidecar.people import listed

    async def step(db: Database, _: Settings) -> list[dict[str, Any]]:
        async with db.read() as tx:
            return await listed(tx, role)

    rows = done(step)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    if not rows:
        none = "there are no accounts: `pydotorg sidecar user add` makes one"
        click.echo(f"nobody has the role {role}" if role else none, err=True)
    for row in rows:
        parts = [row["name"], row["email"], ", ".join(row["roles"]) or "–",
                 "second factor" if row["has_factor"] else "no second factor", row["state"]]  # fmt: skip
        click.echo("  ".join(parts))
