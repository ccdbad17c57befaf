"""The travelling value: a package, its states, its ids and digests, and the base of every error.

Standard library and pydantic only. Everything above may import from here; this imports nothing of the house.
"""
