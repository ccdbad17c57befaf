"""Intake: an outbox entry or a submission becomes a Package, or is Rejected with a reason; nothing is lost."""
