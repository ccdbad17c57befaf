"""Deliver: brings ciphertext over the approved channel. A courier never holds plaintext."""
