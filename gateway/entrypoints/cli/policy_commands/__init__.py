"""One file for each command under `sluis policy`, and `folders.py` for what they share."""
