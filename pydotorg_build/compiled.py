"""Templates as they were compiled: kept in memory for a process, and in a folder for the next."""

from __future__ import annotations

from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

# By name, the digest of what it was compiled of: a template has one place, however often it changes.
_known: dict[str, tuple[str, CodeType]] = {}


class Compiled(BytecodeCache):
    """A template is compiled once, wherever its folder lies.

    What filters make of constants is compiled too: `filters` tells these filters from others.
    """

    def __init__(self, filters: str, folder: Path | None = None) -> None:
        self._filters = filters
        self._folder = FileSystemBytecodeCache(str(folder)) if folder else None

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's
        return super().get_cache_key(name, self._filters)

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        bucket = super().get_bucket(environment, name, filename, source)
        # Problems are told with the place where the template lies now.
        if bucket.code and filename:
            bucket.code = bucket.code.replace(co_filename=filename)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = _known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code
        elif self._folder:
            self._folder.load_bytecode(bucket)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._keep(bucket)
        if self._folder:
            self._folder.dump_bytecode(bucket)

    @staticmethod
    def _keep(bucket: Bucket) -> None:
        if bucket.code:
            _known[bucket.key] = bucket.checksum, bucket.code
