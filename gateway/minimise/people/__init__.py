"""Finds people in free text, and what leads to them: names, numbers, addresses. Pure; knows whom the package is about."""
