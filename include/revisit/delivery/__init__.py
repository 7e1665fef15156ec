"""What goes out and comes back: lists as workbooks, mails, the outbox's sender, returned sheets."""
