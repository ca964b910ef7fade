"""What can be handed in.  A new kind is a struct, a line in KINDS and a template for its fields.

    class JobForm(Handed): ...                  # what is asked, with the rules of each field
    JOB = Kind("job", JobForm, JOBS, …)

The form, the confirmation, the queue, the decisions, the mails and the publishing follow.
"""

from __future__ import annotations

from sidecar.kinds.base import Kind
from sidecar.kinds.events import EVENT
from sidecar.kinds.jobs import JOB
from sidecar.kinds.stories import STORY

KINDS: dict[str, Kind] = {kind.name: kind for kind in (JOB, EVENT, STORY)}
