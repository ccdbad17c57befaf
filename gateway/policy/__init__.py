"""Policy: the field catalogue, the recipient register and the decision.

Pure, except `policy_files.py`, which reads a policy set from disk. Nothing here fetches a fact: evidence does.
"""
