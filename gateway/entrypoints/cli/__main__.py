"""Runs the command line as `python -m gateway.entrypoints.cli`."""

from gateway.entrypoints.cli import main

main()
