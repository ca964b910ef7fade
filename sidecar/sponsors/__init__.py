"""Sponsors of the Foundation: who applies, what is agreed and signed, what each side still owes.

`steps.py` is the table of what may happen, `offer.py` what may be chosen and what it costs,
`agreements.py` takes the steps.  `docs/sponsors.md` tells it to the staff who do it.
"""
