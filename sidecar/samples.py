"""Sample accounts to see all of the sidecar with while one works on it; never in production.

One for each role, one member and one plain account, all with the same password and the same secret
for codes, which are printed: so they are nobody's secrets, and no real database may have them.
"""

from __future__ import annotations

import asyncio
import datetime
import tempfile
from pathlib import Path
from typing import NamedTuple

import pyotp
from msgspec.structs import replace

from pydotorg_build.problems import Problem, Problems, Source
from sidecar import factors, people
from sidecar.backup import FILE, take
from sidecar.clock import now
from sidecar.database import open_database
from sidecar.passwords import make_hash
from sidecar.permissions import NOBODY, Role
from sidecar.restore import put, rows_there
from sidecar.schema import prepare
from sidecar.settings import Settings
from sidecar.tables.accounts import Membership

PASSWORD = "three wet boots"  # noqa: S105 (printed for everybody)
CODES = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SOURCE = Source("(sample)")


class Sample(NamedTuple):
    """An account of the samples."""

    name: str
    roles: tuple[Role, ...] = ()
    is_member: bool = False


SAMPLES = (
    Sample("ada"),
    Sample("grace", is_member=True),
    *(Sample(role.value.replace(" ", "-"), (role,)) for role in Role),
)


def bring(settings: Settings, *, replaces: bool) -> str:
    """Bring the database into the sample state; where the backup is of what was there, if anything."""
    if settings.is_production:
        message = "samples are not for production: everybody knows their password"
        raise Problems([Problem(SOURCE, message, "set PYDOTORG_ENV to development")])
    prepare(settings.database_url, migrate=True, copies=settings.backups)
    there = rows_there(settings)
    if there and not replaces:
        message = f"the database is not empty: {', '.join(there)}"
        hint = "--replace puts the samples in its place, and keeps a backup of it"
        raise Problems([Problem(SOURCE, message, hint)])
    kept = str(take(settings, settings.backups, now())) if there else ""
    Path(settings.data).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=Path(settings.data)) as folder:
        file = Path(folder) / FILE
        prepare(f"sqlite:///{file}")
        asyncio.run(_fill(replace(settings, database_url=f"sqlite:///{file}")))
        put(settings, file)
    return kept


async def _fill(settings: Settings) -> None:
    hashed, db = make_hash(PASSWORD), open_database(settings)
    # That of a moment ago, so that the code of now is not used up.
    code = pyotp.TOTP(CODES).at(now() - datetime.timedelta(seconds=30))
    for sample in SAMPLES:
        async with db.write() as tx:
            user = await people.add(
                tx, NOBODY, sample.name, f"{sample.name}@example.org", password=hashed,
                roles=sample.roles,
            )  # fmt: skip
            if sample.roles:
                await factors.keep_app(tx, settings, user.id, CODES, code, "the samples' app")
            if sample.is_member:
                tx.add(Membership(user_id=user.id, legal_name="Grace Hopper"))
    await db.close()
