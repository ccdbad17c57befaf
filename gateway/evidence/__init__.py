"""Evidence: gathers every fact that the decision needs, before it, and hands them over."""
