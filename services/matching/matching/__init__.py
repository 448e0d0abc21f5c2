"""Gives a referral to a link worker and finds community services for it, for reasons one can read."""
