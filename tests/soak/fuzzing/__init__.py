"""Mutated documents: what they are made of, how they are changed, and how it is seen that nothing came out."""
