"""Spool: the transactional state of every package, and its payloads encrypted at rest."""
