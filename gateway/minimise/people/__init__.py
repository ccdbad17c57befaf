"""Finds people in free text, and what leads to them: names, numbers, addresses. Pure; knows the package's subject."""
