"""Delivery of letters: an outbox written in the signing transaction, and its sender.

Signing writes a row of ``review.delivery`` for each recipient, and sends nothing. A sender takes
the due rows, one at a time, and records the result of each:

1. it claims a row: this counts as an attempt, and no other sender takes the row during a lease; 2.
it reads the letter and talks to the mail server, outside any transaction; 3. it records that the
letter is sent, that it is tried again later, or that it failed.

If a sender is killed between two steps, its row is due again when the lease is over. A row is
marked as sent only after the mail server has accepted the letter. If the sender is killed or cut
off before the row is marked, the letter is sent again. The second mail has the same Message-ID and
the same bytes, so that the recipient's mailbox recognises it. So each letter is sent at least once,
not at most once: advice that arrives twice does less harm than advice that does not arrive.

**The sender's rights.** It connects as the server's own role, which reads no table of letters or
records. ``review.claim_mail`` gives it the ids of the next due letter, and
``review.claimed_letter`` the letter itself while the claim lasts. Neither depends on the current
care team, so a letter is sent even if the psychiatrist who signed it has left.
"""
