"""Who gets how much service, and what that service is for: segments, touch tiers, reasons and what follows from them.

Pure functions on Arrow tables. Inputs are listed in `inputs.py`, outputs in `schemas.py`, policy is read by
`policy.load_policy`.
"""
