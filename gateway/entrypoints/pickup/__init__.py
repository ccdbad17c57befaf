"""The pick-up service of the postbus: a process of its own that holds ciphertext and nothing that opens it."""
