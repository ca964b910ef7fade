"""Showing a letter in a frame of a page: its looks are written into it, as readers of mail want them,
and the policy of our pages allows none such.  So a page that shows one allows exactly these.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from litestar import Response

from pydotorg_build.hosting import CSP
from sidecar.settings import Settings

STYLE = re.compile(r'style="([^"]*)"')
OURS = "style-src 'self'"
UPGRADE = "; upgrade-insecure-requests"


def framed(answer: Response[Any], html: str, settings: Settings) -> Response[Any]:
    """The page with a policy for the letter in it."""
    policy = policy_for(html)
    answer.headers["content-security-policy"] = (
        policy if settings.is_secure else policy.removesuffix(UPGRADE)
    )
    return answer


def policy_for(html: str) -> str:
    """Our policy, with the looks of a letter by their digests."""
    hashes = sorted({f"'sha256-{_digest(style)}'" for style in STYLE.findall(html)})
    return CSP.replace(OURS, " ".join([OURS, "'unsafe-hashes'", *hashes]))


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
