"""The commands under `sluis audit`, a file each."""
