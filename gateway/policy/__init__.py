"""Policy: the field catalogue, the recipient register and the decision.

Pure, except `policy_files.py`, which reads a policy set from disk, `policy_copies.py`, which keeps those that were
used, and `case_files.py`, which reads the table of cases. Nothing here fetches a fact: evidence does.
"""
