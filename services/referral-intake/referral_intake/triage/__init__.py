"""Reads what a referral is about and decides, by rules that are data, what becomes of it."""
