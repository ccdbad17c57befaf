"""Audit lines in the forms that the tools of security teams read. Pure: a line goes in, bytes come out."""
