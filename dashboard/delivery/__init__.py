"""Delivery of letters by mail, with an outbox in the database.

The transaction that signs a review adds two rows to ``review.delivery`` for each recipient: one for
the inbox and one for the mail. It sends nothing. A sender then takes the due rows of mails, one at
a time:

1. The sender claims the row until the end of a lease. The claim counts as an attempt. During the
   lease, no other sender takes the row.
2. The sender reads the letter and sends it to the mail server, outside any transaction.
3. The sender records that the letter was sent, that it will be tried again, or that it failed.

If a sender is killed before step 3, its row is due again when the lease ends. The letter may then
be sent a second time. The second mail has the same Message-ID, so that the recipient's mail program
can recognise the duplicate. It also has the same bytes, unless the recipient's data changed or a
part of the advice ended meanwhile. Advice that arrives twice does less harm than advice that does
not arrive.

The sender connects as the server's own role, which cannot read the tables of letters and records.
The function ``review.claim_mail`` returns the ids of the next due letter. The function
``review.claimed_letter`` returns the letter until the lease ends. A letter is sent even if the
psychiatrist who signed it has left. ``claim_mail`` marks a letter or a reminder as failed if its
review was amended. It does so too for any mail whose recipient has left, and for a reminder whose
recipient is no longer the nurse or the GP.
"""
