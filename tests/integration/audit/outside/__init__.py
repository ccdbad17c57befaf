"""Verifiers that know nothing of Sluis: Go's transparency logs, openssl, and the one file that is shipped."""
