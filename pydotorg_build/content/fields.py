"""Types of fields that several kinds have."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta as Limits

Title = Annotated[str, Limits(min_length=1, max_length=200)]
Line = Annotated[str, Limits(max_length=200)]
Slug = Annotated[str, Limits(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", examples=["web-development"])]
# These may be left out, so the empty text is one of them.
WebAddress = Annotated[
    str, Limits(pattern=r"^(https?://[^\s<>\"]+)?$", examples=["https://example.org/jobs/12"])
]
MailAddress = Annotated[
    str, Limits(pattern=r"^([^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+)?$", examples=["ada@example.org"])
]
