"""What is done by itself at night: what nobody needs any more goes, and nothing else."""

from __future__ import annotations

import datetime

from sqlalchemy import select

from sidecar import mail as mails
from sidecar.clock import now
from sidecar.queue import enqueue
from sidecar.tables.accounts import ApiKey, Refresh
from sidecar.tables.work import Mail, Task
from sidecar.worker import Worker

LONG = now() - datetime.timedelta(days=100)


def tidied(service):
    """What tidying up wrote down that it took away."""
    service.write(lambda tx: enqueue(tx, "tidy", {}, dedupe="tonight"))
    service.run(Worker(service.db, service.settings).drain())
    (night,) = service.rows(select(Task).where(Task.dedupe == "tonight"))
    assert night.state == "done", night.error
    return night.result


def letter(name, state="sent", created=LONG, **given):
    return Mail(
        template="confirm", recipient="ada@example.org", subject=name, text="…", state=state,
        message_id=name, created=created, sent_at=created, **given,
    )  # fmt: skip


def kept(service):
    return service.rows(select(Mail.subject).order_by(Mail.id))


def test_letters_go_after_90_days_whether_they_were_sent_or_given_up(service):
    rows = (
        letter("sent"), letter("given up", state="dead"), letter("of a decision", dedupe="decision 7"),
        letter("waits", state="held"), letter("sent yesterday", created=now()),
    )  # fmt: skip
    service.write(lambda tx: mails.post_all(tx, rows))

    assert tidied(service)["mails"] == 3
    assert kept(service) == ["waits", "sent yesterday"]


def test_a_letter_that_was_sent_again_lately_keeps_nothing_from_going(service):
    async def sent_again(tx):
        first = letter("first")
        tx.add(first)
        await tx.flush()
        tx.add(letter("again", created=now(), again_of=first.id))

    service.write(sent_again)

    assert tidied(service)["mails"] == 1
    assert service.rows(select(Mail.again_of)) == [None]


def test_refresh_tokens_go_a_week_after_they_have_expired(service):
    user = service.account()

    async def made(tx):
        key = ApiKey(user_id=user, name="k", prefix="p", digest="d")
        tx.add(key)
        await tx.flush()
        for name, days in (("old", -8), ("over", -6), ("live", 6)):
            expires = now() + datetime.timedelta(days=days)
            tx.add(Refresh(digest=name, family="f", key_id=key.id, expires=expires))

    service.write(made)

    assert tidied(service)["refresh tokens"] == 1
    assert service.rows(select(Refresh.digest).order_by(Refresh.id)) == ["over", "live"]
