"""The process that sets a contract: its words as JSON come in, a PDF goes out.  Nothing is kept.

It has a folder as its root in which nothing lies but the look, and is killed by whoever started it.
"""

from __future__ import annotations

import contextlib
import resource
import sys
import tempfile
from pathlib import Path

TEMPLATE = Path(__file__).with_name("contract.typ")
MEMORY = 4_000_000_000
SECONDS = 15


def main() -> int:
    """Set what stands on standard input."""
    import typst

    # Where a system has no such limits, the time that the parent gives is the only one.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    words = sys.stdin.buffer.read().decode()
    with tempfile.TemporaryDirectory() as root:
        try:
            place = Path(root) / TEMPLATE.name
            place.write_bytes(TEMPLATE.read_bytes())
            made = typst.compile(
                str(place), root=root, sys_inputs={"words": words}, timestamp=0,
                ignore_system_fonts=True, pdf_standards=["ua-1"], package_path=root,
                package_cache_path=root,
            )  # fmt: skip
        except typst.TypstError as error:
            sys.stderr.write(str(error))
            return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
