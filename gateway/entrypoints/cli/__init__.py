"""The command line `sluis`: one file in this folder for each command, and `console/` for what they share."""

import gc


def main() -> None:
    """Run the command line of the process."""
    # What is loaded stays: to look through it for waste, over and over, was a fifth of what loading `sluis run` took.
    # The root lets the looking begin again when it has loaded the command.
    gc.disable()
    # Imported here, so that importing a single command does not read the folder.
    from gateway.entrypoints.cli.console.root import root  # noqa: PLC0415 - see above

    root.main(prog_name="sluis")
