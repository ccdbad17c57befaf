"""Entrypoints: the service, the HTTP API and the command line."""
