"""The application as a process serves it, and in several processes: `pydotorg sidecar run --workers N`.

Each has a database of its own to ask; what they must agree on stands in that.  One that ends is
followed by another.
"""

from __future__ import annotations

import gc
from pathlib import Path

from sidecar.app import create_app
from sidecar.database import open_database
from sidecar.doors import Doors
from sidecar.lent import templates
from sidecar.logs import set_up
from sidecar.settings import Settings, settings_here

PATIENCE = 30  # seconds for what is being answered when told to stop


def application() -> Doors:
    """The application of one process."""
    settings = settings_here()
    set_up(settings)
    app = create_app(settings, open_database(settings), templates(Path.cwd()))
    # What is there now stays, so the collector need not look through it while somebody waits.
    gc.collect()
    gc.freeze()
    return app


def serve_in(settings: Settings, processes: int) -> None:
    """Serve until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "sidecar.served:application", factory=True, address=settings.host, port=settings.port,
        interface=Interfaces.ASGI, workers=processes, websockets=False, log_enabled=False,
        respawn_failed_workers=True, respawn_interval=0.5, workers_kill_timeout=PATIENCE,
    ).serve()  # fmt: skip
