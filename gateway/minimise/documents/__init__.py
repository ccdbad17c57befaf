"""Documents, one file for each type: read safely, and written anew without what was marked. Runs in the sandbox."""
