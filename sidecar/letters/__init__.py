"""The letters there are: what each is given, and whether staff may word it otherwise.

A letter is a class in a module of its subject, a line in the LETTERS there, and a file
`mails/<name>.txt`: its first line is the subject, the rest the text.  An address on a line of its own
becomes a button in the HTML, so both forms of a letter say the same.
"""

from __future__ import annotations

from sidecar.letters import accounts, cases, elections, sponsors
from sidecar.letters.base import Known

LETTERS: dict[str, Known] = accounts.LETTERS | cases.LETTERS | elections.LETTERS | sponsors.LETTERS
