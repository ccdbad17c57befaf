"""Strict readers of formats that more than one stage meets: bytes or text in, plain values out, one reading only."""
