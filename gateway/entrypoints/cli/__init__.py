"""The command `sluis`: one file per command."""
