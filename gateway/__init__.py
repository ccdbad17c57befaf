"""Sluis: a secure outbound sharing gateway. Nothing passes that the lock-keeper did not let through."""

__version__ = "0.1.0"
