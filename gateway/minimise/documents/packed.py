"""Guards zip files that are documents; the guard itself stands where data files find it too."""

from gateway.formats.packed import Members, members

__all__ = ("Members", "members")
