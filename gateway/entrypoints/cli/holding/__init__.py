"""The commands of `sluis holds`, one file each."""
