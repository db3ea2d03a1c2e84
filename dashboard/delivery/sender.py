"""The sender of due mails: letters, and mails about accounts.

It makes a single round, or runs in a thread of the server.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from dashboard.clinical.delivery import Failure
from dashboard.delivery import account_mail, outbox
from dashboard.delivery.configuration import Post
from dashboard.delivery.message import CannotCompose, Mail
from dashboard.delivery.schedule import Schedule
from dashboard.delivery.transport import GatewayDown, NotSent, Refused

EVERY = 5.0
"""Seconds between two rounds of the sender. ``wake`` makes the next round start at once."""

OVER_AND_OVER = 3
"""Number of consecutive failures after which monitoring reports that the sender does not work.

If the database cannot be reached, this number is reached 10 seconds after the first failure, or
later if each attempt to connect takes long. If the mail gateway is down, a new letter alone reaches
it about 3 minutes after its first attempt (see ``Schedule``).
"""

_log = logging.getLogger(__name__)
_signed = Event()


@dataclass
class Done:
    """The numbers of mails that were sent, that will be tried again, and that failed
    permanently.
    """

    sent: int = 0
    queued: int = 0
    failed: int = 0
    gateway_down: Failure | None = None
    """The failure of the mail gateway that ended the round early; None if the round was
    completed.
    """

    def __add__(self, other: "Done") -> "Done":
        return Done(
            self.sent + other.sent,
            self.queued + other.queued,
            self.failed + other.failed,
            other.gateway_down,
        )


@dataclass(frozen=True)
class Trouble:
    """Consecutive failures of a sender: the time of the first, their number, the code of the
    last.
    """

    since: datetime
    times: int
    code: str


class Failures:
    """A counter of a sender's failures since its last success."""

    def __init__(self) -> None:
        self._trouble: Trouble | None = None
        self._before_the_gateway = False

    @property
    def trouble(self) -> Trouble | None:
        """The failures since the last success; None if there are fewer than ``OVER_AND_OVER``.

        Fewer failures are not reported, because they may be temporary.
        """
        lasting = self._trouble is not None and self._trouble.times >= OVER_AND_OVER
        return self._trouble if lasting else None

    def note_round(self, done: Done) -> None:
        """Record the result of a round that ended without an exception.

        If the mail gateway is down, count a failure. If the round shows that the sender works
        again, reset the counter.
        """
        if done.gateway_down is not None:
            self._add(done.gateway_down.code)
            self._before_the_gateway = False
        elif done.sent or done.failed or done.queued or self._before_the_gateway:
            # The round counts as a success: it handled at least one mail, or the last failure was
            # an error and not the mail gateway, and this round ended without an error.
            self._trouble = None

    def note_error(self, error: Exception) -> None:
        """Count a round that ended with ``error`` as a failure."""
        self._add(type(error).__name__)
        self._before_the_gateway = True

    def _add(self, code: str) -> None:
        before = self._trouble
        since, times = (before.since, before.times) if before else (datetime.now(UTC), 0)
        self._trouble = Trouble(since, times + 1, code)


def deliver_due(
    post: Post,
    schedule: Schedule = Schedule(),  # noqa: B008 - frozen
    stopped: Callable[[], bool] = lambda: False,
) -> Done:
    """Send the due letters, then the due mails about accounts; return the numbers of mails.

    End early if ``stopped`` returns true or the mail gateway is down. The remaining mails stay due.
    """
    done = Done()
    # The lease is twice the time after which sending gives up, because opening and closing the
    # connection also take time. So no other sender claims a mail while it is being sent.
    lease = timedelta(seconds=2 * post.transport.longest)
    for claim in (_claim_letter, _claim_account_mail):
        while not stopped():
            queued = claim(lease, post)
            if queued is None:
                break
            if not _deliver(queued, post, schedule, done):
                return done
    return done


def wake() -> None:
    """Make the sender of this process start its next round at once.

    Call this when a review was signed or a recommendation was withdrawn.
    """
    _signed.set()


def start_sending(
    post: Post,
    schedule: Schedule = Schedule(),  # noqa: B008 - frozen
    every: float = EVERY,
) -> "Sender":
    """Start a thread that sends the due mails until it is stopped, and return its ``Sender``.

    ``every`` is the time between two rounds, in seconds.
    """
    sender = Sender(post, schedule, every)
    sender.thread.start()
    return sender


