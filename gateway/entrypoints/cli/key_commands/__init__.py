"""The subcommands of `sluis keys`, one file each."""
