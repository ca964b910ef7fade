"""The command that a mail server gives what comes back to: `pydotorg sidecar returned`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from sidecar.settings import Settings, settings_here

if TYPE_CHECKING:
    from sidecar.returned import Returned


@click.command()
def returned() -> None:
    """Read a letter that came back from standard input, and note its address.

    It is for the mailbox of MAIL FROM, as an alias of a mail server. What is no report about a
    letter of ours is left alone, so that no server tries it again.
    """
    from sidecar.returned import LARGEST, read

    found = read(sys.stdin.buffer.read(LARGEST + 1))
    if found is None:
        click.echo("this is no report of a letter of ours that failed for good")
        return
    is_ours = asyncio.run(_take(settings_here(), found))
    click.echo(
        f"noted: {found.reason.value}" if is_ours else "no letter of ours has this Message-ID"
    )


async def _take(settings: Settings, found: Returned) -> bool:
    from sidecar.database import open_database
    from sidecar.returned import take

    db = open_database(settings)
    try:
        async with db.write() as tx:
            return await take(tx, found)
    finally:
        await db.close()