class Sender:
    """A thread that sends the due mails every few seconds, and whenever ``wake`` is called."""

    def __init__(self, post: Post, schedule: Schedule, every: float) -> None:
        self._post = post
        self._schedule = schedule
        self._every = every
        self._failures = Failures()
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="delivery", daemon=True)

    @property
    def trouble(self) -> Trouble | None:
        """The consecutive failures of this sender; None if there are too few to report."""
        return self._failures.trouble

    def ask_to_stop(self) -> None:
        """Ask the thread to end after the current mail, and return without waiting."""
        self._stopping.set()
        wake()

    def stop(self, seconds: float = 5.0) -> None:
        """Ask the thread to end, and wait for it at most ``seconds``.

        The thread does not outlive the process. If the process ends while a mail is being sent, the
        mail is due again when its lease ends.
        """
        self.ask_to_stop()
        self.thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            # The event is cleared before the round. If a review is signed during the round, the
            # next round then starts at once.
            _signed.clear()
            try:
                done = deliver_due(self._post, self._schedule, self._stopping.is_set)
                self._failures.note_round(done)
            except Exception as error:
                self._failures.note_error(error)
                # Only the type of the error is logged, because its text may contain patient data.
                # The claimed mail is due again when its lease ends.
                _log.error("Delivery: %s", type(error).__name__)
            if not self._stopping.is_set():
                _signed.wait(self._every)


@dataclass(frozen=True)
class _Queued:
    """A claimed mail, with the functions that make it and that record the result of the attempt.

    ``compose`` returns None if the lease has ended.
    """

    attempt: int
    compose: Callable[[], Mail | None]
    mark_sent: Callable[[], None]
    mark_queued: Callable[[Failure, timedelta], None]
    mark_failed: Callable[[Failure], None]


def _claim_letter(lease: timedelta, post: Post) -> _Queued | None:
    claimed = outbox.claim(lease)
    if claimed is None:
        return None

    def compose() -> Mail | None:
        letter = outbox.read(claimed)
        return None if letter is None else post.compose(letter, post.sender)

    return _Queued(
        claimed.attempt,
        compose,
        partial(outbox.mark_sent, claimed, post.transport.name),
        partial(outbox.mark_queued, claimed),
        partial(outbox.mark_failed, claimed),
    )


def _claim_account_mail(lease: timedelta, post: Post) -> _Queued | None:
    notice = account_mail.claim(lease)
    if notice is None:
        return None
    return _Queued(
        notice.attempt,
        partial(account_mail.compose, notice, post.sender, post.link_key),
        partial(account_mail.mark_sent, notice),
        partial(account_mail.mark_queued, notice),
        partial(account_mail.mark_failed, notice),
    )


def _deliver(queued: _Queued, post: Post, schedule: Schedule, done: Done) -> bool:
    """Send one mail and record the result. Return whether to try the next mail.

    The next mail is not tried if the mail gateway is down.
    """
    try:
        if queued.attempt > schedule.attempts:
            # A sender made the last allowed attempt, but was killed before it recorded the result.
            raise Refused(Failure("interrupted"))
        mail = _mail(queued)
        if mail is None:
            return True
        post.transport.send(mail)
    except NotSent as refusal:
        _put_off(queued, refusal, schedule, done)
        if isinstance(refusal, GatewayDown):
            done.gateway_down = refusal.failure
            return False
        return True
    queued.mark_sent()
    done.sent += 1
    return True


def _mail(queued: _Queued) -> Mail | None:
    """Return the mail of a claimed row of the outbox; None if the lease has ended.

    Raise ``Refused`` if the mail cannot be made from the stored data.
    """
    try:
        return queued.compose()
    except CannotCompose as reason:
        raise Refused(reason.failure) from reason
    except SQLAlchemyError:
        raise
    except Exception as error:
        _log.error("A letter cannot be put into a mail: %s", type(error).__name__)
        raise Refused(Failure("unsendable")) from error


def _put_off(queued: _Queued, refusal: NotSent, schedule: Schedule, done: Done) -> None:
    wait = None if isinstance(refusal, Refused) else schedule.wait_after(queued.attempt)
    if wait is None:
        queued.mark_failed(refusal.failure)
        done.failed += 1
        _log.warning("A letter was not delivered: %s", refusal.failure.code)
    else:
        queued.mark_queued(refusal.failure, wait)
        done.queued += 1
