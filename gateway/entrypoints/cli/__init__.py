"""The command line `sluis`: one file in this folder for each command, and `console/` for what they share."""


def main() -> None:
    """Run the command line of the process."""
    # Imported here, so that importing a single command does not read the folder.
    from gateway.entrypoints.cli.console.root import root  # noqa: PLC0415 - see above

    root.main(prog_name="sluis")
