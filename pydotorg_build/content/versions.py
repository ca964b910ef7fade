"""Version numbers of Python and of its install manager: how they are read and which is newer."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

STAGES = ("a", "b", "rc", "")
WORDS = {"a": "alpha", "b": "beta", "rc": "release candidate", "": "final"}
PATTERN = r"^[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?((a|b|rc)[0-9]{1,2})?$"
_PARTS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:(a|b|rc)(\d+))?")


class Version(msgspec.Struct, frozen=True, order=True):
    """A version; two compare as they were released.

    >>> Version.parse("3.9") < Version.parse("3.10") < Version.parse("3.14.0rc1")
    True
    >>> Version.parse("3.14.0rc1") < Version.parse("3.14.0")
    True
    """

    major: int
    minor: int
    micro: int = 0
    stage: int = STAGES.index("")
    serial: int = 0

    @staticmethod
    @lru_cache(maxsize=4096)
    def parse(text: str) -> Version:
        """Read `3.14.0rc1`; without a third number it is 0.

        >>> Version.parse("3.14")
        Version(major=3, minor=14, micro=0, stage=3, serial=0)
        """
        match = _PARTS.fullmatch(text)
        if match is None:
            message = f"{text!r} is not a version, as 3.14.0 or 3.14.0rc1"
            raise ValueError(message)
        major, minor, micro, stage, serial = match.groups()
        return Version(
            int(major), int(minor), int(micro or 0), STAGES.index(stage or ""), int(serial or 0)
        )

    def __str__(self) -> str:
        stage = STAGES[self.stage] and f"{STAGES[self.stage]}{self.serial}"
        return f"{self.major}.{self.minor}.{self.micro}{stage}"

    @property
    def series(self) -> str:
        """The series it belongs to: `3.14` for `3.14.0rc1`."""
        return f"{self.major}.{self.minor}"

    @property
    def base(self) -> str:
        """The final version that it is or leads to: `3.14.0` for `3.14.0rc1`."""
        return f"{self.major}.{self.minor}.{self.micro}"

    @property
    def prerelease(self) -> bool:
        """Whether it comes before a final version."""
        return STAGES[self.stage] != ""

    @property
    def stage_word(self) -> str:
        """What its stage is called: alpha, beta, release candidate or final."""
        return WORDS[STAGES[self.stage]]

    @property
    def newest_first(self) -> tuple[int, ...]:
        """What sorts the newest version first."""
        return (-self.major, -self.minor, -self.micro, -self.stage, -self.serial)
