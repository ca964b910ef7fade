"""Two files or folders exchanged in one step, where the system can."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import Any

AT_FDCWD = -100
RENAME_EXCHANGE = 2
RENAME_SWAP = 2
NONE_HERE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def exchange(one: str | os.PathLike[str], two: str | os.PathLike[str]) -> bool:
    """Give each the other's name: renameat2 on Linux, renamex_np on macOS.

    False where system or file system cannot, and nothing was done.  Raises OSError.
    """
    library = _library()
    first, second = os.fsencode(one), os.fsencode(two)
    if sys.platform == "darwin":
        failed = library.renamex_np(first, second, RENAME_SWAP)
    elif hasattr(library, "renameat2"):
        failed = library.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE)
    else:
        return False
    if failed and ctypes.get_errno() in NONE_HERE:
        return False
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(two))
    return True


@cache
def _library() -> Any:
    return ctypes.CDLL(None, use_errno=True)
