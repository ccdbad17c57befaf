"""Audit: the closed list of events and the log that holds them. No record, no release."""
