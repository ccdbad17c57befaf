"""One file for each command under `sluis policy`, and `folders.py` and `standing.py` for what they share."""
