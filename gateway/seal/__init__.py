"""Seal: encrypts for exactly the cleared recipients, and signs. Plaintext ends here."""
