"""Receipt: any ending becomes a slip: what went, what was left out and why, what to do now, who helps."""
