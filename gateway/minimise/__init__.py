"""Minimise: carries the decision out on the bytes, then searches its own output for residue."""
