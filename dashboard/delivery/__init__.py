"""Delivery of letters: an outbox written in the signing transaction, and its sender.

Signing writes a row of ``review.delivery`` for each recipient, and sends nothing. A sender takes
the due rows, one at a time:

1. The sender claims the row. The claim counts as an attempt. No other sender takes the row before
   the lease ends.
2. The sender reads the letter and sends it to the mail server, outside any transaction.
3. The sender records that the letter was sent, that it will be tried again, or that it failed.

If a sender is killed between two steps, its row is due again when the lease ends. A row is marked
as sent only after the mail server has accepted the letter. If the sender is killed after the
letter was accepted and before the row is marked, the letter is sent again. The second mail has the
same Message-ID and the same bytes, so that the recipient's mailbox can recognise the duplicate.
Each letter is therefore sent at least once, not at most once. This is safer, because advice that
arrives twice does less harm than advice that does not arrive.

**The sender's rights.** The sender connects as the server's own role, which cannot read the tables
of letters and records. The function ``review.claim_mail`` returns the ids of the next due letter.
The function ``review.claimed_letter`` returns the letter until the claim ends. Neither function
depends on the current care team, so a letter is sent even if the psychiatrist who signed it has
left.
"""
