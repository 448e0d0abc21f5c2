"""Accounts for every referral and watches the flow."""
