"""The letters on their way: an outbox in the signing transaction, and its sender.

Signing writes a row of ``review.delivery`` for each recipient; nothing is sent then. A
sender takes the rows that are due, one at a time, and says what became of each:

1. it claims a row: one attempt more, and no other sender looks at it for a while (a lease);
2. it reads the letter and talks to the mail server, outside any transaction;
3. it writes that the letter is sent, that it is tried again later, or that it failed.

Killed between any two, it leaves a row that is due again when the lease is over. A row is
marked as sent only after the mail server has accepted the letter; killed between the two, or
cut off before the answer, the letter goes out once more with the same Message-ID and the
same bytes, so that the recipient's mailbox knows it again. Nothing is sent at most once:
advice that arrives twice does less harm than advice that does not arrive.

**Who the sender is.** It connects as the server's own role, which reads no table of letters or
records. ``review.claim_mail`` gives it the ids of the next letter that is due, and
``review.claimed_letter`` the letter itself while the claim lasts, whoever cares for the episode
now, so that a letter is sent when the psychiatrist who signed it has left.
"""
